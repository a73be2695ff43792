package mail

import (
	"strings"

	"github.com/undersigned/undersigned"
)

// Offer is what a mail to a coordinator, or to an owner, says about an offer to volunteer.
type Offer struct {
	// Reason is why they are written to: "new", "waits" (a coordinator again), "owner" (the coordinator has left it
	// alone), "withdrawn". It ends message keys.
	Reason string
	Title  string          // of the ask
	Link   string          // the page of the offer
	Day    undersigned.Day // on which it came
	Name   string          // withdrawn: the given name
	// Submission is the offer itself; answers to the mail go to whoever made it. Nil for owner and withdrawn.
	Submission *undersigned.Submission
}

// ConfirmOffer asks the owner of an address to press the button behind link, which works for three days: only then does
// the offer go to anybody.
func (c *Composer) ConfirmOffer(h Letterhead, link, title, unsubscribe string) (*Message, error) {
	return c.compose("offer-confirm", h, page{Subject: c.catalogue.Locale(h.Language).T("mail.confirm.subject"),
		Link: link, Title: oneLine(title), Unsubscribe: unsubscribe})
}

// Offer tells somebody whose work it is about an offer. Nobody is named in its subject.
func (c *Composer) Offer(h Letterhead, o Offer) (*Message, error) {
	l := c.catalogue.Locale(h.Language)
	o.Name = oneLine(o.Name)
	m, err := c.compose("offer", h, page{Subject: l.T("mail.offer." + o.Reason + ".subject"), Link: o.Link, Title: oneLine(o.Title),
		Day: l.Day(o.Day), Offer: &o})
	if err == nil && o.Submission != nil {
		m.ReplyTo = o.Submission.Person.Email
	}
	return m, err
}

// FullName is the volunteer's.
func (o *Offer) FullName() string {
	return oneLine(strings.TrimSpace(o.Submission.Person.GivenName + " " + o.Submission.Person.FamilyName))
}

// Quoted is a text as mails quote it, so that nobody can write in our name.
func Quoted(text string) string { return "> " + strings.ReplaceAll(text, "\n", "\n> ") }
