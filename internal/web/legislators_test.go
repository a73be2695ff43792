package web

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/congress"
)

func TestASplitZIPCodeIsAskedOnceMore(t *testing.T) {
	s := newSite(t)
	w := s.get("/legislators?zip=02138")
	wantStatus(t, w, http.StatusOK)
	wantWords(t, w, "Which district is yours?", "Katherine M. Clark (Democrat)", "Ayanna Pressley (Democrat)", "Sample of Massachusetts, of November 22, 2026")
	link := s.between(w, `<li><a href="`, `"`)
	if link != "/legislators?district=MA-05&zip=02138#where" {
		t.Errorf("the first choice leads to %s", link)
	}
	link, _, _ = strings.Cut(link, "#")
	w = s.get(link)
	wantStatus(t, w, http.StatusOK)
	wantWords(t, w, "Who represents you", "Massachusetts, 5th district", "Katherine M. Clark", "Call 202-225-2836", `href="tel:+12022252836"`, "Elizabeth Warren", "Edward J. Markey")
	if strings.Contains(w.Body.String(), "Pressley") {
		t.Error("who was not chosen is named")
	}
}

func TestWhatIsWrongWithAZIPCodeStandsBesideIt(t *testing.T) {
	s := newSite(t)
	for _, path := range []string{"/legislators", "/shelter/letter", "/bills/119/hr/6397"} {
		w := s.get(path + "?zip=" + url.QueryEscape(`0213"><b>`))
		wantStatus(t, w, http.StatusUnprocessableEntity)
		wantWords(t, w, "A ZIP code has five digits, such as 02138.", `value="0213"><b>"`, "Error: ")
		if strings.Contains(w.Body.String(), "<b>") {
			t.Errorf("%s: what was typed is not escaped", path)
		}
	}
	wantWords(t, s.get("/es/legislators?zip="), "Escriba su código postal (ZIP), por favor.", "Quién le representa")
	wantStatus(t, s.get("/legislators?zip=%00%ff%fe"), http.StatusUnprocessableEntity)
	wantStatus(t, s.get("/legislators?district=MA-99"), http.StatusNotFound)
}

func TestNobodyKeepsWhereAReaderLives(t *testing.T) {
	s := newSite(t)
	answers := map[string]*httptest.ResponseRecorder{"/legislators for a program": s.get("/legislators?zip=02119", "Accept", "application/json")}
	for _, path := range []string{"/legislators", "/shelter/letter", "/bills/119/hr/6397", "/legislators.json"} {
		answers[path] = s.get(path + "?zip=02119")
	}
	for path, w := range answers {
		wantStatus(t, w, http.StatusOK)
		if got := w.Header().Get("Cache-Control"); got != "no-store" {
			t.Errorf("%s: Cache-Control %q", path, got)
		}
		if got := w.Header().Get("X-Robots-Tag"); got != "noindex" {
			t.Errorf("%s: X-Robots-Tag %q", path, got)
		}
		if w.Header().Get("Set-Cookie") != "" {
			t.Errorf("%s sets a cookie", path)
		}
	}
	s.access.flush()
	if log := s.visited.String() + s.logged.String(); strings.Contains(log, "02119") || strings.Contains(log, "zip=") {
		t.Errorf("the logs say where:\n%s", log)
	}
	if s.get("/shelter/letter").Header().Get("Cache-Control") != "no-cache" {
		t.Error("the page that is the same to everyone is not kept")
	}
}

func TestOneAddressWithTwoAnswersSaysWhatTheyVaryBy(t *testing.T) {
	s := newSite(t)
	for _, query := range []string{"", "?zip=02119"} {
		for _, accept := range []string{"", "text/html", "application/json"} {
			w := s.get("/legislators"+query, "Accept", accept)
			if got := w.Header().Get("Vary"); got != "Accept" || w.Header().Get("Cache-Control") != "no-store" {
				t.Errorf("%q as %q: Vary %q, Cache-Control %q", query, accept, got, w.Header().Get("Cache-Control"))
			}
		}
	}
}

func TestALanguageSwitchKeepsTheZIPCode(t *testing.T) {
	s := newSite(t)
	wantWords(t, s.get("/legislators?zip=02119"), `href="/es/legislators?zip=02119"`)
	wantWords(t, s.get("/es/shelter/letter?zip=02138"), `href="/shelter/letter?zip=02138"`, `action="/es/shelter/letter#where"`, `href="/es/shelter/letter?district=MA-05&zip=02138#where"`)
}

func TestProgramsGetTheShapeThatIsPromised(t *testing.T) {
	s := newSite(t)
	const one = `{"congress":119,"districts":[{"state":"MA","number":7,"representative":{"bioguide":"P000617","name":"Ayanna Pressley"}}],` +
		`"senators":[{"bioguide":"W000817","name":"Elizabeth Warren","state":"MA"},{"bioguide":"M000133","name":"Edward J. Markey","state":"MA"}]}` + "\n"
	for _, w := range []*httptest.ResponseRecorder{
		s.get("/legislators.json?zip=02119"),
		s.get("/legislators?zip=02119", "Accept", "application/json"),
		s.get("/legislators.json?zip=02138&district=MA-07"),
	} {
		wantStatus(t, w, http.StatusOK)
		if got := w.Body.String(); got != one || w.Header().Get("Content-Type") != "application/json" {
			t.Errorf("%s %s", w.Header().Get("Content-Type"), got)
		}
	}
	for path, want := range map[string]string{
		"/legislators.json":            `{"error":"Please enter your ZIP code."}`,
		"/es/legislators.json?zip=123": `{"error":"El código postal (ZIP) tiene cinco dígitos, como 02138."}`,
	} {
		w := s.get(path)
		wantStatus(t, w, http.StatusUnprocessableEntity)
		if got := strings.TrimSpace(w.Body.String()); got != want {
			t.Errorf("%s: %s", path, got)
		}
	}
	if got := s.get("/legislators.json?zip=90001").Body.String(); got != `{"congress":119,"districts":[],"senators":[]}`+"\n" {
		t.Errorf("outside the sample: %s", got)
	}
}

// knownBill makes the site know who stands behind the bill of its letter.
func (s *testSite) knownBill(cosponsors ...string) {
	s.t.Helper()
	bill := &undersigned.Bill{BillID: undersigned.BillID{Congress: 119, Type: "hr", Number: 6397}, Title: "Dignity for Detained Immigrants Act",
		Stage: undersigned.InCommittee, AsOf: "2026-11-22", SponsorID: "J000298", Sponsor: "Pramila Jayapal", Cosponsors: len(cosponsors), CosponsorIDs: cosponsors}
	s.must(s.actions.SaveBills(s.t.Context(), []*undersigned.Bill{bill}))
	s.tick()
}

func TestTheLetterKnowsWhoItIsFor(t *testing.T) {
	s := newSite(t)
	wantWords(t, s.get("/shelter/letter"), "Whom to send it to", `name="zip"`)
	wantWords(t, s.get("/shelter/letter?zip=02119"), "Ayanna Pressley", "We do not know yet whether Ayanna Pressley cosponsors H.R. 6397.")
	s.knownBill("P000617")
	wantWords(t, s.get("/shelter/letter?zip=02119"), "Ayanna Pressley already cosponsors H.R. 6397.", "Say thank you")
	w := s.get("/shelter/letter?zip=02115&district=MA-05") // 02115 lies in the 7th alone
	wantWords(t, w, "Ayanna Pressley already cosponsors")
	w = s.get("/shelter/letter?zip=02138&district=MA-05")
	wantWords(t, w, "Katherine M. Clark is not among the cosponsors of H.R. 6397 as of November 22, 2026. Ask.")
	if body := w.Body.String(); strings.Contains(body, "Elizabeth Warren") || strings.Contains(body, "Say thank you") {
		t.Error("a letter to the House names a senator, or thanks who has done nothing")
	}
	for _, path := range []string{"/shelter/letter?zip=02119", "/shelter/equality?zip=02119", "/shelter/old?zip=02119"} {
		w := s.get(path)
		wantStatus(t, w, http.StatusOK)
		if strings.Contains(strings.ToLower(w.Body.String()), ">sent<") {
			t.Errorf("%s says that something was sent", path)
		}
	}
}

func TestAPetitionTakesNoHeedOfAZIPCode(t *testing.T) {
	s := newSite(t)
	token := s.between(s.get("/shelter/equality"), `name="form_token" value="`, `"`)
	if token == "" || s.between(s.get("/shelter/equality?zip=02119"), `name="form_token" value="`, `"`) != token {
		t.Error("the form of a petition cannot be sent from its page with a ZIP code")
	}
	wantStatus(t, s.get("/shelter/equality?zip=nonsense"), http.StatusOK)
}

func TestTheBillSaysWhatMyMembersDid(t *testing.T) {
	s := newSite(t)
	const page = "/bills/119/hr/6397"
	if strings.Contains(s.get(page).Body.String(), `name="zip"`) {
		t.Error("the page asks where I live, and has no answer")
	}
	s.knownBill("P000617")
	wantWords(t, s.get(page), "What your own members did", "Pramila Jayapal, with 1 cosponsor", `name="zip"`)
	wantWords(t, s.get(page+"?zip=02119"), "Ayanna Pressley is one of its cosponsors.", "It began in the House, and Elizabeth Warren sits in the other chamber.")
	wantWords(t, s.get(page+"?zip=02138"), "Which district is yours?", "Katherine M. Clark")
	wantWords(t, s.get(page+"?zip=02138&district=MA-05"), "Katherine M. Clark is not among its sponsor and cosponsors, as of November 22, 2026.")
	wantStatus(t, s.get("/bills/119/hr/1?zip=02119"), http.StatusNotFound)
}

// A bill that content only names as a successor has a page as soon as its facts are known, and each leads to the other.
func TestABillLeadsToWhatCameBeforeAndAfter(t *testing.T) {
	s := newSite(t)
	content := testContent()
	next := undersigned.BillID{Congress: 117, Type: "s", Number: 4370}
	content.Bills[0].Successors = []undersigned.BillSuccessor{{Bill: next, Title: "Keep Our Communities Safe Act"}}
	_, err := s.actions.Import(t.Context(), undersigned.UserID{}, content, true)
	s.must(err)
	s.tick()
	wantStatus(t, s.get("/bills/117/s/4370"), http.StatusNotFound)
	s.must(s.actions.SaveBills(t.Context(), []*undersigned.Bill{{BillID: next, Title: "Keep Our Communities Safe Act of 2022", Stage: undersigned.InCommittee,
		AsOf: "2023-01-11", Committees: []undersigned.BillCommittee{{Code: "SSJU", Name: "Judiciary Committee", Chamber: undersigned.Senate}}}}))
	s.tick()
	wantWords(t, s.get("/bills/117/s/4370"), "What came before", `href="/bills/112/hr/1932"`, "Died; it had come as far as: On the calendar for a vote", "Judiciary Committee")
	wantWords(t, s.get("/bills/112/hr/1932"), "What came after", `href="/bills/117/s/4370"`, "Died; it had come as far as: In committee")
}

// census is a stand-in of the Census geocoder that finds every address in one district of a Congress.
func census(t *testing.T, s *testSite, answer string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("street") != "1 Brattle Street" || r.URL.Query().Get("zip") != "02138" {
			t.Errorf("asked for %v", r.URL.Query())
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, answer)
	}))
	t.Cleanup(server.Close)
	s.geocoder = &congress.Geocoder{URL: server.URL, Client: server.Client()}
	s.given.Geocoder = "on"
}

const inTheFifth = `{"result":{"addressMatches":[{"geographies":{"119th Congressional Districts":[{"GEOID":"2505","CDSESSN":"119"}]}}]}}`

func TestAStreetAddressDecidesAndIsKeptNowhere(t *testing.T) {
	s := newSite(t)
	form := url.Values{"address_lines": {"1 Brattle Street"}, "postal_code": {"02138"}, "back": {"/shelter/letter"}}
	wantStatus(t, s.post("/legislators", form), http.StatusMethodNotAllowed) // it is off
	if strings.Contains(s.get("/legislators?zip=02138").Body.String(), "address_lines") {
		t.Error("an address is asked for where nobody switched it on")
	}
	census(t, s, inTheFifth)
	wantWords(t, s.get("/shelter/letter?zip=02138"), `name="address_lines"`, `name="back" value="/shelter/letter"`, "The address you type goes to the U.S. Census Bureau")
	for back, want := range map[string]string{
		"/shelter/letter":      "/es/shelter/letter?district=MA-05#where",
		"/legislators":         "/es/legislators?district=MA-05#where",
		"":                     "/es/legislators?district=MA-05#where",
		"//evil.example/":      "/es/legislators?district=MA-05#where",
		"https://evil.example": "/es/legislators?district=MA-05#where",
		`/\evil.example`:       "/es/%5Cevil.example?district=MA-05#where",
	} {
		form.Set("back", back)
		w := s.post("/es/legislators", form)
		wantStatus(t, w, http.StatusSeeOther)
		if got := w.Header().Get("Location"); got != want {
			t.Errorf("from %q back to %q, want %q", back, got, want)
		}
	}
	wantWords(t, s.get("/shelter/letter?district=MA-05"), "Katherine M. Clark")
	s.access.flush()
	if log := s.visited.String() + s.logged.String(); strings.Contains(log, "Brattle") {
		t.Errorf("the logs hold the address:\n%s", log)
	}
}

func TestAnAddressThatGivesNoAnswerIsGuessedNowhere(t *testing.T) {
	for name, test := range map[string]struct {
		answer, street, zip string
		status              int
		words               string
	}{
		"nobody lives there":     {`{"result":{"addressMatches":[]}}`, "1 Brattle Street", "02138", 422, "The Census Bureau does not know this address"},
		"of the next Congress":   {strings.ReplaceAll(inTheFifth, "119", "120"), "1 Brattle Street", "02138", 503, "Nothing was guessed."},
		"a page in place of one": {`<html>`, "1 Brattle Street", "02138", 503, "Nothing was guessed."},
		"no street":              {inTheFifth, " ", "02138", 422, "Please enter the house number and street."},
		"no number":              {inTheFifth, "Brattle Street", "02138", 422, "Please enter the house number and street."},
		"a street without end":   {inTheFifth, strings.Repeat("1", 201), "02138", 422, "Please enter the house number and street."},
		"a zero byte":            {inTheFifth, "1 Brattle\x00 Street", "02138", 422, "Please enter the house number and street."},
		"broken letters":         {inTheFifth, "1 Brattle\xff Street", "02138", 422, "Please enter the house number and street."},
		"no ZIP code":            {inTheFifth, "1 Brattle Street", "0213", 422, "A ZIP code has five digits, such as 02138."},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t)
			census(t, s, test.answer)
			w := s.post("/legislators", url.Values{"address_lines": {test.street}, "postal_code": {test.zip}, "back": {"/shelter/letter"}})
			wantStatus(t, w, test.status)
			wantWords(t, w, test.words, `value="/shelter/letter"`, `value="`+test.zip+`"`)
			if strings.Contains(w.Body.String(), "Katherine") {
				t.Error("somebody is named")
			}
			if strings.Contains(s.logged.String(), "Brattle") {
				t.Error("the log holds the address")
			}
		})
	}
}

func TestOnlyAFewQuestionsToTheGeocoderAtOnce(t *testing.T) {
	s := newSite(t)
	census(t, s, inTheFifth)
	for range cap(s.geocoding) {
		s.geocoding <- struct{}{}
	}
	w := s.post("/legislators", url.Values{"address_lines": {"1 Brattle Street"}, "postal_code": {"02138"}})
	wantStatus(t, w, http.StatusServiceUnavailable)
	if w.Header().Get("Retry-After") == "" {
		t.Error("nobody is told when to try again")
	}
}

func TestTheTableFollowsTheClockAcrossTheEndOfACongress(t *testing.T) {
	s := newSite(t)
	s.pass(undersigned.CongressEnds(119).Add(-time.Second).Sub(s.now()))
	wantWords(t, s.get("/legislators?zip=02119"), "Ayanna Pressley", "Edward J. Markey")
	s.pass(time.Second)
	w := s.get("/legislators?zip=02119")
	wantStatus(t, w, http.StatusOK)
	wantWords(t, w, "The 120th Congress has begun", "Elizabeth Warren", "Not known yet")
	if body := w.Body.String(); strings.Contains(body, "Pressley") || strings.Contains(body, "Markey") {
		t.Error("somebody is named whose term is over")
	}
}
