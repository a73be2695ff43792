package web

import "net/http"

// today is the desk's first page: what needs a person.
func (s *Server) today(d *deskVisit, r *http.Request) error {
	passkeys, err := s.actions.Passkeys(r.Context(), d.staff)
	if err != nil {
		return err
	}
	page := newToday(s.deskChrome(d.visit, d.staff))
	if len(passkeys) == 0 && s.actions.HasPasskeys() {
		page.add(page.T("desk.todo.passkey"), "/admin/me")
	}
	return s.show(d, http.StatusOK, "desk/today", page)
}
