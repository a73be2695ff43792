package web

import (
	"net/http"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/mail"
)

const mailSettingsPath = "/admin/settings/mail"

// mailReport is how mails leave, and what is known of whether they arrive.
type mailReport struct {
	Setup     mail.Setup
	PerHour   int // 0 is any number
	Bounce    string
	Try       *undersigned.MailTry
	DNS       *undersigned.MailDNS
	DNSWaits  bool
	HasKey    bool
	Addressed string // to whom a mail would go
}

func (s *Server) mailSettings(d *deskVisit, r *http.Request) error {
	report := &mailReport{Setup: s.actions.Mail, PerHour: s.actions.MailPerHour, Bounce: s.actions.BounceAddress, Addressed: d.staff.User.Email}
	keys, err := s.actions.MailKeys(r.Context())
	if err != nil {
		return err
	}
	report.HasKey = len(keys) > 0
	if report.Try, err = s.actions.MailTry(r.Context()); err != nil {
		return err
	}
	if report.DNS, report.DNSWaits, err = s.actions.MailDNS(r.Context()); err != nil {
		return err
	}
	c := s.deskChrome(d.visit, d.staff).done(r.URL.Query().Get("done"), "tried", "key_made")
	return s.show(d, http.StatusOK, "desk/settings_mail", newMailSettings(c, report))
}

func (s *Server) tryMail(d *deskVisit, r *http.Request) error {
	if err := s.actions.TryMail(r.Context(), d.by(), d.staff.User, d.lang); err != nil {
		return err
	}
	return seeOther(d.visit, mailSettingsPath+"?done=tried#try")
}

func (s *Server) askDNS(d *deskVisit, r *http.Request) error {
	if err := s.actions.WishDNS(r.Context(), d.by()); err != nil {
		return err
	}
	return seeOther(d.visit, mailSettingsPath+"#dns")
}

func (s *Server) makeMailKey(d *deskVisit, r *http.Request) error {
	if err := s.actions.MakeFirstMailKey(r.Context(), d.by()); err != nil {
		return err
	}
	return seeOther(d.visit, mailSettingsPath+"?done=key_made#dns")
}
