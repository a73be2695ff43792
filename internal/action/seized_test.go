package action

import (
	"testing"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store/storetest"
	"github.com/undersigned/undersigned/translog"
)

// sealedRows counts what the page says from the rows themselves.
func (s *testSite) sealedRows() (n int64) {
	s.t.Helper()
	for _, row := range storetest.Signatures(s.t, s.DB) {
		if row.Sealed != nil {
			n++
		}
	}
	return n
}

func TestSeizedServerHoldsWhatThePageSays(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		look := func(signatures, waiting int64) *Seized {
			t.Helper()
			found, err := s.IfSeized(t.Context())
			must(t, err)
			if found.Signatures != signatures || signatures != s.sealedRows() || found.Waiting != waiting {
				t.Errorf("it says %d signatures and %d that wait; there are %d, want %d and %d", found.Signatures, found.Waiting, s.sealedRows(), signatures, waiting)
			}
			return found
		}
		first := look(0, 0)
		if !first.LastDestroyed.IsZero() || !first.FormsEnd.IsZero() || !first.SignaturesEnd.Equal(storetest.Noon.Add(30*day).Truncate(day).Add(day).AddDate(0, 0, undersigned.MaxKeepDays)) {
			t.Errorf("a new site: %+v", first)
		}
		must(t, s.SignPetition(t.Context(), s.input("petition", "Rui", "rui@example.org")))
		look(0, 1)
		s.work()
		look(0, 0)
		mine := s.sign("petition", "Ana", "ana@example.org")
		look(1, 0)
		s.tick()
		look(1, 0)
		must(t, s.Erase(t.Context(), mine, s.mine(mine).ID, true)) // the voice stays, the row's content does not
		s.tick()
		look(0, 0)
		s.sign("petition", "Eva", "eva@example.org")
		s.tick()
		s.confirm(s.requestAs("petition", "Bot", "bot@example.org", trapped), Held)
		look(2, 0)
		a := s.action("petition")
		s.void(a, Selection{}, translog.ReasonBot, false) // what is removed can be brought back
		look(2, 0)
		_, decision := s.void(a, Selection{Counted: true}, translog.ReasonError, false)
		look(2, 0) // the log has not heard of it
		s.tick()
		look(2, 0)
		_, _, err := s.Restore(t.Context(), moderator, decision)
		must(t, err)
		look(2, 0)
		s.tick()
		look(2, 0)
		s.clock.Move(5 * day)
		s.sweep()
		if found := look(2, 0); !found.LastDestroyed.Equal(s.Now()) || !found.FormsEnd.After(s.Now()) {
			t.Errorf("after five days: %+v", found)
		}
		for range 13 {
			s.clock.Move(10 * day)
			s.sweep()
		}
		look(0, 0)
	})
}

func TestEarlierOfTwoMomentsThatMayBeUnknown(t *testing.T) {
	a, b := time.Unix(1, 0), time.Unix(2, 0)
	for _, c := range [][3]time.Time{{a, b, a}, {b, a, a}, {{}, b, b}, {a, {}, a}, {{}, {}, {}}} {
		if got := earlier(c[0], c[1]); !got.Equal(c[2]) {
			t.Errorf("earlier(%v, %v) = %v", c[0], c[1], got)
		}
	}
}
