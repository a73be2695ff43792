package web

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/undersigned/undersigned"
)

// Between form and click an ask is paused: whoever presses is told, and loses nothing.
func TestPauseIsToldOnEveryPageThatItConcerns(t *testing.T) {
	s := newSite(t)
	form, link := s.form("/shelter/equality", "bo@gmail.com"), s.sign("/shelter/equality", "ana@gmail.com")
	_, err := s.actions.Pause(t.Context(), undersigned.UserID{}, &undersigned.Action{Issue: "shelter", Slug: "equality"})
	s.must(err)
	s.tick()
	wantWords(t, s.get("/shelter/equality"), "Paused", "The organizer has paused it for now")
	w := s.post("/shelter/equality", form)
	wantStatus(t, w, http.StatusGone)
	wantWords(t, w, "This was paused before your form arrived", "For my brother.")
	for range 2 {
		wantWords(t, s.get(link), "Paused just now", "Its link works for three days")
		wantWords(t, s.post(link, url.Values{}), "nothing is lost", "The organizer has paused it")
	}
	_, err = s.actions.PauseSite(t.Context(), undersigned.UserID{})
	s.must(err)
	s.tick()
	for _, path := range []string{"/", "/shelter", "/shelter/equality", "/shelter/promise", "/shelter/letter"} {
		wantWords(t, s.get(path), "Everything on this site is paused for now")
	}
	wantWords(t, s.get("/es/diary"), "Todo en este sitio se puso en pausa")
	_, err = s.actions.ResumeSite(t.Context(), undersigned.UserID{})
	s.must(err)
	s.tick()
	wantWords(t, s.post(link, url.Values{}), "The organizer has paused it") // by itself, still
	_, err = s.actions.Resume(t.Context(), undersigned.UserID{}, &undersigned.Action{Issue: "shelter", Slug: "equality"})
	s.must(err)
	s.tick()
	wantWords(t, s.get(link), "Yes, count my name")
	s.post(link, url.Values{})
	s.tick()
	wantWords(t, s.get("/shelter/equality"), "1 person")
}
