package web

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
	"github.com/undersigned/undersigned/internal/store"
)

func TestAnOfficeReadsHowManyOfItsConstituentsSigned(t *testing.T) {
	s := newSite(t)
	wantWords(t, s.get("/offices"), "Offices of Congress", `href="/offices/C001101"`, "5th district", `href="/offices/W000817"`)
	wantWords(t, s.get("/es/offices/C001101"), "Katherine M. Clark", "Todavía no se ha contado", "https://cause.example --vkey 'cause.example/log+")
	for i := range 11 {
		form := s.form("/shelter/equality", fmt.Sprintf("ana%d@mail.example", i))
		form.Set("postal_code", []string{"02148", "02138"}[min(i/10, 1)])
		wantStatus(t, s.post("/shelter/equality", form), http.StatusSeeOther)
		wantStatus(t, s.post(s.link(), nil), http.StatusOK)
		s.pass(time.Minute)
	}
	s.tick()
	s.must(s.actions.CountSeats(t.Context(), false))
	s.tick()
	w := s.get("/offices/C001101")
	wantStatus(t, w, http.StatusOK)
	wantWords(t, w, "At least 10 constituents have signed", "fewer than 10 people whose ZIP code this district shares", "In all, 11 people have signed.", "119th Congress")
	if w.Header().Get("Cache-Control") != "no-cache" || strings.Contains(w.Body.String(), "02138") || strings.Contains(w.Body.String(), "<form") {
		t.Errorf("not a page for everybody: %v\n%s", w.Header(), w.Body)
	}
	wantWords(t, s.get("/offices/P000617"), "Fewer than 10 constituents have signed")
	wantWords(t, s.get("/offices/W000817"), "At least 10 constituents have signed", "wholly in this state")
	wantWords(t, s.get("/legislators?zip=02148"), `href="/offices/C001101"`)
	wantWords(t, s.get("/shelter/equality"), `href="/offices"`)
	for _, path := range []string{"/offices/C999999", "/offices/c001101", "/offices/MA-05", "/offices/C001101/x", "/offices/%00"} {
		wantStatus(t, s.get(path), http.StatusNotFound)
	}
}

func TestAnOfficePageCountsTheDaysOfSilence(t *testing.T) {
	s := newSite(t)
	passed := action.Passed{Bioguide: "C001101", Issue: "shelter", Action: "equality", Day: "2026-07-22"}
	_, err := s.actions.HandOver(t.Context(), undersigned.UserID{}, passed, "", 120)
	s.must(err)
	s.tick()
	wantWords(t, s.get("/offices/C001101"), "To this office on July 22, 2026. With it came 120 signatures on paper", "Answer: none for 123 days.")
	wantWords(t, s.get("/diary"), "Handed over to the office of Katherine M. Clark", `href="/offices/C001101"`)
	if strings.Contains(s.get("/offices/W000817").Body.String(), "Answer") {
		t.Error("another office was handed it too")
	}
	s.pass(24 * time.Hour)
	s.tick()
	wantWords(t, s.get("/offices/C001101"), "Answer: none for 124 days.")
	passed.Day = "2026-11-23"
	_, err = s.actions.Answered(t.Context(), undersigned.UserID{}, passed, "fr", "Merci.\r\n<script>alert(1)</script>")
	s.must(err)
	s.tick()
	w := s.get("/es/offices/C001101")
	wantWords(t, w, "Respuesta del 23 de noviembre de 2026:", `lang="fr" dir="auto">Merci.`)
	if body := w.Body.String(); strings.Contains(body, "<script>alert") || strings.Contains(body, "ninguna desde") {
		t.Errorf("the answer stands wrongly:\n%s", body)
	}
	s.pass(90 * 24 * time.Hour) // the Congress is over, and the next one is not loaded
	s.tick()
	wantWords(t, s.get("/offices/C001101"), "The term ended on January 3, 2027. We do not know yet who holds this seat in the 120th Congress.", "Answer of November 23, 2026:")
	wantWords(t, s.get("/offices"), "Not known yet", "Katherine M. Clark")
}

func TestAnOfficePageAddsUpLettersAndCalls(t *testing.T) {
	var o officeFacts
	letter := [2]string{"shelter", "letter"}
	count := func(m undersigned.Method, state undersigned.DeliveryState, n int64) store.DeliveryCount {
		return store.DeliveryCount{Issue: letter[0], Action: letter[1], Method: m, State: state, N: n}
	}
	o.heard([]store.DeliveryCount{count(undersigned.ByPost, undersigned.DeliveryByHand, 5), count(undersigned.ByWebForm, undersigned.DeliveryByHand, 6),
		count(undersigned.ByEmail, undersigned.DeliveryAccepted, 1), count(undersigned.ByEmail, undersigned.DeliveryFailed, 100),
		count(undersigned.ByEmail, undersigned.DeliveryQueued, 100), count(undersigned.ByPhone, undersigned.DeliveryByHand, 3)},
		[]store.CallCount{{Issue: letter[0], Action: letter[1], Outcome: undersigned.CallBusy, N: 4}})
	if o.letters[letter] != 12 || o.calls[letter] != 7 {
		t.Errorf("%d letters, %d calls", o.letters[letter], o.calls[letter])
	}
}
