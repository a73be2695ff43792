package web

import (
	"context"
	"net/http"

	"github.com/undersigned/undersigned/internal/action"
)

// showConfirm is where the link of a confirmation leads: a page with one button. Programs that look at links in mail
// change nothing.
func (s *Server) showConfirm(v *visit, r *http.Request) error {
	return s.confirmation(v, r, s.actions.OpenConfirmation)
}

// confirm is the button. Pressed again it shows what was signed, until the link dies.
func (s *Server) confirm(v *visit, r *http.Request) error {
	return s.confirmation(v, r, s.actions.Confirm)
}

func (s *Server) confirmation(v *visit, r *http.Request, do func(context.Context, string) (*action.Confirmation, error)) error {
	c, err := do(r.Context(), r.PathValue("token"))
	if err != nil {
		return err
	}
	return s.show(v, http.StatusOK, "confirm", newConfirm(s.chrome(v), c, s.now()))
}
