package seal

import (
	"bytes"
	"context"
	"os"
	"testing"
)

// furnished is a house with one of each key, and bytes sealed under them.
type furnished struct {
	house
	data, pending []byte
	hash, email   [32]byte
}

func furnish(t *testing.T) furnished {
	t.Helper()
	f := furnished{house: newHouse(t)}
	ring := f.init(t)
	must(t, ring.MakeAction(t.Context(), pid))
	data, err := ring.Data(t.Context(), pid)
	must(t, err)
	f.data = data.Seal(nil, []byte("row"), "x")
	f.pending, err = ring.SealPending(t.Context(), nil, []byte("job"), noon, "y")
	must(t, err)
	f.hash = ring.Hash("mail", "z")
	dup, err := ring.Duplicates(t.Context(), pid)
	must(t, err)
	f.email = dup.Email("ada@example.org")
	must(t, ring.Close())
	return f
}

// check opens the keyring of another house and sees that it has the very keys of this one.
func (f furnished) check(t *testing.T, h house, pending bool) {
	t.Helper()
	ring := h.open(t)
	defer ring.Close()
	data, err := ring.Data(t.Context(), pid)
	must(t, err)
	if row, err := data.Open(nil, f.data, "x"); err != nil || string(row) != "row" {
		t.Errorf("data: %q, %v", row, err)
	}
	dup, err := ring.Duplicates(t.Context(), pid)
	must(t, err)
	if ring.Hash("mail", "z") != f.hash || dup.Email("ada@example.org") != f.email {
		t.Error("hashes differ")
	}
	job, err := ring.OpenPending(t.Context(), nil, f.pending, noon, "y")
	if pending && (err != nil || string(job) != "job") {
		t.Errorf("pending: %q, %v", job, err)
	}
	if !pending {
		wantErr(t, err, ErrKeyDestroyed)
	}
}

func TestRotatingChangesTheRootAndNothingElse(t *testing.T) {
	f := furnish(t)
	old, err := ReadRoots(f.root)
	must(t, err)
	must(t, Rotate(t.Context(), f.vault(t), f.root))
	roots, err := ReadRoots(f.root)
	must(t, err)
	if len(roots) != 1 || roots[0].site != old[0].site || bytes.Equal(roots[0].raw[:], old[0].raw[:]) {
		t.Error("the root is not another one of the same site")
	}
	f.check(t, f.house, true)
	_, err = Open(t.Context(), f.vault(t), old...)
	wantErr(t, err, ErrWrongRoot)
	if info, err := os.Stat(f.root); err != nil || info.Mode().Perm() != 0o400 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func TestACrashAnywhereInARotationLeavesAKeyringThatOpens(t *testing.T) {
	f := furnish(t)
	begun := f.copy(t)
	crashes := crashing(t, begun, func(vault *folder, disk disk) error {
		return rotate(context.Background(), vault, begun.root, disk)
	})
	if len(crashes) < 5*4 {
		t.Fatalf("only %d steps seen for five keys and a root", len(crashes))
	}
	for i, left := range crashes {
		f.check(t, left, true)
		// A key that is made and one that is destroyed in that state stay so when the rotation is finished.
		ring := left.open(t)
		const later = "fedcba9876543210"
		must(t, ring.MakeAction(t.Context(), later))
		must(t, ring.DestroyAction(t.Context(), pid))
		must(t, ring.Close())
		must(t, Rotate(t.Context(), left.vault(t), left.root))
		ring = left.open(t)
		_, err := ring.Data(t.Context(), pid)
		wantErr(t, err, ErrKeyDestroyed)
		if _, err := ring.Data(t.Context(), later); err != nil {
			t.Errorf("crash %d: %v", i, err)
		}
		must(t, ring.Close())
		if entries, _ := os.ReadDir(left.dir); len(entries) != 6 {
			t.Errorf("crash %d: %d files, want root, site, log, pending and two of the action", i, len(entries))
		}
	}
}

func TestARotationNeedsTheKeysForItself(t *testing.T) {
	f := furnish(t)
	ring := f.open(t)
	wantErr(t, Rotate(t.Context(), f.vault(t), f.root), ErrBusy)
	must(t, ring.Close())
	must(t, Rotate(t.Context(), f.vault(t), f.root))
}

func TestARotationKeepsTheRootThatTheseKeysAreNotUnder(t *testing.T) {
	f, other := furnish(t), furnish(t)
	wantErr(t, Rotate(t.Context(), newHouse(t).vault(t), f.root), ErrNoKeyring)
	wantErr(t, Rotate(t.Context(), other.vault(t), f.root), ErrOtherSite)
	wantErr(t, Rotate(t.Context(), f.vault(t), f.root+".elsewhere"), ErrRootMissing)
	f.check(t, f.house, true)
	other.check(t, other.house, true)
}
