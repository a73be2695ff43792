package web

import (
	"net/http"

	"github.com/undersigned/undersigned"
)

// showQuestion is where the mail leads that asks an owner whether a petition goes on.
func (s *Server) showQuestion(v *visit, r *http.Request) error {
	token := r.PathValue("token")
	q, err := s.actions.OpenQuestion(r.Context(), token)
	if err != nil {
		return err
	}
	return s.show(v, http.StatusOK, "attend", newQuestion(s.chrome(v), token, q))
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

// attendTodo adds the questions that an owner has been asked to what needs a person.
func (s *Server) attendTodo(d *deskVisit, r *http.Request, page *todayView) error {
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
			page.add(page.T("desk.todo.attend", "title", text.Title), "/attend/"+s.actions.AttendToken(a.PID, d.staff.User.Email))
		}
	}
	return nil
}
