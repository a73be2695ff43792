package undersigned

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What a person may tell us at most, in bytes of UTF-8: a confirmation link must hold it all.
const (
	MaxName       = 120
	MaxPostalCode = 16
	MaxComment    = 350
)

// Person is what one person told us of themselves. It lives in memory while a request lasts, and is otherwise only ever
// kept sealed: no log, error, URL or row holds it readable.
type Person struct {
	GivenName  string
	FamilyName string // may be empty: not everybody has one
	Email      string
	PostalCode string
	Country    string // ISO 3166-1 alpha-2
	Comment    string
}

// Class says what a signer allowed beyond being counted.
type Class string

const (
	Counted   Class = "counted"
	Delivered Class = "delivered" // "hand my name and town to my legislators' offices"
)

// SignatureState is what has become of a signature. The last four stay as tombstones: id, state, place in the log.
type SignatureState int

const (
	SignatureWaiting     SignatureState = iota // for its place in the log
	SignatureCounted                           // in the log
	SignatureHeld                              // for review
	SignatureWithdrawn                         // by the signer
	SignatureErased                            // by the signer, who no longer counts
	SignatureShredded                          // by the signer, who still counts
	SignatureInvalidated                       // by staff, with a reason
)

// Living tells whether the row still says something about a person.
func (s SignatureState) Living() bool {
	return s == SignatureWaiting || s == SignatureCounted || s == SignatureHeld
}

// SignatureID is 16 bytes, drawn when the confirmation link is made and used once. All are random but the first two.
type SignatureID [16]byte

// SignatureForm is what the sign form says, as it was typed.
type SignatureForm struct {
	GivenName, FamilyName, Email, PostalCode, Country, Comment string
	Deliver                                                    bool
	Trap                                                       string // a field that no reader sees
}

// Signature is one person's name under a petition or pledge.
type Signature struct {
	ID       SignatureID
	PID      string
	Version  int // of the text that was read
	Class    Class
	Language string
	Day      Day // UTC, of the form
	Person   Person
	Doubts   Doubt // known when the form was sent
}

// NewSignature checks a form and makes of it a signature that still waits for its confirmation, without an id. The error
// names every field that is wrong. Whether the action is open is for Decide.
func NewSignature(a *Action, form SignatureForm, language string, day Day) (*Signature, error) {
	p := Person{
		GivenName:  squeeze(form.GivenName),
		FamilyName: squeeze(form.FamilyName),
		Email:      strings.TrimSpace(form.Email),
		PostalCode: squeeze(form.PostalCode),
		Country:    strings.ToUpper(strings.TrimSpace(form.Country)),
		Comment:    strings.TrimSpace(strings.ReplaceAll(form.Comment, "\r\n", "\n")),
	}
	if err := p.check(); err != nil {
		return nil, err
	}
	class := Counted
	if form.Deliver {
		class = Delivered
	}
	return &Signature{PID: a.PID, Version: a.Version, Class: class, Language: language, Day: day, Person: p, Doubts: doubts(form, &p)}, nil
}

func (p *Person) check() error {
	var wrong fields
	checkName(&wrong, "given_name", p.GivenName, true)
	checkName(&wrong, "family_name", p.FamilyName, false)
	checkEmail(&wrong, p.Email)
	if !country.MatchString(p.Country) {
		wrong.add("country", "error.country")
	}
	checkPostalCode(&wrong, p.Country, p.PostalCode)
	switch {
	case !utf8.ValidString(p.Comment) || strings.ContainsFunc(p.Comment, func(r rune) bool { return r != '\n' && !plain(r) }):
		wrong.add("comment", "error.characters")
	case len(p.Comment) > MaxComment:
		wrong.add("comment", "error.comment.long", "max", MaxComment)
	}
	return wrong.err()
}

func checkEmail(wrong *fields, email string) {
	switch {
	case email == "":
		wrong.add("email", "error.email.empty")
	case len(email) > MaxEmail:
		wrong.add("email", "error.email.long", "max", MaxEmail)
	case strings.Count(email, "@") > 1:
		wrong.add("email", "error.email.two_at")
	case !ValidEmail(email):
		wrong.add("email", "error.email.form")
	}
}

func checkName(wrong *fields, field, name string, needed bool) {
	switch {
	case name == "":
		if needed {
			wrong.add(field, "error.name.empty")
		}
	case checkWords(wrong, field, name) && !strings.ContainsFunc(name, unicode.IsLetter):
		wrong.add(field, "error.name.letters")
	}
}

// checkWords looks at a name or a place, which may be empty, and tells whether it will do.
func checkWords(wrong *fields, field, words string) bool {
	switch {
	case !utf8.ValidString(words) || strings.ContainsFunc(words, func(r rune) bool { return !plain(r) }):
		wrong.add(field, "error.characters")
	case len(words) > MaxName:
		wrong.add(field, "error.name.long", "max", MaxName)
	case linked(words):
		wrong.add(field, "error.name.link")
	default:
		return true
	}
	return false
}

var (
	country = regexp.MustCompile(`^[A-Z]{2}$`)
	zip     = regexp.MustCompile(`^[0-9]{5}(-[0-9]{4})?$`)
	// A link, or what a mail program would turn into one: a name in a mail must not carry a spammer's address.
	link = regexp.MustCompile(`(?i)://|\bwww\.|[[:alnum:]]\.(com|net|org|info|biz|io|ru|xyz|site|online|top|link|shop|club|[a-z]{2}/)`)
)

// linked tells whether there is a link in a text. The expression takes longer than all else that is asked of a form, so it
// is asked only where a dot or a colon is not the end of a sentence.
func linked(text string) bool {
	for i := range len(text) {
		if c := text[i]; (c == '.' || c == ':') && (i+1 < len(text) && text[i+1] > ' ' || i > 0 && text[i-1]|' ' == 'w') {
			return link.MatchString(text)
		}
	}
	return false
}

func checkPostalCode(wrong *fields, country, code string) {
	switch {
	case !utf8.ValidString(code) || strings.ContainsFunc(code, func(r rune) bool { return !plain(r) }):
		wrong.add("postal_code", "error.characters")
	case country == "US" && code == "":
		wrong.add("postal_code", "error.zip.empty")
	case country == "US" && !zip.MatchString(code):
		wrong.add("postal_code", "error.zip.form")
	case len(code) > MaxPostalCode:
		wrong.add("postal_code", "error.postal_code.long", "max", MaxPostalCode)
	}
}

// squeeze trims, and makes one space of each run of white space, as browsers show it. Marks that nobody sees, which come with
// what is pasted, are left out; overrides, which nobody pastes by mistake, stay to be refused.
func squeeze(s string) string { return strings.Join(strings.Fields(unmarked(s, "\u202d\u202e")), " ") }

// plain tells whether a rune may stand in a field of one line. Control characters, private use, the replacement
// character and marks that reorder text (bidi overrides turn a harmless name into a harmful one) may not; the joiners
// that Persian and Indic names need may.
func plain(r rune) bool {
	switch {
	case r >= ' ' && r <= '~', r == '\u200c' || r == '\u200d':
		return true
	case r == utf8.RuneError:
		return false
	case r == '\u2028' || r == '\u2029':
		return false
	}
	return !unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs)
}
