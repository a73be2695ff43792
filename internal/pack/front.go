package pack

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"github.com/undersigned/undersigned"
)

// width is where long texts of one line are folded.
const width = 100

// front writes a front matter, one field a line, in the order of the calls. Fields that are empty are left out.
type front struct {
	b      strings.Builder
	indent string
	form   Fields // gets the fields in place of lines, where it is not nil
	name   string // before the names of fields in a form
}

// record puts a field into the form; false where it is a file that is written.
func (f *front) record(key, said string) bool {
	if f.form != nil && said != "" {
		f.form[f.name+key] = said
	}
	return f.form != nil
}

func (f *front) put(key, value string) { f.b.WriteString(f.indent + key + ": " + value + "\n") }

// one writes a text of one line: plain where YAML reads it so, folded where it is long, or else in quotes.
func (f *front) one(key, s string) {
	s = strings.TrimSpace(clean(s))
	switch {
	case s == "" || f.record(key, s):
	case len(s) > width && foldable(s):
		f.put(key, ">-"+f.fold(s))
	case plain(s):
		f.put(key, s)
	default:
		f.put(key, strconv.Quote(s))
	}
}

// foldable tells whether the words come back as they were when single spaces become line ends.
func foldable(s string) bool {
	return !strings.Contains(s, "  ") && !strings.ContainsFunc(s, odd)
}

func (f *front) fold(s string) string {
	var b strings.Builder
	column := width
	for _, word := range strings.Split(s, " ") {
		if n := len([]rune(word)); column+1+n > width {
			b.WriteString("\n" + f.indent + "  " + word)
			column = len(f.indent) + 2 + n
		} else {
			b.WriteString(" " + word)
			column += 1 + n
		}
	}
	return b.String()
}

// odd are characters that a block of YAML may not hold, or that nobody sees.
func odd(r rune) bool { return !unicode.IsPrint(r) }

var (
	wordLike = regexp.MustCompile(`^\p{L}`)
	notText  = regexp.MustCompile(`(?i)^(true|false|null|yes|no|on|off|y|n)$`)
)

// plain tells whether YAML reads s as this very text without quotes, and so does every reader of an older YAML.
func plain(s string) bool {
	return wordLike.MatchString(s) && !notText.MatchString(s) && !strings.ContainsFunc(s, odd) &&
		!strings.Contains(s, ": ") && !strings.Contains(s, " #") && !strings.HasSuffix(s, ":")
}

// text writes a text of any length: as a block where it has lines.
func (f *front) text(key, s string) {
	if s = clean(s); f.record(key, s) {
		return
	}
	if !strings.Contains(s, "\n") {
		f.one(key, s)
		return
	}
	if s[0] == ' ' || strings.ContainsFunc(s, func(r rune) bool { return r != '\n' && odd(r) }) {
		f.put(key, strconv.Quote(s))
		return
	}
	var b strings.Builder
	for line := range strings.SplitSeq(s, "\n") {
		b.WriteString("\n")
		if line != "" {
			b.WriteString(f.indent + "  " + line)
		}
	}
	f.put(key, "|-"+b.String())
}

// choice writes a word that is not the usual one.
func (f *front) choice(key, s, usual string) {
	if s != usual || f.form != nil {
		f.one(key, s)
	}
}

func (f *front) number(key string, n int) {
	if n != 0 && !f.record(key, strconv.Itoa(n)) {
		f.put(key, strconv.Itoa(n))
	}
}

func (f *front) day(key string, d undersigned.Day) {
	if d != "" && !f.record(key, string(d)) {
		f.put(key, string(d))
	}
}

func (f *front) words(key string, words []string) {
	if len(words) > 0 && !f.record(key, strings.Join(words, ", ")) {
		f.put(key, "["+strings.Join(words, ", ")+"]")
	}
}

func (f *front) bill(key string, id undersigned.BillID, position undersigned.Position) {
	if id != (undersigned.BillID{}) && !(f.record(key+"."+billField, id.String()) && f.record(key+".position", string(position))) {
		f.put(key, fmt.Sprintf("{congress: %d, type: %s, number: %d, position: %s}", id.Congress, id.Type, id.Number, position))
	}
}

// texts writes a list of texts of one line each.
func (f *front) texts(key string, list []string) {
	if len(list) == 0 || f.record(key, strings.Join(list, "\n")) {
		return
	}
	f.b.WriteString(f.indent + key + ":\n")
	for _, s := range list {
		if s = strings.TrimSpace(clean(s)); !plain(s) {
			s = strconv.Quote(s)
		}
		f.b.WriteString(f.indent + "  - " + s + "\n")
	}
}

// yes writes what is true, and leaves out what is not.
func (f *front) yes(key string, b bool) {
	if b && !f.record(key, "true") {
		f.put(key, "true")
	}
}

// sub writes a mapping inside this one.
func (f *front) sub(key string, write func(f *front)) {
	inner := &front{indent: f.indent + "  ", form: f.form, name: f.name + key + "."}
	write(inner)
	f.b.WriteString(f.indent + key + ":\n" + inner.b.String())
}

// list writes n mappings, each by a call of write.
func (f *front) list(key string, n int, write func(i int, f *front)) {
	if n == 0 {
		return
	}
	f.b.WriteString(f.indent + key + ":\n")
	for i := range n {
		item := &front{indent: f.indent + "    ", form: f.form, name: fmt.Sprintf("%s%s[%d].", f.name, key, i+1)}
		write(i, item)
		f.b.WriteString(f.indent + "  - " + strings.TrimPrefix(item.b.String(), item.indent))
	}
}
