package web

import (
	"maps"
	"slices"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
	"github.com/undersigned/undersigned/internal/store"
)

// deskActionsView lists the asks of all issues.
type deskActionsView struct {
	deskChrome
	Issues []deskIssue
}

type deskIssue struct {
	Title, Lang string
	Asks        []deskAsk
}

type deskAsk struct {
	Link, Title, Lang, Kind, Status string
	Counted, Held, Day              string // in numbers; empty where nobody can sign it
}

func newDeskActions(c deskChrome, site *store.Site, numbers map[string]*action.Numbers, now time.Time) deskActionsView {
	v := deskActionsView{deskChrome: c.named(c.T("desk.actions"))}
	for _, content := range site.Contents {
		text, lang := content.Issue.Text(c.Lang())
		issue := deskIssue{Title: text.Title, Lang: c.other(lang)}
		for i := range content.Actions {
			a := &content.Actions[i]
			if a.State == undersigned.ActionDraft {
				continue
			}
			text, lang := a.Text(c.Lang(), content.Issue.Languages)
			ask := deskAsk{Link: c.Link(askPath(a)), Title: text.Title, Lang: c.other(lang), Kind: kindName(c.chrome, a.Kind),
				Status: newStatus(c.chrome, content, a, now).Label}
			if n := numbers[a.PID]; n != nil && a.PID != "" {
				ask.Counted, ask.Held, ask.Day = c.Number(int(n.Public.Counted)), c.upTo(n.Held), c.Number(n.Lately(now, 24))
			}
			issue.Asks = append(issue.Asks, ask)
		}
		v.Issues = append(v.Issues, issue)
	}
	return v
}

// upTo writes a number that was counted no further than many.
func (c chrome) upTo(n int64) string {
	if n >= action.Many {
		return c.T("desk.or_more", "n", int(n))
	}
	return c.Number(int(n))
}

// tens writes a number of people as a lower bound in full tens, by which nobody can be found.
func (c chrome) tens(n int) string {
	switch tens := undersigned.FullTens(int64(n)); {
	case n == 0:
		return c.Number(0)
	case tens == 0:
		return c.T("desk.fewer_than_ten")
	default:
		return c.T("desk.at_least", "n", int(tens))
	}
}

// deskActionView is one ask.
type deskActionView struct {
	deskChrome
	Public   string // its page
	Lang     string
	Kind     string
	Status   statusView
	HandOver string
	Moderate string // the page of what was signed; empty where nobody can sign it
	Facts    []fact
	Removed  []fact // by reason
	Hours    *seriesView
	Days     *seriesView
	Seats    *seatsView
	Sources  []sourceRow
	Signable bool
}

// seatsView is the number of signers by district, in full tens.
type seatsView struct {
	At   string // when they were counted
	Rows []seatRow
}

type seatRow struct{ Seat, AtLeast, Split string }

type sourceRow struct {
	Tag, Note, Link      string
	Confirmed, Now, Sent string
}

func newDeskAction(c deskChrome, content *undersigned.Content, a *undersigned.Action, n *action.Numbers, now time.Time) deskActionView {
	text, lang := a.Text(c.Lang(), content.Issue.Languages)
	v := deskActionView{deskChrome: c.named(text.Title), Lang: c.other(lang), Public: c.Link(actionPath(a)), Kind: kindName(c.chrome, a.Kind),
		Status: newStatus(c.chrome, content, a, now), Moderate: c.Link(moderatePath(a)), HandOver: c.Link(handedPath(a))}
	if n == nil {
		return v
	}
	v.Signable = true
	for _, number := range []struct{ key, value string }{
		{"desk.n.sent", c.Number(n.All.Pending)},
		{"desk.n.asked", c.Number(int(n.Asked))},
		{"desk.n.confirmed", c.Number(n.All.Confirmed)},
		{"desk.n.counted", c.Number(int(n.Public.Counted))},
		{"desk.n.waiting", c.upTo(n.Waiting)},
		{"desk.n.held", c.upTo(n.Held)},
		{"desk.n.withdrawn", c.Number(int(n.Tally.Withdrawn))},
		{"desk.n.erased", c.Number(int(n.Tally.Erased))},
		{"desk.n.shredded", c.Number(int(n.Tally.Shredded))},
		{"desk.n.removed", c.Number(int(n.Tally.Fraud))},
	} {
		v.Facts = append(v.Facts, fact{Label: c.T(number.key), Value: number.value})
	}
	for _, reason := range slices.Sorted(maps.Keys(n.Removed)) {
		v.Removed = append(v.Removed, fact{Label: c.T("review.reason." + reason), Value: c.Number(int(n.Removed[reason]))})
	}
	zone := zoneOf(&content.Issue)
	v.Hours, v.Days = hoursChart(c.chrome, n, zone, now), daysChart(c.chrome, n, zone, now)
	if n.Seats != nil {
		v.Seats = newSeats(c.chrome, n.Seats)
	}
	v.Sources = sourceRows(c.chrome, a, n)
	return v
}

func hoursChart(c chrome, n *action.Numbers, zone *time.Location, now time.Time) *seriesView {
	var periods []string
	var rows [][]int
	for at := now.Unix()/3600 - 47; at <= now.Unix()/3600; at++ {
		h := n.Hours[at]
		periods = append(periods, c.DateTime(time.Unix(at*3600, 0).In(zone)))
		rows = append(rows, []int{h.Pending, h.Confirmed, h.Held})
	}
	v := newSeries(c, "hours", c.T("desk.hours"), c.T("desk.hour"), []string{c.T("desk.series.sent"), c.T("desk.series.confirmed"), c.T("desk.series.held")}, periods, rows)
	return &v
}

func daysChart(c chrome, n *action.Numbers, zone *time.Location, now time.Time) *seriesView {
	sums := map[undersigned.Day][]int{}
	for at, h := range n.Hours {
		day := dayIn(time.Unix(at*3600, 0), zone)
		if sums[day] == nil {
			sums[day] = make([]int, 3)
		}
		for i, add := range []int{h.Pending, h.Confirmed, h.Held} {
			sums[day][i] += add
		}
	}
	var periods []string
	var rows [][]int
	for back := 89; back >= 0; back-- {
		day := dayIn(now.In(zone).AddDate(0, 0, -back), zone)
		row := sums[day]
		if row == nil {
			row = make([]int, 3)
		}
		periods, rows = append(periods, c.Day(day)), append(rows, row)
	}
	v := newSeries(c, "days", c.T("desk.days"), c.T("desk.day"), []string{c.T("desk.series.sent"), c.T("desk.series.confirmed"), c.T("desk.series.held")}, periods, rows)
	return &v
}

func newSeats(c chrome, counts *undersigned.SeatCounts) *seatsView {
	v := &seatsView{At: c.DateTime(counts.At.In(undersigned.Eastern))}
	at := map[string]int{}
	for _, s := range counts.Seats {
		i, known := at[s.Seat]
		if !known {
			i = len(v.Rows)
			at[s.Seat] = i
			v.Rows = append(v.Rows, seatRow{Seat: s.Seat})
		}
		if n := c.Number(int(s.AtLeast)); s.Split {
			v.Rows[i].Split = n
		} else {
			v.Rows[i].AtLeast = n
		}
	}
	return v
}

// sourceRows are the tags that are known, and those that were and have brought somebody.
func sourceRows(c chrome, a *undersigned.Action, n *action.Numbers) (rows []sourceRow) {
	row := func(tag, note string) sourceRow {
		sums, now := n.ByTag[tag], n.ByTagNow[tag]
		return sourceRow{Tag: tag, Note: note, Confirmed: c.tens(sums.Confirmed), Now: c.tens(now.Confirmed), Sent: c.tens(sums.Pending)}
	}
	known := map[string]bool{}
	for _, s := range n.Sources {
		known[s.Tag] = true
		r := row(s.Tag, s.Note)
		r.Link = c.URL(actionPath(a)) + "?" + sourceQuery + "=" + s.Tag
		rows = append(rows, r)
	}
	for _, tag := range slices.Sorted(maps.Keys(n.ByTag)) {
		if !known[tag] {
			rows = append(rows, row(tag, c.T("desk.source.gone")))
		}
	}
	return rows
}

// sourcesView lists the tags on links, with a form to add one.
type sourcesView struct {
	deskChrome
	Sources   []sourceEntry
	Tag, Note formInput
	Max       int
}

type sourceEntry struct{ Tag, Note, Since string }

func newSources(c deskChrome, sources []undersigned.Source) sourcesView {
	v := sourcesView{deskChrome: c.named(c.T("desk.sources")), Max: undersigned.MaxSources,
		Tag:  formInput{Name: "tag", Label: c.T("desk.source.tag"), Hint: c.T("desk.source.tag.hint"), Type: "text", Autocomplete: "off", Required: true},
		Note: formInput{Name: "note", Label: c.T("desk.source.note"), Type: "text", Autocomplete: "off", Required: true}}
	for _, s := range sources {
		v.Sources = append(v.Sources, sourceEntry{s.Tag, s.Note, c.Date(s.At.In(undersigned.Eastern))})
	}
	return v
}
