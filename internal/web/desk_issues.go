package web

import (
	"net/http"
	"slices"
	"strings"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
)

// issues lists the causes of the site, drafts too.
func (s *Server) issues(d *deskVisit, r *http.Request) error {
	return s.issuesPage(d, r, nil, endsView{})
}

func (s *Server) issuesPage(d *deskVisit, r *http.Request, problem error, ends endsView) error {
	page := issuesView{deskChrome: s.deskChrome(d.visit, d.staff), endsView: ends}
	page.deskChrome = page.named(page.T("write.title")).done(r.URL.Query().Get("done"), "imported", "discarded")
	err := s.db.View(r.Context(), func(tx *store.Tx) error {
		slugs, err := tx.Issues()
		if err != nil {
			return err
		}
		for _, slug := range slugs {
			content, err := tx.Content(slug)
			if err != nil {
				return err
			}
			page.add(content)
		}
		drafts, err := tx.Drafts("")
		page.addDrafts(drafts)
		return err
	})
	if err != nil {
		return err
	}
	if problem == nil {
		return s.show(d, http.StatusOK, "desk/issues", page)
	}
	page.failed(problem)
	return s.show(d, http.StatusUnprocessableEntity, "desk/issues", page)
}

// parts lists what an issue is made of, with how each part stands.
func (s *Server) parts(d *deskVisit, r *http.Request) error {
	var content *undersigned.Content
	var drafts []*undersigned.Draft
	var removed []undersigned.NounID
	issue := r.PathValue("issue")
	err := s.db.View(r.Context(), func(tx *store.Tx) (err error) {
		if content, err = tx.Content(issue); err != nil || content == nil {
			return err
		}
		if drafts, err = tx.Drafts(issue); err != nil {
			return err
		}
		removed, err = tx.Removed(issue)
		return err
	})
	switch {
	case err != nil:
		return err
	case content == nil:
		return undersigned.Fail(undersigned.NotFound, "")
	}
	c := s.deskChrome(d.visit, d.staff).done(r.URL.Query().Get("done"), "published", "discarded", "taken_off", "ordered", "imported")
	return s.show(d, http.StatusOK, "desk/parts", newParts(c, content, drafts, removed, s.now()))
}

// arrange moves one of an issue's parts up by one place.
func (s *Server) arrange(d *deskVisit, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	content, err := s.content(r.Context(), r.PathValue("issue"))
	if err != nil {
		return err
	}
	kind, slug, _ := strings.Cut(form.Get("up"), " ")
	var slugs []string
	for id := range content.Nouns() {
		if string(id.Kind) == kind {
			slugs = append(slugs, id.Slug)
		}
	}
	if at := slices.Index(slugs, slug); at > 0 {
		slugs[at], slugs[at-1] = slugs[at-1], slugs[at]
		if err := s.actions.Arrange(r.Context(), d.by(), content.Issue.Slug, undersigned.NounKind(kind), slugs); err != nil {
			return err
		}
	}
	return seeOther(d.visit, "/admin/issues/"+content.Issue.Slug+"?done=ordered")
}

// writeTodo adds what waits for somebody who writes.
func (s *Server) writeTodo(_ *deskVisit, r *http.Request, page *todayView) error {
	return s.db.View(r.Context(), func(tx *store.Tx) error {
		drafts, err := tx.Drafts("")
		if err != nil {
			return err
		}
		for _, draft := range drafts {
			if draft.Missed {
				page.add(page.T("desk.todo.missed", "title", page.nounTitle(draft.NounID, draft.Fields)), nounPath(draft.NounID)+"/publish")
			}
		}
		return correctionsTodo(tx, page)
	})
}

// writeRoutes are those of writing.
func (s *Server) writeRoutes() []deskRoute {
	const write = undersigned.MayWrite
	const noun = "/admin/issues/{issue}/{kind}/{slug}"
	return []deskRoute{
		{"GET /admin/issues", write, s.issues, false},
		{"GET /admin/issues/new", write, s.showNew, false},
		{"POST /admin/issues/new", write, s.saveNew, false},
		{"POST /admin/issues", write, s.importPack, false},
		{"GET /admin/issues/{issue}", write, s.parts, false},
		{"POST /admin/issues/{issue}/order", write, s.arrange, false},
		{"GET /admin/issues/{issue}/new/{kind}", write, s.showNew, false},
		{"POST /admin/issues/{issue}/new/{kind}", write, s.saveNew, false},
		{"GET " + noun, write, s.showEdit, false},
		{"POST " + noun, write, s.saveNoun, false},
		{"GET " + noun + "/page/{lang}", write, s.showSavedPage, false},
		{"GET " + noun + "/publish", write, s.showPublish, false},
		{"POST " + noun + "/publish", write, s.publish, false},
		{"POST " + noun + "/take-off", write, s.takeOff, false},
		{"GET " + noun + "/versions", write, s.showVersions, false},
		{"GET " + noun + "/versions/{version}", write, s.showVersion, false},
		{"POST " + noun + "/versions/{version}", write, s.bringBack, false},
		{"GET /admin/corrections", write, s.corrections, false},
		{"GET /admin/corrections/{correction}", write, s.showCorrection, false},
		{"POST /admin/corrections/{correction}", write, s.decideCorrection, false},
	}
}
