package web

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
)

// everyForm is a cause with each kind of ask that takes an address.
func everyForm() *undersigned.Content {
	c := volunteerContent()
	c.Actions = append(c.Actions,
		undersigned.Action{Issue: "shelter", Slug: "equality", Kind: undersigned.Petition, State: undersigned.ActionOpen, Order: 3, Publish: undersigned.Live,
			Texts: map[string]undersigned.ActionText{"en": {Title: "Equality", Ask: "Please.", Body: "Because."}}},
		undersigned.Action{Issue: "shelter", Slug: "governor", Kind: undersigned.Letter, State: undersigned.ActionOpen, Order: 4,
			Addressees: []undersigned.Addressee{{Slug: "governor", Name: "Ana Gómez", Role: "Governor", Email: "office@governor.example"}},
			Texts:      map[string]undersigned.ActionText{"en": {Title: "Write", Ask: "Please.", Subject: "Shelter", Words: "Open the shelters."}}})
	return c
}

// addressForms are all forms of the public site that take an address, filled in.
func (s *testSite) addressForms(email string) map[string]url.Values {
	s.t.Helper()
	letter := url.Values{"subject": {"Shelter"}, "text": {"It is cold."}, "given_name": {"Ana"}, "email": {email}}
	letter.Set("outreach", s.between(s.post("/shelter/governor", url.Values{"subject": {"Shelter"}, "text": {"It is cold."}}), `name="outreach" value="`, `"`))
	return map[string]url.Values{
		"/shelter/equality":  s.form("/shelter/equality", email),
		"/shelter/translate": s.offer("/shelter/translate", email),
		"/shelter/governor":  letter,
		"/my":                s.askFor(email),
	}
}

// letterRows counts the letters that the site keeps.
func (s *testSite) letterRows() (n int64) {
	s.t.Helper()
	s.must(s.db.View(s.t.Context(), func(tx *store.Tx) error {
		rows, err := tx.SealedRows()
		n = rows.Letters
		return err
	}))
	return n
}

// oneVisit is the token that each page of a letter has for itself.
var oneVisit = regexp.MustCompile(`name="outreach" value="[^"]*"`)

// An outsider types an address into each form and looks at everything that comes back: the answer, the page that it leads
// to, and what else anybody can see. Whether its owner has signed, written, volunteered, wants no mail or has had too many
// makes no difference to any of it, and none to what the form makes the site do.
func TestNoFormTellsWhatAnAddressHasDone(t *testing.T) {
	s := newSiteOf(t, everyForm(), &url.URL{Scheme: "https", Host: testHost})
	const known, blocked, limited = "anna@mail.example", "none@mail.example", "lots@mail.example" // all of one length
	confirm := func(email string) (stop string) {
		for path, form := range s.addressForms(email) {
			wantStatus(t, s.post(path, form), http.StatusSeeOther)
			m := s.letter()
			u, err := url.Parse(m.Unsubscribe)
			s.must(err)
			stop = u.Path
			if path != "/my" {
				wantStatus(t, s.do(http.MethodPost, s.pathIn(m), ""), http.StatusOK)
			}
			if path == "/shelter/translate" {
				s.letter() // to the coordinator
			}
		}
		return stop
	}
	confirm(known)
	wantStatus(t, s.do(http.MethodPost, confirm(blocked), ""), http.StatusOK)
	s.tick()
	go func() { // the mail server of the rest
		for range s.mail {
		}
	}()
	defer close(s.mail)
	for range 12 { // more mails than an address gets
		for path, form := range s.addressForms(limited) {
			s.post(path, form)
		}
		s.pass(time.Hour)
	}
	look := func(path, email string, form url.Values) string {
		before := s.letterRows()
		w := s.post(path, form)
		kept := s.letterRows() - before
		w.Header().Del("Date")
		seen := fmt.Sprintf("%d %v %s\n", w.Code, w.Header(), w.Body)
		if location := w.Header().Get("Location"); location != "" {
			next := s.get(location)
			next.Header().Del("Date")
			seen += fmt.Sprintf("%d %v %s\n", next.Code, next.Header(), next.Body)
		}
		return oneVisit.ReplaceAllString(strings.ReplaceAll(seen, email, "TYPED"), "") + fmt.Sprintf("%d letters", kept)
	}
	for _, wrong := range []bool{false, true} {
		seen := map[string][]string{}
		for _, email := range []string{"newa@mail.example", known, "ANNA@MAIL.example", blocked, limited} {
			for path, form := range s.addressForms(email) {
				switch {
				case wrong && path == "/my":
					continue
				case wrong:
					form.Set("given_name", "www.spam.example")
					form.Set("outreach", "x") // of the page, whose token is another each time
				}
				seen[path] = append(seen[path], look(path, email, form))
			}
			if !wrong {
				s.pass(time.Hour) // or all of them would be asked to wait
			}
		}
		for path, answers := range seen {
			if kinds := slices.Compact(slices.Clone(answers)); len(kinds) != 1 {
				t.Errorf("%s, wrong %v: %d kinds of answers: %s", path, wrong, len(kinds), firstDifference(kinds[0], kinds[1]))
			}
			if want := map[bool]string{false: "303 ", true: "422 "}[wrong]; !strings.HasPrefix(answers[0], want) {
				t.Errorf("%s, wrong %v: %.200s", path, wrong, answers[0])
			}
		}
	}
}

func firstDifference(a, b string) string {
	i := 0
	for i < min(len(a), len(b)) && a[i] == b[i] {
		i++
	}
	from := max(0, i-100)
	return fmt.Sprintf("%q and %q", a[from:min(len(a), i+100)], b[from:min(len(b), i+100)])
}
