package web

import (
	"net/url"
	"strings"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
)

// mailForm takes who sends a letter by e-mail.
type mailForm struct {
	To     []string // whom it goes to
	Inputs []formInput
	Trap   string // the name of the field that nobody sees
}

func newMailForm(c chrome, to []string) *mailForm {
	return &mailForm{To: to, Trap: trapField, Inputs: []formInput{
		{Name: "given_name", Label: c.T("form.given_name"), Type: "text", Autocomplete: "given-name", Required: true},
		{Name: "family_name", Label: c.T("form.family_name"), Hint: c.T("form.family_name.hint"), Type: "text", Autocomplete: "family-name"},
		{Name: "email", Label: c.T("form.email"), Hint: c.T("letter.mail.email.hint"), Type: "email", Autocomplete: "email", Required: true},
		{Name: "locality", Label: c.T("letter.mail.locality"), Hint: c.T("letter.mail.locality.hint"), Type: "text", Autocomplete: "off"},
	}}
}

func (f *mailForm) typed(form url.Values) {
	for i := range f.Inputs {
		f.Inputs[i].Value = validText(form.Get(f.Inputs[i].Name))
	}
}

func (f *mailForm) failed(c chrome, problem *undersigned.Error) (mistakes []mistake) {
	for i := range f.Inputs {
		for _, e := range problem.Fields {
			if input := &f.Inputs[i]; e.Field == input.Name {
				input.Error = c.T(e.Key, e.Args...)
				mistakes = append(mistakes, mistake{Field: input.Name, Label: input.Label, Text: input.Error})
			}
		}
	}
	return mistakes
}

// confirmLetterView is the page behind the link of a letter's mail.
type confirmLetterView struct {
	chrome
	Heading, Lang string // of the ask
	Action        string
	Lead          string
	From, Where   string
	To            []string
	Subject, Text string
	Button        bool
	Deliveries    []deliveryView
	Mine          string // to see what becomes of it
	Next          *actionCard
}

func newConfirmLetter(c chrome, l *action.LetterPage, now time.Time) confirmLetterView {
	text, lang := l.Action.Text(c.Lang(), l.Content.Issue.Languages)
	v := confirmLetterView{chrome: c.inIssue(l.Content).titled(c.T("confirm_letter.title"), "").private(), Heading: text.Title, Lang: c.other(lang),
		Action: c.Link(actionPath(l.Action)), Lead: c.T("confirm_letter.lead"), From: l.Writer.Name() + " <" + l.Writer.Email + ">", Where: l.Writer.Locality,
		Subject: l.Message.Subject, Text: l.Message.Text, Button: !l.Confirmed && !l.Closed}
	for _, t := range l.To {
		v.To = append(v.To, t.Name+", "+t.Role)
	}
	switch {
	case l.Closed:
		v.Title, v.Lead = c.T("confirm.closed.title"), c.T("confirm_letter.closed")
		v.Next = nextAsk(c, l.Content, l.Action, now)
	case l.Confirmed:
		v.Title, v.Lead = c.T("confirm_letter.done.title"), c.T("confirm_letter.done")
		v.Deliveries = newDeliveries(c, l.Action, l.Deliveries)
		v.Next = nextAsk(c, l.Content, l.Action, now)
		if l.MyToken != "" {
			v.Mine = c.Link("/my/" + l.MyToken)
		}
	}
	return v
}

// deliveryView is what became of a letter to one office.
type deliveryView struct {
	To, Day string
	State   string   // in words
	Reply   string   // of the mail server
	Other   []string // other ways, where this one did not work
}

func newDeliveries(c chrome, a *undersigned.Action, deliveries []undersigned.Delivery) (list []deliveryView) {
	for _, d := range deliveries {
		if d.Method != undersigned.ByEmail {
			continue
		}
		v := deliveryView{To: d.Target, Day: c.Day(d.Day), State: c.T("delivery." + strings.ReplaceAll(string(d.State), " ", "_")), Reply: d.Reply}
		if t := a.Addressee(d.Target); t != nil {
			v.To = t.Name + ", " + t.Role
			if d.State != undersigned.DeliveryQueued && d.State != undersigned.DeliveryAccepted {
				for _, way := range []string{t.Phone, t.Address, t.URL} {
					if way != "" {
						v.Other = append(v.Other, way)
					}
				}
			}
		}
		list = append(list, v)
	}
	return list
}

// myLetter is a letter that somebody sent by e-mail.
type myLetter struct {
	Heading, Lang, Link string
	Deliveries          []deliveryView
}

func newMyLetters(c chrome, letters []action.MyLetter) (list []myLetter) {
	for _, l := range letters {
		text, lang := l.Action.Text(c.Lang(), l.Content.Issue.Languages)
		list = append(list, myLetter{Heading: text.Title, Lang: c.other(lang), Link: c.Link(actionPath(l.Action)),
			Deliveries: newDeliveries(c, l.Action, l.Deliveries)})
	}
	return list
}
