package undersigned

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestSilenceLastsFromTheFirstHandoverThatNobodyAnswered(t *testing.T) {
	handed := func(days ...Day) (list []Handover) {
		for _, d := range days {
			list = append(list, Handover{Day: d})
		}
		return list
	}
	answered := func(days ...Day) (list []Answer) {
		for _, d := range days {
			list = append(list, Answer{Day: d})
		}
		return list
	}
	for name, c := range map[string]struct {
		of    Correspondence
		since Day
		days  int
		waits bool
	}{
		"nothing handed over":          {},
		"not answered":                 {Correspondence{Handovers: handed("2026-07-22")}, "2026-07-22", 123, true},
		"handed over twice":            {Correspondence{Handovers: handed("2026-07-22", "2026-11-01")}, "2026-07-22", 123, true},
		"today":                        {Correspondence{Handovers: handed("2026-11-22")}, "2026-11-22", 0, true},
		"answered":                     {Correspondence{Handovers: handed("2026-07-22"), Answers: answered("2026-08-01")}, "", 0, false},
		"answered on the same day":     {Correspondence{Handovers: handed("2026-07-22"), Answers: answered("2026-07-22")}, "", 0, false},
		"handed over after the answer": {Correspondence{Handovers: handed("2025-01-01", "2026-11-01", "2026-11-12"), Answers: answered("2025-02-01", "2026-03-01")}, "2026-11-01", 21, true},
		"over a change of the clocks":  {Correspondence{Handovers: handed("2026-10-31")}, "2026-10-31", 22, true},
		"a day that is still to come":  {Correspondence{Handovers: handed("2026-11-23")}, "2026-11-23", 0, true},
	} {
		if since, days, waits := c.of.Silence("2026-11-22"); since != c.since || days != c.days || waits != c.waits {
			t.Errorf("%s: since %q, %d days, waits %v", name, since, days, waits)
		}
	}
}

func TestAnAnswerKeepsItsWords(t *testing.T) {
	for text, want := range map[string]string{
		"\ufeffDear friends,\r\n\r\nthank you.\r\n": "Dear friends,\n\nthank you.",
		"<b>No.</b>": "<b>No.</b>",
		"=1+1\tÑ 日本": "=1+1\tÑ 日本",
		"old\rMac":   "old\nMac",
	} {
		if got, err := CleanAnswer(text); got != want || err != nil {
			t.Errorf("%q became %q: %v", text, got, err)
		}
	}
	for text, key := range map[string]string{
		"": "error.answer.empty", " \r\n\ufeff": "error.characters", "\n\n": "error.answer.empty", strings.Repeat("a", MaxAnswer+1): "error.answer.long",
		"a\x00b": "error.characters", "a\xffb": "error.characters", "safe \u202egnihtemos": "error.characters",
	} {
		_, err := CleanAnswer(text)
		var wrong *Error
		if !errors.As(err, &wrong) || wrong.Kind != Invalid || wrong.Fields[0].Field != "text" || wrong.Fields[0].Key != key {
			t.Errorf("%.20q: %v, want %s", text, err, key)
		}
	}
}

func TestADayThatWasIsNotInTheFuture(t *testing.T) {
	now := time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC) // still the 22nd in Washington
	for day, key := range map[Day]string{"2026-11-22": "", "1999-01-01": "", "2026-11-23": "error.day.future", "": "error.day", "2026-02-30": "error.day", "22.11.2026": "error.day"} {
		err := day.CheckDay(now)
		if (err == nil) != (key == "") || err != nil && !strings.Contains(err.Error(), key) {
			t.Errorf("%q: %v, want %q", day, err, key)
		}
	}
}
