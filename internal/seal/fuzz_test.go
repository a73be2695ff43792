package seal

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"testing"
)

// fixedRing knows the same few keys in every process.
func fixedRing(t testing.TB) *Keyring {
	ring := &Keyring{vault: newHouse(t).vault(t), form: HashKey{raw: [keySize]byte{1}}, link: newKey(bytes.Repeat([]byte{2}, keySize))}
	ring.known.Store(pendingName(noon), &entry{box: *testKey()})
	return ring
}

func FuzzOpenToken(f *testing.F) {
	ring := fixedRing(f)
	const (
		token = "AABRK6jiVh7BDixF9VJa73mO9j5-G-RovxfR5xVMiq0X2UUlZrv07zzWYBJt6VDGRNM"
		link  = "AAAAAHIWfRuk8PYDB31QUvf7mRSSAN_FNyOQNmGN0ZVqsZi4Ii6ktUjMHARprGLPGpHDF9fCspC_Ng"
		form  = "AAecFHJBnqtvMjUbaFOJkVQ1Jsc"
	)
	if opened, err := ring.OpenToken(f.Context(), token, noon, "confirm"); err != nil || string(opened) != "secret" {
		f.Fatalf("opened %q, %v", opened, err)
	}
	if opened, _, err := ring.OpenLink("my", link, noon); err != nil || string(opened) != "secret" {
		f.Fatalf("opened %q, %v", opened, err)
	}
	if !ring.CheckFormToken(form, pid, 1, noon) {
		f.Fatal("the form token was refused")
	}
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
	wrapped, err := hex.DecodeString("0101000000000000000000000000000000f2f63d2baf74365cfe1642eecd2caa374b76b6de7294df4c1d" +
		"7f63c587b928ab62ed053d23be92587f0cdd71a97e7c6dfc87610e0c83b8e947b06a013736f64ba2a1f75adbcdc4be8456b5288c1b348e")
	must(f, err)
	if raw, _, err := unwrap([]*Root{root}, aKey, wrapped); err != nil || raw != [keySize]byte{3} {
		f.Fatalf("unwrapped %x, %v", raw, err)
	}
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
	bundle := fmt.Appendf(nil, "%s %x 2\nlog %x\nsite %x\n", bundleFormat, make([]byte, siteSize), make([]byte, keySize), make([]byte, keySize))
	if _, keys, err := parseBundle(bundle); err != nil || len(keys) != 2 {
		f.Fatalf("%d keys, %v", len(keys), err)
	}
	f.Add(bundle)
	f.Add(bundle[:40])
	f.Fuzz(func(t *testing.T, given []byte) {
		_, keys, err := parseBundle(given)
		if err == nil && keys[len(keys)-1].name != siteKey {
			t.Error("the site key is not the last")
		}
	})
}
