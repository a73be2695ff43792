package undersigned

import "time"

// OfficeHours are when the offices in Washington answer: Monday to Friday, 9 to 5 there. Members set their own; most keep
// at least these. Holidays are not known here.
type OfficeHours struct {
	Open    bool
	Changes time.Time // when they close or open next, in the time of Washington
}

const opensAt, closesAt = 9, 17

// OfficesAt says whether the offices in Washington answer at now.
func OfficesAt(now time.Time) OfficeHours {
	t := now.In(Eastern)
	at := func(days, hour int) time.Time {
		return time.Date(t.Year(), t.Month(), t.Day()+days, hour, 0, 0, 0, Eastern)
	}
	works := func(days int) bool {
		day := at(days, 12).Weekday()
		return day != time.Saturday && day != time.Sunday
	}
	if works(0) && t.Before(at(0, opensAt)) {
		return OfficeHours{Changes: at(0, opensAt)}
	}
	if works(0) && t.Before(at(0, closesAt)) {
		return OfficeHours{Open: true, Changes: at(0, closesAt)}
	}
	next := 1
	for !works(next) {
		next++
	}
	return OfficeHours{Changes: at(next, opensAt)}
}

// zones are the time zones of states and territories: of the greater part of the people, where there are two.
var zones = map[string]string{
	"AL": "America/Chicago", "AK": "America/Anchorage", "AZ": "America/Phoenix", "AR": "America/Chicago", "CA": "America/Los_Angeles",
	"CO": "America/Denver", "HI": "Pacific/Honolulu", "ID": "America/Boise", "IL": "America/Chicago", "IA": "America/Chicago",
	"KS": "America/Chicago", "LA": "America/Chicago", "MN": "America/Chicago", "MS": "America/Chicago", "MO": "America/Chicago",
	"MT": "America/Denver", "NE": "America/Chicago", "NV": "America/Los_Angeles", "NM": "America/Denver", "ND": "America/Chicago",
	"OK": "America/Chicago", "OR": "America/Los_Angeles", "SD": "America/Chicago", "TN": "America/Chicago", "TX": "America/Chicago",
	"UT": "America/Denver", "WA": "America/Los_Angeles", "WI": "America/Chicago", "WY": "America/Denver",
	"AS": "Pacific/Pago_Pago", "GU": "Pacific/Guam", "MP": "Pacific/Guam", "PR": "America/Puerto_Rico", "VI": "America/Puerto_Rico",
}

// ZoneOf is the time of a state or territory; that of Washington for all that are not on the list.
func ZoneOf(state string) *time.Location {
	if name, ok := zones[state]; ok {
		return mustZone(name)
	}
	return Eastern
}
