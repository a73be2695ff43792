package web

import (
	"net/http"
	"slices"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/pack"
	"github.com/undersigned/undersigned/internal/store"
)

// showSavedPage shows the page that readers would see of a draft, in one language.
func (s *Server) showSavedPage(d *deskVisit, r *http.Request) error {
	id, e, err := s.openNoun(r.Context(), r)
	if err != nil {
		return err
	}
	return s.showDraftPage(d, r, &editing{id: id, content: e.Content, fields: e.Fields}, r.PathValue("lang"))
}

// showDraftPage draws the page that readers would see if the form was published as it stands, with the templates and views
// that draw the real one. What is missing in it is missing there.
func (s *Server) showDraftPage(d *deskVisit, r *http.Request, form *editing, lang string) error {
	content := &undersigned.Content{Issue: undersigned.Issue{Slug: form.id.Issue, Timezone: "America/New_York", Languages: form.languages()}}
	if form.content != nil {
		content = form.content.Clone()
	}
	noun, _ := pack.ReadForm(content, form.id, form.fields)
	content.Put(form.id, noun)
	if a := content.Action(form.id.Slug); a != nil && form.id.Kind == undersigned.ActionNoun && a.State == undersigned.ActionDraft {
		a.State = undersigned.ActionOpen // as it would look
	}
	counts, err := s.db.Counts(r.Context())
	if err != nil {
		return err
	}
	if !s.catalogue.Has(lang) {
		lang = d.lang
	}
	v := &visit{ResponseWriter: d, lang: lang}
	template, page := s.drawDraft(v, content, form.id, counts)
	if template == "" {
		return undersigned.Fail(undersigned.NotFound, "")
	}
	// The public page's own policy: it is that page.
	d.Header()["Content-Security-Policy"] = s.views.design.Load().policy
	return s.show(d, http.StatusOK, template, page)
}

// drawDraft gives the template and the view of the page on which readers see a noun.
func (s *Server) drawDraft(v *visit, content *undersigned.Content, id undersigned.NounID, counts store.Counts) (template string, page any) {
	c := func(path string) chrome {
		v.path = path
		c := s.chrome(v).private()
		c.Draft = c.T("write.draft_page")
		c.Languages = nil // the same page in other languages is not published
		return c
	}
	site := &store.Site{Contents: []*undersigned.Content{content}}
	switch id.Kind {
	case undersigned.IssueNoun:
		return "issue", newIssue(c("/"+id.Slug), content, counts, s.now())
	case undersigned.ActionNoun:
		return "action", s.actionPage(c("/"+id.Issue+"/"+id.Slug), content, content.Action(id.Slug), counts, s.nowhereTold())
	case undersigned.BillNoun:
		if bill, ok := content.Noun(id).(*undersigned.Bill); ok {
			page := newBill(c(billPath(bill.BillID)), content, bill, s.now())
			page.meet(bill, s.nowhereTold(), s.geocodes())
			return "bill", page
		}
	case undersigned.OrganizationNoun:
		list := directory(site)
		if i := slices.IndexFunc(list, func(l listing) bool { return l.Slug == id.Slug }); i >= 0 {
			return "organization", newOrganizationPage(c("/organizations/"+id.Slug), list[i])
		}
	case undersigned.ResourceNoun:
		if resource, ok := content.Noun(id).(*undersigned.Resource); ok && resource.Shelf == undersigned.Help {
			return "help", newHelp(c("/"+id.Issue+"/help"), content, s.now())
		}
		return "learn", newLearn(c("/learn"), site, s.now())
	case undersigned.FactNoun:
		if fact := content.Fact(id.Slug); fact != nil {
			return "fact", newFactPage(c(factPath(fact)), content, fact, s.now())
		}
	}
	return "", nil
}
