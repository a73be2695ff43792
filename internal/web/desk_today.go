package web

import (
	"net/http"

	"github.com/undersigned/undersigned"
)

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
	for _, room := range []struct {
		may undersigned.Permission
		add func(d *deskVisit, r *http.Request, page *todayView) error
	}{
		{undersigned.MayWrite, s.writeTodo},
		{undersigned.MaySee, s.linksTodo},
		{undersigned.MayManage, s.attendTodo},
	} {
		if !d.staff.User.May(room.may) {
			continue
		}
		if err := room.add(d, r, &page); err != nil {
			return err
		}
	}
	if d.staff.User.May(undersigned.MayTell) {
		if err := s.newsTodo(r, &page); err != nil {
			return err
		}
	}
	return s.show(d, http.StatusOK, "desk/today", page)
}
