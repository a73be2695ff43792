package web

import (
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
	"github.com/undersigned/undersigned/internal/store"
)

// offersPage is how many offers a page of the list has.
const offersPage = 50

// offerFilter reads what is wanted from a query; what it does not understand it does not ask for.
func offerFilter(q url.Values) action.OfferFilter {
	f := action.OfferFilter{PID: q.Get("ask"), State: undersigned.SubmissionState(q.Get("state"))}
	if !slices.Contains(undersigned.SubmissionStates, f.State) {
		f.State = ""
	}
	if id, ok := submissionID(q.Get("before")); ok {
		if day, err := undersigned.ParseDay(q.Get("day")); err == nil {
			f.Before = store.SubmissionPlace{Day: day, ID: id}
		}
	}
	return f
}

func submissionID(text string) (id undersigned.SubmissionID, ok bool) {
	raw, err := hex.DecodeString(text)
	if err != nil || len(raw) != len(id) {
		return id, false
	}
	return undersigned.SubmissionID(raw), true
}

func (s *Server) volunteers(d *deskVisit, r *http.Request) error {
	filter := offerFilter(r.URL.Query())
	asks, offers, err := s.actions.Volunteers(r.Context(), d.staff.User, filter, offersPage+1)
	if err != nil {
		return err
	}
	return s.show(d, http.StatusOK, "desk/volunteers", newVolunteers(s.deskChrome(d.visit, d.staff), asks, offers, filter))
}

// deskOffer is one offer, with what can be made of it.
func (s *Server) deskOffer(d *deskVisit, r *http.Request) error {
	return s.showDeskOffer(d, r, nil, nil)
}

// showDeskOffer draws it; notes are those that were typed and could not be taken, nil for those that are there.
func (s *Server) showDeskOffer(d *deskVisit, r *http.Request, notes *string, problem *undersigned.Error) error {
	id, ok := submissionID(r.PathValue("offer"))
	if !ok {
		return undersigned.Fail(undersigned.NotFound, "")
	}
	offer, kept, err := s.actions.OfferFor(r.Context(), d.staff.User, id)
	if err != nil {
		return err
	}
	page := newDeskOffer(s.deskChrome(d.visit, d.staff).done(r.URL.Query().Get("done"), "saved", "moved"), offer, kept)
	if problem == nil {
		return s.show(d, http.StatusOK, "desk/offer", page)
	}
	page.failed(kept, notes, problem)
	return s.showProblem(d.visit, problem, "desk/offer", page)
}

func (s *Server) moveDeskOffer(d *deskVisit, r *http.Request) error {
	return s.changeOffer(d, r, "moved", func(id undersigned.SubmissionID, form url.Values) (*string, error) {
		return nil, s.actions.MoveOfferFor(r.Context(), d.staff.User, id, undersigned.SubmissionState(form.Get("state")))
	})
}

func (s *Server) noteOffer(d *deskVisit, r *http.Request) error {
	return s.changeOffer(d, r, "saved", func(id undersigned.SubmissionID, form url.Values) (*string, error) {
		text := form.Get("notes")
		return &text, s.actions.NoteOffer(r.Context(), d.staff.User, id, form.Get("version"), text)
	})
}

// changeOffer does something with an offer, and shows it again.
func (s *Server) changeOffer(d *deskVisit, r *http.Request, done string, change func(undersigned.SubmissionID, url.Values) (notes *string, err error)) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	id, ok := submissionID(r.PathValue("offer"))
	if !ok {
		return undersigned.Fail(undersigned.NotFound, "")
	}
	notes, err := change(id, form)
	if problem := asInvalid(err); problem != nil {
		return s.showDeskOffer(d, r, notes, problem)
	}
	if err != nil {
		return err
	}
	return seeOther(d.visit, "/admin/volunteers/"+r.PathValue("offer")+"?done="+done)
}
