package web

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
	"github.com/undersigned/undersigned/internal/pack"
	"github.com/undersigned/undersigned/internal/store"
)

// namer gives the names of staff, for who wrote what.
type namer func(undersigned.UserID) string

func (s *Server) namer(ctx context.Context, c chrome) (namer, error) {
	users, err := s.actions.Users(ctx)
	if err != nil {
		return nil, err
	}
	names := map[undersigned.UserID]string{{}: c.T("desk.audit.terminal")}
	for _, u := range users {
		names[u.ID] = u.Title()
	}
	return func(id undersigned.UserID) string { return cmp.Or(names[id], c.T("write.somebody")) }, nil
}

// zoneFor is the zone in which an issue's moments are told.
func zoneFor(content *undersigned.Content) *time.Location {
	if content == nil {
		return undersigned.Eastern
	}
	return zoneOf(&content.Issue)
}

// newEdit draws the form of a noun; e is nil for what is new.
func (s *Server) newEdit(ctx context.Context, d *deskVisit, form *editing, e *action.Editing, base action.Base) (editView, error) {
	c := s.deskChrome(d.visit, d.staff)
	names, err := s.namer(ctx, c.chrome)
	if err != nil {
		return editView{}, err
	}
	return newEdit(c, form, e, base, names), nil
}

func newEdit(c deskChrome, form *editing, e *action.Editing, base action.Base, names namer) editView {
	v := editView{New: e == nil, Base: base, Accepts: form.correction, Crumbs: writeCrumbs(c, form.content)}
	v.Heading = c.nounTitle(form.id, form.fields)
	if v.New {
		v.Heading = c.T("write.new." + cmp.Or(newKind(form), string(form.id.Kind)))
		v.Slug = editField{ID: "f-slug", Name: "slug", Look: lookLine, Label: c.T("write.slug"), Hint: c.T("write.slug.hint"), Error: c.fieldError(form, "slug")}
		if form.id.Kind == undersigned.BillNoun {
			v.Slug.Hint = c.T("write.bill.slug.hint")
		}
		v.Action, v.Keep = c.Link(c.Path), newKeep(form)
	} else {
		v.Action, v.Keep = c.Link(nounPath(form.id)), nounPath(form.id)
		v.Links.Public = c.publicLink(form.id, e)
		if len(e.Versions) > 0 {
			v.Links.Versions = c.Link(nounPath(form.id) + "/versions")
		}
		if e.Draft != nil {
			v.Links.Publish = c.Link(nounPath(form.id) + "/publish")
		}
		v.State = newNounState(c.chrome, e, names)
	}
	v.deskChrome = c.named(v.Heading)
	v.Groups = c.form(form)
	for _, lang := range form.languages() {
		v.Pages = append(v.Pages, pageTongue{lang, languageName(c.chrome, lang)})
	}
	if form.problem != nil {
		v.Problem, v.Mistakes = c.T(cmp.Or(form.problem.Key, "error.form")), c.editMistakes(form)
	}
	return v
}

// newKeep names what the browser keeps of something new.
func newKeep(form *editing) string {
	if form.id.Kind == undersigned.IssueNoun {
		return "new issue"
	}
	return "new " + form.id.Issue + " " + cmp.Or(newKind(form), string(form.id.Kind))
}

func newKind(form *editing) string {
	if form.id.Kind == undersigned.ActionNoun {
		return form.fields["kind"]
	}
	return ""
}

// nounTitle is what a noun is called, by its form.
func (c chrome) nounTitle(id undersigned.NounID, fields pack.Fields) string {
	if bill, err := undersigned.ParseBillID(id.Slug); err == nil && id.Kind == undersigned.BillNoun {
		return billName(c, bill)
	}
	return cmp.Or(fields[c.Lang()+":title"], fields["title"], fields["name"], id.Slug)
}

// publicLink is where readers see a noun that is on the site; empty where they see none.
func (c chrome) publicLink(id undersigned.NounID, e *action.Editing) string {
	if e.Noun == nil || e.Content.Issue.State == undersigned.IssueDraft {
		return ""
	}
	switch noun := e.Noun.(type) {
	case *undersigned.Issue:
		return c.Link("/" + noun.Slug)
	case *undersigned.Action:
		if noun.State != undersigned.ActionDraft {
			return c.Link("/" + id.Issue + "/" + noun.Slug)
		}
	case *undersigned.Bill:
		return c.Link(billPath(noun.BillID))
	case *undersigned.Organization:
		return c.Link("/organizations/" + noun.Slug)
	case *undersigned.Resource:
		return c.Link("/learn")
	case *undersigned.Fact:
		return c.Link("/facts/" + noun.Slug)
	}
	return ""
}

func writeCrumbs(c deskChrome, content *undersigned.Content) []deskLink {
	crumbs := []deskLink{{Label: c.T("write.title"), Link: c.Link("/admin/issues")}}
	if content != nil {
		text, _ := content.Issue.Text(c.Lang())
		crumbs = append(crumbs, deskLink{Label: text.Title, Link: c.Link("/admin/issues/" + content.Issue.Slug)})
	}
	return crumbs
}

func newNounState(c chrome, e *action.Editing, names namer) (state nounState) {
	zone := zoneFor(e.Content)
	if len(e.Versions) > 0 {
		last := e.Versions[0]
		args := []any{"n", last.Number, "who", names(last.By), "date", ""}
		if !last.At.IsZero() {
			args[5] = c.DateTime(last.At.In(zone))
		}
		switch {
		case e.Noun == nil:
			state.Site = c.T("write.state.off", args...)
		case last.At.IsZero():
			state.Site = c.T("write.state.there", "n", last.Number)
		default:
			state.Site = c.T("write.state.site", args...)
		}
	}
	if d := e.Draft; d != nil {
		state.Draft = c.T("write.state.draft_by", "who", names(d.By), "date", c.DateTime(d.At.In(zone)))
		if !d.PublishAt.IsZero() {
			state.Planned = c.T("write.state.planned", "who", names(d.PublishBy), "date", c.DateTime(d.PublishAt.In(zone)))
		}
		if d.Missed {
			state.Missed = c.T("write.state.missed")
		}
	}
	return state
}

// newClash shows both texts of what two have changed.
func newClash(c chrome, form *editing, clash *action.Clash, names namer) *clashView {
	when := ""
	if !clash.At.IsZero() {
		when = c.DateTime(clash.At.In(zoneFor(form.content)))
	}
	v := &clashView{What: c.T("write.clash.what", "who", names(clash.By), "date", when), Mine: c.T("write.clash.mine"), Take: c.T("write.clash.take_mine")}
	if form.correction != "" {
		v.Mine, v.Take = c.T("write.clash.correction"), c.T("write.clash.take_correction")
	}
	for _, group := range clash.Groups {
		item := clashItem{Group: group, ID: fieldElement("take." + group), Label: c.fieldTitle(form.id.Kind, group)}
		item.Parts = c.compareFields(form.id.Kind, inGroup(clash.Theirs, group), inGroup(clash.Merged, group))
		if len(item.Parts) == 1 {
			item.Parts[0].Label = "" // the item says it
		}
		v.Items = append(v.Items, item)
	}
	return v
}

func inGroup(fields pack.Fields, group string) pack.Fields {
	part := maps.Clone(fields)
	maps.DeleteFunc(part, func(name, _ string) bool { return undersigned.FieldGroup(name) != group })
	return part
}

// compareFields lists the fields that two forms differ in, in the order of the form.
func (c chrome) compareFields(kind undersigned.NounKind, before, after pack.Fields) (list []compared) {
	names := map[string]bool{}
	for _, fields := range []pack.Fields{before, after} {
		for name := range fields {
			if before[name] != after[name] {
				names[name] = true
			}
		}
	}
	order := func(name string) int {
		_, rest := pack.LanguageOf(name)
		at := 0
		for _, group := range forms[kind] {
			for i := range group.fields {
				at++
				if f := group.fields[i].name; f == rest || len(rest) > len(f) && rest[:len(f)] == f && rest[len(f)] == '[' {
					return at
				}
			}
		}
		return at + 1
	}
	bare := func(name string) string { _, rest := pack.LanguageOf(name); return rest }
	sorted := slices.SortedFunc(maps.Keys(names), func(a, b string) int {
		return cmp.Or(order(a)-order(b), cmp.Compare(bare(a), bare(b)), cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) // the first language first
	})
	for _, name := range sorted {
		lang, _ := pack.LanguageOf(name)
		list = append(list, newCompared(c.fieldTitle(kind, name), lang, c.said(kind, name, before[name]), c.said(kind, name, after[name])))
	}
	return list
}

// said gives what stands in a field as a reader of the desk reads it: of a choice, its words.
func (c chrome) said(kind undersigned.NounKind, name, value string) string {
	if f := specOf(kind, name); f != nil && value != "" && f.keys != "" && f.look == lookChoice && c.Has(f.keys+value) {
		return c.T(f.keys + value)
	}
	return value
}

// content reads an issue as it is on the site, drafts of issues too. NotFound.
func (s *Server) content(ctx context.Context, issue string) (content *undersigned.Content, err error) {
	err = s.db.View(ctx, func(tx *store.Tx) error {
		content, err = tx.Content(issue)
		return err
	})
	if err == nil && content == nil {
		err = undersigned.Fail(undersigned.NotFound, "")
	}
	return content, err
}
