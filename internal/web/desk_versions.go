package web

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
	"github.com/undersigned/undersigned/internal/pack"
	"github.com/undersigned/undersigned/internal/store"
)

// showVersions lists the texts that a noun has had.
func (s *Server) showVersions(d *deskVisit, r *http.Request) error { return s.versionsPage(d, r, nil) }

func (s *Server) versionsPage(d *deskVisit, r *http.Request, problem *undersigned.Error) error {
	id, e, err := s.openNoun(r.Context(), r)
	if err != nil {
		return err
	}
	names, err := s.namer(r.Context(), s.chrome(d.visit))
	if err != nil {
		return err
	}
	page := newVersions(s.deskChrome(d.visit, d.staff), id, e, names)
	if page.TakeOff != "" {
		without := e.Content.Clone()
		without.Remove(id)
		if page.endsView, err = s.endsWith(d, r, without); err != nil {
			return err
		}
	}
	if problem == nil {
		return s.show(d, http.StatusOK, "desk/versions", page)
	}
	page.failed(problem)
	return s.showProblem(d.visit, problem, "desk/versions", page)
}

// showVersion compares a version with the one before it, or with the one that "with" names.
func (s *Server) showVersion(d *deskVisit, r *http.Request) error {
	id, e, err := s.openNoun(r.Context(), r)
	if err != nil {
		return err
	}
	number, err := strconv.Atoi(r.PathValue("version"))
	if err != nil || number < 1 {
		return undersigned.Fail(undersigned.NotFound, "")
	}
	with, err := strconv.Atoi(r.URL.Query().Get("with"))
	if err != nil || with < 1 {
		with = number - 1
	}
	var fields [2]pack.Fields
	err = s.db.View(r.Context(), func(tx *store.Tx) error {
		for i, version := range []int{with, number} {
			noun, err := tx.VersionNoun(id, version)
			if err != nil {
				return err
			}
			fields[i] = action.FieldsOf(e.Content, noun)
		}
		return nil
	})
	if err != nil {
		return err
	}
	names, err := s.namer(r.Context(), s.chrome(d.visit))
	if err != nil {
		return err
	}
	page, ok := newVersionPage(s.deskChrome(d.visit, d.staff), id, e, names, number, with, fields)
	if !ok {
		return undersigned.Fail(undersigned.NotFound, "")
	}
	return s.show(d, http.StatusOK, "desk/version", page)
}

// bringBack makes a draft of a version.
func (s *Server) bringBack(d *deskVisit, r *http.Request) error {
	id, err := nounOf(r)
	if err != nil {
		return err
	}
	number, err := strconv.Atoi(r.PathValue("version"))
	if err != nil {
		return undersigned.Fail(undersigned.NotFound, "")
	}
	err = s.actions.BringBack(r.Context(), d.by(), id, number)
	if problem := (*undersigned.Error)(nil); errors.As(err, &problem) && problem.Kind == undersigned.Invalid {
		return s.versionsPage(d, r, problem)
	}
	if err != nil {
		return err
	}
	return seeOther(d.visit, nounPath(id)+"?done=brought_back")
}
