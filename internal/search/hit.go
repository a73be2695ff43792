package search

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Around the words of a query this much of the text is shown, in bytes.
const (
	before = 60
	width  = 220
)

// hit shows an entry with the words that were looked for.
func (x *Index) hit(i int, terms []string) Hit {
	e := x.entries[i]
	found := find(e.Text, terms)
	h := Hit{Entry: i, Title: spans(e.Title, find(e.Title, terms), 0, len(e.Title))}
	if len(found) > 0 {
		from, to := window(e.Text, found)
		h.Text = spans(e.Text, found, from, to)
		if from > 0 {
			h.Text = append([]Span{{Text: "… "}}, h.Text...)
		}
		if to < len(e.Text) {
			h.Text = append(h.Text, Span{Text: " …"})
		}
	}
	return h
}

// place is where a text has a term.
type place struct{ start, end, term int }

// find lists where a text has the terms, in its order.
func find(text string, terms []string) (found []place) {
	split(text, func(w word) {
		for t, term := range terms {
			if matches(w.folded, term) {
				found = append(found, place{w.start, w.end, t})
				return
			}
		}
	})
	return found
}

// window chooses the piece of the text that has most of the terms, the first of several, from a word's beginning to one's end.
func window(text string, found []place) (from, to int) {
	best := 0
	for i := range found {
		var terms []int
		for _, p := range found[i:] {
			if p.end-found[i].start > width {
				break
			}
			if !slices.Contains(terms, p.term) {
				terms = append(terms, p.term)
			}
		}
		if len(terms) > best {
			best = len(terms)
			from = found[i].start
			to = max(from+width, found[i].end)
		}
	}
	if from -= before; from <= 0 {
		from = 0
	} else if space := strings.IndexByte(text[from:from+before], ' '); space >= 0 {
		from += space + 1
	}
	if to >= len(text) {
		return runeStart(text, from), len(text)
	}
	if space := strings.LastIndexByte(text[from:to], ' '); space > before {
		to = from + space
	}
	return runeStart(text, from), runeStart(text, to)
}

// runeStart moves back to where a character begins.
func runeStart(text string, at int) int {
	for at > 0 && at < len(text) && !utf8.RuneStart(text[at]) {
		at--
	}
	return at
}

// spans cuts a piece of a text where the terms stand.
func spans(text string, found []place, from, to int) (list []Span) {
	at := from
	for _, p := range found {
		if p.start < at || p.end > to {
			continue
		}
		if p.start > at {
			list = append(list, Span{Text: text[at:p.start]})
		}
		list = append(list, Span{Text: text[p.start:p.end], Term: true})
		at = p.end
	}
	if at < to {
		list = append(list, Span{Text: text[at:to]})
	}
	return list
}
