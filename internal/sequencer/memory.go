package sequencer

import (
	"context"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/translog"
)

// A node remembers the longest log that it has seen published. It is a witness of its own, until it ends: a database that has
// failed over to a copy without the last commits, as a wrong setting of its cluster allows, is older than what everybody has
// read. To go on from there would give the same places to other signatures, and the log would fork.

// remember looks at what this node or another has published.
func (s *Sequencer) remember(ctx context.Context) error {
	return s.DB.View(ctx, func(tx *store.Tx) error {
		_, published, err := tx.LogSizes()
		if err != nil || published <= s.seen.N {
			return err
		}
		c, err := tx.Checkpoint()
		if err != nil {
			return err
		}
		text, _, _ := strings.Cut(c.Note, "\n\n")
		head, err := translog.ParseCheckpoint(text + "\n")
		if err == nil {
			s.seen = head.Tree
		}
		return err
	})
}

// recall tells whether the log in the database is still the one that was seen: a haltError where it is not.
func (s *Sequencer) recall(ctx context.Context) error {
	if s.seen.N == 0 {
		return nil
	}
	var tree tlog.Tree
	err := s.DB.View(ctx, func(tx *store.Tx) (err error) {
		if tree.N, _, err = tx.LogSizes(); err != nil {
			return err
		}
		edge, err := readEdge(tx, tree.N)
		if err == nil {
			tree.Hash, err = translog.Root(tree.N, edge)
		}
		return err
	})
	if err != nil {
		return err
	}
	if tree.N < s.seen.N {
		return &haltError{fmt.Sprintf("this node has seen %d entries of the log published, and the database has %d: %s", s.seen.N, tree.N, olderCopy)}
	}
	root, err := translog.RootAt(ctx, tree, s.seen.N, s.readTile)
	if err == nil && root != s.seen.Hash {
		return &haltError{fmt.Sprintf("the first %d entries of the log are not those that this node has seen published: %s", s.seen.N, olderCopy)}
	}
	return err
}

const olderCopy = "an older copy of the database is in use. Nothing is signed until the newer one is back or its entries are restored " +
	"(undersigned restore --log), and every node was started again; signatures are still accepted"

// wellAgain notes, for a log without witnesses, that nothing is wrong any more.
func (s *Sequencer) wellAgain(ctx context.Context) error {
	var trouble string
	err := s.DB.View(ctx, func(tx *store.Tx) (err error) { _, trouble, err = tx.Duty(WitnessDuty); return err })
	if err != nil || trouble == "" {
		return err
	}
	return s.DB.Update(ctx, store.Jobs, func(tx *store.Tx) error { return tx.DutyDone(WitnessDuty, "") })
}
