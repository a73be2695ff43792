package seal

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

const pid = "0123456789abcdef"

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// house is a key folder with its root key, as a new site has them.
type house struct{ dir, root string }

func newHouse(t testing.TB) house {
	dir := filepath.Join(t.TempDir(), "keys")
	return house{dir, filepath.Join(dir, "root.key")}
}

func (h house) vault(t testing.TB) Vault {
	t.Helper()
	vault, err := Folder(h.dir)
	must(t, err)
	return vault
}

func (h house) init(t testing.TB) *Keyring {
	t.Helper()
	ring, err := Init(context.Background(), h.vault(t), h.root)
	must(t, err)
	t.Cleanup(func() { ring.Close() })
	return ring
}

func (h house) open(t testing.TB) *Keyring {
	t.Helper()
	ring, err := h.tryOpen(t)
	must(t, err)
	t.Cleanup(func() { ring.Close() })
	return ring
}

func (h house) tryOpen(t testing.TB) (*Keyring, error) {
	t.Helper()
	roots, err := ReadRoots(h.root)
	if err != nil {
		return nil, err
	}
	return Open(context.Background(), h.vault(t), roots...)
}

// copy gives the folder as it stands now, as a crash would leave it.
func (h house) copy(t testing.TB) house {
	t.Helper()
	to := newHouse(t)
	must(t, os.Mkdir(to.dir, 0o700))
	entries, err := os.ReadDir(h.dir)
	must(t, err)
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(h.dir, e.Name()))
		must(t, err)
		info, err := e.Info()
		must(t, err)
		must(t, os.WriteFile(filepath.Join(to.dir, e.Name()), data, info.Mode()))
	}
	return to
}

func (h house) file(name string) string { return filepath.Join(h.dir, name) }

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantErr(t testing.TB, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("error %v; want %v", err, want)
	}
}
