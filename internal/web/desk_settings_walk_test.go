package web

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/mail"
)

// An owner tries a mail, reads what the DNS lacks, and shortens what is kept; with JavaScript and without, on a phone and at a desk.
func TestWalkOfWhoSetsMailAndTimeInABrowser(t *testing.T) {
	for _, kind := range []browserKind{
		{lang: "en", width: 1280},
		{lang: "es", width: 360, scripts: true},
		{lang: "es", width: 1280, scripts: true, dark: true},
	} {
		t.Run(fmt.Sprintf("%s %d", kind.lang, kind.width), func(t *testing.T) {
			r := newReader(t, kind)
			dns := &oneDNS{record: "v=DMARC1; p=none"}
			r.actions.Mail, r.actions.DNS = mail.Setup{From: "Cause <hello@cause.example>", Domain: testHost, Relay: "smtp.relay.example", Port: "587"}, dns
			r.enters(undersigned.RoleOwner, "ana@staff.example")
			r.open(r.path("/admin/settings"), http.StatusOK)
			r.press(`a[href="` + r.path(mailSettingsPath) + `"]`)
			r.wantText("h1", r.T("settings.mail"))
			r.press(`form[action="` + r.path(mailSettingsPath+"/try") + `"] button`)
			<-r.mail
			r.wantText("main", r.T("desk.done.tried"))
			r.press(`form[action="` + r.path(mailSettingsPath+"/dns") + `"] button`)
			r.wantText("main", r.T("settings.mail.dns.waits"))
			r.pass(time.Second)
			r.must(r.actions.AskDNS(t.Context()))
			r.open(r.path(mailSettingsPath), http.StatusOK)
			r.pass(time.Second)
			r.press(`form[action="` + r.path(mailSettingsPath+"/key") + `"] button`)
			r.pass(time.Second)
			r.must(r.actions.AskDNS(t.Context()))
			r.open(r.path(mailSettingsPath), http.StatusOK)
			r.wantText("#dns ~ .record", r.T("mail.dns.spf"), r.T("mail.dns.spf.missing"), r.T("mail.dns.dkim.another"))
			r.check()
			r.shot("settings-mail")

			r.open(r.path(keptSettingsPath), http.StatusOK)
			r.check()
			r.shot("settings-kept")
			r.fillIn(http.StatusOK, map[string]string{undersigned.SettingKeepOffers: "180"})
			r.wantText("h1", r.T("settings.retention.sure"))
			r.check()
			r.shot("settings-kept-sure")
			r.press("main .button")
			r.wantText("main", r.T("desk.done.saved"))
		})
	}
}
