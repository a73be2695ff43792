package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
)

// letterStates are the pages of a letter and a call for one reader.
func letterStates(at func(string) chrome, content *undersigned.Content) (states []pageState) {
	a := content.Action("letter")
	text, _ := a.Text("en", nil)
	ask := func(place string, form url.Values) actionView {
		page := newAction(at(actionPath(a)), content, a, store.Count{}, "", sampleNow)
		page.meet(content, a, samplePlaces()[place], false)
		page.typed(form)
		return page
	}
	letter := func(text string) letterView {
		form := url.Values{"subject": {"About <us>"}, "text": {text}, "outreach": {"token"}}
		return newLetter(ask("one", form), a, undersigned.Message{Subject: "About <us>", Text: text}, form)
	}
	noted := letter("My own words.")
	noted.sent([]undersigned.Delivery{{Outreach: undersigned.Outreach{Day: "2026-11-22"}, Target: "P000617", Method: undersigned.ByPhone}})
	stale := letter("My own words.")
	stale.failed(undersigned.Fail(undersigned.Invalid, "error.outreach"))
	form := url.Values{"subject": {"\r\n"}, "text": {"</textarea><b>"}}
	wrong := ask("one", form)
	wrong.letterFailed(form, &undersigned.Error{Kind: undersigned.Invalid, Key: "error.form", Fields: []undersigned.FieldError{
		{Field: "subject", Key: "error.subject.lines"}, {Field: "text", Key: "error.letter.long", Args: []any{"max", 10000, "n", 50000}}}})
	states = append(states,
		pageState{"letter, the template", "letter", letter(text.Words)},
		pageState{"letter, some own words", "letter", letter(text.Words + " For my brother.")},
		pageState{"letter, noted", "letter", noted},
		pageState{"letter, stale", "letter", stale},
		pageState{"letter, wrong", "action", wrong})
	call := content.Action("dignity")
	for _, place := range []string{"one", "vacant", "nothing"} {
		page := newAction(at(actionPath(call)), content, call, store.Count{}, "", sampleNow)
		page.meet(content, call, samplePlaces()[place], false)
		page.calls("token")
		states = append(states, pageState{"call, " + place, "action", page})
		if place == "one" {
			page.called("P000617", "token")
			states = append(states, pageState{"call, noted", "action", page})
		}
	}
	return states
}

func newLetterSite(t *testing.T) *testSite {
	t.Helper()
	return newSiteOf(t, starterContent(t), &url.URL{Scheme: "https", Host: testHost})
}

const familyLetter = starter + "/keep-families-together"

// deliveriesTo reads the ledger of an office.
func (s *testSite) deliveriesTo(target string) (counts []store.DeliveryCount) {
	s.t.Helper()
	s.must(s.db.View(s.t.Context(), func(tx *store.Tx) (err error) {
		counts, err = tx.CountDeliveries(target)
		return err
	}))
	return counts
}

func TestLetterPressedTwiceIsOneDelivery(t *testing.T) {
	s := newLetterSite(t)
	form := url.Values{"zip": {"02119"}, "district": {"MA-07"}, "subject": {"Families"}, "text": {"My cousin's children\r\nstay with me."}}
	page := s.post(familyLetter, form)
	wantStatus(t, page, http.StatusOK)
	wantWords(t, page, "My cousin's children\nstay with me.", "Ayanna Pressley", "202-225-5111", "100% of the words")
	if got := page.Header().Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control %q", got)
	}
	if len(s.deliveriesTo("P000617")) != 0 {
		t.Error("a page that was only looked at is in the ledger")
	}
	form.Set("outreach", s.between(page, `name="outreach" value="`, `"`))
	form.Set("sent", "P000617/phone")
	for range 2 {
		wantWords(t, s.post(familyLetter, form), "Thank you. We noted", "My cousin's children")
	}
	form.Set("sent", "P000617/postal mail")
	wantStatus(t, s.post("/es"+familyLetter, form), http.StatusOK)
	want := []store.DeliveryCount{
		{Issue: "immigration-detention", Action: "keep-families-together", Method: undersigned.ByPhone, State: undersigned.DeliveryByHand, Day: "2026-11-22", N: 1},
		{Issue: "immigration-detention", Action: "keep-families-together", Method: undersigned.ByPost, State: undersigned.DeliveryByHand, Day: "2026-11-22", N: 1}}
	if got := s.deliveriesTo("P000617"); len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("the ledger says %+v", got)
	}
}

func TestBadLettersComeBackWithAllThatWasTyped(t *testing.T) {
	s := newLetterSite(t)
	long := strings.Repeat("ñandú 😀 ", 50_000/8)
	for name, test := range map[string]struct{ subject, text, want string }{
		"too long":        {"S", long, "this letter has"},
		"two subjects":    {"S\r\nBcc: x@example.org", "Text", "A subject is one line."},
		"nothing":         {"", " \r\n ", "Please write something."},
		"a zero byte":     {"S", "a\x00b", "characters that we cannot accept"},
		"no UTF-8":        {"S", "a\xffb", "characters that we cannot accept"},
		"control letters": {"S\x1b[31m", "Text", "characters that we cannot accept"},
	} {
		w := s.post(familyLetter, url.Values{"zip": {"02119"}, "subject": {test.subject}, "text": {test.text}})
		if w.Code != http.StatusUnprocessableEntity || !strings.Contains(strings.ToLower(w.Body.String()), strings.ToLower(test.want)) {
			t.Errorf("%s: %d, and not %q", name, w.Code, test.want)
		}
		if typed := strings.TrimSpace(test.text); strings.ToValidUTF8(typed, "") == typed && !strings.Contains(typed, "\x00") && !strings.Contains(w.Body.String(), typed) {
			t.Errorf("%s: what was typed is lost", name)
		}
	}
}

func TestOnlyPagesOfOursCountALetter(t *testing.T) {
	s := newLetterSite(t)
	good := url.Values{"zip": {"02119"}, "subject": {"S"}, "text": {"Text"}, "sent": {"P000617/phone"}}
	other := s.post(starter+"/support-hr-6397", url.Values{"zip": {"02136"}, "district": {"MA-08"}, "subject": {"S"}, "text": {"Text"}, "thanks": {""}})
	for name, token := range map[string]string{"none": "", "nonsense": "AAAA", "another ask's": func() string {
		if other.Code != http.StatusOK {
			return "AAAA"
		}
		return s.between(other, `name="outreach" value="`, `"`)
	}()} {
		good.Set("outreach", token)
		w := s.post(familyLetter, good)
		if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "press once more") {
			t.Errorf("%s: %d", name, w.Code)
		}
		good.Set("outreach", s.between(w, `name="outreach" value="`, `"`)) // the page that came back is good
		wantStatus(t, s.post(familyLetter, good), http.StatusOK)
	}
	for _, sent := range []string{"nobody/phone", "P000617/email", "P000617/", "/phone"} {
		good.Set("sent", sent)
		wantStatus(t, s.post(familyLetter, good), http.StatusNotFound)
	}
}

func TestCallIsCountedOnceAndAsANumber(t *testing.T) {
	content := starterContent(t)
	for i := range content.Actions {
		if a := &content.Actions[i]; a.Slug == "keep-families-together" {
			a.Kind = undersigned.Call
		}
	}
	s := newSiteOf(t, content, &url.URL{Scheme: "https", Host: testHost})
	page := s.get(familyLetter + "?zip=02119")
	wantWords(t, page, "How did the call end?", "7:30 AM EST in Washington", "opens on Monday at 9:00 AM EST")
	form := url.Values{"zip": {"02119"}, "outreach": {s.between(page, `name="outreach" value="`, `"`)}, "outcome": {"P000617/voicemail"}}
	for range 2 {
		wantWords(t, s.post(familyLetter, form), "Counted. Thank you for calling.")
	}
	var calls []store.CallCount
	s.must(s.db.View(t.Context(), func(tx *store.Tx) (err error) {
		calls, err = tx.Calls("P000617")
		return err
	}))
	if len(calls) != 1 || calls[0].N != 1 || calls[0].Outcome != undersigned.CallVoicemail {
		t.Errorf("counted %+v", calls)
	}
	if len(s.deliveriesTo("P000617")) != 0 {
		t.Error("a call left more than a number")
	}
	form.Set("outcome", "P000617/shouted")
	wantStatus(t, s.post(familyLetter, form), http.StatusNotFound)
}
