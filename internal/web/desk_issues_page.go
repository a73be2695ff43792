package web

import (
	"cmp"
	"errors"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/pack"
)

// issuesView lists the causes, with the ways to a new one.
type issuesView struct {
	deskChrome
	endsView // with a pack that was not taken yet
	Issues   []partEntry
	New      string
	Import   string
	Problem  string
	Mistakes []mistake // of a pack
}

// partEntry is a part of an issue, or an issue.
type partEntry struct {
	ID, Title string
	Edit      string
	State     string // how it stands on the site
	Draft     string // "draft", "planned", in words; empty where there is none
	More      string // what else is worth a word
	Up        string // the value of the button; empty for the first
}

func (v *issuesView) add(content *undersigned.Content) {
	text, _ := content.Issue.Text(v.Lang())
	v.Issues = append(v.Issues, partEntry{ID: content.Issue.Slug, Title: text.Title, Edit: v.Link("/admin/issues/" + content.Issue.Slug),
		State: v.T("write.issue_state." + string(content.Issue.State))})
}

// addDrafts adds what is being written: to the issues, and issues of which nothing is on the site.
func (v *issuesView) addDrafts(drafts []*undersigned.Draft) {
	v.New, v.Import = v.Link("/admin/issues/new"), v.Link("/admin/issues")
	counts := map[string]int{}
	for _, d := range drafts {
		counts[d.Issue]++
	}
	for i := range v.Issues {
		if n := counts[v.Issues[i].ID]; n > 0 {
			v.Issues[i].Draft = v.N("write.drafts", n)
		}
		delete(counts, v.Issues[i].ID)
	}
	for _, d := range drafts {
		if counts[d.Issue] > 0 && d.Kind == undersigned.IssueNoun {
			v.Issues = append(v.Issues, partEntry{ID: d.Issue, Title: v.nounTitle(d.NounID, d.Fields), Edit: v.Link(nounPath(d.NounID)), State: v.T("write.nowhere"), Draft: v.T("write.draft")})
		}
	}
}

// failed says what is wrong with a pack.
func (v *issuesView) failed(problem error) {
	v.Problem = v.T("write.pack.wrong")
	var faults pack.Errors
	var told *undersigned.Error
	switch {
	case errors.As(problem, &faults):
		for _, f := range faults {
			place := f.File
			if f.Line > 0 {
				place += ":" + v.Number(f.Line)
			}
			if f.Field != "" {
				place += " " + f.Field
			}
			v.Mistakes = append(v.Mistakes, mistake{Label: place, Text: v.T("write.want", "what", v.T(f.Key, f.Args...))})
		}
	case errors.As(problem, &told):
		v.Problem = v.T(cmp.Or(told.Key, "error.form"))
		if len(v.Ends) > 0 {
			v.Problem += " " + v.T("write.pack.again")
		}
		for _, f := range v.untold(v.chrome, told.Fields) {
			v.Mistakes = append(v.Mistakes, mistake{Label: f.Field, Text: v.wanted(f)})
		}
	}
}

// partsView is an issue and everything it is made of.
type partsView struct {
	deskChrome
	Heading string
	Crumbs  []deskLink
	Issue   partEntry
	Public  string
	Pack    string
	Order   string
	Groups  []partGroup
	Removed []partEntry
}

// partGroup is the parts of one kind.
type partGroup struct {
	ID, Title string
	Parts     []partEntry
	New       []deskLink
	None      string
}

func newParts(c deskChrome, content *undersigned.Content, drafts []*undersigned.Draft, removed []undersigned.NounID, now time.Time) partsView {
	issue := content.Issue.Slug
	text, _ := content.Issue.Text(c.Lang())
	v := partsView{deskChrome: c.named(text.Title), Heading: text.Title, Crumbs: writeCrumbs(c, nil), Order: c.Link("/admin/issues/" + issue + "/order")}
	if content.Issue.State != undersigned.IssueDraft {
		v.Public, v.Pack = c.Link("/"+issue), "/"+issue+"/pack.zip"
	}
	byID := map[undersigned.NounID]*undersigned.Draft{}
	for _, d := range drafts {
		byID[d.NounID] = d
	}
	groups := map[undersigned.NounKind]*partGroup{}
	for _, kind := range undersigned.NounKinds[1:] {
		groups[kind] = &partGroup{ID: string(kind), Title: c.T("write.parts." + string(kind)), None: c.T("write.parts.none"), New: newLinks(c, issue, kind)}
	}
	for id, noun := range content.Nouns() {
		part := newPart(c, content, id, noun, now)
		part.Draft = draftWords(c.chrome, byID[id], zoneOf(&content.Issue))
		delete(byID, id)
		if id.Kind == undersigned.IssueNoun {
			v.Issue = part
			continue
		}
		g := groups[id.Kind]
		if len(g.Parts) > 0 && id.Kind != undersigned.BillNoun {
			part.Up = string(id.Kind) + " " + id.Slug
		}
		g.Parts = append(g.Parts, part)
	}
	for _, d := range drafts { // of which nothing is on the site
		if byID[d.NounID] == nil || groups[d.Kind] == nil {
			continue
		}
		groups[d.Kind].Parts = append(groups[d.Kind].Parts, partEntry{ID: d.Slug, Title: c.nounTitle(d.NounID, d.Fields), Edit: c.Link(nounPath(d.NounID)),
			State: c.T("write.nowhere"), Draft: draftWords(c.chrome, d, zoneOf(&content.Issue))})
	}
	for _, kind := range undersigned.NounKinds[1:] {
		v.Groups = append(v.Groups, *groups[kind])
	}
	for _, id := range removed {
		if byID[id] == nil {
			v.Removed = append(v.Removed, partEntry{ID: id.Slug, Title: id.Slug, State: c.T("write.kind." + string(id.Kind)), Edit: c.Link(nounPath(id) + "/versions")})
		}
	}
	return v
}

func newLinks(c deskChrome, issue string, kind undersigned.NounKind) (links []deskLink) {
	path := c.Link("/admin/issues/" + issue + "/new/" + string(kind))
	if kind != undersigned.ActionNoun {
		return []deskLink{{Label: c.T("write.new." + string(kind)), Link: path}}
	}
	for _, ask := range undersigned.ActionKinds {
		links = append(links, deskLink{Label: c.T("write.new." + string(ask)), Link: path + "?kind=" + string(ask)})
	}
	return links
}

func newPart(c deskChrome, content *undersigned.Content, id undersigned.NounID, noun any, now time.Time) partEntry {
	part := partEntry{ID: id.Slug, Title: c.nounTitle(id, pack.Form(content, noun)), Edit: c.Link(nounPath(id)), State: c.T("write.on_site")}
	switch noun := noun.(type) {
	case *undersigned.Issue:
		text, _ := noun.Text(c.Lang())
		part.Title, part.State = text.Title, c.T("write.issue_state."+string(noun.State))
	case *undersigned.Action:
		text, _ := noun.Text(c.Lang(), content.Issue.Languages)
		status := newStatus(c.chrome, content, noun, now)
		if part.Title, part.State, part.More = text.Title, status.Label, kindName(c.chrome, noun.Kind); noun.State == undersigned.ActionDraft {
			part.State = c.T("write.state.draft")
		}
	case *undersigned.Resource:
		text, _ := noun.Text(c.Lang(), content.Issue.Languages)
		part.Title, part.More = text.Title, c.T("write.shelf."+string(noun.Shelf))
	case *undersigned.Fact:
		text, _ := noun.Text(c.Lang(), content.Issue.Languages)
		part.Title = text.Title
	case *undersigned.Bill:
		part.More = noun.Title
	case *undersigned.Organization:
		part.Title = noun.Name
	}
	return part
}

// draftWords says how a draft stands, in a word or two; nothing where there is none.
func draftWords(c chrome, d *undersigned.Draft, zone *time.Location) string {
	switch {
	case d == nil:
		return ""
	case d.Missed:
		return c.T("write.draft.missed")
	case !d.PublishAt.IsZero():
		return c.T("write.draft.planned", "date", c.DateTime(d.PublishAt.In(zone)))
	}
	return c.T("write.draft")
}
