package web

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
)

// waitField carries a form that waits, sealed, on the page that asks to wait.
const waitField = "wait"

// waitView asks somebody to wait before their form is taken. Its button sends it again; a script may press it.
type waitView struct {
	chrome
	Action  string // where the form goes, as it came
	Field   string
	Token   string
	Seconds int
	How     string // how long, in words
	Problem string // why it could not be taken just now; empty where that was not tried
}

func newWait(c chrome, token string, d time.Duration) waitView {
	c = c.titled(c.T("wait.title"), "").private()
	c.LanguageForm = "waiting"
	v := waitView{chrome: c, Action: c.Link(c.Path), Field: waitField, Token: token,
		Seconds: int((d + time.Second - 1) / time.Second)}
	v.How = c.N("wait.seconds", v.Seconds)
	return v
}

// askedToWait answers with the page that asks to wait, where err says that: 429, and when to come again.
func (s *Server) askedToWait(v *visit, err error) (asked bool, _ error) {
	var wait *action.Wait
	if !errors.As(err, &wait) {
		return false, nil
	}
	page := newWait(s.chrome(v), wait.Token, wait.For)
	v.Header().Set("Retry-After", strconv.Itoa(page.Seconds))
	return true, s.show(v, http.StatusTooManyRequests, "wait", page)
}

// waitAgain gives the page back after a form that has waited could not be taken: nothing is lost, and it can be sent again
// at once.
func (s *Server) waitAgain(v *visit, token string, problem *undersigned.Error) error {
	page := newWait(s.chrome(v), token, 0)
	page.Problem = page.T(problem.Key)
	return s.showProblem(v, problem, "wait", page)
}
