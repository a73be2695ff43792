package undersigned

import (
	"strings"
	"time"
	"unicode/utf8"
)

// Handover is the moment at which a petition was handed to one office of Congress.
type Handover struct {
	Issue, Action string // slugs
	Day           Day    // in Washington
	How           HandoverWay
	Paper         int // signatures on paper that came with it, counted by hand; 0 is none
	Member        Legislator
}

// HandoverWay is how a petition reached an office; it ends the message keys "handover." and "office.handed.". Empty is that
// nobody said.
type HandoverWay string

const (
	HandedInPerson HandoverWay = "in_person"
	HandedByPost   HandoverWay = "post"
	HandedByEmail  HandoverWay = "email"
	HandedByForm   HandoverWay = "form" // on the office's own site
)

// HandoverWays are all ways.
var HandoverWays = []HandoverWay{HandedInPerson, HandedByPost, HandedByEmail, HandedByForm}

// Answer is what an office answered to what it was handed.
type Answer struct {
	Issue, Action string
	Day           Day
	Lang          string // of its words
	Text          string // as the office wrote it, LF at the end of each line
	Member        Legislator
}

// MaxAnswer is the longest answer, in bytes of UTF-8: some ten pages.
const MaxAnswer = 20_000

// CleanAnswer makes of a file the text of an answer: lines end with LF, and there is nothing empty around it. Invalid, with
// the field "text", where it is empty, too long, not UTF-8, or holds characters that cannot be shown or that turn others
// around.
func CleanAnswer(text string) (string, error) {
	var wrong fields
	text = strings.TrimPrefix(text, "\ufeff")
	text = strings.TrimSpace(strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n"))
	switch {
	case text == "":
		wrong.add("text", "error.answer.empty")
	case len(text) > MaxAnswer:
		wrong.add("text", "error.answer.long", "max", MaxAnswer)
	case !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return r != '\n' && r != '\t' && !plain(r) }):
		wrong.add("text", "error.characters")
	}
	return text, wrong.err()
}

// CheckDay says what is wrong with a day on which something is said to have happened, given the day that it is now in
// Washington. Invalid, with the field "day".
func (d Day) CheckDay(now time.Time) error {
	var wrong fields
	if _, err := ParseDay(string(d)); err != nil {
		wrong.add("day", "error.day")
	} else if d.Begin(Eastern).After(now) {
		wrong.add("day", "error.day.future")
	}
	return wrong.err()
}

// Correspondence is what passed between one petition and one office, each in the order of its days.
type Correspondence struct {
	Handovers []Handover
	Answers   []Answer
}

// Silence tells whether the office owes an answer, since which day, and how many days have passed since then by today. An
// answer is to everything that was handed over until its day.
func (c *Correspondence) Silence(today Day) (since Day, days int, waits bool) {
	answered := Day("")
	for _, a := range c.Answers {
		answered = max(answered, a.Day)
	}
	for _, h := range c.Handovers {
		if h.Day > answered {
			return h.Day, h.Day.daysTo(today), true
		}
	}
	return "", 0, false
}

// daysTo counts the midnights between two days, none where other is not later.
func (d Day) daysTo(other Day) int {
	return max(0, int(other.Begin(time.UTC).Sub(d.Begin(time.UTC))/(24*time.Hour)))
}
