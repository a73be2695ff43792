package undersigned

import "testing"

func TestDoubtsOfAForm(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*SignatureForm)
		want   Doubt
	}{
		"an honest form":          {func(*SignatureForm) {}, 0},
		"the field nobody sees":   {func(f *SignatureForm) { f.Trap = "https://x.example" }, DoubtTrap},
		"a name with digits":      {func(f *SignatureForm) { f.GivenName = "Ana8841" }, DoubtWords},
		"a link in the comment":   {func(f *SignatureForm) { f.Comment = "see https://x.example" }, DoubtWords},
		"markup in the comment":   {func(f *SignatureForm) { f.Comment = "[URL=x]" }, DoubtWords},
		"a name in another hand":  {func(f *SignatureForm) { f.GivenName, f.FamilyName = "\u0645\u0631\u064a\u0645", "" }, 0},
		"a number in the comment": {func(f *SignatureForm) { f.Comment = "My brother was held for 14 months, 3 of them alone." }, 0},
		"everything":              {func(f *SignatureForm) { f.Trap, f.FamilyName = "x", "R2D2" }, DoubtTrap | DoubtWords},
	} {
		t.Run(name, func(t *testing.T) {
			form := SignatureForm{GivenName: "Ana", FamilyName: "Silva", Email: "ana@example.org", PostalCode: "02139", Country: "US"}
			test.change(&form)
			s, err := NewSignature(&Action{PID: "00000000000000aa", Version: 1}, form, "en", "2026-11-22")
			if err != nil {
				t.Fatal(err)
			}
			if s.Doubts != test.want {
				t.Errorf("doubts %q, want %q", s.Doubts, test.want)
			}
		})
	}
}

func TestDoubtsAreReadAsTheyAreWritten(t *testing.T) {
	var all Doubt
	for _, d := range Doubts {
		if again, ok := ParseDoubt(d.String()); !ok || again != d {
			t.Errorf("%q is read as %d, %v", d, again, ok)
		}
		all |= d
	}
	if _, ok := ParseDoubt(all.String()); ok || all.String() != "trap words throwaway domain brake" {
		t.Errorf("all of them are %q", all)
	}
}
