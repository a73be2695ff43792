package undersigned

import (
	"strings"
	"testing"
)

func TestCorrectionSaysSomethingAndWhoSaysIt(t *testing.T) {
	for name, c := range map[string]struct {
		correction Correction
		want       string
	}{
		"a field":       {Correction{Email: " a@example.org ", Fields: map[string]string{"phone": "1"}}, ""},
		"a note":        {Correction{Email: "a@example.org", Note: "We have moved.\nTo Lowell."}, ""},
		"nothing":       {Correction{Email: "a@example.org", Note: " \n "}, "error.form; note: error.correction.nothing"},
		"nobody":        {Correction{Note: "x"}, "error.form; sender: error.email.empty"},
		"no address":    {Correction{Note: "x", Email: "a@b@c"}, "error.form; sender: error.email.form"},
		"a zero byte":   {Correction{Note: "x\x00", Email: "a@example.org"}, "error.form; note: error.characters"},
		"broken":        {Correction{Note: "x\xff", Email: "a@example.org"}, "error.form; note: error.characters"},
		"far too long":  {Correction{Note: strings.Repeat("é", MaxNote+1), Email: "a@example.org"}, "error.form; note: error.text.long"},
		"just not that": {Correction{Note: strings.Repeat("é", MaxNote), Email: "a@example.org"}, ""},
	} {
		err := CheckCorrection(&c.correction)
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestMailboxOfAnOrganizationsOwnDomain(t *testing.T) {
	for _, c := range []struct {
		email, url string
		want       bool
	}{
		{"a@dwn.example", "https://www.dwn.example/about", true},
		{"a@mail.dwn.example", "https://dwn.example", true},
		{"a@DWN.example", "https://action.dwn.example/", true},
		{"a@notdwn.example", "https://dwn.example/", false},
		{"a@gmail.example", "https://dwn.example/", false},
		{"a@dwn.example", "", false},
	} {
		if got := (&Correction{Email: c.email}).FromItself(&Organization{URL: c.url}); got != c.want {
			t.Errorf("%s and %s: %v", c.email, c.url, got)
		}
	}
}
