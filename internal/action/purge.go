package action

import (
	"context"
	"fmt"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/seal"
	"github.com/undersigned/undersigned/internal/store"
)

// purgeDuty is the name under which the last purge is noted.
const purgeDuty = "purge"

// Kept is something that has an end.
type Kept struct {
	What string
	N    int64     // how many, now
	Ends time.Time // from then on a purge erases it

	erase func(ctx context.Context) error
}

// Kept lists what is kept for a time, and until when: what a purge erases now, and will later.
func (s *Service) Kept(ctx context.Context) ([]Kept, error) { return s.kept(ctx, true) }

// kept lists that, and counts what is due; with all it counts the rest too, which reads every signature.
func (s *Service) kept(ctx context.Context, all bool) ([]Kept, error) {
	names, err := s.Keys.Names(ctx)
	if err != nil {
		return nil, err
	}
	var list []Kept
	for _, name := range names {
		if _, ends, ok := seal.Span(name); ok {
			list = append(list, Kept{What: "key of a day's forms, or of a month's letters: " + name, N: 1, Ends: ends, erase: s.DestroyExpired})
		}
	}
	err = s.DB.View(ctx, func(tx *store.Tx) error {
		actions, err := s.keptActions(tx, all)
		if err != nil {
			return err
		}
		list = append(list, actions...)
		for _, kept := range []func(*store.Tx) ([]Kept, error){s.keptMail, s.keptReviews, s.keptOffers, s.keptLetters, s.keptCorrections, s.keptNews, s.keptStaff} {
			more, err := kept(tx)
			if err != nil {
				return err
			}
			list = append(list, more...)
		}
		return nil
	})
	return list, err
}

// keptMail lists what is kept about mails. Jobs are erased when the mail server accepts; what is left of them when their
// key has died can be read by nobody.
func (s *Service) keptMail(tx *store.Tx) ([]Kept, error) {
	made, today := tx.Now.Add(-seal.PendingLife), string(undersigned.DayOf(tx.Now))
	var jobs int64
	for _, queue := range []string{mailQueue, laterQueue} {
		n, err := tx.CountJobsBefore(queue, made)
		if err != nil {
			return nil, err
		}
		jobs += n
	}
	counts, err := tx.CountMailBefore(today)
	if err != nil {
		return nil, err
	}
	domains, err := tx.CountNoMail()
	if err != nil {
		return nil, err
	}
	return []Kept{
		{What: "mail domains that had no mail server, as keyed hashes", N: domains, Ends: tx.Now, erase: func(ctx context.Context) error {
			return s.DB.Update(ctx, store.Bulk, func(tx *store.Tx) error { _, err := tx.ForgetNoMail(); return err })
		}},
		{What: "mails that could not be sent in time", N: jobs, Ends: tx.Now, erase: func(ctx context.Context) error {
			return s.DB.Update(ctx, store.Bulk, func(tx *store.Tx) error {
				for _, queue := range []string{mailQueue, laterQueue} {
					if _, err := tx.ForgetJobsBefore(queue, made); err != nil {
						return err
					}
				}
				return nil
			})
		}},
		{What: "counts of past days' mails by address, as keyed hashes", N: counts, Ends: tx.Now, erase: s.ForgetMailCounts},
	}, nil
}

// keptActions lists the actions that are closed and still have their keys.
func (s *Service) keptActions(tx *store.Tx, all bool) (list []Kept, err error) {
	rows, err := tx.Actions()
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		if row.ClosedAt.IsZero() || row.LogState == store.LogDestroyed {
			continue
		}
		k := Kept{Ends: row.ClosedAt.Add(row.KeepsFor()), erase: func(ctx context.Context) error { return s.eraseAction(ctx, row.PID) }}
		if all || !tx.Now.Before(k.Ends) {
			if k.N, err = tx.CountReadable(row.PID); err != nil {
				return nil, err
			}
		}
		k.What = fmt.Sprintf("signatures of %s/%s, closed on %s, and both keys", row.Issue, row.Slug, undersigned.DayOf(row.ClosedAt))
		list = append(list, k)
	}
	return list, nil
}

// Purge erases what is past its time, and gives what that was. What cannot be erased yet, or fails, does not spare the
// rest; the next purge meets it again. Doing it twice, or on two nodes at once, does no harm.
func (s *Service) Purge(ctx context.Context) (erased []Kept, err error) {
	all, err := s.kept(ctx, false)
	if err != nil {
		return nil, err
	}
	now := s.Now()
	for _, k := range all {
		if now.Before(k.Ends) {
			continue
		}
		if failed := k.erase(ctx); failed != nil {
			if err == nil {
				err = doing("erase "+k.What, failed)
			}
			continue
		}
		if k.N > 0 {
			erased = append(erased, k)
		}
	}
	if err != nil {
		return erased, err
	}
	return erased, s.DB.Update(ctx, store.Jobs, func(tx *store.Tx) error {
		return tx.DutyDone(purgeDuty, fmt.Sprintf("%d erased", len(erased)))
	})
}

// LastPurge tells when a purge last got through; the zero time is never.
func LastPurge(tx *store.Tx) (time.Time, error) {
	at, _, err := tx.Duty(purgeDuty)
	return at, err
}

// eraseAction ends what is known of an action's signers. The keys go first: from then on nobody can read the rows,
// whatever becomes of them, and the log may say so. Nothing makes the keys anew: an import makes keys for actions that it
// does not know, and the row of this one stays. Its texts stay too, for the log names their hashes.
//
// It does nothing while an entry of the action waits for the log, its closing among them: no entry may follow the last
// one, which says that all openings are destroyed.
func (s *Service) eraseAction(ctx context.Context, pid string) error {
	waits := false
	err := s.DB.View(ctx, func(tx *store.Tx) (err error) { waits, err = unfinished(tx, pid); return err })
	if err != nil || waits {
		return err
	}
	// A crash inside leaves one key or both gone, and the rest as it was: the next purge begins here again.
	if err := s.Keys.DestroyAction(ctx, pid); err != nil {
		return err
	}
	// A crash after this line leaves rows that are noise, or some of them; the next purge takes the others.
	if err := s.eraseRows(ctx, pid); err != nil {
		return err
	}
	if err := s.DB.Update(ctx, store.Bulk, func(tx *store.Tx) error { return tx.ForgetMailDomains(pid) }); err != nil {
		return err
	}
	// A crash before this commit leaves an action without keys or rows that the log still calls closed; the next purge
	// finds nothing to erase and says so. A row that was withdrawn since we looked has its entry waiting, and goes first.
	return s.DB.Update(ctx, store.Bulk, func(tx *store.Tx) error {
		if waits, err := unfinished(tx, pid); err != nil || waits {
			return err
		}
		if moved, err := tx.MoveActionLogState(pid, store.LogClosed, store.LogDestroyed); err != nil || !moved {
			return err
		}
		if err := tx.DutyDone(keyDuty, ""); err != nil {
			return err
		}
		return tx.WaitForLog(store.LogWait{PID: pid, Kind: "destroy"})
	})
}

// unfinished tells whether the log has still to hear of an action's closing or of one of its signatures.
func unfinished(tx *store.Tx, pid string) (bool, error) {
	rows, err := tx.Actions()
	if err != nil {
		return false, err
	}
	for _, row := range rows {
		if row.PID == pid && row.LogState != store.LogClosed {
			return true, nil
		}
	}
	return tx.WaitsForLog(pid)
}

// eraseRows takes out of an action's rows what they say of people, some rows a transaction: requests go between.
func (s *Service) eraseRows(ctx context.Context, pid string) error {
	for next := []byte(nil); ; {
		after := next
		err := s.DB.Update(ctx, store.Bulk, func(tx *store.Tx) (err error) {
			next, _, err = tx.EraseSignatures(pid, after)
			return err
		})
		if err != nil || next == nil {
			return err
		}
	}
}
