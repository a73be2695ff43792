package web

import (
	"regexp"
	"strings"
)

// change is a piece of a text that two versions share, or that only one of them has.
type change struct {
	Text     string
	Out, New bool // only the first has it; only the second has it
}

// maxDiff bounds the work: how many pairs of pieces are looked at. A longer text is compared by lines, and one of very many
// lines is shown whole.
const maxDiff = 4 << 20

var (
	diffWords = regexp.MustCompile(`\n|[^\S\n]+|[\p{L}\p{N}\p{M}'’]+|[^\s\p{L}\p{N}\p{M}]`)
	diffLines = regexp.MustCompile(`[^\n]*\n|[^\n]+`)
)

// diff tells by which words two texts differ.
func diff(before, after string) []change {
	if changes, ok := diffBy(diffWords, before, after); ok {
		return changes
	}
	if changes, ok := diffBy(diffLines, before, after); ok {
		return changes
	}
	return []change{{Text: before, Out: true}, {Text: after, New: true}}
}

func diffBy(piece *regexp.Regexp, before, after string) (list []change, ok bool) {
	a, b := piece.FindAllString(before, -1), piece.FindAllString(after, -1)
	start, end := 0, 0
	for start < len(a) && start < len(b) && a[start] == b[start] {
		start++
	}
	for end < len(a)-start && end < len(b)-start && a[len(a)-1-end] == b[len(b)-1-end] {
		end++
	}
	rest := a[len(a)-end:]
	var run changes
	run.add(a[:start], false, false)
	a, b = a[start:len(a)-end], b[start:len(b)-end]
	if len(a)*len(b) > maxDiff {
		return nil, false
	}
	common := longestCommon(a, b)
	for i, j := 0, 0; i < len(a) || j < len(b); {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			run.add(a[i:i+1], false, false)
			i, j = i+1, j+1
		case j == len(b) || i < len(a) && common[i+1][j] >= common[i][j+1]:
			run.add(a[i:i+1], true, false)
			i++
		default:
			run.add(b[j:j+1], false, true)
			j++
		}
	}
	run.add(rest, false, false)
	return run.all(), true
}

// changes gathers pieces, and joins those of one sort that stand together.
type changes struct {
	done   []change
	pieces []string // of the one at hand
	at     change
}

func (c *changes) add(pieces []string, out, isNew bool) {
	if len(pieces) == 0 {
		return
	}
	if c.at.Out != out || c.at.New != isNew {
		c.all()
		c.at = change{Out: out, New: isNew}
	}
	c.pieces = append(c.pieces, pieces...)
}

func (c *changes) all() []change {
	if c.at.Text = strings.Join(c.pieces, ""); c.at.Text != "" {
		c.done = append(c.done, c.at)
	}
	c.pieces = nil
	return c.done
}

// longestCommon gives for each i and j how many pieces a[i:] and b[j:] have in common, in order.
func longestCommon(a, b []string) [][]int32 {
	table := make([][]int32, len(a)+1)
	cells := make([]int32, (len(a)+1)*(len(b)+1))
	for i := range table {
		table[i], cells = cells[:len(b)+1], cells[len(b)+1:]
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				table[i][j] = table[i+1][j+1] + 1
			} else {
				table[i][j] = max(table[i+1][j], table[i][j+1])
			}
		}
	}
	return table
}

// without gives one side of a difference.
func without(changes []change, unwanted func(change) bool) (side []change) {
	for _, c := range changes {
		if !unwanted(c) {
			side = append(side, c)
		}
	}
	return side
}

// compared is a text before and after, with what differs marked on each side.
type compared struct {
	Label         string
	Lang          string
	Before, After []change
}

func newCompared(label, lang, before, after string) compared {
	changes := diff(before, after)
	return compared{Label: label, Lang: lang, Before: without(changes, func(c change) bool { return c.New }),
		After: without(changes, func(c change) bool { return c.Out })}
}
