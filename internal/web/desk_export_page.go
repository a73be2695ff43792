package web

import (
	"net/url"
	"strings"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
)

// exportsView lists what can be taken out.
type exportsView struct {
	deskChrome
	All    []deskLink // of the whole site
	Issues []exportIssue
	Lately []auditEntry
	Audit  string
}

type exportIssue struct {
	Title, Lang string
	Links       []deskLink
	Asks        []exportAsk
}

type exportAsk struct {
	Title, Lang, Kind string
	Links             []deskLink
}

// exportLink leads to the question why.
func (c deskChrome) exportLink(kind undersigned.ExportKind, issue, ask string) deskLink {
	query := url.Values{}
	if issue != "" {
		query.Set("issue", issue)
	}
	if ask != "" {
		query.Set("ask", ask)
	}
	link := c.Link(exportsPath + "/" + string(kind))
	if len(query) > 0 {
		link += "?" + query.Encode()
	}
	return deskLink{Label: c.T("export." + string(kind)), Link: link}
}

// exportsOf are the lists that there can be of an ask.
func exportsOf(content *undersigned.Content, a *undersigned.Action) []undersigned.ExportKind {
	switch {
	case a.PID == "":
		return nil
	case a.Kind == undersigned.Volunteer:
		return []undersigned.ExportKind{undersigned.ExportOffers}
	case !a.Kind.Signable():
		return nil
	case content.Issue.Sealed():
		return []undersigned.ExportKind{undersigned.ExportBundle, undersigned.ExportNumbers}
	}
	return []undersigned.ExportKind{undersigned.ExportSignatures, undersigned.ExportPacket, undersigned.ExportNumbers}
}

func newExports(c deskChrome, site *store.Site, users []*undersigned.User, lately []undersigned.AuditEntry) exportsView {
	v := exportsView{deskChrome: c.named(c.T("desk.exports")), Audit: c.Link("/admin/audit?verb=" + string(undersigned.AuditExported)),
		Lately: auditEntries(c, users, lately)}
	for _, kind := range []undersigned.ExportKind{undersigned.ExportOffers, undersigned.ExportDeliveries, undersigned.ExportNumbers, undersigned.ExportAudit} {
		v.All = append(v.All, c.exportLink(kind, "", ""))
	}
	for _, content := range site.All() {
		text, lang := content.Issue.Text(c.Lang())
		issue := exportIssue{Title: text.Title, Lang: c.other(lang), Links: []deskLink{c.exportLink(undersigned.ExportPack, content.Issue.Slug, "")}}
		if content.Issue.State != undersigned.IssueDraft {
			issue.Links = append(issue.Links, deskLink{Label: c.T("take.title"), Link: "/" + content.Issue.Slug + "/pack.zip"})
		}
		for i := range content.Actions {
			a := &content.Actions[i]
			kinds := exportsOf(content, a)
			if len(kinds) == 0 {
				continue
			}
			text, lang := a.Text(c.Lang(), content.Issue.Languages)
			ask := exportAsk{Title: text.Title, Lang: c.other(lang), Kind: kindName(c.chrome, a.Kind)}
			for _, kind := range kinds {
				ask.Links = append(ask.Links, c.exportLink(kind, a.Issue, a.Slug))
			}
			issue.Asks = append(issue.Asks, ask)
		}
		v.Issues = append(v.Issues, issue)
	}
	return v
}

// exportView asks for the reason.
type exportView struct {
	deskChrome
	Of, Lang string // the ask or the issue; empty for all of the site
	What     string
	Problem  string
	Order    []heldField // what is wanted
	Reason   formInput
}

func newExport(c deskChrome, kind undersigned.ExportKind, site *store.Site, form url.Values) exportView {
	v := exportView{deskChrome: c.named(c.T("export." + string(kind))), What: c.T("export.what." + string(kind)),
		Reason: formInput{Name: "reason", Label: c.T("desk.export.reason"), Hint: c.T("desk.export.reason.hint"), Type: "text", Autocomplete: "off", Required: true}}
	for _, name := range []string{"issue", "ask", "by", "verb", "subject"} {
		if value := strings.ToValidUTF8(form.Get(name), "\uFFFD"); value != "" {
			v.Order = append(v.Order, heldField{Name: name, Value: value})
		}
	}
	for _, content := range site.All() {
		if content.Issue.Slug != form.Get("issue") {
			continue
		}
		text, lang := content.Issue.Text(c.Lang())
		v.Of, v.Lang = text.Title, c.other(lang)
		if a := content.Action(form.Get("ask")); a != nil {
			text, lang := a.Text(c.Lang(), content.Issue.Languages)
			v.Of, v.Lang = text.Title, c.other(lang)
		}
	}
	return v
}

// failed says what is wrong with the reason, or with what was wanted.
func (v *exportView) failed(reason string, problem *undersigned.Error) {
	v.Reason.failed(v.chrome, reason, problem)
	for _, e := range problem.Fields {
		if e.Field != v.Reason.Name {
			v.Problem = v.T(e.Key, e.Args...)
		}
	}
}
