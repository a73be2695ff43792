package web

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
	"github.com/undersigned/undersigned/internal/store"
)

const handOverPath = "/admin/hand-over"

// handedPath is the page of what passed between an ask and the offices of Congress.
func handedPath(a *undersigned.Action) string { return handOverPath + actionPath(a) }

// handOvers lists the petitions and pledges with what was handed over of each.
func (s *Server) handOvers(d *deskVisit, r *http.Request) error {
	site, err := s.db.Site(r.Context())
	if err != nil {
		return err
	}
	passed := map[string]map[string]*undersigned.Correspondence{}
	err = s.db.View(r.Context(), func(tx *store.Tx) (err error) {
		for _, content := range site.Contents {
			for i := range content.Actions {
				if a := &content.Actions[i]; a.Kind.Signable() && err == nil {
					passed[actionPath(a)], err = tx.CorrespondenceOf(a.Issue, a.Slug)
				}
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	return s.show(d, http.StatusOK, "desk/hand_overs", newHandOvers(s.deskChrome(d.visit, d.staff), site, passed, s.now()))
}

// handOver is one of them: the packet, what was noted, and the forms to note more.
func (s *Server) handOver(d *deskVisit, r *http.Request) error {
	return s.showHandOver(d, r, r.URL.Query(), nil)
}

func (s *Server) showHandOver(d *deskVisit, r *http.Request, typed url.Values, problem *undersigned.Error) error {
	content, a, err := s.signableOf(r)
	if err != nil {
		return err
	}
	f := handOverFacts{content: content, ask: a, table: s.congress.Table(), now: s.now()}
	err = s.db.View(r.Context(), func(tx *store.Tx) (err error) {
		if f.passed, err = tx.CorrespondenceOf(a.Issue, a.Slug); err != nil {
			return err
		}
		counts, err := tx.SeatCounts("")
		f.seats = counts[a.PID]
		return err
	})
	if err != nil {
		return err
	}
	c := s.deskChrome(d.visit, d.staff).done(r.URL.Query().Get("done"), "handed_over", "answered", "taken_back", "seats_taken", "nothing")
	page := newHandOver(c, f, s.catalogue.Languages(), typed)
	if problem == nil {
		return s.show(d, http.StatusOK, "desk/hand_over", page)
	}
	page.failed(typed, problem)
	return s.showProblem(d.visit, problem, "desk/hand_over", page)
}

// passedIn reads which office and which day a form is about.
func passedIn(r *http.Request, form url.Values) action.Passed {
	return action.Passed{Bioguide: form.Get("bioguide"), Issue: r.PathValue("issue"), Action: r.PathValue("action"), Day: undersigned.Day(form.Get("day"))}
}

func (s *Server) noteHandOver(d *deskVisit, r *http.Request) error {
	return s.note(d, r, "handed_over", func(ctx context.Context, p action.Passed, form url.Values) (bool, error) {
		paper, err := paperIn(form.Get("paper"))
		if err == nil {
			_, err = s.actions.HandOver(ctx, d.by(), p, undersigned.HandoverWay(form.Get("how")), paper)
		}
		return true, err
	})
}

// paperIn reads a number of signatures on paper; nothing is none.
func paperIn(text string) (int, error) {
	if text = strings.TrimSpace(text); text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		n = -1
	}
	if n < 0 {
		return 0, &undersigned.Error{Kind: undersigned.Invalid, Key: "error.form", Fields: []undersigned.FieldError{{Field: "paper", Key: "error.paper"}}}
	}
	return n, nil
}

func (s *Server) noteAnswer(d *deskVisit, r *http.Request) error {
	return s.note(d, r, "answered", func(ctx context.Context, p action.Passed, form url.Values) (bool, error) {
		_, err := s.actions.Answered(ctx, d.by(), p, form.Get("lang"), form.Get("text"))
		return true, err
	})
}

func (s *Server) takeBackNote(d *deskVisit, r *http.Request) error {
	return s.note(d, r, "taken_back", func(ctx context.Context, p action.Passed, form url.Values) (bool, error) {
		if form.Get("what") == "answer" {
			return s.actions.TakeBackAnswer(ctx, d.by(), p)
		}
		return s.actions.TakeBackHandOver(ctx, d.by(), p)
	})
}

// note notes something of an ask, and shows it again.
func (s *Server) note(d *deskVisit, r *http.Request, name string, do func(context.Context, action.Passed, url.Values) (bool, error)) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	_, a, err := s.signableOf(r)
	if err != nil {
		return err
	}
	done, err := do(r.Context(), passedIn(r, form), form)
	if problem := asInvalid(err); problem != nil {
		form.Set("form", name)
		return s.showHandOver(d, r, form, problem)
	}
	if err != nil {
		return err
	}
	return seeOther(d.visit, handedPath(a)+"?done="+doneOr(done, name))
}

// takeSeats takes the numbers by district of a sealed petition, which were made where its keys are.
func (s *Server) takeSeats(d *deskVisit, r *http.Request) error {
	content, a, err := s.signableOf(r)
	if err == nil && !content.Issue.Sealed() {
		err = undersigned.Fail(undersigned.NotFound, "")
	}
	if err != nil {
		return err
	}
	var counts *undersigned.SeatCounts
	file, err := uploaded(r, "seats")
	if err == nil {
		counts, err = s.actions.TakeSeatCounts(r.Context(), d.by(), file, s.base.Host+"/log")
	}
	if problem := asInvalid(err); problem != nil {
		return s.showHandOver(d, r, url.Values{"form": {"seats"}}, problem)
	}
	if err != nil {
		return err
	}
	site, err := s.db.Site(r.Context())
	if err != nil {
		return err
	}
	if _, of := site.ByPID(counts.PID); of != nil { // the file says of which petition it is
		a = of
	}
	return seeOther(d.visit, handedPath(a)+"?done=seats_taken")
}

// uploaded finds the file of a form. Invalid, with the field's name, where there is none.
func uploaded(r *http.Request, name string) (io.Reader, error) {
	none := func(err error) error {
		return &undersigned.Error{Kind: undersigned.Invalid, Key: "error.form", Err: err, Fields: []undersigned.FieldError{{Field: name, Key: "error.file.none"}}}
	}
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, none(err)
	}
	for {
		part, err := parts.NextPart()
		switch {
		case errors.Is(err, io.EOF):
			return nil, none(err)
		case err != nil:
			return nil, uploadError(err)
		case part.FormName() == name && part.FileName() != "":
			return part, nil
		}
	}
}
