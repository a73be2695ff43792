package mail

// Exported tells an owner what somebody has taken out of the site. Nothing of that is in it.
type Exported struct {
	Link    string // the log of who did what
	Kind    string // ends the message key "export."
	Subject string // issue/action, the issue, or empty for all
	N       int64
	Who     string // empty is the command line
	Reason  string
	What    string // in words: made of the above
}

// Trial writes to an owner who tries whether mails leave.
func (c *Composer) Trial(h Letterhead, link string) (*Message, error) {
	return c.compose("trial", h, page{Subject: c.catalogue.Locale(h.Language).T("mail.trial.subject"), Link: link, Staff: true})
}

// Exported writes to an owner. Its subject does not name the cause.
func (c *Composer) Exported(h Letterhead, e Exported) (*Message, error) {
	l := c.catalogue.Locale(h.Language)
	e.What = l.T("export."+e.Kind) + " (" + l.T("mail.exported.n", "n", int(e.N)) + ")"
	if e.Subject != "" {
		e.What += ": " + e.Subject
	}
	if e.Who = oneLine(e.Who); e.Who == "" {
		e.Who = l.T("desk.audit.terminal")
	}
	e.Reason = oneLine(e.Reason)
	return c.compose("exported", h, page{Subject: l.T("mail.exported.subject"), Link: e.Link, Day: l.DateTime(h.Date), Exported: &e, Staff: true})
}
