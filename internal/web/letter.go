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

// takeLetter makes of what a reader typed the page with all ways to send it, and takes the buttons of that page. Nothing
// of it is kept, but that a letter was sent by some way where the reader says so.
func (s *Server) takeLetter(v *visit, r *http.Request, content *undersigned.Content, a *undersigned.Action) error {
	private(v)
	form, err := readForm(r)
	if err != nil {
		return err
	}
	if token := form.Get(waitField); token != "" && len(action.Emails(a)) > 0 {
		return s.takeWaitingLetter(v, r, content, a, token)
	}
	p, err := s.placeOf(form)
	if err != nil {
		return err
	}
	ask := s.actionPage(s.chromeAt(v, p), content, a, store.Counts{}, p)
	switch {
	case !ask.Status.Open:
		return s.problemWithLetter(v, ask, form, undersigned.Fail(undersigned.Gone, "error.closed"))
	case ask.wordsOf(form) == nil:
		return s.takesNoForm(v, r)
	case ask.wordsOf(form).Form == nil: // the page that was sent knew where its reader lives
		return s.problemWithLetter(v, ask, form, undersigned.Fail(undersigned.Invalid, "error.zip.empty"))
	}
	message, err := undersigned.NewMessage(form.Get("subject"), form.Get("text"))
	var problem *undersigned.Error
	switch {
	case errors.As(err, &problem):
		return s.problemWithLetter(v, ask, form, problem)
	case form.Has("change"):
		ask.typed(form)
		return s.show(v, http.StatusOK, "action", ask)
	}
	page := newLetter(ask, a, message, form)
	if sent := form.Get("sent"); sent != "" {
		target, method, _ := strings.Cut(sent, "/")
		err = s.actions.NoteSent(r.Context(), action.OutreachInput{Issue: a.Issue, Action: a.Slug, Token: form.Get("outreach"), Target: target,
			Visitor: s.visitor(r)}, undersigned.Method(method), page.rewritten)
	}
	if form.Has("email") && page.Mail != nil {
		err = s.actions.WriteLetter(r.Context(), action.WriteInput{Issue: a.Issue, Action: a.Slug, Token: form.Get("outreach"), Language: v.lang,
			Message: message, Rewritten: page.rewritten, GivenName: form.Get("given_name"), FamilyName: form.Get("family_name"),
			Email: form.Get("email"), Locality: form.Get("locality"), Trap: form.Get(trapField), Visitor: s.visitor(r)})
		if asked, err := s.askedToWait(v, err); asked {
			return err
		}
		if err == nil {
			return seeOther(v, actionPath(a)+"/check-mail")
		}
		page.Mail.typed(form)
	}
	if err != nil && !errors.As(err, &problem) {
		return err
	}
	return s.showLetter(v, r, a, page, problem)
}

// takeWaitingLetter takes a letter that was asked to wait.
func (s *Server) takeWaitingLetter(v *visit, r *http.Request, content *undersigned.Content, a *undersigned.Action, token string) error {
	typed, err := s.actions.WriteAfterWaiting(r.Context(), a.Issue, a.Slug, token)
	if asked, err := s.askedToWait(v, err); asked {
		return err
	}
	var problem *undersigned.Error
	switch {
	case err == nil:
		return seeOther(v, actionPath(a)+"/check-mail")
	case errors.As(err, &problem) && problem.Kind == undersigned.Unavailable:
		return s.waitAgain(v, token, problem)
	case !errors.As(err, &problem) || problem.Kind == undersigned.NotFound || problem.Kind == undersigned.Internal:
		return err
	}
	ask := s.actionPage(s.chrome(v).private(), content, a, store.Counts{}, s.nowhereTold())
	return s.problemWithLetter(v, ask, url.Values{"subject": {typed.Subject}, "text": {typed.Text}}, problem)
}

// showLetter shows the page with all ways, and which of them the reader has gone.
func (s *Server) showLetter(v *visit, r *http.Request, a *undersigned.Action, page letterView, problem *undersigned.Error) error {
	if page.Outreach == "" || problem != nil && problem.Key == "error.outreach" {
		page.Outreach = s.actions.OutreachToken(a)
	}
	sent, err := s.actions.SentByHand(r.Context(), page.Outreach, a)
	if err != nil && undersigned.KindOf(err) != undersigned.Invalid {
		return err
	}
	page.sent(sent)
	if problem != nil {
		page.failed(problem)
		return s.showProblem(v, problem, "letter", page)
	}
	return s.show(v, http.StatusOK, "letter", page)
}

// problemWithLetter shows the form again, with everything that was typed and what is wrong with it.
func (s *Server) problemWithLetter(v *visit, ask actionView, form url.Values, problem *undersigned.Error) error {
	ask.typed(form)
	ask.letterFailed(form, problem)
	return s.showProblem(v, problem, "action", ask)
}

// showConfirmLetter is where the link of a letter's mail leads: the letter, whom it goes to, and one button.
func (s *Server) showConfirmLetter(v *visit, r *http.Request) error {
	return s.letterConfirmation(v, r, s.actions.OpenLetter)
}

// confirmLetter is the button.
func (s *Server) confirmLetter(v *visit, r *http.Request) error {
	return s.letterConfirmation(v, r, s.actions.ConfirmLetter)
}

func (s *Server) letterConfirmation(v *visit, r *http.Request, do func(context.Context, string) (*action.LetterPage, error)) error {
	l, err := do(r.Context(), r.PathValue("token"))
	if err != nil {
		return err
	}
	return s.show(v, http.StatusOK, "confirm_letter", newConfirmLetter(s.chrome(v), l, s.now()))
}

// chromeAt is the chrome of a page that a form has led to, for one reader's place; a switch of the language leads to the
// page of that form.
func (s *Server) chromeAt(v *visit, p place) chrome {
	c := s.chrome(v).private()
	if p.asked && p.problem == nil {
		district := ""
		if seat := p.seat(); seat != nil {
			district = seat.District.String()
		}
		for i := range c.Languages {
			c.Languages[i].Link += p.query(district)
		}
	}
	return c
}

// takeCall counts how a call ended, and shows the page again.
func (s *Server) takeCall(v *visit, r *http.Request, content *undersigned.Content, a *undersigned.Action) error {
	private(v)
	form, err := readForm(r)
	if err != nil {
		return err
	}
	p, err := s.placeOf(form)
	if err != nil {
		return err
	}
	target, outcome, _ := strings.Cut(form.Get("outcome"), "/")
	err = s.actions.NoteCall(r.Context(), action.OutreachInput{Issue: a.Issue, Action: a.Slug, Token: form.Get("outreach"), Target: target,
		Visitor: s.visitor(r)}, undersigned.CallOutcome(outcome))
	page := s.actionPage(s.chromeAt(v, p), content, a, store.Counts{}, p)
	var problem *undersigned.Error
	switch {
	case err == nil:
		page.called(target, s.actions.OutreachToken(a))
		return s.show(v, http.StatusOK, "action", page)
	case !errors.As(err, &problem) || problem.Kind == undersigned.NotFound:
		return err
	}
	page.calls(s.actions.OutreachToken(a))
	page.Problem = page.T(problem.Key)
	return s.showProblem(v, problem, "action", page)
}
