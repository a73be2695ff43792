package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
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
	posted := letter("My own words.")
	posted.Mail.typed(url.Values{"given_name": {`"><script>`}, "email": {"a@b@c"}})
	posted.failed(&undersigned.Error{Kind: undersigned.Invalid, Key: "error.form", Fields: []undersigned.FieldError{
		{Field: "given_name", Key: "error.name.link"}, {Field: "email", Key: "error.email.two_at"}, {Field: "locality", Key: "error.characters"}}})
	states = append(states, pageState{"letter, wrong address", "letter", posted},
		pageState{"check mail, letter", "check_mail", newCheckMail(at(actionPath(a)+"/check-mail"), content, a)})
	for name, l := range sampleLetters(content) {
		states = append(states, pageState{"confirm letter, " + name, "confirm_letter", newConfirmLetter(at("/confirm/letter/token"), l, sampleNow)})
	}
	mine := &action.Mine{Email: "ana@example.org", Expires: sampleNow, Letters: []action.MyLetter{
		{ID: "0a", Content: content, Action: a, Open: true, Deliveries: sampleDeliveries(), Message: undersigned.Message{Subject: "Families", Text: "</textarea><b>"}},
		{ID: "0b", Content: content, Action: a, Deliveries: sampleDeliveries()}}}
	states = append(states, pageState{"my, letters", "my", newMy(at("/my/token"), "token", mine)})
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

// sampleDeliveries are an e-mail in each state.
func sampleDeliveries() (list []undersigned.Delivery) {
	for _, state := range []undersigned.DeliveryState{undersigned.DeliveryQueued, undersigned.DeliveryHandedOver, undersigned.DeliveryAccepted,
		undersigned.DeliveryRefused, undersigned.DeliveryFailed} {
		d := undersigned.Delivery{Outreach: undersigned.Outreach{Day: "2026-11-22"}, Target: "governor", Method: undersigned.ByEmail, State: state}
		if state == undersigned.DeliveryAccepted {
			d.Reply = "250 2.0.0 Ok: queued as 4Zx1"
		}
		list = append(list, d)
	}
	unanswered := list[1]
	unanswered.Unanswered, unanswered.Target = true, "nobody any more"
	again := list[1]
	again.Unanswered = true
	twice := again
	twice.Again = "2026-11-24"
	return append(list, unanswered, again, twice)
}

// sampleLetters are the pages behind the link of a letter.
func sampleLetters(content *undersigned.Content) map[string]*action.LetterPage {
	a := content.Action("letter")
	page := func(change func(*action.LetterPage)) *action.LetterPage {
		p := &action.LetterPage{MyLetter: action.MyLetter{ID: "0a", Content: content, Action: a, Open: true,
			Message: undersigned.Message{Subject: "Families", Text: "Dear\n\n<b>you</b>"}}, Language: "en", To: action.Emails(a), Writer: undersigned.Writer{GivenName: "Ana", FamilyName: "Gómez", Email: "ana@example.org", Locality: "Lowell"}}
		change(p)
		return p
	}
	return map[string]*action.LetterPage{
		"unpressed": page(func(*action.LetterPage) {}),
		"closed":    page(func(p *action.LetterPage) { p.Closed = true }),
		"paused":    page(func(p *action.LetterPage) { p.Paused = true }),
		"done":      page(func(p *action.LetterPage) { p.Confirmed, p.MyToken, p.Deliveries = true, "token", sampleDeliveries() }),
		"erased": page(func(p *action.LetterPage) {
			*p = action.LetterPage{MyLetter: action.MyLetter{ID: "0a", Content: content, Action: a, Deliveries: sampleDeliveries()}, Confirmed: true}
		}),
	}
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

func TestLetterKeepsItsWordsInAnotherLanguage(t *testing.T) {
	s := newLetterSite(t)
	page := s.post(familyLetter, url.Values{"zip": {"02119"}, "district": {"MA-07"}, "subject": {"Families"}, "text": {"My cousin's children stay with me."}})
	_, form, found := strings.Cut(page.Body.String(), ` id="written">`)
	if form, _, _ = strings.Cut(form, "</form>"); !found || !strings.Contains(form, `name="zip"`) || !strings.Contains(form, `name="district"`) {
		t.Fatalf("the letter and its place are not in the form of the languages:\n%s", page.Body)
	}
	again := url.Values{"subject": {s.between(page, `name="subject" readonly value="`, `"`)}, "text": {s.between(page, ` readonly>`, "</textarea>")}}
	for _, name := range []string{"outreach", "zip", "district"} {
		again.Set(name, s.between(page, `name="`+name+`" value="`, `"`))
	}
	spanish := s.post(s.between(page, `<button form="written" formaction="`, `"`), again)
	wantStatus(t, spanish, http.StatusOK)
	wantWords(t, spanish, `lang="es"`, "Su carta", "My cousin's children stay with me.", "202-225-5111")
}

// Our own words, unchanged, are nobody's own in any language.
func TestOurWordsAreNotTheWritersOwnInAnotherLanguage(t *testing.T) {
	s := newLetterSite(t)
	for path, words := range map[string]string{familyLetter: "words", starter + "/support-hr-6397": "thanks"} {
		ours := s.get(path + "?zip=02119&district=MA-07")
		_, text, _ := strings.Cut(s.between(ours, `<textarea id="`+words+`-text"`, "</textarea>"), ">")
		form := url.Values{"zip": {"02119"}, "district": {"MA-07"}, "subject": {"Families"}, "text": {text}}
		if words == "thanks" {
			form.Set("thanks", "1")
		}
		english := s.post(path, form)
		wantWords(t, english, s.catalogue.Locale("en").T("letter.own.none"))
		form.Set("outreach", s.between(english, `name="outreach" value="`, `"`))
		form.Set("sent", "P000617/phone")
		spanish := s.post("/es"+path, form)
		wantWords(t, spanish, s.catalogue.Locale("es").T("letter.own.none"), s.catalogue.Locale("es").T("letter.done"))
		site, err := s.db.Site(t.Context())
		s.must(err)
		sent, err := s.actions.SentByHand(t.Context(), form.Get("outreach"), site.Issue(starter[1:]).Action(path[len(starter)+1:]))
		s.must(err)
		if len(sent) != 1 || sent[0].Rewritten != 0 {
			t.Errorf("%s: the ledger says %+v", path, sent)
		}
		form.Set("text", text+" Mi prima cría sola a los hijos de su hermana desde hace más de un año.")
		if page := s.post("/es"+path, form); strings.Contains(page.Body.String(), s.catalogue.Locale("es").T("letter.own.none")) {
			t.Errorf("%s: a sentence of the writer's own is not theirs", path)
		}
	}
}

func TestLetterToAnAskThatHasClosedIsShownWholeForItsWriterToKeep(t *testing.T) {
	content := starterContent(t)
	content.Action("keep-families-together").Closes = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	s := newSiteOf(t, content, &url.URL{Scheme: "https", Host: testHost})
	page := s.post(familyLetter, url.Values{"zip": {"02119"}, "district": {"MA-07"}, "subject": {"Families in Roxbury"}, "text": {"My cousin's children."}})
	wantStatus(t, page, http.StatusGone)
	wantWords(t, page, "Families in Roxbury\n\nMy cousin's children.</textarea>")
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

// A call to a governor alone asks for no ZIP code, and ends on a page of the caller's own.
func TestCallToAnAddresseeIsCounted(t *testing.T) {
	content := testContent()
	content.Actions = append(content.Actions, undersigned.Action{Issue: "shelter", Slug: "governor", Kind: undersigned.Call, State: undersigned.ActionOpen, Order: 7,
		Addressees: []undersigned.Addressee{{Slug: "governor", Name: "Ana Gómez", Role: "Governor", Phone: "617-555-0100"}},
		Texts:      map[string]undersigned.ActionText{"en": {Title: "Call the Governor", Ask: "Please.", Words: "Please open the shelters."}}})
	s := newSiteOf(t, content, &url.URL{Scheme: "https", Host: testHost})
	link := s.between(s.get("/shelter/governor"), `class="button quiet" href="`, `#`)
	page := s.get(link)
	wantStatus(t, page, http.StatusOK)
	form := url.Values{"outreach": {s.between(page, `name="outreach" value="`, `"`)}, "outcome": {"governor/spoke"}}
	for range 2 {
		noted := s.post("/shelter/governor", form)
		wantStatus(t, noted, http.StatusOK)
		wantWords(t, noted, s.catalogue.Locale("en").T("call.noted"))
	}
	var calls []store.CallCount
	s.must(s.db.View(t.Context(), func(tx *store.Tx) (err error) { calls, err = tx.Calls("governor"); return err }))
	if len(calls) != 1 || calls[0].N != 1 || calls[0].Outcome != undersigned.CallSpoke {
		t.Errorf("counted %+v", calls)
	}
	for _, nobody := range []string{"Z999999/spoke", "P000617/spoke"} { // who does not sit, and who is not asked
		form.Set("outcome", nobody)
		wantStatus(t, s.post("/shelter/governor", form), http.StatusNotFound)
	}
}

// Somebody sends a letter to a governor by e-mail, as far as the ledger and their own page.
func TestLetterByEmailIsSentAfterTheButtonAlone(t *testing.T) {
	content := testContent()
	content.Actions = append(content.Actions, undersigned.Action{Issue: "shelter", Slug: "governor", Kind: undersigned.Letter, State: undersigned.ActionOpen, Order: 7,
		Addressees: []undersigned.Addressee{{Slug: "governor", Name: "Ana Gómez", Role: "Governor", Email: "office@governor.example", Phone: "617-555-0100"}},
		Texts:      map[string]undersigned.ActionText{"en": {Title: "Write to the Governor", Ask: "Please.", Subject: "Shelter", Words: "Please open the shelters."}}})
	s := newSiteOf(t, content, &url.URL{Scheme: "https", Host: testHost})
	wantWords(t, s.get("/shelter/governor"), "Please open the shelters.", "Ana Gómez")
	form := url.Values{"subject": {"Shelter"}, "text": {"It is cold in Lowell tonight."}}
	page := s.post("/shelter/governor", form)
	wantWords(t, page, "By e-mail, through us", "617-555-0100")
	form.Set("outreach", s.between(page, `name="outreach" value="`, `"`))
	form.Set("email", "not an address")
	form.Set("given_name", "Ana")
	bad := s.post("/shelter/governor", form)
	wantStatus(t, bad, http.StatusUnprocessableEntity)
	wantWords(t, bad, "not an address", "It is cold in Lowell tonight.")
	form.Set("email", "ana@mail.example")
	form.Set(trapField, "https://spam.example") // a browser meant well
	asked := s.post("/shelter/governor", form)
	wantStatus(t, asked, http.StatusTooManyRequests)
	waiting := url.Values{waitField: {s.between(asked, `name="wait" value="`, `"`)}}
	wantStatus(t, s.post("/shelter/governor", waiting), http.StatusTooManyRequests)
	s.pass(15 * time.Second)
	sent := s.post("/shelter/governor", waiting)
	wantStatus(t, sent, http.StatusSeeOther)
	broken := s.post("/shelter/governor", url.Values{waitField: {"noise"}})
	wantStatus(t, broken, http.StatusUnprocessableEntity)
	wantWords(t, broken, s.catalogue.Locale("en").T("error.wait_token"))
	wantWords(t, s.get(sent.Header().Get("Location")), "Your letter is not sent yet.")
	link := s.link()
	wantWords(t, s.get(link), "It is cold in Lowell tonight.", "Ana Gómez, Governor", "Yes, send my letter")
	for range 2 {
		done := s.do(http.MethodPost, link, "")
		wantWords(t, done, "Your letter is on its way", "Waiting to be sent.")
		wantWords(t, s.get("/my/"+s.between(done, `href="/my/`, `"`)), "A letter you sent through us", "Waiting to be sent.")
	}
	if ledger := s.deliveriesTo("governor"); len(ledger) != 1 || ledger[0].N != 1 || ledger[0].State != undersigned.DeliveryQueued {
		t.Errorf("the ledger says %+v", ledger)
	}
	wantStatus(t, s.get("/confirm/letter/nonsense"), http.StatusGone)
}
