package action

import (
	"bytes"
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/seal"
	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/translog"
)

// keepRemoved is how long what staff removed can be brought back; then what it says of people is destroyed.
const keepRemoved = 30 * 24 * time.Hour

// keepReviews is how long it is known what staff decided.
const keepReviews = 365 * 24 * time.Hour

// Selection says which signatures of an action a decision is about. What is set must all hold.
type Selection struct {
	Counted bool                    // those that count, in place of those that are held
	Why     undersigned.Doubt       // held for one of these reasons
	Domain  string                  // of the mailbox, or # and the first digits of its keyed hash
	ID      undersigned.SignatureID // one of them
}

// String names the rule without naming anybody: a domain may be one family's.
func (sel Selection) String() string {
	var words []string
	if sel.Counted {
		words = append(words, "counted")
	}
	if sel.Why != 0 {
		words = append(words, "why="+sel.Why.String())
	}
	if sel.Domain != "" {
		words = append(words, "one domain")
	}
	if sel.ID != (undersigned.SignatureID{}) {
		words = append(words, "one signature")
	}
	if len(words) == 0 {
		return "all held"
	}
	return strings.Join(words, ", ")
}

// Selected is a signature that a selection holds, as far as the server can read it.
type Selected struct {
	ID     string
	Doubts undersigned.Doubt
	Person undersigned.Person
	row    *store.SignatureRow
}

// HeldGroup is a group of held signatures.
type HeldGroup struct {
	Action string // issue/action
	Doubts undersigned.Doubt
	Domain string // of the mailboxes, or # and digits of its keyed hash where the server cannot read it
	N      int
}

// Review lists what is held, in groups.
func (s *Service) Review(ctx context.Context) (groups []HeldGroup, err error) {
	var held []store.Held
	var rows map[[2]string]store.ActionRow
	samples := map[string]*store.SignatureRow{}
	err = s.DB.View(ctx, func(tx *store.Tx) error {
		if held, err = tx.HeldGroups(); err != nil {
			return err
		}
		if rows, err = tx.Actions(); err != nil {
			return err
		}
		for _, pid := range pidsOf(held) {
			signatures, err := tx.HeldSignatures(pid)
			if err != nil {
				return err
			}
			for _, row := range signatures {
				samples[pid+string(row.Domain)] = row
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list what is held: %w", err)
	}
	names := map[string]string{}
	for name, row := range rows {
		names[row.PID] = name[0] + "/" + name[1]
	}
	for _, h := range held {
		g := HeldGroup{Action: names[h.PID], Doubts: h.Doubts, Domain: "#" + hex.EncodeToString(h.Domain)[:8], N: h.N}
		if row := samples[h.PID+string(h.Domain)]; row != nil {
			if o, err := s.openRow(ctx, row); err == nil {
				g.Domain = seal.DomainOf(o.signature.Person.Email)
			}
		}
		groups = append(groups, g)
	}
	return groups, nil
}

func pidsOf(held []store.Held) (pids []string) {
	for _, h := range held {
		if !slices.Contains(pids, h.PID) {
			pids = append(pids, h.PID)
		}
	}
	return pids
}

// ReadHeld gives what is held of an action, to be read by staff. That it was read is noted, with how many, before anything
// is given out.
func (s *Service) ReadHeld(ctx context.Context, a *undersigned.Action) ([]Selected, error) {
	held, err := s.Select(ctx, a, Selection{})
	if err != nil || len(held) == 0 {
		return nil, err
	}
	review := store.Review{ID: store.NewReviewID(), PID: a.PID, Verb: "list", Rule: Selection{}.String(), N: int64(len(held))}
	if err := s.DB.Update(ctx, store.Bulk, func(tx *store.Tx) error { return tx.AddReview(review) }); err != nil {
		return nil, fmt.Errorf("note that held signatures are read: %w", err)
	}
	return held, nil
}

// Select gives the signatures of an action that a decision would be about.
func (s *Service) Select(ctx context.Context, a *undersigned.Action, sel Selection) (found []Selected, err error) {
	duplicates, err := s.Keys.Duplicates(ctx, a.PID)
	if err != nil {
		return nil, fmt.Errorf("select signatures: %w", err)
	}
	domain := duplicates.Domain(seal.DomainOf("x@" + sel.Domain))
	rows, err := s.candidates(ctx, a.PID, sel)
	if err != nil {
		return nil, fmt.Errorf("select signatures: %w", err)
	}
	for _, row := range rows {
		if sel.Why != 0 && row.Doubts&sel.Why == 0 || sel.ID != (undersigned.SignatureID{}) && row.ID != sel.ID {
			continue
		}
		one := Selected{ID: hex.EncodeToString(row.ID[:]), Doubts: row.Doubts, row: row}
		o, err := s.openRow(ctx, row)
		if err == nil {
			one.Person = o.signature.Person
		}
		if sel.Domain != "" && !sel.sameDomain(row, domain[:16], o) {
			continue
		}
		found = append(found, one)
	}
	return found, nil
}

// sameDomain tells whether a row's mailbox is in the domain: by its hash while it is held, and otherwise by what it says,
// where the server can read that.
func (sel Selection) sameDomain(row *store.SignatureRow, hash []byte, o *opening) bool {
	if digits, ok := strings.CutPrefix(sel.Domain, "#"); ok {
		return row.Domain != nil && digits != "" && strings.HasPrefix(hex.EncodeToString(row.Domain), digits)
	}
	if row.Domain != nil {
		return bytes.Equal(row.Domain, hash)
	}
	return o != nil && seal.DomainOf(o.signature.Person.Email) == seal.DomainOf("x@"+sel.Domain)
}

func (s *Service) candidates(ctx context.Context, pid string, sel Selection) (rows []*store.SignatureRow, err error) {
	if !sel.Counted {
		err = s.DB.View(ctx, func(tx *store.Tx) error { rows, err = tx.HeldSignatures(pid); return err })
		return rows, err
	}
	const step = 1000
	for after := int64(-1); ; {
		var some []*store.SignatureRow
		err := s.DB.View(ctx, func(tx *store.Tx) (err error) { some, err = tx.CountedSignatures(pid, after, step); return err })
		if err != nil {
			return nil, err
		}
		rows = append(rows, some...)
		if len(some) < step {
			return rows, nil
		}
		after = some[len(some)-1].LogIndex
	}
}

// ErrLogClosed is a petition that the public log has closed: nothing held can be counted any more.
var ErrLogClosed = errors.New("the public log has closed this ask: what is held can no longer be counted")

// Release lets held signatures count. With trust, their domains are trusted under this action from now on: the next ones are
// not held for their number. It gives how many, and the decision.
func (s *Service) Release(ctx context.Context, a *undersigned.Action, sel Selection, trust bool) (n int64, decision string, err error) {
	verdict := store.VerdictNone
	if trust {
		verdict = store.VerdictTrusted
	}
	sel.Counted = false
	return s.decide(ctx, a, sel, "release", "", verdict, func(tx *store.Tx, row *store.SignatureRow, _ []byte) (bool, error) {
		if taking, err := tx.ActionTaking(a.PID); err != nil || !taking.Open {
			return false, cmp.Or(err, ErrLogClosed)
		}
		return tx.ReviewSignature(row.ID, undersigned.SignatureHeld, undersigned.SignatureWaiting, nil)
	})
}

// Void removes signatures, held ones or counted ones, for a reason of [translog.Reason.Fraud]; the public log is told of the
// counted ones. For 30 days Restore undoes it; then what they say of people is destroyed. With doubt, their domains are
// doubted under this action from now on: every next one is held.
//
// Only a row that still says something is removed. One that is shredded stays as it is: nobody can judge it any more, and
// the log's tally of the shredded would not bear it.
func (s *Service) Void(ctx context.Context, a *undersigned.Action, sel Selection, reason translog.Reason, doubt bool) (n int64, decision string, err error) {
	if !reason.Fraud() {
		return 0, "", errors.New("remove signatures: that is no reason of staff's")
	}
	from, verdict := undersigned.SignatureHeld, store.VerdictNone
	if sel.Counted {
		from = undersigned.SignatureCounted
	}
	if doubt {
		verdict = store.VerdictDoubted
	}
	return s.decide(ctx, a, sel, "void", reason.String(), verdict, func(tx *store.Tx, row *store.SignatureRow, review []byte) (bool, error) {
		done, err := tx.ReviewSignature(row.ID, from, undersigned.SignatureInvalidated, review)
		if err != nil || !done || from == undersigned.SignatureHeld {
			return done, err
		}
		return true, tx.WaitForLog(store.LogWait{PID: row.PID, Kind: "void", Index: row.LogIndex, Detail: reason.String()})
	})
}

// decide does something to each signature of a selection, some a transaction, and notes the decision in the first of them: a
// crash between two leaves a decision that is done in part, and doing it again finds the rest.
func (s *Service) decide(ctx context.Context, a *undersigned.Action, sel Selection, verb, reason string, verdict store.Verdict,
	do func(tx *store.Tx, row *store.SignatureRow, review []byte) (bool, error)) (n int64, decision string, err error) {
	selected, err := s.Select(ctx, a, sel)
	if err != nil || len(selected) == 0 {
		return 0, "", err
	}
	review := store.Review{ID: store.NewReviewID(), PID: a.PID, Verb: verb, Reason: reason, Rule: sel.String(), N: int64(len(selected))}
	noted := false
	for some := range slices.Chunk(selected, 500) {
		done := int64(0)
		err := s.DB.Update(ctx, store.Bulk, func(tx *store.Tx) error {
			done = 0
			if !noted {
				if err := tx.AddReview(review); err != nil {
					return err
				}
			}
			for _, one := range some {
				ok, err := do(tx, one.row, review.ID)
				if err != nil {
					return err
				}
				if ok {
					done++
				}
				if verdict != store.VerdictNone && one.row.Domain != nil {
					if err := tx.SetVerdict(a.PID, one.row.Domain, verdict); err != nil {
						return err
					}
				}
			}
			return nil
		})
		if err != nil {
			return n, "", fmt.Errorf("%s signatures: %w", verb, err)
		}
		noted = true
		n += done
	}
	return n, hex.EncodeToString(review.ID), nil
}

// Restore undoes a decision to remove signatures: those that counted count again, and the log is told; those that were
// held are held again. What its owner has erased since, or what was removed more than 30 days ago, is gone.
func (s *Service) Restore(ctx context.Context, decision string) (n int64, err error) {
	id, err := hex.DecodeString(decision)
	if err != nil || len(id) != 8 {
		return 0, errNoAction
	}
	err = s.DB.Update(ctx, store.Bulk, func(tx *store.Tx) error {
		n = 0
		reviews, err := tx.Reviews()
		if err != nil {
			return err
		}
		at := slices.IndexFunc(reviews, func(r store.Review) bool { return bytes.Equal(r.ID, id) && r.Verb == "void" })
		if at < 0 {
			return errNoAction
		}
		rows, err := tx.RemovedSignatures(id, reviews[at].PID)
		if err != nil {
			return err
		}
		for _, row := range rows {
			done, err := restoreRow(tx, row)
			if err != nil {
				return err
			}
			if done {
				n++
			}
		}
		return tx.AddReview(store.Review{ID: store.NewReviewID(), PID: reviews[at].PID, Verb: "restore", Rule: decision, N: n})
	})
	return n, err
}

func restoreRow(tx *store.Tx, row *store.SignatureRow) (bool, error) {
	if row.LogIndex < 0 {
		return tx.ReviewSignature(row.ID, undersigned.SignatureInvalidated, undersigned.SignatureHeld, store.Unreviewed)
	}
	done, err := tx.ReviewSignature(row.ID, undersigned.SignatureInvalidated, undersigned.SignatureCounted, nil)
	if err != nil || !done {
		return false, err
	}
	return true, tx.WaitForLog(store.LogWait{PID: row.PID, Kind: "restore", Index: row.LogIndex})
}

// keptReviews lists what is kept of staff's decisions: for 30 days what they removed, for a year that they decided.
func (s *Service) keptReviews(tx *store.Tx) (list []Kept, err error) {
	reviews, err := tx.Reviews()
	if err != nil {
		return nil, err
	}
	for _, r := range reviews {
		ends := r.At.Add(keepReviews)
		k := Kept{What: "decision of staff: " + r.Verb + " " + hex.EncodeToString(r.ID), N: 1, Ends: ends, erase: func(ctx context.Context) error {
			return s.DB.Update(ctx, store.Bulk, func(tx *store.Tx) error {
				_, err := tx.ForgetReviewsBefore(ends.Add(-keepReviews + time.Microsecond))
				return err
			})
		}}
		list = append(list, k)
		if r.Verb != "void" {
			continue
		}
		rows, err := tx.RemovedSignatures(r.ID, r.PID)
		if err != nil {
			return nil, err
		}
		if len(rows) > 0 {
			list = append(list, Kept{What: "signatures removed by " + hex.EncodeToString(r.ID), N: int64(len(rows)), Ends: r.At.Add(keepRemoved),
				erase: func(ctx context.Context) error { return s.forgetRemoved(ctx, rows) }})
		}
	}
	return list, nil
}

func (s *Service) forgetRemoved(ctx context.Context, rows []*store.SignatureRow) error {
	return s.DB.Update(ctx, store.Bulk, func(tx *store.Tx) error {
		for _, row := range rows {
			if _, _, err := tx.Bury(row.ID, undersigned.SignatureInvalidated, undersigned.SignatureInvalidated); err != nil {
				return err
			}
		}
		return nil
	})
}
