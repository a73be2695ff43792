package action

import (
	"context"
	"slices"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/seal"
	"github.com/undersigned/undersigned/internal/store"
)

// keyDuty is the name under which it is noted when a key was last destroyed.
const keyDuty = "destroy-key"

// Seized is what somebody would find who took the server this minute.
type Seized struct {
	store.SealedRows
	Readable      int64     // addresses that anybody could read who has the disk: cells of the database, and mails that came back
	Written       int64     // addresses in what organisers wrote, drafts and earlier versions too
	FormsEnd      time.Time // the oldest key of forms that wait dies then, and what it sealed: the first of all; zero where there is none
	SignaturesEnd time.Time // the first petition's keys die then; zero where none has an end
	LastDestroyed time.Time // when a key was last destroyed; zero is never
}

// IfSeized counts it.
func (s *Service) IfSeized(ctx context.Context) (*Seized, error) {
	names, err := s.Keys.Names(ctx)
	if err != nil {
		return nil, doing("list the keys", err)
	}
	found := &Seized{}
	for _, name := range names {
		if _, ends, ok := seal.Span(name); ok && seal.OfForms(name) {
			found.FormsEnd = earlier(found.FormsEnd, ends)
		}
	}
	err = s.DB.View(ctx, func(tx *store.Tx) (err error) {
		if found.SealedRows, err = tx.SealedRows(); err != nil {
			return err
		}
		if found.Readable, err = tx.ReadableAddresses(); err != nil {
			return err
		}
		if found.Written, err = tx.WrittenAddresses(); err != nil {
			return err
		}
		if found.LastDestroyed, _, err = tx.Duty(keyDuty); err != nil {
			return err
		}
		rows, err := tx.Actions()
		for _, row := range rows {
			if row.LogState != store.LogDestroyed {
				found.SignaturesEnd = earlier(found.SignaturesEnd, signaturesEnd(row))
			}
		}
		return err
	})
	if err != nil {
		return nil, doing("count what the server holds", err)
	}
	drops, err := s.countDrops()
	found.Readable += drops
	if err != nil {
		return nil, err
	}
	return found, nil
}

// signaturesEnd is when an action's keys die: known once it has closed, or where the day of its closing is.
func signaturesEnd(row store.ActionRow) time.Time {
	if !row.ClosedAt.IsZero() {
		return row.ClosedAt.Add(row.KeepsFor())
	}
	day, err := undersigned.ParseDay(row.Closes)
	if err != nil { // it has no such day
		return time.Time{}
	}
	return day.End(time.UTC).Add(row.KeepsFor())
}

// earlier gives the earlier of two moments that may be zero for unknown.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// DestroyExpired destroys the keys of days that are over, and notes when it did.
func (s *Service) DestroyExpired(ctx context.Context) error {
	before, err := s.Keys.Names(ctx)
	if err != nil {
		return err
	}
	if err := s.Keys.DestroyExpired(ctx, s.Now()); err != nil {
		return err
	}
	after, err := s.Keys.Names(ctx)
	if err != nil {
		return err
	}
	gone := slices.ContainsFunc(before, func(name string) bool { return !slices.Contains(after, name) })
	if !gone {
		return nil
	}
	// A crash before this line leaves a key destroyed and not noted: the page says less than was done.
	return s.DB.Update(ctx, store.Jobs, func(tx *store.Tx) error { return tx.DutyDone(keyDuty, "") })
}
