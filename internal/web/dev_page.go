package web

import "github.com/undersigned/undersigned/internal/mail"

// devMailView lists the mails of the outbox on a developer's own machine. In English: it is a tool, not a page.
type devMailView struct {
	chrome
	Mails []*mail.Kept
}

func newDevMail(c chrome, mails []*mail.Kept) devMailView {
	return devMailView{chrome: c.private().titled(c.T("dev.title"), ""), Mails: mails}
}
