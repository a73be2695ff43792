package undersigned

import (
	"errors"
	"strings"
	"testing"
)

func TestUpdateTextIsPlainLinesWhateverWasPasted(t *testing.T) {
	for name, c := range map[string]struct{ subject, body, wantSubject, wantBody string }{
		"as it is":            {"It moves", "A *word*.\n\nMore.", "It moves", "A *word*.\n\nMore."},
		"from a word process": {" It\u00a0moves\t", "A\r\nb\u2028c\u00a0\r\n\r\n\r\n\r\nd\u200b", "It moves", "A\nb\nc\n\nd"},
		"marks that turn":     {"It \u202emoves\u2066", "A \u202eb", "It moves", "A b"},
		"Arabic and emoji":    {"مرحبا 🕯", "Olá", "مرحبا 🕯", "Olá"},
	} {
		if got, err := NewUpdateText(c.subject, c.body); err != nil || got != (UpdateText{c.wantSubject, c.wantBody}) {
			t.Errorf("%s: %+q, %v", name, got, err)
		}
	}
	for name, c := range map[string]struct{ subject, body, fields string }{
		"empty":              {" ", "\n", "subject error.subject.empty body error.update.empty"},
		"a line in a header": {"It moves\r\nBcc: everybody@example.org", "A", "subject error.subject.lines"},
		"zero bytes":         {"It\x00", "A\x00", "subject error.characters body error.characters"},
		"broken UTF-8":       {"It\xff", "A\xff", "subject error.characters body error.characters"},
		"too long":           {strings.Repeat("é", MaxSubject+1), strings.Repeat("é", MaxUpdate+1), "subject error.subject.long body error.update.long"},
	} {
		_, err := NewUpdateText(c.subject, c.body)
		var problem *Error
		if !errors.As(err, &problem) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var got []string
		for _, f := range problem.Fields {
			got = append(got, f.Field, f.Key)
		}
		if strings.Join(got, " ") != c.fields {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestUpdateGoesOnlyWhereItsStateLeads(t *testing.T) {
	leads := 0
	for _, from := range UpdateStates {
		for _, to := range UpdateStates {
			if from.Leads(to) {
				leads++
			}
			if from.Ended() && from.Leads(to) {
				t.Errorf("%s becomes %s", from, to)
			}
		}
		if from.Written() && (from == UpdateSending || from == UpdatePaused) {
			t.Errorf("%s can be changed after some have read it", from)
		}
	}
	if leads != 9 {
		t.Errorf("%d steps", leads)
	}
}

func TestUpdateStopsAtFivePercentOfBouncesAndThreeAtLeast(t *testing.T) {
	for _, c := range []struct {
		tally UpdateTally
		stops bool
	}{
		{UpdateTally{}, false},
		{UpdateTally{Sent: 2, Bounced: 2}, false},
		{UpdateTally{Sent: 3, Bounced: 3}, true},
		{UpdateTally{Refused: 3}, true},
		{UpdateTally{Sent: 38, Refused: 1, Bounced: 1}, false},
		{UpdateTally{Sent: 50, Bounced: 3}, true},
		{UpdateTally{Sent: 60, Bounced: 3}, true},
		{UpdateTally{Sent: 61, Bounced: 3}, false},
		{UpdateTally{Sent: 200, Bounced: 10}, true},
		{UpdateTally{Sent: 201, Bounced: 10}, false},
		{UpdateTally{Sent: 190, Refused: 10}, true},
		{UpdateTally{Sent: 900_000, Bounced: 44_999}, false},
		{UpdateTally{Sent: 900_000, Bounced: 45_000}, true},
		{UpdateTally{Sent: 100, Complained: 90, Left: 90}, false},
		{UpdateTally{Sent: 100, Bounced: 7, SeenBad: 5, SeenAll: 60}, false},
		{UpdateTally{Sent: 100, Bounced: 8, SeenBad: 5, SeenAll: 60}, true},
	} {
		if got := c.tally.TooManyBounces(); got != c.stops {
			t.Errorf("%+v: %v", c.tally, got)
		}
	}
}

func TestBouncesOfOneUpdateCountOnceAndThreeInARowSuppress(t *testing.T) {
	var b Bounces
	take := func(r Report, update byte, day Day, wantN int, wantSuppress, wantFresh bool) {
		t.Helper()
		after, suppress, fresh := b.Take(r, UpdateID{update}, day)
		if after.N != wantN || suppress != wantSuppress || fresh != wantFresh {
			t.Errorf("%d %v %v, want %d %v %v", after.N, suppress, fresh, wantN, wantSuppress, wantFresh)
		}
		b = after
	}
	take(SoftBounce, 1, "2026-11-01", 1, false, true)
	take(SoftBounce, 1, "2026-11-02", 1, false, false) // told twice
	take(SoftBounce, 2, "2026-11-03", 2, false, true)
	take(SoftBounce, 3, "2027-02-02", 1, false, true) // the others are long ago
	take(SoftBounce, 4, "2027-02-03", 2, false, true)
	take(SoftBounce, 5, "2027-02-04", 3, true, true)
	b = Bounces{}
	take(HardBounce, 1, "2026-11-01", 0, true, true)
	take(Complaint, 1, "2026-11-01", 0, true, true)
}

func TestUpdateIsReadInTheReadersLanguageOrTheIssuesFirst(t *testing.T) {
	u := &Update{Texts: map[string]UpdateText{"es": {"Hola", "Qué tal"}, "pt": {"Olá", "Tudo bem"}}}
	for lang, want := range map[string]string{"es": "es", "pt": "pt", "en": "pt", "xx": "pt", "": "pt"} {
		if text, in, ok := u.Text(lang, []string{"en", "pt", "es"}); !ok || in != want || text != u.Texts[want] {
			t.Errorf("%s: %s %v", lang, in, ok)
		}
	}
	if _, in, ok := u.Text("en", []string{"en"}); !ok || in != "es" {
		t.Errorf("an issue that has lost its languages: %s %v", in, ok)
	}
	if _, _, ok := (&Update{Cause: BillChanged}).Text("en", []string{"en"}); ok {
		t.Error("words that nobody has written")
	}
	if missing := u.Missing([]string{"en", "es"}); len(missing) != 1 || missing[0] != "en" {
		t.Errorf("missing: %v", missing)
	}
	if missing := (&Update{Cause: BillChanged}).Missing([]string{"en"}); missing != nil {
		t.Errorf("missing from our own words: %v", missing)
	}
}

func TestConsentIsNamedByItsVeryWords(t *testing.T) {
	a := Consent{Issue: "a", Language: "en", Words: "Yes."}
	for _, other := range []Consent{{"b", "en", "Yes."}, {"a", "es", "Yes."}, {"a", "en", "Yes!"}, {"a\nen", "", "Yes."}} {
		if other.ID() == a.ID() {
			t.Errorf("%+v has the same id", other)
		}
	}
	if a.ID() != (Consent{Issue: "a", Language: "en", Words: "Yes."}).ID() || len(a.ID().String()) != 16 {
		t.Error("the id changes")
	}
}
