package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
	"github.com/undersigned/undersigned/internal/store"
)

// takeOffer takes an offer to volunteer. The answer is the same whether the address is new, has offered or is blocked.
func (s *Server) takeOffer(v *visit, r *http.Request, content *undersigned.Content, a *undersigned.Action) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	typed, token := submissionForm(form), form.Get(waitField)
	if token == "" {
		err = s.actions.Volunteer(r.Context(), action.OfferInput{Issue: a.Issue, Action: a.Slug, Form: typed,
			FormToken: form.Get(formTokenField), Language: v.lang, Visitor: s.visitor(r), Trap: form.Get(trapField)})
	} else {
		typed, err = s.actions.VolunteerAfterWaiting(r.Context(), a.Issue, a.Slug, token)
	}
	if asked, err := s.askedToWait(v, err); asked {
		return err
	}
	var problem *undersigned.Error
	switch {
	case err == nil:
		return seeOther(v, actionPath(a)+"/check-mail")
	case errors.As(err, &problem) && problem.Kind == undersigned.Unavailable && token != "":
		return s.waitAgain(v, token, problem)
	case !errors.As(err, &problem) || problem.Kind == undersigned.NotFound || problem.Kind == undersigned.Internal:
		return err
	}
	page := s.actionPage(s.chrome(v), content, a, store.Counts{}, s.nowhereTold())
	page.failedOffer(typed, problem)
	return s.showProblem(v, problem, "action", page)
}

func submissionForm(form url.Values) undersigned.SubmissionForm {
	typed := undersigned.SubmissionForm{GivenName: form.Get("given_name"), FamilyName: form.Get("family_name"),
		Email: form.Get("email"), Comment: form.Get("comment"), Answers: map[string]string{}}
	for field := range form {
		if slug, ok := strings.CutPrefix(field, undersigned.AnswerField("")); ok {
			typed.Answers[slug] = form.Get(field)
		}
	}
	return typed
}

// showConfirmOffer is where the link of an offer leads: a page with one button.
func (s *Server) showConfirmOffer(v *visit, r *http.Request) error {
	return s.confirmationOfOffer(v, r, s.actions.OpenOffer)
}

// confirmOffer is the button.
func (s *Server) confirmOffer(v *visit, r *http.Request) error {
	return s.confirmationOfOffer(v, r, s.actions.ConfirmOffer)
}

func (s *Server) confirmationOfOffer(v *visit, r *http.Request, do func(context.Context, string) (*action.OfferConfirmation, error)) error {
	c, err := do(r.Context(), r.PathValue("token"))
	if err != nil {
		return err
	}
	return s.show(v, http.StatusOK, "offer_confirm", newConfirmOffer(s.chrome(v), c, s.now()))
}

// withdrawOffer takes an offer back.
func (s *Server) withdrawOffer(v *visit, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	token := r.PathValue("token")
	if err := s.actions.WithdrawOffer(r.Context(), token, form.Get("id")); err != nil {
		return err
	}
	return seeOther(v, "/my/"+token+"?done="+leftOffer)
}

// showOffer is the page of an offer for its coordinator.
func (s *Server) showOffer(v *visit, r *http.Request) error {
	desk, err := s.actions.Desk(r.Context(), r.PathValue("token"))
	if err != nil {
		return err
	}
	return s.show(v, http.StatusOK, "offer", newOffer(s.chrome(v), desk))
}

// moveOffer sets the state of an offer.
func (s *Server) moveOffer(v *visit, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	token := r.PathValue("token")
	err = s.actions.MoveOffer(r.Context(), token, undersigned.SubmissionState(form.Get("state")))
	var problem *undersigned.Error
	switch {
	case err == nil:
		return seeOther(v, "/offers/"+token)
	case !errors.As(err, &problem) || problem.Kind != undersigned.Invalid:
		return err
	}
	desk, err := s.actions.Desk(r.Context(), token)
	if err != nil {
		return err
	}
	page := newOffer(s.chrome(v), desk)
	page.Problem = page.T(problem.Key)
	return s.showProblem(v, problem, "offer", page)
}
