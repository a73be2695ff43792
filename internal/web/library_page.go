package web

import (
	"html/template"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// resourceView is something to learn from, or a help.
type resourceView struct {
	ID    string // where a link can point
	Title string
	Lang  string
	Body  template.HTML
	Why   string
	About []phrase // Film, PBS Frontline, October 18, 2011, 54 minutes, in English
	Links []linkView
	Phone *phoneView
	AsOf  string

	Prepares *readyFor
	Seen     *seenView // in the library, where a reader can keep what they have seen
}

// readyFor is the ask that one is ready for after a resource, or the one that goes on where that has ended.
type readyFor struct {
	Before, Title, Lang, Link string
	Status                    string // of one that is not open
}

// seenView is a box to tick, for a script: what is ticked stays in the reader's browser.
type seenView struct{ ID, Label string }

func newResources(c chrome, content *undersigned.Content, shelf undersigned.Shelf, now time.Time) []resourceView {
	var list []resourceView
	for _, r := range content.On(shelf) {
		text, lang := r.Text(c.Lang(), content.Issue.Languages)
		v := resourceView{ID: resourceID(content, &r), Title: text.Title, Lang: c.other(lang), Body: prose(text.Body, 4), Why: text.Why,
			Prepares: newReadyFor(c, content, r.Prepares, now), About: about(c, content, &r), Phone: newPhone(r.Phone), AsOf: c.T("entry.as_of", "date", c.Day(r.AsOf))}
		for _, l := range r.Links {
			label := c.theirs(l.LabelIn(c.Lang(), content.Issue.Languages))
			link := newLink(c, l.URL, label.Words, l.Link, zoneOf(&content.Issue))
			if label.Words != "" {
				link.Lang = label.Lang
			}
			if link.Broken {
				link.Copy, link.CopyLabel = l.Archived, c.T("link.copy")
			}
			v.Links = append(v.Links, link)
		}
		list = append(list, v)
	}
	return list
}

// newReadyFor names an ask, nil where there is none that readers can see.
func newReadyFor(c chrome, content *undersigned.Content, slug string, now time.Time) *readyFor {
	a := content.Action(slug)
	if a == nil || a.State == undersigned.ActionDraft {
		return nil
	}
	card := newActionCard(c, content, a, store.Count{}, now)
	if next := newSuccessor(c, content, a, now); card.Status.Closed && next != nil && next.Status.Open {
		card = *next
	}
	v := &readyFor{Before: c.T("resource.prepares"), Title: card.Title, Lang: card.Lang, Link: card.Link}
	if !card.Status.Open {
		v.Status = card.Status.Label
	}
	return v
}

// resourcePath is where a resource stands: on its shelf.
func resourcePath(content *undersigned.Content, r *undersigned.Resource) string {
	shelf := "/learn"
	if r.Shelf == undersigned.Help {
		shelf = "/" + content.Issue.Slug + "/" + undersigned.HelpSlug
	}
	return shelf + "#" + resourceID(content, r)
}

// resourceID is where a resource stands on a shelf, on which those of several issues may be.
func resourceID(content *undersigned.Content, r *undersigned.Resource) string {
	return "resource-" + content.Issue.Slug + "/" + r.Slug
}

func about(c chrome, content *undersigned.Content, r *undersigned.Resource) []phrase {
	parts := ours(c.T("resource.kind." + string(r.Kind)))
	if publisher := c.theirs(r.PublisherIn(c.Lang(), content.Issue.Languages)); publisher.Words != "" {
		parts = append(parts, publisher)
	}
	if r.Published != "" {
		parts = append(parts, ours(c.Day(r.Published))...)
	}
	if r.Minutes > 0 {
		parts = append(parts, ours(c.N("resource.minutes", r.Minutes))...)
	}
	if name := languageName(c, r.Language); name != "" && r.Language != c.Lang() {
		parts = append(parts, ours(c.T("resource.language", "language", name))...)
	}
	return parts
}

// languageName is what readers of the page call a language: Spanish, inglés.
func languageName(c chrome, code string) string {
	tag, err := language.Parse(code)
	if err != nil {
		return ""
	}
	namer := display.Languages(language.Make(c.Lang()))
	if namer == nil { // of a language whose names for languages we do not have
		namer = display.Languages(language.English)
	}
	return namer.Name(tag)
}

// shelfView is a page of resources: the library of every issue, or the help of one.
type shelfView struct {
	chrome
	Heading     string
	HeadingLang string
	Intro       string
	Note        string
	Find        bool // a form to search the site with
	Groups      []shelfGroup
}

// shelfGroup is the entries of one issue.
type shelfGroup struct {
	Title, Lang, Link string
	Intro             template.HTML
	IntroLang         string
	Resources         []resourceView
	SeenOf            string // "# of 4 seen", for a script
}

func newLearn(c chrome, site *store.Site, now time.Time) shelfView {
	title := c.T("learn.title")
	v := shelfView{chrome: c.titled(title, c.T("learn.intro")), Heading: title, Intro: c.T("learn.intro"), Note: c.T("entry.note"), Find: true}
	for _, content := range site.Contents {
		if list := newResources(c, content, undersigned.Learn, now); len(list) > 0 {
			group := newShelfGroup(c, content)
			for i, r := range content.On(undersigned.Learn) {
				list[i].Seen = &seenView{ID: content.Issue.Slug + "/resource-" + r.Slug, Label: c.T("learn.seen")}
			}
			group.Resources, group.SeenOf = list, c.N("learn.seen_of", len(list), "seen", "#")
			v.Groups = append(v.Groups, group)
		}
	}
	return v
}

// newHelp is the page for people whose relative is detained. Content without a help shelf has no such page: ask
// content.On(undersigned.Help) first.
func newHelp(c chrome, content *undersigned.Content, now time.Time) shelfView {
	text, lang := content.Issue.Text(c.Lang())
	group := shelfGroup{Title: c.T("help.places"), Resources: newResources(c, content, undersigned.Help, now)}
	v := shelfView{chrome: c.inIssue(content), Heading: c.T("section.help"), Note: c.T("entry.note")}
	for _, s := range text.Sections {
		if s.ID == "help" {
			v.Heading, v.HeadingLang, group.Intro, group.IntroLang = s.Title, c.other(lang), prose(s.Intro, 3), c.other(lang)
		}
	}
	v.Groups, v.chrome = []shelfGroup{group}, v.titled(v.Heading, c.T("help.description"))
	return v
}

func newShelfGroup(c chrome, content *undersigned.Content) shelfGroup {
	text, lang := content.Issue.Text(c.Lang())
	return shelfGroup{Title: text.Title, Lang: c.other(lang), Link: c.Link("/" + content.Issue.Slug)}
}
