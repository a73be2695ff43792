package action

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/undersigned/undersigned"
)

const (
	askURL  = "https://other.example/ask"
	filmURL = "https://films.example/lost"
)

// loadLinks imports the cause with a film beside the ask elsewhere.
func (s *testSite) loadLinks() {
	s.t.Helper()
	content := testContent()
	content.Resources = []undersigned.Resource{{Slug: "film", Shelf: undersigned.Learn, Kind: undersigned.Film, AsOf: "2026-11-22",
		Links: []undersigned.ResourceLink{{URL: filmURL, Archived: "https://archive.example/lost"}, {URL: askURL}},
		Texts: map[string]undersigned.ResourceText{"en": {Title: "Lost", Body: "A film."}}}}
	s.load(content)
}

// look saves what was found of both links, and moves on to the same hour of the next day.
func (s *testSite) look(ask, film undersigned.Finding) {
	s.t.Helper()
	at := s.clock.Now()
	must(s.t, s.SaveLooks(s.t.Context(), []undersigned.Look{{URL: askURL, At: at, Finding: ask}, {URL: filmURL, At: at, Finding: film}}))
	s.notice()
	s.clock.Move(24 * time.Hour)
}

func (s *testSite) asksElsewhere() undersigned.Decision {
	s.t.Helper()
	return s.action("elsewhere").Decide(nil, s.clock.Now())
}

func TestPetitionThatVanishedIsNotAskedForAndTheDiaryHearsOfIt(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.loadLinks()
		s.notice()
		opened := s.diary()
		s.look(undersigned.FoundNothing, undersigned.FoundOtherName)
		s.look(undersigned.FoundOffline, undersigned.FoundOffline)
		s.look(undersigned.FoundNoAnswer, undersigned.FoundOtherName)
		if told := s.diary(); !s.asksElsewhere().Open() || !slices.Equal(told, opened) {
			t.Errorf("after two days: %+v, told %q", s.asksElsewhere(), told)
		}
		s.look(undersigned.FoundNothing, undersigned.FoundOtherName)
		if d := s.asksElsewhere(); d.Reason != undersigned.ReasonLinkBroken {
			t.Errorf("after three days: %+v", d)
		}
		// The ask by its own entry; the film by its URL; the ask's URL once more because the film's entry has it too.
		told := s.diary()
		for _, want := range []string{"paused elsewhere link_broken", "link_died " + filmURL + " other_name", "link_died " + askURL + " not_found"} {
			if !slices.Contains(told, want) {
				t.Errorf("told %q, not %q", told, want)
			}
		}
		s.look(undersigned.FoundNothing, undersigned.FoundOtherName)
		if again := s.diary(); !slices.Equal(again, told) {
			t.Errorf("told again: %q", again)
		}
		s.look(undersigned.FoundFrontPage, undersigned.FoundWall)
		if again := s.diary(); s.asksElsewhere().Open() || !slices.Equal(again, told) {
			t.Errorf("when somebody else answers there: %+v, told %q", s.asksElsewhere(), again)
		}
		s.look(undersigned.FoundWorking, undersigned.FoundMoved)
		told = s.diary()
		if !s.asksElsewhere().Open() || !slices.Contains(told, "link_back "+askURL+" ") || !slices.Contains(told, "link_back "+filmURL+" ") {
			t.Errorf("when it came back: %+v, told %q", s.asksElsewhere(), told)
		}
	})
}

func TestAskBuriedBehindAFrontPageIsNotAskedForAndALibraryLinkIsOnlyDoubted(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.loadLinks()
		for range undersigned.LinkStrikes {
			s.look(undersigned.FoundFrontPage, undersigned.FoundFrontPage)
		}
		if d := s.asksElsewhere(); d.Reason != undersigned.ReasonLinkBroken {
			t.Errorf("after three days: %+v", d)
		}
		list, err := s.WatchedLinks(t.Context())
		must(t, err)
		for _, l := range list {
			if l.URL == filmURL && l.State != undersigned.LinkUnclear {
				t.Errorf("the film's link is %s", l.State)
			}
		}
	})
}

func TestImportForgetsNothingOfLinks(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.loadLinks()
		s.look(undersigned.FoundWorking, undersigned.FoundNothing)
		s.load(testContent())
		s.loadLinks()
		list, err := s.WatchedLinks(t.Context())
		must(t, err)
		if len(list) != 2 || list[0].State != undersigned.LinkWorks || list[1].State != undersigned.LinkFailing ||
			list[1].Archived != "https://archive.example/lost" ||
			!slices.Equal(list[0].Places, []string{"cause/action/elsewhere", "cause/resource/film"}) {
			t.Errorf("known are %+v", list)
		}
	})
}

func TestLinksAreLookedAtByOneNodeOrCommandAtATime(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		wantTurn := func(want bool) {
			t.Helper()
			done := false
			turn, err := s.LookInTurn(t.Context(), func() error { done = true; return nil })
			if err != nil || turn != want || done != want {
				t.Errorf("a turn: %v, done %v, %v; want %v", turn, done, err, want)
			}
		}
		broken := errors.New("the round failed")
		turn, err := s.LookInTurn(t.Context(), func() error { wantTurn(false); return broken })
		if !turn || !errors.Is(err, broken) {
			t.Errorf("the first: %v, %v", turn, err)
		}
		wantTurn(true)
		wantTurn(true)
		_, err = s.LookInTurn(t.Context(), func() error { // and crashes, so that it never leaves it
			s.clock.Move(lookLease)
			wantTurn(true)
			return nil
		})
		must(t, err)
	})
}

func TestAFewLinksAreDueEachHourAndEachOnceADay(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		content := testContent()
		for i := range 60 {
			content.Organizations = append(content.Organizations, undersigned.Organization{Slug: "o" + string(rune('a'+i%26)) + string(rune('a'+i/26)),
				URL: "https://example.org/" + string(rune('a'+i%26)) + string(rune('a'+i/26))})
		}
		s.load(content)
		looked := map[string]int{}
		for hour := range 48 {
			due, others, err := s.DueLinks(t.Context())
			must(t, err)
			if len(due) > 7 || len(due)+len(others) != 61 {
				t.Fatalf("hour %d: %d due, %d others", hour, len(due), len(others))
			}
			var looks []undersigned.Look
			for _, l := range due {
				looked[l.URL]++
				looks = append(looks, undersigned.Look{URL: l.URL, At: s.clock.Now(), Finding: undersigned.FoundWorking})
			}
			must(t, s.SaveLooks(t.Context(), looks))
			s.clock.Move(time.Hour)
		}
		for url, times := range looked {
			if times < 2 || times > 3 {
				t.Errorf("%s was looked at %d times in two days", url, times)
			}
		}
		if len(looked) != 61 {
			t.Errorf("%d links were looked at", len(looked))
		}
	})
}
