// Package search finds entries by their words: accents and capitals make no difference, a word is found by its beginning,
// and what has a word in its title comes first. An index lives in memory, is made anew when what it holds changes, and
// is the same whatever database the entries come from.
//
// There is no language of queries. Whatever is typed is words, and signs between them.
package search

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"sort"
	"strings"
)

// Entry is something that can be found.
type Entry struct {
	Title string
	Text  string
	Last  bool // it comes after all others that have as many of the words
}

// MaxTerms is how many different words of a query are looked for.
const MaxTerms = 12

// Index holds entries. It never changes and may be searched by any number of goroutines at once.
type Index struct {
	entries []Entry
	words   []string    // all that are used, sorted
	uses    [][]posting // of each word, by entry
}

// posting says that an entry has a word.
type posting struct {
	entry   int32
	inTitle bool
}

// New makes an index of entries. Of two that match alike the first stays first.
func New(entries []Entry) *Index {
	x := &Index{entries: entries}
	numbers := map[string]int{}
	var uses [][]posting // by the numbers of the words
	for i, e := range entries {
		add := func(inTitle bool) func(word) {
			return func(w word) {
				n, known := numbers[w.folded]
				if !known {
					n = len(uses)
					numbers[w.folded], uses = n, append(uses, nil)
				}
				if last := len(uses[n]) - 1; last < 0 || uses[n][last].entry != int32(i) {
					uses[n] = append(uses[n], posting{int32(i), inTitle})
				}
			}
		}
		split(e.Title, add(true))
		split(e.Text, add(false))
	}
	x.words = slices.Sorted(maps.Keys(numbers))
	for _, w := range x.words {
		x.uses = append(x.uses, uses[numbers[w]])
	}
	return x
}

// Hit is an entry that was found.
type Hit struct {
	Entry int    // its place among the entries of the index
	Title []Span // all of it
	Text  []Span // what stands around the words; empty where only the title has them
}

// Span is a piece of text.
type Span struct {
	Text string
	Term bool // it is one of the words that were looked for
}

// Found is what a query found.
type Found struct {
	Terms int   // different words that were looked for
	All   bool  // every hit has all of them; otherwise no entry has
	Total int   // hits there are
	Hits  []Hit // the best of them
}

// Terms gives the different words of a query as they are compared, MaxTerms at most. AND, OR, NOT and NEAR in capitals
// are somebody's habit from elsewhere and no words.
func Terms(query string) (terms []string) {
	split(query, func(w word) {
		switch query[w.start:w.end] {
		case "AND", "OR", "NOT", "NEAR":
			return
		}
		if len(terms) < MaxTerms && !slices.Contains(terms, w.folded) {
			terms = append(terms, w.folded)
		}
	})
	return terms
}

// Holds tells whether each of some terms is a word of a text, or the beginning of one.
func Holds(text string, terms []string) bool {
	missing := slices.Clone(terms)
	split(text, func(w word) {
		missing = slices.DeleteFunc(missing, func(term string) bool { return matches(w.folded, term) })
	})
	return len(missing) == 0
}

// Find looks for entries that have all words of a query or, where none has, as many as there are; the best most of them.
func (x *Index) Find(query string, most int) Found {
	terms := Terms(query)
	f := Found{Terms: len(terms)}
	if len(terms) == 0 {
		return f
	}
	scores := make([]score, len(x.entries))
	for i, term := range terms {
		x.count(int32(i+1), term, scores)
	}
	needed := uint8(1)
	for i := range scores {
		needed = max(needed, scores[i].terms)
	}
	var best []int // the best so far, the first the best
	for i := range scores {
		if scores[i].terms != needed {
			continue
		}
		f.Total++
		better := func(other int) bool { return x.better(scores, i, other) }
		if len(best) == most && !better(best[most-1]) {
			continue
		}
		at := sort.Search(len(best), func(n int) bool { return better(best[n]) })
		best = slices.Insert(best[:min(len(best), most-1)], min(at, most-1), i)
	}
	f.All = f.Total > 0 && int(needed) == len(terms)
	for _, i := range best {
		f.Hits = append(f.Hits, x.hit(i, terms))
	}
	return f
}

// better tells whether an entry comes before another that has as many of the terms.
func (x *Index) better(scores []score, i, other int) bool {
	if last := x.entries[i].Last; last != x.entries[other].Last {
		return !last
	}
	s, o := &scores[i], &scores[other]
	return cmp.Or(cmp.Compare(s.titles, o.titles), cmp.Compare(s.weight, o.weight)) > 0
}

// score is how well an entry matches.
type score struct {
	last   int32   // the number, from 1, of the term that was counted last; each counts once
	terms  uint8   // how many of the terms it has
	titles uint8   // how many of them in its title
	weight float32 // more for rare words and for whole ones
	title  bool    // the last term is in the title
}

// count adds one term to the scores: every entry that has a word beginning with it.
func (x *Index) count(number int32, term string, scores []score) {
	from := sort.SearchStrings(x.words, term)
	to := from
	entries := 0
	for to < len(x.words) && matches(x.words[to], term) { // the term itself comes before what begins with it
		entries += len(x.uses[to])
		to++
	}
	rarity := float32(math.Log(1 + float64(len(x.entries))/float64(max(entries, 1))))
	for i := from; i < to; i++ {
		weight := rarity
		if len(x.words[i]) == len(term) {
			weight *= 2
		}
		for _, p := range x.uses[i] {
			s := &scores[p.entry]
			if s.last != number { // several words of an entry may begin with the term
				s.last, s.title = number, false
				s.terms++
			}
			if p.inTitle && !s.title {
				s.title = true
				s.titles++
			}
			s.weight += weight
		}
	}
}

// shortest is how many bytes a term has that finds longer words by their beginning.
const shortest = 3

// matches tells whether a word is found by a term.
func matches(word, term string) bool {
	return strings.HasPrefix(word, term) && (len(term) >= shortest || len(word) == len(term))
}
