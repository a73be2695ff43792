package web

import (
	"slices"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
	"github.com/undersigned/undersigned/internal/store"
)

// checkMailView is what everyone sees who sent a form, whether the address was new, known or blocked.
type checkMailView struct {
	chrome
	Steps   []step
	Heading string // of the ask
	Lang    string
	Lead    string
	Last    string // what the last of the three steps is
	Form    string // back to the form
	Offer   bool   // it was a volunteer's
	Slow    bool   // mails have to wait, everybody's
	DevMail string // where mail can be read on a developer's own machine; set by the handler that knows
}

func newCheckMail(c chrome, content *undersigned.Content, a *undersigned.Action) checkMailView {
	text, lang := a.Text(c.Lang(), content.Issue.Languages)
	v := checkMailView{chrome: c.inIssue(content).titled(c.T("check_mail.title"), "").private(),
		Steps: newSteps(c, a.Issue, acting), Heading: text.Title, Lang: c.other(lang), Form: c.Link(actionPath(a)) + "#sign",
		Lead: c.T("check_mail.lead"), Last: c.T("check_mail.step.3")}
	if a.Kind == undersigned.Letter {
		v.Lead, v.Last, v.Form = c.T("check_mail.letter.lead"), c.T("check_mail.letter.step.3"), c.Link(actionPath(a))+"#words"
	}
	if v.Offer = a.Kind == undersigned.Volunteer; v.Offer {
		v.Lead, v.Last = c.T("offer.check_mail.lead"), c.T("offer.check_mail.step.3")
	}
	return v
}

// confirmView is the page behind the link of a confirmation mail, before and after its one button was pressed.
type confirmView struct {
	chrome
	Outcome   action.Outcome
	GivenName string
	Kind      undersigned.ActionKind
	Heading   string // of the ask
	Ask       string
	Lang      string
	Steps     []step
	Status    statusView
	Action    string       // the page of the ask
	Mine      string       // see and withdraw; empty where there is nothing to see
	Receipt   *receiptView // nil where it is to be found at Mine
	News      *newsBox
	Next      *actionCard
	Share     *shareView
}

func newConfirm(c chrome, done *action.Confirmation, now time.Time) confirmView {
	content, a := done.Content, done.Action
	text, lang := a.Text(c.Lang(), content.Issue.Languages)
	v := confirmView{chrome: c.inIssue(content).titled(confirmTitle(c, done.Outcome), "").private(), Outcome: done.Outcome,
		GivenName: done.GivenName, Kind: a.Kind, Heading: text.Title, Ask: text.Ask, Lang: c.other(lang),
		Status: newStatus(c, content, a, now), Action: c.Link(actionPath(a)), Share: newShare(c, actionPath(a), text.Title)}
	if done.MyToken != "" {
		v.Mine = c.Link("/my/" + done.MyToken)
		v.News = newNewsBox(c, done.MyToken, &content.Issue)
		if done.ID != "" && done.Outcome != action.Held {
			v.Receipt = newReceipt(c, done.MyToken, done.ID, phrase{text.Title, c.other(lang)}, content.Issue.Sealed())
		}
	}
	switch done.Outcome {
	case action.Counted, action.Held, action.Already:
		v.Steps = newSteps(c, a.Issue, sharing)
		v.Next = nextAsk(c, content, a, now)
	case action.Unpressed, action.Paused:
		v.Steps = newSteps(c, a.Issue, acting)
	case action.Closed, action.Forgotten:
		v.Next = nextAsk(c, content, a, now)
	}
	return v
}

func confirmTitle(c chrome, outcome action.Outcome) string {
	switch outcome {
	case action.Counted:
		return c.T("confirm.counted.title")
	case action.Held:
		return c.T("confirm.held.title")
	case action.Removed:
		return c.T("confirm.removed.title")
	case action.Already:
		return c.T("confirm.already.title")
	case action.Withdrawn:
		return c.T("confirm.withdrawn.title")
	case action.Forgotten:
		return c.T("confirm.forgotten.title")
	case action.Full:
		return c.T("confirm.full.title")
	case action.Closed:
		return c.T("confirm.closed.title")
	case action.Paused:
		return c.T("confirm.paused.title")
	}
	return c.T("confirm.title")
}

// nextAsk is the next thing to do: the open ask that done names as its successor, else the first open one after it on the
// page, else the first before it; nil where there is none. Offers to volunteer are not among them.
func nextAsk(c chrome, content *undersigned.Content, done *undersigned.Action, now time.Time) *actionCard {
	at := slices.IndexFunc(content.Actions, func(a undersigned.Action) bool { return a.Slug == done.Slug })
	order := slices.Concat(content.Actions[at+1:], content.Actions[:max(at, 0)])
	if next := content.Action(done.Successor); next != nil {
		order = slices.Insert(order, 0, *next)
	}
	for i := range order {
		a := &order[i]
		if a.Kind != undersigned.Volunteer && a.Decide(content.Bill(a.Bill), now).Open() {
			card := newActionCard(c, content, a, store.Count{}, now)
			card.Count = nil
			return &card
		}
	}
	return nil
}
