package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/translog"
	"golang.org/x/mod/sumdb/tlog"
)

// Log is the public log as Recount found it.
type Log struct {
	Entries    []translog.Entry
	Signatures []*store.SignatureRow // all rows
	Waits      []store.LogWait
	fold       translog.Fold
}

// Counts gives the numbers of one petition.
func (l *Log) Counts(pid string) translog.Counts { return counts(&l.fold)[pid] }

// Kinds lists the kinds of all entries, in order.
func (l *Log) Kinds() (kinds []string) {
	for _, e := range l.Entries {
		kinds = append(kinds, e.Kind.String())
	}
	return kinds
}

// Recount counts everything from nothing and compares: the entries with the rules of the log, the tree and its root with
// the tiles and the checkpoint, the counts with the actions' rows, the signatures' rows with their entries. The database
// must be at rest. vkey is the log's public key.
func Recount(t testing.TB, db *store.DB, vkey string) *Log {
	t.Helper()
	l := &Log{Signatures: Signatures(t, db)}
	err := db.View(context.WithoutCancel(t.Context()), func(tx *store.Tx) error {
		size, published, err := tx.LogSizes()
		if err != nil {
			return err
		}
		texts, err := tx.Entries(0, size+1)
		if err != nil {
			return err
		}
		if int64(len(texts)) != size || published > size {
			return fmt.Errorf("%d entries, size %d, published %d", len(texts), size, published)
		}
		printed, err := l.foldAll(texts, published)
		if err != nil {
			return err
		}
		if l.Waits, err = tx.LogWaits(1 << 20); err != nil {
			return err
		}
		return errors.Join(checkTree(tx, texts, published, vkey), l.checkCounts(tx, printed, published), l.checkRows())
	})
	if err != nil {
		t.Errorf("recount: %v", err)
	}
	return l
}

// foldAll adds up all entries, and gives what they added up to when the published ones were read.
func (l *Log) foldAll(texts []string, published int64) (printed map[string]translog.Counts, err error) {
	printed = map[string]translog.Counts{}
	for i, text := range texts {
		if err := l.fold.Add([]byte(text)); err != nil {
			return nil, err
		}
		entry, err := translog.ParseEntry([]byte(text))
		if err != nil {
			return nil, err
		}
		l.Entries = append(l.Entries, entry)
		if int64(i+1) == published {
			printed = counts(&l.fold)
		}
	}
	return printed, nil
}

func counts(f *translog.Fold) map[string]translog.Counts {
	all := map[string]translog.Counts{}
	for _, p := range f.Petitions() {
		all[p.PID.String()] = p.Counts
	}
	return all
}

// checkTree hashes the tree anew and compares every tile, and the checkpoint.
func checkTree(tx *store.Tx, texts []string, published int64, vkey string) error {
	var hashes []tlog.Hash
	read := tlog.HashReaderFunc(func(indexes []int64) (found []tlog.Hash, _ error) {
		for _, i := range indexes {
			found = append(found, hashes[i])
		}
		return found, nil
	})
	for i, text := range texts {
		stored, err := tlog.StoredHashes(int64(i), []byte(text), read)
		if err != nil {
			return err
		}
		hashes = append(hashes, stored...)
	}
	widest := map[[2]int64]tlog.Tile{}
	for _, tile := range tlog.NewTiles(8, 0, int64(len(texts))) {
		if at := [2]int64{int64(tile.L), tile.N}; widest[at].W < tile.W {
			widest[at] = tile
		}
	}
	for _, tile := range widest {
		want, err := tlog.ReadTileData(tile, read)
		if err != nil {
			return err
		}
		if got, err := tx.Tile(tile.L, tile.N); err != nil || !slices.Equal(got, want) {
			return fmt.Errorf("tile %s differs from the entries: %v", tile.Path(), err)
		}
	}
	c, err := tx.Checkpoint()
	if err != nil || c.Size != published {
		return fmt.Errorf("the checkpoint has size %d, published are %d: %v", c.Size, published, err)
	}
	if published == 0 {
		return nil
	}
	key, err := translog.ParseLogKey(vkey)
	if err != nil {
		return err
	}
	signed, _, err := translog.Policy{Log: key}.Open([]byte(c.Note))
	if err != nil {
		return err
	}
	root, err := tlog.TreeHash(published, read)
	if err != nil || signed.N != published || signed.Hash != root {
		return fmt.Errorf("the checkpoint is of size %d and root %v; the entries make %v: %v", signed.N, signed.Hash, root, err)
	}
	return nil
}

func (l *Log) checkCounts(tx *store.Tx, printed map[string]translog.Counts, published int64) error {
	actions, err := tx.Actions()
	if err != nil {
		return err
	}
	all := counts(&l.fold)
	for name, a := range actions {
		got := translog.Counts{Counted: a.Tally.Counted, Withdrawn: a.Tally.Withdrawn, Erased: a.Tally.Erased,
			Fraud: a.Tally.Fraud, Shredded: a.Tally.Shredded}
		if got != all[a.PID] {
			err = errors.Join(err, fmt.Errorf("%s: the row says %+v, the log %+v", name, got, all[a.PID]))
		}
		if a.Public.Counted != printed[a.PID].Counted {
			err = errors.Join(err, fmt.Errorf("%s: %d are printed, the published log has %d", name, a.Public.Counted, printed[a.PID].Counted))
		}
		if a.Public.TreeSize > published {
			err = errors.Join(err, fmt.Errorf("%s: printed at size %d, published are %d", name, a.Public.TreeSize, published))
		}
	}
	return err
}

// checkRows compares each row with its entry, and each sign entry with its row.
func (l *Log) checkRows() (err error) {
	waits := map[int64]string{}
	for _, w := range l.Waits {
		waits[w.Index] += w.Kind + w.Detail
	}
	byIndex := map[int64]*store.SignatureRow{}
	for _, row := range l.Signatures {
		if wrong := l.checkRow(row, waits); wrong != "" {
			err = errors.Join(err, fmt.Errorf("row %x (state %d, place %d): %s", row.ID[:4], row.State, row.LogIndex, wrong))
		}
		if row.LogIndex >= 0 {
			if byIndex[row.LogIndex] != nil {
				err = errors.Join(err, fmt.Errorf("two rows at %d", row.LogIndex))
			}
			byIndex[row.LogIndex] = row
		}
	}
	for i, e := range l.Entries {
		if (e.Kind == translog.KindSign) != (byIndex[int64(i)] != nil) {
			err = errors.Join(err, fmt.Errorf("entry %d is a %s; a row there: %v", i, e.Kind, byIndex[int64(i)] != nil))
		}
	}
	return err
}

// destroyed tells whether the log says, or is about to say, that all openings of a petition are destroyed.
func (l *Log) destroyed(pid string) bool {
	for _, p := range l.fold.Petitions() {
		if p.PID.String() == pid && p.Destroyed {
			return true
		}
	}
	return slices.ContainsFunc(l.Waits, func(w store.LogWait) bool { return w.PID == pid && w.Kind == "destroy" })
}

func (l *Log) checkRow(row *store.SignatureRow, waits map[int64]string) (wrong string) {
	hashed := row.EmailHash != nil && row.EmailNameHash != nil
	whole := hashed && row.Commitment != nil && row.Sealed != nil
	bare := row.EmailHash == nil && row.EmailNameHash == nil && row.Sealed == nil
	switch row.State {
	case undersigned.SignatureWaiting:
		if row.LogIndex >= 0 || !whole && !(hashed && row.Sealed == nil && row.Commitment != nil) {
			return "waiting, and has a place or lacks something"
		}
		return ""
	case undersigned.SignatureCounted:
		if !whole && !(bare && l.destroyed(row.PID)) || row.LogIndex < 0 {
			return "counted, and lacks its place or something else"
		}
	case undersigned.SignatureHeld:
		if !whole || row.Doubts == 0 || !slices.Equal(row.Review, store.Unreviewed) {
			return "held, and lacks something"
		}
	case undersigned.SignatureInvalidated: // kept whole for as long as that can be undone
		if !bare && (!whole || row.Review == nil) {
			return "removed, and lacks something or the decision"
		}
	case undersigned.SignatureShredded: // what the log knows and a backup lacked has no hashes
		if row.Sealed != nil || !hashed && !bare {
			return "shredded, and says too much or lacks a hash"
		}
	default:
		if !bare {
			return "a tombstone that says something"
		}
	}
	if row.LogIndex < 0 {
		return ""
	}
	sign, ok := l.fold.Sign(row.LogIndex)
	e := l.Entries[row.LogIndex]
	if !ok || sign.PID.String() != row.PID || int(e.Version) != row.Version ||
		row.Commitment != nil && tlog.Hash(row.Commitment) != e.Hash {
		return "its entry is of something else"
	}
	want := map[undersigned.SignatureState]string{undersigned.SignatureWithdrawn: "voidwithdrawn",
		undersigned.SignatureErased: "voiderased", undersigned.SignatureShredded: "shred"}[row.State]
	is := ""
	switch {
	case sign.Voided != 0:
		is = "void" + sign.Voided.String()
	case sign.Shredded:
		is = "shred"
	}
	if row.State != undersigned.SignatureInvalidated && is+waits[row.LogIndex] != want {
		return fmt.Sprintf("the log says %q, and %q waits", is, waits[row.LogIndex])
	}
	return ""
}
