package action

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/seal"
	"github.com/undersigned/undersigned/internal/store"
)

// askOwners is the duty, and what it makes the mail worker send.
func (s *testSite) askOwners() (letters []string) {
	s.t.Helper()
	must(s.t, s.AskWhetherTheyGoOn(s.t.Context()))
	_, _, err := s.DB.Poll(s.t.Context())
	must(s.t, err)
	before := len(s.box.mails)
	s.work()
	for _, m := range s.box.mails[before:] {
		letters = append(letters, m.To)
	}
	return letters
}

// In the tests' content the pledge has no last day, and the petition has one.
func TestWhatNothingWouldEndIsAskedForOnceAYearAndClosesWithoutAnAnswer(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.Owner = "owner@cause.example"
		_, err := s.AddUser(t.Context(), undersigned.UserID{}, undersigned.UserForm{Email: "ana@staff.example", Role: string(undersigned.RoleOwner), Language: "es"}, true)
		must(t, err)
		s.sign("pledge", "Bo", "bo@gmail.com")
		s.clock.Move(undersigned.AttentionEvery - time.Hour)
		s.sweep()
		if got := s.askOwners(); got != nil {
			t.Fatalf("asked before a year is over: %v", got)
		}
		s.clock.Move(time.Hour)
		s.sweep()
		if got := s.askOwners(); len(got) != 2 || s.row("petition").AskedTimes != 0 {
			t.Fatalf("asked %v", got)
		}
		token := tokenIn(t, s.box.mails[len(s.box.mails)-1], "/attend/")
		for _, step := range []struct {
			days, mails int
		}{{1, 0}, {28, 0}, {1, 2}, {19, 0}, {1, 2}, {9, 0}} {
			s.clock.Move(time.Duration(step.days) * day)
			s.sweep()
			if got := s.askOwners(); len(got) != step.mails {
				t.Errorf("%s: mails to %v, want %d", s.Now(), got, step.mails)
			}
		}
		q, err := s.OpenQuestion(t.Context(), token)
		must(t, err)
		if !q.Asked || q.Over || !q.ClosesAt.Equal(s.Now().Add(day)) {
			t.Errorf("%+v", q)
		}
		// One answers.
		must(t, s.Answer(t.Context(), token, false))
		if d := s.decide("pledge"); !d.Open() || !d.Until.IsZero() {
			t.Errorf("it goes on: %+v", d)
		}
		must(t, s.DB.View(t.Context(), func(tx *store.Tx) error {
			entries, err := tx.Audit(store.AuditFilter{}, 100)
			found := false
			for _, e := range entries {
				found = found || e.Verb == undersigned.AuditAttended && e.Subject == "cause/pledge" && e.Detail == "goes_on"
			}
			if !found {
				t.Errorf("the audit log has %+v", entries)
			}
			return err
		}))
		s.clock.Move(200 * day)
		s.sweep()
		if got := s.askOwners(); got != nil {
			t.Errorf("asked again after 200 days: %v", got)
		}
		// The year after nobody does.
		s.clock.Move(undersigned.AttentionEvery)
		s.sweep()
		s.askOwners()
		asked := s.row("pledge").Attention.Asked
		for range 61 {
			s.clock.Move(day)
			s.sweep()
			s.askOwners()
		}
		if d := s.decide("pledge"); d.State != undersigned.ActionClosed || d.Reason != undersigned.ReasonUnattended || !d.Since.Equal(asked.Add(undersigned.AttentionWithin)) {
			t.Errorf("nobody answers: %+v", d)
		}
		for range 10 {
			s.clock.Move(10 * day)
			s.sweep()
		}
		if s.row("pledge").LogState != store.LogDestroyed {
			t.Error("what its signers told is kept")
		}
		s.readable("pledge", false)
		if err := s.AnswerFor(t.Context(), undersigned.UserID{}, s.row("pledge").PID, false); undersigned.KindOf(err) != undersigned.Gone {
			t.Errorf("answered when it is over: %v", err)
		}
	})
}

// decide is what every page says of an action.
func (s *testSite) decide(slug string) undersigned.Decision {
	s.t.Helper()
	_, _, err := s.DB.Poll(s.t.Context())
	must(s.t, err)
	content, a, err := s.find(s.t.Context(), "cause", slug)
	must(s.t, err)
	return a.Decide(content.Bill(a.Bill), s.Now())
}

func TestOwnerEndsWhatHasNoLastDayAndCanThinkAgainForThreeDays(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.Owner = "owner@cause.example"
		s.clock.Move(undersigned.AttentionEvery)
		s.sweep()
		if got := s.askOwners(); len(got) != 1 || got[0] != s.Owner {
			t.Fatalf("asked %v", got)
		}
		token := tokenIn(t, s.box.mails[len(s.box.mails)-1], "/attend/")
		for range 2 { // pressed twice
			must(t, s.Answer(t.Context(), token, true))
		}
		if d := s.decide("pledge"); d.State != undersigned.ActionClosed || d.Reason != undersigned.ReasonOrganizer || !d.Since.Equal(s.Now()) {
			t.Errorf("it is over: %+v", d)
		}
		s.sweep()
		s.clock.Move(71 * time.Hour)
		s.sweep()
		must(t, s.Answer(t.Context(), token, false))
		if d := s.decide("pledge"); !d.Open() {
			t.Errorf("thought again: %+v", d)
		}
		must(t, s.AnswerFor(t.Context(), undersigned.UserID{}, s.row("pledge").PID, true)) // the command line asks nobody
		if d := s.decide("pledge"); d.Open() {
			t.Errorf("closed by the command line: %+v", d)
		}
		s.sweep()
		s.clock.Move(73 * time.Hour)
		s.sweep()
		if err := s.Answer(t.Context(), token, false); undersigned.KindOf(err) != undersigned.Gone {
			t.Errorf("when the log has closed it: %v", err)
		}
		s.recount()
	})
}

func TestLinkOfTheQuestionIsItsOwnersAlone(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.Owner = "owner@cause.example"
		pid := s.action("pledge").PID
		good := s.AttendToken(pid, "Owner@cause.example")
		_, err := s.OpenQuestion(t.Context(), good)
		must(t, err)
		for name, token := range map[string]string{"nobody's": s.AttendToken(pid, "eve@cause.example"), "nonsense": "AAAA", "cut": good[:len(good)-3],
			"another ask's": s.AttendToken("00000000000000ff", s.Owner), "for something else": s.myToken(s.Owner)} {
			if _, err := s.OpenQuestion(t.Context(), token); err == nil {
				t.Errorf("%s: opens", name)
			}
		}
		s.Owner = "next@cause.example"
		if _, err := s.OpenQuestion(t.Context(), good); undersigned.KindOf(err) != undersigned.Gone {
			t.Errorf("an owner who is none any more: %v", err)
		}
		s.Owner = "owner@cause.example"
		s.clock.Move(attendLife + time.Second)
		if _, err := s.OpenQuestion(t.Context(), good); undersigned.KindOf(err) != undersigned.Gone {
			t.Errorf("a late link: %v", err)
		}
	})
}

func TestNobodyIsAskedWhereALastDayWasSetMeanwhileOrNobodyIsKnown(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.clock.Move(undersigned.AttentionEvery)
		s.sweep()
		if got := s.askOwners(); got != nil || !s.row("pledge").Attention.Asked.IsZero() {
			t.Fatalf("nobody is known, and %v were asked", got)
		}
		s.clock.Move(100 * day)
		if d := s.decide("pledge"); !d.Open() {
			t.Errorf("closed although nobody could be asked: %+v", d)
		}
		s.Owner = "owner@cause.example"
		s.askOwners()
		if s.row("pledge").Attention.Asked.IsZero() {
			t.Fatal("not asked")
		}
		content := testContent()
		for i := range content.Actions {
			if content.Actions[i].Slug == "pledge" {
				content.Actions[i].Closes = s.Now().Add(300 * day)
			}
		}
		s.load(content)
		s.askOwners()
		s.clock.Move(undersigned.AttentionWithin)
		if d := s.decide("pledge"); !d.Open() || !s.row("pledge").Attention.Asked.IsZero() {
			t.Errorf("it has a last day now: %+v", d)
		}
	})
}

func TestAnOrganizerKeepsLessAndNeverMoreThanSignersWereTold(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		keeping := func(days int) *undersigned.Content {
			c := testContent()
			c.Actions[0].KeepDays = days
			return c
		}
		s.load(keeping(30))
		s.load(keeping(60)) // nobody has signed yet
		s.sign("petition", "Ana", "ana@gmail.com")
		s.tick()
		for _, more := range []int{61, 90, 0} {
			_, err := s.Import(t.Context(), undersigned.UserID{}, keeping(more), true)
			if err == nil || !strings.Contains(err.Error(), "erased 60 days after it closes") {
				t.Errorf("%d days after 60 were promised: %v", more, err)
			}
		}
		s.load(keeping(7))
		if got := s.row("petition").KeepDays; got != 7 {
			t.Errorf("%d days", got)
		}
		s.clock.Move(30 * day) // it closes
		s.sweep()
		s.clock.Move(7*day - time.Second)
		s.sweep()
		if n := s.readable("petition", true); n != 1 {
			t.Errorf("%d rows within its time", n)
		}
		s.clock.Move(time.Second)
		s.sweep()
		if n := s.readable("petition", false); n != 0 || s.row("petition").LogState != store.LogDestroyed {
			t.Errorf("%d rows after it", n)
		}
		if _, err := s.Keys.Data(t.Context(), s.row("pledge").PID); errors.Is(err, seal.ErrKeyDestroyed) {
			t.Error("another petition's keys are gone")
		}
	})
}

// What was promised for longer is not destroyed behind the backs of those who asked to hear of it.
func TestAskThatHasClosedKeepsWhatItWasToldUntilItsErasureIsToldOf(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		keeping := func(days int) error {
			c := testContent()
			c.Actions[0].KeepDays = days
			_, err := s.Import(t.Context(), undersigned.UserID{}, c, true)
			return err
		}
		s.subscribes("Ana", "ana@example.org")
		s.tick()
		s.clock.Move(30 * day) // it closes
		s.sweep()
		s.clock.Move(10 * day)
		s.sweep()
		for _, days := range []int{1, 23} {
			err := keeping(days)
			wantFieldError(t, err, "keep_days", "error.edit.keep_warned")
			if !strings.Contains(err.Error(), "can be 24, not less") {
				t.Errorf("%d days: %v", days, err)
			}
		}
		s.sweep()
		if n := s.readable("petition", true); n != 1 {
			t.Errorf("%d rows are left", n)
		}
		must(t, keeping(24))
		must(t, s.WarnOfErasing(t.Context()))
		s.wantUpdates("scheduled erasing petition " + string(undersigned.DayOf(s.Now().Add(14*day))))
	})
}
