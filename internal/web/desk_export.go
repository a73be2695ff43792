package web

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/translog"
)

const exportsPath = "/admin/exports"

// exports lists what can be taken out of the site, and what was lately.
func (s *Server) exports(d *deskVisit, r *http.Request) error {
	site, err := s.db.Site(r.Context())
	if err != nil {
		return err
	}
	users, err := s.actions.Users(r.Context())
	if err != nil {
		return err
	}
	var lately []undersigned.AuditEntry
	err = s.db.View(r.Context(), func(tx *store.Tx) (err error) {
		lately, err = tx.Audit(store.AuditFilter{Verb: undersigned.AuditExported}, 10)
		return err
	})
	if err != nil {
		return err
	}
	return s.show(d, http.StatusOK, "desk/exports", newExports(s.deskChrome(d.visit, d.staff), site, users, lately))
}

// showExport asks why something is to be taken out.
func (s *Server) showExport(d *deskVisit, r *http.Request) error {
	return s.askWhy(d, r, r.URL.Query(), nil)
}

func (s *Server) askWhy(d *deskVisit, r *http.Request, form url.Values, problem *undersigned.Error) error {
	kind := undersigned.ExportKind(r.PathValue("what"))
	if !slices.Contains(undersigned.ExportKinds, kind) {
		return undersigned.Fail(undersigned.NotFound, "")
	}
	site, err := s.db.Site(r.Context())
	if err != nil {
		return err
	}
	page := newExport(s.deskChrome(d.visit, d.staff), kind, site, form)
	if problem == nil {
		return s.show(d, http.StatusOK, "desk/export", page)
	}
	page.failed(form.Get("reason"), problem)
	return s.showProblem(d.visit, problem, "desk/export", page)
}

// takeOut tells of what is taken out, and sends it as it is made.
func (s *Server) takeOut(d *deskVisit, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	policy, err := translog.ParsePolicy(s.publicLog.Policy)
	if err != nil {
		return err
	}
	users, err := s.actions.Users(r.Context())
	if err != nil {
		return err
	}
	slow := http.NewResponseController(d.ResponseWriter)
	_ = slow.SetWriteDeadline(time.Time{}) // a packet is made before its first byte leaves
	export, err := s.actions.Export(r.Context(), action.ExportOrder{Kind: undersigned.ExportKind(r.PathValue("what")), Issue: form.Get("issue"), Action: form.Get("ask"),
		Audit: auditFilter(form, users), Reason: form.Get("reason"), By: d.staff, Site: s.baseURL, Policy: policy})
	if problem := asInvalid(err); problem != nil {
		return s.askWhy(d, r, form, problem)
	}
	if err != nil {
		return err
	}
	defer export.Close()
	d.Header()["Cache-Control"] = noStore
	d.Header().Set("Content-Type", export.Type)
	d.Header().Set("Content-Disposition", `attachment; filename="`+export.Name+`"`)
	err = export.Write(r.Context(), patient{d.visit, slow})
	if err != nil && d.status != 0 {
		s.fail(d.visit, r, err)
		panic(http.ErrAbortHandler) // what has left so far must not be taken for the whole
	}
	if err != nil {
		d.Header().Del("Content-Disposition")
	}
	return err
}

// patient writes what is as long as it is: each piece of it has the time that a page has.
type patient struct {
	*visit
	slow *http.ResponseController
}

func (p patient) Write(b []byte) (int, error) {
	_ = p.slow.SetWriteDeadline(time.Now().Add(answerTime))
	return p.visit.Write(b)
}

// outRoutes are those of what leaves the site, and of what came back.
func (s *Server) outRoutes() []deskRoute {
	const (
		export   = undersigned.MayExport
		handOver = undersigned.MayHandOver
		ask      = handOverPath + "/{issue}/{action}"
	)
	return []deskRoute{
		{"GET " + exportsPath, export, s.exports, false},
		{"GET " + exportsPath + "/{what}", export, s.showExport, true},
		{"POST " + exportsPath + "/{what}", export, s.takeOut, true},
		{"GET " + handOverPath, handOver, s.handOvers, false},
		{"GET " + ask, handOver, s.handOver, false},
		{"POST " + ask + "/handed-over", handOver, s.noteHandOver, false},
		{"POST " + ask + "/answered", handOver, s.noteAnswer, false},
		{"POST " + ask + "/take-back", handOver, s.takeBackNote, false},
		{"POST " + ask + "/seats", handOver, s.takeSeats, false},
	}
}
