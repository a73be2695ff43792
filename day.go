package undersigned

import (
	"fmt"
	"time"

	// The zones are part of the program: a minimal container has none, and deadlines would move.
	_ "time/tzdata"
)

// Day is a calendar day, written YYYY-MM-DD; empty where it is not known.
type Day string

// ParseDay reads YYYY-MM-DD and refuses days that do not exist.
func ParseDay(s string) (Day, error) {
	if _, err := time.Parse(time.DateOnly, s); err != nil {
		return "", fmt.Errorf("%q is not a day written YYYY-MM-DD", s)
	}
	return Day(s), nil
}

// DayOf is the day of t in UTC.
func DayOf(t time.Time) Day { return Day(t.UTC().Format(time.DateOnly)) }

// Begin is the first moment of the day in the zone; the zero time for an empty Day.
func (d Day) Begin(zone *time.Location) time.Time { return d.begin(zone, 0) }

// End is the first moment after the day in the zone. Not 24 hours after its beginning: clocks change.
func (d Day) End(zone *time.Location) time.Time { return d.begin(zone, 1) }

// begin is the first moment of the day so many days later. Midnight may come twice, or never: clocks are changed at it.
func (d Day) begin(zone *time.Location, later int) time.Time {
	midnight, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return time.Time{}
	}
	midnight = midnight.AddDate(0, 0, later)
	for since := midnight.Add(-26 * time.Hour).In(zone); ; { // no zone is that far from UTC
		_, offset := since.Zone()
		_, until := since.ZoneBounds()
		switch t := midnight.Add(-time.Duration(offset) * time.Second).In(zone); {
		case t.Before(since):
			return since
		case until.IsZero() || t.Before(until):
			return t
		}
		since = until
	}
}

// Plus is the day so many days later; empty for an empty Day.
func (d Day) Plus(days int) Day {
	t := d.Begin(time.UTC)
	if t.IsZero() {
		return ""
	}
	return DayOf(t.AddDate(0, 0, days))
}

// Eastern is the time of Washington, by which Congress ends, and the zone of an issue that names none.
var Eastern = mustZone("America/New_York")

func mustZone(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		panic(err) // embedded above: cannot fail in a program that links
	}
	return zone
}
