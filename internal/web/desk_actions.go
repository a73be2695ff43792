package web

import (
	"net/http"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
)

// deskActions lists the asks with their numbers.
func (s *Server) deskActions(d *deskVisit, r *http.Request) error {
	site, err := s.db.Site(r.Context())
	if err != nil {
		return err
	}
	numbers := map[string]*action.Numbers{}
	for _, content := range site.Contents {
		for i := range content.Actions {
			a := &content.Actions[i]
			if numbers[a.PID], err = s.actions.NumbersOf(r.Context(), a); err != nil {
				return err
			}
		}
	}
	return s.show(d, http.StatusOK, "desk/actions", newDeskActions(s.deskChrome(d.visit, d.staff), site, numbers, s.now()))
}

// deskAction is one ask with all that is counted under it.
func (s *Server) deskAction(d *deskVisit, r *http.Request) error {
	site, err := s.db.Site(r.Context())
	if err != nil {
		return err
	}
	content, a, err := findAction(site, r)
	if err != nil {
		return err
	}
	numbers, err := s.actions.NumbersOf(r.Context(), a)
	if err != nil {
		return err
	}
	return s.show(d, http.StatusOK, "desk/action", newDeskAction(s.deskChrome(d.visit, d.staff), content, a, numbers, s.now()))
}

// seeRoutes are those on which staff see how things stand, and decide about what was signed.
func (s *Server) seeRoutes() []deskRoute {
	const (
		see      = undersigned.MaySee
		write    = undersigned.MayWrite
		moderate = undersigned.MayModerate
	)
	return []deskRoute{
		{"GET /admin/actions", see, s.deskActions, false},
		{"GET /admin/actions/{issue}/{action}", see, s.deskAction, false},
		{"GET /admin/actions/{issue}/{action}/attend", undersigned.MayManage, s.showDeskQuestion, false},
		{"POST /admin/actions/{issue}/{action}/attend", undersigned.MayManage, s.answerDeskQuestion, true},
		{"GET /admin/sources", see, s.sources, false},
		{"POST /admin/sources", write, s.addSource, false},
		{"POST /admin/sources/remove", write, s.removeSource, false},
		{"GET /admin/health", see, s.deskHealth, false},
		{"GET /admin/moderate", moderate, s.moderate, false},
		{"POST /admin/moderate/pause", moderate, s.pauseSite, false},
		{"POST /admin/moderate/resume", moderate, s.resumeSite, false},
		{"POST /admin/moderate/find", moderate, s.findAddress, false},
		{"POST /admin/moderate/restore", moderate, s.restore, true},
		{"GET /admin/moderate/{issue}/{action}", moderate, s.moderateAsk, false},
		{"POST /admin/moderate/{issue}/{action}/pause", moderate, s.pauseAsk, false},
		{"POST /admin/moderate/{issue}/{action}/resume", moderate, s.resumeAsk, false},
		{"POST /admin/moderate/{issue}/{action}/brake-on", moderate, s.brakeOn, false},
		{"POST /admin/moderate/{issue}/{action}/brake-off", moderate, s.brakeOff, false},
		{"POST /admin/moderate/{issue}/{action}/domain", moderate, s.judgeDomain, false},
		{"POST /admin/moderate/{issue}/{action}/look", moderate, s.lookAtSignatures, false},
		{"POST /admin/moderate/{issue}/{action}/release", moderate, s.releaseSignatures, false},
		{"POST /admin/moderate/{issue}/{action}/remove", moderate, s.removeSignatures, true},
	}
}

// doneOr names what was done, or that nothing was left to do: pressed twice, or somebody else was first.
func doneOr(done bool, name string) string {
	if done {
		return name
	}
	return "nothing"
}

// sources are the tags on links.
func (s *Server) sources(d *deskVisit, r *http.Request) error {
	return s.showSources(d, r, "", "", nil)
}

func (s *Server) showSources(d *deskVisit, r *http.Request, tag, note string, problem *undersigned.Error) error {
	sources, err := s.actions.Sources(r.Context())
	if err != nil {
		return err
	}
	page := newSources(s.deskChrome(d.visit, d.staff).done(r.URL.Query().Get("done"), "source_added", "source_removed", "nothing"), sources)
	if problem == nil {
		return s.show(d, http.StatusOK, "desk/sources", page)
	}
	page.Tag.failed(page.chrome, tag, problem)
	page.Note.failed(page.chrome, note, problem)
	return s.showProblem(d.visit, problem, "desk/sources", page)
}

func (s *Server) addSource(d *deskVisit, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	err = s.actions.AddSource(r.Context(), d.by(), form.Get("tag"), form.Get("note"))
	if problem := asInvalid(err); problem != nil {
		return s.showSources(d, r, form.Get("tag"), form.Get("note"), problem)
	}
	if err != nil {
		return err
	}
	return seeOther(d.visit, "/admin/sources?done=source_added")
}

func (s *Server) removeSource(d *deskVisit, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	done, err := s.actions.RemoveSource(r.Context(), d.by(), form.Get("tag"))
	if err != nil {
		return err
	}
	return seeOther(d.visit, "/admin/sources?done="+doneOr(done, "source_removed"))
}
