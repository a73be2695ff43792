package web

import (
	"encoding/hex"
	"net/url"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
	"github.com/undersigned/undersigned/internal/store"
)

// auditView is a page of the audit log.
type auditView struct {
	deskChrome
	People  []formOption
	Verbs   []formOption
	Subject string
	Entries []auditEntry
	Older   string // the page before; empty where there is none
	CSV     string
}

type auditEntry struct {
	At, By, What, Subject, Detail string
}

// auditVerbs are those that the log can be asked for.
var auditVerbs = []undersigned.AuditVerb{
	undersigned.AuditSignedIn, undersigned.AuditSignedOut, undersigned.AuditSessionEnded, undersigned.AuditSessionsEnded, undersigned.AuditSessionStolen,
	undersigned.AuditUserAdded, undersigned.AuditUserChanged, undersigned.AuditUserRemoved,
	undersigned.AuditPasskeyAdded, undersigned.AuditPasskeyGone,
	undersigned.AuditUpdateMade, undersigned.AuditUpdateWritten, undersigned.AuditUpdateTried, undersigned.AuditUpdateMoved,
	undersigned.AuditPublished, undersigned.AuditLinkMoved, undersigned.AuditImported, undersigned.AuditOrdered, undersigned.AuditTakenOff,
	undersigned.AuditDraftDiscarded, undersigned.AuditScheduled, undersigned.AuditUnscheduled, undersigned.AuditScheduleMissed,
	undersigned.AuditCorrectionAccepted, undersigned.AuditCorrectionDeclined,
	undersigned.AuditSignaturesRead, undersigned.AuditSignaturesSearched, undersigned.AuditSignaturesReleased,
	undersigned.AuditSignaturesRemoved, undersigned.AuditSignaturesRestored, undersigned.AuditDomainJudged,
	undersigned.AuditBrakeSet, undersigned.AuditPaused, undersigned.AuditResumed,
	undersigned.AuditSourceAdded, undersigned.AuditSourceRemoved,
	undersigned.AuditOfferMoved, undersigned.AuditOfferNoted, undersigned.AuditSettingChanged,
	undersigned.AuditMailTried, undersigned.AuditMailDNSAsked, undersigned.AuditMailKeyMade,
	undersigned.AuditAttended,
	undersigned.AuditExported, undersigned.AuditHandedOver, undersigned.AuditAnswered, undersigned.AuditHandOverTakenBack, undersigned.AuditAnswerTakenBack, undersigned.AuditSeatsTaken,
}

func newAudit(c deskChrome, users []*undersigned.User, f store.AuditFilter, entries []undersigned.AuditEntry) auditView {
	v := auditView{deskChrome: c.named(c.T("desk.audit")), Subject: f.Subject}
	query := url.Values{"verb": {string(f.Verb)}, "subject": {f.Subject}}
	if f.By != nil {
		query.Set("by", hex.EncodeToString(f.By[:]))
	}
	v.People = []formOption{{Label: c.T("desk.audit.everybody")}, {Value: action.UserName(undersigned.UserID{}), Label: c.T("desk.audit.terminal"), Selected: f.By != nil && *f.By == undersigned.UserID{}}}
	for _, u := range users {
		id := action.UserName(u.ID)
		v.People = append(v.People, formOption{Value: id, Label: u.Title(), Selected: f.By != nil && *f.By == u.ID})
	}
	v.Verbs = []formOption{{Label: c.T("desk.audit.everything")}}
	for _, verb := range auditVerbs {
		v.Verbs = append(v.Verbs, formOption{Value: string(verb), Label: c.T("audit." + string(verb)), Selected: verb == f.Verb})
	}
	if len(entries) > auditPage {
		entries = entries[:auditPage]
		older := url.Values{"before": {entries[auditPage-1].AuditMark.String()}}
		for name := range query {
			older.Set(name, query.Get(name))
		}
		v.Older = c.Link("/admin/audit") + "?" + older.Encode()
	}
	v.CSV = c.Link(exportsPath+"/"+string(undersigned.ExportAudit)) + "?" + query.Encode()
	v.Entries = auditEntries(c, users, entries)
	return v
}

// auditEntries are lines of the log of who did what, in words.
func auditEntries(c deskChrome, users []*undersigned.User, lines []undersigned.AuditEntry) (entries []auditEntry) {
	names := map[string]string{action.UserName(undersigned.UserID{}): c.T("desk.audit.terminal")}
	for _, u := range users {
		names[action.UserName(u.ID)] = u.Title()
	}
	for _, e := range lines {
		subject := e.Subject
		if name, ok := names[subject]; ok {
			subject = name
		}
		entries = append(entries, auditEntry{At: c.DateTime(e.At.In(undersigned.Eastern)), By: names[action.UserName(e.By)],
			What: c.T("audit." + string(e.Verb)), Subject: subject, Detail: e.Detail})
	}
	return entries
}
