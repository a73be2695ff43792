package web

import (
	"html/template"
	"strconv"
	"strings"
	"time"

	"github.com/undersigned/undersigned"
)

// factView is a picture of figures, with the table behind it and where they come from.
type factView struct {
	chrome
	ID      string // where a link can point
	Heading string
	Lang    string
	Unit    string
	Stale   string // a sentence; empty while the figures are fresh
	Chart   chartView
	Points  []point // in words: the latest, the highest and the lowest figure of each series
	Table   tableView
	Link    string // its own page
	From    from
	AsOf    string
}

// from is a sentence that names a source, which may be in another language than the sentence.
type from struct {
	Before, After string
	Source        phrase
}

func newFrom(c chrome, content *undersigned.Content, f *undersigned.Fact) (v from) {
	const here = "\x00"
	v.Before, v.After, _ = strings.Cut(c.T("fact.from", "source", here, "date", c.Day(f.AsOf)), here)
	v.Source = c.theirs(f.SourceIn(c.Lang(), content.Issue.Languages))
	return v
}

// point is what is said of one series; Of names it, where there are several.
type point struct{ Of, Words string }

// tableView is the figures as they are read.
type tableView struct {
	Caption, Lang string
	Step          string // heads the periods
	Series        []string
	Rows          []tableRow
}

type tableRow struct {
	Period  string
	Figures []string
}

// factPage is a fact on its own page.
type factPage struct {
	chrome
	Fact     factView
	Body     template.HTML
	Outside  *linkView
	Source   phrase
	Licence  phrase
	Download string
}

func newFactPage(c chrome, content *undersigned.Content, f *undersigned.Fact, now time.Time) factPage {
	text, _ := f.Text(c.Lang(), content.Issue.Languages)
	c = c.inIssue(content).titled(text.Title, text.Unit).withPreview("/"+content.Issue.Slug, newIssuePreview(c, content))
	return factPage{chrome: c, Fact: newFact(c, content, f, now), Body: prose(text.Body, 2), Source: c.theirs(f.SourceIn(c.Lang(), content.Issue.Languages)),
		Licence: c.theirs(f.LicenceIn(c.Lang(), content.Issue.Languages)),
		Outside: maybeLink(c, f.SourceURL, f.Link, zoneOf(&content.Issue)), Download: c.Link(factPath(f) + ".csv")}
}

// newFacts are those that stand in a section of the issue's page.
func newFacts(c chrome, content *undersigned.Content, section string, now time.Time) (list []factView) {
	for i := range content.Facts {
		if f := &content.Facts[i]; f.Section == section {
			list = append(list, newFact(c, content, f, now))
		}
	}
	return list
}

func newFact(c chrome, content *undersigned.Content, f *undersigned.Fact, now time.Time) factView {
	text, lang := f.Text(c.Lang(), content.Issue.Languages)
	v := factView{chrome: c, ID: "fact-" + f.Slug, Heading: text.Title, Lang: c.other(lang), Unit: text.Unit, Link: c.Link(factPath(f)),
		From: newFrom(c, content, f), AsOf: c.Day(f.AsOf), Chart: newChart(c, f, text, c.other(lang)), Points: newPoints(c, f, text), Table: newTable(c, f, text, lang)}
	if !now.Before(f.FreshUntil(zoneOf(&content.Issue))) {
		v.Stale = c.T("fact.stale", "date", v.AsOf)
	}
	return v
}

func newPoints(c chrome, f *undersigned.Fact, text undersigned.FactText) (points []point) {
	for i := range f.Series {
		low, high, last, ok := f.Extremes(i)
		if !ok {
			continue
		}
		figure := func(row int) string { return c.figure(f.Rows[row].Figures[i]) }
		p := point{Words: c.T("fact.points", "last", figure(last), "last_when", periodName(c, &f.Rows[last]), "high", figure(high),
			"high_when", periodName(c, &f.Rows[high]), "low", figure(low), "low_when", periodName(c, &f.Rows[low]))}
		if len(f.Series) > 1 {
			p.Of = text.Series[i]
		}
		points = append(points, p)
	}
	return points
}

func newTable(c chrome, f *undersigned.Fact, text undersigned.FactText, lang string) tableView {
	v := tableView{Caption: text.Title, Lang: c.other(lang), Step: stepName(c, f.Step), Series: text.Series}
	for i := range f.Rows {
		row := tableRow{Period: periodName(c, &f.Rows[i])}
		for _, figure := range f.Rows[i].Figures {
			row.Figures = append(row.Figures, c.figure(figure))
		}
		v.Rows = append(v.Rows, row)
	}
	return v
}

// figure writes a figure as readers of the page do, with the digits that its source gives.
func (c chrome) figure(f undersigned.Figure) string {
	value, known := f.Value()
	if !known {
		return c.T("fact.unknown")
	}
	return c.Decimal(value, f.Places())
}

// stepName heads the column of the periods.
func stepName(c chrome, step undersigned.Step) string {
	if step == undersigned.ByYear {
		return c.T("fact.year")
	}
	return c.T("fact.month")
}

// periodName is a month or a year in words: March 2026, marzo de 2026.
func periodName(c chrome, r *undersigned.FactRow) string {
	year, month := r.Month()
	if month == 0 {
		return strconv.Itoa(year)
	}
	return c.Month(year, month)
}
