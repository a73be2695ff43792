package web

import (
	"strings"
	"testing"
)

// marked writes a difference on one line.
func marked(changes []change) string {
	var b strings.Builder
	for _, c := range changes {
		switch {
		case c.Out:
			b.WriteString("[-" + c.Text + "-]")
		case c.New:
			b.WriteString("[+" + c.Text + "+]")
		default:
			b.WriteString(c.Text)
		}
	}
	return b.String()
}

func TestDifferenceIsToldByWords(t *testing.T) {
	for _, c := range []struct{ before, after, want string }{
		{"", "", ""},
		{"same", "same", "same"},
		{"", "new", "[+new+]"},
		{"old", "", "[-old-]"},
		{"We ask for a judge.", "We ask for a fair judge.", "We ask for a [+fair +]judge."},
		{"We ask for a judge.", "We ask a judge.", "We ask [-for -]a judge."},
		{"no más cárceles", "no más prisiones", "no más [-cárceles-][+prisiones+]"},
		{"one\ntwo\nthree", "one\n2\nthree", "one\n[-two-][+2+]\nthree"},
		{"a b c", "c b a", "[-a-][+c+] b [-c-][+a+]"},
	} {
		if got := marked(diff(c.before, c.after)); got != c.want {
			t.Errorf("%q and %q: %s, want %s", c.before, c.after, got, c.want)
		}
	}
}

// Whatever differs, each side is whole.
func TestNoWordOfALongTextIsLost(t *testing.T) {
	long := strings.Repeat("words and words ", 20_000)
	for _, c := range [][2]string{{long, "x" + long + "y"}, {long, strings.Repeat("other things\n", 20_000)}, {"a" + long, long[:len(long)/2]}} {
		d := newCompared("", "", c[0], c[1])
		for i, side := range [][]change{d.Before, d.After} {
			var b strings.Builder
			for _, piece := range side {
				b.WriteString(piece.Text)
			}
			if b.String() != c[i] {
				t.Errorf("side %d is another text", i)
			}
		}
	}
}
