package sequencer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/translog"
)

// WitnessDuty is the name under which the database remembers when witnesses were last asked with success, and what was
// wrong since; for doctor, which is another process.
const WitnessDuty = "witness"

// The pace of asking witnesses again, and of noting that all is well.
const (
	askAgain = 5 * time.Second
	noteWell = time.Minute
)

// guard keeps the log from forking: before this node signs for the first time, and again after each change of the sequencer's
// holder, it asks its own memory and the witnesses whether they have seen more than the database has. Until they deny that,
// nothing is placed: what a restored backup lacks must come back to its own indexes.
type guard struct {
	compared bool
	term     store.Term // of the lock, when they were asked
	next     time.Time  // not before
	trouble  error      // of the last time
	noted    string
	notedAt  time.Time
}

// Halted tells whether nothing is signed because a witness, or this node itself, has seen what the database does not have.
func (s *Sequencer) Halted() bool { return s.halted.Load() }

// compare asks them where that is due; its error is a reason to do nothing this time.
func (s *Sequencer) compare(ctx context.Context) error {
	g := &s.guard
	if s.term != g.term {
		g.term, g.compared, g.next = s.term, false, time.Time{}
	}
	if g.compared {
		return nil
	}
	now := s.Now()
	if now.Before(g.next) {
		return g.trouble
	}
	g.next = now.Add(askAgain)
	err := s.recall(ctx)
	if err == nil && s.Witnesses != nil {
		var h head
		if h, err = s.published(ctx); err == nil {
			err = s.Witnesses.compare(ctx, h)
		}
	}
	if err != nil {
		err = s.unlessLost(ctx, err)
	}
	g.compared = err == nil
	return s.note(ctx, err)
}

// published is the head that was published last, for witnesses to look at; of a log that has none, the signed empty one,
// which contradicts nothing.
func (s *Sequencer) published(ctx context.Context) (h head, err error) {
	h.read = s.readTile
	var c store.Checkpoint
	err = s.DB.View(ctx, func(tx *store.Tx) (err error) {
		if h.ours, _, err = tx.LogSizes(); err == nil {
			c, err = tx.Checkpoint()
		}
		return err
	})
	if err != nil {
		return h, err
	}
	h.signed = []byte(c.Note)
	if c.Note != "" {
		h.Checkpoint, _, err = translog.Policy{Log: s.Witnesses.Policy.Log}.Open(h.signed)
		return h, err
	}
	if h.Hash, err = translog.Root(0, nil); err != nil {
		return h, err
	}
	h.Origin = s.Signer.Name()
	h.signed, err = h.Checkpoint.Sign(s.Signer)
	return h, err
}

// cosign has the witnesses sign; without any, the checkpoint is published as it is.
func (s *Sequencer) cosign(ctx context.Context, tree tlog.Tree, signed []byte) ([]byte, error) {
	if s.Witnesses == nil {
		return signed, nil
	}
	h := head{translog.Checkpoint{Origin: s.Signer.Name(), Tree: tree}, signed, s.readTile, tree.N}
	cosigned, err := s.Witnesses.cosign(ctx, h)
	if err != nil {
		err = s.unlessLost(ctx, err)
	}
	return cosigned, s.note(ctx, err)
}

// unlessLost gives errLost in place of what witnesses say to a node that does not sequence any more: they have seen what
// another node has placed since, and that is no alarm.
func (s *Sequencer) unlessLost(ctx context.Context, err error) error {
	if errors.Is(s.still(ctx), errLost) {
		return errLost
	}
	return err
}

// note remembers how asking the witnesses went.
func (s *Sequencer) note(ctx context.Context, err error) error {
	if errors.Is(err, errLost) {
		return err
	}
	g := &s.guard
	var halt *haltError
	if errors.As(err, &halt) {
		g.compared = false
	}
	g.trouble = err
	s.halted.Store(errors.As(err, &halt))
	text := ""
	if err != nil {
		text = err.Error()
	}
	now := s.Now()
	if text == g.noted && now.Sub(g.notedAt) < noteWell {
		return err
	}
	if s.Witnesses == nil && err == nil {
		g.noted, g.notedAt = text, now
		return s.wellAgain(ctx)
	}
	g.noted, g.notedAt = text, now
	noted := s.DB.Update(ctx, store.Jobs, func(tx *store.Tx) error { return tx.DutyDone(WitnessDuty, text) })
	if noted != nil {
		return errors.Join(err, fmt.Errorf("note what the witnesses said: %w", noted))
	}
	return err
}

func (s *Sequencer) readTile(ctx context.Context, t tlog.Tile) (hashes []byte, err error) {
	err = s.DB.View(ctx, func(tx *store.Tx) error {
		hashes, err = tx.Tile(t.L, t.N)
		if err == nil && len(hashes) < t.W*tlog.HashSize {
			err = errors.New("the tile is missing or short")
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return hashes[:t.W*tlog.HashSize], nil
}
