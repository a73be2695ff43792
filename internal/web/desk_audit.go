package web

import (
	"encoding/csv"
	"encoding/hex"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/translog"
)

// auditPage is how many lines a page of the audit log has.
const auditPage = 100

// auditFilter reads what is wanted from a query; what it does not understand it does not ask for.
func auditFilter(q url.Values) store.AuditFilter {
	f := store.AuditFilter{Verb: undersigned.AuditVerb(q.Get("verb")), Subject: q.Get("subject")}
	if raw, err := hex.DecodeString(q.Get("by")); err == nil && len(raw) == len(undersigned.UserID{}) {
		by := undersigned.UserID(raw)
		f.By = &by
	}
	if us, err := strconv.ParseInt(q.Get("before"), 10, 64); err == nil && us > 0 {
		f.Before = time.UnixMicro(us)
	}
	return f
}

func (s *Server) audit(d *deskVisit, r *http.Request) error {
	users, err := s.actions.Users(r.Context())
	if err != nil {
		return err
	}
	filter := auditFilter(r.URL.Query())
	var entries []undersigned.AuditEntry
	err = s.db.View(r.Context(), func(tx *store.Tx) (err error) { entries, err = tx.Audit(filter, auditPage+1); return err })
	if err != nil {
		return err
	}
	return s.show(d, http.StatusOK, "desk/audit", newAudit(s.deskChrome(d.visit, d.staff), users, filter, entries))
}

// auditCSV is the whole log that a filter leaves, a thousand lines a time.
func (s *Server) auditCSV(d *deskVisit, r *http.Request) error {
	users, err := s.actions.Users(r.Context())
	if err != nil {
		return err
	}
	who := map[undersigned.UserID]string{}
	for _, u := range users {
		who[u.ID] = u.Email
	}
	filter := auditFilter(r.URL.Query())
	filter.Before = time.Time{}
	d.Header()["Cache-Control"] = noStore
	d.Header().Set("Content-Type", "text/csv; charset=utf-8")
	d.Header().Set("Content-Disposition", `attachment; filename="audit.csv"`)
	out := csv.NewWriter(d)
	cells := func(row ...string) {
		for i := range row {
			row[i] = translog.Cell(row[i])
		}
		_ = out.Write(row) // the reader may have gone
	}
	cells("at", "by", "verb", "subject", "detail")
	const step = 1000
	for {
		var entries []undersigned.AuditEntry
		err := s.db.View(r.Context(), func(tx *store.Tx) (err error) { entries, err = tx.Audit(filter, step); return err })
		if err != nil {
			return err
		}
		for _, e := range entries {
			cells(e.At.Format(time.RFC3339), who[e.By], string(e.Verb), e.Subject, e.Detail)
		}
		out.Flush()
		if len(entries) < step || out.Error() != nil {
			return nil
		}
		filter.Before = entries[len(entries)-1].At
	}
}
