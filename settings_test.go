package undersigned

import (
	"errors"
	"strings"
	"testing"
)

// The ratios are those of WCAG's own examples and of what everybody's calculator says.
func TestContrastIsThatOfTheStandard(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want float64
	}{
		{"#000000", "#ffffff", 21}, {"#ffffff", "#ffffff", 1}, {"#777777", "#ffffff", 4.4}, {"#767676", "#ffffff", 4.5},
		{"#ff0000", "#ffffff", 3.9}, {"#1f3a6e", "#ffffff", 11.1}, {"#a9c1f5", "#16181d", 9.8},
	} {
		a, ok := ParseColor(test.a)
		b, ok2 := ParseColor(test.b)
		if got := Ratio(a.Contrast(b)); !ok || !ok2 || got != test.want || got != Ratio(b.Contrast(a)) {
			t.Errorf("%s on %s: %v, want %v", test.a, test.b, got, test.want)
		}
	}
	for _, wrong := range []string{"", "#fff", "1f3a6e0", "#1f3a6g", "#+1f3a6", "#1f3a6e ", "red"} {
		if _, ok := ParseColor(wrong); ok {
			t.Errorf("%q is taken for a colour", wrong)
		}
	}
}

func TestNearestColourCanBeReadOnEveryGround(t *testing.T) {
	for r := 0; r < 256; r += 51 {
		for g := 0; g < 256; g += 51 {
			for b := 0; b < 256; b += 51 {
				c := Color{uint8(r), uint8(g), uint8(b)}
				for _, grounds := range [][]Color{LightGrounds, DarkGrounds} {
					near := c.Readable(grounds)
					if near.LeastContrast(grounds) < MinContrast {
						t.Errorf("%s becomes %s, which cannot be read on %s", c, near, grounds[0])
					}
					if c.LeastContrast(grounds) >= MinContrast && near != c {
						t.Errorf("%s could be read, and becomes %s", c, near)
					}
				}
			}
		}
	}
}

func TestSettingsAreReadFromText(t *testing.T) {
	languages := []string{"en", "es", "pt"}
	for _, test := range []struct {
		name, value, want, key string
	}{
		{"name", "  Shelter \n now ", "Shelter now", ""},
		{"name", strings.Repeat("é", MaxSiteName), strings.Repeat("é", MaxSiteName), ""},
		{"name", strings.Repeat("é", MaxSiteName+1), "", "error.site_name.long"},
		{"name", "a\u202eb", "", "error.characters"},
		{"name", "\xff", "", "error.characters"},
		{"accent", "#7A1F2B", "#7a1f2b", ""},
		{"accent", "#ffcc00", "", "error.accent.light"},
		{"accent", "red", "", "error.accent"},
		{"accent-dark", "#ffcc00", "#ffcc00", ""},
		{"accent-dark", "#7a1f2b", "", "error.accent.dark"},
		{"languages", "es, en es", "es,en", ""},
		{"languages", "es,xx", "", "error.language"},
		{"geocoder", "on", "on", ""},
		{"geocoder", "yes", "", "error.setting.switch"},
		{"notices", "office@cause.example", "office@cause.example", ""},
		{"notices", "office", "", "error.email.form"},
		{"guide", "left", "left", ""},
		{"guide", "right", "", "error.setting.guide"},
		{"logo", "x.png", "", "error.logo"},
	} {
		var s Settings
		err := s.Set(test.name, test.value, languages)
		var wrong *Error
		switch {
		case test.key == "":
			if err != nil || s.Get(test.name) != test.want {
				t.Errorf("%s %q: %q, %v", test.name, test.value, s.Get(test.name), err)
			}
			if err := s.Set(test.name, "", languages); err != nil || s.Get(test.name) != "" {
				t.Errorf("%s cannot be unset: %v", test.name, err)
			}
		case !errors.As(err, &wrong) || wrong.Kind != Invalid || wrong.Fields[0].Field != test.name || wrong.Fields[0].Key != test.key:
			t.Errorf("%s %q: %v, want %s", test.name, test.value, err, test.key)
		}
	}
	if KindOf((&Settings{}).Set("nonsense", "x", languages)) != NotFound {
		t.Error("there is no such setting")
	}
	for _, name := range SettingNames {
		if err := (&Settings{}).Set(name, "", nil); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestOneAccentFollowsFromTheOther(t *testing.T) {
	for _, s := range []Settings{{Accent: "#7a1f2b"}, {AccentDark: "#ffcc00"}, {Accent: "#7a1f2b", AccentDark: "#ffcc00"}} {
		light, dark, ok := s.Accents()
		if !ok || light.LeastContrast(LightGrounds) < MinContrast || dark.LeastContrast(DarkGrounds) < MinContrast ||
			s.Accent != "" && light.String() != s.Accent || s.AccentDark != "" && dark.String() != s.AccentDark {
			t.Errorf("%+v: %s and %s", s, light, dark)
		}
	}
	if _, _, ok := (&Settings{}).Accents(); ok {
		t.Error("an accent out of nothing")
	}
}

func FuzzSettings(f *testing.F) {
	f.Add("accent", "#ffcc00")
	f.Add("languages", "es,en")
	f.Fuzz(func(t *testing.T, name, value string) {
		var s Settings
		if s.Set(name, value, []string{"en", "es"}) != nil {
			return
		}
		kept := s.Get(name)
		var again Settings
		if err := again.Set(name, kept, []string{"en", "es"}); name != SettingLogo && (err != nil || again.Get(name) != kept) {
			t.Errorf("%s %q is kept as %q, which is not taken: %v", name, value, kept, err)
		}
	})
}
