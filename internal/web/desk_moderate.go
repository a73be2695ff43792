package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/translog"
)

// shownDecisions is how many decisions a page lists.
const shownDecisions = 50

// moderate is where staff look after what was signed: what is held, what was decided, the switch that pauses everything.
func (s *Server) moderate(d *deskVisit, r *http.Request) error {
	return s.showModerate(d, r, "", nil)
}

// moderated are the names of what was done, of which the pages of moderators have words.
var moderated = []string{"paused", "resumed", "restored", "restored_more", "brake_on", "brake_off", "nothing"}

func (s *Server) showModerate(d *deskVisit, r *http.Request, email string, problem *undersigned.Error) error {
	site, err := s.db.Site(r.Context())
	if err != nil {
		return err
	}
	held, err := s.actions.Held(r.Context())
	if err != nil {
		return err
	}
	list, err := s.decisions(r.Context(), d, nil)
	if err != nil {
		return err
	}
	page := newModerate(s.deskChrome(d.visit, d.staff).done(r.URL.Query().Get("done"), moderated...), site, held, list)
	if problem != nil {
		page.Email.failed(page.chrome, email, problem)
		return s.showProblem(d.visit, problem, "desk/moderate", page)
	}
	return s.show(d, http.StatusOK, "desk/moderate", page)
}

// decisions lists what was decided, and by whom.
func (s *Server) decisions(ctx context.Context, d *deskVisit, a *undersigned.Action) ([]decisionRow, error) {
	list, err := s.actions.Decisions(ctx, a, shownDecisions)
	if err != nil {
		return nil, err
	}
	users, err := s.actions.Users(ctx)
	if err != nil {
		return nil, err
	}
	site, err := s.db.Site(ctx)
	if err != nil {
		return nil, err
	}
	return decisionRows(s.deskChrome(d.visit, d.staff), site, list, users), nil
}

// moderateAsk is one ask, with what was signed under it.
func (s *Server) moderateAsk(d *deskVisit, r *http.Request) error {
	return s.showModerateAsk(d, r, nil)
}

// showModerateAsk draws it; change changes the page before.
func (s *Server) showModerateAsk(d *deskVisit, r *http.Request, change func(*moderateAskView) *undersigned.Error) error {
	content, a, err := s.askOf(r)
	if err != nil {
		return err
	}
	page := newModerateAsk(s.deskChrome(d.visit, d.staff).done(r.URL.Query().Get("done"), moderated...), content, a, s.now())
	if a.Kind.Signable() && a.PID != "" {
		groups, err := s.actions.HeldGroups(r.Context(), a)
		if err != nil {
			return err
		}
		on, until, err := s.actions.BrakeState(r.Context(), a)
		if err != nil {
			return err
		}
		list, err := s.decisions(r.Context(), d, a)
		if err != nil {
			return err
		}
		page.signed(content, groups, on, until, list)
	}
	if change != nil {
		if problem := change(&page); problem != nil {
			return s.showProblem(d.visit, problem, "desk/moderate_ask", page)
		}
	}
	return s.show(d, http.StatusOK, "desk/moderate_ask", page)
}

// askOf finds the ask that a path names. One that is hidden is there too: what waits under it can count until the log has closed it.
func (s *Server) askOf(r *http.Request) (*undersigned.Content, *undersigned.Action, error) {
	site, err := s.db.Site(r.Context())
	if err != nil {
		return nil, nil, err
	}
	content, a := site.Ask(r.PathValue("issue"), r.PathValue("action"))
	if a == nil {
		return nil, nil, undersigned.Fail(undersigned.NotFound, "")
	}
	return content, a, nil
}

// pauseAsk and its like are switches; pressed twice they change nothing.
func (s *Server) pauseAsk(d *deskVisit, r *http.Request) error {
	return s.switchAsk(d, r, "paused", s.actions.Pause)
}

func (s *Server) resumeAsk(d *deskVisit, r *http.Request) error {
	return s.switchAsk(d, r, "resumed", s.actions.Resume)
}

func (s *Server) brakeOn(d *deskVisit, r *http.Request) error {
	return s.switchAsk(d, r, "brake_on", func(ctx context.Context, by undersigned.UserID, a *undersigned.Action) (bool, error) {
		return s.actions.SetBrake(ctx, by, a, true)
	})
}

func (s *Server) brakeOff(d *deskVisit, r *http.Request) error {
	return s.switchAsk(d, r, "brake_off", func(ctx context.Context, by undersigned.UserID, a *undersigned.Action) (bool, error) {
		return s.actions.SetBrake(ctx, by, a, false)
	})
}

func (s *Server) switchAsk(d *deskVisit, r *http.Request, name string, do func(context.Context, undersigned.UserID, *undersigned.Action) (bool, error)) error {
	_, a, err := s.askOf(r)
	if err != nil {
		return err
	}
	if strings.HasPrefix(name, "brake") && (!a.Kind.Signable() || a.PID == "") {
		return undersigned.Fail(undersigned.NotFound, "")
	}
	done, err := do(r.Context(), d.by(), a)
	if problem := asInvalid(err); problem != nil {
		return s.showModerateAsk(d, r, func(v *moderateAskView) *undersigned.Error { v.Problem = v.T(problem.Key); return problem })
	}
	if err != nil {
		return err
	}
	return seeOther(d.visit, moderatePath(a)+"?done="+doneOr(done, name))
}

func (s *Server) pauseSite(d *deskVisit, r *http.Request) error {
	return s.switchSite(d, r, "paused", s.actions.PauseSite)
}

func (s *Server) resumeSite(d *deskVisit, r *http.Request) error {
	return s.switchSite(d, r, "resumed", s.actions.ResumeSite)
}

func (s *Server) switchSite(d *deskVisit, r *http.Request, name string, do func(context.Context, undersigned.UserID) (bool, error)) error {
	done, err := do(r.Context(), d.by())
	if err != nil {
		return err
	}
	return seeOther(d.visit, "/admin/moderate?done="+doneOr(done, name))
}

// judgeDomain decides about a mail domain under an ask, and says how many came from it.
func (s *Server) judgeDomain(d *deskVisit, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	_, a, err := s.signableOf(r)
	if err != nil {
		return err
	}
	verdict, known := verdicts[form.Get("verdict")]
	if !known {
		return s.showModerateAsk(d, r, func(v *moderateAskView) *undersigned.Error {
			v.JudgeDomain.failed(v.chrome, form.Get("domain"), errWhich)
			return errWhich
		})
	}
	judged, done, err := s.actions.JudgeDomain(r.Context(), d.by(), a, form.Get("domain"), verdict)
	if problem := asInvalid(err); problem != nil {
		return s.showModerateAsk(d, r, func(v *moderateAskView) *undersigned.Error {
			v.JudgeDomain.failed(v.chrome, form.Get("domain"), problem)
			return problem
		})
	}
	if err != nil {
		return err
	}
	return s.showModerateAsk(d, r, func(v *moderateAskView) *undersigned.Error {
		v.Done = v.T("desk.done.domain_"+form.Get("verdict")) + " " + v.N("desk.domain.n", judged.N)
		if !done {
			v.Done = v.T("desk.done.nothing")
		}
		return nil
	})
}

var verdicts = map[string]store.Verdict{"trust": store.VerdictTrusted, "doubt": store.VerdictDoubted, "number": store.VerdictNone}

// findAddress looks for exactly one address under every ask. The address comes in a form, and stands in no URL.
func (s *Server) findAddress(d *deskVisit, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	found, err := s.actions.FindAddress(r.Context(), d.by(), form.Get("email"))
	if problem := asInvalid(err); problem != nil {
		return s.showModerate(d, r, form.Get("email"), problem)
	}
	if err != nil {
		return err
	}
	return s.show(d, http.StatusOK, "desk/found", newFound(s.deskChrome(d.visit, d.staff), validText(form.Get("email")), found))
}

// restore brings back what a decision has removed.
func (s *Server) restore(d *deskVisit, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	const most = 10 // rounds of a request; the rest is for the next press
	sum, more := int64(0), true
	for i := 0; more && i < most; i++ {
		var n int64
		if n, more, err = s.actions.Restore(r.Context(), d.by(), form.Get("decision")); err != nil {
			return err
		}
		sum += n
	}
	name := doneOr(sum > 0, "restored")
	if more {
		name = "restored_more"
	}
	return seeOther(d.visit, "/admin/moderate?done="+name)
}

// signableOf finds the petition or pledge that a path names.
func (s *Server) signableOf(r *http.Request) (*undersigned.Content, *undersigned.Action, error) {
	content, a, err := s.askOf(r)
	if err == nil && (!a.Kind.Signable() || a.PID == "") {
		err = undersigned.Fail(undersigned.NotFound, "")
	}
	return content, a, err
}

// lookAtSignatures shows what a rule is about, before anything is done.
func (s *Server) lookAtSignatures(d *deskVisit, r *http.Request) error {
	return s.byRule(d, r, func(a *undersigned.Action, sel action.Selection, form url.Values) (*action.Step, error) {
		return s.actions.Look(r.Context(), d.by(), a, sel, form.Get("token"), true)
	}, "look")
}

func (s *Server) releaseSignatures(d *deskVisit, r *http.Request) error {
	return s.byRule(d, r, func(a *undersigned.Action, sel action.Selection, form url.Values) (*action.Step, error) {
		return s.actions.Release(r.Context(), d.by(), a, sel, form.Get("trust") != "", form.Get("token"))
	}, "release")
}

func (s *Server) removeSignatures(d *deskVisit, r *http.Request) error {
	return s.byRule(d, r, func(a *undersigned.Action, sel action.Selection, form url.Values) (*action.Step, error) {
		reason, err := translog.ParseReason(form.Get("reason"))
		if err != nil || !reason.Fraud() {
			return nil, undersigned.Fail(undersigned.Invalid, "error.review.reason")
		}
		return s.actions.Void(r.Context(), d.by(), a, sel, reason, form.Get("doubt") != "", form.Get("token"))
	}, "remove")
}

// byRule does one step of something with what a rule is about, and shows how far it has come.
func (s *Server) byRule(d *deskVisit, r *http.Request, do func(*undersigned.Action, action.Selection, url.Values) (*action.Step, error), verb string) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	content, a, err := s.signableOf(r)
	if err != nil {
		return err
	}
	sel, problem := readSelection(form)
	var step *action.Step
	if problem == nil {
		step, err = do(a, sel, form)
		problem = asInvalid(err)
	}
	if problem != nil && problem.Key == "error.review.reason" { // the rule is good: the page of it is shown again
		looked, err := s.actions.Look(r.Context(), d.by(), a, sel, "", true)
		if err != nil {
			return err
		}
		page := newLook(s.deskChrome(d.visit, d.staff), content, a, sel, looked)
		page.Problem = page.T(problem.Key)
		return s.showProblem(d.visit, problem, "desk/look", page)
	}
	if problem != nil {
		return s.showModerateAsk(d, r, func(v *moderateAskView) *undersigned.Error {
			v.failed(form, problem)
			return problem
		})
	}
	if err != nil {
		return err
	}
	if verb == "look" {
		return s.show(d, http.StatusOK, "desk/look", newLook(s.deskChrome(d.visit, d.staff), content, a, sel, step))
	}
	return s.show(d, http.StatusOK, "desk/decided", newDecided(s.deskChrome(d.visit, d.staff), content, a, form, verb, step))
}

// readSelection reads a rule.
func readSelection(form url.Values) (sel action.Selection, problem *undersigned.Error) {
	wrong := func(field, key string) {
		if problem == nil {
			problem = &undersigned.Error{Kind: undersigned.Invalid, Key: "error.form"}
		}
		problem.Fields = append(problem.Fields, undersigned.FieldError{Field: field, Key: key})
	}
	sel = action.Selection{Counted: form.Get("among") == "counted", Domain: form.Get("domain"), Name: form.Get("name")}
	problem = asInvalid(sel.Tidy())
	if word := form.Get("why"); word != "" && !sel.Counted {
		for _, word := range strings.Fields(word) {
			doubt, known := undersigned.ParseDoubt(word)
			if !known {
				wrong("why", "error.review.why")
			}
			sel.Why |= doubt
		}
	}
	if id := form.Get("id"); id != "" {
		var err error
		if sel.ID, err = action.SignatureNamed(id); err != nil {
			wrong("rule", "error.review.rule")
		}
	}
	if sel == (action.Selection{Counted: true}) {
		wrong("rule", "error.review.rule")
	}
	return sel, problem
}
