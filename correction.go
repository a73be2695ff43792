package undersigned

import (
	"strings"
	"unicode/utf8"
)

// CorrectionID is 16 random bytes that name a correction.
type CorrectionID [16]byte

// Correction is what an organisation says of its own entry in the directory. It changes nothing by itself: a person reads it.
type Correction struct {
	ID           CorrectionID      `json:"-"`
	Issue        string            `json:"-"` // of the entry
	Organization string            `json:"-"` // slug
	Day          Day               `json:"-"`
	Fields       map[string]string `json:"fields"` // of the entry's form, those that shall be other than they are
	Note         string            `json:"note,omitempty"`
	Email        string            `json:"email"` // of who sent it
	Language     string            `json:"language"`
}

// Noun names the entry.
func (c *Correction) Noun() NounID {
	return NounID{Issue: c.Issue, Kind: OrganizationNoun, Slug: c.Organization}
}

// MaxNote is how long the note to a correction may be, in characters.
const MaxNote = 2000

// CorrectionFields are the fields of an entry that a correction can be about; body stands for the text in one language.
var CorrectionFields = []string{"name", "url", "phone", "email", "address", "region", "body"}

// CheckCorrection checks what a correction has beside the entry's own fields: the note, and whom to write to. Invalid, with
// fields: note, and sender.
func CheckCorrection(c *Correction) error {
	var wrong fields
	c.Email, c.Note = strings.TrimSpace(c.Email), strings.TrimSpace(c.Note)
	if n := utf8.RuneCountInString(c.Note); n > MaxNote {
		wrong.add("note", "error.text.long", "n", n, "max", MaxNote)
	} else if !utf8.ValidString(c.Note) || strings.ContainsFunc(c.Note, func(r rune) bool { return r != '\n' && !plain(r) }) {
		wrong.add("note", "error.characters")
	}
	switch {
	case c.Email == "":
		wrong.add("sender", "error.email.empty")
	case !ValidEmail(c.Email):
		wrong.add("sender", "error.email.form")
	}
	if len(c.Fields) == 0 && c.Note == "" && wrong == nil {
		wrong.add("note", "error.correction.nothing")
	}
	return wrong.err()
}

// FromItself tells whether the sender's mailbox is of the organisation's own domain, as its address on the web has it.
func (c *Correction) FromItself(o *Organization) bool {
	_, domain, _ := strings.Cut(strings.ToLower(c.Email), "@")
	host := strings.ToLower(o.URL)
	if _, rest, found := strings.Cut(host, "://"); found {
		host = rest
	}
	host, _, _ = strings.Cut(host, "/")
	host = strings.TrimPrefix(host, "www.")
	return domain != "" && host != "" && (domain == host || strings.HasSuffix(domain, "."+host) || strings.HasSuffix(host, "."+domain))
}
