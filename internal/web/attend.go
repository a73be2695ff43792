package web

import (
	"net/http"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
)

// showQuestion is where the mail leads that asks an owner whether a petition goes on.
func (s *Server) showQuestion(v *visit, r *http.Request) error {
	token := r.PathValue("token")
	q, err := s.actions.OpenQuestion(r.Context(), token)
	if err != nil {
		return err
	}
	return s.show(v, http.StatusOK, "attend", newQuestionPage(s.chrome(v), token, q))
}

// answerQuestion takes one of its two buttons.
func (s *Server) answerQuestion(v *visit, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	token, answer := r.PathValue("token"), form.Get("answer")
	if _, err := s.actions.OpenQuestion(r.Context(), token); err != nil {
		return err
	}
	if answer != answerGoesOn && answer != answerOver {
		return undersigned.Fail(undersigned.Invalid, "")
	}
	if err := s.actions.Answer(r.Context(), token, answer == answerOver); err != nil {
		return err
	}
	return seeOther(v, "/attend/"+token)
}

// showDeskQuestion asks the same at the desk, of an owner who is signed in. It asks as publishing does what ends something for good:
// a cookie that was copied ends nothing. The link in the mail does not; whoever reads that mailbox could sign in by it.
func (s *Server) showDeskQuestion(d *deskVisit, r *http.Request) error {
	page, _, err := s.deskQuestion(d, r)
	if err != nil {
		return err
	}
	return s.show(d, http.StatusOK, "desk/attend", page)
}

func (s *Server) deskQuestion(d *deskVisit, r *http.Request) (page deskQuestionView, a *undersigned.Action, err error) {
	site, err := s.db.Site(r.Context())
	if err != nil {
		return page, nil, err
	}
	if _, a, err = findSignable(site, r); err != nil {
		return page, nil, err
	}
	q, err := s.actions.QuestionOf(r.Context(), a.PID)
	if err != nil {
		return page, nil, err
	}
	over := q.Content.Clone()
	over.Action(a.Slug).State = undersigned.ActionClosed
	ends, err := s.endsWith(d, r, over)
	return newDeskQuestion(s.deskChrome(d.visit, d.staff), q, ends), a, err
}

func (s *Server) answerDeskQuestion(d *deskVisit, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	page, a, err := s.deskQuestion(d, r)
	if err != nil {
		return err
	}
	var problem *undersigned.Error
	switch answer := form.Get("answer"); {
	case answer != answerGoesOn && answer != answerOver:
		problem = errWhich
	case answer == answerOver && len(page.Ends) > 0 && form.Get("ends") == "":
		problem = action.ErrEnds
	}
	if problem != nil {
		page.failed(problem)
		return s.showProblem(d.visit, problem, "desk/attend", page)
	}
	if err := s.actions.AnswerFor(r.Context(), d.by(), a.PID, form.Get("answer") == answerOver); err != nil {
		return err
	}
	return seeOther(d.visit, attendPath(a))
}

// attendTodo adds the questions that an owner has been asked to what needs a person.
func (s *Server) attendTodo(_ *deskVisit, r *http.Request, page *todayView) error {
	site, err := s.db.Site(r.Context())
	if err != nil {
		return err
	}
	for _, c := range site.Contents {
		for i := range c.Actions {
			a := &c.Actions[i]
			if a.Attention.Asked.IsZero() || !a.Attention.Ended.IsZero() || !a.Endless(c.Bill(a.Bill), s.now()) {
				continue
			}
			text, _ := a.Text(page.Lang(), c.Issue.Languages)
			page.add(page.T("desk.todo.attend", "title", text.Title), attendPath(a))
		}
	}
	return nil
}
