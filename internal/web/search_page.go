package web

import (
	"strings"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/search"
	"github.com/undersigned/undersigned/internal/store"
)

// searchView is the form to search with, and what was found.
type searchView struct {
	chrome
	Query string
	Error string // what is wrong with the query
	Says  string // how much was found
	Hits  []searchHit
	More  string // how much more there is
}

type searchHit struct {
	Kind   string
	Status string // of an ask that is not open
	Link   string
	Lang   string // of the words, where it is not the page's
	Title  []search.Span
	Text   []search.Span
}

// mostHits is how many hits a page shows.
const mostHits = 20

// newSearch is the form, filled in with what was typed.
func newSearch(c chrome, typed string, asked bool) searchView {
	v := searchView{chrome: c.titled(c.T("search.title"), c.T("search.lead")), Query: typed}
	if asked && typed == "" {
		v.Error = c.T("search.empty")
	}
	return v
}

func (v *searchView) find(x *siteIndex, now time.Time) {
	v.Title = v.T("search.title_of", "query", v.Query)
	f := x.Find(v.Query, mostHits)
	switch {
	case f.Terms == 0:
		v.Error = v.T("search.no_words")
		return
	case f.Total == 0:
		v.Says = v.T("search.none")
		return
	case f.All:
		v.Says = v.N("search.found", f.Total)
	default:
		v.Says = v.N("search.found_some", f.Total)
	}
	for _, h := range f.Hits {
		t := x.things[h.Entry]
		hit := searchHit{Kind: t.kind, Link: t.link, Lang: t.lang, Title: h.Title, Text: h.Text}
		if t.action != nil {
			if status := newStatus(v.chrome, t.content, t.action, now); !status.Open {
				hit.Status = status.Label
			}
		}
		v.Hits = append(v.Hits, hit)
	}
	if f.Total > len(f.Hits) {
		v.More = v.N("search.more", f.Total-len(f.Hits))
	}
}

// thing is something on the site that can be found.
type thing struct {
	kind, link, lang string
	title, text      string
	content          *undersigned.Content
	action           *undersigned.Action // of an ask: whether it is open changes with the clock
}

func entriesOf(things []thing) (entries []search.Entry) {
	for _, t := range things {
		entries = append(entries, search.Entry{Title: t.title, Text: t.text})
	}
	return entries
}

// newThings lists everything public, in the order in which it is found where the words decide nothing: causes, what can be
// done, whom to turn to, what to learn, what Congress does, and the pages of the site itself.
func newThings(c chrome, site *store.Site) (things []thing) {
	for _, content := range site.Contents {
		things = append(things, issueThing(c, content))
	}
	for _, content := range site.Contents {
		things = append(things, actionThings(c, content)...)
	}
	for _, l := range directory(site) {
		things = append(things, organizationThing(c, l))
	}
	for _, content := range site.Contents {
		things = append(things, resourceThings(c, content)...)
	}
	told := map[undersigned.BillID]bool{}
	for _, content := range site.Contents {
		for i := range content.Bills {
			if b := &content.Bills[i]; !told[b.BillID] {
				told[b.BillID] = true
				things = append(things, billThing(c, content, b))
			}
		}
	}
	for _, content := range site.Contents {
		for i := range content.Facts {
			f := &content.Facts[i]
			text, lang := f.Text(c.Lang(), content.Issue.Languages)
			things = append(things, thing{kind: c.T("search.kind.fact"), link: c.Link(factPath(f)), lang: c.other(lang), title: text.Title,
				text: together(append([]string{text.Unit, plainWords(text.Body), f.Source}, text.Series...)...)})
		}
	}
	return append(things, pageThings(c, site)...)
}

// together joins what is not empty into one text, as sentences.
func together(parts ...string) string {
	var b strings.Builder
	for _, p := range parts {
		p = strings.Join(strings.Fields(p), " ")
		if p == "" {
			continue
		}
		if b.Len() > 0 {
			if !strings.ContainsAny(b.String()[b.Len()-1:], ".!?:;") {
				b.WriteByte('.')
			}
			b.WriteByte(' ')
		}
		b.WriteString(p)
	}
	return b.String()
}

func joined(phrases []phrase) string {
	var words []string
	for _, p := range phrases {
		words = append(words, p.Words)
	}
	return strings.Join(words, " · ")
}

func issueThing(c chrome, content *undersigned.Content) thing {
	text, lang := content.Issue.Text(c.Lang())
	parts := []string{text.Summary, plainWords(text.Body)}
	for _, s := range text.Sections {
		parts = append(parts, s.Title, plainWords(s.Intro))
	}
	return thing{kind: c.T("search.kind.issue"), link: c.Link("/" + content.Issue.Slug), lang: c.other(lang), title: text.Title,
		text: together(append(parts, content.Issue.Publisher)...)}
}

func actionThings(c chrome, content *undersigned.Content) (things []thing) {
	for i := range content.Actions {
		a := &content.Actions[i]
		if a.State == undersigned.ActionDraft {
			continue
		}
		text, lang := a.Text(c.Lang(), content.Issue.Languages)
		bill := ""
		if a.Bill != (undersigned.BillID{}) {
			bill = billName(c, a.Bill)
		}
		parts := []string{text.Ask, plainWords(text.Body), text.Subject, text.Words, plainWords(text.Outcome), bill, a.Owner,
			text.Opportunity.Place, text.Opportunity.Hours, text.Opportunity.Skills}
		for i := range a.Opportunity.Questions {
			question, _ := a.QuestionText(i, c.Lang(), content.Issue.Languages)
			parts = append(append(parts, question.Question), question.Choices...)
		}
		for _, to := range a.Addressees {
			parts = append(parts, to.Name, to.Role)
		}
		things = append(things, thing{kind: kindName(c, a.Kind), link: c.Link(actionPath(a)), lang: c.other(lang), title: text.Title,
			text: together(parts...), content: content, action: a})
	}
	return things
}

func organizationThing(c chrome, l listing) thing {
	text, lang := l.Text(c.Lang(), l.content.Issue.Languages)
	title := l.Name
	if l.Short != "" {
		title += " (" + l.Short + ")"
	}
	parts := []string{plainWords(text.Body), formerly(c, l.Organization), joined(aboutOrganization(c, l))}
	for i := range l.Campaigns {
		words, _ := l.Campaigns[i].Text(c.Lang(), l.content.Issue.Languages)
		parts = append(parts, l.Campaigns[i].Name, plainWords(words.Body))
	}
	return thing{kind: c.T("search.kind.organization"), link: c.Link(organizationPath(l.Organization)), lang: c.other(lang), title: title,
		text: together(append(parts, l.Address, l.Phone)...)}
}

func resourceThings(c chrome, content *undersigned.Content) (things []thing) {
	for i := range content.Resources {
		r := &content.Resources[i]
		text, lang := r.Text(c.Lang(), content.Issue.Languages)
		parts := []string{plainWords(text.Body), text.Why, joined(about(c, content, r)), r.Phone}
		for _, l := range r.Links {
			parts = append(parts, l.Label)
		}
		things = append(things, thing{kind: c.T("resource.kind." + string(r.Kind)), link: c.Link(resourcePath(content, r)), lang: c.other(lang),
			title: text.Title, text: together(parts...)})
	}
	return things
}

func billThing(c chrome, content *undersigned.Content, b *undersigned.Bill) thing {
	words, lang := textIn(b.Texts, c.Lang(), content.Issue.Languages)
	parts := []string{words.Summary, plainWords(words.Body), b.Sponsor}
	for _, e := range b.Events {
		step, _ := textIn(e.Texts, c.Lang(), content.Issue.Languages)
		parts = append(parts, step)
	}
	for _, s := range b.Successors {
		parts = append(parts, s.Title)
	}
	return thing{kind: c.T("search.kind.bill"), link: c.Link(billPath(b.BillID)), lang: c.other(lang), title: billName(c, b.BillID) + ": " + b.Title,
		text: together(parts...)}
}

// pageThings are the site's own pages.
func pageThings(c chrome, site *store.Site) (things []thing) {
	page := func(path, title string, parts ...string) {
		things = append(things, thing{kind: c.T("search.kind.page"), link: c.Link(path), title: title, text: together(parts...)})
	}
	page("/organizations", c.T("page.organizations"), c.T("organizations.intro"))
	page("/learn", c.T("learn.title"), c.T("learn.intro"))
	page("/legislators", c.T("where.title"), c.T("where.lead"))
	page("/offices", c.T("offices.title"), c.T("offices.lead"))
	page("/diary", c.T("page.diary"), c.T("diary.lead"))
	page("/log", c.T("log.title"), c.T("log.lead"))
	page("/my", c.T("my_link.title"), c.T("my_link.lead"))
	privacy := newPrivacy(c, site, seizedView{}) // its words; the numbers of the minute are nothing to look for
	words := []string{c.T("privacy.lead")}
	for _, s := range privacy.Sections {
		words = append(append(words, s.Heading), s.Words...)
	}
	page("/privacy", privacy.Title, words...)
	return things
}
