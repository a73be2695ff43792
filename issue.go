package undersigned

import "slices"

// IssueState is what the organiser wants of an issue.
type IssueState string

const (
	IssueDraft    IssueState = "draft"
	IssueOpen     IssueState = "open"
	IssueArchived IssueState = "archived"
)

// Issue is a cause, and the page that holds everything about it.
type Issue struct {
	Slug      string     `json:"slug"`
	State     IssueState `json:"state"`
	Languages []string   `json:"languages"` // the first is the one that the others fall back to
	Timezone  string     `json:"timezone"`  // IANA name; days in the issue begin and end in it
	Publisher string     `json:"publisher,omitempty"`
	Organizer string     `json:"organizer,omitempty"` // how the organiser wishes to be named
	Contact   string     `json:"contact,omitempty"`   // an e-mail address for offices, the press and corrections; shown on pages
	// Coordinator is the address that volunteers' offers go to. Without one the page says that none are taken yet.
	Coordinator string `json:"coordinator,omitempty"`
	// SealTo are the age recipients that signatures are sealed to, two or more; with none the server keeps them under
	// keys of its own. Whoever holds one of the identities reads everything, and the server nothing.
	SealTo []string             `json:"seal_to,omitempty"`
	News   NewsSettings         `json:"news,omitzero"`
	Texts  map[string]IssueText `json:"texts"` // by language
}

// NewsSettings say which news go out by themselves to those who asked for news of an issue.
type NewsSettings struct {
	Bill    bool `json:"bill,omitempty"`    // a bill of one of its asks has moved
	Closing bool `json:"closing,omitempty"` // an ask has closed
}

// Sealed tells whether signatures are kept in sealed mode.
func (i *Issue) Sealed() bool { return len(i.SealTo) > 0 }

// IssueText is an issue in one language.
type IssueText struct {
	Title    string    `json:"title"`
	Summary  string    `json:"summary"` // one sentence, for lists and previews
	Body     string    `json:"body"`    // Markdown: the statement
	Sections []Section `json:"sections,omitempty"`
}

// Section is a heading of the issue's page with a few words of its own; what stands below comes from the nouns.
type Section struct {
	ID    string `json:"id"`              // one of SectionIDs
	Title string `json:"title"`           // the heading
	Nav   string `json:"nav,omitempty"`   // a shorter word for the navigation
	Intro string `json:"intro,omitempty"` // Markdown
}

// SectionIDs are the sections a page can have. A pack orders them.
var SectionIDs = []string{"act", "help", "organizations", "learn", "volunteer", "closed"}

// Text gives the issue in lang, or in its first language where lang is missing, and the language it is really in.
func (i *Issue) Text(lang string) (IssueText, string) {
	return inLanguage(i.Texts, lang, i.Languages)
}

// inLanguage picks the text in lang, or the first of the issue's languages that has one.
func inLanguage[T any](texts map[string]T, lang string, languages []string) (T, string) {
	if t, ok := texts[lang]; ok {
		return t, lang
	}
	for _, l := range languages {
		if t, ok := texts[l]; ok {
			return t, l
		}
	}
	var none T
	return none, lang
}

// said gives what is said in lang or in the first of languages that has something, else what was said once for all in the first,
// and which language that is. Documents written before there was something to say in each language have the last alone.
func said(in func(lang string) string, once, lang string, languages []string) (words, of string) {
	for _, l := range slices.Concat([]string{lang}, languages) {
		if words := in(l); words != "" {
			return words, l
		}
	}
	if len(languages) > 0 {
		lang = languages[0]
	}
	return once, lang
}

// Content is one issue with everything on its page, as a pack holds it and the store keeps it.
type Content struct {
	Issue         Issue
	Actions       []Action       // in the order of the page
	Bills         []Bill         // by Congress, type, number
	Organizations []Organization // in the order of the page
	Resources     []Resource     // in the order to learn in
	Facts         []Fact         // in the order of the page
}

// Action finds an action by its slug.
func (c *Content) Action(slug string) *Action {
	for i := range c.Actions {
		if c.Actions[i].Slug == slug {
			return &c.Actions[i]
		}
	}
	return nil
}

// Bill finds the facts of a bill, nil where the content has none.
func (c *Content) Bill(id BillID) *Bill {
	for i := range c.Bills {
		if c.Bills[i].BillID == id {
			return &c.Bills[i]
		}
	}
	return nil
}

// On gives the resources of one shelf, in order.
func (c *Content) On(shelf Shelf) []Resource {
	var found []Resource
	for _, r := range c.Resources {
		if r.Shelf == shelf {
			found = append(found, r)
		}
	}
	return found
}

// Clone copies the content so far that its nouns and what is known of their links can be changed without the original.
func (c *Content) Clone() *Content {
	clone := *c
	clone.Actions = slices.Clone(c.Actions)
	clone.Bills = slices.Clone(c.Bills)
	clone.Organizations = slices.Clone(c.Organizations)
	for i := range clone.Organizations {
		clone.Organizations[i].Campaigns = slices.Clone(clone.Organizations[i].Campaigns)
	}
	clone.Resources = slices.Clone(c.Resources)
	for i := range clone.Resources {
		clone.Resources[i].Links = slices.Clone(clone.Resources[i].Links)
	}
	clone.Facts = slices.Clone(c.Facts)
	return &clone
}

// LinkUse is a place in content that leads to another site.
type LinkUse struct {
	URL      string
	Known    *Link  // the noun's own: what is written to it, the noun knows
	Kind     string // action, organization, resource or fact
	Slug     string
	Archived string  // the address of a copy, where content names one
	at       *string // where the noun has the URL
}

// Links lists every link that leads to another site.
func (c *Content) Links() (uses []LinkUse) {
	add := func(use LinkUse) {
		if use.URL != "" {
			uses = append(uses, use)
		}
	}
	for i := range c.Actions {
		a := &c.Actions[i]
		add(LinkUse{URL: a.URL, at: &a.URL, Known: &a.Link, Kind: "action", Slug: a.Slug})
	}
	for i := range c.Organizations {
		o := &c.Organizations[i]
		add(LinkUse{URL: o.URL, at: &o.URL, Known: &o.Link, Kind: "organization", Slug: o.Slug})
		for j := range o.Campaigns {
			add(LinkUse{URL: o.Campaigns[j].URL, at: &o.Campaigns[j].URL, Known: &o.Campaigns[j].Link, Kind: "organization", Slug: o.Slug})
		}
	}
	for i := range c.Resources {
		r := &c.Resources[i]
		for j := range r.Links {
			l := &r.Links[j]
			add(LinkUse{URL: l.URL, at: &l.URL, Known: &l.Link, Kind: "resource", Slug: r.Slug, Archived: l.Archived})
		}
	}
	for i := range c.Facts {
		f := &c.Facts[i]
		add(LinkUse{URL: f.SourceURL, at: &f.SourceURL, Known: &f.Link, Kind: "fact", Slug: f.Slug})
	}
	return uses
}

// MoveLink puts another address in the place of one, wherever the content has it, and names the nouns that it changed.
func (c *Content) MoveLink(from, to string) (changed []NounID) {
	for _, use := range c.Links() {
		if use.URL != from {
			continue
		}
		*use.at = to
		if id := (NounID{c.Issue.Slug, NounKind(use.Kind), use.Slug}); !slices.Contains(changed, id) {
			changed = append(changed, id)
		}
	}
	return changed
}
