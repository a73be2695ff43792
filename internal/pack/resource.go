package pack

import (
	"math"

	"github.com/undersigned/undersigned"
)

var shelves = []undersigned.Shelf{undersigned.Learn, undersigned.Help}

func (r *reader) readResource(name, slug string) undersigned.Resource {
	r.slug(name, slug)
	d := r.open(name)
	d.require("shelf", "kind", "as_of")
	s := undersigned.Resource{
		Slug:      slug,
		Shelf:     choice(d.mapping, "shelf", shelves, ""),
		Kind:      choice(d.mapping, "kind", undersigned.ResourceKinds, ""),
		Order:     d.number("order", 0, math.MaxInt32),
		Publisher: d.one("publisher"),
		Published: d.day("published"),
		Minutes:   d.number("minutes", 1, math.MaxInt32),
		Language:  d.one("language"),
		Phone:     d.phone("phone"),
		Prepares:  d.slug("prepares"),
		AsOf:      d.day("as_of"),
	}
	if s.Language != "" && !languageCode.MatchString(s.Language) {
		d.fault("language", "want.language")
	}
	if s.Prepares != "" && !r.has(actions+"/"+s.Prepares+".md") {
		d.fault("prepares", "want.action")
	}
	for _, m := range d.subs("links") {
		m.require("url")
		l := undersigned.ResourceLink{URL: m.url("url"), Label: m.one("label"), Archived: m.url("archived")}
		if l.Label != "" {
			l.Labels = map[string]string{r.first(): l.Label}
		}
		s.Links = append(s.Links, l)
		m.done()
	}
	s.Texts = map[string]undersigned.ResourceText{r.first(): readResourceText(d)}
	d.done()
	r.translations(name, func(lang string, d *document) {
		s.Texts[lang] = readResourceText(d)
		for _, m := range d.subs("links") {
			readLabel(m, lang, s.Links)
		}
	})
	return s
}

// readLabel reads what a translation calls one of the links: the first of its address that has no name in it yet.
func readLabel(m *mapping, lang string, links []undersigned.ResourceLink) {
	m.require("url", "label")
	address, label := m.one("url"), m.one("label")
	m.done()
	for i := range links {
		l := &links[i]
		if _, named := l.Labels[lang]; l.URL != address || named {
			continue
		}
		if l.Labels == nil {
			l.Labels = map[string]string{}
		}
		l.Labels[lang] = label
		return
	}
	if address != "" {
		m.fault("url", "want.same_link")
	}
}

func readResourceText(d *document) undersigned.ResourceText {
	d.require("title")
	d.needBody()
	return undersigned.ResourceText{Title: d.one("title"), Why: d.one("why"), Publisher: d.one("publisher"), Body: d.body}
}

func (w *writer) writeResource(s *undersigned.Resource) {
	f := w.front()
	f.one("shelf", string(s.Shelf))
	f.one("kind", string(s.Kind))
	f.number("order", s.Order)
	f.one("publisher", w.first(s.PublisherIn))
	f.day("published", s.Published)
	f.number("minutes", s.Minutes)
	f.one("language", s.Language)
	f.one("phone", s.Phone)
	f.one("prepares", s.Prepares)
	f.day("as_of", s.AsOf)
	f.list("links", len(s.Links), func(i int, f *front) {
		f.one("url", s.Links[i].URL)
		f.one("label", w.first(s.Links[i].LabelIn))
		f.one("archived", s.Links[i].Archived)
	})
	w.eachLanguage(resources+"/"+s.Slug+".md", f, func(f *front, lang string) string {
		f.one("title", s.Texts[lang].Title)
		f.one("why", s.Texts[lang].Why)
		if lang == w.languages[0] {
			return s.Texts[lang].Body
		}
		f.one("publisher", s.Texts[lang].Publisher)
		var named []undersigned.ResourceLink // those with a name in this language
		for _, l := range s.Links {
			if l.Labels[lang] != "" || w.form != nil {
				named = append(named, l)
			}
		}
		f.list("links", len(named), func(i int, f *front) {
			f.one("url", named[i].URL)
			f.one("label", named[i].Labels[lang])
		})
		return s.Texts[lang].Body
	})
}
