package web

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/mail"
)

// TestAnswerToAFormTellsNothingOfTheAddress sends each form that anybody can send, and the one with which staff sign in, about
// addresses of every kind: the answers are the same to the last header.
func TestAnswerToAFormTellsNothingOfTheAddress(t *testing.T) {
	forms := strangers()
	forms["sign in"] = stranger{path: "/admin/sign-in", fill: func(_ *testSite, email string) url.Values { return url.Values{"email": {email}} }}
	for name, form := range forms {
		t.Run(name, func(t *testing.T) {
			s := newSiteOf(t, strangerContent(), &url.URL{Scheme: "https", Host: testHost})
			if name == "sign in" {
				for _, kind := range []string{"waiting", "answers", "blocked", "toooften"} {
					s.hire(undersigned.RoleEditor, kind+"@mail.example")
				}
			}
			send := func(kind string) string {
				w := s.post(form.path, form.fill(s, kind+"@mail.example"))
				if w.Code != http.StatusSeeOther {
					t.Fatalf("%s: %d", kind, w.Code)
				}
				return fmt.Sprint(w.Code, w.Header(), w.Body)
			}
			link := func(kind string, i int) string {
				for {
					if m := s.letter(); m.To == kind+"@mail.example" { // others are a coordinator's
						return s.pathOf(m, i)
					}
				}
			}
			// Who they are before the form that is looked at.
			send("waiting")
			link("waiting", 0)
			send("answers")
			s.post(link("answers", 0), url.Values{"go": {"1"}})
			send("blocked")
			if name != "sign in" { // nobody stops those
				wantStatus(t, s.post(link("blocked", 1), url.Values{"x": {"1"}}), http.StatusOK)
			}
			for range 4 {
				send("toooften")
			}
			want := send("newcomer")
			for _, kind := range []string{"waiting", "answers", "blocked", "toooften"} {
				if got := send(kind); got != want {
					t.Errorf("%s: %s\nnobody: %s", kind, got, want)
				}
			}
		})
	}
}

// pathOf gives the path of a link in a mail.
func (s *testSite) pathOf(m *mail.Message, i int) string {
	s.t.Helper()
	links := mail.Links(m.Text)
	if len(links) <= i {
		s.t.Fatalf("%d links", len(links))
	}
	u, err := url.Parse(links[i])
	s.must(err)
	return u.Path
}
