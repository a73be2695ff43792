package action

import (
	"context"
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"slices"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/translog"
)

// publishedLog is a verified copy of what the log has published, which may be more than a backup knows.
type publishedLog struct {
	files *translog.Client
	head  translog.Checkpoint
	note  []byte
}

// copyLog copies the published log into dir, verifying all of it with the log's own key.
func copyLog(ctx context.Context, location, dir, vkey string) (*publishedLog, error) {
	key, err := translog.ParseLogKey(vkey)
	if err != nil {
		return nil, err
	}
	source, err := translog.NewClient(location)
	if err != nil {
		return nil, err
	}
	report, err := translog.Mirror(ctx, source, dir, translog.Policy{Log: key})
	if err != nil {
		return nil, err
	}
	p := &publishedLog{files: translog.NewDirClient(os.DirFS(dir)), head: report.Checkpoint}
	p.note, err = p.files.Checkpoint(ctx)
	return p, err
}

// entries reads the entries [from, head.N), some at a time.
func (p *publishedLog) entries(ctx context.Context, from int64, do func(entries [][]byte) error) error {
	for n := from / translog.TileWidth; n*translog.TileWidth < p.head.N; n++ {
		begin := n * translog.TileWidth
		entries, err := p.files.Bundle(ctx, n, int(min(p.head.N-begin, translog.TileWidth)))
		if err != nil {
			return err
		}
		if err := do(entries[max(from-begin, 0):]); err != nil {
			return err
		}
	}
	return nil
}

// logReplay brings the rows of a backup to where the published log is.
type logReplay struct {
	ctx     context.Context
	tx      *store.Tx
	log     *publishedLog
	tree    *logTree
	fold    translog.Fold
	actions map[string]store.ActionRow        // by pid
	waiting map[string]store.WaitingSignature // rows without a place, by what the log will say of them
	waits   []store.LogWait
	touched []int64                      // signatures that the log has something new about
	lost    map[string]bool              // petitions that were opened after the backup
	states  map[string]translog.Petition // of all petitions in the end, by pid
	shreds  int
}

// run does it all, in one transaction: a crash leaves the backup as it was. It gives how many entries came back, and of
// how many signatures nothing but their entry is left.
func (r *logReplay) run() (entries int64, lost int, err error) {
	if r.tree, err = readTree(r.tx); err != nil {
		return 0, 0, err
	}
	before := r.tree.size
	if before >= r.log.head.N {
		return 0, 0, r.compare()
	}
	if err := r.read(); err != nil {
		return 0, 0, err
	}
	if err := r.log.entries(r.ctx, before, r.add); err != nil {
		return 0, 0, err
	}
	// The root of all entries, ours and those that were copied, is the published one: so all of them are right.
	if r.tree.root != r.log.head.Hash {
		return 0, 0, translog.ErrForked
	}
	term, err := r.tx.Term()
	if err != nil {
		return 0, 0, err
	}
	if _, err := r.tx.GrowLog(term, before, r.tree.size); err != nil {
		return 0, 0, err
	}
	r.states = map[string]translog.Petition{}
	for _, p := range r.fold.Petitions() {
		r.states[p.PID.String()] = p
	}
	slices.Sort(r.touched)
	for _, index := range slices.Compact(r.touched) {
		if err := r.settle(index); err != nil {
			return 0, 0, err
		}
	}
	if err := r.settleActions(); err != nil {
		return 0, 0, err
	}
	_, err = r.tx.Publish(term, store.Checkpoint{Size: r.tree.size, At: r.tx.Now, Note: string(r.log.note)})
	return r.tree.size - before, r.shreds, err
}

// compare is for a published log that is no longer than the backup's: it must be the beginning of it.
func (r *logReplay) compare() error {
	read := func(_ context.Context, t tlog.Tile) ([]byte, error) {
		data, err := r.tx.Tile(t.L, t.N)
		return data[:min(len(data), t.W*tlog.HashSize)], err
	}
	root, err := translog.RootAt(r.ctx, tlog.Tree{N: r.tree.size, Hash: r.tree.root}, r.log.head.N, read)
	if err == nil && root != r.log.head.Hash {
		err = translog.ErrForked
	}
	return err
}

// read reads what the backup knows.
func (r *logReplay) read() error {
	rows, err := r.tx.Actions()
	if err != nil {
		return err
	}
	r.actions, r.waiting, r.lost = map[string]store.ActionRow{}, map[string]store.WaitingSignature{}, map[string]bool{}
	const all = 1 << 30
	for _, row := range rows {
		r.actions[row.PID] = row
		waiting, err := r.tx.WaitingSignatures(row.PID, all)
		if err != nil {
			return err
		}
		for _, w := range waiting {
			r.waiting[string(w.Commitment)] = w
		}
	}
	if r.waits, err = r.tx.LogWaits(all); err != nil {
		return err
	}
	return eachStep(r.tx, r.tree.size, func(entries [][]byte) error {
		for _, entry := range entries {
			if err := r.fold.Add(entry); err != nil {
				return err
			}
		}
		return nil
	})
}

// add stores entries that the backup lacks.
func (r *logReplay) add(entries [][]byte) error {
	for i, text := range entries {
		index := r.tree.size + int64(i)
		if err := r.fold.Add(text); err != nil {
			return err
		}
		entry, err := translog.ParseEntry(text)
		if err != nil {
			return err
		}
		if err := r.tx.AppendEntry(index, string(text)); err != nil {
			return err
		}
		if err := r.apply(index, entry); err != nil {
			return err
		}
	}
	return r.tree.grow(r.tx, entries)
}

// apply does what an entry says, or notes it.
func (r *logReplay) apply(index int64, e translog.Entry) error {
	pid := e.PID.String()
	if err := r.placed(pid, e); err != nil {
		return err
	}
	switch e.Kind {
	case translog.KindOpen:
		return r.open(pid, e)
	case translog.KindSign:
		r.touched = append(r.touched, index)
		waiting, known := r.waiting[string(e.Hash[:])]
		if !known {
			return r.insertLost(pid, index, e)
		}
		_, err := r.tx.PlaceSignature(waiting, index, undersigned.SignatureCounted)
		return err
	case translog.KindVoid, translog.KindRestore, translog.KindShred:
		r.touched = append(r.touched, e.Index)
	}
	return nil
}

// placed takes an entry from those that still waited for their place when the backup was made.
func (r *logReplay) placed(pid string, e translog.Entry) error {
	for i, w := range r.waits {
		if w.PID == pid && w.Kind == e.Kind.String() && int64(w.Version) == e.Version && w.Index == e.Index {
			r.waits = append(r.waits[:i:i], r.waits[i+1:]...)
			return r.tx.LogWaitDone(w)
		}
	}
	return nil
}

// open brings back a text. Of a petition that the backup does not know no more than its texts and signs can come back.
func (r *logReplay) open(pid string, e translog.Entry) error {
	row, known := r.actions[pid]
	if !known {
		row = store.ActionRow{PID: pid, Slug: pid, Publish: undersigned.Live, LogState: store.LogOpened}
		if err := r.tx.InsertAction(row); err != nil {
			return err
		}
		r.lost[pid] = true
	}
	if _, found, err := r.tx.ActionVersion(pid, int(e.Version)); err != nil || found {
		r.actions[pid] = row
		return err
	}
	row.Version, row.Closes = int(e.Version), e.Closes
	r.actions[pid] = row
	if _, err := r.tx.SetActionVersion(pid, row.Version, row.Publish, row.Closes); err != nil {
		return err
	}
	text, err := r.log.files.Text(r.ctx, e.PID, e.Version)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // what it was copied from does not have it
	}
	if err != nil {
		return err
	}
	return r.tx.InsertActionVersion(pid, row.Version, string(text))
}

// insertLost makes the tombstone of a signature of which the backup has nothing.
func (r *logReplay) insertLost(pid string, index int64, e translog.Entry) error {
	row := store.SignatureRow{PID: pid, Version: int(e.Version), State: undersigned.SignatureWaiting, Slot: 1}
	rand.Read(row.ID[:])
	if _, err := r.tx.InsertSignature(&row); err != nil {
		return err
	}
	_, err := r.tx.PlaceSignature(store.WaitingSignature{ID: row.ID}, index, undersigned.SignatureCounted)
	return err
}

// settle gives a signature's row the state that it has come to in the log, and forgets what is to be forgotten. Where the
// log counts on an opening that is lost, it is told so.
func (r *logReplay) settle(index int64) error {
	row, err := r.tx.SignatureAt(index)
	if err != nil || row == nil || r.unsaid(index) {
		return err
	}
	sign, _ := r.fold.Sign(index)
	state := undersigned.SignatureCounted
	switch {
	case sign.Voided == translog.ReasonWithdrawn:
		state = undersigned.SignatureWithdrawn
	case sign.Voided == translog.ReasonErased:
		state = undersigned.SignatureErased
	case sign.Voided != 0:
		state = undersigned.SignatureInvalidated
	case sign.Shredded:
		state = undersigned.SignatureShredded
	case row.Sealed == nil && !r.states[row.PID].Destroyed:
		state = undersigned.SignatureShredded
		r.shreds++
		if err := r.tx.WaitForLog(store.LogWait{PID: row.PID, Kind: "shred", Index: index}); err != nil {
			return err
		}
	}
	if _, err := r.tx.MoveSignature(row.ID, row.State, state); err != nil {
		return err
	}
	if state != undersigned.SignatureCounted {
		_, _, err = takeOut(r.tx, row.ID, state, state)
	}
	return err
}

// unsaid tells whether the backup itself has something to say of a signature that the log has not heard: its row is then
// further than the log, and stays.
func (r *logReplay) unsaid(index int64) bool {
	return slices.ContainsFunc(r.waits, func(w store.LogWait) bool {
		return w.Index == index && (w.Kind == "void" || w.Kind == "restore" || w.Kind == "shred")
	})
}

// settleActions sets counts and states to what the log has come to.
func (r *logReplay) settleActions() error {
	counts := tallies(&r.fold)
	for pid, p := range r.states {
		row := r.actions[pid]
		if err := r.tx.AddTally(row.PID, difference(counts[row.PID], row.Tally)); err != nil {
			return err
		}
		state := store.LogOpened
		switch {
		case p.Destroyed:
			state = store.LogDestroyed
		case p.Closed || r.lost[row.PID]:
			state = store.LogClosed
		}
		if state <= row.LogState {
			continue
		}
		if row.ClosedAt.IsZero() {
			if err := r.tx.SetActionClosed(row.PID, r.tx.Now); err != nil {
				return err
			}
		}
		if _, err := r.tx.MoveActionLogState(row.PID, row.LogState, state); err != nil {
			return err
		}
		if p.Closed {
			continue
		}
		// Its page and its keys are lost: nobody can sign it any more, and the log is told so.
		for _, kind := range []string{"tally", "close"} {
			if err := r.tx.WaitForLog(store.LogWait{PID: row.PID, Kind: kind}); err != nil {
				return err
			}
		}
	}
	return nil
}

func difference(a, b store.Tally) store.Tally {
	return store.Tally{Counted: a.Counted - b.Counted, Withdrawn: a.Withdrawn - b.Withdrawn, Erased: a.Erased - b.Erased,
		Fraud: a.Fraud - b.Fraud, Shredded: a.Shredded - b.Shredded}
}
