package seal

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

func TestEachThingWrongWithTheKeysHasItsOwnError(t *testing.T) {
	other := newHouse(t)
	other.init(t)
	edit := func(t *testing.T, path string, change func([]byte) []byte) {
		data, err := os.ReadFile(path)
		must(t, err)
		must(t, os.Remove(path))
		must(t, os.WriteFile(path, change(data), 0o600))
	}
	for _, test := range []struct {
		name  string
		spoil func(t *testing.T, h house)
		want  error
	}{
		{"no root key", func(t *testing.T, h house) { must(t, os.Remove(h.root)) }, ErrRootMissing},
		{"root key that the world reads", func(t *testing.T, h house) { must(t, os.Chmod(h.root, 0o444)) }, ErrRootExposed},
		{"root key that its group writes", func(t *testing.T, h house) { must(t, os.Chmod(h.root, 0o660)) }, ErrRootExposed},
		{"root key that its group reads", func(t *testing.T, h house) { must(t, os.Chmod(h.root, 0o440)) }, nil},
		{"root key cut short", func(t *testing.T, h house) {
			edit(t, h.root, func(b []byte) []byte { return b[:len(b)-2] })
		}, ErrDamaged},
		{"empty root key", func(t *testing.T, h house) {
			edit(t, h.root, func([]byte) []byte { return nil })
		}, ErrDamaged},
		{"root key of another site", func(t *testing.T, h house) {
			data, err := os.ReadFile(other.root)
			must(t, err)
			edit(t, h.root, func([]byte) []byte { return data })
		}, ErrOtherSite},
		{"another root key of this site", func(t *testing.T, h house) {
			edit(t, h.root, func(b []byte) []byte {
				root, err := ParseRoot(b)
				must(t, err)
				return newRoot(root.site).format()
			})
		}, ErrWrongRoot},
		{"no keyring", func(t *testing.T, h house) { must(t, os.Remove(h.file("site.key"))) }, ErrNoKeyring},
		{"key cut short", func(t *testing.T, h house) {
			edit(t, h.file("site.key"), func(b []byte) []byte { return b[:len(b)-1] })
		}, ErrDamaged},
		{"key changed", func(t *testing.T, h house) {
			edit(t, h.file("site.key"), func(b []byte) []byte { b[len(b)-1] ^= 1; return b })
		}, ErrDamaged},
		{"one key under another's name", func(t *testing.T, h house) {
			data, err := os.ReadFile(h.file("log.key"))
			must(t, err)
			edit(t, h.file("site.key"), func([]byte) []byte { return data })
		}, ErrDamaged},
		{"key of another site", func(t *testing.T, h house) {
			data, err := os.ReadFile(other.file("log.key"))
			must(t, err)
			edit(t, h.file("log.key"), func([]byte) []byte { return data })
		}, ErrOtherSite},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := newHouse(t)
			must(t, h.init(t).Close())
			test.spoil(t, h)
			ring, err := h.tryOpen(t)
			wantErr(t, err, test.want)
			if err == nil {
				ring.Close()
			}
		})
	}
}

func TestOpeningWithoutARootKeyIsRefused(t *testing.T) {
	_, err := Open(t.Context(), newHouse(t).vault(t))
	wantErr(t, err, ErrRootMissing)
}

func TestARootKeyIsOneLineAndReadsBack(t *testing.T) {
	root := makeRoot([siteSize]byte{0xab}, [keySize]byte{0xcd})
	want := "undersigned-root-key/v1 ab" + strings.Repeat("0", 30) + " cd" + strings.Repeat("0", 62) + "\n"
	if got := string(root.format()); got != want {
		t.Fatalf("%q, want %q", got, want)
	}
	// As a terminal or an editor would hand it over.
	for _, text := range []string{want, strings.TrimSpace(want), " " + want + "\r\n"} {
		if got, err := ParseRoot([]byte(text)); err != nil || !bytes.Equal(got.format(), root.format()) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestAWrappedKeyThatIsChangedAnywhereDoesNotUnwrap(t *testing.T) {
	root := newRoot([siteSize]byte{1})
	raw := [keySize]byte{2}
	wrapped := root.wrap(aKey, &raw)
	if got, by, err := unwrap([]*Root{newRoot(root.site), root}, aKey, wrapped); err != nil || got != raw || by != root {
		t.Fatalf("unwrapped %x, %v", got, err)
	}
	for i := range wrapped {
		changed := bytes.Clone(wrapped)
		changed[i] ^= 0x80
		if _, _, err := unwrap([]*Root{root}, aKey, changed); err == nil {
			t.Errorf("byte %d changed and still unwrapped", i)
		}
	}
}
