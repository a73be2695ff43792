package web

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"testing"
)

// emptyResolver knows no mail domain.
type emptyResolver struct{}

var errNoSuchName = &net.DNSError{Err: "no such host", IsNotFound: true}

func (emptyResolver) LookupMX(context.Context, string) ([]*net.MX, error) { return nil, errNoSuchName }

func (emptyResolver) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	return nil, errNoSuchName
}

func (emptyResolver) LookupNS(context.Context, string) ([]*net.NS, error) { return nil, nil }

func TestFormSaysThatADomainHasNoMailServerAndKeepsWhatWasTyped(t *testing.T) {
	s := newSite(t)
	s.actions.Resolver = emptyResolver{}
	for _, lang := range []string{"en", "es", "pt"} {
		path := LocalPath(lang, "/shelter/equality")
		form := s.form(path, "ana@"+lang+".example")
		wantStatus(t, s.post(path, form), http.StatusSeeOther)
		<-s.mail
		w := s.post(path, form)
		wantStatus(t, w, http.StatusUnprocessableEntity)
		wantWords(t, w, s.catalogue.Locale(lang).T("error.email.no_mail"), `id="email-error"`, `value="ana@`+lang+`.example"`)
	}
	wantStatus(t, s.post("/shelter/equality", s.form("/shelter/equality", "ana@good.example")), http.StatusSeeOther)
	<-s.mail
}
