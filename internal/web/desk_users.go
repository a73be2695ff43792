package web

import (
	"encoding/hex"
	"net/http"

	"github.com/undersigned/undersigned"
)

func (s *Server) users(d *deskVisit, r *http.Request) error {
	return s.showUsers(d, r, undersigned.UserForm{Role: string(undersigned.RoleEditor), Language: d.lang}, nil)
}

func (s *Server) showUsers(d *deskVisit, r *http.Request, typed undersigned.UserForm, problem *undersigned.Error) error {
	users, err := s.actions.Users(r.Context())
	if err != nil {
		return err
	}
	page := newUsers(s.deskChrome(d.visit, d.staff).done(r.URL.Query().Get("done"), "added", "removed", "saved", "signed-out"), users, typed)
	if problem != nil {
		page.Form.failed(page.chrome, typed, problem)
		return s.showProblem(d.visit, problem, "desk/users", page)
	}
	return s.show(d, http.StatusOK, "desk/users", page)
}

// readUser reads who somebody is to be, and of a form that changes them as what they stood in it.
func (s *Server) readUser(r *http.Request) (typed undersigned.UserForm, version string, err error) {
	form, err := readForm(r)
	return undersigned.UserForm{Name: form.Get("name"), Email: form.Get("email"), Role: form.Get("role"),
		Language: s.knownLanguage(form.Get("language"))}, form.Get("version"), err
}

func (s *Server) addUser(d *deskVisit, r *http.Request) error {
	typed, _, err := s.readUser(r)
	if err != nil {
		return err
	}
	_, err = s.actions.AddUser(r.Context(), d.by(), typed, false)
	if problem := asInvalid(err); problem != nil {
		return s.showUsers(d, r, typed, problem)
	}
	if err != nil {
		return err
	}
	return seeOther(d.visit, "/admin/users?done=added")
}

// userOf finds the user that a path names.
func (s *Server) userOf(r *http.Request) (*undersigned.User, error) {
	raw, err := hex.DecodeString(r.PathValue("user"))
	if err != nil || len(raw) != len(undersigned.UserID{}) {
		return nil, undersigned.Fail(undersigned.NotFound, "")
	}
	return s.actions.User(r.Context(), undersigned.UserID(raw))
}

func (s *Server) showUser(d *deskVisit, r *http.Request) error {
	u, err := s.userOf(r)
	if err != nil {
		return err
	}
	typed := undersigned.UserForm{Name: u.Name, Email: u.Email, Role: string(u.Role), Language: u.Language}
	return s.show(d, http.StatusOK, "desk/user", newUser(s.deskChrome(d.visit, d.staff), u, typed))
}

func (s *Server) changeUser(d *deskVisit, r *http.Request) error {
	u, err := s.userOf(r)
	if err != nil {
		return err
	}
	typed, version, err := s.readUser(r)
	if err != nil {
		return err
	}
	return s.userChanged(d, r, typed, "saved", s.actions.ChangeUser(r.Context(), d.by(), u.ID, version, typed))
}

func (s *Server) removeUser(d *deskVisit, r *http.Request) error {
	u, err := s.userOf(r)
	if err != nil {
		return err
	}
	typed := undersigned.UserForm{Name: u.Name, Email: u.Email, Role: string(u.Role), Language: u.Language}
	return s.userChanged(d, r, typed, "removed", s.actions.RemoveUser(r.Context(), d.by(), u.ID))
}

// signOutUser is done at once, without asking who is there: it takes nothing away, and may be urgent.
func (s *Server) signOutUser(d *deskVisit, r *http.Request) error {
	u, err := s.userOf(r)
	if err == nil {
		err = s.actions.EndSessionsOf(r.Context(), d.by(), u.ID)
	}
	if err != nil {
		return err
	}
	return seeOther(d.visit, "/admin/users?done=signed-out")
}

func (s *Server) userChanged(d *deskVisit, r *http.Request, typed undersigned.UserForm, done string, err error) error {
	if problem := asInvalid(err); problem != nil {
		u, err := s.userOf(r) // as they are by now
		if err != nil {
			return err
		}
		page := newUser(s.deskChrome(d.visit, d.staff), u, typed)
		page.Form.failed(page.chrome, typed, problem)
		return s.showProblem(d.visit, problem, "desk/user", page)
	}
	if err != nil {
		return err
	}
	return seeOther(d.visit, "/admin/users?done="+done)
}
