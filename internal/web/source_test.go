package web

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
)

// A link with a tag leads to a page that differs by the address of its form alone; the tag is counted when the mail goes out
// and when it is confirmed.
func TestTagOfALinkTravelsInTheAddressOfTheForm(t *testing.T) {
	s := newSite(t)
	s.must(s.actions.AddSource(t.Context(), undersigned.UserID{}, "may-letter", "The letter of May"))
	s.tick()
	plain, tagged := s.get("/shelter/equality"), s.get("/shelter/equality?s=may-letter")
	wantWords(t, tagged, `action="/shelter/equality?s=may-letter"`, `href="/es/shelter/equality?s=may-letter"`, `rel="canonical" href="https://cause.example/shelter/equality"`)
	if rest := strings.ReplaceAll(tagged.Body.String(), "?s=may-letter", ""); rest != plain.Body.String() {
		t.Error("the page of a tag differs in more than that")
	}
	if tagged.Header().Get("Set-Cookie") != "" || tagged.Header().Get("Cache-Control") != "no-cache" || tagged.Header().Get("ETag") == "" {
		t.Errorf("%v", tagged.Header())
	}
	before := s.ready.len()
	for _, query := range []string{"?s=unknown", "?s=", "?s=may-letter%00", "?x=y", "?s=a&s=may-letter", "?s=%3Cscript%3E"} {
		if w := s.get("/shelter/equality" + query); w.Body.String() != plain.Body.String() {
			t.Errorf("%s is another page", query)
		}
	}
	if s.ready.len() != before {
		t.Error("tags that nobody has made known take memory")
	}

	form := s.form("/shelter/equality?s=may-letter", "ana@gmail.com")
	form.Set("given_name", "")
	wantWords(t, s.post("/shelter/equality?s=may-letter", form), `action="/shelter/equality?s=may-letter"`)
	form.Set("given_name", "Ana")
	wantStatus(t, s.post("/shelter/equality?s=may-letter", form), http.StatusSeeOther)
	link := s.link()
	s.post(link, nil)
	s.post(link, nil)
	wantStatus(t, s.post("/shelter/equality?s=unknown", s.form("/shelter/equality", "bo@gmail.com")), http.StatusSeeOther)
	s.post(s.link(), nil)
	s.tick()
	s.must(s.db.View(t.Context(), func(tx *store.Tx) error {
		site, err := s.db.Site(t.Context())
		s.must(err)
		sums, err := tx.SourceSums(site.Issue("shelter").Action("equality").PID)
		if len(sums) != 1 || sums["may-letter"] != (store.Source{Pending: 1, Confirmed: 1}) {
			t.Errorf("counted %v", sums)
		}
		return err
	}))
	if logged := s.logged.String() + s.visited.String(); strings.Contains(logged, "may-letter") {
		t.Error("the log says who came by which tag")
	}
	_, err := s.actions.RemoveSource(t.Context(), undersigned.UserID{}, "may-letter")
	s.must(err)
	s.tick()
	if w := s.get("/shelter/equality?s=may-letter"); strings.Contains(w.Body.String(), "may-letter") {
		t.Error("a tag that was taken away is still counted")
	}
}

// A tag becomes known between a request that has it and the making of the page, which others get as well.
func TestPageOfAnUnknownTagHasNoTagWhateverIsKnownWhenItIsMade(t *testing.T) {
	s := newSite(t)
	h := s.sourced(func(ctx context.Context, v *visit, r *http.Request, tag string) (*draft, error) {
		s.must(s.actions.AddSource(ctx, undersigned.UserID{}, "may-letter", "The letter of May"))
		s.tick()
		return s.showAction(ctx, v, r, tag)
	})
	w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/shelter/equality?s=may-letter", nil)
	r.SetPathValue("issue", "shelter")
	r.SetPathValue("action", "equality")
	h.ServeHTTP(&visit{ResponseWriter: w, lang: "en", path: "/shelter/equality"}, r)
	wantWords(t, w, `action="/shelter/equality"`)
	wantWords(t, s.get("/shelter/equality?s=may-letter"), `action="/shelter/equality?s=may-letter"`)
}
