package locale

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/undersigned/undersigned"
)

// sample is a catalogue of three languages, one of them read from right to left.
func sample(t *testing.T) *Catalogue {
	t.Helper()
	head := func(dir, tag string) string { return `"language.dir": "` + dir + `", "language.tag": "` + tag + `"` }
	c, err := Read(fstest.MapFS{
		"en.json": {Data: []byte(`{` + head("ltr", "en-US") + `, "x.hi": "Dear {name}, about {title}",
			"x.signed": {"one": "{n} signature", "other": "{n} signatures of {goal}"}}`)},
		"es.json": {Data: []byte(`{` + head("ltr", "es-US") + `, "x.hi": "{title}: {name}",
			"x.signed": {"one": "{n} firma", "many": "{n} de firmas", "other": "{n} firmas de {goal}"}}`)},
		"ar.json": {Data: []byte(`{` + head("rtl", "ar") + `, "x.hi": "{name}",
			"x.signed": {"zero": "z", "one": "o", "two": "t", "few": "f", "many": "m", "other": "x"}}`)},
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestMessageWithPlaceholders(t *testing.T) {
	c := sample(t)
	tests := []struct {
		lang string
		args []any
		want string
	}{
		{"en", []any{"name", "Ana", "title", "Law"}, "Dear Ana, about Law"},
		{"es", []any{"name", "Ana", "title", "Law"}, "Law: Ana"},
		{"fr", []any{"name", "Ana", "title", "Law"}, "Dear Ana, about Law"}, // English stands in
		{"en", []any{"name", 12345, "title", undersigned.Day("2027-01-03")}, "Dear 12,345, about 2027-01-03"},
		{"en", []any{"name", 4.4, "title", 21.0}, "Dear 4.4, about 21.0"},
		{"en", []any{"name", "{title}", "title", "{name}"}, "Dear {title}, about {name}"}, // values are not expanded
		{"en", []any{"name"}, "Dear {name}, about {title}"},
	}
	for _, tt := range tests {
		if got := c.Locale(tt.lang).T("x.hi", tt.args...); got != tt.want {
			t.Errorf("%s %v: %q, want %q", tt.lang, tt.args, got, tt.want)
		}
	}
}

func TestPluralForms(t *testing.T) {
	c := sample(t)
	tests := []struct {
		lang string
		n    int
		want string
	}{
		{"en", 0, "0 signatures of 9"},
		{"en", 1, "1 signature"},
		{"en", -1, "-1 signature"},
		{"en", 1_000_000, "1,000,000 signatures of 9"},
		{"es", 1, "1 firma"},
		{"es", 999_999, "999,999 firmas de 9"},
		{"es", 1_000_000, "1,000,000 de firmas"},
		{"es", 1_000_001, "1,000,001 firmas de 9"},
		{"es", 20_000_000, "20,000,000 de firmas"},
		{"ar", 0, "z"}, {"ar", 1, "o"}, {"ar", 2, "t"}, {"ar", 3, "f"}, {"ar", 11, "m"}, {"ar", 100, "x"},
	}
	for _, tt := range tests {
		if got := c.Locale(tt.lang).N("x.signed", tt.n, "goal", 9); got != tt.want {
			t.Errorf("%s %d: %q, want %q", tt.lang, tt.n, got, tt.want)
		}
	}
}

func TestPluralLeavesTheCallersArgumentsAlone(t *testing.T) {
	args := append(make([]any, 0, 4), "goal", 9)
	sample(t).Locale("en").N("x.signed", 5, args...)
	if rest := args[:4][2]; rest != nil {
		t.Errorf("N wrote %v behind its arguments", rest)
	}
}

func TestOrdinals(t *testing.T) {
	c := Load()
	for n, want := range map[int]string{1: "1st", 2: "2nd", 3: "3rd", 11: "11th", 112: "112th", 119: "119th", 1121: "1121st"} {
		if got := c.Locale("en").Ordinal(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
	if got := c.Locale("es").Ordinal(119); got != "119.º" {
		t.Errorf("Spanish: %q", got)
	}
}

func TestDatesAndTimes(t *testing.T) {
	noon := time.Date(2027, 1, 3, 12, 0, 0, 0, undersigned.Eastern)
	night := time.Date(2026, 7, 4, 0, 5, 0, 0, undersigned.Eastern)
	c := Load()
	tests := []struct{ got, want string }{
		{c.Locale("en").Date(noon), "January 3, 2027"},
		{c.Locale("es").Date(noon), "3 de enero de 2027"},
		{c.Locale("en").DateTime(noon), "January 3, 2027 at 12:00 PM EST"},
		{c.Locale("en").DateTime(night), "July 4, 2026 at 12:05 AM EDT"},
		{c.Locale("en").DateTime(noon.UTC()), "January 3, 2027 at 5:00 PM UTC"},
		{c.Locale("es").DateTime(noon), "3 de enero de 2027, 12:00 p. m. EST"},
		{c.Locale("en").Day("2026-11-22"), "November 22, 2026"},
		{c.Locale("es").Day("2026-11-22"), "22 de noviembre de 2026"},
		{c.Locale("en").Day(""), ""},
		{c.Locale("en").Day("2027-01-01"), "January 1, 2027"},
		{c.Locale("es").Day("2027-01-01"), "1 de enero de 2027"},
		{c.Locale("pt").Day("2027-01-01"), "1º de janeiro de 2027"},
	}
	for _, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("%q, want %q", tt.got, tt.want)
		}
	}
}

func TestFractionAmongTheValuesIsWrittenAsTheLanguageDoes(t *testing.T) {
	if got := Load().Locale("pt").T("settings.contrast", "ratio", 4.4); !strings.HasPrefix(got, "contraste 4,4 para 1;") {
		t.Error(got)
	}
}

func TestLanguagesNameThemselves(t *testing.T) {
	c := Load()
	if got := strings.Join(c.Languages()[:2], " "); got != "en es" {
		t.Errorf("languages: %s", got)
	}
	for lang, name := range map[string]string{"en": "English", "es": "Español"} {
		l := c.Locale(lang)
		if !c.Has(lang) || l.Lang() != lang || l.Name() != name || l.Dir() != "ltr" {
			t.Errorf("%s: %q %q %q", lang, l.Lang(), l.Name(), l.Dir())
		}
	}
	if sample(t).Locale("ar").Dir() != "rtl" {
		t.Error("Arabic does not run from right to left")
	}
}

func TestMatchAcceptLanguage(t *testing.T) {
	c := Load()
	for header, want := range map[string]string{
		"":                               "en",
		"es":                             "es",
		"es-MX,es;q=0.9,en;q=0.8":        "es",
		"de-DE,de;q=0.9,es;q=0.5":        "es",
		"de":                             "en",
		"en-GB,es;q=0.9":                 "en",
		"*":                              "en",
		";;;=q,\x00":                     "en",
		"es," + strings.Repeat("x", 1e6): "es",
		strings.Repeat("-", 1e6):         "en",
	} {
		if got := c.Match(header).Lang(); got != want {
			t.Errorf("%.40q: %s, want %s", header, got, want)
		}
	}
}

func TestMissingKeyFailsInTests(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a missing key went unnoticed")
		}
	}()
	Load().Locale("en").T("no.such.key")
}

func TestBrokenFilesAreRefused(t *testing.T) {
	const head = `"language.tag": "en-US"`
	for name, text := range map[string]string{
		"not JSON":         `{`,
		"a number":         `{` + head + `, "x.y": 7}`,
		"unknown form":     `{` + head + `, "x.y": {"other": "a", "lots": "b"}}`,
		"no other":         `{` + head + `, "x.y": {"one": "a"}}`,
		"stray brace":      `{` + head + `, "x.y": "a {b"}`,
		"bad placeholder":  `{` + head + `, "x.y": "a {B c}"}`,
		"no language.tag":  `{"x.y": "a"}`,
		"bad language.tag": `{"language.tag": "!!"}`,
	} {
		if _, err := Read(fstest.MapFS{"en.json": {Data: []byte(text)}}); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := Read(fstest.MapFS{"es.json": {Data: []byte(`{` + head + `}`)}}); err == nil {
		t.Error("a catalogue without English: accepted")
	}
}

func FuzzExpand(f *testing.F) {
	f.Add("Dear {name}, {title}", "Ana")
	f.Add("{{name}}", "{name}")
	f.Add("{name", "}")
	f.Add("{}{ }{Name}{name}", "\x00")
	f.Fuzz(func(t *testing.T, text, value string) {
		names, err := placeholders(text)
		none := expand(text, func(string) (string, bool) { return "", false })
		if none != text {
			t.Fatalf("%q without values became %q", text, none)
		}
		asked := 0
		got := expand(text, func(string) (string, bool) { asked++; return value, true })
		if err != nil {
			return
		}
		if asked != len(names) {
			t.Fatalf("%q has the names %v and asked for %d", text, names, asked)
		}
		// Put in by hand, from the left, past what has been put in.
		var want strings.Builder
		rest := text
		for _, name := range names {
			before, after, _ := strings.Cut(rest, "{"+name+"}")
			want.WriteString(before + value)
			rest = after
		}
		if got != want.String()+rest {
			t.Fatalf("%q with %q became %q", text, value, got)
		}
	})
}

func FuzzMatch(f *testing.F) {
	f.Add("es-MX,es;q=0.9,en;q=0.8")
	c := Load()
	f.Fuzz(func(t *testing.T, header string) {
		if l := c.Match(header); !c.Has(l.Lang()) {
			t.Fatalf("%q gave %q", header, l.Lang())
		}
	})
}
