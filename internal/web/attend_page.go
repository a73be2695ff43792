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

// question asks an owner whether a petition goes on, and says what was answered.
type question struct {
	Heading, HeadingLang string // of the petition
	Ask                  string // its page
	Lead, Else           string
	GoesOn, Over         string // values of the buttons; empty where that is how it stands
}

// newQuestion puts it into words; title is that of its page.
func newQuestion(c chrome, q *action.Question) (v question, title string) {
	text, lang := q.Action.Text(c.Lang(), q.Content.Issue.Languages)
	v = question{Heading: text.Title, HeadingLang: c.other(lang), Ask: c.Link(actionPath(q.Action)), GoesOn: answerGoesOn, Over: answerOver}
	switch {
	case q.Over:
		v.Lead, v.Over = c.T("attend.over.lead"), ""
		return v, c.T("attend.over.title")
	case q.Asked:
		v.Lead, v.Else = c.T("attend.lead"), c.T("attend.else", "date", c.Date(q.ClosesAt.In(undersigned.Eastern)))
		return v, c.T("attend.title")
	}
	v.Lead, v.GoesOn = c.T("attend.goes_on.lead"), ""
	return v, c.T("attend.goes_on.title")
}

// questionView is the page of a link.
type questionView struct {
	chrome
	question
	Action string // where the buttons are posted
	Keeps  string
}

// newQuestionPage makes it. token is that of its own path.
func newQuestionPage(c chrome, token string, q *action.Question) questionView {
	v := questionView{chrome: c.inIssue(q.Content).private(), Action: c.Link("/attend/" + token), Keeps: c.N("attend.keeps", q.KeepDays)}
	v.question, v.Title = newQuestion(c, q)
	return v
}

// deskQuestionView is the page of the desk, which wants a tick.
type deskQuestionView struct {
	deskChrome
	endsView
	question
	Action   string
	Problem  string
	Mistakes []mistake
}

func newDeskQuestion(c deskChrome, q *action.Question, ends endsView) deskQuestionView {
	v := deskQuestionView{deskChrome: c, endsView: ends, Action: c.Link(attendPath(q.Action))}
	v.question, v.Title = newQuestion(c.chrome, q)
	return v
}

func (v *deskQuestionView) failed(problem *undersigned.Error) {
	v.Problem = v.T(problem.Key)
	v.untold(v.chrome, problem.Fields)
}

// attendPath is the desk's page on which an owner says whether a petition goes on.
func attendPath(a *undersigned.Action) string { return askPath(a) + "/attend" }
