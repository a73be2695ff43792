package locale

import (
	"bytes"
	"encoding/json"
	"flag"
	"maps"
	"os"
	"regexp"
	"slices"
	"testing"

	"golang.org/x/text/feature/plural"
)

var fix = flag.Bool("fix", false, "sort the language files, one key a line")

// canonical writes a file of messages as we keep it: sorted, one key a line, so that two people's additions merge.
func canonical(t *testing.T, text []byte) []byte {
	t.Helper()
	var messages map[string]any
	if err := json.Unmarshal(text, &messages); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	for i, key := range slices.Sorted(maps.Keys(messages)) {
		separator := ",\n"
		if i == 0 {
			separator = "{\n"
		}
		out.WriteString(separator + "  " + compactJSON(t, key) + ": ")
		if forms, plural := messages[key].(map[string]any); plural {
			for i, form := range slices.Sorted(maps.Keys(forms)) {
				separator = ", "
				if i == 0 {
					separator = "{"
				}
				out.WriteString(separator + compactJSON(t, form) + ": " + compactJSON(t, forms[form]))
			}
			out.WriteString("}")
			continue
		}
		out.WriteString(compactJSON(t, messages[key]))
	}
	out.WriteString("\n}\n")
	return out.Bytes()
}

func compactJSON(t *testing.T, v any) string {
	t.Helper()
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		t.Fatal(err)
	}
	return string(bytes.TrimSpace(out.Bytes()))
}

// A key written twice is found here too: only one of the two survives the sorting.
func TestFilesAreSortedOneKeyALine(t *testing.T) {
	for _, lang := range Load().Languages() {
		path := lang + ".json"
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		want := canonical(t, text)
		if bytes.Equal(text, want) {
			continue
		}
		if !*fix {
			t.Errorf("%s is not sorted or holds a key twice: go test ./internal/locale -fix", path)
			continue
		}
		if err := os.WriteFile(path, want, 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

func TestKeysAreDottedLowerCase(t *testing.T) {
	valid := regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z0-9_-]+)+$`)
	for key := range Load().Locale(English).messages {
		if !valid.MatchString(key) {
			t.Errorf("%q is not a key", key)
		}
	}
}

func TestEveryLanguageHasTheKeysOfEnglish(t *testing.T) {
	c := Load()
	english := c.Locale(English)
	for _, lang := range c.Languages() {
		l := c.Locale(lang)
		for key := range english.messages {
			if !l.Has(key) {
				t.Errorf("%s: %s is not translated", lang, key)
			}
		}
		for key := range l.messages {
			if !english.Has(key) {
				t.Errorf("%s: %s is not in English", lang, key)
			}
		}
	}
}

func TestNoMessageIsEmpty(t *testing.T) {
	c := Load()
	for _, lang := range c.Languages() {
		for key, m := range c.Locale(lang).messages {
			for _, text := range m {
				if text == "" {
					t.Errorf("%s: %s is empty", lang, key)
				}
			}
		}
	}
}

// free are the keys whose message may leave out placeholders: each language writes the time in its own way.
var free = map[string][]string{"date.clock": {"hour12", "hour24", "minute", "half", "zone"}}

// A plural form may leave out {n} ("one signature"); otherwise the forms of every language name the same things.
func TestPlaceholdersAgree(t *testing.T) {
	c := Load()
	english := c.Locale(English)
	for _, lang := range c.Languages() {
		for key, m := range c.Locale(lang).messages {
			want := nameSet(t, english.messages[key][plural.Other])
			for form, text := range m {
				got := nameSet(t, text)
				if allowed, ok := free[key]; ok {
					for name := range got {
						if !slices.Contains(allowed, name) {
							t.Errorf("%s: %s names {%s}, which has no value", lang, key, name)
						}
					}
					continue
				}
				if form != plural.Other {
					got["n"] = true
				}
				if !maps.Equal(got, want) {
					t.Errorf("%s: %s names %v, English %v", lang, key, slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)))
				}
			}
		}
	}
}

func nameSet(t *testing.T, text string) map[string]bool {
	t.Helper()
	names, err := placeholders(text)
	if err != nil {
		t.Error(err)
	}
	set := map[string]bool{}
	for _, name := range names {
		set[name] = true
	}
	return set
}

func TestPluralsHaveTheFormsOfTheirLanguage(t *testing.T) {
	c := Load()
	english := c.Locale(English)
	for _, lang := range c.Languages() {
		l := c.Locale(lang)
		for key, m := range l.messages {
			var want []plural.Form
			switch {
			case key == "number.ordinal":
				want = formsOf(l, plural.Ordinal.MatchPlural)
			case len(english.messages[key]) > 1:
				want = formsOf(l, cardinal)
			default:
				want = []plural.Form{plural.Other}
			}
			if got := slices.Sorted(maps.Keys(m)); !slices.Equal(got, want) {
				t.Errorf("%s: %s has the forms %v, needs %v", lang, key, named(got), named(want))
			}
		}
	}
}

// formsOf finds the forms that whole numbers take. No rule looks further than two digits, or at whole millions.
// "other" is always among them: it is what stands in for the rest.
func formsOf(l *Locale, r rule) []plural.Form {
	forms := map[plural.Form]bool{plural.Other: true, r(l.tag, 1_000_000, 0, 0, 0, 0): true}
	for n := range 1000 {
		forms[r(l.tag, n, 0, 0, 0, 0)] = true
	}
	return slices.Sorted(maps.Keys(forms))
}

func named(forms []plural.Form) (names []string) {
	for name, form := range formNames {
		if slices.Contains(forms, form) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
