// Package locale holds every word that a person reads on a page or in a mail, one JSON file a language, and the
// customs that go with a language: plurals, numbers, dates, direction.
//
// A key is a dotted path in lower case, such as sign.email.label. Its message is a string, or an object of the CLDR
// plural forms of its language. {name} is a placeholder. To add a language, add its file: language.tag decides
// plurals and numbers, date.* the dates. After editing, go test ./internal/locale -fix sorts the files.
package locale

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// English is the language that is complete by definition and stands in for those we do not have.
const English = "en"

//go:embed *.json
var files embed.FS

// Catalogue is the messages of all languages. It never changes and may be used by many goroutines at once.
type Catalogue struct {
	locales   map[string]*Locale
	languages []string // English first
	matcher   language.Matcher
}

// Load reads the embedded files. It panics where one is broken: a test has read the same bytes.
func Load() *Catalogue {
	c, err := Read(files)
	if err != nil {
		panic(err)
	}
	return c
}

// Languages are the codes of the embedded files, without reading them.
func Languages() (codes []string) {
	paths, err := fs.Glob(files, "*.json")
	if err != nil {
		panic(err) // the pattern is a good one
	}
	for _, path := range paths {
		codes = append(codes, strings.TrimSuffix(path, ".json"))
	}
	return codes
}

// Read reads the languages of a folder, one file each.
func Read(dir fs.FS) (*Catalogue, error) {
	paths, err := fs.Glob(dir, "*.json")
	if err != nil {
		return nil, fmt.Errorf("list languages: %w", err)
	}
	c := &Catalogue{locales: map[string]*Locale{}}
	for _, path := range paths {
		text, err := fs.ReadFile(dir, path)
		if err != nil {
			return nil, fmt.Errorf("read a language: %w", err)
		}
		l, err := parseLocale(strings.TrimSuffix(path, ".json"), text)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", path, err)
		}
		c.locales[l.lang] = l
		if l.lang != English {
			c.languages = append(c.languages, l.lang)
		}
	}
	if !c.Has(English) {
		return nil, errors.New("read languages: en.json is missing")
	}
	slices.Sort(c.languages)
	c.languages = append([]string{English}, c.languages...)
	tags := make([]language.Tag, len(c.languages))
	for i, lang := range c.languages {
		tags[i] = language.Make(lang)
	}
	c.matcher = language.NewMatcher(tags)
	return c, nil
}

func parseLocale(lang string, text []byte) (*Locale, error) {
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(text, &raw); err != nil {
		return nil, err
	}
	l := &Locale{lang: lang, messages: make(map[string]message, len(raw))}
	for key, value := range raw {
		m, err := parseMessage(value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
		l.messages[key] = m
	}
	l.rtl = l.messages["language.dir"][plural.Other] == "rtl"
	var err error
	if l.tag, err = language.Parse(l.messages["language.tag"][plural.Other]); err != nil {
		return nil, fmt.Errorf("language.tag: %w", err)
	}
	return l, nil
}

// message is one text for each plural form; where the number plays no part, for Other alone.
type message map[plural.Form]string

var formNames = map[string]plural.Form{
	"zero": plural.Zero, "one": plural.One, "two": plural.Two, "few": plural.Few, "many": plural.Many, "other": plural.Other,
}

func parseMessage(value json.RawMessage) (message, error) {
	named := map[string]string{}
	if bytes.HasPrefix(value, []byte("{")) {
		if err := json.Unmarshal(value, &named); err != nil {
			return nil, err
		}
	} else {
		var text string
		if err := json.Unmarshal(value, &text); err != nil {
			return nil, err
		}
		named["other"] = text
	}
	m := message{}
	for name, text := range named {
		form, known := formNames[name]
		if !known {
			return nil, fmt.Errorf("%q is not a plural form", name)
		}
		if _, err := placeholders(text); err != nil {
			return nil, err
		}
		m[form] = text
	}
	if _, ok := m[plural.Other]; !ok {
		return nil, errors.New(`the form "other" is missing`)
	}
	return m, nil
}

// Languages gives the codes we have, English first, then in the order of the alphabet.
func (c *Catalogue) Languages() []string { return slices.Clone(c.languages) }

// Has says whether there is such a language: "es", never "ES" or "es-MX".
func (c *Catalogue) Has(lang string) bool { return c.locales[lang] != nil }

// Locale gives a language by its code, or English.
func (c *Catalogue) Locale(lang string) *Locale {
	if l := c.locales[lang]; l != nil {
		return l
	}
	return c.locales[English]
}

// Match picks the language that suits an Accept-Language header best, or English. Of a header longer than any browser
// sends (512 bytes) only the beginning is read.
func (c *Catalogue) Match(acceptLanguage string) *Locale {
	const limit = 512
	if len(acceptLanguage) > limit {
		acceptLanguage = acceptLanguage[:limit]
		acceptLanguage = acceptLanguage[:strings.LastIndexByte(acceptLanguage, ',')+1]
	}
	tags, _, err := language.ParseAcceptLanguage(acceptLanguage)
	if err != nil {
		return c.locales[English]
	}
	_, i, confidence := c.matcher.Match(tags...)
	if confidence == language.No {
		i = 0
	}
	return c.locales[c.languages[i]]
}
