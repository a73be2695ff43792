package action

import (
	"context"

	"github.com/undersigned/undersigned/internal/store"
)

// keptStaff lists what is kept about the staff and ends: sessions, what they did, and who they were once nothing names them any
// more.
func (s *Service) keptStaff(tx *store.Tx) ([]Kept, error) {
	settings, err := tx.Settings()
	if err != nil {
		return nil, err
	}
	before := auditEnds(tx.Now, settings)
	lines, err := tx.CountAuditBefore(before)
	if err != nil {
		return nil, err
	}
	erase := func(do func(*store.Tx) (int64, error)) func(context.Context) error {
		return func(ctx context.Context) error {
			return s.DB.Update(ctx, store.Bulk, func(tx *store.Tx) error { _, err := do(tx); return err })
		}
	}
	return []Kept{
		{What: "lines of the log of what staff did", N: lines, Ends: tx.Now,
			erase: erase(func(tx *store.Tx) (int64, error) { return tx.ForgetAuditBefore(before) })},
		{What: "staff who were removed, and of whom that log says nothing any more", Ends: tx.Now, erase: erase((*store.Tx).ForgetUsers)},
		{What: "sessions that are over", Ends: tx.Now, erase: erase((*store.Tx).ForgetSessions)},
	}, nil
}
