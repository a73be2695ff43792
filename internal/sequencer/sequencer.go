// Package sequencer is the write side of the public log. Once a second it gives what waits its place, adds up the counts
// in the same transaction, signs what the log has become and publishes it. The printed counts are those of the published
// log and no others.
//
// The steps, and what a crash after each leaves:
//
//  1. place, one transaction: entries get their indexes, the tree grows, the counts are added to. A crash before its
//     commit leaves nothing; after it, a log that is longer than what is published, which the next tick publishes.
//  2. sign. The signed checkpoint follows from the tree alone, so signing it again gives the same bytes. A crash leaves
//     nothing new.
//  3. witness. Witnesses may have seen a checkpoint that we have not published; it is of our log and stays true.
//  4. publish, one transaction: the checkpoint, and with it the printed counts.
//
// No step lets two different logs be signed: the tree grows only by a compare-and-swap of its size, on the one database. And
// no step writes after another node has taken over, however long this one was frozen in the middle: the swap is of the
// holder's term too.
package sequencer

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/translog"
)

// Options are what the sequencer works with.
type Options struct {
	DB     *store.DB
	Signer note.Signer // see Signer
	Now    func() time.Time
	Log    *slog.Logger
	// Witnesses sign before anything is published; nil for a log without.
	Witnesses *Witnesses
	// Step, in tests, is called after each step with its name; an error ends the tick there, as a crash would.
	Step func(string) error
}

// Sequencer sequences. Tick must not be called by two goroutines at once; several nodes may run one each.
type Sequencer struct {
	Options
	term   store.Term // of the present tick, as the holder of the sequencer
	seen   tlog.Tree  // the longest log that was seen published
	waits  waiting
	guard  guard
	halted atomic.Bool
}

// New makes a sequencer.
func New(o Options) *Sequencer {
	if o.Step == nil {
		o.Step = func(string) error { return nil }
	}
	return &Sequencer{Options: o, waits: waiting{}}
}

// Signer signs for the log of a site. origin is the log's URL without its scheme.
func Signer(key ed25519.PrivateKey, origin string) (signer note.Signer, vkey string, err error) {
	vkey, err = note.NewEd25519VerifierKey(origin, key.Public().(ed25519.PublicKey))
	if err != nil {
		return nil, "", fmt.Errorf("name the log: %w", err)
	}
	// The secret form is the public one with the seed in place of the key, behind the same byte for Ed25519.
	secret := base64.StdEncoding.EncodeToString(append([]byte{1}, key.Seed()...))
	name, rest, _ := strings.Cut(vkey, "+")
	hash, _, _ := strings.Cut(rest, "+")
	signer, err = note.NewSigner("PRIVATE+KEY+" + name + "+" + hash + "+" + secret)
	return signer, vkey, err
}

// Run ticks once a second until ctx ends. Then another node may sequence.
func (s *Sequencer) Run(ctx context.Context) {
	defer s.DB.ReleaseSequencer()
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	var last string
	for {
		err := s.tickInTime(ctx)
		switch {
		case err != nil && ctx.Err() == nil && err.Error() != last:
			last = err.Error()
			s.Log.Error("sequence the log", "error", err)
		case err == nil && last != "":
			last = ""
			s.Log.Info("the log is sequenced again")
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

// tickTime bounds a tick: it reads from a database that may have gone away without a word.
const tickTime = time.Minute

func (s *Sequencer) tickInTime(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, tickTime)
	defer cancel()
	return s.Tick(ctx)
}

// maxTransactions is how many transactions of a tick place entries: what never ends to come must not keep what is placed
// from being published.
const maxTransactions = 10

// Tick places what waits, in transactions of at most 500 signatures so that requests get their turn between them, and
// publishes the result. It does nothing while another node holds the sequencer, and stops where one has taken it over.
func (s *Sequencer) Tick(ctx context.Context) error {
	held, err := s.DB.HoldSequencer(ctx)
	if err == nil && held {
		s.term = s.DB.SequencerTerm()
		err = s.sequence(ctx)
	}
	if !held || errors.Is(err, errLost) {
		clear(s.waits)
		s.halted.Store(false)
	}
	if errors.Is(err, errLost) {
		err = nil
	}
	return errors.Join(err, s.remember(ctx))
}

func (s *Sequencer) sequence(ctx context.Context) error {
	if err := s.compare(ctx); err != nil {
		return err
	}
	for n, more := 0, true; more && n < maxTransactions; n++ {
		if err := s.still(ctx); err != nil {
			return err
		}
		var placed int
		var err error
		if placed, more, err = s.place(ctx); err != nil {
			return fmt.Errorf("place entries: %w", err)
		}
		if placed == 0 {
			break
		}
		if err := s.Step("placed"); err != nil {
			return err
		}
	}
	if err := s.publish(ctx); err != nil {
		return fmt.Errorf("publish the log: %w", err)
	}
	return nil
}

// still tells whether this node still sequences, without a break: errLost where another does, or may have.
func (s *Sequencer) still(ctx context.Context) error {
	held, err := s.DB.HoldSequencer(ctx)
	if err == nil && (!held || s.DB.SequencerTerm() != s.term) {
		err = errLost
	}
	return err
}

// publish signs the log as it is and makes its counts the printed ones.
func (s *Sequencer) publish(ctx context.Context) error {
	var tree tlog.Tree
	var published int64
	err := s.DB.View(ctx, func(tx *store.Tx) (err error) {
		if tree.N, published, err = tx.LogSizes(); err != nil || tree.N == published {
			return err
		}
		edge, err := readEdge(tx, tree.N)
		if err != nil {
			return err
		}
		tree.Hash, err = translog.Root(tree.N, edge)
		return err
	})
	if err != nil || tree.N == published {
		return err
	}
	signed, err := translog.Checkpoint{Origin: s.Signer.Name(), Tree: tree}.Sign(s.Signer)
	if err != nil {
		return err
	}
	if err := s.Step("signed"); err != nil {
		return err
	}
	if signed, err = s.cosign(ctx, tree, signed); err != nil {
		return err
	}
	if err := s.Step("witnessed"); err != nil {
		return err
	}
	checkpoint := store.Checkpoint{Size: tree.N, At: s.Now(), Note: string(signed)}
	err = s.DB.Update(ctx, store.Jobs, func(tx *store.Tx) error {
		_, err := tx.Publish(s.term, checkpoint)
		return err
	})
	return errors.Join(err, s.Step("published"))
}

// readEdge reads the tiles that a tree grows from.
func readEdge(tx *store.Tx, size int64) ([]translog.HashTile, error) {
	var edge []translog.HashTile
	for _, t := range translog.Edge(size) {
		data, err := tx.Tile(t.L, t.N)
		if err != nil {
			return nil, err
		}
		if len(data) < t.W*tlog.HashSize {
			return nil, fmt.Errorf("read the log's tiles: %s is missing or short", translog.TilePath(t))
		}
		edge = append(edge, translog.HashTile{Tile: t, Data: data[:t.W*tlog.HashSize]})
	}
	return edge, nil
}
