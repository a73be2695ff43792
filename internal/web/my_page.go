package web

import (
	"strings"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
)

// myLinkView asks for the address whose signatures somebody wants to see.
type myLinkView struct {
	chrome
	Action    string // where the form is posted
	TokenName string
	Token     string
	Trap      trap
	Email     formInput
}

func newMyLink(c chrome, token string) myLinkView {
	return myLinkView{chrome: c.titled(c.T("my_link.title"), c.T("my_link.lead")), Action: c.Link("/my"),
		TokenName: formTokenField, Token: token, Trap: newTrap(c),
		Email: formInput{Name: "email", Label: c.T("form.email"), Type: "email", Autocomplete: "email", Required: true}}
}

// failed shows the form again as it was typed, with what is wrong with it.
func (v *myLinkView) failed(typed string, problem *undersigned.Error) {
	v.Email.Value = strings.ToValidUTF8(typed, "\uFFFD")
	v.Email.Error = v.T(problem.Key)
	for _, e := range problem.Fields {
		v.Email.Error = v.T(e.Key, e.Args...)
	}
}

// myCheckMailView is the same for every address.
type myCheckMailView struct {
	chrome
	Form    string // back to the form
	Slow    bool   // mails have to wait, everybody's
	DevMail string // where mail can be read on a developer's own machine; set by the handler that knows
}

func newMyCheckMail(c chrome) myCheckMailView {
	return myCheckMailView{chrome: c.private().titled(c.T("my_check_mail.title"), ""), Form: c.Link("/my")}
}

// myView is what one address has signed, and the way out of each.
type myView struct {
	chrome
	Email      string
	Expires    string
	Page       string // this one; /withdraw and /erase behind it take the forms
	Done       string // what was just done, in words; empty where nothing was
	Signatures []mySignature
	Offers     []myOffer
	Letters    []*sentLetter

	NewsOn, NewsOff []myNews
}

type mySignature struct {
	ID         string
	Heading    string // of the ask
	Lang, Link string // the link is empty where the ask has no page, because it is a draft again
	Name       string
	Day        string
	Class      string // in words: what the signer allowed
	State      string // in words
	Living     bool   // it still says something about a person, who can take it back
	Sealed     bool   // what it says cannot be read here
	Held       bool   // it does not count yet, and may never
	Removed    bool   // it counts no longer, and what it says is kept for a while
	Receipt    *receiptView
}

// newMy makes the page of one address. token is that of its own path.
func newMy(c chrome, token string, mine *action.Mine) myView {
	v := myView{chrome: c.private().titled(c.T("my.title"), ""), Email: mine.Email,
		Expires: c.DateTime(mine.Expires.In(undersigned.Eastern)), Page: c.Link("/my/" + token)}
	v.NewsOn, v.NewsOff = newMyNews(c, token, mine)
	for _, s := range mine.Signatures {
		text, lang := s.Action.Text(c.Lang(), s.Content.Issue.Languages)
		item := mySignature{ID: s.ID, Heading: text.Title, Lang: c.other(lang), Name: s.Name, Day: c.Day(s.Day),
			State: signatureState(c, s.State), Living: s.State.Living(), Sealed: s.Sealed,
			Held: s.State == undersigned.SignatureHeld, Removed: s.State == undersigned.SignatureInvalidated}
		if s.Content.Issue.State != undersigned.IssueDraft && s.Action.State != undersigned.ActionDraft {
			item.Link = c.Link(actionPath(s.Action))
		}
		if item.Living && !item.Held {
			item.Receipt = newReceipt(c, token, s.ID, phrase{text.Title, c.other(lang)}, s.Sealed)
		}
		if item.Living && s.Class == undersigned.Delivered {
			item.Class = c.T("my.delivered")
		} else if item.Living {
			item.Class = c.T("my.counted")
		}
		v.Signatures = append(v.Signatures, item)
	}
	for i := range mine.Letters {
		v.Letters = append(v.Letters, newSentLetter(c, &mine.Letters[i], token))
	}
	for i := range mine.Offers {
		v.Offers = append(v.Offers, newMyOffer(c, &mine.Offers[i]))
	}
	return v
}

// The ways out of a signature, as the page's address names the one that was just taken.
const (
	leftWithdrawn = "withdrawn"
	leftErased    = "erased"
	leftShredded  = "shredded"
	leftOffer     = "offer"
	letterAgain   = "letter" // and what was no way out
)

// left says what was just done: a signature that is withdrawn or erased is no longer in the list.
func (v *myView) left(how string) {
	switch how {
	case leftWithdrawn:
		v.Done = v.T("my.done.withdrawn")
	case leftErased:
		v.Done = v.T("my.done.erased")
	case leftShredded:
		v.Done = v.T("my.done.shredded")
	case leftOffer:
		v.Done = v.T("my.done.offer")
	case letterAgain:
		v.Done = v.T("my.done.letter")
	}
}

func signatureState(c chrome, s undersigned.SignatureState) string {
	switch s {
	case undersigned.SignatureWaiting:
		return c.T("signature.waiting")
	case undersigned.SignatureCounted:
		return c.T("signature.counted")
	case undersigned.SignatureHeld:
		return c.T("signature.held")
	case undersigned.SignatureWithdrawn:
		return c.T("signature.withdrawn")
	case undersigned.SignatureErased:
		return c.T("signature.erased")
	case undersigned.SignatureShredded:
		return c.T("signature.shredded")
	}
	return c.T("signature.invalidated")
}
