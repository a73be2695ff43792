package web

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
	"github.com/undersigned/undersigned/internal/mail"
	"github.com/undersigned/undersigned/internal/store"
)

const coordinator = "coordinator@project.example"

// volunteerContent is a cause with one opportunity that asks a question of each kind.
func volunteerContent() *undersigned.Content {
	text := func(title, place, weekday, weekend string) undersigned.ActionText {
		return undersigned.ActionText{Title: title, Ask: "Help us translate.", Body: "Because *it matters*.",
			Opportunity: undersigned.OpportunityText{Place: place, Hours: "4", Skills: "Legal words", Questions: []undersigned.QuestionText{
				{Question: title + ": why?"}, {Question: title + ": when?", Choices: []string{weekday, weekend}}, {Question: title + ": driver?"}}}}
	}
	return &undersigned.Content{
		Issue: undersigned.Issue{Slug: "shelter", State: undersigned.IssueOpen, Languages: []string{"en", "es"}, Timezone: "America/New_York",
			Texts: map[string]undersigned.IssueText{"en": {Title: "Shelter", Summary: "A roof.", Body: "A statement."}}},
		Actions: []undersigned.Action{
			{Issue: "shelter", Slug: "translate", Kind: undersigned.Volunteer, State: undersigned.ActionOpen, Order: 1,
				Texts: map[string]undersigned.ActionText{"en": text("Translate", "Boston", "Weekdays", "Weekends"), "es": text("Traduzca", "En Boston", "Entre semana", "Fines de semana")},
				Opportunity: undersigned.Opportunity{Languages: []string{"en", "es"},
					Coordinator: undersigned.Coordinator{Name: "Rosa Díaz", Email: coordinator},
					Questions: []undersigned.Question{{Slug: "why", Kind: undersigned.TextQuestion, Required: true},
						{Slug: "when", Kind: undersigned.ChoiceQuestion, Required: true}, {Slug: "driver", Kind: undersigned.YesNoQuestion}}}},
			{Issue: "shelter", Slug: "nobody", Kind: undersigned.Volunteer, State: undersigned.ActionOpen, Order: 2,
				Texts: map[string]undersigned.ActionText{"en": {Title: "Nobody reads", Ask: "Yet.", Body: "Yet."}}},
		},
	}
}

func newVolunteerSite(t testing.TB) *testSite {
	t.Helper()
	return newSiteOf(t, volunteerContent(), &url.URL{Scheme: "https", Host: testHost})
}

// offer fills in the form as one person would.
func (s *testSite) offer(path, email string) url.Values {
	s.t.Helper()
	return url.Values{"given_name": {"Ana"}, "family_name": {"Álvarez"}, "email": {email}, "comment": {"I speak K'iche'."},
		"answer_why": {"My brother\r\nis inside."}, "answer_when": {"2"}, "answer_driver": {"no"},
		formTokenField: {s.between(s.get(path), `name="form_token" value="`, `"`)}}
}

// letter waits for the next mail.
func (s *testSite) letter() *mail.Message {
	s.t.Helper()
	select {
	case m := <-s.mail:
		return m
	case <-time.After(20 * time.Second):
		s.t.Fatal("no mail came")
		return nil
	}
}

func (s *testSite) pathIn(m *mail.Message) string {
	s.t.Helper()
	u, err := url.Parse(mail.Links(m.Text)[0])
	s.must(err)
	return u.Path
}

func TestOfferGoesToTheCoordinatorWhoSetsWhatBecomesOfItUntilItIsTakenBack(t *testing.T) {
	for _, lang := range []string{"en", "es"} {
		t.Run(lang, func(t *testing.T) {
			s := newVolunteerSite(t)
			path := LocalPath(lang, "/shelter/translate")
			wantWords(t, s.get(path), "Rosa Díaz")
			w := s.post(path, s.offer(path, "Ana+x@mail.example"))
			wantStatus(t, w, http.StatusSeeOther)
			wantStatus(t, s.get(w.Header().Get("Location")), http.StatusOK)

			link := s.link()
			if !strings.HasPrefix(link, LocalPath(lang, "/confirm/offer/")) {
				t.Fatalf("the link is %s", link)
			}
			wantWords(t, s.get(link), "I speak K'iche'.", "Weekends", s.catalogue.Locale(lang).T("offer.confirm.button"))
			if len(s.mail) != 0 {
				t.Fatal("looking sent a mail")
			}
			confirmed := s.do(http.MethodPost, link, "")
			wantWords(t, confirmed, s.catalogue.Locale(lang).T("offer.confirm.made.title"))
			m := s.letter()
			if m.To != coordinator || m.ReplyTo != "Ana+x@mail.example" || m.Unsubscribe != "" {
				t.Errorf("to %s, answers to %s, stops at %q", m.To, m.ReplyTo, m.Unsubscribe)
			}
			for _, words := range []string{"> Ana Álvarez", "> I speak K'iche'.", "Translate: why?\n> My brother\n> is inside.", "> Weekends", "No"} {
				if !strings.Contains(m.Text, words) {
					t.Errorf("the coordinator does not read %q:\n%s", words, m.Text)
				}
			}
			wantWords(t, s.do(http.MethodPost, link, ""), s.catalogue.Locale(lang).T("offer.confirm.there.title")) // pressed twice

			desk := s.pathIn(m)
			wantWords(t, s.get(desk), "Ana Álvarez", "Received")
			for _, state := range []string{"in_touch", "active", "done"} {
				wantStatus(t, s.post(desk, url.Values{"state": {state}}), http.StatusSeeOther)
				wantWords(t, s.get(desk), s.catalogue.Locale("en").T("offer.state."+state))
			}
			wantStatus(t, s.post(desk, url.Values{"state": {"declined"}}), http.StatusUnprocessableEntity)

			mine := LocalPath(lang, "/my/"+s.between(confirmed, `href="`+LocalPath(lang, "/my/"), `"`))
			page := s.get(mine)
			wantWords(t, page, s.catalogue.Locale(lang).T("offer.state.done"), "Ana")
			id := url.Values{"id": {s.between(page, `name="id" value="`, `"`)}}
			wantStatus(t, s.post(mine+"/withdraw-offer", id), http.StatusSeeOther)
			wantStatus(t, s.post(mine+"/withdraw-offer", id), http.StatusSeeOther)
			if m := s.letter(); m.To != coordinator || !strings.Contains(m.Text, "Ana") || strings.Contains(m.Text, "Álvarez") || m.ReplyTo != "" {
				t.Errorf("told of the withdrawal: %+v", m)
			}
			if strings.Contains(s.get(desk).Body.String(), "Álvarez") || strings.Contains(s.get(mine).Body.String(), "Translate") {
				t.Error("the offer is still shown after it was taken back")
			}
			wantWords(t, s.do(http.MethodPost, link, ""), s.catalogue.Locale(lang).T("offer.confirm.withdrawn.title"))
			if len(s.mail) != 0 {
				t.Errorf("%d mails too many", len(s.mail))
			}
		})
	}
}

func TestCoordinatorsAddressIsInNoByteThatABrowserGets(t *testing.T) {
	s := newVolunteerSite(t)
	s.post("/shelter/translate", s.offer("/shelter/translate", "ana@mail.example"))
	link := s.link()
	paths := []string{"/", "/shelter", "/shelter/translate", "/shelter/translate/check-mail", "/shelter/nobody", "/organizations", "/learn", "/diary",
		"/diary.atom", "/privacy", "/legislators", "/log", "/log/petitions.json", "/log/spec", "/my", "/no-such-page", "/robots.txt", link}
	for _, asset := range s.views.assets {
		paths = append(paths, asset.Path)
	}
	confirmed := s.do(http.MethodPost, link, "")
	desk := s.pathIn(s.letter())
	paths = append(paths, desk, "/my/"+s.between(confirmed, `href="/my/`, `"`))
	bodies := map[string]string{"confirmed": confirmed.Body.String(),
		"form, wrong": s.post("/shelter/translate", url.Values{"email": {"x"}}).Body.String(), "logs": s.logged.String() + s.visited.String()}
	for _, path := range paths {
		for _, lang := range []string{"en", "es"} {
			w := s.get(LocalPath(lang, path), "Accept-Encoding", "identity")
			bodies[path+" "+lang] = w.Body.String()
		}
	}
	if len(bodies["/shelter/translate en"]) < 1000 || !strings.Contains(bodies[desk+" en"], "ana@mail.example") {
		t.Fatal("the pages were not seen")
	}
	for name, body := range bodies {
		if strings.Contains(html.UnescapeString(body), "coordinator@") || strings.Contains(body, "project.example") {
			t.Errorf("%s holds the coordinator's address", name)
		}
	}

	shown := volunteerContent()
	shown.Actions[0].Opportunity.Coordinator.ShowEmail = true
	_, err := s.actions.Import(t.Context(), undersigned.UserID{}, shown, true)
	s.must(err)
	s.tick()
	wantWords(t, s.get("/shelter/translate"), coordinator)
}

func TestOfferThatIsWrongComesBackAsItWasTyped(t *testing.T) {
	s := newVolunteerSite(t)
	const path = "/shelter/translate"
	for name, c := range map[string]struct {
		field, value string
		status       int
		shown        string
	}{
		"answer too long":      {"answer_why", strings.Repeat("a", 501), http.StatusUnprocessableEntity, "This has 501 letters. Please keep it to 500."},
		"answer of 40,000":     {"answer_why", strings.Repeat("a", 40_000), http.StatusUnprocessableEntity, "This has 40,000 letters. Please keep it to 500."},
		"answer of a megabyte": {"answer_why", strings.Repeat("a", 1<<20), http.StatusRequestEntityTooLarge, ""},
		"zero byte":            {"answer_why", "a\x00b", http.StatusUnprocessableEntity, "characters that we cannot accept"},
		"broken UTF-8":         {"comment", "a\xffb", http.StatusUnprocessableEntity, "a\uFFFDb"},
		"unknown choice":       {"answer_when", "3", http.StatusUnprocessableEntity, "Please choose one of the answers."},
		"no answer":            {"answer_why", "", http.StatusUnprocessableEntity, "Please answer this question."},
		"stale form":           {formTokenField, "x", http.StatusUnprocessableEntity, "please send it once more"},
	} {
		t.Run(name, func(t *testing.T) {
			form := s.offer(path, "ana@mail.example")
			form.Set(c.field, c.value)
			w := s.post(path, form)
			wantStatus(t, w, c.status)
			if c.shown != "" {
				wantWords(t, w, c.shown, "ana@mail.example")
			}
			if c.status == http.StatusUnprocessableEntity && c.field != "comment" {
				wantWords(t, w, "I speak K'iche'.")
			}
			if len(s.mail) != 0 {
				t.Error("a mail was sent")
			}
		})
	}
}

func TestAnswerToAnOfferIsTheSameForEveryAddress(t *testing.T) {
	s := newVolunteerSite(t)
	const path = "/shelter/translate"
	s.post(path, s.offer(path, "ana@mail.example"))
	first := s.letter()
	s.do(http.MethodPost, s.pathIn(first), "")
	s.letter()
	stop, err := url.Parse(first.Unsubscribe)
	s.must(err)
	answers := map[string]string{}
	for _, who := range []string{"new", "offered", "blocked"} {
		email := "ana@mail.example"
		switch who {
		case "new":
			email = "new@mail.example"
		case "blocked":
			wantStatus(t, s.do(http.MethodPost, stop.Path, ""), http.StatusOK)
		}
		w := s.post(path, s.offer(path, email))
		w.Header().Del("Date")
		answers[who] = fmt.Sprint(w.Code, w.Header(), w.Body)
	}
	if answers["new"] != answers["offered"] || answers["new"] != answers["blocked"] {
		t.Errorf("answers differ: %q", answers)
	}
}

func TestNoCoordinatorMeansNoFormAndSaysSo(t *testing.T) {
	s := newVolunteerSite(t)
	w := s.get("/shelter/nobody")
	wantWords(t, w, s.catalogue.Locale("en").T("volunteer.not_yet"))
	if strings.Contains(w.Body.String(), "<form") {
		t.Error("there is a form")
	}
	wantStatus(t, s.get("/shelter/nobody/check-mail"), http.StatusNotFound)
	w = s.post("/shelter/nobody", url.Values{"comment": {"What I wrote."}, "answer_why": {"And answered."}})
	wantStatus(t, w, http.StatusGone)
	wantWords(t, w, "What I wrote.", "And answered.")
}

// volunteerStates is every page that volunteers and coordinators meet, in every state.
func volunteerStates(at func(string) chrome) (states []pageState) {
	content := volunteerContent()
	a := content.Action("translate")
	a.PID = "00000000000000aa"
	path := actionPath(a)
	open := newAction(at(path), content, a, store.Count{}, "token", sampleNow)
	wrong := newAction(at(path), content, a, store.Count{}, "token", sampleNow)
	typed := undersigned.SubmissionForm{GivenName: "<b>", Email: "a@b@c", Comment: "</textarea>", Answers: map[string]string{"why": "\xff", "when": "9"}}
	var faults []undersigned.FieldError
	for _, field := range []string{"given_name", "family_name", "email", "comment", "answer_why", "answer_when", "answer_driver"} {
		faults = append(faults, undersigned.FieldError{Field: field, Key: "error.text.long", Args: []any{"max", 500, "n", 501}})
	}
	wrong.failedOffer(typed, &undersigned.Error{Kind: undersigned.Invalid, Key: "error.form", Fields: faults})
	shown := *a
	shown.Opportunity.Coordinator = undersigned.Coordinator{Email: coordinator, ShowEmail: true}
	closed := *a
	closed.State = undersigned.ActionPaused
	meanwhile := newAction(at(path), content, &closed, store.Count{}, "", sampleNow)
	meanwhile.failedOffer(typed, undersigned.Fail(undersigned.Gone, "error.closed"))
	check := newCheckMail(at(path+"/check-mail"), content, a)
	states = []pageState{{"opportunity", "action", open}, {"opportunity, wrong everywhere", "action", wrong},
		{"opportunity, address shown", "action", newAction(at(path), content, &shown, store.Count{}, "token", sampleNow)},
		{"opportunity, closed meanwhile", "action", meanwhile}, {"offer, check mail", "check_mail", check}}

	submission := &undersigned.Submission{PID: a.PID, Language: "es", Person: undersigned.Person{GivenName: "Ana", FamilyName: "Gómez", Email: "ana@example.org",
		Comment: "<b>One</b>\n\nTwo"}, Answers: []undersigned.QuestionAnswer{{Question: "When?", Kind: undersigned.ChoiceQuestion, Words: "Weekends"},
		{Question: "Driver?", Kind: undersigned.YesNoQuestion, Words: "yes"}}}
	for _, outcome := range []action.OfferOutcome{action.OfferUnpressed, action.OfferMade, action.OfferThere, action.OfferOther, action.OfferWithdrawn, action.OfferClosed, action.OfferPaused} {
		c := &action.OfferConfirmation{Content: content, Action: a, Outcome: outcome, MyToken: "token", State: undersigned.SubmissionInTouch}
		if outcome == action.OfferUnpressed {
			c.MyToken, c.State, c.Submission = "", "", submission
		}
		states = append(states, pageState{"offer, " + string(outcome), "offer_confirm", newConfirmOffer(at("/confirm/offer/token"), c, sampleNow)})
	}
	mine := &action.Mine{Email: "ana@example.org", Expires: sampleNow}
	for _, state := range undersigned.SubmissionStates {
		d := &action.Desk{Content: content, Action: a, State: state, Day: "2026-11-15", Moved: "2026-11-20", Submission: submission}
		if state == undersigned.SubmissionWithdrawn {
			d.Submission = nil
		} else {
			mine.Offers = append(mine.Offers, action.MyOffer{ID: "0f", Content: content, Action: a, Name: "Ana", State: state, Day: "2026-11-15"})
		}
		page := newOffer(at("/offers/token"), d)
		states = append(states, pageState{"offer for its coordinator, " + string(state), "offer", page})
		page.Problem = page.T("error.offer.step")
		states = append(states, pageState{"offer that has changed, " + string(state), "offer", page})
	}
	mine.Offers[0].Told = "2026-11-15"
	mine.Offers[1].Content = &undersigned.Content{Issue: undersigned.Issue{State: undersigned.IssueDraft}}
	return append(states, pageState{"my, offers", "my", newMy(at("/my/token"), "token", mine)})
}
