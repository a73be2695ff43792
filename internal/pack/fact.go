package pack

import (
	"math"
	"slices"

	"github.com/undersigned/undersigned"
)

var charts = []undersigned.ChartKind{undersigned.LineChart, undersigned.BarChart}

// maxFresh is the most days that figures can be called fresh for.
const maxFresh = 3660

func (r *reader) readFact(name, slug string) undersigned.Fact {
	r.slug(name, slug)
	d := r.open(name)
	d.require("chart", "source", "licence", "as_of", "fresh_for")
	f := undersigned.Fact{
		Slug:      slug,
		Chart:     choice(d.mapping, "chart", charts, ""),
		Section:   choice(d.mapping, "section", undersigned.SectionIDs, ""),
		Order:     d.number("order", 0, math.MaxInt32),
		Source:    d.one("source"),
		SourceURL: d.url("source_url"),
		Licence:   d.one("licence"),
		AsOf:      d.day("as_of"),
		FreshFor:  d.number("fresh_for", 1, maxFresh),
	}
	text, series := readFactText(d)
	f.Texts = map[string]undersigned.FactText{r.first(): text}
	d.done()
	r.readTable(&f)
	if f.Series != nil && !d.broken && !slices.Equal(series, f.Series) {
		d.fault("series", "want.columns", "file", tableName(slug), "list", oneOf(f.Series))
	}
	r.translations(name, func(lang string, d *document) {
		other, ids := readFactText(d)
		if !d.broken && !slices.Equal(ids, series) {
			d.fault("series", "want.same_series", "file", name)
		}
		f.Texts[lang] = other
	})
	return f
}

// readFactText reads the words, and the columns that its series name.
func readFactText(d *document) (text undersigned.FactText, columns []string) {
	d.require("title", "unit", "series")
	d.needBody()
	text = undersigned.FactText{Title: d.one("title"), Unit: d.one("unit"), Source: d.one("source"), Licence: d.one("licence"), Body: d.body}
	for _, s := range d.subs("series") {
		s.require("column", "title")
		columns = append(columns, s.one("column"))
		text.Series = append(text.Series, s.one("title"))
		s.done()
	}
	return text, columns
}

func (w *writer) writeFact(s *undersigned.Fact) {
	f := w.front()
	f.one("chart", string(s.Chart))
	f.one("section", s.Section)
	f.number("order", s.Order)
	f.one("source", w.first(s.SourceIn))
	f.one("source_url", s.SourceURL)
	f.one("licence", w.first(s.LicenceIn))
	f.day("as_of", s.AsOf)
	f.number("fresh_for", s.FreshFor)
	w.eachLanguage(facts+"/"+s.Slug+".md", f, func(f *front, lang string) string {
		text := s.Texts[lang]
		f.one("title", text.Title)
		f.one("unit", text.Unit)
		f.list("series", min(len(text.Series), len(s.Series)), func(i int, f *front) {
			f.one("column", s.Series[i])
			f.one("title", text.Series[i])
		})
		if lang != w.languages[0] {
			f.one("source", text.Source)
			f.one("licence", text.Licence)
		}
		return text.Body
	})
	w.writeTable(s)
}
