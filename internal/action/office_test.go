package action

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/internal/store/storetest"
)

// signFrom signs the petition from a place.
func (s *testSite) signFrom(name, country, zip string) (my string) {
	s.t.Helper()
	in := s.input("petition", name, strings.ToLower(name)+"@mail.example")
	in.Form.Country, in.Form.PostalCode = country, zip
	must(s.t, s.SignPetition(s.t.Context(), in))
	s.work()
	return s.confirm(tokenIn(s.t, s.box.mails[len(s.box.mails)-1], "/confirm/"), Counted).MyToken
}

// seats reads what is stored of a seat.
func (s *testSite) seats(seat string) *undersigned.SeatCounts {
	s.t.Helper()
	var all map[string]*undersigned.SeatCounts
	must(s.t, s.DB.View(s.t.Context(), func(tx *store.Tx) (err error) { all, err = tx.SeatCounts(seat); return err }))
	return all[s.action("petition").PID]
}

func TestSignersAreCountedBySeatOnceADay(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		count := func(again bool) { must(t, s.CountSeats(t.Context(), again)) }
		wants := func(seat string, whole, split int64) {
			t.Helper()
			if w, x, _ := s.seats(seat).Of(seat); w != whole || x != split {
				t.Errorf("%s: %d and %d, want %d and %d", seat, w, x, whole, split)
			}
		}
		count(false)
		wants("MA-05", 0, 0)
		var leaves string
		for i := range 11 {
			leaves = s.signFrom(fmt.Sprintf("A%c", 'a'+i), "US", "02148-1234")
			s.signFrom(fmt.Sprintf("B%c", 'a'+i), "US", "02139")
		}
		s.signFrom("Cleo", "MX", "02148")
		s.tick()
		count(false)
		wants("MA-05", 0, 0) // counted today already
		count(true)
		wants("MA-05", 10, 10)
		wants("MA-07", 0, 10)
		wants("MA", 20, 0)
		c := s.seats("MA-05")
		if c.LogSize != 25 || c.Congress != 119 || c.AsOf != "" || !c.At.Equal(s.Now()) ||
			!reflect.DeepEqual(c.Seats[len(c.Seats)-1], undersigned.SeatCount{Seat: "MA-05", Split: true, ZIP: "02139", AtLeast: 10}) {
			t.Errorf("%+v", c)
		}

		must(t, s.Withdraw(t.Context(), leaves, s.mine(leaves).ID))
		must(t, s.Erase(t.Context(), s.confirmed("Ba"), s.mine(s.confirmed("Ba")).ID, true)) // counts on, and nobody knows where
		s.tick()
		s.clock.Move(24 * time.Hour)
		count(false)
		wants("MA-05", 10, 10)
		wants("MA", 20, 0)
		for _, name := range []string{"Aa", "Bb"} {
			must(t, s.Withdraw(t.Context(), s.confirmed(name), s.mine(s.confirmed(name)).ID))
		}
		s.tick()
		s.clock.Move(24 * time.Hour)
		count(false)
		wants("MA-05", 0, 0)
		wants("MA", 10, 0)
	})
}

// confirmed gives the link to what somebody signed with signFrom.
func (s *testSite) confirmed(name string) string {
	return s.myToken(strings.ToLower(name) + "@mail.example")
}

func TestNumbersBySeatStayWhenTheKeysAreGone(t *testing.T) {
	storetest.Run(t, func(t *testing.T, db *store.DB, clock *storetest.Clock) {
		s := newTestSite(t, db, clock)
		s.load(testContent())
		for i := range 10 {
			s.signFrom(fmt.Sprintf("A%c", 'a'+i), "US", "02148")
		}
		s.tick()
		must(t, s.CountSeats(t.Context(), false))
		stay := func(when string) {
			t.Helper()
			must(t, s.CountSeats(t.Context(), true))
			if whole, _, _ := s.seats("MA-05").Of("MA-05"); whole != 10 {
				t.Errorf("%s, %d are told", when, whole)
			}
		}
		clock.Move(60 * 24 * time.Hour)
		stay("after the Congress, while the districts of the next are not known")
		clock.Move(-60 * 24 * time.Hour)
		must(t, s.Keys.DestroyAction(t.Context(), s.action("petition").PID))
		must(t, s.eraseRows(t.Context(), s.action("petition").PID))
		stay("when the keys are gone")
	})
}

func TestWhatPassedWithAnOfficeIsNotedAndToldOnce(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		day := undersigned.DayOf(s.Now())
		p := Passed{Bioguide: "C001101", Issue: "cause", Action: "petition", Day: day}
		if _, err := s.Answered(t.Context(), undersigned.UserID{}, p, "en", "No."); !refused(err, "day", "error.answer.early") {
			t.Errorf("an answer to nothing: %v", err)
		}
		for _, paper := range []int{7, 120} { // the second corrects the first
			member, err := s.HandOver(t.Context(), undersigned.UserID{}, p, "", paper)
			must(t, err)
			if member.Name != "Katherine M. Clark" {
				t.Errorf("handed to %s", member.Name)
			}
		}
		early := p
		early.Day = "2020-01-01"
		if _, err := s.Answered(t.Context(), undersigned.UserID{}, early, "en", "No."); !refused(err, "day", "error.answer.early") {
			t.Errorf("an answer before the question: %v", err)
		}
		_, err := s.Answered(t.Context(), undersigned.UserID{}, p, "es", "Gracias.\r\n\r\nLa oficina\r\n")
		must(t, err)
		for name, try := range map[string]func() error{
			"bioguide error.bioguide": func() error {
				x := p
				x.Bioguide = "X999999"
				_, err := s.HandOver(t.Context(), undersigned.UserID{}, x, "", 0)
				return err
			},
			"action error.action": func() error {
				x := p
				x.Action = "nothing"
				_, err := s.HandOver(t.Context(), undersigned.UserID{}, x, "", 0)
				return err
			},
			"day error.day.future": func() error {
				x := p
				x.Day = "2999-01-01"
				_, err := s.HandOver(t.Context(), undersigned.UserID{}, x, "", 0)
				return err
			},
			"day error.day": func() error {
				x := p
				x.Day = "yesterday"
				_, err := s.HandOver(t.Context(), undersigned.UserID{}, x, "", 0)
				return err
			},
			"paper error.paper":       func() error { _, err := s.HandOver(t.Context(), undersigned.UserID{}, p, "", -1); return err },
			"lang error.language":     func() error { _, err := s.Answered(t.Context(), undersigned.UserID{}, p, "en\"", "x"); return err },
			"text error.answer.empty": func() error { _, err := s.Answered(t.Context(), undersigned.UserID{}, p, "en", " \n"); return err },
		} {
			field, key, _ := strings.Cut(name, " ")
			if err := try(); !refused(err, field, key) {
				t.Errorf("%s: %v", name, err)
			}
		}
		var passed map[[2]string]*undersigned.Correspondence
		var events []undersigned.Event
		must(t, s.DB.View(t.Context(), func(tx *store.Tx) (err error) {
			passed, err = tx.Correspondence("C001101")
			if err == nil {
				events, err = tx.Events("", tx.Now.Add(time.Hour), 10)
			}
			return err
		}))
		c := passed[[2]string{"cause", "petition"}]
		if len(passed) != 1 || len(c.Handovers) != 1 || c.Handovers[0].Paper != 120 || c.Handovers[0].Member.Term.District != 5 ||
			len(c.Answers) != 1 || c.Answers[0].Lang != "es" || c.Answers[0].Text != "Gracias.\n\nLa oficina" {
			t.Errorf("%+v", c)
		}
		kinds := ""
		for _, e := range events {
			kinds += string(e.Kind) + " " + e.Subject + " " + e.Detail + "\n"
		}
		if strings.Count(kinds, "handed_over petition C001101 Katherine M. Clark") != 1 || strings.Count(kinds, "answered petition") != 1 {
			t.Errorf("the diary:\n%s", kinds)
		}
	})
}

func refused(err error, field, key string) bool {
	var wrong *undersigned.Error
	return errors.As(err, &wrong) && wrong.Kind == undersigned.Invalid && len(wrong.Fields) == 1 && wrong.Fields[0].Field == field && wrong.Fields[0].Key == key
}

// passed reads what passed between the petition and an office, and what the diary says of it.
func (s *testSite) passed(bioguide string) (c *undersigned.Correspondence, told []string) {
	s.t.Helper()
	must(s.t, s.DB.View(s.t.Context(), func(tx *store.Tx) error {
		all, err := tx.Correspondence(bioguide)
		if err != nil {
			return err
		}
		if c = all[[2]string{"cause", "petition"}]; c == nil {
			c = &undersigned.Correspondence{}
		}
		answers, err := tx.Answers()
		if err != nil {
			return err
		}
		answers = slices.DeleteFunc(answers, func(a undersigned.Answer) bool { return a.Member.Bioguide != bioguide })
		if !reflect.DeepEqual(answers, c.Answers) && len(answers)+len(c.Answers) > 0 {
			s.t.Errorf("of all answers %+v, of this office %+v", answers, c.Answers)
		}
		events, err := tx.Events("cause", s.Now(), 100)
		for _, e := range events {
			if e.Kind == undersigned.HandedOver || e.Kind == undersigned.Answered {
				told = append(told, string(e.Kind)+" "+e.Detail)
			}
		}
		return err
	}))
	return c, told
}

func TestNoteThatWasAMistakeIsForgottenEverywhereButInTheLogOfWhoDidIt(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		p := Passed{Bioguide: "C001101", Issue: "cause", Action: "petition", Day: "2026-11-20"}
		other := p
		other.Bioguide = "W000817"
		for _, p := range []Passed{p, other} {
			_, err := s.HandOver(t.Context(), anOwner.ID, p, undersigned.HandedInPerson, 12)
			must(t, err)
		}
		if c, _ := s.passed("C001101"); len(c.Handovers) != 1 || c.Handovers[0].How != undersigned.HandedInPerson {
			t.Errorf("%+v", c)
		}
		if _, err := s.HandOver(t.Context(), anOwner.ID, p, "pigeon", 0); !refused(err, "how", "error.handover.how") {
			t.Errorf("by pigeon: %v", err)
		}
		_, err := s.Answered(t.Context(), anOwner.ID, p, "en", "No.")
		must(t, err)
		if c, _ := s.passed("C001101"); len(c.Answers) != 1 {
			t.Errorf("%+v", c)
		}
		if done, err := s.TakeBackHandOver(t.Context(), anOwner.ID, p); done || !refused(err, "day", "error.handover.answered") {
			t.Errorf("what was answered was never handed over: %v, %v", done, err)
		}
		for i, want := range []bool{true, false} { // pressed twice
			if done, err := s.TakeBackAnswer(t.Context(), anOwner.ID, p); done != want || err != nil {
				t.Errorf("answer, %d: %v, %v", i, done, err)
			}
			if done, err := s.TakeBackHandOver(t.Context(), anOwner.ID, p); done != want || err != nil {
				t.Errorf("hand-over, %d: %v, %v", i, done, err)
			}
		}
		c, told := s.passed("C001101")
		if len(c.Handovers)+len(c.Answers) > 0 || len(told) != 1 || told[0] != "handed_over W000817 Elizabeth Warren" {
			t.Errorf("%+v, and the diary says %q", c, told)
		}
		var verbs []undersigned.AuditVerb
		for _, line := range s.auditLines() {
			if line.Subject == "cause/petition" {
				verbs = append(verbs, line.Verb)
			}
		}
		want := []undersigned.AuditVerb{undersigned.AuditHandedOver, undersigned.AuditHandedOver, undersigned.AuditAnswered, undersigned.AuditAnswerTakenBack, undersigned.AuditHandOverTakenBack}
		slices.Sort(verbs)
		slices.Sort(want)
		if !slices.Equal(verbs, want) {
			t.Errorf("the log says %v", verbs)
		}
	})
}
