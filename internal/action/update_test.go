package action

import (
	"testing"
	"time"

	"github.com/undersigned/undersigned"
)

func TestPauseResumeAndCancelOfAnUpdate(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.audience(3 * newsBatch)
		u := s.scheduled()
		sender := s.NewsSender(s.post)
		s.step(sender)
		must(t, s.MoveUpdate(t.Context(), nobody, u.ID, undersigned.UpdatePaused))
		if s.step(sender) || len(s.box.mails) != newsBatch {
			t.Fatalf("%d mails went out", len(s.box.mails))
		}
		_, err := s.WriteUpdate(t.Context(), nobody, u.ID, "", newsTexts)
		wantKind(t, err, undersigned.Invalid, "error.update.state")
		wantKind(t, s.ScheduleUpdate(t.Context(), nobody, u.ID, time.Time{}), undersigned.Invalid, "error.update.state")
		must(t, s.MoveUpdate(t.Context(), nobody, u.ID, undersigned.UpdateSending))
		s.step(sender)
		if got := s.arrived(); len(got) != 2*newsBatch || len(s.box.mails) != 2*newsBatch {
			t.Fatalf("%d addresses, %d mails", len(got), len(s.box.mails))
		}
		must(t, s.MoveUpdate(t.Context(), nobody, u.ID, undersigned.UpdateCancelled))
		if s.step(sender) {
			t.Error("it goes on")
		}
		for _, to := range undersigned.UpdateStates {
			wantKind(t, s.MoveUpdate(t.Context(), nobody, u.ID, to), undersigned.Invalid, "error.update.state")
		}
	})
}

func TestUpdateWaitsForItsTimeAndForItsWords(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.audience(3)
		u, err := s.BeginUpdate(t.Context(), nobody, "cause", map[string]undersigned.UpdateText{"es": newsTexts["es"]})
		must(t, err)
		wantKind(t, s.ScheduleUpdate(t.Context(), nobody, u.ID, time.Time{}), undersigned.Invalid, "error.update.nothing")
		write := func(texts map[string]undersigned.UpdateText, want bool) {
			t.Helper()
			if takenBack, err := s.WriteUpdate(t.Context(), nobody, u.ID, "", texts); err != nil || takenBack != want {
				t.Fatal(takenBack, err)
			}
		}
		write(map[string]undersigned.UpdateText{"en": newsTexts["en"]}, false)
		must(t, s.ScheduleUpdate(t.Context(), nobody, u.ID, s.Now().Add(time.Hour)))
		sender := s.NewsSender(s.post)
		if s.step(sender) {
			t.Fatal("it goes out before its time")
		}
		write(map[string]undersigned.UpdateText{"en": newsTexts["en"]}, false) // pressed twice
		s.stands(u, undersigned.UpdateScheduled)
		write(newsTexts, true) // whoever sent it had other words before them
		s.stands(u, undersigned.UpdateDraft)
		s.clock.Move(2 * time.Hour)
		if s.step(sender) {
			t.Fatal("a draft goes out")
		}
		must(t, s.ScheduleUpdate(t.Context(), nobody, u.ID, time.Time{}))
		s.sends(sender)
		if len(s.box.mails) != 3 {
			t.Errorf("%d mails", len(s.box.mails))
		}
		if _, err := s.BeginUpdate(t.Context(), nobody, "nothing", newsTexts); undersigned.KindOf(err) != undersigned.NotFound {
			t.Errorf("of an issue that is not there: %v", err)
		}
	})
}

func TestUpdateIsTriedOnOneselfBeforeItGoesOut(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.audience(10)
		u, err := s.BeginUpdate(t.Context(), nobody, "cause", newsTexts)
		must(t, err)
		for _, lang := range []string{"en", "es", "xx"} {
			must(t, s.TryUpdate(t.Context(), nobody, u.ID, "me@cause.example", lang))
		}
		for _, bad := range []string{"", "me", "a@b\r\nBcc: c@d.example"} {
			wantKind(t, s.TryUpdate(t.Context(), nobody, u.ID, bad, "en"), undersigned.Invalid, "error.form")
		}
		s.work()
		subjects := map[string]int{}
		for _, m := range s.box.mails {
			if subjects[m.Subject]++; m.To != "me@cause.example" {
				t.Errorf("a mail to %s", m.To)
			}
			if _, err := s.OpenStop(t.Context(), tokenIn(t, m, "/unsubscribe/")); err != nil {
				t.Errorf("its link: %v", err)
			}
		}
		if subjects["It moves"] != 2 || subjects["Avanza"] != 1 {
			t.Errorf("subjects: %v", subjects)
		}
		s.stands(u, undersigned.UpdateDraft)
	})
}
