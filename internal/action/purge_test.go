package action

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/seal"
	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/internal/store/storetest"
)

const day = 24 * time.Hour

// sweep does what serve does by itself, again and again.
func (s *testSite) sweep() {
	s.t.Helper()
	must(s.t, s.Keys.Prepare(s.t.Context(), s.Now()))
	must(s.t, s.CloseInLog(s.t.Context()))
	must(s.t, s.seq.Tick(s.t.Context()))
	_, err := s.Purge(s.t.Context())
	must(s.t, err)
	must(s.t, s.seq.Tick(s.t.Context()))
}

// row gives an action as the log knows it.
func (s *testSite) row(slug string) (row store.ActionRow) {
	s.t.Helper()
	must(s.t, s.DB.View(s.t.Context(), func(tx *store.Tx) error {
		rows, err := tx.Actions()
		row = rows[[2]string{"cause", slug}]
		return err
	}))
	return row
}

// readable counts the rows of an action that say something of a person, and wants its keys to live as long as they do.
func (s *testSite) readable(slug string, keysLive bool) (n int) {
	s.t.Helper()
	pid := s.row(slug).PID
	for _, row := range storetest.Signatures(s.t, s.DB) {
		if row.PID == pid && (row.Sealed != nil || row.EmailHash != nil || row.EmailNameHash != nil || row.Commitment != nil) {
			n++
		}
	}
	_, data := s.Keys.Data(s.t.Context(), pid)
	_, dup := s.Keys.Duplicates(s.t.Context(), pid)
	if errors.Is(data, seal.ErrKeyDestroyed) == keysLive || errors.Is(dup, seal.ErrKeyDestroyed) == keysLive {
		s.t.Errorf("%s: the keys live: %v, %v; want %v", s.Now(), data, dup, keysLive)
	}
	return n
}

// TestYearInWhichNothingIsKeptPastItsTimeAndNothingErasedBeforeIt lets people sign every few days for a year. The
// petition closes after 30 days, the pledge never does.
func TestYearInWhichNothingIsKeptPastItsTimeAndNothingErasedBeforeIt(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		closes := storetest.Noon.Add(30 * day)
		end := closes.Add(90 * day)
		texts := len(storetest.Strings(t, s.DB, "action_version"))
		petition, pledge := 0, 0
		for n := range 365 {
			s.clock.Move(day)
			if n%14 == 0 {
				if s.Now().Before(closes) {
					s.sign("petition", "Ana", fmt.Sprintf("ana%d@gmail.com", n))
					petition++
				}
				s.sign("pledge", "Bo", fmt.Sprintf("bo%d@gmail.com", n))
				pledge++
				// This one's mail is never sent.
				must(t, s.SignPetition(t.Context(), s.input("pledge", "Cy", fmt.Sprintf("cy%d@gmail.com", n))))
			}
			s.sweep()
			s.wantNothingPending()
			if got := s.readable("pledge", true); got != pledge {
				t.Fatalf("%s: %d of %d under the open pledge", s.Now(), got, pledge)
			}
			want := petition
			if !s.Now().Before(end) {
				want = 0
			}
			if got := s.readable("petition", want > 0); got != want {
				t.Fatalf("%s: %d of %d under the petition", s.Now(), got, want)
			}
			if destroyed := s.row("petition").LogState == store.LogDestroyed; destroyed == s.Now().Before(end) {
				t.Fatalf("%s: destroyed: %v", s.Now(), destroyed)
			}
		}
		log := s.recount()
		if c := log.Counts(s.row("petition").PID); c.Counted != int64(petition) || petition == 0 {
			t.Errorf("what is destroyed counts no longer: %+v of %d", c, petition)
		}
		if got := len(storetest.Strings(t, s.DB, "action_version")); got != texts {
			t.Errorf("the texts are %d cells, were %d", got, texts)
		}
		if n := strings.Count(fmt.Sprint(log.Kinds()), "destroy"); n != 1 {
			t.Errorf("destroyed %d times", n)
		}
	})
}

// wantNothingPending wants no key of unconfirmed signatures, no mail and no count of mails past its time, and none missing
// whose time is not over.
func (s *testSite) wantNothingPending() {
	s.t.Helper()
	names, err := s.Keys.Names(s.t.Context())
	must(s.t, err)
	oldest := undersigned.DayOf(s.Now().Add(-96 * time.Hour)).Begin(time.UTC)
	for _, name := range names {
		if born, _, ok := seal.Span(name); ok && !s.Now().Before(born.Add(96*time.Hour)) {
			s.t.Fatalf("%s: %s lives", s.Now(), name)
		}
	}
	for d := oldest.Add(day); !d.After(s.Now()); d = d.Add(day) {
		lives := d.Add(96 * time.Hour).After(s.Now())
		if name := "pending-" + d.Format(time.DateOnly); lives && d.After(storetest.Noon) && !slices.Contains(names, name) {
			s.t.Fatalf("%s: %s is destroyed", s.Now(), name)
		}
	}
	must(s.t, s.DB.View(s.t.Context(), func(tx *store.Tx) error {
		jobs, err := tx.CountJobsBefore(mailQueue, s.Now().Add(-96*time.Hour))
		must(s.t, err)
		days, err := tx.CountMailBefore(string(undersigned.DayOf(s.Now())))
		if jobs != 0 || days != 0 {
			s.t.Fatalf("%s: %d mails and %d counts are kept", s.Now(), jobs, days)
		}
		return err
	}))
}

func TestDestroyedPetitionGetsNoKeysAgain(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		my := s.sign("petition", "Ana", "ana@a.example")
		id := s.mine(my).ID
		for range 13 {
			s.clock.Move(10 * day)
			s.sweep()
		}
		if s.row("petition").LogState != store.LogDestroyed {
			t.Fatal("not destroyed")
		}
		changed := testContent()
		changed.Actions[0].Closes = s.Now().Add(30 * day)
		changed.Actions[0].Texts["en"] = undersigned.ActionText{Title: "Again", Ask: "Again.", Body: "Again."}
		s.load(changed)
		s.readable("petition", false)
		if s.action("petition").Version != 1 {
			t.Error("a destroyed petition has a new version")
		}
		if err := s.Withdraw(t.Context(), s.myToken("ana@a.example"), id); err != nil && undersigned.KindOf(err) != undersigned.NotFound {
			t.Error(err)
		}
		s.sweep() // the log stays valid
	})
}

func TestNothingIsDestroyedWhileTheLogHasStillToHearOfIt(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.sign("petition", "Ana", "ana@a.example")
		s.tick()
		s.clock.Move(31 * day)
		must(t, s.CloseInLog(t.Context()))
		s.clock.Move(100 * day)
		must(t, s.CloseInLog(t.Context())) // its closing waits for the log
		must(t, s.Withdraw(t.Context(), s.myToken("ana@a.example"), s.mine(s.myToken("ana@a.example")).ID))
		_, err := s.Purge(t.Context())
		must(t, err)
		s.readable("petition", true)
		s.tick()
		_, err = s.Purge(t.Context())
		must(t, err)
		s.readable("petition", false)
		log := s.tick()
		if kinds := log.Kinds(); kinds[len(kinds)-1] != "destroy" {
			t.Errorf("the log ends with %v", kinds)
		}
	})
}

// TestPurgeThatWasCutShortIsFinishedByTheNext stops after each step that a crash can come after.
func TestPurgeThatWasCutShortIsFinishedByTheNext(t *testing.T) {
	for name, step := range map[string]func(*testSite, string) error{
		"one key is gone": func(s *testSite, pid string) error { return s.Keys.DestroyAction(s.t.Context(), pid) },
		"the rows are noise": func(s *testSite, pid string) error {
			return errors.Join(s.Keys.DestroyAction(s.t.Context(), pid), s.eraseRows(s.t.Context(), pid))
		},
	} {
		t.Run(name, func(t *testing.T) {
			run(t, func(t *testing.T, s *testSite) {
				s.sign("petition", "Ana", "ana@a.example")
				for range 2 {
					s.clock.Move(31 * day)
					s.sweep()
				}
				s.clock.Move(90 * day)
				must(t, step(s, s.row("petition").PID))
				_, err := s.Purge(t.Context())
				must(t, err)
				s.tick()
				if n := s.readable("petition", false); n != 0 || s.row("petition").LogState != store.LogDestroyed {
					t.Errorf("%d rows are left, state %d", n, s.row("petition").LogState)
				}
			})
		})
	}
}

func TestKeptSaysWhatGoesAndWhenAndErasesNothing(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.sign("petition", "Ana", "ana@a.example")
		s.clock.Move(31 * day)
		must(t, s.CloseInLog(t.Context()))
		closed := s.Now()
		s.tick()
		kept, err := s.Kept(t.Context())
		must(t, err)
		i := slices.IndexFunc(kept, func(k Kept) bool { return strings.Contains(k.What, "cause/petition") })
		if i < 0 || kept[i].N != 1 || !kept[i].Ends.Equal(closed.Add(90*day)) {
			t.Errorf("kept: %+v", kept)
		}
		if n := s.readable("petition", true); n != 1 {
			t.Errorf("%d rows after looking", n)
		}
		list, err := s.ListKeys(t.Context())
		must(t, err)
		for _, k := range list {
			if k.Of == "cause/petition" && (!k.Ends.Equal(closed.Add(90*day)) || !k.Born.Equal(storetest.Noon)) {
				t.Errorf("key %+v", k)
			}
		}
	})
}
