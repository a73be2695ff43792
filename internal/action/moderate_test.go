package action

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/translog"
)

// noted counts the lines of the audit log with a verb.
func (s *testSite) noted(verb undersigned.AuditVerb) (n int) {
	s.t.Helper()
	for _, e := range s.auditLines() {
		if e.Verb == verb {
			n++
		}
	}
	return n
}

func (s *testSite) lookFor(a *undersigned.Action, sel Selection) *Step {
	s.t.Helper()
	return s.all(func(token string) (*Step, error) { return s.Look(s.t.Context(), moderator, a, sel, token, true) })
}

func TestModeratorFindsByNameAndAddressAndEachLookIsNoted(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		for i, name := range []string{"José", "Josefina", "Ana"} {
			s.sign("petition", name, fmt.Sprintf("u%d@gmail.com", i))
		}
		s.confirm(s.requestAs("petition", "Jose", "held@gmail.com", trapped), Held)
		s.sign("pledge", "José", "u0@gmail.com")
		s.tick()
		a := s.action("petition")
		for _, test := range []struct {
			sel  Selection
			want string
		}{
			{Selection{Counted: true, Name: "jose silva"}, "José Josefina"},
			{Selection{Counted: true, Name: "JOSÉ"}, "José Josefina"},
			{Selection{Name: "jose"}, "Jose"},
			{Selection{Counted: true, Name: "nobody"}, ""},
			{Selection{Why: undersigned.DoubtTrap}, "Jose"},
			{Selection{Why: undersigned.DoubtDomain}, ""},
		} {
			s.clock.Move(time.Second)
			before := len(s.auditLines())
			step := s.lookFor(a, test.sel)
			names := map[string]bool{}
			for _, one := range step.Shown {
				names[one.Person.GivenName] = true
			}
			if want := strings.Fields(test.want); int(step.N) != len(want) || len(names) != len(want) || len(want) > 0 && !names[want[0]] {
				t.Errorf("%v finds %d: %v, want %s", test.sel, step.N, names, test.want)
			}
			if noted := len(s.auditLines()) > before; noted != (test.want != "" || test.sel.Name != "") {
				t.Errorf("%v: noted %v", test.sel, noted)
			}
		}
		if e := s.auditLines()[0]; strings.Contains(fmt.Sprint(s.auditLines()), "ose") || e.By != moderator {
			t.Errorf("the audit log says whom was looked for: %v", s.auditLines())
		}
		_, err := s.Look(t.Context(), moderator, a, Selection{Name: "?!"}, "", true)
		wantKind(t, err, undersigned.Invalid, "error.form")

		found, err := s.FindAddress(t.Context(), moderator, " U0+tag@gmail.com ")
		if err != nil || len(found) != 2 || found[0].Person.GivenName != "José" {
			t.Errorf("found %+v, %v", found, err)
		}
		if found, err := s.FindAddress(t.Context(), moderator, "none@gmail.com"); err != nil || len(found) != 0 {
			t.Errorf("found %+v, %v", found, err)
		}
		if n := s.noted(undersigned.AuditSignaturesSearched); n != 6 {
			t.Errorf("%d searches are noted", n)
		}
		_, err = s.FindAddress(t.Context(), moderator, "a@b@c")
		wantKind(t, err, undersigned.Invalid, "error.form")
	})
}

// In sealed mode the server says that it cannot look for names, and finds an exact address without naming anybody.
func TestModeratorOfASealedIssueFindsAnAddressAndNoName(t *testing.T) {
	runIn(t, sealedMode, func(t *testing.T, s *testSite) {
		s.sign("petition", "Ana", "ana@gmail.com")
		s.confirm(s.requestAs("petition", "Bo", "bo@gmail.com", trapped), Held)
		s.tick()
		a := s.action("petition")
		for _, sel := range []Selection{{Counted: true, Name: "Ana"}, {Name: "Bo"}, {Counted: true, Domain: "gmail.com"}} {
			_, err := s.Look(t.Context(), moderator, a, sel, "", true)
			wantKind(t, err, undersigned.Invalid, "error.form")
		}
		found, err := s.FindAddress(t.Context(), moderator, "ana@gmail.com")
		if err != nil || len(found) != 1 || !found[0].Sealed || found[0].Person != (undersigned.Person{}) {
			t.Errorf("found %+v, %v", found, err)
		}
		step := s.lookFor(a, Selection{Domain: "gmail.com"})
		if step.N != 1 || !step.Shown[0].Sealed {
			t.Errorf("held: %+v", step)
		}
		id, err := SignatureNamed(found[0].ID)
		must(t, err)
		if n, _ := s.void(a, Selection{Counted: true, ID: id}, translog.ReasonDup, false); n != 1 {
			t.Errorf("removed %d", n)
		}
		s.tick()
		s.counts("petition", 0)
	})
}

// Two who remove the same at the same time remove it once, and each is told how much was theirs.
func TestTwoModeratorsAtOnceRemoveOnce(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		for i := range 8 {
			s.confirm(s.requestAs("petition", "Bot", fmt.Sprintf("u%d@spam.example", i), trapped), Held)
		}
		a := s.action("petition")
		var steps [2]*Step
		var wg sync.WaitGroup
		for i := range steps {
			wg.Go(func() {
				var err error
				steps[i], err = s.Void(t.Context(), undersigned.UserID{byte(i + 1)}, a, Selection{Domain: "spam.example"}, translog.ReasonBot, false, "")
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if sum := steps[0].N + steps[1].N; sum != 8 {
			t.Errorf("removed %d and %d", steps[0].N, steps[1].N)
		}
		decided := int64(0)
		must(t, s.DB.View(t.Context(), func(tx *store.Tx) error {
			reviews, err := tx.ReviewsOf(a.PID, "void", 10)
			for _, r := range reviews {
				decided += r.N
			}
			return err
		}))
		if decided != 8 {
			t.Errorf("the decisions are about %d", decided)
		}
		again := s.all(func(token string) (*Step, error) {
			return s.Void(t.Context(), moderator, a, Selection{Domain: "spam.example"}, translog.ReasonBot, false, token)
		})
		if again.N != 0 || again.Decision != "" {
			t.Errorf("pressed again: %+v", again)
		}
		lines := s.noted(undersigned.AuditSignaturesRemoved)
		if want := map[bool]int{true: 1, false: 2}[steps[0].N == 0 || steps[1].N == 0]; lines != want {
			t.Errorf("%d lines in the audit log", lines)
		}
		for _, step := range steps {
			if step.N == 0 {
				continue
			}
			if n, more, err := s.Restore(t.Context(), moderator, step.Decision); n != step.N || more || err != nil {
				t.Errorf("restored %d, %v, %v", n, more, err)
			}
			if n, _, err := s.Restore(t.Context(), moderator, step.Decision); n != 0 || err != nil {
				t.Errorf("restored again %d, %v", n, err)
			}
		}
	})
}

// A token of one step begins no other: not another rule, not another person's, not somebody's own making.
func TestTokenOfAStepIsGoodForItsOwnLookAlone(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		a := s.action("petition")
		s.confirm(s.requestAs("petition", "Ana", "ana@gmail.com", trapped), Held)
		what := digestOf(moderator, a, Selection{Name: "ana"}, "look")
		p := progress{What: what, N: 40}
		good := s.endStep(&p).Next
		for token, want := range map[string]int64{good: 41, "": 1, "nonsense": 1, good[:len(good)-2]: 1} {
			step, err := s.Look(t.Context(), moderator, a, Selection{Name: "ana"}, token, true)
			if err != nil || step.N != want {
				t.Errorf("%q: %+v, %v", token, step, err)
			}
		}
		step, err := s.Look(t.Context(), undersigned.UserID{9}, a, Selection{Name: "ana"}, good, true)
		if err != nil || step.N != 1 {
			t.Errorf("somebody else's: %+v, %v", step, err)
		}
		step, err = s.Void(t.Context(), moderator, a, Selection{Name: "ana"}, translog.ReasonBot, false, good)
		if err != nil || step.N != 1 {
			t.Errorf("another deed: %+v, %v", step, err)
		}
	})
}

func TestModeratorJudgesADomain(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		a := s.action("petition")
		judge := func(domain string, v store.Verdict, want bool) DomainJudged {
			t.Helper()
			d, done, err := s.JudgeDomain(t.Context(), moderator, a, domain, v)
			if err != nil || done != want {
				t.Errorf("%s: %v, %v", domain, done, err)
			}
			return d
		}
		s.sign("petition", "Ana", "ana@club.example")
		if d := judge(" @Club.Example ", store.VerdictDoubted, true); d.N != 1 {
			t.Errorf("%+v", d)
		}
		judge("club.example", store.VerdictDoubted, false)
		s.confirm(s.requestAs("petition", "Bo", "bo@club.example", asTyped), Held)
		judge("club.example", store.VerdictNone, true)
		s.sign("petition", "Cy", "cy@club.example")
		if n := s.noted(undersigned.AuditDomainJudged); n != 2 {
			t.Errorf("%d lines", n)
		}
		for _, wrong := range []string{"", "gmail.com", "no domain", "a@b@c"} {
			_, _, err := s.JudgeDomain(t.Context(), moderator, a, wrong, store.VerdictTrusted)
			wantKind(t, err, undersigned.Invalid, "error.form")
		}
		s.tick()
	})
}

func TestModeratorPutsTheBrakeOnForADay(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		a := s.action("petition")
		set := func(on, want bool) {
			t.Helper()
			s.clock.Move(time.Second)
			if done, err := s.SetBrake(t.Context(), moderator, a, on); done != want || err != nil {
				t.Errorf("set %v: %v, %v", on, done, err)
			}
		}
		set(true, true)
		set(true, false)
		must(t, s.WatchBrakes(t.Context()))
		s.confirm(s.requestAs("petition", "Ana", "ana@little.example", asTyped), Held)
		s.sign("petition", "Bo", "bo@gmail.com")
		s.clock.Move(23 * time.Hour)
		must(t, s.WatchBrakes(t.Context()))
		s.confirm(s.requestAs("petition", "Cy", "cy@little.example", asTyped), Held)
		s.clock.Move(2 * time.Hour)
		must(t, s.WatchBrakes(t.Context()))
		s.sign("petition", "Di", "di@little.example")
		set(false, true)
		set(true, true)
		set(false, true)
		s.sign("petition", "Ed", "ed@little.example")
		if n := s.noted(undersigned.AuditBrakeSet); n != 4 {
			t.Errorf("%d lines", n)
		}
		s.tick()
	})
}

// A long list is gone through in steps, under one decision; what comes meanwhile at the end of the log is left out.
func TestLongListsAreGoneThroughInSteps(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.stepHeld, s.stepLog = 2, 3
		for i := range 5 {
			s.sign("petition", "Ana", fmt.Sprintf("u%d@gmail.com", i))
			s.confirm(s.requestAs("petition", "Bot", fmt.Sprintf("u%d@spam.example", i), trapped), Held)
		}
		s.tick()
		a := s.action("petition")
		steps := 0
		count := func(do func(token string) (*Step, error)) *Step {
			steps = 0
			return s.all(func(token string) (*Step, error) {
				steps++
				step, err := do(token)
				if err == nil && step.Looked > step.Of {
					t.Errorf("looked at %d of %d", step.Looked, step.Of)
				}
				return step, err
			})
		}
		look := func(sel Selection) *Step {
			return count(func(token string) (*Step, error) { return s.Look(t.Context(), moderator, a, sel, token, true) })
		}
		if step := look(Selection{}); step.N != 5 || len(step.Shown) != 5 || steps != 3 {
			t.Errorf("held: %d, %d shown, in %d steps", step.N, len(step.Shown), steps)
		}
		if step := look(Selection{Counted: true, Name: "ana"}); step.N != 5 || len(step.Shown) != 5 || steps < 2 {
			t.Errorf("counted: %d, %d shown, in %d steps", step.N, len(step.Shown), steps)
		}
		step := count(func(token string) (*Step, error) {
			return s.Void(t.Context(), moderator, a, Selection{}, translog.ReasonBot, false, token)
		})
		if step.N != 5 || steps != 3 || s.noted(undersigned.AuditSignaturesRemoved) != 1 {
			t.Errorf("removed %d in %d steps", step.N, steps)
		}
		must(t, s.DB.View(t.Context(), func(tx *store.Tx) error {
			reviews, err := tx.ReviewsOf(a.PID, "void", 10)
			if len(reviews) != 1 || reviews[0].N != 5 || reviews[0].By != moderator {
				t.Errorf("decisions: %+v", reviews)
			}
			return err
		}))
		if n, more, err := s.Restore(t.Context(), moderator, step.Decision); n != 5 || more || err != nil {
			t.Errorf("restored %d, %v, %v", n, more, err)
		}
		step = count(func(token string) (*Step, error) {
			return s.Release(t.Context(), moderator, a, Selection{}, false, token)
		})
		if step.N != 5 || steps != 3 {
			t.Errorf("released %d in %d steps", step.N, steps)
		}
		s.tick()
		s.counts("petition", 10)
	})
}

func TestNumbersOfAnAskAddUp(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		must(t, s.AddSource(t.Context(), moderator, "may-letter", "The letter of May"))
		for i := range 3 {
			s.signBy("may-letter", fmt.Sprintf("u%d@gmail.com", i), 1, Counted)
		}
		s.request("petition", "Nobody", "nobody@gmail.com")
		s.confirm(s.requestAs("petition", "Bot", "bot@spam.example", trapped), Held)
		s.confirm(s.requestAs("petition", "Bot", "bot2@spam.example", trapped), Held)
		my := s.sign("petition", "Ana", "ana@gmail.com")
		s.tick()
		s.clock.Move(time.Hour)
		must(t, s.Withdraw(t.Context(), my, s.mine(my).ID))
		s.sign("petition", "Bo", "bo@gmail.com")
		a := s.action("petition")
		if n, _ := s.void(a, Selection{Counted: true, Name: "ana"}, translog.ReasonDup, false); n != 3 { // those of the tag
			t.Errorf("removed %d", n)
		}
		_, decision := s.void(a, Selection{Domain: "spam.example"}, translog.ReasonBot, false)
		if n, _, err := s.Restore(t.Context(), moderator, decision); n != 2 || err != nil {
			t.Errorf("restored %d, %v", n, err)
		}
		n, err := s.NumbersOf(t.Context(), a)
		must(t, err)
		if n.All != (store.Hour{Pending: 8, Confirmed: 7, Held: 2, Strange: 0}) || n.Asked != 1 || n.Waiting != 1 || n.Held != 2 || n.Lately(s.Now(), 1) != 1 || n.Lately(s.Now(), 24) != 7 {
			t.Errorf("%+v", n)
		}
		if n.Removed["dup"] != 3 || n.Removed["bot"] != 0 || n.ByTag["may-letter"].Confirmed != 3 || n.ByTagNow["may-letter"].Pending != 3 || len(n.Sources) != 1 {
			t.Errorf("%+v", n)
		}
		s.tick()
		if n, err = s.NumbersOf(t.Context(), a); err != nil || n.Tally != (store.Tally{Counted: 1, Withdrawn: 1, Fraud: 3}) || n.Public.Counted != 1 || n.Waiting != 0 {
			t.Errorf("%+v, %v", n, err)
		}
		if n, err := s.NumbersOf(t.Context(), s.action("elsewhere")); n != nil || err != nil {
			t.Errorf("%+v, %v", n, err)
		}
	})
}

func TestHealthTellsOfWhatNeedsAPerson(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		health := func() *Health {
			t.Helper()
			h, err := s.Health(t.Context())
			must(t, err)
			return h
		}
		s.sign("petition", "Ana", "ana@gmail.com")
		s.tick()
		h := health()
		if !h.BackupLate(s.Now()) || h.Space.Database == 0 || h.LogSize == 0 || h.Published != h.LogSize || h.Mailed(MailSent, s.Now()) != 1 || !h.MailsWait(s.Now()).IsZero() {
			t.Errorf("%+v", h)
		}
		must(t, s.NoteBackup(t.Context()))
		must(t, s.SignPetition(t.Context(), s.input("petition", "Bo", "bo@gmail.com")))
		if h = health(); h.BackupLate(s.Now()) || h.Queues[0].N != 1 || !h.MailsWait(s.Now()).IsZero() {
			t.Errorf("%+v", h)
		}
		s.clock.Move(11 * time.Minute)
		if health().MailsWait(s.Now()).IsZero() {
			t.Error("a mail that nobody sends is not told")
		}
		s.clock.Move(8 * 24 * time.Hour)
		if h = health(); !h.BackupLate(s.Now()) || h.PurgeLate(s.Now()) {
			t.Errorf("%+v", h)
		}
		if _, err := s.Purge(t.Context()); err != nil {
			t.Fatal(err)
		}
		s.clock.Move(49 * time.Hour)
		if !health().PurgeLate(s.Now()) {
			t.Error("a purge that is late is not told")
		}
	})
}
