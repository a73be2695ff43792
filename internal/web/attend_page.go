package web

import (
	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
)

// The two answers, as the buttons send them.
const (
	answerGoesOn = "goes_on"
	answerOver   = "over"
)

// questionView asks an owner whether a petition goes on, and says what was answered.
type questionView struct {
	chrome
	Action        string // where the buttons are posted
	Heading, Lang string // of the petition
	Ask           string // its page
	Lead, Else    string
	GoesOn, Over  string // values of the buttons; empty where that is how it stands
	Keeps         string
}

// newQuestion makes the page of one link. token is that of its own path.
func newQuestion(c chrome, token string, q *action.Question) questionView {
	text, lang := q.Action.Text(c.Lang(), q.Content.Issue.Languages)
	v := questionView{chrome: c.inIssue(q.Content).private(), Action: c.Link("/attend/" + token), Heading: text.Title, Lang: c.other(lang),
		Ask: c.Link(actionPath(q.Action)), GoesOn: answerGoesOn, Over: answerOver, Keeps: c.N("attend.keeps", q.KeepDays)}
	title := "attend.title"
	switch {
	case q.Over:
		title, v.Lead, v.Over = "attend.over.title", c.T("attend.over.lead"), ""
	case q.Asked:
		v.Lead, v.Else = c.T("attend.lead"), c.T("attend.else", "date", c.Date(q.ClosesAt.In(undersigned.Eastern)))
	default:
		title, v.Lead, v.GoesOn = "attend.goes_on.title", c.T("attend.goes_on.lead"), ""
	}
	v.Title = c.T(title)
	return v
}
