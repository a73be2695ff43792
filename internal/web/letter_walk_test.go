package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
	"github.com/undersigned/undersigned/internal/locale"
	"github.com/undersigned/undersigned/internal/mail"
	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/internal/testenv"
)

// letterWalks are both languages with and without scripts; half of them are looked at with axe.
var letterWalks = []browserKind{
	{lang: "en", width: 360, scripts: true},
	{lang: "es", width: 1280, dark: true},
	{lang: "en", width: 1280, quick: true},
	{lang: "es", width: 360, scripts: true, quick: true},
}

// Somebody in a ZIP code of two districts chooses, writes in their own words, copies the letter, and says that it was sent;
// then calls and says how that ended.
func TestWalkFromASplitZIPCodeToTheLedgerInABrowser(t *testing.T) {
	for _, kind := range letterWalks {
		t.Run(fmt.Sprintf("%s %d scripts=%v", kind.lang, kind.width, kind.scripts), func(t *testing.T) {
			r := newReader(t, kind)
			r.writes()
			r.sends()
			r.calls()
			r.leaves()
		})
	}
}

const ownWords = "My cousin has raised her sister's children since the spring. "

func (r *reader) writes() {
	r.t.Helper()
	r.open(r.path(familyLetter), http.StatusOK)
	r.fillIn(http.StatusOK, map[string]string{"zip": "02138"})
	r.press(toTheSeventh)
	r.wantText(".member h3", "Ayanna Pressley")
	r.check()
	r.fillIn(http.StatusOK, map[string]string{"text": ownWords})
	r.wantText("h1", r.T("letter.title"))
	if text := evaluate[string](r, `document.getElementById("letter-text").value`); !strings.Contains(text, strings.TrimSpace(ownWords)) {
		r.t.Errorf("the letter is %q", text)
	}
	r.press(".languages button")
	if lang, text := evaluate[string](r, `document.documentElement.lang`), evaluate[string](r, `document.getElementById("letter-text").value`); lang == r.lang || !strings.Contains(text, strings.TrimSpace(ownWords)) {
		r.t.Errorf("in the other language, %s, the letter is %q", lang, text)
	}
	r.press(`.languages button[lang='` + r.lang + `']`)
	r.wantText("h1", r.T("letter.title"))
	if first := evaluate[string](r, `document.querySelector(".by .button").href`); first != "tel:+12022255111" {
		r.t.Errorf("the first way leads to %s", first)
	}
	r.check()
}

func (r *reader) sends() {
	r.t.Helper()
	if hidden := evaluate[bool](r, `getComputedStyle(document.querySelector("[data-copy]")).display == "none"`); hidden == r.scripts {
		r.t.Errorf("the button that copies is hidden: %v", hidden)
	}
	if r.scripts {
		r.run(chromedp.Click(chromedp.CSS(".by [data-copy]")))
		r.wantText(".by [data-copy]", r.T("share.copied"))
		if got := evaluate[string](r, `getSelection().toString()`); !strings.Contains(got, strings.TrimSpace(ownWords)) {
			r.t.Errorf("copied: %q", got)
		}
	}
	r.press(`button[value="P000617/web form"]`)
	r.wantText(".notice", r.T("letter.done"))
	r.check()
	ledger := r.deliveriesTo("P000617")
	if len(ledger) != 1 || ledger[0].N != 1 || ledger[0].Method != undersigned.ByWebForm || ledger[0].State != undersigned.DeliveryByHand {
		r.t.Errorf("the ledger says %+v", ledger)
	}
	r.press(`button[name="change"]`)
	if text := evaluate[string](r, `document.getElementById("words-text").value`); !strings.Contains(text, strings.TrimSpace(ownWords)) {
		r.t.Errorf("changing it begins with %q", text)
	}
}

func (r *reader) calls() {
	r.t.Helper()
	r.open(r.path(starter+"/call-hr-6397")+"?zip=02138&district=MA-05", http.StatusOK)
	r.wantText(".member h3", "Katherine M. Clark")
	r.check()
	r.press(`button[value="C001101/spoke"]`)
	r.wantText("#called", r.T("call.noted"))
	r.check()
}

// Somebody writes to a governor through us. The governor's mail server takes the letter and says nothing: the writer reads
// that nobody knows, finds their words, and has it sent once more.
func TestWalkOfALetterThatNobodyAnsweredInABrowser(t *testing.T) {
	for _, kind := range letterWalks {
		t.Run(fmt.Sprintf("%s %d scripts=%v", kind.lang, kind.width, kind.scripts), func(t *testing.T) {
			content := starterContent(t)
			ask := content.Action("keep-families-together")
			ask.Targets, ask.Addressees = nil, []undersigned.Addressee{
				{Slug: "governor", Name: "Ana Gómez", Role: "Governor", Email: "office@governor.example", Phone: "617-555-0100"}}
			r := newReaderIn(t, locale.Load(), content, kind)
			r.open(r.path(familyLetter), http.StatusOK)
			r.fillIn(http.StatusOK, map[string]string{"text": ownWords})
			r.wantText("#mail", r.T("letter.mail"))
			r.check()
			r.fillIn(http.StatusOK, map[string]string{"given_name": "Ana", "email": "ana@mail.example", "locality": "Lowell, MA 01852"})
			link := r.link()
			r.open(link, http.StatusOK)
			r.check()
			r.press("main form .button")
			r.deliver(&mail.Error{Step: "end", Uncertain: true, Err: context.DeadlineExceeded})
			r.open(link, http.StatusOK)
			r.wantText("main .mine", r.T("delivery.unanswered"), "617-555-0100", "office@governor.example")
			r.check()
			if words := evaluate[string](r, `document.querySelector("main textarea").value`); !strings.Contains(words, strings.TrimSpace(ownWords)) {
				t.Errorf("the words to copy are %q", words)
			}
			r.picture("letter-unanswered")
			r.press(`form[action*=again] .button`)
			r.wantText(".notice", r.T("my.done.letter"))
			r.check()
			r.deliver(nil)
			r.open(link, http.StatusOK)
			r.wantText("h1", r.T("confirm_letter.ended.title"))
			r.wantText("main .mine", r.T("delivery.accepted"), r.T("delivery.again", "date", r.catalogue.Locale(r.lang).Day("2026-11-22")))
			r.check()
			r.leaves()
		})
	}
}

// On paper a letter is nothing but itself, a page for each office, on either side of the sea.
func TestLetterIsAPageForEachOfficeOnPaperInABrowser(t *testing.T) {
	content := starterContent(t)
	content.Action("keep-families-together").Addressees = []undersigned.Addressee{
		{Slug: "governor", Name: "Ana Gómez", Role: "Governor", Address: "State House, 24 Beacon Street, Boston, MA 02133"}}
	r := newReaderIn(t, locale.Load(), content, browserKind{lang: "es", width: 1280, quick: true})
	r.open(r.path(familyLetter)+"?zip=02119", http.StatusOK)
	r.fillIn(http.StatusOK, map[string]string{"text": ownWords})
	for name, inches := range map[string][2]float64{"Letter": {8.5, 11}, "A4": {8.27, 11.69}} {
		r.pages("on "+name, inches, 2)
	}
	r.run(testenv.PrintMedia)
	if shown := evaluate[string](r, `document.body.innerText`); !strings.Contains(shown, strings.TrimSpace(ownWords)) || !strings.Contains(shown, "24 Beacon Street") ||
		strings.Contains(shown, r.T("letter.send")) || strings.Contains(shown, r.T("letter.copy")) {
		t.Errorf("on paper stands %q", shown)
	}
}

// office is the mail server of an office that takes whole letters, and what it says then.
type office struct{ answer error }

func (o office) Send(_ context.Context, m *mail.Message) error {
	if err := m.Last(); err != nil {
		return err
	}
	return o.answer
}

// deliver tries each letter once.
func (s *testSite) deliver(answer error) {
	s.t.Helper()
	composer, err := mail.NewComposer(s.catalogue, "hello@"+testHost, "Cause")
	s.must(err)
	queue := s.actions.LetterQueue(action.Post{Composer: composer, Sender: office{answer}, BaseURL: &url.URL{Scheme: "https", Host: testHost}, Path: LocalPath}, action.Pace{})
	var jobs []store.Job
	s.must(s.db.Update(s.t.Context(), store.Jobs, func(tx *store.Tx) (err error) {
		jobs, err = tx.Claim(queue.Name, 100, queue.Lease)
		return err
	}))
	for _, j := range jobs {
		again, finish := queue.Do(s.t.Context(), &j)
		if finish == nil || !again.IsZero() {
			s.t.Fatal("the letter has to wait")
		}
		s.must(s.db.Update(s.t.Context(), store.Jobs, func(tx *store.Tx) error { return errors.Join(finish(tx), tx.Finish(j)) }))
	}
}
