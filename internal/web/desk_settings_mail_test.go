package web

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/mail"
)

// oneDNS says the same of every name, or nothing.
type oneDNS struct {
	record  string
	offline bool
}

func (d *oneDNS) LookupTXT(context.Context, string) ([]string, error) {
	if d.offline {
		return nil, errors.New("network is unreachable")
	}
	return []string{d.record}, nil
}
func (*oneDNS) LookupMX(context.Context, string) ([]*net.MX, error) { return nil, errors.New("no") }
func (*oneDNS) LookupIPAddr(context.Context, string) ([]net.IPAddr, error) {
	return nil, errors.New("no")
}
func (*oneDNS) LookupAddr(context.Context, string) ([]string, error) { return nil, errors.New("no") }

func TestOwnerTriesAMailAndReadsWhatTheServerSaid(t *testing.T) {
	s := newSite(t)
	c := s.hire(undersigned.RoleOwner, "ana@staff.example")
	s.actions.Mail = mail.Setup{From: "Cause <hello@cause.example>", Domain: testHost, Relay: "smtp.relay.example", Port: "587", Signs: true}
	before := c.get(mailSettingsPath)
	wantWords(t, before, "smtp.relay.example:587", "hello@cause.example", "ana@staff.example", "Send a mail to myself")
	w := c.post("/admin/settings/mail/try", url.Values{"email": {"victim@else.example"}})
	wantStatus(t, w, http.StatusSeeOther)
	m := <-s.mail
	if m.To != "ana@staff.example" || !strings.Contains(m.Text, "/admin/settings/mail") {
		t.Errorf("to %s:\n%s", m.To, m.Text)
	}
	for state := undersigned.TryWaiting; state == undersigned.TryWaiting; { // the worker notes it in a moment
		last, err := s.actions.MailTry(t.Context())
		s.must(err)
		state = last.State
	}
	wantWords(t, c.get(mailSettingsPath), "Accepted: the mail server has taken the mail")
	wantWords(t, c.get("/es"+mailSettingsPath), "Aceptado: el servidor de correo tomó el correo")
	wantWords(t, c.get("/admin/audit?verb=mail_tried"), "Tried whether mails leave")
	wantWords(t, c.get("/admin/settings"), mailSettingsPath)
}

func TestPageSaysWhatTheDNSLacksAndNeverThatItIsWrongWithoutAnAnswer(t *testing.T) {
	s := newSite(t)
	c := s.hire(undersigned.RoleOwner, "ana@staff.example")
	wantWords(t, c.get(mailSettingsPath), "the DNS knows nothing of its sender")
	wantStatus(t, c.post("/admin/settings/mail/key", nil), http.StatusNotFound) // no button leads there
	dns := &oneDNS{offline: true}
	s.actions.Mail, s.actions.DNS = mail.Setup{Domain: testHost, Relay: "smtp.relay.example"}, dns
	ask := func() string {
		s.pass(time.Second)
		wantStatus(t, c.post("/admin/settings/mail/dns", nil), http.StatusSeeOther)
		wantWords(t, c.get(mailSettingsPath), "It is being asked")
		s.pass(time.Second)
		s.must(s.actions.AskDNS(t.Context()))
		return c.get(mailSettingsPath).Body.String()
	}
	if page := ask(); strings.Contains(page, ">Wrong<") || strings.Contains(page, "Copy the record") || !strings.Contains(page, "Could not be asked") {
		t.Error("offline it says more than that the DNS could not be asked")
	}
	dns.offline, dns.record = false, "v=spf1 +all <script>alert(1)</script>"
	page := ask()
	for _, want := range []string{">Wrong<", "&lt;script&gt;", "No key was made yet", "v=DMARC1; p=none"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	wantStatus(t, c.post("/admin/settings/mail/key", nil), http.StatusSeeOther)
	if page = ask(); !strings.Contains(page, "undersigned1._domainkey."+testHost) || !strings.Contains(page, "v=DKIM1; k=rsa; p=") {
		t.Error("the record of the key is not there to be copied")
	}
	dns.record = strings.Repeat("\x00\xff<", 64<<10/3)
	if page = ask(); strings.Contains(page, "\x00") || len(page) > 64<<10 {
		t.Errorf("64 KB of nothing make a page of %d bytes", len(page))
	}
	s.pass(undersigned.SessionProof)
	wantStatus(t, c.post("/admin/settings/mail/key", nil), http.StatusForbidden)
}
