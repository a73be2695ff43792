package pack

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// Tidy gives what was typed, or pasted from a word processor, as it is kept: without what nobody sees, and without the
// entries of lists in which nothing stands in any language. Names that no form has are left out where known tells so.
func (f Fields) Tidy(known func(name string) bool) Fields {
	tidy := Fields{}
	for name, said := range f {
		if said = TidyText(said); said != "" && known(name) {
			tidy[name] = said
		}
	}
	for _, list := range tidy.lists() {
		for at := tidy.Items(list); at > 0; at-- {
			if !tidy.said(list, at) {
				tidy.Drop(list, at)
			}
		}
	}
	return tidy
}

var (
	// Marks at the beginning of a line that a word processor makes lists with: a tab follows, or the mark is nothing else.
	bullet   = regexp.MustCompile(`(?m)^[ \t]*(?:[•▪◦‣\x{f0b7}\x{f0a7}][ \t]+|(?:[·–*-]|o)[ ]*\t[ \t]*)`)
	numbered = regexp.MustCompile(`(?m)^[ \t]*([0-9]{1,3}[.)])[ ]*\t[ \t]*`)
)

// TidyText takes out of a text what nobody sees, and makes the lists of a word processor lists of Markdown. Quotation
// marks, dashes and letters of any script stay as they are.
func TidyText(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\v", "\n", "\f", "\n", "\u2028", "\n", "\u2029", "\n\n").Replace(s)
	s = strings.Map(func(r rune) rune {
		switch r {
		case '\u00a0', '\u202f', '\u2007': // spaces that do not break
			return ' '
		case '\u00ad', '\u200b', '\u2060', '\ufeff': // hyphens that may be, and marks of no width
			return -1
		case '\n', '\t':
			return r
		}
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, s)
	return clean(numbered.ReplaceAllString(bullet.ReplaceAllString(s, "- "), "$1 "))
}

// lists names the lists that something was typed into, in the first language's words.
func (f Fields) lists() []string {
	found := map[string]bool{}
	for name := range f {
		if list, _ := listOf(name); list != "" {
			_, list = LanguageOf(list)
			found[list] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// entry tells of which entry of a list a field is, in whatever language; 0 is none.
func entry(name, list string) (at int, before, key string) {
	m := listItem.FindStringSubmatch(name)
	if m == nil {
		return 0, "", ""
	}
	if _, rest := LanguageOf(m[1]); rest != list {
		return 0, "", ""
	}
	for _, digit := range m[2] {
		at = at*10 + int(digit-'0')
	}
	return at, m[1], m[3]
}

// Items is how many entries a list has.
func (f Fields) Items(list string) (n int) {
	for name := range f {
		at, _, _ := entry(name, list)
		n = max(n, at)
	}
	return n
}

// said tells whether anything stands in an entry, in any language.
func (f Fields) said(list string, at int) bool {
	for name, said := range f {
		if n, _, _ := entry(name, list); n == at && strings.TrimSpace(said) != "" {
			return true
		}
	}
	return false
}

// Drop takes an entry out of a list, and Swap exchanges two, in all languages at once.
func (f Fields) Drop(list string, at int) {
	f.renumber(list, func(n int) int {
		switch {
		case n == at:
			return 0
		case n > at:
			return n - 1
		}
		return n
	})
}

// Swap exchanges two entries of a list.
func (f Fields) Swap(list string, a, b int) {
	f.renumber(list, func(n int) int {
		switch n {
		case a:
			return b
		case b:
			return a
		}
		return n
	})
}

// renumber gives each entry its new place; 0 is none.
func (f Fields) renumber(list string, place func(int) int) {
	moved := Fields{}
	for name, said := range f {
		at, before, key := entry(name, list)
		if at == 0 {
			continue
		}
		delete(f, name)
		if to := place(at); to > 0 {
			moved[itemName(before, to, key)] = said
		}
	}
	maps.Copy(f, moved)
}
