package web

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"unicode"

	"github.com/undersigned/undersigned"
)

func (s *Server) showSignIn(v *visit, r *http.Request) error {
	staff, err := s.enter(v, r)
	if err != nil {
		return err
	}
	if staff != nil {
		return seeOther(v, deskPath(r.URL.Query().Get("to")))
	}
	return s.show(v, http.StatusOK, "desk/sign_in", newSignIn(s.deskChrome(v, nil), s.actions.HasPasskeys(), deskPath(r.URL.Query().Get("to"))))
}

// deskPath is a page of the desk that somebody wanted to see; whatever else was asked for, its first page. A page that only
// takes forms is none.
func deskPath(to string) string {
	path, query, _ := strings.Cut(to, "?")
	if !strings.HasPrefix(path, "/admin/") || strings.ContainsAny(path, "\\#%") || strings.ContainsFunc(path, unicode.IsControl) || strings.HasPrefix(path, "/admin/sign-in") {
		return "/admin"
	}
	values, err := url.ParseQuery(query)
	if err != nil || len(values) == 0 {
		return path
	}
	return path + "?" + values.Encode()
}

// requestSignIn answers the same whether the address is one of the staff's or not.
func (s *Server) requestSignIn(v *visit, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	email, token := form.Get("email"), form.Get(waitField)
	if token == "" {
		err = s.actions.RequestSignIn(r.Context(), s.visitor(r), email, v.lang, form.Get(trapField))
	} else {
		err = s.actions.SignInAfterWaiting(r.Context(), token)
	}
	if asked, err := s.askedToWait(v, err); asked {
		return err
	}
	var problem *undersigned.Error
	switch {
	case err == nil && form.Get("to") != "": // one of the staff, who tries the mail
		to, _, _ := strings.Cut(deskPath(form.Get("to")), "?")
		return seeOther(v, to+"?done=mailed")
	case err == nil:
		return seeOther(v, "/admin/sign-in/check-mail")
	case errors.As(err, &problem) && problem.Kind == undersigned.Unavailable && token != "":
		return s.waitAgain(v, token, problem)
	case errors.As(err, &problem) && (problem.Kind == undersigned.Invalid || problem.Kind == undersigned.Unavailable):
		page := newSignIn(s.deskChrome(v, nil), s.actions.HasPasskeys(), "/admin")
		page.Email.failed(page.chrome, email, problem)
		return s.showProblem(v, problem, "desk/sign_in", page)
	}
	return err
}

func (s *Server) signInCheckMail(v *visit, _ *http.Request) error {
	page := signInMailView{deskChrome: s.deskChrome(v, nil), DevMail: s.devMailPath(), Slow: s.mailSlow()}
	page.deskChrome = page.named(page.T("desk.check_mail.title"))
	return s.show(v, http.StatusOK, "desk/check_mail", page)
}

// showWelcome is where a link for staff leads: a page with one button. Programs that look at mails follow links.
func (s *Server) showWelcome(v *visit, r *http.Request) error {
	w, err := s.actions.OpenSignIn(r.Context(), r.PathValue("token"))
	if err != nil {
		return err
	}
	return s.show(v, http.StatusOK, "desk/welcome", newWelcome(s.deskChrome(v, nil), w))
}

// welcome is the button.
func (s *Server) welcome(v *visit, r *http.Request) error {
	token := r.PathValue("token")
	form, err := readForm(r)
	if err != nil {
		return err
	}
	w, err := s.actions.OpenSignIn(r.Context(), token)
	if err != nil {
		return err
	}
	typed := undersigned.UserForm{Name: form.Get("name"), Email: form.Get("email"), Language: v.lang}
	var cookie string
	if w.First {
		cookie, err = s.actions.BecomeFirstOwner(r.Context(), token, typed, browserOf(r))
	} else {
		cookie, err = s.actions.SignIn(r.Context(), token, browserOf(r))
	}
	var problem *undersigned.Error
	if errors.As(err, &problem) && problem.Kind == undersigned.Invalid {
		page := newWelcome(s.deskChrome(v, nil), w)
		page.failed(typed, problem)
		return s.showProblem(v, problem, "desk/welcome", page)
	}
	if err != nil {
		return err
	}
	if err := s.letIn(v, r, cookie); err != nil {
		return err
	}
	return seeOther(v, "/admin")
}

// letIn gives the browser the session that has begun, and ends the one that it was in.
func (s *Server) letIn(v *visit, r *http.Request, cookie string) error {
	before, err := s.enter(v, r)
	if err == nil && before != nil {
		err = s.actions.SignOut(r.Context(), before)
	}
	if err != nil {
		return err
	}
	v.Header().Del("Set-Cookie") // a renewed one of the session before
	s.keepCookie(v, cookie)
	return nil
}

func (s *Server) askForPasskey(v *visit, _ *http.Request) error {
	asking, err := s.actions.AskForPasskey()
	if err != nil {
		return err
	}
	return s.sendJSON(v, asking)
}

// passkeyAnswer is what desk.js sends of a passkey.
type passkeyAnswer struct {
	Token  string          `json:"token"`
	Name   string          `json:"name"`
	Answer json.RawMessage `json:"answer"`
}

// readAnswer reads it. The type of the body is one that no form of another site can send.
func readAnswer(r *http.Request) (a passkeyAnswer, err error) {
	wrong := undersigned.Fail(undersigned.Invalid, "error.passkey")
	if r.Header.Get("Content-Type") != "application/json" {
		return a, wrong
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, 64<<10))
	if err != nil || json.Unmarshal(body, &a) != nil {
		return a, wrong
	}
	return a, nil
}

// passkeyTaken is the answer to it.
type passkeyTaken struct {
	To string `json:"to"`
}

func (s *Server) signInWithPasskey(v *visit, r *http.Request) error {
	answer, err := readAnswer(r)
	if err != nil {
		return err
	}
	cookie, err := s.actions.SignInWithPasskey(r.Context(), nil, answer.Token, answer.Answer, browserOf(r))
	if err != nil {
		return err
	}
	if err := s.letIn(v, r, cookie); err != nil {
		return err
	}
	return s.sendJSON(v, passkeyTaken{To: LocalPath(v.lang, "/admin")})
}

// proveAgain takes a passkey of somebody who is signed in and has to show again who they are.
func (s *Server) proveAgain(d *deskVisit, r *http.Request) error {
	answer, err := readAnswer(r)
	if err != nil {
		return err
	}
	cookie, err := s.actions.SignInWithPasskey(r.Context(), d.staff, answer.Token, answer.Answer, browserOf(r))
	if err != nil {
		return err
	}
	if cookie != "" {
		d.Header().Del("Set-Cookie") // one that was renewed as this came in
		s.keepCookie(d.visit, cookie)
	}
	return s.sendJSON(d.visit, passkeyTaken{})
}

func (s *Server) sendJSON(v *visit, answer any) error {
	body, err := json.Marshal(answer)
	if err != nil {
		return err
	}
	return s.send(v, http.StatusOK, &draft{body: body, contentType: "application/json"})
}
