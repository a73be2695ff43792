package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
	"github.com/undersigned/undersigned/internal/store"
)

// showAction is the page of an ask, for those who come by a tag.
func (s *Server) showAction(ctx context.Context, v *visit, r *http.Request, tag string) (*draft, error) {
	site, counts, err := s.read(ctx)
	if err != nil {
		return nil, err
	}
	content, a, err := findAction(site, r)
	if err != nil {
		return nil, err
	}
	page := s.actionPage(s.chrome(v), content, a, counts, s.nowhereTold())
	page.brake(site, a.PID)
	page.from(tag)
	return counting(s.html("action", page))
}

// actionPage is the page of an ask; its form, where it has one, is the same for everyone.
func (s *Server) actionPage(c chrome, content *undersigned.Content, a *undersigned.Action, counts store.Counts, p place) actionView {
	now, token := s.now(), ""
	if a.Kind.Signable() || a.Kind == undersigned.Volunteer {
		token = s.actions.FormToken(a, now)
	}
	page := newAction(c, content, a, counts[a.PID], token, now)
	page.meet(content, a, p, s.geocodes())
	return page
}

// actionForPlace is the page of a letter or a call for one reader: whom it goes to, and how each is spoken to. Other asks
// are the same everywhere.
func (s *Server) actionForPlace(v *visit, r *http.Request) error {
	site, counts, err := s.read(r.Context())
	if err != nil {
		return err
	}
	content, a, err := findAction(site, r)
	if err != nil {
		return err
	}
	p, err := s.place(r)
	if err != nil {
		return err
	}
	page := s.actionPage(s.placeChrome(v, r), content, a, counts, p)
	if page.Where == nil {
		p.problem = nil // it asks for no ZIP code
	}
	page.calls(s.actions.OutreachToken(a))
	return s.showPlace(v, p, "action", page)
}

// takeAction takes the form of an ask: it signs a petition or a pledge, writes a letter, notes a call, or takes an offer to
// volunteer. For a signature and an offer the answer is the same whether the address is new, has signed or is blocked.
func (s *Server) takeAction(v *visit, r *http.Request) error {
	site, counts, err := s.read(r.Context())
	if err != nil {
		return err
	}
	content, a, err := findAction(site, r)
	if err != nil {
		return err
	}
	switch a.Kind {
	case undersigned.Letter:
		return s.takeLetter(v, r, content, a)
	case undersigned.Call:
		return s.takeCall(v, r, content, a)
	case undersigned.Volunteer:
		return s.takeOffer(v, r, content, a)
	}
	if !a.Kind.Signable() {
		return s.takesNoForm(v, r)
	}
	form, err := readForm(r)
	if err != nil {
		return err
	}
	typed, token := signatureForm(form), form.Get(waitField)
	if token == "" {
		err = s.actions.SignPetition(r.Context(), action.SignInput{Issue: a.Issue, Action: a.Slug, Form: typed,
			FormToken: form.Get(formTokenField), Language: v.lang, Visitor: s.visitor(r), Source: sourceOf(site, r)})
	} else {
		typed, err = s.actions.SignAfterWaiting(r.Context(), a.Issue, a.Slug, token)
	}
	if asked, err := s.askedToWait(v, err); asked {
		return err
	}
	var problem *undersigned.Error
	switch {
	case err == nil:
		return seeOther(v, actionPath(a)+"/check-mail")
	case errors.As(err, &problem) && problem.Kind == undersigned.Unavailable && token != "":
		return s.waitAgain(v, token, problem)
	case !errors.As(err, &problem) || problem.Kind == undersigned.NotFound || problem.Kind == undersigned.Internal:
		return err
	}
	page := s.actionPage(s.chrome(v), content, a, counts, s.nowhereTold())
	page.from(sourceOf(site, r))
	page.failed(typed, problem)
	return s.showProblem(v, problem, "action", page)
}

// takesNoForm answers a form that was sent to a page that has none.
func (s *Server) takesNoForm(v *visit, r *http.Request) error {
	v.Header().Set("Allow", "GET, HEAD")
	s.problem(v, r, http.StatusMethodNotAllowed, "")
	return nil
}

func signatureForm(form url.Values) undersigned.SignatureForm {
	return undersigned.SignatureForm{
		GivenName:  form.Get("given_name"),
		FamilyName: form.Get("family_name"),
		Email:      form.Get("email"),
		PostalCode: form.Get("postal_code"),
		Country:    form.Get("country"),
		Comment:    form.Get("comment"),
		Deliver:    form.Get("deliver") != "",
		Trap:       form.Get(trapField),
	}
}

func (s *Server) checkMail(ctx context.Context, v *visit, r *http.Request) (*draft, error) {
	site, err := s.db.Site(ctx)
	if err != nil {
		return nil, err
	}
	content, a, err := findMailing(site, r)
	if err != nil {
		return nil, err
	}
	page := newCheckMail(s.chrome(v), content, a)
	page.Slow, page.DevMail = site.MailSlow, s.devMailPath()
	return s.html("check_mail", page)
}

// count is the number that the page prints, for programs. Before the first checkpoint nobody is counted as of now.
func (s *Server) count(ctx context.Context, _ *visit, r *http.Request) (*draft, error) {
	site, counts, err := s.read(ctx)
	if err != nil {
		return nil, err
	}
	_, a, err := findSignable(site, r)
	if err != nil {
		return nil, err
	}
	c := counts[a.PID]
	if c.AsOf.IsZero() {
		c.AsOf = s.now()
	}
	body, err := json.Marshal(struct {
		Count    int64     `json:"count"`
		AsOf     time.Time `json:"as_of"`
		TreeSize int64     `json:"tree_size,omitempty"`
	}{c.Counted, c.AsOf.UTC().Truncate(time.Second), c.TreeSize})
	return &draft{body: append(body, '\n'), contentType: "application/json", counts: true}, err
}
