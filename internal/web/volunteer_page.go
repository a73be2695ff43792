package web

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
)

// opportunityView says what is wanted of volunteers, and whom their offers go to.
type opportunityView struct {
	chrome
	Facts []fact
	Taken bool   // offers are taken
	To    string // in words: whom they go to
	Email string // where the organiser wants it shown
}

// fact is a line of a list.
type fact struct {
	Label, Value, Lang string
}

func newOpportunity(c chrome, content *undersigned.Content, a *undersigned.Action) *opportunityView {
	text, lang := a.Text(c.Lang(), content.Issue.Languages)
	v := &opportunityView{chrome: c, Taken: content.TakesOffers(a)}
	add := func(label, value, lang string) {
		if value != "" {
			v.Facts = append(v.Facts, fact{Label: label, Value: value, Lang: lang})
		}
	}
	o := text.Opportunity
	add(c.T("volunteer.place"), o.Place, c.other(lang))
	add(c.T("volunteer.hours"), o.Hours, c.other(lang))
	var names []string
	for _, code := range a.Opportunity.Languages {
		names = append(names, languageName(c, code))
	}
	add(c.T("volunteer.languages"), strings.Join(names, ", "), "")
	add(c.T("volunteer.skills"), o.Skills, c.other(lang))
	if !v.Taken {
		return v
	}
	to := content.CoordinatorOf(a)
	v.To = c.T("volunteer.to_coordinator")
	if to.Name != "" {
		v.To = c.T("volunteer.to", "name", to.Name)
	}
	if to.ShowEmail {
		v.Email = to.Email
	}
	return v
}

// failedOffer shows the page after an offer that could not be taken, with what is wrong and everything that was typed.
func (v *actionView) failedOffer(typed undersigned.SubmissionForm, problem *undersigned.Error) {
	if problem.Key != "" {
		v.Problem = v.T(problem.Key)
	}
	if v.Offer == nil {
		v.Comment = strings.ToValidUTF8(strings.Join(append([]string{typed.Comment}, slices.Sorted(maps.Values(typed.Answers))...), "\n\n"), "\uFFFD")
		return
	}
	v.Offer.fill(v.chrome, typed, problem)
	v.Mistakes = v.Offer.Mistakes
	v.Title = v.T("form.error_title", "title", v.Title)
}

// offerWords is an offer as it is read.
type offerWords struct {
	chrome
	Name, Email, Language, Label, Comment string // no language where it is read by who wrote it
	Answers                               []fact
}

func newOfferWords(c chrome, s *undersigned.Submission) *offerWords {
	v := &offerWords{chrome: c, Label: c.T("offer.comment"), Name: strings.TrimSpace(s.Person.GivenName + " " + s.Person.FamilyName), Email: s.Person.Email,
		Comment: s.Person.Comment}
	for _, a := range s.Answers {
		words := a.Words
		if a.Kind == undersigned.YesNoQuestion {
			words = c.T("answer." + a.Words)
		}
		v.Answers = append(v.Answers, fact{Label: a.Question, Value: words})
	}
	return v
}

// confirmOfferView is the page behind the link of an offer, before and after its one button was pressed.
type confirmOfferView struct {
	chrome
	Outcome action.OfferOutcome
	Lead    string
	State   string // in words, of what is there
	Words   *offerWords
	Heading string // of the ask
	Lang    string
	Action  string // the page of the ask
	Mine    string // see it and take it back
	News    *newsBox
	Next    *actionCard
}

func newConfirmOffer(c chrome, done *action.OfferConfirmation, now time.Time) confirmOfferView {
	a := done.Action
	text, lang := a.Text(c.Lang(), done.Content.Issue.Languages)
	title := c.T("offer.confirm." + string(done.Outcome) + ".title")
	v := confirmOfferView{chrome: c.inIssue(done.Content).titled(title, "").private(), Outcome: done.Outcome,
		Lead: c.T("offer.confirm." + string(done.Outcome) + ".lead"), Heading: text.Title, Lang: c.other(lang), Action: c.Link(actionPath(a))}
	if done.Submission != nil {
		v.Words = newOfferWords(v.chrome, done.Submission)
	}
	if done.State != "" && done.Outcome != action.OfferWithdrawn {
		v.State = c.T("offer.state." + string(done.State))
	}
	if done.MyToken != "" {
		v.Mine = c.Link("/my/" + done.MyToken)
		v.News = newNewsBox(c, done.MyToken, &done.Content.Issue)
	}
	if done.Outcome != action.OfferUnpressed && done.Outcome != action.OfferPaused {
		v.Next = nextAsk(c, done.Content, a, now)
	}
	return v
}

// offerView is an offer for its coordinator, with the buttons that set its state.
type offerView struct {
	chrome
	Problem    string
	Heading    string // of the ask
	Lang       string
	Page       string // this one, which takes the buttons
	State      string // in words
	Day, Moved string
	Words      *offerWords // nil where it was taken back
	Steps      []formOption
}

func newOffer(c chrome, d *action.Desk) offerView {
	text, lang := d.Action.Text(c.Lang(), d.Content.Issue.Languages)
	v := offerView{chrome: c.titled(c.T("offer.title"), "").private(), Heading: text.Title, Lang: c.other(lang), Page: c.Link(c.Path),
		State: c.T("offer.state." + string(d.State)), Day: c.Day(d.Day), Moved: c.Day(d.Moved)}
	if d.Submission == nil {
		return v
	}
	v.Words = newOfferWords(v.chrome, d.Submission)
	v.Words.Label, v.Words.Language = c.T("offer.said"), languageName(c, d.Submission.Language)
	for _, next := range d.State.Steps() {
		v.Steps = append(v.Steps, formOption{Value: string(next), Label: c.T("offer.step." + string(next))})
	}
	return v
}

// myOffer is an offer for its volunteer.
type myOffer struct {
	ID, Heading, Lang, Link string // the link is empty where the ask has no page
	Name, Day, State        string
	Told                    string // in words: whether it has reached the coordinator
}

func newMyOffer(c chrome, o *action.MyOffer) myOffer {
	text, lang := o.Action.Text(c.Lang(), o.Content.Issue.Languages)
	v := myOffer{ID: o.ID, Heading: text.Title, Lang: c.other(lang), Name: o.Name, Day: c.Day(o.Day),
		State: c.T("offer.state." + string(o.State)), Told: c.T("my.offer.on_its_way")}
	if o.Told != "" {
		v.Told = c.T("my.offer.told", "date", c.Day(o.Told))
	}
	if o.Content.Issue.State != undersigned.IssueDraft && o.Action.State != undersigned.ActionDraft {
		v.Link = c.Link(actionPath(o.Action))
	}
	return v
}
