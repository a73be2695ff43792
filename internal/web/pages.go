package web

import (
	"context"
	"net/http"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
	"github.com/undersigned/undersigned/internal/store"
)

// The public pages that only read. What each shows stands in its view: home_page.go, issue_page.go and so on.

func (s *Server) home(ctx context.Context, v *visit, _ *http.Request) (*draft, error) {
	site, counts, err := s.read(ctx)
	if err != nil {
		return nil, err
	}
	return counting(s.html("home", newHome(s.chrome(v), site, counts, s.now())))
}

func (s *Server) learn(ctx context.Context, v *visit, _ *http.Request) (*draft, error) {
	site, err := s.db.Site(ctx)
	if err != nil {
		return nil, err
	}
	return s.html("learn", newLearn(s.chrome(v), site, s.now()))
}

func (s *Server) bill(ctx context.Context, v *visit, r *http.Request) (*draft, error) {
	content, bill, err := s.findBill(ctx, v, r)
	if err != nil {
		return nil, err
	}
	page := newBill(s.chrome(v), content, bill, s.now())
	page.meet(bill, s.nowhereTold(), s.geocodes())
	return s.html("bill", page)
}

// billForPlace is the page of a bill for one reader: what their own members have to do with it.
func (s *Server) billForPlace(v *visit, r *http.Request) error {
	content, bill, err := s.findBill(r.Context(), v, r)
	if err != nil {
		return err
	}
	p, err := s.place(r)
	if err != nil {
		return err
	}
	page := newBill(s.placeChrome(v, r), content, bill, s.now())
	page.meet(bill, p, s.geocodes())
	return s.showPlace(v, p, "bill", page)
}

func (s *Server) findBill(ctx context.Context, v *visit, r *http.Request) (*undersigned.Content, *undersigned.Bill, error) {
	id, err := undersigned.ParseBillID(r.PathValue("congress") + r.PathValue("type") + r.PathValue("number"))
	if err != nil || billPath(id) != v.path {
		return nil, nil, undersigned.Fail(undersigned.NotFound, "")
	}
	site, err := s.db.Site(ctx)
	if err != nil {
		return nil, nil, err
	}
	for _, content := range site.Contents {
		if bill := content.Bill(id); bill != nil {
			return content, bill, nil
		}
	}
	return nil, nil, undersigned.Fail(undersigned.NotFound, "")
}

func (s *Server) privacy(ctx context.Context, v *visit, _ *http.Request) (*draft, error) {
	site, err := s.db.Site(ctx)
	if err != nil {
		return nil, err
	}
	seized, err := s.actions.IfSeized(ctx)
	if err != nil {
		return nil, err
	}
	readable, err := s.outbox.Count()
	if err != nil {
		return nil, err
	}
	d, err := s.html("privacy", newPrivacy(s.chrome(v), site, newSeized(s.chrome(v), seized, readable, s.now())))
	if err == nil {
		d.counts, d.goodFor = true, time.Minute
	}
	return d, err
}

func (s *Server) issue(ctx context.Context, v *visit, r *http.Request) (*draft, error) {
	site, counts, err := s.read(ctx)
	if err != nil {
		return nil, err
	}
	content, err := findIssue(site, r)
	if err != nil {
		return nil, err
	}
	page := newIssue(s.chrome(v), content, counts, s.now())
	page.Paused = !site.Paused.IsZero()
	return counting(s.html("issue", page))
}

func (s *Server) help(ctx context.Context, v *visit, r *http.Request) (*draft, error) {
	site, err := s.db.Site(ctx)
	if err != nil {
		return nil, err
	}
	content, err := findIssue(site, r)
	if err != nil {
		return nil, err
	}
	if len(content.On(undersigned.Help)) == 0 {
		return nil, undersigned.Fail(undersigned.NotFound, "")
	}
	return s.html("help", newHelp(s.chrome(v), content, s.now()))
}

// read gives all that public pages are made of.
func (s *Server) read(ctx context.Context) (*store.Site, store.Counts, error) {
	site, err := s.db.Site(ctx)
	if err != nil {
		return nil, nil, err
	}
	counts, err := s.db.Counts(ctx)
	return site, counts, err
}

func findIssue(site *store.Site, r *http.Request) (*undersigned.Content, error) {
	if content := site.Issue(r.PathValue("issue")); content != nil {
		return content, nil
	}
	return nil, undersigned.Fail(undersigned.NotFound, "")
}

func findAction(site *store.Site, r *http.Request) (*undersigned.Content, *undersigned.Action, error) {
	content, err := findIssue(site, r)
	if err != nil {
		return nil, nil, err
	}
	if a := content.Action(r.PathValue("action")); a != nil && a.State != undersigned.ActionDraft {
		return content, a, nil
	}
	return nil, nil, undersigned.Fail(undersigned.NotFound, "")
}

// findMailing finds an ask whose form leads to a mail: a petition, a pledge, an offer, or a letter that we send.
func findMailing(site *store.Site, r *http.Request) (*undersigned.Content, *undersigned.Action, error) {
	content, a, err := findAction(site, r)
	if err == nil && !a.Kind.Signable() && !content.TakesOffers(a) && len(action.Emails(a)) == 0 {
		err = undersigned.Fail(undersigned.NotFound, "")
	}
	return content, a, err
}

// findSignable finds a petition or pledge.
func findSignable(site *store.Site, r *http.Request) (*undersigned.Content, *undersigned.Action, error) {
	content, a, err := findAction(site, r)
	if err == nil && !a.Kind.Signable() {
		err = undersigned.Fail(undersigned.NotFound, "")
	}
	return content, a, err
}

// counting marks a page that shows a count.
func counting(d *draft, err error) (*draft, error) {
	if err == nil {
		d.counts = true
	}
	return d, err
}
