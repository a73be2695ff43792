package action

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/translog"
)

// requestAs sends a form that was changed, and gives the token of the link that came.
func (s *testSite) requestAs(slug, name, email string, change func(*undersigned.SignatureForm)) (token string) {
	s.t.Helper()
	in, before := s.input(slug, name, email), len(s.box.mails)
	change(&in.Form)
	must(s.t, s.SignPetition(s.t.Context(), in))
	s.work()
	if len(s.box.mails) != before+1 {
		s.t.Fatalf("%d mails came, want 1", len(s.box.mails)-before)
	}
	return tokenIn(s.t, s.box.mails[before], "/confirm/")
}

// moderator is one of the staff.
var moderator = undersigned.UserID{7}

// all goes through all steps of a look or a decision.
func (s *testSite) all(do func(token string) (*Step, error)) *Step {
	s.t.Helper()
	for token := ""; ; {
		step, err := do(token)
		must(s.t, err)
		if token = step.Next; token == "" {
			return step
		}
	}
}

func (s *testSite) release(a *undersigned.Action, sel Selection, trust bool) (int64, string) {
	s.t.Helper()
	step := s.all(func(token string) (*Step, error) { return s.Release(s.t.Context(), moderator, a, sel, trust, token) })
	return step.N, step.Decision
}

func (s *testSite) void(a *undersigned.Action, sel Selection, reason translog.Reason, doubt bool) (int64, string) {
	s.t.Helper()
	step := s.all(func(token string) (*Step, error) {
		return s.Void(s.t.Context(), moderator, a, sel, reason, doubt, token)
	})
	return step.N, step.Decision
}

func asTyped(*undersigned.SignatureForm) {}

func trapped(f *undersigned.SignatureForm) { f.Trap = "https://spam.example" }

func TestDoubtfulSignatureIsHeldUntilAPersonReleasesIt(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		for i, test := range []struct {
			email  string
			change func(*undersigned.SignatureForm)
			want   undersigned.Doubt
		}{
			{"ana@gmail.com", trapped, undersigned.DoubtTrap},
			{"bo@gmail.com", func(f *undersigned.SignatureForm) { f.GivenName = "B0t" }, undersigned.DoubtWords},
			{"cy@inbox.mailinator.com", asTyped, undersigned.DoubtThrowaway},
			{"di@YOPMAIL.com", trapped, undersigned.DoubtTrap | undersigned.DoubtThrowaway},
		} {
			token := s.requestAs("petition", "Name", test.email, test.change)
			for range 2 { // pressed twice
				c := s.confirm(token, Held)
				if c.MyToken == "" || c.ID == "" {
					t.Error("no way to see or take back what is held")
				}
			}
			var groups []store.Held
			must(t, s.DB.View(t.Context(), func(tx *store.Tx) (err error) { groups, err = tx.HeldGroups(s.action("petition").PID, 100); return err }))
			if len(groups) != i+1 {
				t.Fatalf("%d groups after %s", len(groups), test.email)
			}
			one := s.mine(s.confirm(token, Held).MyToken)
			if one.State != undersigned.SignatureHeld || one.row.Doubts != test.want {
				t.Errorf("%s: state %d, doubts %q, want %q", test.email, one.State, one.row.Doubts, test.want)
			}
		}
		s.confirm(s.requestAs("petition", "Honest", "honest@gmail.com", asTyped), Counted)
		s.tick()
		s.counts("petition", 1)
		a := s.action("petition")
		if n, decision := s.release(a, Selection{Why: undersigned.DoubtTrap}, false); n != 2 || decision == "" {
			t.Errorf("released %d, %q", n, decision)
		}
		s.tick()
		s.counts("petition", 3)
		if n, decision := s.release(a, Selection{Why: undersigned.DoubtTrap}, false); n != 0 || decision != "" {
			t.Errorf("released again: %d, %q", n, decision)
		}
	})
}

func TestWhoIsHeldCanLeave(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		for i, leave := range []func(my, id string) error{
			func(my, id string) error { return s.Withdraw(t.Context(), my, id) },
			func(my, id string) error { return s.Erase(t.Context(), my, id, false) },
			func(my, id string) error { return s.Erase(t.Context(), my, id, true) },
		} {
			token := s.requestAs("petition", "Ana", fmt.Sprintf("ana%d@gmail.com", i), trapped)
			c := s.confirm(token, Held)
			must(t, leave(c.MyToken, c.ID))
			s.confirm(token, Withdrawn)
			s.tick()
			s.counts("petition", 0)
		}
		if asks, err := s.Held(t.Context()); err != nil || len(asks) != 0 {
			t.Errorf("%d asks have what is held, %v", len(asks), err)
		}
	})
}

func TestSignaturesOfOneLittleKnownDomainAreHeldFromANumberOn(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		sign := func(i int, domain string, want Outcome) {
			t.Helper()
			s.confirm(s.requestAs("petition", "Ana", fmt.Sprintf("u%d@%s", i, domain), asTyped), want)
		}
		for i := range domainLimit {
			sign(i, "catchall.example", Counted)
		}
		sign(100, "catchall.example", Held)
		sign(101, "CatchAll.example", Held)
		for i := range domainLimit + 2 {
			sign(i, "gmail.com", Counted)
			sign(i, "college.edu", Counted)
		}
		sign(0, "other.example", Counted)
		a := s.action("petition")
		groups, err := s.HeldGroups(t.Context(), a)
		must(t, err)
		if len(groups) != 1 || groups[0] != (HeldGroup{undersigned.DoubtDomain, "catchall.example", 2}) {
			t.Fatalf("held are %+v", groups)
		}
		if n, _ := s.release(a, Selection{Domain: "catchall.example"}, true); n != 2 {
			t.Errorf("released %d", n)
		}
		sign(102, "catchall.example", Counted) // trusted by now
		sign(5, "spam.example", Counted)
		s.tick()
		if n, _ := s.void(a, Selection{Counted: true, Domain: "spam.example"}, translog.ReasonDomain, true); n != 1 {
			t.Errorf("removed %d", n)
		}
		s.tick()
		sign(6, "spam.example", Held) // doubted by now
	})
}

func TestRemovedSignaturesCanBeBroughtBackForThirtyDays(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		var tokens, mine []string
		for i := range 4 {
			tokens = append(tokens, s.requestAs("petition", "Ana", fmt.Sprintf("u%d@spam.example", i), asTyped))
			mine = append(mine, s.confirm(tokens[i], Counted).MyToken)
		}
		s.confirm(s.requestAs("petition", "Ana", "ana@gmail.com", asTyped), Counted)
		s.tick()
		shredded := s.mine(mine[3])
		must(t, s.Erase(t.Context(), mine[3], shredded.ID, true))
		s.tick()
		a := s.action("petition")
		void := func(want int64) (decision string) {
			t.Helper()
			n, decision := s.void(a, Selection{Counted: true, Domain: "spam.example"}, translog.ReasonBot, false)
			if n != want {
				t.Fatalf("removed %d, want %d", n, want)
			}
			return decision
		}
		decision := void(3) // not the one that is shredded: nobody can judge it, and it counts on
		s.counts("petition", 5)
		s.tick()
		s.counts("petition", 2)
		s.confirm(tokens[0], Removed)
		must(t, s.Erase(t.Context(), mine[2], s.mine(mine[2]).ID, false)) // its owner wants it gone
		if n, _, err := s.Restore(t.Context(), moderator, decision); n != 2 || err != nil {
			t.Errorf("restored %d, %v", n, err)
		}
		s.tick()
		s.counts("petition", 4)
		s.confirm(tokens[0], Already)
		decision = void(2)
		s.tick()
		s.clock.Move(29 * 24 * time.Hour)
		if _, err := s.Purge(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := s.removed(decision); n != 2 {
			t.Errorf("%d can be brought back after 29 days", n)
		}
		s.clock.Move(24 * time.Hour)
		if _, err := s.Purge(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := s.removed(decision); n != 0 {
			t.Errorf("%d can be read after 30 days", n)
		}
		if n, _, err := s.Restore(t.Context(), moderator, decision); n != 0 || err != nil {
			t.Errorf("restored %d, %v", n, err)
		}
		for _, wrong := range []string{"", "zz", "0011223344556677"} {
			if _, _, err := s.Restore(t.Context(), moderator, wrong); undersigned.KindOf(err) != undersigned.NotFound {
				t.Errorf("restore %q: %v", wrong, err)
			}
		}
		s.tick()
	})
}

// removed counts what a decision has removed and can bring back.
func (s *testSite) removed(decision string) (n int) {
	s.t.Helper()
	for _, row := range s.recount().Signatures {
		if fmt.Sprintf("%x", row.Review) == decision && row.Sealed != nil {
			n++
		}
	}
	return n
}

func TestHeldSignatureCannotBeReleasedIntoAClosedLog(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.confirm(s.requestAs("petition", "Ana", "ana@gmail.com", trapped), Held)
		a := s.action("petition")
		s.clock.Move(31 * 24 * time.Hour)
		must(t, s.CloseInLog(t.Context()))
		s.clock.Move(73 * time.Hour)
		wait := func(want int) {
			if asks, err := s.Held(t.Context()); err != nil || len(asks) != want {
				t.Errorf("%d asks have what is held, %v; want %d", len(asks), err, want)
			}
		}
		wait(1)
		s.Now = func() time.Time { // the log closes while what is to be released is looked for
			s.Now = s.clock.Now
			must(t, s.CloseInLog(t.Context()))
			s.tick()
			return s.clock.Now()
		}
		if _, err := s.Release(t.Context(), moderator, a, Selection{}, false, ""); !errors.Is(err, ErrLogClosed) {
			t.Errorf("released while the log closed: %v", err)
		}
		if _, err := s.Release(t.Context(), moderator, a, Selection{}, false, ""); !errors.Is(err, ErrLogClosed) {
			t.Errorf("released into a closed log: %v", err)
		}
		wait(0)
		if n, _ := s.void(a, Selection{}, translog.ReasonBot, false); n != 1 {
			t.Errorf("removed %d", n)
		}
		s.tick()
		s.counts("petition", 0)
	})
}

func TestDomainsAreKnownForWhatTheyAre(t *testing.T) {
	known := newDomains([]string{"Extra.Example", "# a comment", "gmail.com"})
	for domain, want := range map[string]domainKind{
		"gmail.com": provider, "mail.gmail.com": littleKnown, "mailinator.com": throwaway, "x.y.mailinator.com": throwaway,
		"extra.example": throwaway, "harvard.edu": institution, "cs.ox.ac.uk": institution, "unam.edu.mx": institution,
		"sre.gob.mx": institution, "nps.k12.ma.us": institution, "house.gov": institution, "army.mil": institution,
		"edu.com": littleKnown, "fake-edu.org": littleKnown, "mira.org": littleKnown, "ac.io": littleKnown, "edu.io": littleKnown,
	} {
		if got := known.kind(domain); got != want {
			t.Errorf("%s is of kind %d, want %d", domain, got, want)
		}
	}
}
