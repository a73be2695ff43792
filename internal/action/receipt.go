package action

import (
	"context"
	"errors"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/translog"
)

// ErrNotLogged is a signature that still waits for its place in the published log: a second as a rule, up to an hour
// where the organiser publishes in batches.
var ErrNotLogged = errors.New("the signature waits for its place in the log")

// Receipt proves to whoever is shown it that a signature is in the public log; it does not say whose. A full one carries
// the seed too, with which its holder can prove what was signed, and with which anybody can test guesses of it. Gone
// where the link has died, NotFound where the address has no such signature, ErrNotLogged, and ErrSealed where a full one is asked
// for of a signature whose seed the server does not have.
func (s *Service) Receipt(ctx context.Context, token, id string, full bool) (text []byte, index int64, err error) {
	m, err := s.Mine(ctx, token)
	if err != nil {
		return nil, 0, err
	}
	for _, mine := range m.Signatures {
		if mine.ID == id {
			return s.receipt(ctx, mine.row, full)
		}
	}
	return nil, 0, errNoAction
}

func (s *Service) receipt(ctx context.Context, row *store.SignatureRow, full bool) (text []byte, index int64, err error) {
	entry := translog.Entry{Kind: translog.KindSign, Version: int64(row.Version), Hash: tlog.Hash(row.Commitment)}
	if entry.PID, err = translog.ParsePID(row.PID); err != nil {
		return nil, 0, doing("write a receipt", err)
	}
	r := translog.Receipt{Entry: entry, Index: row.LogIndex}
	var tree tlog.Tree
	err = s.DB.View(ctx, func(tx *store.Tx) (err error) {
		r.Checkpoint, tree, err = checkpoint(tx)
		return err
	})
	if err != nil {
		return nil, 0, doing("read the checkpoint", err)
	}
	if row.State == undersigned.SignatureWaiting || row.LogIndex < 0 || row.LogIndex >= tree.N {
		return nil, 0, ErrNotLogged
	}
	if r.Proof, err = translog.ProveInclusion(ctx, tree, r.Index, s.LogTile); err != nil {
		return nil, 0, err
	}
	if full {
		o, err := s.openRow(ctx, row)
		if err != nil {
			return nil, 0, doing("open a signature", err)
		}
		r.Seed = new(translog.Seed)
		copy(r.Seed[:], o.seed)
	}
	text, err = r.Text()
	return text, r.Index, err
}
