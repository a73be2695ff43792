package action

import (
	"context"
	"encoding/hex"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
)

// Withdraw takes a signature back: it counts no longer, and what the row said of a person is destroyed. Doing it again
// changes nothing. Gone where the link has died, NotFound where the address has no such signature.
func (s *Service) Withdraw(ctx context.Context, token, id string) error {
	return s.bury(ctx, token, id, undersigned.SignatureWithdrawn)
}

// Erase forgets a signer. With keepVoice the signature goes on counting, and nobody can say any more whose it is;
// without, it counts no longer.
func (s *Service) Erase(ctx context.Context, token, id string, keepVoice bool) error {
	if keepVoice {
		return s.bury(ctx, token, id, undersigned.SignatureShredded)
	}
	return s.bury(ctx, token, id, undersigned.SignatureErased)
}

func (s *Service) bury(ctx context.Context, token, id string, to undersigned.SignatureState) error {
	m, err := s.Mine(ctx, token)
	if err != nil {
		return err
	}
	for _, signature := range m.Signatures {
		if signature.ID != id {
			continue
		}
		row := signature.row
		// The ledger comes first: a restore of an older backup must know of every erasure that anybody was told of. A
		// crash after this line leaves an entry for a row that still stands; its owner asked for it to go.
		if err := s.Ledger.Append(row.ID, to); err != nil {
			return doing("note an erasure", err)
		}
		if err := s.DB.Update(ctx, store.Client, func(tx *store.Tx) error { return buryRow(tx, row, to) }); err != nil {
			return err
		}
		if to == undersigned.SignatureWithdrawn {
			return nil // who takes a name back may still want to know what comes of it
		}
		return s.leaveIssue(ctx, m.News, signature.Content.Issue.Slug)
	}
	return s.buried(ctx, id)
}

// buried tells whether a signature is a tombstone already, or NotFound. A tombstone does not say whose it was: asking needs
// its id, which only its owner was ever shown.
func (s *Service) buried(ctx context.Context, id string) error {
	raw, err := hex.DecodeString(id)
	if err != nil || len(raw) != len(undersigned.SignatureID{}) {
		return errNoAction
	}
	return s.DB.View(ctx, func(tx *store.Tx) error {
		row, err := tx.Signature(undersigned.SignatureID(raw))
		if err == nil && (row == nil || row.Sealed != nil) {
			err = errNoAction
		}
		return err
	})
}

// buryRow makes the tombstone and asks for its entry in the log, in one transaction. A row that still waits for its place
// gets none, unless its voice is to be kept: then the sequencer places it and logs that it is shredded.
func buryRow(tx *store.Tx, row *store.SignatureRow, to undersigned.SignatureState) error {
	if to == undersigned.SignatureShredded {
		if done, err := tx.Forget(row.ID); err != nil || done {
			return err
		}
	} else if _, done, err := tx.Bury(row.ID, undersigned.SignatureWaiting, to); err != nil || done {
		return err
	}
	held := to
	if to == undersigned.SignatureShredded {
		held = undersigned.SignatureErased // it never counted: there is no voice to keep
	}
	if _, done, err := tx.Bury(row.ID, undersigned.SignatureHeld, held); err != nil || done {
		return err
	}
	// One that staff removed stays removed, as the log says; what it says of a person goes.
	if _, done, err := tx.Bury(row.ID, undersigned.SignatureInvalidated, undersigned.SignatureInvalidated); err != nil || done {
		return err
	}
	index, done, err := takeOut(tx, row.ID, undersigned.SignatureCounted, to)
	if err != nil || !done {
		return err // not done: buried a moment ago by the same person in another window
	}
	wait := store.LogWait{PID: row.PID, Kind: "void", Index: index, Detail: "withdrawn"}
	switch to {
	case undersigned.SignatureErased:
		wait.Detail = "erased"
	case undersigned.SignatureShredded:
		wait.Kind, wait.Detail = "shred", ""
	}
	return tx.WaitForLog(wait)
}

// takeOut takes out of a row that counts what it says of a person. Where the voice is kept, the keyed hashes are kept too: without them
// one mailbox could be counted again and again.
func takeOut(tx *store.Tx, id undersigned.SignatureID, from, to undersigned.SignatureState) (index int64, done bool, err error) {
	if to == undersigned.SignatureShredded {
		return tx.Shred(id, from)
	}
	return tx.Bury(id, from, to)
}
