package web

import "net/http"

// showUnsubscribe is where "no more news of this" and "never write to me again" in a mail lead: a page with one button, which
// changes nothing.
func (s *Server) showUnsubscribe(v *visit, r *http.Request) error {
	token := r.PathValue("token")
	stop, err := s.actions.OpenStop(r.Context(), token)
	if err != nil {
		return err
	}
	return s.show(v, http.StatusOK, "unsubscribe", newUnsubscribe(s.chrome(v), token, stop))
}

// unsubscribe is the button, and what a mail program sends by itself (RFC 8058): any body at all means stop, and the
// answer is no redirect. Only our own page can ask for mail again.
func (s *Server) unsubscribe(v *visit, r *http.Request) error {
	token, again := r.PathValue("token"), false
	if form, err := readForm(r); err == nil {
		again = form.Get("again") != ""
	}
	if err := s.actions.StopMail(r.Context(), token, again); err != nil {
		return err
	}
	return s.showUnsubscribe(v, r)
}
