package web

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
)

// mailForm takes who sends a letter by e-mail.
type mailForm struct {
	To     []string // whom it goes to
	Inputs []formInput
	Trap   trap
}

func newMailForm(c chrome, to []string) *mailForm {
	return &mailForm{To: to, Trap: newTrap(c), Inputs: []formInput{
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
	Paused        bool // to be pressed again later
	Sent          *sentLetter
	Mine          string // to see what becomes of it
	News          *newsBox
	Next          *actionCard
}

func newConfirmLetter(c chrome, l *action.LetterPage, now time.Time) confirmLetterView {
	text, lang := l.Action.Text(c.Lang(), l.Content.Issue.Languages)
	v := confirmLetterView{chrome: c.inIssue(l.Content).titled(c.T("confirm_letter.title"), "").private(), Heading: text.Title, Lang: c.other(lang),
		Action: c.Link(actionPath(l.Action)), Lead: c.T("confirm_letter.lead"), From: l.Writer.Name() + " <" + l.Writer.Email + ">", Where: l.Writer.Locality,
		Subject: l.Message.Subject, Text: l.Message.Text, Button: !l.Confirmed && !l.Closed && !l.Paused, Paused: l.Paused}
	for _, t := range l.To {
		v.To = append(v.To, t.Name+", "+t.Role)
	}
	switch {
	case l.Paused:
		v.Title, v.Lead = c.T("confirm.paused.title"), c.T("confirm_letter.paused")
	case l.Closed:
		v.Title, v.Lead = c.T("confirm.closed.title"), c.T("confirm_letter.closed")
		v.Next = nextAsk(c, l.Content, l.Action, now)
	case l.Confirmed:
		v.Title, v.Lead = c.T("confirm_letter.done.title"), c.T("confirm_letter.done")
		v.Sent = newSentLetter(c, &l.MyLetter, l.MyToken)
		if v.Sent.Ended {
			v.Title = c.T("confirm_letter.ended.title")
		}
		v.Next = nextAsk(c, l.Content, l.Action, now)
		if l.MyToken != "" {
			v.Mine = c.Link("/my/" + l.MyToken)
			v.News = newNewsBox(c, l.MyToken, &l.Content.Issue)
		}
	}
	return v
}

// sentLetter is what became of a letter that somebody sent by e-mail.
type sentLetter struct {
	chrome
	Heading, Lang string // of the ask
	Link          string
	ID            string // of the letter
	Again         string // where the button that sends it once more is posted
	Deliveries    []deliveryView
	Ended         bool      // nothing more happens by itself
	Words         *textArea // where an office has not got them, for another way
	Subject       string
}

// deliveryView is what became of a letter to one office.
type deliveryView struct {
	To, Target, Day string
	State           string     // in words
	Reply           string     // of the mail server
	Twice           string     // that it was sent once more, and when
	Other           []otherWay // where this one did not work
	Again           bool       // its writer may have it sent once more
}

// otherWay is one that a writer can go without us.
type otherWay struct {
	Phone       *phoneView
	Label, Link string // where it is no telephone
}

// newSentLetter shows a letter to its writer. token is that of their own page, empty where the letter's words are gone.
func newSentLetter(c chrome, l *action.MyLetter, token string) *sentLetter {
	text, lang := l.Action.Text(c.Lang(), l.Content.Issue.Languages)
	v := &sentLetter{chrome: c, Heading: text.Title, Lang: c.other(lang), Link: c.Link(actionPath(l.Action)), ID: l.ID, Again: c.Link("/my/" + token + "/again")}
	v.Ended = !slices.ContainsFunc(l.Deliveries, func(d undersigned.Delivery) bool { return d.OnItsWay() })
	lost := false
	for i := range l.Deliveries {
		d := &l.Deliveries[i]
		if d.Method != undersigned.ByEmail {
			continue
		}
		v.Deliveries = append(v.Deliveries, newDelivery(c, l, d))
		lost = lost || !d.OnItsWay() && d.State != undersigned.DeliveryAccepted
	}
	if lost && l.Message.Text != "" {
		v.Subject = l.Message.Subject
		v.Words = &textArea{Of: l.ID, Name: "text", Label: c.T("my.letter.words"), Hint: c.T("letter.copy.by_hand"), Rows: 8, Value: l.Message.Text}
	}
	return v
}

func newDelivery(c chrome, l *action.MyLetter, d *undersigned.Delivery) deliveryView {
	key := "delivery." + strings.ReplaceAll(string(d.State), " ", "_")
	if d.Unanswered {
		key = "delivery.unanswered"
	}
	v := deliveryView{To: d.Target, Target: d.Target, Day: c.Day(d.Day), State: c.T(key), Reply: d.Reply, Again: l.MayGoAgain(d)}
	if d.Again != "" {
		v.Twice = c.T("delivery.again", "date", c.Day(d.Again))
	}
	t := l.Action.Addressee(d.Target)
	if t == nil {
		return v
	}
	v.To = t.Name + ", " + t.Role
	if !d.OnItsWay() && d.State != undersigned.DeliveryAccepted {
		v.Other = otherWays(c, t)
	}
	return v
}

func otherWays(c chrome, t *undersigned.Addressee) (list []otherWay) {
	if phone := newPhone(t.Phone); phone != nil {
		list = append(list, otherWay{Phone: phone})
	}
	if t.Address != "" {
		list = append(list, otherWay{Label: t.Address})
	}
	if t.URL != "" {
		list = append(list, otherWay{Label: t.URL, Link: t.URL})
	}
	if t.Email != "" {
		list = append(list, otherWay{Label: c.T("delivery.own_mail", "email", t.Email), Link: "mailto:" + t.Email})
	}
	return list
}
