package action

import (
	"testing"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
)

// told lists what the diary tells, the latest first.
func (s *testSite) told() (kinds []undersigned.EventKind) {
	s.t.Helper()
	must(s.t, s.DB.View(s.t.Context(), func(tx *store.Tx) error {
		events, err := tx.Events("", tx.Now.Add(time.Hour), 100)
		for _, e := range events {
			kinds = append(kinds, e.Kind)
		}
		return err
	}))
	return kinds
}

func TestPausedAskTakesNothingAndItsLinksCountOnceItGoesOn(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		must(t, s.NoticeAsks(t.Context()))
		waiting := s.request("petition", "Ana", "ana@gmail.com")
		before := len(s.told())
		for _, step := range []struct {
			do   func() (bool, error)
			want bool
		}{
			{func() (bool, error) { return s.Resume(t.Context(), moderator, s.action("petition")) }, false},
			{func() (bool, error) { return s.Pause(t.Context(), moderator, s.action("petition")) }, true},
			{func() (bool, error) { return s.Pause(t.Context(), moderator, s.action("petition")) }, false},
		} {
			s.clock.Move(time.Second)
			if done, err := step.do(); done != step.want || err != nil {
				t.Errorf("%v, %v", done, err)
			}
		}
		if d := s.told(); len(d) != before+1 || d[0] != undersigned.AskPaused {
			t.Errorf("the diary tells %v", d)
		}
		wantKind(t, s.SignPetition(t.Context(), s.input("petition", "Bo", "bo@gmail.com")), undersigned.Gone, "error.paused")
		for range 2 {
			if c := s.confirm(waiting, Paused); c.ID != "" || c.MyToken != "" {
				t.Errorf("%+v", c)
			}
		}
		if c, err := s.OpenConfirmation(t.Context(), waiting); err != nil || c.Outcome != Paused {
			t.Errorf("%+v, %v", c, err)
		}
		s.sign("pledge", "Cy", "cy@gmail.com") // which is not paused
		s.load(testContent())                  // no pack ends a pause
		if d := s.action("petition").Decide(nil, s.Now()); d.State != undersigned.ActionPaused {
			t.Errorf("%+v", d)
		}
		s.clock.Move(time.Second)
		if done, err := s.Resume(t.Context(), moderator, s.action("petition")); !done || err != nil {
			t.Errorf("resumed %v, %v", done, err)
		}
		if d := s.told(); d[0] != undersigned.AskOpened {
			t.Errorf("the diary tells %v", d)
		}
		s.confirm(waiting, Counted)
		if s.noted(undersigned.AuditPaused) != 1 || s.noted(undersigned.AuditResumed) != 1 {
			t.Errorf("the audit log has %v", s.auditLines())
		}
		s.tick()
	})
}

func TestPausedSiteStopsEveryAskAndTellsTheDiaryOnce(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		must(t, s.NoticeAsks(t.Context()))
		before := len(s.told())
		for _, want := range []bool{true, false} {
			if done, err := s.PauseSite(t.Context(), moderator); done != want || err != nil {
				t.Errorf("%v, %v", done, err)
			}
		}
		must(t, s.NoticeAsks(t.Context()))
		for _, slug := range []string{"petition", "pledge", "elsewhere"} {
			if d := s.action(slug).Decide(nil, s.Now()); d.Reason != undersigned.ReasonSite {
				t.Errorf("%s: %+v", slug, d)
			}
			if d := s.action(slug).Decide(nil, s.Now().Add(-time.Hour)); !d.Open() {
				t.Errorf("%s was paused an hour ago: %+v", slug, d)
			}
		}
		if done, err := s.Pause(t.Context(), moderator, s.action("pledge")); !done || err != nil {
			t.Errorf("%v, %v", done, err)
		}
		for _, want := range []bool{true, false} {
			if done, err := s.ResumeSite(t.Context(), moderator); done != want || err != nil {
				t.Errorf("%v, %v", done, err)
			}
		}
		if !s.action("petition").Decide(nil, s.Now()).Open() || s.action("pledge").Decide(nil, s.Now()).Reason != undersigned.ReasonPaused {
			t.Error("resuming the site resumed what was paused by itself, or did not resume the rest")
		}
		if d := s.told(); len(d) != before+3 { // paused, resumed, and the pledge
			t.Errorf("the diary tells %v", d)
		}
	})
}

func TestWhatIsOverCannotBePaused(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		a := s.action("petition")
		s.clock.Move(365 * 24 * time.Hour)
		_, err := s.Pause(t.Context(), moderator, a)
		wantKind(t, err, undersigned.Invalid, "error.pause.over")
		_, err = s.Pause(t.Context(), moderator, &undersigned.Action{Issue: "cause", Slug: "none"})
		wantKind(t, err, undersigned.NotFound, "error.not_found")
	})
}
