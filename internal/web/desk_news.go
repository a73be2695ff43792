package web

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
	"github.com/undersigned/undersigned/internal/pack"
	"github.com/undersigned/undersigned/internal/store"
)

// deskNews lists who hears of what, and all updates.
func (s *Server) deskNews(d *deskVisit, r *http.Request) error {
	site, err := s.db.Site(r.Context())
	if err != nil {
		return err
	}
	var counts map[string]map[undersigned.SubscriberState]int64
	var updates []*undersigned.Update
	err = s.db.View(r.Context(), func(tx *store.Tx) (err error) {
		if counts, err = tx.CountSubscribers(); err == nil {
			updates, err = tx.Updates()
		}
		return err
	})
	if err != nil {
		return err
	}
	return s.show(d, http.StatusOK, "desk/news", newDeskNews(s.deskChrome(d.visit, d.staff), site, counts, updates))
}

// newUpdate is the form of an update that is not there yet.
func (s *Server) newUpdate(d *deskVisit, r *http.Request) error {
	content, err := s.issueOf(r, r.URL.Query().Get("issue"))
	if err != nil {
		return err
	}
	page := s.updatePage(d, &undersigned.Update{Issue: content.Issue.Slug, State: undersigned.UpdateDraft}, content)
	return s.show(d, http.StatusOK, "desk/update", page)
}

// beginUpdate keeps it as a draft.
func (s *Server) beginUpdate(d *deskVisit, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	content, err := s.issueOf(r, form.Get("issue"))
	if err != nil {
		return err
	}
	id, ok := undersigned.ParseUpdateID(form.Get("id"))
	if !ok {
		id = undersigned.NewUpdateID()
	}
	texts, problem := updateTexts(content.Issue.Languages, form)
	if problem == nil {
		u, err := s.actions.BeginUpdateOnce(r.Context(), d.by(), id, content.Issue.Slug, texts)
		if clash := (*action.UpdateClash)(nil); errors.As(err, &clash) {
			return s.updateClash(d, content, clash)
		}
		if err != nil {
			return err
		}
		return seeOther(d.visit, updatePath(u)+"?done=saved")
	}
	page := s.updatePage(d, &undersigned.Update{Issue: content.Issue.Slug, State: undersigned.UpdateDraft}, content)
	page.failed(form, problem)
	page.ID = id.String()
	return s.showProblem(d.visit, problem, "desk/update", page)
}

// updateClash shows what two have written at the same time.
func (s *Server) updateClash(d *deskVisit, content *undersigned.Content, clash *action.UpdateClash) error {
	page := s.updatePage(d, clash.Update, content)
	page.clashes(clash)
	return s.show(d, http.StatusConflict, "desk/update", page)
}

// issueOf finds an issue that readers see; where none is named and there is one alone, that.
func (s *Server) issueOf(r *http.Request, slug string) (*undersigned.Content, error) {
	site, err := s.db.Site(r.Context())
	if err != nil {
		return nil, err
	}
	if slug == "" && len(site.Contents) == 1 {
		return site.Contents[0], nil
	}
	if content := site.Issue(slug); content != nil {
		return content, nil
	}
	return nil, undersigned.Fail(undersigned.NotFound, "")
}

// updateTexts reads the words of each language. A language without any is not among them; one at least must be.
func updateTexts(languages []string, form url.Values) (map[string]undersigned.UpdateText, *undersigned.Error) {
	texts, wrong := map[string]undersigned.UpdateText{}, &undersigned.Error{Kind: undersigned.Invalid, Key: "error.form"}
	for i, lang := range languages {
		subject, body := pack.TidyText(form.Get("subject_"+lang)), pack.TidyText(form.Get("body_"+lang))
		if i > 0 && strings.TrimSpace(subject+body) == "" {
			continue
		}
		text, err := undersigned.NewUpdateText(subject, body)
		var problem *undersigned.Error
		if errors.As(err, &problem) {
			for _, f := range problem.Fields {
				f.Field += "_" + lang
				wrong.Fields = append(wrong.Fields, f)
			}
		}
		if fault, arg, said := pack.CheckProse(text.Body); fault != "" {
			wrong.Fields = append(wrong.Fields, undersigned.FieldError{Field: "body_" + lang, Key: fault, Args: []any{arg, said}})
		}
		texts[lang] = text
	}
	if len(wrong.Fields) > 0 {
		return nil, wrong
	}
	return texts, nil
}

// updateOf finds the update that a path names.
func (s *Server) updateOf(r *http.Request) (*undersigned.Update, *undersigned.Content, error) {
	id, ok := undersigned.ParseUpdateID(r.PathValue("update"))
	if !ok {
		return nil, nil, undersigned.Fail(undersigned.NotFound, "")
	}
	return s.actions.ReadUpdate(r.Context(), id)
}

func (s *Server) updatePage(d *deskVisit, u *undersigned.Update, content *undersigned.Content) *updateView {
	post := action.Post{Composer: s.composer, BaseURL: s.base, Path: LocalPath}
	return newUpdateView(s.deskChrome(d.visit, d.staff), post, u, content)
}

// deskUpdate is an update: its words and how they read, where it stands, and what can be made of it.
func (s *Server) deskUpdate(d *deskVisit, r *http.Request) error {
	u, content, err := s.updateOf(r)
	if err != nil {
		return err
	}
	page := s.updatePage(d, u, content)
	page.deskChrome = page.done(r.URL.Query().Get("done"), "saved", "draft_again", "tried", "told")
	return s.show(d, http.StatusOK, "desk/update", page)
}

// changeUpdate does something with an update, and shows it again.
func (s *Server) changeUpdate(d *deskVisit, r *http.Request, change func(*undersigned.Update, *undersigned.Content, url.Values) (done string, err error)) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	u, content, err := s.updateOf(r)
	if err != nil {
		return err
	}
	if givesUp := undersigned.UpdateCancelled; form.Get("to") == string(givesUp) && form.Get("sure") == "" && u.State.Leads(givesUp) {
		return s.show(d, http.StatusOK, "desk/sure", newSureGivenUp(s.deskChrome(d.visit, d.staff), u, form))
	}
	done, err := change(u, content, form)
	if clash := (*action.UpdateClash)(nil); errors.As(err, &clash) {
		return s.updateClash(d, content, clash)
	}
	if problem := (*undersigned.Error)(nil); errors.As(err, &problem) && problem.Kind == undersigned.Invalid {
		if u, content, err = s.updateOf(r); err != nil { // as it stands by now
			return err
		}
		page := s.updatePage(d, u, content)
		page.failed(form, problem)
		return s.showProblem(d.visit, problem, "desk/update", page)
	}
	if err != nil {
		return err
	}
	return seeOther(d.visit, updatePath(u)+"?done="+done)
}

func (s *Server) writeUpdate(d *deskVisit, r *http.Request) error {
	return s.changeUpdate(d, r, func(u *undersigned.Update, content *undersigned.Content, form url.Values) (string, error) {
		if form.Get("version") == u.Version() {
			theirs := undersigned.UpdateFields(u.Texts)
			for _, field := range chosenTheirs(form) {
				form.Set(field, theirs[field])
			}
		}
		texts, problem := updateTexts(content.Issue.Languages, form)
		if problem != nil {
			return "", problem
		}
		takenBack, err := s.actions.WriteUpdate(r.Context(), d.by(), u.ID, form.Get("version"), texts)
		if takenBack {
			return "draft_again", err
		}
		return "saved", err
	})
}

// tryUpdate sends it to whoever asks.
func (s *Server) tryUpdate(d *deskVisit, r *http.Request) error {
	return s.changeUpdate(d, r, func(u *undersigned.Update, _ *undersigned.Content, form url.Values) (string, error) {
		return "tried", s.actions.TryUpdate(r.Context(), d.by(), u.ID, d.staff.User.Email, s.knownLanguage(form.Get("language")))
	})
}

// moveUpdate schedules, pauses, resumes or gives up.
func (s *Server) moveUpdate(d *deskVisit, r *http.Request) error {
	return s.changeUpdate(d, r, func(u *undersigned.Update, content *undersigned.Content, form url.Values) (string, error) {
		to := undersigned.UpdateState(form.Get("to"))
		if to != undersigned.UpdateScheduled {
			return "told", s.actions.MoveUpdate(r.Context(), d.by(), u.ID, to)
		}
		if version := form.Get("version"); version != "" && version != u.Version() {
			return "", undersigned.Fail(undersigned.Invalid, "error.update.changed")
		}
		if form.Get("without") == "" && len(u.Missing(content.Issue.Languages)) > 0 {
			return "", undersigned.Fail(undersigned.Invalid, "error.update.missing")
		}
		var at time.Time // now, which nobody chooses by leaving the field empty
		var err error
		if form.Get("when") != "now" {
			at, err = readMoment(form.Get("at"), zoneOf(&content.Issue))
		}
		if err != nil {
			return "", err
		}
		return "told", s.actions.ScheduleUpdate(r.Context(), d.by(), u.ID, at)
	})
}

// newsTodo adds updates that have stopped by themselves to what is to be done today.
func (s *Server) newsTodo(_ *deskVisit, r *http.Request, page *todayView) error {
	return s.db.View(r.Context(), func(tx *store.Tx) error {
		updates, err := tx.Updates()
		for _, u := range updates {
			switch {
			case u.State == undersigned.UpdatePaused && u.Stop != "":
				page.add(page.T("desk.todo.update."+string(u.Stop)), updatePath(u))
			case u.State == undersigned.UpdateScheduled && u.Cause != undersigned.ByHand && len(u.Texts) == 0:
				page.add(page.T("desk.todo.update.waits", "time", page.DateTime(u.At.In(undersigned.Eastern))), updatePath(u))
			}
		}
		return err
	})
}
