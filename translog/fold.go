package translog

import (
	"fmt"
	"slices"

	"golang.org/x/mod/sumdb/tlog"
)

// Fold counts. It reads a log's entries from the first to the last and keeps,
// for each petition, what they add up to. It is the definition of the count:
// two folds of the same entries agree, or one of them is wrong.
//
// An entry that the rules do not allow makes the whole log INVALID, from that
// entry on and for good; it is never skipped. The rules:
//
//   - An entry that [ParseEntry] refuses is invalid.
//   - Every entry but the first open is of a petition that is open already.
//   - open: the version is 1, or one more than the petition's latest. The text
//     may be the same as before, so that a changed closing day is a version too.
//     Not after close.
//   - sign: the version is any that was opened, the latest or an older one.
//     Not after close. The same commitment twice is not looked for: fresh random
//     bytes would serve a cheat as well, and sampling finds both.
//   - void: Index is an earlier sign of the same petition that is counted.
//   - restore: Index is an earlier sign of the same petition, voided for a
//     reason that is [Reason.Fraud].
//   - shred: Index is an earlier sign of the same petition, counted or voided
//     as fraud, and not shredded yet. A signature that its signer withdrew or
//     erased has no opening left to destroy. Being shredded survives a void and
//     a restore.
//   - tally: Size is the tally's own index, and Counts are those of all before it.
//   - close: once. What was signed may still be voided, restored and shredded.
//   - destroy: once, after close. Afterwards only tally.
//
// A fold needs a byte or less for each entry, four where many petitions are
// signed at once, and some hundred for each petition.
// The zero Fold is ready to use. It is not safe for concurrent use.
type Fold struct {
	marks     marks
	petitions []*petition
	number    map[PID]mark // the place in petitions
	broken    error
}

// mark is what is remembered of an entry: of a sign, its petition's number,
// whether it is shredded, and its state; of any other entry, zero.
type mark uint32

const (
	markState    mark = 0xf // 1 is counted, 1+reason is voided, 0 is no sign
	markCounted  mark = 1
	markShredded mark = 0x10
	markPetition      = 5 // the bits below the petition's number

	maxPetitions = 1 << (32 - markPetition)
)

func (m mark) petition() mark { return m >> markPetition }
func (m mark) state() mark    { return m & markState }
func (m mark) reason() Reason { return Reason(m.state() - markCounted) }

type petition struct {
	pid               PID
	states            [len(reasonNames)]int64 // signs by Reason; those counted at 0
	shredded          int64
	versions          []Version
	closed, destroyed bool
}

func (p *petition) counts() Counts {
	c := Counts{Counted: p.states[0], Withdrawn: p.states[ReasonWithdrawn], Erased: p.states[ReasonErased], Shredded: p.shredded}
	for r := ReasonDup; r <= ReasonError; r++ {
		c.Fraud += p.states[r]
	}
	return c
}

// Petition is what a fold knows of one petition or pledge.
type Petition struct {
	PID       PID
	Counts    Counts
	Voided    map[Reason]int64 // how many are voided, by reason; none that is zero
	Versions  []Version        // Versions[i] is version i+1
	Closed    bool
	Destroyed bool
}

// Version is one text of a petition.
type Version struct {
	Text   tlog.Hash // SHA-256 of the canonical text
	Closes string    // YYYY-MM-DD, or "" for no day
}

// InvalidError says which entry makes a log INVALID, and why.
type InvalidError struct {
	Index  int64
	Reason string
}

func (e *InvalidError) Error() string {
	return fmt.Sprintf("the log is INVALID: entry %d: %s", e.Index, e.Reason)
}

// Add reads the next entry. Its error is an [*InvalidError], the same one for
// this entry and all that follow.
func (f *Fold) Add(entry []byte) error {
	if f.broken != nil {
		return f.broken
	}
	e, err := ParseEntry(entry)
	if err != nil {
		f.broken = &InvalidError{f.Size(), err.Error()}
		return f.broken
	}
	m, wrong := f.apply(e)
	if wrong != "" {
		f.broken = &InvalidError{f.Size(), wrong}
		return f.broken
	}
	f.marks.add(m)
	return nil
}

// Size returns how many entries were added.
func (f *Fold) Size() int64 { return f.marks.size }

// Petitions returns all petitions, in the order in which they opened.
func (f *Fold) Petitions() []Petition {
	all := make([]Petition, len(f.petitions))
	for i, p := range f.petitions {
		voided := make(map[Reason]int64)
		for r := ReasonWithdrawn; r <= ReasonError; r++ {
			if p.states[r] > 0 {
				voided[r] = p.states[r]
			}
		}
		all[i] = Petition{p.pid, p.counts(), voided, slices.Clone(p.versions), p.closed, p.destroyed}
	}
	return all
}

// SignState is what became of one sign entry.
type SignState struct {
	PID      PID
	Voided   Reason // 0 where it is counted
	Shredded bool
}

// Sign returns the state of the sign at index, and false where there is none.
func (f *Fold) Sign(index int64) (SignState, bool) {
	if index < 0 || index >= f.Size() {
		return SignState{}, false
	}
	m := f.marks.at(index)
	if m.state() == 0 {
		return SignState{}, false
	}
	return SignState{f.petitions[m.petition()].pid, m.reason(), m&markShredded != 0}, true
}

// apply holds the rules. It returns the entry's mark, or what is wrong.
func (f *Fold) apply(e Entry) (m mark, wrong string) {
	n, known := f.number[e.PID]
	if !known {
		return 0, f.openFirst(e)
	}
	p := f.petitions[n]
	switch {
	case p.destroyed && e.Kind != KindTally:
		return 0, e.Kind.String() + " after destroy"
	case p.closed && (e.Kind == KindOpen || e.Kind == KindSign || e.Kind == KindClose):
		return 0, e.Kind.String() + " after close"
	}
	switch e.Kind {
	case KindOpen:
		return 0, p.open(e)
	case KindSign:
		if e.Version > int64(len(p.versions)) {
			return 0, "sign of a version that is not open"
		}
		p.states[0]++
		return n<<markPetition | markCounted, ""
	case KindVoid, KindRestore, KindShred:
		return 0, f.change(e, n)
	case KindTally:
		return 0, f.tally(e, p)
	case KindClose:
		p.closed = true
	case KindDestroy:
		if !p.closed {
			return 0, "destroy before close"
		}
		p.destroyed = true
	}
	return 0, ""
}

func (f *Fold) openFirst(e Entry) (wrong string) {
	if e.Kind != KindOpen {
		return e.Kind.String() + " before open"
	}
	if len(f.petitions) == maxPetitions {
		return "more than 2^27 petitions"
	}
	p := &petition{pid: e.PID}
	if wrong := p.open(e); wrong != "" {
		return wrong
	}
	if f.number == nil {
		f.number = make(map[PID]mark)
	}
	f.number[e.PID] = mark(len(f.petitions))
	f.petitions = append(f.petitions, p)
	return ""
}

func (p *petition) open(e Entry) (wrong string) {
	if e.Version != int64(len(p.versions))+1 {
		return "open of a version that is not one more than the latest"
	}
	p.versions = append(p.versions, Version{e.Hash, e.Closes})
	return ""
}

// change applies a void, restore or shred to the sign that it names.
func (f *Fold) change(e Entry, n mark) (wrong string) {
	if e.Index >= f.Size() {
		return e.Kind.String() + " of something that is not an earlier sign of that petition"
	}
	m, p := f.marks.at(e.Index), f.petitions[n]
	if m.state() == 0 || m.petition() != n {
		return e.Kind.String() + " of something that is not an earlier sign of that petition"
	}
	before := m.reason()
	counted := before == 0
	switch {
	case e.Kind == KindVoid && !counted:
		return "void of a sign that is not counted"
	case e.Kind == KindRestore && !before.Fraud():
		return "restore of a sign that is not voided as fraud"
	case e.Kind == KindShred && !counted && !before.Fraud():
		return "shred of a sign that is withdrawn or erased"
	case e.Kind == KindShred && m&markShredded != 0:
		return "shred of a sign that is shredded already"
	}
	if e.Kind == KindShred {
		f.marks.set(e.Index, m|markShredded)
		if counted {
			p.shredded++
		}
		return ""
	}
	p.states[before]--
	p.states[e.Reason]++ // a restore has no reason: the sign is counted again
	if m&markShredded != 0 {
		if counted {
			p.shredded--
		} else {
			p.shredded++
		}
	}
	f.marks.set(e.Index, m&^markState|markCounted+mark(e.Reason))
	return ""
}

func (f *Fold) tally(e Entry, p *petition) (wrong string) {
	if e.Size != f.Size() {
		return "tally of another size than its own index"
	}
	if e.Counts != p.counts() {
		return "tally that differs from the count"
	}
	return ""
}
