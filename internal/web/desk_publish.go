package web

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
)

// momentForm is how a browser writes a moment of a place (HTML, datetime-local).
const momentForm = "2006-01-02T15:04"

// errWhich is the error of somebody who has pressed the Enter key in a form with several buttons.
var errWhich = undersigned.Fail(undersigned.Invalid, "error.which")

// showPublish shows what publishing a draft would change, and the list that is gone through before an ask opens.
func (s *Server) showPublish(d *deskVisit, r *http.Request) error {
	return s.publishPage(d, r, nil, nil)
}

func (s *Server) publishPage(d *deskVisit, r *http.Request, typed url.Values, problem *undersigned.Error) error {
	id, err := nounOf(r)
	if err != nil {
		return err
	}
	proof, err := s.actions.Proof(r.Context(), id, s.now())
	if err != nil {
		return err
	}
	names, err := s.namer(r.Context(), s.chrome(d.visit))
	if err != nil {
		return err
	}
	page := newPublish(s.deskChrome(d.visit, d.staff).done(r.URL.Query().Get("done"), "scheduled", "unscheduled", "mailed", "saved"), id, proof, names, s.now())
	if r.URL.Query().Get("done") == "saved" {
		page.Saved = savedAs(&editing{id: id, fields: proof.Fields}, r)
	}
	if problem == nil {
		return s.show(d, http.StatusOK, "desk/publish", page)
	}
	page.failed(id.Kind, typed, problem)
	return s.showProblem(d.visit, problem, "desk/publish", page)
}

// publish does what was decided on that page: publish now or at a moment, take that back, or discard the draft.
func (s *Server) publish(d *deskVisit, r *http.Request) error {
	id, err := nounOf(r)
	if err != nil {
		return err
	}
	form, err := readForm(r)
	if err != nil {
		return err
	}
	p := action.Publishing{By: d.by(), ID: id, Despite: form.Get("despite") != "", Newer: form.Get("newer") != "", Ends: form.Get("ends") != ""}
	if p.Ends && !d.staff.Session.Fresh(s.now()) {
		return s.askAgainBefore(d, r, form)
	}
	if form.Get("do") == "discard" && form.Get("sure") == "" {
		return s.sureDiscard(d, r, form)
	}
	p.Base.Version, _ = strconv.Atoi(form.Get("version"))
	p.Base.Save, _ = strconv.Atoi(form.Get("save"))
	to := nounPath(id) + "/publish?done="
	switch form.Get("do") {
	case "enter":
		err = errWhich
	case "discard":
		to, err = "/admin/issues/"+id.Issue+"?done=discarded", s.actions.DiscardDraft(r.Context(), d.by(), id, p.Base)
	case "unschedule":
		to, err = to+"unscheduled", s.actions.Schedule(r.Context(), p, time.Time{})
	case "schedule":
		to += "scheduled"
		var at time.Time
		if at, err = s.momentOf(r, id, form.Get("at")); err == nil {
			err = s.actions.Schedule(r.Context(), p, at)
		}
	default:
		to = "/admin/issues/" + id.Issue + "?done=published"
		_, err = s.actions.Publish(r.Context(), p)
	}
	var clash *action.Clash
	var problem *undersigned.Error
	switch {
	case err != nil && s.isDone(r, p, form.Get("do")):
	case errors.As(err, &clash): // the page shows it
		return s.publishPage(d, r, form, &undersigned.Error{Kind: undersigned.Invalid, Key: "error.edit.changed"})
	case errors.As(err, &problem) && (problem.Kind == undersigned.Invalid || problem.Kind == undersigned.Unavailable):
		return s.publishPage(d, r, form, problem)
	case err != nil:
		return err
	}
	return seeOther(d.visit, to)
}

// sureDiscard asks before a draft is forgotten.
func (s *Server) sureDiscard(d *deskVisit, r *http.Request, form url.Values) error {
	id, e, err := s.openNoun(r.Context(), r)
	if err != nil {
		return err
	}
	c := s.deskChrome(d.visit, d.staff)
	return s.show(d, http.StatusOK, "desk/sure", newSureDiscard(c, id, e.Content, c.nounTitle(id, e.Fields), form))
}

// isDone tells whether what was decided is so already. A button that is pressed twice sends its form twice, and it is the second
// answer that a browser shows.
func (s *Server) isDone(r *http.Request, p action.Publishing, do string) bool {
	_, e, err := s.openNoun(r.Context(), r)
	if do == "discard" && p.Base.Version == 0 && undersigned.KindOf(err) == undersigned.NotFound {
		return true
	}
	if err != nil || e.Draft != nil || do == "schedule" || do == "unschedule" {
		return false
	}
	if do == "discard" {
		return e.Base.Version == p.Base.Version
	}
	return e.Base.Version > p.Base.Version && e.Versions[0].By == p.By && e.Versions[0].How == undersigned.ChangeEdit
}

// momentOf reads a moment as it was chosen, in the zone of the issue.
func (s *Server) momentOf(r *http.Request, id undersigned.NounID, typed string) (time.Time, error) {
	_, e, err := s.openNoun(r.Context(), r)
	if err != nil {
		return time.Time{}, err
	}
	return readMoment(typed, zoneFor(e.Content))
}

// readMoment reads what browsers send of a field for a day and a time, or what people type.
func readMoment(typed string, zone *time.Location) (time.Time, error) {
	typed = strings.TrimSpace(typed)
	for _, layout := range []string{momentForm, "2006-01-02T15:04:05", "2006-01-02 15:04"} {
		if at, err := time.ParseInLocation(layout, typed, zone); err == nil {
			return at, nil
		}
	}
	return time.Time{}, &undersigned.Error{Kind: undersigned.Invalid, Key: "error.form", Fields: []undersigned.FieldError{{Field: "at", Key: "error.update.at"}}}
}

// takeOff takes a noun off the site.
func (s *Server) takeOff(d *deskVisit, r *http.Request) error {
	id, err := nounOf(r)
	if err != nil {
		return err
	}
	form, err := readForm(r)
	if err != nil {
		return err
	}
	ends := form.Get("ends") != ""
	if ends && !d.staff.Session.Fresh(s.now()) {
		return s.askAgainBefore(d, r, form)
	}
	version, _ := strconv.Atoi(form.Get("version"))
	err = s.actions.TakeOff(r.Context(), d.by(), id, version, ends)
	if err != nil {
		if _, e, again := s.openNoun(r.Context(), r); again == nil && e.Base.Version == version+1 && e.Versions[0].By == d.by() && e.Versions[0].How == undersigned.ChangeRemove {
			err = nil // pressed twice
		}
	}
	if problem := (*undersigned.Error)(nil); errors.As(err, &problem) && problem.Kind == undersigned.Invalid {
		return s.versionsPage(d, r, problem)
	}
	if err != nil {
		return err
	}
	return seeOther(d.visit, "/admin/issues/"+id.Issue+"?done=taken_off")
}
