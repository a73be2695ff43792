package web

import "strings"

// legislatorsView is the page that says who represents a reader.
type legislatorsView struct {
	chrome
	Heading  string
	Mistakes []mistake
	Where    *whereView
	Problem  string // with the form as a whole
}

func newLegislators(c chrome, p place, geocoder bool) legislatorsView {
	c = c.titled(c.T("where.title"), c.T("where.lead"))
	v := legislatorsView{Heading: c.Title, Where: newWhere(c, "/legislators", p, members{}, geocoder)}
	v.Where.Source = tableSource(c, p.table)
	switch {
	case p.problem != nil:
		v.Mistakes = []mistake{{Field: "zip", Label: v.Where.ZIP.Label, Text: v.Where.ZIP.Error}}
		c.Title = c.T("form.error_title", "title", c.Title)
	case p.choose():
		c.Title = c.T("where.choose")
	}
	v.chrome = c
	return v
}

// validText is what somebody typed, fit to be shown again.
func validText(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }
