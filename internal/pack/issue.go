package pack

import (
	"regexp"
	"slices"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/sealed"
)

// languageCode is what a language may be called: ISO 639, two or three letters, as in the site's addresses.
var languageCode = regexp.MustCompile(`^[a-z]{2,3}$`)

var issueStates = []undersigned.IssueState{undersigned.IssueOpen, undersigned.IssueDraft, undersigned.IssueArchived}

// readIssue reads issue.md and its translations, and sets the languages and the zone that the rest is read with.
func (r *reader) readIssue() {
	d := r.open("issue.md")
	d.require("slug", "languages", "timezone")
	r.issue = undersigned.Issue{
		Slug:        d.slug("slug"),
		State:       choice(d.mapping, "state", issueStates, undersigned.IssueOpen),
		Languages:   d.words("languages"),
		Timezone:    d.one("timezone"),
		Publisher:   d.one("publisher"),
		Organizer:   d.one("organizer"),
		Contact:     d.email("contact"),
		Coordinator: d.email("coordinator"),
		SealTo:      d.texts("seal_to"),
	}
	if news := d.sub("news"); news != nil {
		r.issue.News = undersigned.NewsSettings{Bill: news.yes("bill"), Closing: news.yes("closing")}
		news.done()
	}
	if len(r.issue.SealTo) > 0 {
		if err := sealed.CheckRecipients(r.issue.SealTo); err != nil {
			d.fault("seal_to", recipientFaults[err])
		}
	}
	if undersigned.ReservedSlug(r.issue.Slug) && r.issue.Slug != "" {
		d.fault("slug", "want.free_slug")
	}
	r.readLanguages(d)
	r.readZone(d)
	text := readIssueText(d)
	d.done()
	r.issue.Texts = map[string]undersigned.IssueText{r.first(): text}
	r.translations("issue.md", func(lang string, d *document) {
		other := readIssueText(d)
		if !slices.EqualFunc(text.Sections, other.Sections, sameSection) {
			d.fault("sections", "want.same_sections")
		}
		r.issue.Texts[lang] = other
	})
}

// recipientFaults are the keys of what sealed says of recipients.
var recipientFaults = map[error]string{sealed.ErrFewRecipients: "want.recipients_few", sealed.ErrRecipient: "want.recipients_form",
	sealed.ErrMixed: "want.recipients_mixed"}

func sameSection(a, b undersigned.Section) bool { return a.ID == b.ID }

func (r *reader) readLanguages(d *document) {
	for _, lang := range r.issue.Languages {
		if !languageCode.MatchString(lang) {
			d.fault("languages", "want.languages")
		}
	}
	if len(r.issue.Languages) == 0 {
		r.issue.Languages = []string{""} // a fault was noted: nothing of this is returned
	}
}

func (r *reader) readZone(d *document) {
	zone, err := time.LoadLocation(r.issue.Timezone)
	if err != nil || r.issue.Timezone == "" || r.issue.Timezone == "Local" {
		d.fault("timezone", "want.zone")
		zone = time.UTC
	}
	r.zone = zone
}

func readIssueText(d *document) undersigned.IssueText {
	d.require("title", "summary")
	d.needBody()
	text := undersigned.IssueText{Title: d.one("title"), Summary: d.one("summary"), Body: d.body}
	for _, s := range d.subs("sections") {
		s.require("id", "title")
		section := undersigned.Section{
			ID:    choice(s, "id", undersigned.SectionIDs, ""),
			Title: s.one("title"),
			Nav:   s.one("nav"),
			Intro: s.markdown("intro"),
		}
		s.done()
		if slices.ContainsFunc(text.Sections, func(other undersigned.Section) bool { return sameSection(section, other) }) {
			s.fault("id", "want.once")
		}
		text.Sections = append(text.Sections, section)
	}
	return text
}

func (w *writer) writeIssue(i *undersigned.Issue) {
	f := w.front()
	f.one("slug", i.Slug)
	f.choice("state", string(i.State), string(undersigned.IssueOpen))
	f.words("languages", i.Languages)
	f.one("timezone", i.Timezone)
	f.one("publisher", i.Publisher)
	f.one("organizer", i.Organizer)
	f.one("contact", i.Contact)
	f.one("coordinator", i.Coordinator)
	f.words("seal_to", i.SealTo)
	if i.News != (undersigned.NewsSettings{}) {
		f.sub("news", func(f *front) {
			f.yes("bill", i.News.Bill)
			f.yes("closing", i.News.Closing)
		})
	}
	w.eachLanguage("issue.md", f, func(f *front, lang string) string {
		text := i.Texts[lang]
		f.one("title", text.Title)
		f.one("summary", text.Summary)
		f.list("sections", len(text.Sections), func(n int, f *front) {
			s := text.Sections[n]
			f.one("id", s.ID)
			f.one("title", s.Title)
			f.one("nav", s.Nav)
			f.text("intro", s.Intro)
		})
		return text.Body
	})
}
