package action

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/mail"
	"github.com/undersigned/undersigned/internal/store"
)

// boundContent is the cause with two asks about a bill, whose organiser lets news go out by themselves.
func boundContent(news undersigned.NewsSettings) *undersigned.Content {
	content := testContent()
	id := undersigned.BillID{Congress: 119, Type: "hr", Number: 6397}
	content.Issue.News = news
	content.Bills = []undersigned.Bill{{BillID: id, Title: "A bill", Stage: undersigned.InCommittee, AsOf: "2025-12-04"}}
	for _, slug := range []string{"bound", "tied"} {
		content.Actions = append(content.Actions, undersigned.Action{Issue: "cause", Slug: slug, Kind: undersigned.Petition,
			State: undersigned.ActionOpen, Order: 4, Bill: id, Position: undersigned.Support, Texts: content.Actions[0].Texts})
	}
	return content
}

// moves lets the updater learn where the bill stands.
func (s *testSite) moves(stages ...undersigned.Stage) {
	s.t.Helper()
	for _, stage := range stages {
		bill := &undersigned.Bill{BillID: undersigned.BillID{Congress: 119, Type: "hr", Number: 6397}, Title: "A bill", Stage: stage,
			Decided: undersigned.DayOf(s.Now()), AsOf: undersigned.DayOf(s.Now()),
			Events: []undersigned.BillEvent{{Date: undersigned.DayOf(s.Now().Add(-24 * time.Hour)), Stage: stage}}}
		must(s.t, s.SaveBills(s.t.Context(), []*undersigned.Bill{bill}))
		s.notice()
	}
}

// updates lists all updates as "state cause about detail".
func (s *testSite) updates() (list []string) {
	s.t.Helper()
	must(s.t, s.DB.View(s.t.Context(), func(tx *store.Tx) error {
		all, err := tx.Updates()
		for _, u := range all {
			list = append(list, strings.Join([]string{string(u.State), string(u.Cause), u.About, u.Detail}, " "))
		}
		return err
	}))
	return list
}

func (s *testSite) wantUpdates(want ...string) {
	s.t.Helper()
	got := s.updates()
	if len(got) != len(want) {
		s.t.Fatalf("updates %q, want %q", got, want)
	}
	for _, w := range want {
		found := false
		for _, g := range got {
			found = found || g == w
		}
		if !found {
			s.t.Fatalf("updates %q, want %q", got, want)
		}
	}
}

func TestBillThatMovesIsToldADayLaterWhereTheOrganiserAllowsIt(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.load(boundContent(undersigned.NewsSettings{Bill: true}))
		s.moves(undersigned.InCommittee, undersigned.OnCalendar)
		s.wantUpdates() // nobody wants to hear
		s.audience(5)
		s.moves(undersigned.PassedHouse, undersigned.PassedHouse)
		s.wantUpdates("scheduled bill 119hr6397 passed_house")
		sender := s.NewsSender(s.post)
		if s.step(sender) {
			t.Fatal("it is told at once")
		}
		s.clock.Move(autoDelay)
		s.sends(sender)
		if len(s.box.mails) != 5 {
			t.Fatalf("%d mails", len(s.box.mails))
		}
		for _, m := range s.box.mails {
			words := map[string]string{"en": "H.R. 6397 (119th Congress), A bill: Passed by the House", "es": "H.R. 6397 (119.º Congreso), A bill: Aprobado por la Cámara"}
			if !strings.Contains(m.Text, words[m.Language]) || strings.Contains(m.Subject, "6397") {
				t.Errorf("%s: %s %s", m.Language, m.Subject, m.Text)
			}
		}
	})
}

func TestWhatIsNotSoAnyMoreIsNotTold(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.load(boundContent(undersigned.NewsSettings{Bill: true, Closing: true}))
		s.audience(5)
		s.notice()
		s.moves(undersigned.InCommittee, undersigned.PassedHouse)
		s.clock.Move(time.Hour)
		s.moves(undersigned.Enacted) // read wrongly
		s.wantUpdates("cancelled bill 119hr6397 passed_house", "cancelled bill 119hr6397 enacted", "scheduled closing bound tied bill_enacted bill_enacted")
		s.clock.Move(time.Hour)
		s.moves(undersigned.PassedSenate) // as it really was
		s.clock.Move(autoDelay - time.Minute)
		sender := s.NewsSender(s.post)
		s.sends(sender)
		s.wantUpdates("cancelled bill 119hr6397 passed_house", "cancelled bill 119hr6397 enacted", "cancelled closing bound tied bill_enacted bill_enacted", "scheduled bill 119hr6397 passed_senate")
		s.clock.Move(time.Hour)
		s.sends(sender)
		told := slices.ContainsFunc(s.box.mails, func(m *mail.Message) bool { return strings.Contains(m.Text, "Passed by the Senate") })
		if len(s.box.mails) != 5 || !told {
			t.Errorf("%d mails", len(s.box.mails))
		}
	})
}

func TestAsksThatCloseWithinADayAreToldInOneMail(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.load(boundContent(undersigned.NewsSettings{Closing: true}))
		s.audience(4)
		s.notice()
		s.clock.Move(undersigned.CongressEnds(119).Sub(s.clock.Now())) // the petition's own date has come, too
		s.notice()
		s.wantUpdates("scheduled closing petition bound tied date bill_died bill_died")
		s.clock.Move(autoDelay)
		s.sends(s.NewsSender(s.post))
		if len(s.box.mails) != 4 {
			t.Fatalf("%d mails", len(s.box.mails))
		}
		for _, m := range s.box.mails {
			for _, slug := range []string{"petition", "bound", "tied"} {
				if !strings.Contains(m.Text, "/cause/"+slug) {
					t.Errorf("%s is missing: %s", slug, m.Text)
				}
			}
		}
		s.notice()
		if n := len(s.updates()); n != 1 {
			t.Errorf("%d updates", n)
		}
	})
}

func TestNothingGoesOutByItselfUnlessTheOrganiserAllowsIt(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.load(boundContent(undersigned.NewsSettings{}))
		s.audience(4)
		s.notice()
		s.moves(undersigned.InCommittee, undersigned.PassedHouse, undersigned.Enacted)
		s.wantUpdates()
	})
}

func TestWordsOfAnUpdateThatGoesOutByItselfCanBeTheOrganisersOwn(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.load(boundContent(undersigned.NewsSettings{Bill: true, Closing: true}))
		s.audience(4)
		s.notice()
		s.moves(undersigned.InCommittee, undersigned.PassedHouse)
		var id undersigned.UpdateID
		must(t, s.DB.View(t.Context(), func(tx *store.Tx) error {
			all, err := tx.Updates()
			id = all[0].ID
			return err
		}))
		if takenBack, err := s.WriteUpdate(t.Context(), nobody, id, "", newsTexts); err != nil || takenBack { // nobody has sent other words
			t.Fatal(takenBack, err)
		}
		must(t, s.ScheduleUpdate(t.Context(), nobody, id, time.Time{}))
		s.moves(undersigned.PassedSenate)
		s.sends(s.NewsSender(s.post))
		for _, m := range s.box.mails {
			if m.Subject != newsTexts[m.Language].Subject {
				t.Errorf("subject %s", m.Subject)
			}
		}
		if len(s.box.mails) != 4 {
			t.Errorf("%d mails", len(s.box.mails))
		}
	})
}

// TestWhoAskedForNewsIsToldBeforeSignaturesAreErased goes from the closing to the erasure.
func TestWhoAskedForNewsIsToldBeforeSignaturesAreErased(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		my := s.subscribes("Ana", "ana@example.org")
		before := len(s.box.mails)
		s.tick()
		sender := s.NewsSender(s.post)
		var told []time.Time
		for day := range 130 {
			s.clock.Move(24 * time.Hour)
			must(t, s.CloseInLog(t.Context()))
			s.tick()
			must(t, s.WarnOfErasing(t.Context()))
			must(t, s.WarnOfErasing(t.Context()))
			s.sends(sender)
			if n := len(s.box.mails) - before; n > len(told) {
				told = append(told, s.Now())
			}
			if _, err := s.Purge(t.Context()); err != nil {
				t.Fatal(day, err)
			}
			must(t, s.ResealNews(t.Context()))
		}
		if len(told) != 1 || len(s.box.mails) != before+1 {
			t.Fatalf("told at %v, %d mails", told, len(s.box.mails)-before)
		}
		m := s.box.mails[before]
		if m.To != "ana@example.org" || !strings.Contains(m.Text, "Close the centres") || !strings.Contains(m.Text, "March") {
			t.Errorf("to %s: %s", m.To, m.Text)
		}
		if rows := s.rows("petition"); rows[undersigned.SignatureCounted] == 0 {
			t.Errorf("signatures: %v", rows)
		}
		must(t, s.DB.View(t.Context(), func(tx *store.Tx) error {
			n, err := tx.CountReadable(s.action("petition").PID)
			if n != 0 {
				t.Error("nothing was erased")
			}
			return err
		}))
		s.hears(s.myToken("ana@example.org"), true) // the news go on
		_ = my
	})
}

// Whoever signed is warned also where nobody sees the issue any more, and nobody after it has happened.
func TestErasureOfADraftIsToldInTime(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.subscribes("Ana", "ana@example.org")
		before := len(s.box.mails)
		content := testContent()
		content.Issue.State = undersigned.IssueDraft
		s.load(content)
		must(t, s.CloseInLog(t.Context()))
		s.clock.Move(80 * 24 * time.Hour)
		must(t, s.CloseInLog(t.Context()))
		must(t, s.WarnOfErasing(t.Context()))
		sender := s.NewsSender(s.post)
		s.sends(sender)
		if mails := s.box.mails[before:]; len(mails) != 1 || !strings.Contains(mails[0].Subject, "erased") {
			t.Errorf("%d mails", len(mails))
		}
		late := undersigned.Update{ID: undersigned.NewUpdateID(), Issue: "cause", State: undersigned.UpdateScheduled, Cause: undersigned.EraseSoon, About: "pledge",
			Detail: string(undersigned.DayOf(s.Now())), At: s.Now(), Texts: map[string]undersigned.UpdateText{"en": {Subject: "Soon", Body: "Soon."}}}
		must(t, s.DB.Update(t.Context(), store.Bulk, func(tx *store.Tx) error { _, err := tx.InsertUpdate(&late); return err }))
		s.clock.Move(24 * time.Hour)
		s.sends(sender)
		if n := len(s.box.mails) - before; n != 1 {
			t.Errorf("%d mails", n)
		}
		s.stands(&late, undersigned.UpdateCancelled)
	})
}
