package web

import (
	"html/template"
	"slices"
	"strings"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
)

// actionView is the page of one ask, of any kind and in any state.
type actionView struct {
	chrome
	Kind         undersigned.ActionKind
	KindName     string
	Button       string // what pressing it does
	Heading, Ask string
	Body         template.HTML
	Lang         string
	Steps        []step
	Status       statusView
	Count        *countView // petition, pledge
	Form         *signForm  // petition, pledge; only while it is open
	Outcome      template.HTML
	Successor    *actionCard
	Bill         *billLink
	Position     string     // what it asks Congress to do with the bill
	Owner        string     // elsewhere: whose ask it is
	Outside      *linkView  // elsewhere: where it lives
	Where        *whereView // letter, call: whom it goes to; only while it is open
	Words        *wordsView
	Thanks       *wordsView       // for those who have done already what the ask asks
	Addressees   []memberView     // letter, call: the ask's own targets; only while it is open
	Here         string           // the path of this page, in its language
	Called       string           // call: where its own targets' buttons are, on the page that is the same to everyone
	Safer        *actionCard      // letter: an ask that hands a name to nobody
	Opportunity  *opportunityView // volunteer
	Offer        *offerForm       // volunteer; only while it is open and offers are taken
	Wording      *wordingLink     // petition, pledge
	Share        *shareView
	Brake        string // how many signatures wait for a look, while very many come at once
	Problem      string // what is wrong with a form that was sent; empty where none was
	Mistakes     []mistake
	Comment      string // what was typed, where there is no form to show it in
}

// wordsView is what a reader can say or send without us.
type wordsView struct {
	chrome
	Form                *letterForm // to make them one's own; nil where it is not known whom they go to
	ID, Title           string      // of the part of the page
	Subject, Text, Lang string
	inAll               []string   // Text in each language
	Letters             []string   // for paper, one for each office; where nobody is known, the text alone
	Rows                int        // of the field that shows them
	Phone               *phoneView // that reaches every office
	Targets             []string   // whom to ask for
	President           []string   // of them, whoever is in no seat of Congress
}

// switchboard is the United States Capitol's; it connects to every office of both chambers.
const switchboard = "(202) 224-3121"

// newAction makes the page of an ask. formToken is the one that action.Service gives for it; empty where it cannot be
// signed.
func newAction(c chrome, content *undersigned.Content, a *undersigned.Action, count store.Count, formToken string, now time.Time) actionView {
	text, lang := a.Text(c.Lang(), content.Issue.Languages)
	zone := zoneOf(&content.Issue)
	c = c.inIssue(content).titled(text.Title, text.Ask).withPreview(actionPath(a), newActionPreview(c, content, a))
	v := actionView{chrome: c, Kind: a.Kind, KindName: kindName(c, a.Kind), Button: kindButton(c, a.Kind),
		Heading: text.Title, Ask: text.Ask, Body: prose(text.Body, 2), Lang: c.other(lang),
		Steps: newSteps(c, a.Issue, acting), Status: newStatus(c, content, a, now), Bill: newBillLink(c, content, a.Bill),
		Owner: a.Owner, Wording: newWordingLink(c, a),
		Share: newShare(c, actionPath(a), text.Title)}
	if v.Status.Open && a.Position == undersigned.Support {
		v.Position = c.T("position.support")
	} else if v.Status.Open && a.Position == undersigned.Oppose {
		v.Position = c.T("position.oppose")
	}
	if a.Kind.Signable() && (v.Status.Open || count.Counted > 0) {
		v.Count = newCount(c, a, count, zone)
	}
	if v.Status.Closed || v.Status.Soon {
		v.Outcome, v.Successor = prose(text.Outcome, 3), newSuccessor(c, content, a, now)
	}
	if v.Status.Closed {
		return v
	}
	if a.Kind == undersigned.Volunteer {
		v.Opportunity = newOpportunity(c, content, a)
	}
	switch {
	case a.Kind.Signable() && v.Status.Open:
		v.Form = newSignForm(c, a, formToken)
		v.Form.Sealed = len(content.Issue.SealTo)
	case v.Status.Open && content.TakesOffers(a):
		v.Offer, v.Button = newOfferForm(c, content, a, formToken), c.T("offer.button")
	case a.Kind == undersigned.Elsewhere && a.URL != "":
		link := newLink(c, a.URL, a.Owner, a.Link, zone)
		v.Outside = &link
	case a.Kind == undersigned.Letter || a.Kind == undersigned.Call:
		v.Words = newWords(c, content, a)
		v.Addressees = newAddressees(c, content, a)
		v.Safer = newSafer(c, content, now)
	}
	return v
}

// newSuccessor is the ask that goes on where another ends, nil where the organiser has named none.
func newSuccessor(c chrome, content *undersigned.Content, a *undersigned.Action, now time.Time) *actionCard {
	next := content.Action(a.Successor)
	if next == nil || next.State == undersigned.ActionDraft {
		return nil
	}
	card := newActionCard(c, content, next, store.Count{}, now)
	card.Count = nil
	return &card
}

// newSafer is the first open petition of the same issue: who signs it gives a name to no office. Nil where there is none.
func newSafer(c chrome, content *undersigned.Content, now time.Time) *actionCard {
	for i := range content.Actions {
		if a := &content.Actions[i]; a.Kind == undersigned.Petition && a.Decide(content.Bill(a.Bill), now).Open() {
			card := newActionCard(c, content, a, store.Count{}, now)
			card.Count = nil
			return &card
		}
	}
	return nil
}

// wordsOf gives the text with the words of a letter or a call, of the issue's first language where a translation has none.
func wordsOf(content *undersigned.Content, a *undersigned.Action, wanted string) (text undersigned.ActionText, lang string) {
	if text, lang = a.Text(wanted, content.Issue.Languages); text.Words == "" {
		return a.Text(content.Issue.Languages[0], content.Issue.Languages)
	}
	return text, lang
}

// newWords are those of a letter or a call; nil where nobody has written any.
func newWords(c chrome, content *undersigned.Content, a *undersigned.Action) *wordsView {
	text, lang := wordsOf(content, a, c.Lang())
	if text.Words == "" {
		return nil
	}
	w := &wordsView{chrome: c, ID: "words", Title: c.T("words.write"), Subject: text.Subject, Text: text.Words, Lang: c.other(lang), Rows: 6 + len(text.Words)/60, Phone: newPhone(switchboard)}
	w.Rows = min(w.Rows, 18)
	for _, text := range a.Texts {
		w.inAll = append(w.inAll, text.Words)
	}
	if len(a.Chambers()) == 0 {
		w.Phone = nil
	}
	if a.Kind == undersigned.Call {
		w.Title = c.T("words.say")
	}
	if slices.Contains(a.Chambers(), undersigned.House) {
		w.Targets = append(w.Targets, c.T("words.ask.house"))
	}
	if slices.Contains(a.Targets, "senate") {
		w.Targets = append(w.Targets, c.T("words.ask.senate"))
	}
	if slices.Contains(a.Targets, "president") {
		w.President = []string{c.T("words.ask.president")}
		w.Targets = append(w.Targets, w.President...)
	}
	return w
}

// failed shows the page after a form that could not be taken, with what is wrong and everything that was typed. Where
// the ask has closed meanwhile there is no form to fill in again; a comment is given back to be kept.
func (v *actionView) failed(typed undersigned.SignatureForm, problem *undersigned.Error) {
	if problem.Key != "" {
		v.Problem = v.T(problem.Key)
	}
	if v.Form == nil {
		v.Comment = strings.ToValidUTF8(typed.Comment, "\uFFFD")
		return
	}
	v.Form.fill(v.chrome, typed, problem)
	v.Mistakes = v.Form.Mistakes
	v.Title = v.T("form.error_title", "title", v.Title)
}

// brake says that doubtful signatures are held just now, and how many wait.
func (v *actionView) brake(site *store.Site, pid string) {
	if b, on := site.Brakes[pid]; on {
		v.Brake = v.T("brake.why") + " " + v.N("brake.waiting", int(b.Waiting))
	}
}
