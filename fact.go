package undersigned

import (
	"cmp"
	"math"
	"strconv"
	"strings"
	"time"
)

// ChartKind is how the figures of a fact are drawn.
type ChartKind string

const (
	LineChart ChartKind = "line" // a series by month or year
	BarChart  ChartKind = "bars" // a bar for each month or year
)

// Step is what a row of a fact stands for; it is the heading of the first column of its CSV.
type Step string

const (
	ByMonth Step = "month" // periods are written YYYY-MM
	ByYear  Step = "year"  // YYYY
)

// Fact is a table of figures with its source, from which a picture is drawn.
type Fact struct {
	Slug      string              `json:"slug"`
	Chart     ChartKind           `json:"chart"`
	Section   string              `json:"section,omitempty"` // of the page, one of SectionIDs; empty where it is on no page but its own
	Order     int                 `json:"order"`
	Source    string              `json:"source"` // who published the figures, in the language that was the first; see SourceIn
	SourceURL string              `json:"source_url,omitempty"`
	Link      Link                `json:"-"`       // of SourceURL
	Licence   string              `json:"licence"` // as Source; see LicenceIn
	AsOf      Day                 `json:"as_of"`
	FreshFor  int                 `json:"fresh_for"` // days after AsOf
	Step      Step                `json:"step"`
	Series    []string            `json:"series"` // the headings of the other columns of its CSV
	Rows      []FactRow           `json:"rows"`   // by period
	Texts     map[string]FactText `json:"texts"`  // by language
}

// FactRow is the figures of one month or year, one for each series.
type FactRow struct {
	Period  string   `json:"period"`
	Figures []Figure `json:"figures"`
}

// FactText is a fact in one language.
type FactText struct {
	Title  string   `json:"title"`
	Unit   string   `json:"unit"`   // what the figures count: people
	Series []string `json:"series"` // what each series is called
	Body   string   `json:"body"`   // Markdown: what the figures mean, and how they were counted
	// Source and Licence are in the words of this language; see SourceIn.
	Source  string `json:"source,omitempty"`
	Licence string `json:"licence,omitempty"`
}

// Figure is a number as its source writes it, in decimal digits with at most one point; empty where it is not known.
type Figure string

// Value is the number, false where it is not known.
func (f Figure) Value() (float64, bool) {
	v, err := strconv.ParseFloat(string(f), 64)
	return v, err == nil && !math.IsInf(v, 0) && !math.IsNaN(v)
}

// Places is how many digits stand behind the point.
func (f Figure) Places() int {
	_, fraction, _ := strings.Cut(string(f), ".")
	return len(fraction)
}

// Text gives the words in lang or in the first of languages there is, and which that is.
func (f *Fact) Text(lang string, languages []string) (FactText, string) {
	return inLanguage(f.Texts, lang, languages)
}

// SourceIn gives the source in lang or in the first of languages, and which that is.
func (f *Fact) SourceIn(lang string, languages []string) (source, in string) {
	return said(func(l string) string { return f.Texts[l].Source }, f.Source, lang, languages)
}

// LicenceIn gives the licence in lang or in the first of languages, and which that is.
func (f *Fact) LicenceIn(lang string, languages []string) (licence, in string) {
	return said(func(l string) string { return f.Texts[l].Licence }, f.Licence, lang, languages)
}

// FreshUntil is when the figures stop being new: the end of the day that lies FreshFor days after AsOf.
func (f *Fact) FreshUntil(zone *time.Location) time.Time {
	begin := f.AsOf.Begin(zone)
	if begin.IsZero() {
		return begin
	}
	return time.Date(begin.Year(), begin.Month(), begin.Day()+f.FreshFor+1, 0, 0, 0, 0, zone)
}

// Month is the period's year and month; the month is 0 where it is a year. Both are 0 where it is neither.
func (r *FactRow) Month() (year int, month time.Month) {
	if t, err := time.Parse("2006-01", r.Period); err == nil {
		return t.Year(), t.Month()
	}
	t, err := time.Parse("2006", r.Period)
	if err != nil {
		return 0, 0
	}
	return t.Year(), 0
}

// Fact finds a fact by its slug.
func (c *Content) Fact(slug string) *Fact {
	for i := range c.Facts {
		if c.Facts[i].Slug == slug {
			return &c.Facts[i]
		}
	}
	return nil
}

// Extremes gives the rows with a series' lowest, highest and last figure that is known; false where none is. Of equal
// ones the last counts.
func (f *Fact) Extremes(series int) (lowest, highest, last int, ok bool) {
	at := func(row int) float64 { v, _ := f.Rows[row].Figures[series].Value(); return v }
	for i := range f.Rows {
		if _, known := f.Rows[i].Figures[series].Value(); !known {
			continue
		}
		if !ok {
			lowest, highest = i, i
		}
		if cmp.Compare(at(i), at(lowest)) <= 0 {
			lowest = i
		}
		if cmp.Compare(at(i), at(highest)) >= 0 {
			highest = i
		}
		last, ok = i, true
	}
	return lowest, highest, last, ok
}
