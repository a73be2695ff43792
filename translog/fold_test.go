package translog

import (
	"errors"
	"reflect"
	"strings"
	"testing"
)

// script turns lines such as "sign A 1", "void A 2 dup" into entries; hashes
// are filled in.
func script(t *testing.T, lines string) [][]byte {
	t.Helper()
	names := strings.NewReplacer(" A", " "+pidA.String(), " B", " "+pidB.String())
	var entries [][]byte
	for i, l := range strings.Split(lines, ";") {
		l = names.Replace(strings.TrimSpace(l))
		if strings.HasPrefix(l, "sign ") || strings.HasPrefix(l, "open ") {
			l += " " + testHash(i).String()
		}
		if strings.HasPrefix(l, "open ") {
			l += " -"
		}
		entries = append(entries, []byte(entryHeader+l+"\n"))
	}
	return entries
}

func TestFoldCountsEachState(t *testing.T) {
	var f Fold
	for _, e := range script(t, `open A 1; sign A 1; sign A 1; sign A 1; sign A 1; sign A 1;
		open B 1; sign B 1; open A 2; sign A 1; sign A 2;
		void A 1 withdrawn; void A 2 erased; void A 3 bot; void A 4 dup; restore A 4; shred A 5;
		tally A 17 4 1 1 1 1; tally B 18 1 0 0 0 0`) {
		if err := f.Add(e); err != nil {
			t.Fatal(err)
		}
	}
	want := []Petition{
		{
			PID: pidA, Counts: Counts{Counted: 4, Withdrawn: 1, Erased: 1, Fraud: 1, Shredded: 1},
			Voided:   map[Reason]int64{ReasonWithdrawn: 1, ReasonErased: 1, ReasonBot: 1},
			Versions: []Version{{Text: testHash(0)}, {Text: testHash(8)}},
		},
		{PID: pidB, Counts: Counts{Counted: 1}, Voided: map[Reason]int64{}, Versions: []Version{{Text: testHash(6)}}},
	}
	if got := f.Petitions(); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	for index, want := range map[int64]SignState{
		1: {PID: pidA, Voided: ReasonWithdrawn}, 3: {PID: pidA, Voided: ReasonBot}, 4: {PID: pidA},
		5: {PID: pidA, Shredded: true}, 7: {PID: pidB},
	} {
		if got, ok := f.Sign(index); !ok || got != want {
			t.Errorf("sign %d is %+v, %v; want %+v", index, got, ok, want)
		}
	}
	for _, index := range []int64{-1, 0, 6, 11, 19} {
		if got, ok := f.Sign(index); ok {
			t.Errorf("entry %d is taken for a sign: %+v", index, got)
		}
	}
}

func TestFoldAllowsWhatTheRulesAllow(t *testing.T) {
	for _, lines := range []string{
		"open A 1; close A; open B 1; sign B 1",
		"open A 1; open A 2; sign A 1; sign A 2",
		"open A 1; sign A 1; close A; void A 1 withdrawn",
		"open A 1; sign A 1; void A 1 bot; close A; restore A 1; shred A 1",
		"open A 1; sign A 1; void A 1 bot; restore A 1; void A 1 dup; restore A 1; tally A 6 1 0 0 0 0",
		"open A 1; sign A 1; shred A 1; tally A 3 1 0 0 0 1; void A 1 bot; tally A 5 0 0 0 1 0; restore A 1; tally A 7 1 0 0 0 1",
		"open A 1; sign A 1; void A 1 legal; shred A 1; restore A 1; tally A 5 1 0 0 0 1",
		"open A 1; sign A 1; shred A 1; void A 1 withdrawn; tally A 4 0 1 0 0 0",
		"open A 1; sign A 1; close A; destroy A; tally A 4 1 0 0 0 0; open B 1; sign B 1",
		"open A 1; tally A 1 0 0 0 0 0",
	} {
		var f Fold
		for _, e := range script(t, lines) {
			if err := f.Add(e); err != nil {
				t.Errorf("%s: %v", lines, err)
			}
		}
	}
}

// In each log only the last entry breaks a rule.
func TestFoldRefusesWhatTheRulesForbid(t *testing.T) {
	for lines, reason := range map[string]string{
		"sign A 1":                                   "sign before open",
		"open A 1; sign B 1":                         "sign before open",
		"tally A 0 0 0 0 0 0":                        "tally before open",
		"close A":                                    "close before open",
		"destroy A":                                  "destroy before open",
		"void A 0 dup":                               "void before open",
		"open A 2":                                   "open of a version",
		"open A 1; open A 1":                         "open of a version",
		"open A 1; open A 3":                         "open of a version",
		"open A 1; open B 2":                         "open of a version",
		"open A 1; close A; open A 2":                "open after close",
		"open A 1; close A; sign A 1":                "sign after close",
		"open A 1; close A; close A":                 "close after close",
		"open A 1; destroy A":                        "destroy before close",
		"open A 1; sign A 2":                         "sign of a version",
		"open A 1; void A 0 dup":                     "not an earlier sign",
		"open A 1; void A 1 dup":                     "not an earlier sign",
		"open A 1; sign A 1; open B 1; void B 1 dup": "not an earlier sign",
		"open A 1; sign A 1; void A 2 dup":           "not an earlier sign",
		"open A 1; sign A 1; void A 1152921504606846976 dup":                "not an earlier sign",
		"open A 1; sign A 1; void A 1 dup; void A 1 withdrawn":              "void of a sign that is not counted",
		"open A 1; sign A 1; void A 1 erased; void A 1 dup":                 "void of a sign that is not counted",
		"open A 1; sign A 1; restore A 1":                                   "restore of a sign that is not voided as fraud",
		"open A 1; sign A 1; void A 1 withdrawn; restore A 1":               "restore of a sign that is not voided as fraud",
		"open A 1; sign A 1; void A 1 erased; restore A 1":                  "restore of a sign that is not voided as fraud",
		"open A 1; sign A 1; void A 1 dup; restore A 1; restore A 1":        "restore of a sign that is not voided as fraud",
		"open A 1; restore A 0":                                             "not an earlier sign",
		"open A 1; shred A 0":                                               "not an earlier sign",
		"open A 1; sign A 1; shred A 1; shred A 1":                          "shredded already",
		"open A 1; sign A 1; void A 1 withdrawn; shred A 1":                 "withdrawn or erased",
		"open A 1; sign A 1; tally A 2 2 0 0 0 0":                           "tally that differs",
		"open A 1; sign A 1; shred A 1; tally A 3 1 0 0 0 0":                "tally that differs",
		"open A 1; sign A 1; tally A 1 1 0 0 0 0":                           "tally of another size",
		"open A 1; sign A 1; tally A 3 1 0 0 0 0":                           "tally of another size",
		"open A 1; close A; destroy A; destroy A":                           "destroy after destroy",
		"open A 1; sign A 1; close A; destroy A; void A 1 dup":              "void after destroy",
		"open A 1; sign A 1; void A 1 dup; close A; destroy A; restore A 1": "restore after destroy",
		"open A 1; sign A 1; close A; destroy A; shred A 1":                 "shred after destroy",
		"open A 1; vote A 1":                                                "unknown kind",
	} {
		var f Fold
		entries := script(t, lines)
		for i, e := range entries {
			err := f.Add(e)
			var invalid *InvalidError
			switch {
			case i < len(entries)-1 && err != nil:
				t.Errorf("%s: entry %d: %v", lines, i, err)
			case i == len(entries)-1 && (!errors.As(err, &invalid) || invalid.Index != int64(i) || !strings.Contains(invalid.Reason, reason)):
				t.Errorf("%s: got %v, want %q at %d", lines, err, reason, i)
			}
		}
	}
}

func TestFoldStaysInvalid(t *testing.T) {
	var f Fold
	entries := script(t, "open A 1; sign A 2; sign A 1")
	if err := f.Add(entries[0]); err != nil {
		t.Fatal(err)
	}
	first := f.Add(entries[1])
	if again := f.Add(entries[2]); first == nil || again != first {
		t.Errorf("after %v an entry that was allowed gives %v", first, again)
	}
	if f.Size() != 1 || f.Petitions()[0].Counts != (Counts{}) {
		t.Errorf("what is not allowed was counted: %+v", f.Petitions())
	}
}
