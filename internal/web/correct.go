package web

import (
	"context"
	"encoding/hex"
	"errors"
	"net/http"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
	"github.com/undersigned/undersigned/internal/pack"
	"github.com/undersigned/undersigned/internal/store"
)

// findListing finds the entry of the directory that a path names.
func (s *Server) findListing(ctx context.Context, r *http.Request) (listing, error) {
	site, err := s.db.Site(ctx)
	if err != nil {
		return listing{}, err
	}
	for _, l := range directory(site) {
		if l.Slug == r.PathValue("organization") {
			return l, nil
		}
	}
	return listing{}, undersigned.Fail(undersigned.NotFound, "")
}

// showCorrect is the form in which an organisation says what is wrong with its entry.
func (s *Server) showCorrect(ctx context.Context, v *visit, r *http.Request) (*draft, error) {
	l, err := s.findListing(ctx, r)
	if err != nil {
		return nil, err
	}
	return s.html("correct", newCorrect(s.chrome(v), l, s.actions.CorrectionToken(l.Slug)))
}

// takeCorrection takes that form.
func (s *Server) takeCorrection(v *visit, r *http.Request) error {
	l, err := s.findListing(r.Context(), r)
	if err != nil {
		return err
	}
	form, err := readForm(r)
	if err != nil {
		return err
	}
	in := action.CorrectionInput{Organization: l.Slug, Fields: pack.Fields{}, Note: pack.TidyText(form.Get("note")), Sender: form.Get("sender"),
		FormToken: form.Get(formTokenField), Language: v.lang, Visitor: s.visitor(r), Trap: form.Get(trapField)}
	for _, name := range undersigned.CorrectionFields {
		if form.Has(name) {
			in.Fields[correctedField(l, name, v.lang)] = pack.TidyText(form.Get(name))
		}
	}
	token := form.Get(waitField)
	if token == "" {
		err = s.actions.Correct(r.Context(), in)
	} else {
		err = s.actions.CorrectAfterWaiting(r.Context(), l.Slug, token)
	}
	if asked, err := s.askedToWait(v, err); asked {
		return err
	}
	var problem *undersigned.Error
	switch {
	case err == nil:
		return seeOther(v, correctPath(l)+"/check-mail")
	case errors.As(err, &problem) && problem.Kind == undersigned.Unavailable && token != "":
		return s.waitAgain(v, token, problem)
	case !errors.As(err, &problem) || problem.Kind != undersigned.Invalid && problem.Kind != undersigned.Unavailable:
		return err
	}
	page := newCorrect(s.chrome(v), l, s.actions.CorrectionToken(l.Slug))
	page.failed(l, in, problem)
	return s.showProblem(v, problem, "correct", page)
}

// correctedField is the field of an entry's form that a field of the correction is about: of what is said in each language, the
// one in the language in which the form shows it.
func correctedField(l listing, name, lang string) string {
	shown := l.content.Issue.Languages[0]
	switch name {
	case "body":
		_, shown = l.Text(lang, l.content.Issue.Languages)
	case "region":
		_, shown = l.RegionIn(lang, l.content.Issue.Languages)
	}
	if shown != l.content.Issue.Languages[0] {
		return shown + ":" + name
	}
	return name
}

func correctPath(l listing) string { return organizationPath(l.Organization) + "/correct" }

func (s *Server) correctCheckMail(ctx context.Context, v *visit, r *http.Request) (*draft, error) {
	l, err := s.findListing(ctx, r)
	if err != nil {
		return nil, err
	}
	page := newCorrectMail(s.chrome(v), l)
	if s.outbox != nil {
		page.DevMail = "/dev/mail"
	}
	return s.html("correct_mail", page)
}

// showConfirmCorrection is where the link leads: a page with one button, which confirmCorrection is.
func (s *Server) showConfirmCorrection(v *visit, r *http.Request) error {
	return s.confirmationOfCorrection(v, r, s.actions.OpenCorrection)
}

func (s *Server) confirmCorrection(v *visit, r *http.Request) error {
	return s.confirmationOfCorrection(v, r, s.actions.ConfirmCorrection)
}

func (s *Server) confirmationOfCorrection(v *visit, r *http.Request, do func(context.Context, string) (*action.ConfirmedCorrection, error)) error {
	c, err := do(r.Context(), r.PathValue("token"))
	if err != nil {
		return err
	}
	return s.show(v, http.StatusOK, "correct_confirm", newConfirmCorrection(s.chrome(v), c))
}

// corrections lists those that wait for a person.
func (s *Server) corrections(d *deskVisit, r *http.Request) error {
	list, err := s.actions.Corrections(r.Context())
	if err != nil {
		return err
	}
	site, err := s.db.Site(r.Context())
	if err != nil {
		return err
	}
	c := s.deskChrome(d.visit, d.staff).done(r.URL.Query().Get("done"), "declined", "nothing")
	return s.show(d, http.StatusOK, "desk/corrections", newCorrections(c, site, list))
}

func correctionOf(r *http.Request) (undersigned.CorrectionID, error) {
	id, ok := parseCorrection(r.PathValue("correction"))
	if !ok {
		return id, undersigned.Fail(undersigned.NotFound, "")
	}
	return id, nil
}

func parseCorrection(name string) (id undersigned.CorrectionID, ok bool) {
	raw, err := hex.DecodeString(name)
	return id, err == nil && copy(id[:], raw) == len(raw) && len(raw) == len(id)
}

// showCorrection shows what one would change.
func (s *Server) showCorrection(d *deskVisit, r *http.Request) error {
	id, err := correctionOf(r)
	if err != nil {
		return err
	}
	c, err := s.actions.Correction(r.Context(), id)
	if err != nil {
		return err
	}
	e, err := s.entryOf(r.Context(), c.Noun())
	if err != nil {
		return err
	}
	chrome := s.deskChrome(d.visit, d.staff)
	names, err := s.namer(r.Context(), chrome.chrome)
	if err != nil {
		return err
	}
	return s.show(d, http.StatusOK, "desk/correction", newCorrectionPage(chrome, e, c, names))
}

// entryOf finds the entry that a correction is about, and its draft.
func (s *Server) entryOf(ctx context.Context, id undersigned.NounID) (e *action.Editing, err error) {
	err = s.db.View(ctx, func(tx *store.Tx) (err error) { e, err = action.OpenEditing(tx, id); return err })
	return e, err
}

// decideCorrection accepts one, which makes it a draft, or declines it. Where the draft that is there says something else, the
// form of the entry shows both: saving that accepts it.
func (s *Server) decideCorrection(d *deskVisit, r *http.Request) error {
	id, err := correctionOf(r)
	if err != nil {
		return err
	}
	form, err := readForm(r)
	if err != nil {
		return err
	}
	to, done := "/admin/corrections", "declined"
	var noun undersigned.NounID
	if form.Get("do") != "accept" {
		err = s.actions.DeclineCorrection(r.Context(), d.by(), id)
	} else {
		noun, err = s.actions.AcceptCorrection(r.Context(), d.by(), id)
		to, done = nounPath(noun), "accepted"
	}
	if clash := (*action.Clash)(nil); errors.As(err, &clash) {
		e, err := s.entryOf(r.Context(), noun)
		if err != nil {
			return err
		}
		form := &editing{id: noun, content: e.Content, correction: action.CorrectionName(id)}
		return s.notSaved(r.Context(), d, form, &sentForm{}, e, clash)
	}
	if undersigned.KindOf(err) == undersigned.NotFound {
		to, done, err = "/admin/corrections", "nothing", nil
	}
	if err != nil {
		return err
	}
	return seeOther(d.visit, to+"?done="+done)
}

// correctionsTodo adds that some wait.
func correctionsTodo(tx *store.Tx, page *todayView) error {
	n, err := tx.CountCorrections()
	if err == nil && n > 0 {
		page.add(page.N("desk.todo.corrections", n), "/admin/corrections")
	}
	return err
}
