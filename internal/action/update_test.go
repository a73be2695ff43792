package action

import (
	"regexp"
	"testing"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
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

var unsubscribeLink = regexp.MustCompile(`/unsubscribe/([A-Za-z0-9_-]+)`)

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
		subjects, links := map[string]int{}, 0
		for _, m := range s.box.mails {
			if subjects[m.Subject]++; m.To != "me@cause.example" {
				t.Errorf("a mail to %s", m.To)
			}
			for _, part := range []string{m.Text, m.HTML, m.Unsubscribe} {
				for _, link := range unsubscribeLink.FindAllStringSubmatch(part, -1) {
					links++
					must(t, s.StopMail(t.Context(), link[1], false))
					if stop, err := s.OpenStop(t.Context(), link[1]); err != nil || !stop.Trial {
						t.Errorf("its link opens %+v, %v", stop, err)
					}
				}
			}
		}
		must(t, s.TryUpdate(t.Context(), nobody, u.ID, "me@cause.example", "en"))
		if s.work(); len(s.box.mails) != 4 || links < 9 {
			t.Errorf("%d mails after %d links were pressed", len(s.box.mails), links)
		}
		if subjects["It moves"] != 2 || subjects["Avanza"] != 1 {
			t.Errorf("subjects: %v", subjects)
		}
		s.stands(u, undersigned.UpdateDraft)
	})
}

// Between the look and the first mail it is the organiser who decides.
func TestUpdateBeginsAsItStandsWhenItBegins(t *testing.T) {
	move := func(to undersigned.UpdateState) func(*testSite, *undersigned.Update) {
		return func(s *testSite, u *undersigned.Update) { must(s.t, s.MoveUpdate(s.t.Context(), nobody, u.ID, to)) }
	}
	for name, test := range map[string]struct {
		meanwhile func(*testSite, *undersigned.Update)
		state     undersigned.UpdateState // afterwards; empty where it has begun
	}{
		"nothing":    {func(*testSite, *undersigned.Update) {}, ""},
		"called off": {move(undersigned.UpdateCancelled), undersigned.UpdateCancelled},
		"taken back": {move(undersigned.UpdateDraft), undersigned.UpdateDraft},
		"later": {func(s *testSite, u *undersigned.Update) {
			must(s.t, s.ScheduleUpdate(s.t.Context(), nobody, u.ID, s.Now().Add(time.Hour)))
		}, undersigned.UpdateScheduled},
		"other words": {func(s *testSite, u *undersigned.Update) {
			u.Texts = map[string]undersigned.UpdateText{"en": {Subject: "Other words", Body: "These."}}
			must(s.t, s.DB.Update(s.t.Context(), store.Bulk, func(tx *store.Tx) error { _, err := tx.WriteUpdate(u); return err }))
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			run(t, func(t *testing.T, s *testSite) {
				s.audience(3)
				u := s.scheduled()
				sender := s.NewsSender(s.post)
				claimed, err := sender.claim(t.Context())
				must(t, err)
				content, err := s.issueFor(t.Context(), claimed)
				must(t, err)
				now := *claimed
				test.meanwhile(s, &now)
				begun, err := sender.begin(t.Context(), claimed, content)
				must(t, err)
				if (begun == nil) != (test.state != "") {
					t.Fatalf("it has begun: %+v", begun)
				}
				if begun == nil {
					s.stands(u, test.state)
					return
				}
				if got := s.stands(u, undersigned.UpdateSending); begun.Version() != now.Version() || got.Begun.IsZero() {
					t.Errorf("it begins with %s, and stands at %+v", begun.Version(), got)
				}
			})
		})
	}
}
