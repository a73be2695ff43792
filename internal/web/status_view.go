package web

import (
	"html/template"
	"time"

	"github.com/undersigned/undersigned"
)

// statusView says in words what Decide decided.
type statusView struct {
	Open   bool
	Closed bool   // for good, as opposed to paused or not yet open
	Label  string // one word: Open, Closed, Paused …
	Why    string // a sentence; empty where it is open
	Since  string // "Closed on …"; empty where that is not known
	Until  string // "Open until …"; empty where nothing is known to end it
	Soon   bool   // that end is less than soon away
}

// soon is how long before its end readers are told that an ask will close, and what goes on after it.
const soon = 30 * 24 * time.Hour

func newStatus(c chrome, content *undersigned.Content, a *undersigned.Action, now time.Time) statusView {
	d := a.Decide(content.Bill(a.Bill), now)
	zone := zoneOf(&content.Issue)
	v := statusView{Open: d.Open(), Closed: d.State == undersigned.ActionClosed}
	switch {
	case v.Open:
		v.Label = c.T("status.open")
		if !d.Until.IsZero() {
			v.Until = c.T("status.until", "date", lastMoment(c, d.Until, zone))
			v.Soon = d.Until.Sub(now) < soon
		}
		return v
	case v.Closed:
		v.Label = c.T("status.closed")
	case d.State == undersigned.ActionPaused:
		v.Label = c.T("status.paused")
	default:
		v.Label = c.T("status.not_yet")
	}
	v.Why = c.T("closed."+string(d.Reason), "bill", a.Bill.Name(), "congress", c.Ordinal(a.Bill.Congress),
		"date", c.Date(d.Until.In(zone)), "since", c.Date(d.Since.In(zone)))
	if v.Closed && !d.Since.IsZero() {
		v.Since = c.T("status.since", "date", closedOn(c, d, zone))
	}
	return v
}

// lastMoment writes an end that is a midnight as the day before it: "open until 30 June" includes that day.
func lastMoment(c chrome, end time.Time, zone *time.Location) string {
	t := end.In(zone)
	if t.Hour() == 0 && t.Minute() == 0 {
		return c.Date(t.Add(-time.Second))
	}
	return c.DateTime(t)
}

// closedOn is the day an action closed. A closing date is the issue's; everything else happened in Washington.
func closedOn(c chrome, d undersigned.Decision, zone *time.Location) string {
	if d.Reason == undersigned.ReasonDate {
		return c.Date(d.Since.In(zone).Add(-time.Second))
	}
	return c.Date(d.Since.In(undersigned.Eastern))
}

// actionCard is an action as it stands in a list.
type actionCard struct {
	Kind       string
	Title, Ask string
	Lang       string
	Link       string
	Button     string // what pressing it does
	Owner      string // whose ask it is, where it is not ours
	Status     statusView
	Count      *countView
	Outcome    template.HTML
	Bill       *billLink
	Note       string // what a reader should know before following it
	Quiet      bool   // not the first thing to press
	Past       bool   // as it stood on another day: nothing to press
}

// billLink leads to a bill's page.
type billLink struct {
	Name   string // "H.R. 1932 (112th Congress)"
	Title  string
	Link   string // empty where we have no page of it
	Follow string // the words of a link to it
}

func newBillLink(c chrome, content *undersigned.Content, id undersigned.BillID) *billLink {
	if id == (undersigned.BillID{}) {
		return nil
	}
	v := &billLink{Name: billName(c, id)}
	v.Follow = c.T("bill.follow", "bill", v.Name)
	if bill := content.Bill(id); bill != nil {
		v.Title, v.Link = bill.Title, c.Link(billPath(id))
	}
	return v
}
