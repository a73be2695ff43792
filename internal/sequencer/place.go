package sequencer

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math/big"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/translog"
)

// maxPlaced is how many signatures, and how many other entries, one transaction places at most.
const maxPlaced = 500

// Batched petitions are placed when this many wait, or the first has waited this long.
const (
	batchSize = 20
	batchWait = time.Hour
)

var errLost = errors.New("another node sequences the log")

// waiting remembers since when signatures of a batched petition wait. It is forgotten when the node stops: a petition
// then waits its hour anew. No row could carry it: rows have no times.
type waiting map[string]time.Time

// placement is one transaction of the sequencer.
type placement struct {
	tx      *store.Tx
	term    store.Term
	size    int64
	entries [][]byte
	rows    map[string]*store.ActionRow // by pid
	added   map[string]*store.Tally
	signed  map[string]int
	more    bool // something that could be placed now is left for the next transaction
}

// place gives places to some of what waits. It says how many it gave, and whether more is left than it may place at once.
func (s *Sequencer) place(ctx context.Context) (placed int, more bool, err error) {
	var p *placement
	err = s.DB.Update(ctx, store.Jobs, func(tx *store.Tx) (err error) {
		if p, err = begin(tx, s.term); err != nil {
			return err
		}
		if err := s.fill(p); err != nil {
			return err
		}
		return p.commit()
	})
	if err != nil {
		return 0, false, err
	}
	for pid := range p.signed {
		delete(s.waits, pid) // who signs next begins a new hour
	}
	return len(p.entries), p.more, nil
}

// fill chooses the entries: first the texts, then who signed them, then what became of signatures.
func (s *Sequencer) fill(p *placement) error {
	waits, err := p.tx.LogWaits(maxPlaced)
	if err != nil {
		return err
	}
	p.more = len(waits) == maxPlaced
	if err := p.waits(waits, func(kind string) bool { return kind == "open" }); err != nil {
		return err
	}
	if p.more && waits[maxPlaced-1].Kind == "open" {
		return nil // more texts may wait, and nobody's name may stand before its text
	}
	left, err := p.signatures(s.due(p, waits))
	if err != nil {
		return err
	}
	p.more = p.more || left > 0
	return p.waits(waits, func(kind string) bool { return kind != "open" && (left == 0 || !closes(kind)) })
}

// closes tells whether an entry must come after every signature that was confirmed before it.
func closes(kind string) bool { return kind == "tally" || kind == "close" }

// begin reads what there is. The size comes first: what other nodes change after it makes commit fail.
func begin(tx *store.Tx, term store.Term) (*placement, error) {
	p := &placement{tx: tx, term: term, rows: map[string]*store.ActionRow{}, added: map[string]*store.Tally{}, signed: map[string]int{}}
	var err error
	if p.size, _, err = tx.LogSizes(); err != nil {
		return nil, err
	}
	rows, err := tx.Actions()
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		p.rows[row.PID] = &row
		p.added[row.PID] = &store.Tally{}
	}
	return p, nil
}

// due says of which petitions signatures are to be placed now: live ones, and batched ones whose time has come or which
// are about to be closed in the log. What the log has closed gets no more signatures, or it would be INVALID.
func (s *Sequencer) due(p *placement, waits []store.LogWait) (due []string, err error) {
	counts, err := p.tx.CountWaiting(batchSize)
	if err != nil {
		return nil, err
	}
	closing := map[string]bool{}
	for _, w := range waits {
		closing[w.PID] = closing[w.PID] || closes(w.Kind)
	}
	for pid, row := range p.rows {
		n := counts[pid]
		since, known := s.waits[pid]
		switch {
		case n == 0:
			delete(s.waits, pid)
			continue
		case !known:
			since = p.tx.Now
			s.waits[pid] = since
		}
		whole := row.Publish != undersigned.Batched || n >= batchSize || p.tx.Now.Sub(since) >= batchWait
		if row.LogState == store.LogOpened && whole || closing[pid] {
			due = append(due, pid)
		}
	}
	return due, nil
}

// signatures places waiting signatures in random order, so that the log does not say who came first, and tells whether
// some had to be left for the next transaction.
func (p *placement) signatures(due []string, err error) (left int, _ error) {
	if err != nil {
		return 0, err
	}
	type candidate struct {
		pid string
		store.WaitingSignature
	}
	var candidates []candidate
	for _, pid := range due {
		found, err := p.tx.WaitingSignatures(pid, maxPlaced+1)
		if err != nil {
			return 0, err
		}
		for _, f := range found {
			if f.Version <= p.rows[pid].Version { // else its text came after the texts were read (PostgreSQL only)
				candidates = append(candidates, candidate{pid, f})
			}
		}
	}
	shuffle(candidates)
	left = max(len(candidates)-maxPlaced, 0)
	for _, c := range candidates[:len(candidates)-left] {
		state := undersigned.SignatureCounted
		if !c.Opened {
			state = undersigned.SignatureShredded
		}
		index := p.next()
		// Nothing is placed where the signer took it back, or had it shredded, since it was read (PostgreSQL only).
		if ok, err := p.tx.PlaceSignature(c.WaitingSignature, index, state); err != nil || !ok {
			if err != nil {
				return 0, err
			}
			continue
		}
		entry := translog.Entry{Kind: translog.KindSign, Version: int64(c.Version), Hash: tlog.Hash(c.Commitment)}
		if err := p.add(c.pid, entry, store.Tally{Counted: 1}); err != nil {
			return 0, err
		}
		p.signed[c.pid]++
		if !c.Opened {
			if err := p.add(c.pid, translog.Entry{Kind: translog.KindShred, Index: index}, store.Tally{Shredded: 1}); err != nil {
				return 0, err
			}
		}
	}
	return left, nil
}

// waits places the other entries of the chosen kinds, in the order in which they came.
func (p *placement) waits(waits []store.LogWait, chosen func(kind string) bool) error {
	for _, w := range waits {
		if !chosen(w.Kind) {
			continue
		}
		entry, tally, err := p.entry(w)
		if err != nil {
			return fmt.Errorf("make an entry (%s): %w", w.Kind, err)
		}
		if err := p.add(w.PID, entry, tally); err != nil {
			return err
		}
		if err := p.tx.LogWaitDone(w); err != nil {
			return err
		}
	}
	return nil
}

// entry makes the entry that something waits for, and what it adds to the counts.
func (p *placement) entry(w store.LogWait) (e translog.Entry, t store.Tally, err error) {
	row := p.rows[w.PID]
	if row == nil {
		return e, t, errors.New("no such action")
	}
	switch w.Kind {
	case "open":
		text, _, err := p.tx.ActionVersion(w.PID, w.Version)
		e = translog.Entry{Kind: translog.KindOpen, Version: int64(w.Version), Hash: translog.TextHash([]byte(text)), Closes: w.Detail}
		return e, t, err
	case "void":
		reason, err := translog.ParseReason(w.Detail)
		t = store.Tally{Counted: -1, Fraud: 1}
		switch reason {
		case translog.ReasonWithdrawn:
			t = store.Tally{Counted: -1, Withdrawn: 1}
		case translog.ReasonErased:
			t = store.Tally{Counted: -1, Erased: 1}
		}
		return translog.Entry{Kind: translog.KindVoid, Index: w.Index, Reason: reason}, t, err
	case "restore":
		return translog.Entry{Kind: translog.KindRestore, Index: w.Index}, store.Tally{Counted: 1, Fraud: -1}, nil
	case "shred":
		return translog.Entry{Kind: translog.KindShred, Index: w.Index}, store.Tally{Shredded: 1}, nil
	case "tally":
		a, b := row.Tally, p.added[w.PID]
		return translog.Entry{Kind: translog.KindTally, Size: p.next(), Counts: translog.Counts{Counted: a.Counted + b.Counted,
			Withdrawn: a.Withdrawn + b.Withdrawn, Erased: a.Erased + b.Erased, Fraud: a.Fraud + b.Fraud,
			Shredded: a.Shredded + b.Shredded}}, t, nil
	case "close":
		return translog.Entry{Kind: translog.KindClose}, t, nil
	case "destroy":
		return translog.Entry{Kind: translog.KindDestroy}, t, nil
	}
	return e, t, errors.New("unknown kind")
}

func (p *placement) next() int64 { return p.size + int64(len(p.entries)) }

func (p *placement) add(pid string, e translog.Entry, t store.Tally) (err error) {
	if e.PID, err = translog.ParsePID(pid); err != nil {
		return err
	}
	entry, err := e.Bytes()
	if err != nil {
		return err
	}
	p.entries = append(p.entries, entry)
	sum := p.added[pid]
	sum.Counted += t.Counted
	sum.Withdrawn += t.Withdrawn
	sum.Erased += t.Erased
	sum.Fraud += t.Fraud
	sum.Shredded += t.Shredded
	return nil
}

// commit stores the entries, the grown tree, its size and the counts.
func (p *placement) commit() error {
	if len(p.entries) == 0 {
		return nil
	}
	edge, err := readEdge(p.tx, p.size)
	if err != nil {
		return err
	}
	leaves := make([]tlog.Hash, len(p.entries))
	for i, entry := range p.entries {
		leaves[i] = translog.LeafHash(entry)
		if err := p.tx.AppendEntry(p.size+int64(i), string(entry)); err != nil {
			return err
		}
	}
	grown, _, err := translog.Grow(p.size, edge, leaves)
	if err != nil {
		return err
	}
	for _, t := range grown {
		if err := p.tx.PutTile(t.L, t.N, t.Data); err != nil {
			return err
		}
	}
	for pid, t := range p.added {
		if *t != (store.Tally{}) {
			if err := p.tx.AddTally(pid, *t); err != nil {
				return err
			}
		}
	}
	ok, err := p.tx.GrowLog(p.term, p.size, p.next())
	if err == nil && !ok {
		err = errLost
	}
	return err
}

// shuffle leaves an order that nobody can find out afterwards: who knew the generator's state would know the order of
// confirming, so there is none to know.
func shuffle[T any](list []T) {
	for i := len(list) - 1; i > 0; i-- {
		n, err := rand.Int(rand.Reader, big.NewInt(int64(i+1)))
		if err != nil {
			panic(err) // rand.Reader never fails: it ends the process instead
		}
		j := n.Int64()
		list[i], list[j] = list[j], list[i]
	}
}
