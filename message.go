package undersigned

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The longest letter, in characters as a reader counts them (runes). A page on paper has about 3,000.
const (
	MaxSubject = 100 // of four bytes at most: a line of a mail has room for them
	MaxLetter  = 10_000
)

// Message is what one person writes to an office. It lives in memory while a request lasts, and sealed while it is on its
// way.
type Message struct {
	Subject string
	Text    string
}

// NewMessage checks what was typed or pasted, and makes plain text of it. The error names every field that is wrong:
// subject, text.
func NewMessage(subject, text string) (Message, error) {
	m := Message{Subject: plainText(subject), Text: plainText(text)}
	var wrong fields
	checkSubject(&wrong, m.Subject)
	switch {
	case m.Text == "":
		wrong.add("text", "error.letter.empty")
	case badText(m.Text):
		wrong.add("text", "error.characters")
	case utf8.RuneCountInString(m.Text) > MaxLetter:
		wrong.add("text", "error.letter.long", "max", MaxLetter, "n", utf8.RuneCountInString(m.Text))
	}
	return m, wrong.err()
}

// checkSubject looks at the subject of a mail, which others may see on the reader's screen.
func checkSubject(wrong *fields, subject string) {
	switch {
	case subject == "":
		wrong.add("subject", "error.subject.empty")
	case strings.Contains(subject, "\n"):
		wrong.add("subject", "error.subject.lines")
	case badText(subject):
		wrong.add("subject", "error.characters")
	case utf8.RuneCountInString(subject) > MaxSubject:
		wrong.add("subject", "error.subject.long", "max", MaxSubject, "n", utf8.RuneCountInString(subject))
	}
}

// pasted is what word processors and messengers leave in a text that is to be plain: other line ends, spaces and bullets,
// and marks that nobody sees. Marks that reorder text are among these: in a letter they could only deceive.
var pasted = strings.NewReplacer(
	"\r\n", "\n", "\r", "\n", "\v", "\n", "\f", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n",
	"\t", " ", "\u00a0", " ", "\u2007", " ", "\u202f", " ", "\u3000", " ",
	"\uf0b7", "•", "\uf0a7", "•", "\ufffc", "",
)

// plainText makes plain text of what was pasted: lines without white space at their ends, at most one empty line between
// two. What cannot be in a text at all stays, for badText to find.
func plainText(s string) string {
	s = unmarked(pasted.Replace(strings.ToValidUTF8(s, "\x00")), "")
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = strings.TrimRightFunc(lines[i], unicode.IsSpace)
	}
	lines = slices.CompactFunc(lines, func(a, b string) bool { return a == "" && b == "" })
	return strings.Trim(strings.Join(lines, "\n"), "\n ")
}

// unmarked is a text without the marks that nobody sees, but those to keep; broken UTF-8 stays broken.
func unmarked(s, keep string) string {
	if !utf8.ValidString(s) {
		return s
	}
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) && !plain(r) && !strings.ContainsRune(keep, r) {
			return -1
		}
		return r
	}, s)
}

// badText finds what no text can hold: control characters, private use, what was no UTF-8.
func badText(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r != '\n' && !plain(r) })
}

// Rewritten says how much of a text is its writer's own and not the template's, in percent of its words, rounded down. A
// word is the template's where it stands beside the same word as there. An empty text is 0.
func Rewritten(template, text string) int {
	known := map[[2]string]bool{}
	given := words(template)
	for i := 1; i < len(given); i++ {
		known[[2]string{given[i-1], given[i]}] = true
	}
	typed, own := words(text), 0
	for i, word := range typed {
		before := i > 0 && known[[2]string{typed[i-1], word}]
		after := i+1 < len(typed) && known[[2]string{word, typed[i+1]}]
		if !before && !after {
			own++
		}
	}
	if len(typed) == 0 {
		return 0
	}
	return own * 100 / len(typed)
}

// words are those of a text in lower case, without the marks around them.
func words(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsMark(r)
	})
}

// Writer is who sends a letter through our mail server: the office sees all of it, and answers to Email. Like a [Person] it
// is only ever kept sealed.
type Writer struct {
	GivenName  string
	FamilyName string // may be empty
	Email      string
	Locality   string // town and ZIP code, as they write them; may be empty
}

// Name is the whole name.
func (w *Writer) Name() string { return strings.TrimSpace(w.GivenName + " " + w.FamilyName) }

// NewWriter checks who wants to send a letter. The error names every field that is wrong.
func NewWriter(givenName, familyName, email, locality string) (*Writer, error) {
	w := &Writer{GivenName: squeeze(givenName), FamilyName: squeeze(familyName), Email: strings.TrimSpace(email), Locality: squeeze(locality)}
	var wrong fields
	checkName(&wrong, "given_name", w.GivenName, true)
	checkName(&wrong, "family_name", w.FamilyName, false)
	checkEmail(&wrong, w.Email)
	checkWords(&wrong, "locality", w.Locality)
	return w, wrong.err()
}
