package pack

import (
	"fmt"
	"math"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/goccy/go-yaml/ast"

	"github.com/undersigned/undersigned"
)

// mapping is one level of a front matter. Its methods take a field out, in the order of the code that calls them, and
// note what is wrong; done refuses the fields that nobody took. A field that is missing gives the zero value, and an
// error only where require names it.
type mapping struct {
	r      *reader
	file   string
	prefix string // of field names: "bill."
	line   int
	keys   []string // in the order of the file
	fields map[string]field
	broken bool // the file could not be parsed, which was said: nothing more is
}

type field struct {
	line  int
	value value
	taken bool
}

// fill takes the fields of a file.
func (m *mapping) fill(root ast.MapNode) {
	if root == nil {
		return
	}
	for it := root.MapRange(); it.Next(); {
		key, ok := it.Key().(*ast.StringNode)
		if !ok {
			m.r.errs.add(m.file, it.Key().GetToken().Position.Line, m.prefix+it.Key().String(), "want.plain_word")
			continue
		}
		if _, twice := m.fields[key.Value]; twice {
			m.r.errs.add(m.file, key.GetToken().Position.Line, m.prefix+key.Value, "want.field_once")
			continue
		}
		m.put(key.Value, key.GetToken().Position.Line, written{it.Value()})
	}
}

func (m *mapping) put(key string, line int, v value) {
	m.keys = append(m.keys, key)
	m.fields[key] = field{line: line, value: v}
}

// fault notes what is wrong with a field.
func (m *mapping) fault(key, expected string, args ...any) {
	line := m.line
	if f, ok := m.fields[key]; ok {
		line = f.line
	}
	if !m.broken {
		m.r.errs.add(m.file, line, m.prefix+key, expected, args...)
	}
}

func (m *mapping) has(key string) bool {
	_, ok := m.fields[key]
	return ok
}

// require refuses a mapping without these fields.
func (m *mapping) require(keys ...string) {
	for _, key := range keys {
		if !m.has(key) {
			m.fault(key, "want.field")
		}
	}
}

// forbid refuses fields that mean nothing here.
func (m *mapping) forbid(why wanted, keys ...string) {
	for _, key := range keys {
		if _, ok := m.take(key); ok && m.r.forms == nil {
			m.fault(key, why.key, why.args...)
		}
		if m.r.forms != nil { // left over from before another kind was chosen
			delete(m.fields, key)
		}
	}
}

// done refuses the fields that were not taken.
func (m *mapping) done() {
	for _, key := range m.keys {
		if !m.fields[key].taken && m.r.forms == nil {
			m.fault(key, "want.known_field")
		}
	}
}

func (m *mapping) take(key string) (value, bool) {
	f, ok := m.fields[key]
	if ok {
		f.taken = true
		m.fields[key] = f
	}
	return f.value, ok
}

// text takes a text of any length.
func (m *mapping) text(key string) string {
	v, ok := m.take(key)
	if !ok {
		return ""
	}
	s, ok := v.text()
	if !ok {
		m.fault(key, "want.text")
		return ""
	}
	if strings.ContainsFunc(s, badRune) {
		m.fault(key, "want.no_control")
		return ""
	}
	if s = clean(s); s == "" {
		m.fault(key, "want.not_empty")
	}
	m.tooLong(key, s, maxText)
	return s
}

// one takes a text of one line.
func (m *mapping) one(key string) string {
	s := strings.TrimSpace(m.text(key))
	if strings.Contains(s, "\n") {
		m.fault(key, "want.one_line")
	}
	m.tooLong(key, s, maxLine)
	return s
}

// number takes a whole number between least and most.
func (m *mapping) number(key string, least, most uint64) int {
	v, ok := m.take(key)
	if !ok {
		return 0
	}
	if n, isNumber := v.number(); isNumber && n >= least && n <= most {
		return int(n)
	}
	if most == math.MaxInt32 {
		m.fault(key, "want.number_from", "least", int(least))
	} else {
		m.fault(key, "want.number_between", "least", int(least), "most", int(most))
	}
	return 0
}

// day takes a day.
func (m *mapping) day(key string) undersigned.Day {
	if !m.has(key) {
		return ""
	}
	v, _ := m.take(key)
	s, _ := v.text()
	day, err := undersigned.ParseDay(s)
	if err != nil {
		m.fault(key, "want.day")
	}
	return day
}

// maxURL is the longest address, in bytes: what every browser and both databases take.
const maxURL = 2000

// url takes an address on the web.
func (m *mapping) url(key string) string {
	s := m.one(key)
	if s == "" {
		return ""
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.User != nil || strings.Contains(s, " ") {
		m.fault(key, "want.url")
	}
	if len(s) > maxURL {
		m.fault(key, "want.url_long", "n", maxURL)
	}
	return s
}

// dialled is a number as it is dialled.
var dialled = regexp.MustCompile(`^\+?[0-9][0-9 ()-]{2,30}$`)

// phone takes a number to call.
func (m *mapping) phone(key string) string {
	s := m.one(key)
	if s != "" && !dialled.MatchString(s) {
		m.fault(key, "want.phone")
	}
	return s
}

// email takes an address to write to.
func (m *mapping) email(key string) string {
	s := m.one(key)
	if s != "" && !undersigned.ValidEmail(s) {
		m.fault(key, "want.email")
	}
	return s
}

// languages takes a list of language codes.
func (m *mapping) languages(key string) []string {
	codes := m.words(key)
	for _, code := range codes {
		if !languageCode.MatchString(code) {
			m.fault(key, "want.languages")
			return nil
		}
	}
	return codes
}

// slug takes a name that can be part of an address.
func (m *mapping) slug(key string) string {
	s := m.one(key)
	if s != "" && !undersigned.ValidSlug(s) {
		m.fault(key, "want.slug")
	}
	return s
}

// choice takes one of the words allowed, or instead where the field is missing.
func choice[T ~string](m *mapping, key string, allowed []T, instead T) T {
	if !m.has(key) {
		return instead
	}
	s := T(m.one(key))
	if s != "" && !slices.Contains(allowed, s) {
		m.fault(key, "want.one_of", "list", oneOf(allowed))
	}
	return s
}

func oneOf[T ~string](words []T) string {
	var all []string
	for _, w := range words {
		all = append(all, string(w))
	}
	return strings.Join(all, ", ")
}

// word is what may stand in a list of words.
var word = regexp.MustCompile(`^[a-z]+$`)

// words takes a list of lower-case words, none twice.
func (m *mapping) words(key string) []string {
	var found []string
	for _, v := range m.list(key, ", \n\t") {
		s, _ := v.text()
		if !word.MatchString(s) || slices.Contains(found, s) {
			m.fault(key, "want.words")
			return nil
		}
		found = append(found, s)
	}
	return found
}

// texts takes a list of texts of one line each.
func (m *mapping) texts(key string) []string {
	var found []string
	for _, v := range m.list(key, "\n") {
		s, _ := v.text()
		if s = strings.TrimSpace(clean(s)); s == "" || strings.ContainsFunc(s, unicode.IsControl) {
			m.fault(key, "want.texts")
			return nil
		}
		found = append(found, s)
	}
	return found
}

// yes takes true or false; a field that is missing is false.
func (m *mapping) yes(key string) bool {
	v, ok := m.take(key)
	if !ok {
		return false
	}
	yes, ok := v.yes()
	if !ok {
		m.fault(key, "want.yes")
	}
	return yes
}

// list takes a list. What stands in one field of a form is parted at any of the marks.
func (m *mapping) list(key, marks string) []value {
	v, ok := m.take(key)
	if !ok {
		return nil
	}
	list := v.list(marks)
	if len(list) == 0 {
		m.fault(key, "want.list")
	}
	return list
}

// sub takes a mapping inside this one, nil where it is missing.
func (m *mapping) sub(key string) *mapping {
	v, ok := m.take(key)
	if !ok {
		return nil
	}
	return m.inner(key, m.fields[key].line, v)
}

// subs takes a list of mappings.
func (m *mapping) subs(key string) []*mapping {
	var found []*mapping
	for i, v := range m.list(key, "") {
		if inner := m.inner(fmt.Sprintf("%s[%d]", key, i+1), v.line(), v); inner != nil {
			found = append(found, inner)
		}
	}
	return found
}

func (m *mapping) inner(name string, line int, v value) *mapping {
	inner := &mapping{r: m.r, file: m.file, prefix: m.prefix + name + ".", line: line, fields: map[string]field{}}
	if !v.fill(inner) {
		m.r.errs.add(m.file, line, m.prefix+name, "want.fields")
		return nil
	}
	return inner
}
