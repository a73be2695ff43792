package action

import (
	"testing"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/seal"
)

// jumps are what clocks do: a wrong day set and set right again, a year, and a second that comes twice.
var jumps = map[string]time.Duration{
	"a day forward": 24 * time.Hour, "a day back": -24 * time.Hour, "a year forward": 365 * 24 * time.Hour, "a second twice": -time.Second,
}

func TestNoLinkIsTakenLateWhateverTheClockDoes(t *testing.T) {
	for name, jump := range jumps {
		t.Run(name, func(t *testing.T) {
			run(t, func(t *testing.T, s *testSite) {
				born := s.Now()
				token := s.request("petition", "Ana", "ana@example.org")
				s.clock.Move(jump)
				s.sweep()
				if s.Now().Sub(born) > seal.PendingLife {
					if _, err := s.Confirm(t.Context(), token); undersigned.KindOf(err) != undersigned.Gone {
						t.Errorf("a link is taken %v after its form: %v", s.Now().Sub(born), err)
					}
					s.clock.Move(-jump) // the clock is set right: the key stays dead, and the person is told
					if _, err := s.Confirm(t.Context(), token); undersigned.KindOf(err) != undersigned.Gone {
						t.Errorf("a link lives again: %v", err)
					}
					s.sign("pledge", "Rui", "rui@example.org")
					return
				}
				s.confirm(token, Counted)
				s.clock.Move(-jump)
				s.sweep()
				s.confirm(token, Already)
				s.tick()
				s.counts("petition", 1)
				s.sign("pledge", "Rui", "rui@example.org")
			})
		})
	}
}

func TestNothingIsPurgedTwiceOrEarlyWhateverTheClockDoes(t *testing.T) {
	for name, jump := range jumps {
		t.Run(name, func(t *testing.T) {
			run(t, func(t *testing.T, s *testSite) {
				s.sign("petition", "Ana", "ana@example.org")
				for range 14 { // it closes after 30 days, and is erased 90 later
					s.sweep()
					s.clock.Move(10 * day)
				}
				destroyed := func() (n int) {
					for _, kind := range s.tick().Kinds() {
						if kind == "destroy" {
							n++
						}
					}
					return n
				}
				if n := destroyed(); n != 1 {
					t.Fatalf("destroyed %d times", n)
				}
				for range 3 {
					s.clock.Move(jump)
					s.sweep()
					s.clock.Move(-jump)
					s.sweep()
				}
				if n := destroyed(); n != 1 {
					t.Errorf("destroyed %d times", n)
				}
				s.sign("pledge", "Rui", "rui@example.org") // the other petition is as it was
			})
		})
	}
}

// The day on which the clocks change has 23 or 25 hours: an ask that closes on it is open until its own midnight.
func TestAskClosesAtItsOwnMidnightWhenTheClocksChange(t *testing.T) {
	for last, hours := range map[undersigned.Day]time.Duration{"2027-03-14": 23, "2027-11-07": 25} {
		run(t, func(t *testing.T, s *testSite) {
			zone, err := time.LoadLocation("America/New_York")
			must(t, err)
			begins, err := time.ParseInLocation(time.DateOnly, string(last), zone)
			must(t, err)
			ends := begins.AddDate(0, 0, 1)
			if ends.Sub(begins) != hours*time.Hour {
				t.Fatalf("%s has %v", last, ends.Sub(begins))
			}
			content := testContent()
			content.Actions[0].Closes = ends
			s.load(content)
			s.clock.Move(ends.Add(-time.Second).Sub(s.Now()))
			s.sweep()
			s.sign("petition", "Ana", "ana@example.org")
			s.clock.Move(time.Second)
			if err := s.SignPetition(t.Context(), s.input("petition", "Rui", "rui@example.org")); undersigned.KindOf(err) != undersigned.Gone {
				t.Errorf("signed after midnight: %v", err)
			}
		})
	}
}
