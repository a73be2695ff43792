package web

import (
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
	"github.com/undersigned/undersigned/internal/store"
)

// auditPage is how many lines a page of the audit log has.
const auditPage = 100

// auditFilter reads what is wanted from a query; what it does not understand it does not ask for. Staff are found by what the
// lines call them, or by a part of it.
func auditFilter(q url.Values, users []*undersigned.User) store.AuditFilter {
	f := store.AuditFilter{Verb: undersigned.AuditVerb(q.Get("verb")), Subject: strings.TrimSpace(q.Get("subject"))}
	f.Named = action.StaffNamed(users, f.Subject)
	if raw, err := hex.DecodeString(q.Get("by")); err == nil && len(raw) == len(undersigned.UserID{}) {
		by := undersigned.UserID(raw)
		f.By = &by
	}
	f.Before, _ = undersigned.ParseAuditMark(q.Get("before"))
	return f
}

func (s *Server) audit(d *deskVisit, r *http.Request) error {
	users, err := s.actions.Users(r.Context())
	if err != nil {
		return err
	}
	filter := auditFilter(r.URL.Query(), users)
	var entries []undersigned.AuditEntry
	err = s.db.View(r.Context(), func(tx *store.Tx) (err error) { entries, err = tx.Audit(filter, auditPage+1); return err })
	if err != nil {
		return err
	}
	return s.show(d, http.StatusOK, "desk/audit", newAudit(s.deskChrome(d.visit, d.staff), users, filter, entries))
}
