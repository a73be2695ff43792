package web

import (
	"cmp"
	"strings"

	"github.com/undersigned/undersigned"
)

// mailSettingsView is how mails leave, and what others must know of them.
type mailSettingsView struct {
	deskChrome
	Crumbs    []deskLink
	Leave     []fact
	Addressed string
	Try       *tryView
	Public    bool // the DNS can know something of the sender
	Records   []recordView
	Asked     string // when the DNS said so; empty where it was not asked yet
	DNSWaits  bool
	NoKey     bool // none was made
}

// tryView is what came of a mail with which an owner tried whether mails leave.
type tryView struct {
	Says, At string
	Reply    string // of the mail server, in its numbers
	Fault    bool
	Waits    bool // it may have changed in a moment
}

// recordView is what the DNS has of one kind of record.
type recordView struct {
	ID          string
	Title, What string
	Mark, Says  string
	Fits        bool
	Name        string
	Found       []string
	Want        string
	Make        bool // the key must be made before anything can be put into the DNS
}

func settingsCrumbs(c deskChrome) []deskLink {
	return []deskLink{{Label: c.T("desk.settings"), Link: c.Link("/admin/settings")}}
}

func newMailSettings(c deskChrome, m *mailReport) mailSettingsView {
	v := mailSettingsView{deskChrome: c.named(c.T("settings.mail")), Crumbs: settingsCrumbs(c), Addressed: m.Addressed, Public: m.Setup.Public(),
		DNSWaits: m.DNSWaits, NoKey: !m.HasKey}
	server := c.T("settings.mail.folder")
	if m.Setup.Relay != "" {
		server = m.Setup.Relay + ":" + m.Setup.Port
	}
	perHour := c.T("settings.mail.any_number")
	if m.PerHour > 0 {
		perHour = c.Number(m.PerHour)
	}
	signs := c.T("settings.off")
	if m.Setup.Signs {
		signs = c.T("settings.on")
	}
	v.Leave = []fact{
		{Label: c.T("settings.mail.server"), Value: server},
		{Label: c.T("settings.mail.from"), Value: m.Setup.From},
		{Label: c.T("settings.mail.bounce"), Value: cmp.Or(m.Bounce, c.T("settings.mail.bounce.none"))},
		{Label: c.T("settings.mail.per_hour"), Value: perHour},
		{Label: c.T("settings.mail.signs"), Value: signs},
	}
	if m.Try != nil {
		v.Try = newTry(c, m.Try)
	}
	if m.DNS != nil {
		v.Asked = c.DateTime(m.DNS.At.In(undersigned.Eastern))
		for _, f := range m.DNS.Findings {
			v.Records = append(v.Records, newRecord(c, f))
		}
	}
	return v
}

func newTry(c deskChrome, t *undersigned.MailTry) *tryView {
	v := &tryView{Reply: t.Reply, Fault: t.Failed() || t.State == undersigned.TryLimited, At: c.DateTime(cmp.Or(t.At, t.Asked).In(undersigned.Eastern))}
	v.Waits = t.State != undersigned.TryAccepted && t.State != undersigned.TryRefused && t.State != undersigned.TryLimited && t.State != undersigned.TryExpired
	v.Says = c.T("mail.try." + string(t.State))
	if t.Step != "" {
		v.Says += " " + c.T("mail.step."+t.Step)
	}
	return v
}

func newRecord(c deskChrome, f undersigned.DNSFinding) recordView {
	return recordView{ID: f.Kind + "-" + strings.ReplaceAll(f.Name, ".", "-"), Title: c.T("mail.dns." + f.Kind), What: c.T("mail.dns." + f.Kind + ".what"),
		Mark: c.T("mail.dns.state." + string(f.State)), Says: c.T("mail.dns." + f.Kind + "." + f.Why), Fits: f.State == undersigned.DNSFits,
		Name: f.Name, Found: f.Found, Want: f.Want, Make: f.Why == "no_key"}
}
