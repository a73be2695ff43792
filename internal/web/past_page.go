package web

import (
	"slices"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
)

// pastView is the page of an issue with its asks as they stood, or will stand, on another day: Decide for that day, and
// nothing to submit.
type pastView struct {
	chrome
	Heading, Lang string
	Banner        string
	Today         string // path of the page as it is
	Days          []dayLink
	Open, Closed  []actionCard
}

// dayLink is a stop on the way through time.
type dayLink struct {
	Date    string
	Day     string // as in the query
	Link    string
	What    string // what happened
	Current bool
}

func newPast(c chrome, content *undersigned.Content, day undersigned.Day, now time.Time) pastView {
	text, lang := content.Issue.Text(c.Lang())
	date := c.Day(day)
	v := pastView{chrome: c.inIssue(content).titled(c.T("past.title", "title", text.Title, "date", date), ""), Heading: text.Title,
		Lang: c.other(lang), Today: c.Link("/" + content.Issue.Slug), Days: newDays(c, content, day, now)}
	v.Banner = c.T("past.banner", "date", date)
	if day > dayIn(now, zoneOf(&content.Issue)) {
		v.Banner = c.T("past.banner_future", "date", date)
	}
	moment := day.End(zoneOf(&content.Issue)).Add(-time.Microsecond)
	for i := range content.Actions {
		a := &content.Actions[i]
		d := a.Decide(content.Bill(a.Bill), moment)
		if d.State == undersigned.ActionDraft {
			continue
		}
		card := newActionCard(c, content, a, store.Count{}, moment)
		card.Past, card.Count, card.Note = true, nil, ""
		if card.Status.Closed {
			v.Closed = append(v.Closed, card)
		} else {
			v.Open = append(v.Open, card)
		}
	}
	return v
}

// newDays are the days that mattered: when a bill of ours was introduced, when an ask closed or will close, and today.
// After a closing at an hour of the day comes the day after it where that is still to come.
func newDays(c chrome, content *undersigned.Content, current undersigned.Day, now time.Time) []dayLink {
	zone := zoneOf(&content.Issue)
	today := dayIn(now, zone)
	days := map[undersigned.Day]string{today: c.T("past.today")}
	add := func(day undersigned.Day, what string) {
		if _, taken := days[day]; !taken && day != "" {
			days[day] = what
		}
	}
	for i := range content.Actions {
		a := &content.Actions[i]
		bill := content.Bill(a.Bill)
		if bill == nil || a.State == undersigned.ActionDraft {
			continue
		}
		add(bill.Introduced, c.T("past.introduced", "bill", bill.Name()))
		d := a.Decide(bill, now)
		switch {
		case d.State == undersigned.ActionClosed && !d.Since.IsZero():
			add(dayIn(d.Since, zone), c.T("closed."+string(d.Reason), "bill", bill.Name(), "congress", c.Ordinal(bill.Congress)))
		case !d.Until.IsZero():
			add(dayIn(d.Until.AddDate(0, 0, 1), zone), c.T("past.ended", "congress", c.Ordinal(bill.Congress)))
		}
	}
	var links []dayLink
	for day, what := range days {
		link := c.Link("/"+content.Issue.Slug) + "?on=" + string(day)
		if day == today {
			link = c.Link("/" + content.Issue.Slug)
		}
		links = append(links, dayLink{Date: c.Day(day), Day: string(day), Link: link, What: what, Current: day == current})
	}
	slices.SortFunc(links, func(a, b dayLink) int {
		if a.Day < b.Day {
			return -1
		}
		return 1
	})
	return links
}

func dayIn(t time.Time, zone *time.Location) undersigned.Day {
	return undersigned.Day(t.In(zone).Format(time.DateOnly))
}
