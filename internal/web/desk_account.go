package web

import (
	"net/http"
	"unicode/utf8"

	"github.com/undersigned/undersigned"
)

// account is what somebody sees of themselves: sessions, passkeys, name.
func (s *Server) account(d *deskVisit, r *http.Request) error {
	return s.showAccount(d, r, "", "", nil)
}

func (s *Server) showAccount(d *deskVisit, r *http.Request, name, language string, problem *undersigned.Error) error {
	sessions, err := s.actions.Sessions(r.Context(), d.by())
	if err != nil {
		return err
	}
	passkeys, err := s.actions.Passkeys(r.Context(), d.by())
	if err != nil {
		return err
	}
	page := newAccount(s.deskChrome(d.visit, d.staff).done(r.URL.Query().Get("done"), "saved", "passkey", "passkey-removed", "session-ended", "sessions-ended"),
		d.staff, sessions, passkeys, s.now())
	page.CanAdd = s.actions.HasPasskeys()
	if problem != nil {
		page.Name.failed(page.chrome, name, problem)
		page.Language = languageOptions(page.chrome, language)
		return s.showProblem(d.visit, problem, "desk/account", page)
	}
	return s.show(d, http.StatusOK, "desk/account", page)
}

func (s *Server) changeAccount(d *deskVisit, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	name, language := form.Get("name"), s.knownLanguage(form.Get("language"))
	err = s.actions.ChangeAccount(r.Context(), d.by(), d.by(), name, language)
	if problem := asInvalid(err); problem != nil {
		return s.showAccount(d, r, name, language, problem)
	}
	if err != nil {
		return err
	}
	return seeOther(d.visit, "/admin/me?done=saved")
}

// knownLanguage is a language that we have.
func (s *Server) knownLanguage(lang string) string {
	if !s.catalogue.Has(lang) {
		return s.catalogue.Languages()[0]
	}
	return lang
}

func (s *Server) signOut(d *deskVisit, r *http.Request) error {
	if err := s.actions.SignOut(r.Context(), d.staff); err != nil {
		return err
	}
	d.Header().Del("Set-Cookie")
	s.keepCookie(d.visit, "")
	return seeOther(d.visit, "/admin/sign-in")
}

func (s *Server) endSession(d *deskVisit, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	if form.Get("id") == "others" {
		if err := s.actions.EndOtherSessions(r.Context(), d.staff); err != nil {
			return err
		}
		return seeOther(d.visit, "/admin/me?done=sessions-ended")
	}
	if err := s.actions.EndSession(r.Context(), d.by(), d.by(), form.Get("id")); err != nil {
		return err
	}
	return seeOther(d.visit, "/admin/me?done=session-ended")
}

func (s *Server) askForNewPasskey(d *deskVisit, r *http.Request) error {
	asking, err := s.actions.AskForNewPasskey(r.Context(), d.staff)
	if err != nil {
		return err
	}
	return s.sendJSON(d.visit, asking)
}

func (s *Server) addPasskey(d *deskVisit, r *http.Request) error {
	answer, err := readAnswer(r)
	if err != nil {
		return err
	}
	if !utf8.ValidString(answer.Name) || len(answer.Name) > undersigned.MaxName {
		answer.Name = ""
	}
	if answer.Name == "" {
		answer.Name = browserOf(r).Name
	}
	if err := s.actions.AddPasskey(r.Context(), d.staff, answer.Token, answer.Name, answer.Answer); err != nil {
		return err
	}
	return s.sendJSON(d.visit, passkeyTaken{To: LocalPath(d.lang, "/admin/me?done=passkey")})
}

func (s *Server) removePasskey(d *deskVisit, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	if err := s.actions.RemovePasskey(r.Context(), d.by(), d.by(), form.Get("id")); err != nil {
		return err
	}
	return seeOther(d.visit, "/admin/me?done=passkey-removed")
}
