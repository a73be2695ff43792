package web

import (
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/undersigned/undersigned"
)

// layer is one of those that stand before a form that anybody can send (TRUST 4). What a layer finds is told; none refuses.
type layer string

const (
	sameOrigin layer = "another site's form is refused"
	bodyLimit  layer = "a body has its limit"
	formToken  layer = "a form of ours, two days old at most"
	honeypot   layer = "a field that nobody sees: held, or asked to wait once"
	bucket     layer = "a bucket of the address: asked to wait, or to press again"
	noMail     layer = "a domain without a mail server is told beside the field"
	mailLimit  layer = "three mails a day for an address"
	byLink     layer = "the link in a mail, which cannot be guessed"
	bySession  layer = "a session of the staff"
	bySecret   layer = "a secret that the mail service has; to whoever has not there is nothing"
)

var everyLayer = []layer{sameOrigin, bodyLimit, formToken, honeypot, bucket, noMail, mailLimit}

// layers is every route that takes a form, and the layers before it. One that is added is looked for here.
var layers = map[string][]layer{
	"/{issue}/{action}":                     everyLayer, // petition, pledge, offer, letter by e-mail; letters sent by hand and calls have no mail
	"/my":                                   everyLayer,
	"/organizations/{organization}/correct": everyLayer,
	"/legislators":                          {sameOrigin, bodyLimit, bucket}, // nothing is kept of it; the bucket is the geocoder's
	"/admin/sign-in":                        {sameOrigin, bodyLimit, honeypot, bucket, mailLimit},

	"/bounces/{secret}": {sameOrigin, bodyLimit, bySecret},

	"/admin/sign-in/passkey/ask": {sameOrigin, bodyLimit},
	"/admin/sign-in/passkey":     {sameOrigin, bodyLimit},
}

func TestEveryRouteThatTakesAFormHasItsLayers(t *testing.T) {
	s := newSite(t)
	seen := map[string]bool{}
	for _, route := range everyRoute(t, s) {
		method, pattern := route[0], route[1]
		if method != http.MethodPost {
			continue
		}
		seen[pattern] = true
		path := paramIn.ReplaceAllString(strings.NewReplacer("{issue}", "shelter", "{action}", "equality").Replace(pattern), "AAAA")
		wantStatus(t, s.post(path, nil, "Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"), http.StatusForbidden)
		want, tooLarge := http.StatusGone, http.StatusRequestEntityTooLarge // its link is none
		if strings.HasPrefix(pattern, "/admin/") && !strings.Contains(pattern, "{token}") && layers[pattern] == nil {
			want, tooLarge = http.StatusUnauthorized, http.StatusUnauthorized // the staff may send more, and nobody else gets so far
		}
		wantStatus(t, s.do(http.MethodPost, path, strings.Repeat("a=b&", maxBody/4+1)), tooLarge)
		if layers[pattern] != nil {
			continue
		}
		if strings.Contains(pattern, "{secret}") {
			want = http.StatusNotFound
		}
		if got := s.post(path, url.Values{"id": {"x"}}).Code; got != want {
			t.Errorf("%s takes a form without a link and without a session (%d): say in layers which stand before it", pattern, got)
		}
	}
	for pattern := range layers {
		if !seen[pattern] {
			t.Errorf("there is no %s", pattern)
		}
	}
}

// stranger is a form that anybody can fill in, with what it looks like when it is right.
type stranger struct {
	path string
	fill func(s *testSite, email string) url.Values
	held bool // the field that nobody sees makes it wait for a person, behind the same answer as ever
}

func strangers() map[string]stranger {
	sign := func(path string) stranger {
		return stranger{path, func(s *testSite, email string) url.Values { return s.form(path, email) }, true}
	}
	return map[string]stranger{
		"petition": sign("/shelter/equality"),
		"pledge":   sign("/shelter/promise"),
		"offer":    {"/shelter/translate", func(s *testSite, email string) url.Values { return s.offer("/shelter/translate", email) }, false},
		"correction": {"/organizations/dwn/correct", func(s *testSite, email string) url.Values {
			return url.Values{"name": {"Detention Watch Network, Inc."}, "sender": {email}, formTokenField: {s.between(s.get("/organizations/dwn/correct"), `name="form_token" value="`, `"`)}}
		}, false},
		"my": {"/my", func(s *testSite, email string) url.Values { return s.askFor(email) }, false},
		"letter": {"/shelter/governor", func(s *testSite, email string) url.Values {
			form := url.Values{"subject": {"Shelter"}, "text": {"It is cold in Lowell tonight."}}
			form.Set("outreach", s.between(s.post("/shelter/governor", form), `name="outreach" value="`, `"`))
			form.Set("email", email)
			form.Set("given_name", "Ana")
			return form
		}, false},
	}
}

func strangerContent() *undersigned.Content {
	content := testContent()
	content.Actions = append(content.Actions, volunteerContent().Actions[0], undersigned.Action{Issue: "shelter", Slug: "governor", Kind: undersigned.Letter,
		State: undersigned.ActionOpen, Order: 9, Addressees: []undersigned.Addressee{{Slug: "governor", Name: "Ana Gómez", Role: "Governor", Email: "office@governor.example"}},
		Texts: map[string]undersigned.ActionText{"en": {Title: "Write to the Governor", Ask: "Please.", Subject: "Shelter", Words: "Please open the shelters."}}})
	return content
}

func TestEveryFormOfAStrangerStandsBehindEveryLayer(t *testing.T) {
	for name, form := range strangers() {
		t.Run(name, func(t *testing.T) {
			s := newSiteOf(t, strangerContent(), &url.URL{Scheme: "https", Host: testHost})
			behindProxy(s)
			from := func(address string) []string { return []string{"X-Forwarded-For", address} }
			token := formTokenField
			if name == "letter" {
				token = "outreach"
			}
			tellsOfTokens(t, s, form, token)
			tellsOfDomains(t, s, form)
			if !form.held {
				asksToWait(t, s, form, url.Values{trapField: {"https://spam.example"}}, from("192.0.2.1"))
			} else {
				trapped := form.fill(s, "trapped@mail.example")
				trapped.Set(trapField, "https://spam.example")
				wantStatus(t, s.post(form.path, trapped, from("192.0.2.1")...), http.StatusSeeOther)
				wantWords(t, s.do(http.MethodPost, s.link(), ""), s.catalogue.Locale("en").T("confirm.held.title"))
			}
			for range 20 {
				filled := form.fill(s, "victim@mail.example")
				wantStatus(t, s.post(form.path, filled, from("192.0.2.2")...), http.StatusSeeOther)
			}
			asksToWait(t, s, form, nil, from("192.0.2.2"))
			s.settled()
			sent := map[string]int{}
			for len(s.mail) > 0 {
				sent[(<-s.mail).To]++
			}
			if sent["victim@mail.example"] != 3 {
				t.Errorf("of 20 forms about one address %d mails were sent", sent["victim@mail.example"])
			}
		})
	}
}

// tellsOfTokens sends a form that we have not made, or that is too old: it comes back as it was typed.
func tellsOfTokens(t *testing.T, s *testSite, form stranger, token string) {
	t.Helper()
	for _, wrong := range [][]string{nil, {"AAAA"}, {strings.Repeat("A", 27)}} {
		filled := form.fill(s, "typed@mail.example")
		filled[token] = wrong
		w := s.post(form.path, filled)
		wantStatus(t, w, http.StatusUnprocessableEntity)
		wantWords(t, w, `value="typed@mail.example"`)
	}
	old := form.fill(s, "typed@mail.example")
	s.pass(49*time.Hour + time.Minute)
	wantStatus(t, s.post(form.path, old), http.StatusUnprocessableEntity)
}

// tellsOfDomains sends a form twice to a domain without a mail server: by then it is known.
func tellsOfDomains(t *testing.T, s *testSite, form stranger) {
	t.Helper()
	s.actions.Resolver = emptyResolver{}
	wantStatus(t, s.post(form.path, form.fill(s, "ana@nowhere.example")), http.StatusSeeOther)
	<-s.mail
	w := s.post(form.path, form.fill(s, "ana@nowhere.example"))
	wantStatus(t, w, http.StatusUnprocessableEntity)
	wantWords(t, w, s.catalogue.Locale("en").T("error.email.no_mail"), `value="ana@nowhere.example"`)
	s.actions.Resolver = nil
}

// asksToWait sends a form that must be asked to wait, waits, and sends it again as the page does.
func asksToWait(t *testing.T, s *testSite, form stranger, change url.Values, header []string) {
	t.Helper()
	filled := form.fill(s, "waits@mail.example")
	for name, values := range change {
		filled[name] = values
	}
	w := s.post(form.path, filled, header...)
	wantStatus(t, w, http.StatusTooManyRequests)
	waiting := url.Values{waitField: {s.between(w, `name="wait" value="`, `"`)}}
	wantStatus(t, s.post(form.path, waiting, header...), http.StatusTooManyRequests)
	s.pass(15 * time.Second)
	wantStatus(t, s.post(form.path, waiting, header...), http.StatusSeeOther)
}

// settled waits until no mail is due any more.
func (s *testSite) settled() {
	s.t.Helper()
	for end := time.Now().Add(20 * time.Second); ; {
		if waiting := strings.TrimSpace(strings.SplitN(string(s.dump()), " mails wait", 2)[0]); waiting == "0" {
			return
		}
		if time.Now().After(end) {
			s.t.Fatal("mails wait")
		}
	}
}

// Letters sent by hand and calls are numbers: too many from one address are not counted at once, and the page stays.
func TestButtonsThatCountAreAskedToWaitToo(t *testing.T) {
	for _, kind := range []undersigned.ActionKind{undersigned.Letter, undersigned.Call} {
		t.Run(string(kind), func(t *testing.T) {
			content := starterContent(t)
			for i := range content.Actions {
				if a := &content.Actions[i]; a.Slug == "keep-families-together" {
					a.Kind = kind
				}
			}
			s := newSiteOf(t, content, &url.URL{Scheme: "https", Host: testHost})
			behindProxy(s)
			press := func() int {
				form := url.Values{"zip": {"02119"}, "district": {"MA-07"}, "subject": {"Families"}, "text": {"My own words."}}
				page := s.get(familyLetter + "?zip=02119")
				if kind == undersigned.Letter {
					page = s.post(familyLetter, form)
				}
				form.Set("outreach", s.between(page, `name="outreach" value="`, `"`))
				form.Set("sent", "P000617/phone")
				form.Set("outcome", "P000617/voicemail")
				w := s.post(familyLetter, form, "X-Forwarded-For", "192.0.2.3")
				if w.Code == http.StatusTooManyRequests {
					wantWords(t, w, s.catalogue.Locale("en").T("error.crowd"))
				}
				return w.Code
			}
			for range 20 {
				if got := press(); got != http.StatusOK {
					t.Fatalf("within the bucket: %d", got)
				}
			}
			if got := press(); got != http.StatusTooManyRequests {
				t.Errorf("beyond the bucket: %d", got)
			}
			s.pass(time.Minute)
			if got := press(); got != http.StatusOK {
				t.Errorf("a minute later: %d", got)
			}
		})
	}
}

func TestWhoeverKeepsAProxyIsToldEachPathThatIsASecret(t *testing.T) {
	s := newSite(t)
	routes := everyRoute(t, s)
	passage, path, room := regexp.MustCompile(`(?s)(must not log|Its path).*?secret`), regexp.MustCompile(`/[a-z/-]+`), regexp.MustCompile(`^(/admin)?/[a-z-]+`)
	for _, name := range []string{"../../docs/operations.md", "../../deploy/Caddyfile"} {
		text, err := os.ReadFile(name)
		s.must(err)
		said := path.FindAllString(passage.FindString(string(text)), -1)
		for _, route := range routes {
			pattern := route[1]
			secret := strings.Contains(pattern, "{token}") || strings.Contains(pattern, "{secret}")
			if secret && !slices.Contains(said, room.FindString(pattern)) {
				t.Errorf("%s does not say that %s must not be logged", name, pattern)
			}
		}
	}
}
