package web

// guideView is the guide for the first ten minutes.
type guideView struct {
	Steps []guideStep
	Over  bool   // nothing is left to do
	Mails string // where mails can be read on a machine that sends none; empty otherwise
}

// guideStep is one thing to do. Those that are done, or come later, are told in a line.
type guideStep struct {
	Title, What, Button string
	Link                string // empty for the mail, which a form asks for, and for what cannot be done before another
	Done, Next          bool
	Mail                bool
	Elsewhere           bool // it is not the desk: a tab of its own
}

// guideManual is for who wants to read more. It leads to another site, and nothing is loaded from there.
const guideManual = "https://github.com/undersigned/undersigned/blob/main/docs/organisers.md"

// Manual gives its address to the template.
func (guideView) Manual() string { return guideManual }

// guide draws it. mails is where they can be read on a developer's machine.
func (v *todayView) guide(f guideFacts, mails string) {
	g := &guideView{Mails: mails, Over: true}
	add := func(name, path string, done bool) *guideStep {
		step := guideStep{Title: v.T("guide." + name), What: v.T("guide." + name + ".what"), Button: v.T("guide." + name + ".button"), Done: done}
		if path != "" {
			step.Link = v.Link(path)
		}
		g.Steps = append(g.Steps, step)
		return &g.Steps[len(g.Steps)-1]
	}
	if f.passkeys {
		add("passkey", "/admin/me#passkeys", f.passkey)
	}
	add("mail", "", f.mail).Mail = true
	add("name", "/admin/settings", f.named)

	path := "/admin/issues/new"
	if f.issue != nil {
		path = nounPath(*f.issue)
	}
	if f.issueDraft {
		path += "/publish"
	}
	step := add("issue", path, f.issueSeen)
	if f.issueDraft {
		step.Button = v.T("guide.go_on")
	}

	switch {
	case f.ask != nil && f.askDraft:
		path = nounPath(*f.ask) + "/publish"
	case f.ask != nil:
		path = nounPath(*f.ask)
	case f.issueSeen:
		path = "/admin/issues/" + f.issue.Issue + "/new/action?kind=petition"
	default:
		path = ""
	}
	step = add("ask", path, f.askSeen != nil)
	if f.askDraft {
		step.Button = v.T("guide.go_on")
	}

	path = ""
	if f.askSeen != nil {
		path = actionPath(f.askSeen)
	}
	add("sign", path, f.signed).Elsewhere = true

	for i := range g.Steps {
		if step := &g.Steps[i]; !step.Done {
			step.Next, g.Over = g.Over, false
		}
	}
	v.Guide = g
}
