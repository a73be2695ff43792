package undersigned

import (
	"testing"
	"time"
)

func TestDayBeginsOnceWhereMidnightComesTwiceOrNever(t *testing.T) {
	for _, test := range []struct{ zone, day, begin, end string }{
		{"UTC", "9999-12-31", "9999-12-31T00:00:00Z", "10000-01-01T00:00:00Z"},
		{"America/New_York", "2026-03-08", "2026-03-08T00:00:00-05:00", "2026-03-09T00:00:00-04:00"},
		{"America/New_York", "2026-11-01", "2026-11-01T00:00:00-04:00", "2026-11-02T00:00:00-05:00"},
		{"America/Havana", "2026-03-07", "2026-03-07T00:00:00-05:00", "2026-03-08T01:00:00-04:00"},
		{"America/Havana", "2026-03-08", "2026-03-08T01:00:00-04:00", "2026-03-09T00:00:00-04:00"},
		{"America/Sao_Paulo", "2018-11-04", "2018-11-04T01:00:00-02:00", "2018-11-05T00:00:00-02:00"},
		{"America/Asuncion", "2023-10-01", "2023-10-01T01:00:00-03:00", "2023-10-02T00:00:00-03:00"},
		{"Asia/Beirut", "2022-03-27", "2022-03-27T01:00:00+03:00", "2022-03-28T00:00:00+03:00"},
		{"Asia/Amman", "2021-10-28", "2021-10-28T00:00:00+03:00", "2021-10-29T00:00:00+03:00"},
		{"Asia/Amman", "2021-10-29", "2021-10-29T00:00:00+03:00", "2021-10-30T00:00:00+02:00"},
		{"Pacific/Apia", "2011-12-29", "2011-12-29T00:00:00-10:00", "2011-12-31T00:00:00+14:00"},
	} {
		zone := mustZone(test.zone)
		day := Day(test.day)
		if begin, end := day.Begin(zone).Format(time.RFC3339), day.End(zone).Format(time.RFC3339); begin != test.begin || end != test.end {
			t.Errorf("%s in %s is from %s to %s, want %s to %s", day, test.zone, begin, end, test.begin, test.end)
		}
	}
	if !Day("").Begin(time.UTC).IsZero() || !Day("").End(time.UTC).IsZero() {
		t.Error("a day that is not known begins or ends")
	}
}
