package web

import "net/http"

// devMail shows the newest mails that were written while there is no mail server: on this machine only, in development
// only.
func (s *Server) devMail(v *visit, _ *http.Request) error {
	const newest = 20
	letters, err := s.outbox.List(newest)
	if err != nil {
		return err
	}
	return s.show(v, http.StatusOK, "dev_mail", newDevMail(s.chrome(v), letters))
}

// devMailPath is where mail can be read on a developer's machine, else empty.
func (s *Server) devMailPath() string {
	if s.outbox == nil {
		return ""
	}
	return "/dev/mail"
}
