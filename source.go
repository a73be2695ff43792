package undersigned

import (
	"regexp"
	"strings"
	"time"
	"unicode/utf8"
)

// Source is a tag on links to asks (?s=may-letter), by which staff see where people come from. A few are known at a time, each
// for many people: one that is given to a single person would tell what that person did.
type Source struct {
	Tag  string // 1 to 24 small letters of ASCII, digits and hyphens
	Note string // what it is on, for the staff
	At   time.Time
	By   UserID
}

// MaxSources is how many tags a site knows at a time.
const MaxSources = 40

var sourceTag = regexp.MustCompile(`^[a-z0-9-]{1,24}$`)

// IsSourceTag tells whether a text has the form of a tag.
func IsSourceTag(tag string) bool { return sourceTag.MatchString(tag) }

// NewSource checks a form. Invalid, with fields.
func NewSource(tag, note string) (*Source, error) {
	s := &Source{Tag: squeeze(tag), Note: squeeze(note)}
	var wrong fields
	if !IsSourceTag(s.Tag) {
		wrong.add("tag", "error.source.tag")
	}
	switch {
	case s.Note == "":
		wrong.add("note", "error.source.note")
	case len(s.Note) > MaxName:
		wrong.add("note", "error.name.long", "max", MaxName)
	case !utf8.ValidString(s.Note) || strings.ContainsFunc(s.Note, func(r rune) bool { return !plain(r) }):
		wrong.add("note", "error.characters")
	}
	return s, wrong.err()
}
