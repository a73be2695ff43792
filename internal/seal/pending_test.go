package seal

import (
	"slices"
	"sync"
	"testing"
	"time"
)

func pendingKeys(t *testing.T, ring *Keyring) []string {
	t.Helper()
	names, err := ring.vault.List(t.Context(), pendingPrefix)
	must(t, err)
	slices.Sort(names)
	return names
}

func TestAPendingKeyIsMadeOnFirstNeedAndTomorrowsAhead(t *testing.T) {
	ring := newHouse(t).init(t)
	if _, err := ring.SealPending(t.Context(), nil, nil, noon); err != nil {
		t.Fatal(err)
	}
	if got := pendingKeys(t, ring); !slices.Equal(got, []string{"pending-2026-11-22"}) {
		t.Errorf("keys: %v", got)
	}
	must(t, ring.Prepare(t.Context(), noon))
	if got := pendingKeys(t, ring); !slices.Equal(got, []string{"pending-2026-11-22", "pending-2026-11-23"}) {
		t.Errorf("keys: %v", got)
	}
}

func TestTheDayOfAPendingKeyIsUTC(t *testing.T) {
	ring := newHouse(t).init(t)
	evening := time.Date(2026, 11, 22, 23, 30, 0, 0, time.FixedZone("", -5*60*60))
	sealed, err := ring.SealPending(t.Context(), nil, []byte("x"), evening)
	must(t, err)
	if got := pendingKeys(t, ring); !slices.Equal(got, []string{"pending-2026-11-23"}) {
		t.Errorf("keys: %v", got)
	}
	if _, err := ring.OpenPending(t.Context(), nil, sealed, evening); err != nil {
		t.Error(err)
	}
}

func TestPendingBytesOpenFor96HoursFromTheBeginningOfTheDay(t *testing.T) {
	h := newHouse(t)
	ring := h.init(t)
	sealed, err := ring.SealPending(t.Context(), nil, []byte("secret"), noon, "job")
	must(t, err)
	born := noon.Add(-12 * time.Hour)
	for _, node := range []*Keyring{ring, h.open(t)} {
		opened, err := node.OpenPending(t.Context(), nil, sealed, born.Add(PendingLife-time.Nanosecond), "job")
		if err != nil || string(opened) != "secret" {
			t.Errorf("opened %q, %v", opened, err)
		}
		// Late by the clock, though nobody has destroyed the key yet.
		_, err = node.OpenPending(t.Context(), nil, sealed, born.Add(PendingLife), "job")
		wantErr(t, err, ErrKeyDestroyed)
	}
}

func TestExpiredPendingKeysAreDestroyedAndNoOthers(t *testing.T) {
	h := newHouse(t)
	ring := h.init(t)
	must(t, ring.MakeAction(t.Context(), pid))
	sealed, err := ring.SealPending(t.Context(), nil, []byte("x"), noon)
	must(t, err)
	must(t, ring.Prepare(t.Context(), noon))
	end := noon.Add(-12 * time.Hour).Add(PendingLife)

	must(t, ring.DestroyExpired(t.Context(), end.Add(-time.Nanosecond)))
	if got := pendingKeys(t, ring); len(got) != 2 {
		t.Fatalf("destroyed too early: %v left", got)
	}
	for range 2 {
		must(t, ring.DestroyExpired(t.Context(), end))
		if got := pendingKeys(t, ring); !slices.Equal(got, []string{"pending-2026-11-23"}) {
			t.Fatalf("keys: %v", got)
		}
	}
	// Even to a clock that is set back: the key is gone, and opening makes none.
	_, err = ring.OpenPending(t.Context(), nil, sealed, noon)
	wantErr(t, err, ErrKeyDestroyed)
	if got := pendingKeys(t, ring); len(got) != 1 {
		t.Errorf("keys: %v", got)
	}
	for _, name := range []string{siteKey, logKey, dataPrefix + pid, dupPrefix + pid} {
		if _, err := h.open(t).key(t.Context(), name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestOpeningNeverMakesAKey(t *testing.T) {
	ring := newHouse(t).init(t)
	sealed, err := newHouse(t).init(t).SealPending(t.Context(), nil, []byte("of another site"), noon)
	must(t, err)
	_, err = ring.OpenPending(t.Context(), nil, sealed, noon)
	wantErr(t, err, ErrKeyDestroyed)
	if got := pendingKeys(t, ring); len(got) != 0 {
		t.Errorf("keys: %v", got)
	}
}

func TestPendingBytesOfTomorrowOpenAndOfLaterDoNot(t *testing.T) {
	ring := newHouse(t).init(t)
	for days, want := range map[int]error{1: nil, 2: ErrNotOpened, 9999: ErrNotOpened} {
		sealed, err := ring.SealPending(t.Context(), nil, []byte("x"), noon.AddDate(0, 0, days))
		must(t, err)
		_, err = ring.OpenPending(t.Context(), nil, sealed, noon)
		wantErr(t, err, want)
	}
}

func TestBrokenPendingBytesDoNotOpen(t *testing.T) {
	ring := newHouse(t).init(t)
	must(t, ring.Prepare(t.Context(), noon))
	sealed, err := ring.SealPending(t.Context(), nil, []byte("secret"), noon, "job")
	must(t, err)
	for i := range sealed {
		_, err := ring.OpenPending(t.Context(), nil, sealed[:i], noon, "job")
		wantErr(t, err, ErrNotOpened)
		changed := slices.Clone(sealed)
		changed[i] ^= 1
		if _, err := ring.OpenPending(t.Context(), nil, changed, noon, "job"); err == nil {
			t.Errorf("byte %d changed and still opened", i)
		}
	}
	_, err = ring.OpenPending(t.Context(), nil, sealed, noon, "confirm")
	wantErr(t, err, ErrNotOpened)
}

func TestManyThatNeedTodaysKeyAtOnceGetTheSame(t *testing.T) {
	h := newHouse(t)
	rings := []*Keyring{h.init(t), h.open(t)}
	var sealed [16][]byte
	var wait sync.WaitGroup
	for i := range sealed {
		wait.Go(func() {
			var err error
			if sealed[i], err = rings[i%2].SealPending(t.Context(), nil, []byte("x"), noon); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	last := h.open(t)
	for i := range sealed {
		if _, err := last.OpenPending(t.Context(), nil, sealed[i], noon); err != nil {
			t.Errorf("%d: %v", i, err)
		}
	}
}
