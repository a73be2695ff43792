package undersigned

import (
	"errors"
	"strings"
	"testing"
)

func TestPastedLetterBecomesPlainText(t *testing.T) {
	for name, test := range map[string]struct{ typed, want string }{
		"from a browser":           {"Dear you,\r\n\r\nPlease help.\r\n", "Dear you,\n\nPlease help."},
		"from a word processor":    {"Dear\u00a0you,\u2028\uf0b7\tone\v\uf0b7\ttwo\u2029\ufeffEnd", "Dear you,\n• one\n• two\nEnd"},
		"white space":              {"  \n\nOne  \n \n\n\nTwo\t\n\n", "One\n\nTwo"},
		"emoji":                    {"Families 👨‍👩‍👧‍👦 belong together 🇲🇽 ❤️", "Families 👨‍👩‍👧‍👦 belong together 🇲🇽 ❤️"},
		"marks that turn text":     {"I am \u202egood\u202c and \u2066kind\u2069.\u200e", "I am good and kind."},
		"words from right to left": {"السلام عليكم\nשלום", "السلام عليكم\nשלום"},
		"tags are only letters":    {"<b>Please</b> &amp; thank you", "<b>Please</b> &amp; thank you"},
		"an object":                {"Look:\ufffc here\u00ad", "Look: here"},
	} {
		m, err := NewMessage("Subject", test.typed)
		if err != nil || m.Text != test.want {
			t.Errorf("%s: %q, %v; want %q", name, m.Text, err, test.want)
		}
	}
}

func TestLetterThatCannotBeSentSaysWhy(t *testing.T) {
	for name, test := range map[string]struct {
		subject, text string
		field, key    string
	}{
		"two subjects":               {"Hello\r\nBcc: everybody@example.org", "T", "subject", "error.subject.lines"},
		"a subject broken by a mark": {"Hello\u2028Bcc: x", "T", "subject", "error.subject.lines"},
		"no subject":                 {" \r\n ", "T", "subject", "error.subject.empty"},
		"a long subject":             {strings.Repeat("é", MaxSubject+1), "T", "subject", "error.subject.long"},
		"no text":                    {"S", "\u200e\r\n", "text", "error.letter.empty"},
		"50,000 characters":          {"S", strings.Repeat("ñ", 50_000), "text", "error.letter.long"},
		"one too many":               {"S", strings.Repeat("👋", MaxLetter+1), "text", "error.letter.long"},
		"a zero byte":                {"S", "a\x00b", "text", "error.characters"},
		"no UTF-8":                   {"S\xff", "T", "subject", "error.characters"},
		"private letters":            {"S", "\ue000", "text", "error.characters"},
		"an escape":                  {"S", "\x1b[31mred", "text", "error.characters"},
	} {
		_, err := NewMessage(test.subject, test.text)
		var problem *Error
		if !errors.As(err, &problem) || len(problem.Fields) != 1 || problem.Fields[0].Field != test.field || problem.Fields[0].Key != test.key {
			t.Errorf("%s: %+v", name, err)
		}
	}
	if m, err := NewMessage(strings.Repeat("é", MaxSubject), strings.Repeat("👋", MaxLetter)); err != nil || len(m.Text) != 4*MaxLetter {
		t.Errorf("the longest letter: %v", err)
	}
}

func TestShareOfOnesOwnWords(t *testing.T) {
	const template = "Please keep families together. I ask you to support the bill."
	for text, want := range map[string]int{
		template:                        0,
		strings.ToUpper(template) + "!": 0,
		"":                              0,
		"!!":                            0,
		"My cousin was taken on Monday": 100,
		"Please keep families together. My cousin was taken on Monday.": 60,
		"I ask you to support the bill. Please keep families together.": 0, // turned round is not rewritten
		"please": 100, // a word alone says nothing of where it is from
		"Por favor, mantenga unidas a las familias. Please keep families 家庭": 72,
	} {
		if got := Rewritten(template, text); got != want {
			t.Errorf("%q is one's own to %d %%, want %d", text, got, want)
		}
	}
	if Rewritten("", "My own words") != 100 {
		t.Error("without a template all words are the writer's own")
	}
}
