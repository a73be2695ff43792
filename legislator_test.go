package undersigned

import (
	"testing"
	"time"
)

func TestAZIPCodeHasFiveDigitsOrNine(t *testing.T) {
	for in, want := range map[string]string{
		"02138": "02138", " 02138 ": "02138", "02138-1234": "02138",
		"2138": "", "021381": "", "02138-": "", "02138-12": "", "0213a": "", "": "", "-1234": "", "０２１３８": "", "02138-1234-5": "",
	} {
		got, err := ParseZIP(in)
		if got != want {
			t.Errorf("ParseZIP(%q) = %q, want %q", in, got, want)
		}
		if want == "" && KindOf(err) != Invalid {
			t.Errorf("ParseZIP(%q): %v, want an Invalid error", in, err)
		}
	}
}

func TestDistrictsAreReadAsTheyAreWritten(t *testing.T) {
	for _, d := range []District{{"MA", 5}, {"WY", 0}, {"CA", 52}, {"PR", 0}} {
		got, err := ParseDistrict(d.String())
		if err != nil || got != d {
			t.Errorf("ParseDistrict(%q) = %v, %v", d.String(), got, err)
		}
	}
	for _, s := range []string{"", "MA", "MA-5", "ma-05", "MA-+5", "MA-005", "MAS-05", "MA-xx", "ÄA-05"} {
		if d, err := ParseDistrict(s); err == nil {
			t.Errorf("ParseDistrict(%q) = %v, want an error", s, d)
		}
	}
}

func TestDelegatesHaveNoSenators(t *testing.T) {
	if !(District{"PR", 0}).Delegate() || (District{"WY", 0}).Delegate() || HasSenators("") || !HasSenators("OH") {
		t.Error("delegates, at-large members and states are mixed up")
	}
}

func TestATermChangesAtNoonInWashington(t *testing.T) {
	term := Term{Chamber: House, Begin: "2025-01-03", End: "2027-01-03"}
	noon := time.Date(2027, 1, 3, 17, 0, 0, 0, time.UTC)
	if !term.RunsAt(noon.Add(-time.Second)) || term.RunsAt(noon) {
		t.Error("the term does not end at noon")
	}
	begin := time.Date(2025, 1, 3, 17, 0, 0, 0, time.UTC)
	if term.RunsAt(begin.Add(-time.Second)) || !term.RunsAt(begin) {
		t.Error("the term does not begin at noon")
	}
}
