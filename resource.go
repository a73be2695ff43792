package undersigned

// Shelf is where a resource stands.
type Shelf string

const (
	Learn Shelf = "learn" // learn first
	Help  Shelf = "help"  // if someone you love is detained
)

// ResourceKind is the form of a resource; it ends the message key "resource.kind.".
type ResourceKind string

const (
	Film      ResourceKind = "film"
	FactSheet ResourceKind = "fact-sheet"
	Stories   ResourceKind = "stories"
	Law       ResourceKind = "law"
	Service   ResourceKind = "service" // help: a locator, a hotline, a directory
)

// ResourceKinds are all kinds.
var ResourceKinds = []ResourceKind{Film, FactSheet, Stories, Law, Service}

// Resource is something to learn from, or a help.
type Resource struct {
	Slug      string                  `json:"slug"`
	Shelf     Shelf                   `json:"shelf"`
	Kind      ResourceKind            `json:"kind"`
	Publisher string                  `json:"publisher,omitempty"` // in the language that was the first; see PublisherIn
	Published Day                     `json:"published,omitempty"`
	Minutes   int                     `json:"minutes,omitempty"`
	Language  string                  `json:"language,omitempty"` // of the thing itself
	Links     []ResourceLink          `json:"links,omitempty"`
	Phone     string                  `json:"phone,omitempty"`    // as dialled: 1-800-898-7180
	Prepares  string                  `json:"prepares,omitempty"` // slug of the ask that one is ready for after it
	AsOf      Day                     `json:"as_of"`
	Order     int                     `json:"order"`
	Texts     map[string]ResourceText `json:"texts"` // by language
}

// ResourceLink is one way to a resource.
type ResourceLink struct {
	URL   string `json:"url"`
	Label string `json:"label,omitempty"` // in the language that was the first; empty shows the host
	// Labels are those in each language that has one; see LabelIn.
	Labels map[string]string `json:"labels,omitempty"`
	// Archived is the address of a copy, shown once the link itself is broken.
	Archived string `json:"archived,omitempty"`
	Link     `json:"-"`
}

// ResourceText is a resource in one language.
type ResourceText struct {
	Title string `json:"title"`
	Body  string `json:"body"`          // Markdown: what it is
	Why   string `json:"why,omitempty"` // one sentence: why it is worth the time
	// Publisher is what this language calls the publisher; see PublisherIn.
	Publisher string `json:"publisher,omitempty"`
}

// Text gives the words in lang or in the first of languages there is, and which that is.
func (r *Resource) Text(lang string, languages []string) (ResourceText, string) {
	return inLanguage(r.Texts, lang, languages)
}

// PublisherIn gives the publisher as readers of lang know it, or in the first of languages, and which that is.
func (r *Resource) PublisherIn(lang string, languages []string) (publisher, in string) {
	return said(func(l string) string { return r.Texts[l].Publisher }, r.Publisher, lang, languages)
}

// LabelIn gives the label in lang or in the first of languages, and which that is.
func (l *ResourceLink) LabelIn(lang string, languages []string) (label, in string) {
	return said(func(lang string) string { return l.Labels[lang] }, l.Label, lang, languages)
}
