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
func (d Day) Begin(zone *time.Location) time.Time {
	t, err := time.ParseInLocation(time.DateOnly, string(d), zone)
	if err != nil {
		return time.Time{}
	}
	return t
}

// End is the first moment after the day in the zone. Not 24 hours after its beginning: clocks change.
func (d Day) End(zone *time.Location) time.Time {
	t := d.Begin(zone)
	if t.IsZero() {
		return t
	}
	return time.Date(t.Year(), t.Month(), t.Day()+1, 0, 0, 0, 0, zone)
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
