package undersigned

import (
	"testing"
	"time"
)

func TestOfficesAnswerFromNineToFiveOnWorkingDaysInWashington(t *testing.T) {
	for at, want := range map[string]struct {
		open    bool
		changes string
	}{
		"2026-11-23 08:59": {false, "2026-11-23 09:00"}, // a Monday
		"2026-11-23 09:00": {true, "2026-11-23 17:00"},
		"2026-11-23 16:59": {true, "2026-11-23 17:00"},
		"2026-11-23 17:00": {false, "2026-11-24 09:00"},
		"2026-11-27 18:00": {false, "2026-11-30 09:00"}, // Friday evening
		"2026-11-28 10:00": {false, "2026-11-30 09:00"},
		"2026-11-29 23:59": {false, "2026-11-30 09:00"},
		"2026-10-30 17:30": {false, "2026-11-02 09:00"}, // the clocks go back on that Sunday
		"2027-03-12 17:30": {false, "2027-03-15 09:00"}, // and forward
	} {
		now, err1 := time.ParseInLocation("2006-01-02 15:04", at, Eastern)
		changes, err2 := time.ParseInLocation("2006-01-02 15:04", want.changes, Eastern)
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		for _, zone := range []string{"HI", "MA", "GU"} { // wherever the clock is read
			if got := OfficesAt(now.In(ZoneOf(zone))); got.Open != want.open || !got.Changes.Equal(changes) {
				t.Errorf("%s: open %v until %s, want %v until %s", at, got.Open, got.Changes, want.open, changes)
			}
		}
	}
}

func TestEveryPlaceHasATimeOfItsOwn(t *testing.T) {
	noon := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	for state, hour := range map[string]int{"MA": 8, "IL": 7, "CO": 6, "AZ": 5, "CA": 5, "AK": 4, "HI": 2, "PR": 8, "GU": 22, "AS": 1, "??": 8} {
		if got := noon.In(ZoneOf(state)).Hour(); got != hour {
			t.Errorf("in %s it is %d o'clock, want %d", state, got, hour)
		}
	}
	for state := range zones {
		ZoneOf(state) // panics where there is no such zone
	}
}
