package web

import (
	"context"
	"errors"
	"net/http"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
)

func (s *Server) showMyLink(_ context.Context, v *visit, _ *http.Request) (*draft, error) {
	return s.html("my_link", newMyLink(s.chrome(v), s.actions.MyFormToken(s.now())))
}

// sendMyLink answers the same whether the address has signed anything or not.
func (s *Server) sendMyLink(v *visit, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	email, token := form.Get("email"), form.Get(waitField)
	if token == "" {
		err = s.actions.RequestMyLink(r.Context(), action.MyLinkInput{Email: email, FormToken: form.Get(formTokenField), Language: v.lang,
			Trap: form.Get(trapField), Visitor: s.visitor(r)})
	} else {
		err = s.actions.MyLinkAfterWaiting(r.Context(), token)
	}
	if asked, err := s.askedToWait(v, err); asked {
		return err
	}
	var problem *undersigned.Error
	switch {
	case err == nil:
		return seeOther(v, "/my/check-mail")
	case errors.As(err, &problem) && problem.Kind == undersigned.Unavailable && token != "":
		return s.waitAgain(v, token, problem)
	case errors.As(err, &problem) && (problem.Kind == undersigned.Invalid || problem.Kind == undersigned.Unavailable):
		page := newMyLink(s.chrome(v), s.actions.MyFormToken(s.now()))
		page.failed(email, problem)
		return s.showProblem(v, problem, "my_link", page)
	}
	return err
}

func (s *Server) myCheckMail(_ context.Context, v *visit, _ *http.Request) (*draft, error) {
	page := newMyCheckMail(s.chrome(v))
	page.Slow, page.DevMail = s.mailSlow(), s.devMailPath()
	return s.html("my_check_mail", page)
}

// my shows what the holder of a link has signed.
func (s *Server) my(v *visit, r *http.Request) error {
	token := r.PathValue("token")
	mine, err := s.actions.Mine(r.Context(), token)
	if err != nil {
		return err
	}
	page := newMy(s.chrome(v), token, mine)
	page.left(r.URL.Query().Get("done"))
	return s.show(v, http.StatusOK, "my", page)
}

// withdraw takes a signature back.
func (s *Server) withdraw(v *visit, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	token := r.PathValue("token")
	if err := s.actions.Withdraw(r.Context(), token, form.Get("id")); err != nil {
		return err
	}
	return seeOther(v, "/my/"+token+"?done="+leftWithdrawn)
}

// erase forgets a signer, whose voice may go on counting.
func (s *Server) erase(v *visit, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	token, keepVoice, done := r.PathValue("token"), form.Get("keep_voice") != "", leftErased
	if keepVoice {
		done = leftShredded
	}
	if err := s.actions.Erase(r.Context(), token, form.Get("id"), keepVoice); err != nil {
		return err
	}
	return seeOther(v, "/my/"+token+"?done="+done)
}

// writeAgain sends a letter once more to an office of which nobody knows whether it has it.
func (s *Server) writeAgain(v *visit, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	token := r.PathValue("token")
	if err := s.actions.WriteAgain(r.Context(), token, form.Get("letter"), form.Get("target")); err != nil {
		return err
	}
	return seeOther(v, "/my/"+token+"?done="+letterAgain)
}
