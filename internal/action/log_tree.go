package action

import (
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/translog"
)

// logStep is how many entries are read or written at a time.
const logStep = 4096

// logTree is the public log's tree as the database has it.
type logTree struct {
	size int64
	edge []translog.HashTile
	root tlog.Hash
}

// readTree reads the tree's edge and computes its root.
func readTree(tx *store.Tx) (t *logTree, err error) {
	t = &logTree{}
	if t.size, _, err = tx.LogSizes(); err != nil {
		return nil, err
	}
	return t, t.readEdge(tx)
}

func (t *logTree) readEdge(tx *store.Tx) (err error) {
	t.edge = nil
	for _, tile := range translog.Edge(t.size) {
		data, err := tx.Tile(tile.L, tile.N)
		if err != nil {
			return err
		}
		if len(data) < tile.W*tlog.HashSize {
			return fmt.Errorf("read the log's tiles: %s is missing or short", translog.TilePath(tile))
		}
		t.edge = append(t.edge, translog.HashTile{Tile: tile, Data: data[:tile.W*tlog.HashSize]})
	}
	t.root, err = translog.Root(t.size, t.edge)
	return err
}

// grow adds the hashes of entries to the tree.
func (t *logTree) grow(tx *store.Tx, entries [][]byte) error {
	leaves := make([]tlog.Hash, len(entries))
	for i, entry := range entries {
		leaves[i] = translog.LeafHash(entry)
	}
	changed, _, err := translog.Grow(t.size, t.edge, leaves)
	if err != nil {
		return err
	}
	for _, tile := range changed {
		if err := tx.PutTile(tile.L, tile.N, tile.Data); err != nil {
			return err
		}
	}
	t.size += int64(len(entries))
	return t.readEdge(tx)
}

// eachStep reads the log's entries from the first to the last, some at a time.
func eachStep(tx *store.Tx, size int64, do func(entries [][]byte) error) error {
	for from := int64(0); from < size; from += logStep {
		texts, err := tx.Entries(from, min(from+logStep, size))
		if err != nil {
			return err
		}
		entries := make([][]byte, len(texts))
		for i, text := range texts {
			entries[i] = []byte(text)
		}
		if err := do(entries); err != nil {
			return err
		}
	}
	return nil
}

// rebuildTree draws the tree of a loaded backup anew from its entries, and refuses a backup whose entries are not those
// that its head, the rules of the log or the counts speak of.
func rebuildTree(tx *store.Tx, head *BackupHead) error {
	size, _, err := tx.LogSizes()
	if err != nil {
		return err
	}
	var tree logTree
	var fold translog.Fold
	if err := tree.readEdge(tx); err != nil {
		return err
	}
	err = eachStep(tx, size, func(entries [][]byte) error {
		for _, entry := range entries {
			if err := fold.Add(entry); err != nil {
				return err
			}
		}
		return tree.grow(tx, entries)
	})
	if err != nil {
		return fmt.Errorf("%w: %w", errDamagedBackup, err)
	}
	if tree.size != size || size != head.LogSize || tree.root != head.LogRoot {
		return fmt.Errorf("%w: its public log is not the one that its head names", errDamagedBackup)
	}
	rows, err := tx.Actions()
	if err != nil {
		return err
	}
	counts := tallies(&fold)
	for _, row := range rows {
		if row.Tally != counts[row.PID] {
			return fmt.Errorf("%w: a count is not what the public log says", errDamagedBackup)
		}
	}
	return nil
}

func tallies(fold *translog.Fold) map[string]store.Tally {
	all := map[string]store.Tally{}
	for _, p := range fold.Petitions() {
		all[p.PID.String()] = store.Tally{Counted: p.Counts.Counted, Withdrawn: p.Counts.Withdrawn, Erased: p.Counts.Erased,
			Fraud: p.Counts.Fraud, Shredded: p.Counts.Shredded}
	}
	return all
}
