package web

import (
	"sync"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
)

// countView is the number under a petition or pledge: what it counts, against which goal, and since when.
type countView struct {
	Sentence string // "1,234 people have signed"
	Number   string // as it stands in the sentence
	Counted  int64
	Goal     string // "Goal: 5,000"; empty where there is none
	Percent  int    // of the goal, 0 to 100
	Since    string // "As of"; empty with AsOf
	AsOf     string // empty before anything was counted
	AsOfTime string // for <time datetime>
	JSON     string // path of count.json
	Log      string // path of the page that lets anyone check the number
	Check    string // the words of the link to it
}

func newCount(c chrome, a *undersigned.Action, count store.Count, zone *time.Location) *countView {
	n := int(count.Counted)
	v := &countView{Counted: count.Counted, Number: c.Number(n), JSON: c.Link("/" + a.Issue + "/" + a.Slug + "/count.json"),
		Log: c.Link("/log"), Check: c.T("count.check")}
	switch {
	case n == 0:
		v.Sentence = c.T("count.none")
	case a.Kind == undersigned.Pledge:
		v.Sentence = c.N("count.pledged", n)
	default:
		v.Sentence = c.N("count.signed", n)
	}
	if a.Goal > 0 {
		v.Goal = c.T("count.goal", "goal", a.Goal)
		v.Percent = min(100, n*100/a.Goal)
		if n > 0 && v.Percent == 0 {
			v.Percent = 1 // the first signature is seen
		}
	}
	if !count.AsOf.IsZero() {
		v.Since = c.T("count.as_of")
		v.AsOf = c.DateTime(count.AsOf.In(zone))
		v.AsOfTime = count.AsOf.UTC().Format(time.RFC3339)
	}
	return v
}

// zones are those that issues have named, by name: time.LoadLocation reads and parses a file each time.
var zones sync.Map

// zoneOf is the zone of an issue, in which its days begin and end.
func zoneOf(issue *undersigned.Issue) *time.Location {
	if zone, ok := zones.Load(issue.Timezone); ok {
		return zone.(*time.Location)
	}
	zone, err := time.LoadLocation(issue.Timezone)
	if err != nil || issue.Timezone == "" {
		return undersigned.Eastern
	}
	zones.Store(issue.Timezone, zone)
	return zone
}
