package seal

import (
	"os"
	"sync"
	"testing"
	"time"
)

func TestAKeyringIsTheSameAfterARestart(t *testing.T) {
	h := newHouse(t)
	ring := h.init(t)
	must(t, ring.MakeAction(t.Context(), pid))
	data, err := ring.Data(t.Context(), pid)
	must(t, err)
	dup, err := ring.Duplicates(t.Context(), pid)
	must(t, err)
	sealed := data.Seal(nil, []byte("secret"), "x")

	again := h.open(t)
	data2, err := again.Data(t.Context(), pid)
	must(t, err)
	if opened, err := data2.Open(nil, sealed, "x"); err != nil || string(opened) != "secret" {
		t.Errorf("opened %q, %v", opened, err)
	}
	dup2, err := again.Duplicates(t.Context(), pid)
	must(t, err)
	if dup.Email("ada@example.org") != dup2.Email("ada@example.org") {
		t.Error("hashes differ")
	}
	if !ring.LogKey().Equal(again.LogKey()) || ring.Hash("mail", "x") != again.Hash("mail", "x") {
		t.Error("the site's keys differ")
	}
}

func TestTwoActionsHaveDifferentKeys(t *testing.T) {
	ring := newHouse(t).init(t)
	const pid2 = "fedcba9876543210"
	must(t, ring.MakeAction(t.Context(), pid))
	must(t, ring.MakeAction(t.Context(), pid2))
	a, err := ring.Duplicates(t.Context(), pid)
	must(t, err)
	b, err := ring.Duplicates(t.Context(), pid2)
	must(t, err)
	if a.Email("ada@example.org") == b.Email("ada@example.org") {
		t.Error("one address has one hash under two actions")
	}
}

func TestInitAgainChangesNothing(t *testing.T) {
	h := newHouse(t)
	if a, b := h.init(t), h.init(t); a.Hash("x") != b.Hash("x") || !a.LogKey().Equal(b.LogKey()) {
		t.Error("a second Init made other keys")
	}
}

func TestInitFinishesWhatACrashLeftHalfMade(t *testing.T) {
	whole := newHouse(t)
	whole.init(t)
	for _, missing := range [][]string{{"site.key"}, {"site.key", "log.key"}} {
		left := whole.copy(t)
		for _, name := range missing {
			must(t, os.Remove(left.file(name)))
		}
		_, err := left.tryOpen(t)
		wantErr(t, err, ErrNoKeyring)
		left.init(t)
		left.open(t)
	}
}

func TestInitRefusesKeysWithoutTheirRoot(t *testing.T) {
	h := newHouse(t)
	h.init(t)
	must(t, os.Remove(h.root))
	_, err := Init(t.Context(), h.vault(t), h.root)
	wantErr(t, err, ErrRootMissing)
	if _, err := os.Stat(h.root); err == nil {
		t.Error("a new root key was made")
	}
}

func TestNodesThatStartTogetherShareOneKeyring(t *testing.T) {
	h := newHouse(t)
	const n = 8
	vault := h.vault(t)
	var hashes [n][32]byte
	var wait sync.WaitGroup
	for i := range n {
		wait.Go(func() {
			ring, err := Init(t.Context(), vault, h.root)
			if err != nil {
				t.Error(err)
				return
			}
			defer ring.Close()
			if err := ring.MakeAction(t.Context(), pid); err != nil {
				t.Error(err)
				return
			}
			dup, err := ring.Duplicates(t.Context(), pid)
			if err != nil {
				t.Error(err)
				return
			}
			hashes[i] = dup.Email("ada@example.org")
		})
	}
	wait.Wait()
	for i := range n {
		if hashes[i] != hashes[0] {
			t.Fatal("two nodes made different keys")
		}
	}
}

func TestADestroyedActionOpensNoMore(t *testing.T) {
	h := newHouse(t)
	ring, node := h.init(t), h.open(t)
	must(t, ring.MakeAction(t.Context(), pid))
	if _, err := node.Data(t.Context(), pid); err != nil {
		t.Fatal(err)
	}
	must(t, ring.DestroyAction(t.Context(), pid))
	_, err := ring.Data(t.Context(), pid)
	wantErr(t, err, ErrKeyDestroyed)
	_, err = ring.Duplicates(t.Context(), pid)
	wantErr(t, err, ErrKeyDestroyed)
	must(t, ring.DestroyAction(t.Context(), pid))

	// Another node knew the key: it forgets it with its next round.
	must(t, node.DestroyExpired(t.Context(), time.Time{}))
	_, err = node.Data(t.Context(), pid)
	wantErr(t, err, ErrKeyDestroyed)
}

func TestWhatNamesNoKeyTouchesNoFile(t *testing.T) {
	h := newHouse(t)
	ring := h.init(t)
	for _, bad := range []string{"", "x", "../../etc/passwd", "0123456789ABCDEF", pid + "0", pid + "\n"} {
		if _, err := ring.Data(t.Context(), bad); err == nil {
			t.Errorf("Data(%q) succeeded", bad)
		}
		if err := ring.MakeAction(t.Context(), bad); err == nil {
			t.Errorf("MakeAction(%q) succeeded", bad)
		}
		if err := ring.DestroyAction(t.Context(), bad); err == nil {
			t.Errorf("DestroyAction(%q) succeeded", bad)
		}
	}
	if entries, _ := os.ReadDir(h.dir); len(entries) != 3 {
		t.Errorf("%d files, want root, site and log", len(entries))
	}
}
