package seal

import (
	"bytes"
	"testing"
	"time"
)

func FuzzOpenToken(f *testing.F) {
	ring := newHouse(f).init(f)
	token, err := ring.SealToken(f.Context(), []byte("secret"), noon, "confirm")
	must(f, err)
	link := ring.SealLink("my", []byte("secret"), noon.Add(time.Hour))
	form := ring.FormToken(pid, 1, noon)
	for _, seed := range []string{token, link, form, "", "AAAA", token + "="} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, given string) {
		if _, err := ring.OpenToken(t.Context(), given, noon, "confirm"); err == nil && given != token {
			t.Errorf("%q opened as a token", given)
		}
		if _, _, err := ring.OpenLink("my", given, noon); err == nil && given != link {
			t.Errorf("%q opened as a link", given)
		}
		if ring.CheckFormToken(given, pid, 1, noon) && given != form {
			t.Errorf("%q passed as a form token", given)
		}
	})
}

func FuzzUnwrap(f *testing.F) {
	root := makeRoot([siteSize]byte{1}, [keySize]byte{2})
	wrapped := root.wrap(aKey, &[keySize]byte{3})
	f.Add(wrapped)
	f.Add(wrapped[:wrapHeader])
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, given []byte) {
		if _, _, err := unwrap([]*Root{root}, aKey, given); err == nil && !bytes.Equal(given, wrapped) {
			t.Errorf("%x unwrapped", given)
		}
	})
}

func FuzzParseRoot(f *testing.F) {
	f.Add(makeRoot([siteSize]byte{1}, [keySize]byte{2}).format())
	f.Add([]byte("undersigned-root-key/v1  "))
	f.Fuzz(func(t *testing.T, text []byte) {
		root, err := ParseRoot(text)
		if err != nil {
			return
		}
		if again, err := ParseRoot(root.format()); err != nil || again.raw != root.raw || again.site != root.site {
			t.Errorf("%q does not read back", text)
		}
	})
}

func FuzzParseBundle(f *testing.F) {
	ring := newHouse(f).init(f)
	bundle, err := ring.Export(f.Context())
	must(f, err)
	f.Add(bundle)
	f.Add(bundle[:40])
	f.Fuzz(func(t *testing.T, given []byte) {
		_, keys, err := parseBundle(given)
		if err == nil && keys[len(keys)-1].name != siteKey {
			t.Error("the site key is not the last")
		}
	})
}
