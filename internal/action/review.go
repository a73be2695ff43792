package action

import (
	"cmp"
	"context"
	"encoding/hex"
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

// HeldGroup is a group of held signatures.
type HeldGroup struct {
	Doubts undersigned.Doubt
	Domain string // of the mailboxes, or # and digits of its keyed hash where the server cannot read it
	N      int
}

// Grouped is how many held signatures of an ask are gone through to make groups of them. Their ids are random: where there
// are more, the groups are those of a sample.
const Grouped = 10_000

// HeldAsk is what is held of one ask.
type HeldAsk struct {
	Content *undersigned.Content
	Action  *undersigned.Action
	N       int64 // Many is that many or more
	Groups  []HeldGroup
}

// Held lists the asks that have held signatures, those that are hidden too, until the log has closed them: then none can count.
func (s *Service) Held(ctx context.Context) (asks []HeldAsk, err error) {
	site, err := s.DB.Site(ctx)
	if err != nil {
		return nil, err
	}
	err = s.DB.View(ctx, func(tx *store.Tx) error {
		rows, err := tx.Actions()
		if err != nil {
			return err
		}
		for _, content := range site.All() {
			for i := range content.Actions {
				a := &content.Actions[i]
				if rows[[2]string{a.Issue, a.Slug}].LogState != store.LogOpened {
					continue
				}
				n, err := tx.CountHeldUpTo(a.PID, Many)
				if err != nil {
					return err
				}
				if n > 0 {
					asks = append(asks, HeldAsk{Content: content, Action: a, N: n})
				}
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list what is held: %w", err)
	}
	return asks, nil
}

// HeldGroups groups what is held of an ask, the largest first. It opens one signature of each group for its domain, and shows
// nobody.
func (s *Service) HeldGroups(ctx context.Context, a *undersigned.Action) (groups []HeldGroup, err error) {
	var first []*store.SignatureRow
	err = s.DB.View(ctx, func(tx *store.Tx) error {
		held, err := tx.HeldGroups(a.PID, Grouped)
		if err != nil {
			return err
		}
		for _, h := range held {
			row, err := tx.Signature(h.First)
			if err != nil {
				return err
			}
			first = append(first, row)
			groups = append(groups, HeldGroup{Doubts: h.Doubts, Domain: "#" + hex.EncodeToString(h.Domain)[:min(8, 2*len(h.Domain))], N: h.N})
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("group what is held: %w", err)
	}
	for i, row := range first {
		if row == nil {
			continue
		}
		if o, err := s.openRow(ctx, row); err == nil {
			groups[i].Domain = seal.DomainOf(o.signature.Person.Email)
		}
	}
	return groups, nil
}

// ErrLogClosed is a petition that the public log has closed: nothing held can be counted any more.
var ErrLogClosed = undersigned.Fail(undersigned.Invalid, "error.review.log_closed")

// Release lets held signatures count, one step further than token. With trust, their domains are trusted under this action
// from now on: the next ones are not held for their number.
func (s *Service) Release(ctx context.Context, by undersigned.UserID, a *undersigned.Action, sel Selection, trust bool, token string) (*Step, error) {
	d := deed{by: by, action: a, verb: "release", audit: undersigned.AuditSignaturesReleased}
	if trust {
		d.verdict = store.VerdictTrusted
	}
	sel.Counted = false
	return s.decide(ctx, d, sel, token, func(tx *store.Tx, row *store.SignatureRow, _ []byte) (bool, error) {
		// It is asked here, as who confirms asks: the log closes before, or behind what is released.
		if taking, err := tx.ActionTaking(row.PID); err != nil || !taking.Open {
			return false, cmp.Or(err, error(ErrLogClosed))
		}
		return tx.ReviewSignature(row.ID, undersigned.SignatureHeld, undersigned.SignatureWaiting, nil)
	})
}

// Void removes signatures, held ones or counted ones, one step further than token, for a reason of [translog.Reason.Fraud];
// the public log is told of the counted ones. For 30 days Restore undoes it; then what they say of people is destroyed. With
// doubt, their domains are doubted under this action from now on: every next one is held.
//
// Only a row that still says something is removed. One that is shredded stays as it is: nobody can judge it any more, and
// the log's tally of the shredded would not bear it.
func (s *Service) Void(ctx context.Context, by undersigned.UserID, a *undersigned.Action, sel Selection, reason translog.Reason, doubt bool, token string) (*Step, error) {
	if !reason.Fraud() {
		return nil, undersigned.Fail(undersigned.Invalid, "error.review.reason")
	}
	d := deed{by: by, action: a, verb: "void", reason: reason.String(), audit: undersigned.AuditSignaturesRemoved}
	from := undersigned.SignatureHeld
	if sel.Counted {
		from = undersigned.SignatureCounted
	}
	if doubt {
		d.verdict = store.VerdictDoubted
	}
	return s.decide(ctx, d, sel, token, func(tx *store.Tx, row *store.SignatureRow, review []byte) (bool, error) {
		done, err := tx.ReviewSignature(row.ID, from, undersigned.SignatureInvalidated, review)
		if err != nil || !done || from == undersigned.SignatureHeld {
			return done, err
		}
		return true, tx.WaitForLog(store.LogWait{PID: row.PID, Kind: "void", Index: row.LogIndex, Detail: reason.String()})
	})
}

// deed is a decision about signatures.
type deed struct {
	by           undersigned.UserID
	action       *undersigned.Action
	verb, reason string
	verdict      store.Verdict
	audit        undersigned.AuditVerb
}

// decide does something to each signature of one step of a selection, some a transaction. The decision and its line in the
// audit log are noted with the first that is done, and how many as they are done: a crash leaves a decision that is done in
// part, as its number says, and doing it again finds the rest. What somebody else was first with is not counted.
func (s *Service) decide(ctx context.Context, d deed, sel Selection, token string, do func(tx *store.Tx, row *store.SignatureRow, review []byte) (bool, error)) (*Step, error) {
	p, _ := s.beginStep(token, digestOf(d.by, d.action, sel, fmt.Sprint(d.verb, d.reason, d.verdict)))
	selected, err := s.scan(ctx, d.action, sel, &p)
	if err != nil {
		return nil, err
	}
	noted := p.Decision != nil
	review := store.Review{ID: p.Decision, PID: d.action.PID, By: d.by, Verb: d.verb, Reason: d.reason, Rule: sel.String()}
	if !noted {
		review.ID = store.NewReviewID()
	}
	for some := range slices.Chunk(selected, 500) {
		done := int64(0)
		err := s.DB.Update(ctx, store.Client, func(tx *store.Tx) error {
			done = 0
			for _, one := range some {
				ok, err := do(tx, one.row, review.ID)
				if err != nil {
					return err
				}
				if ok {
					done++
				}
				if d.verdict != store.VerdictNone && one.domain != nil {
					if err := tx.SetVerdict(d.action.PID, one.domain, d.verdict); err != nil {
						return err
					}
				}
			}
			if review.N = done; done == 0 {
				return nil
			}
			if err := tx.NoteReview(review); err != nil || noted {
				return err
			}
			return tx.AddAudit(undersigned.AuditEntry{By: d.by, Verb: d.audit, Subject: askName(d.action),
				Detail: strings.Join(slices.DeleteFunc([]string{hex.EncodeToString(review.ID), d.reason, review.Rule}, func(s string) bool { return s == "" }), ", ")})
		})
		if err != nil {
			return nil, fmt.Errorf("%s signatures: %w", d.verb, err)
		}
		if p.N += done; done > 0 {
			noted, p.Decision = true, review.ID
		}
	}
	return s.endStep(&p), nil
}

// Restore undoes a decision to remove signatures: those that counted count again, and the log is told; those that were
// held are held again. What its owner has erased since, or what was removed more than 30 days ago, is gone. It gives how
// many are back, and whether there are more: then it is to be done again. NotFound where there is no such decision.
func (s *Service) Restore(ctx context.Context, by undersigned.UserID, decision string) (n int64, more bool, err error) {
	id, err := hex.DecodeString(decision)
	if err != nil || len(id) != len(store.Unreviewed) {
		return 0, false, errNoAction
	}
	var void *store.Review
	if err := s.DB.View(ctx, func(tx *store.Tx) (err error) { void, err = tx.Review(id); return err }); err != nil {
		return 0, false, fmt.Errorf("restore signatures: %w", err)
	}
	if void == nil || void.Verb != "void" {
		return 0, false, errNoAction
	}
	review := store.Review{ID: store.NewReviewID(), PID: void.PID, By: by, Verb: "restore", Rule: decision}
	for more = true; more && n < int64(s.stepHeld); {
		done := int64(0)
		err := s.DB.Update(ctx, store.Client, func(tx *store.Tx) error {
			done = 0
			rows, err := tx.RemovedSignatures(id, void.PID, 500)
			if err != nil {
				return err
			}
			more = len(rows) == 500
			for _, row := range rows {
				ok, err := restoreRow(tx, row)
				if err != nil {
					return err
				}
				if ok {
					done++
				}
			}
			if review.N = done; done == 0 {
				more = false // what is left says nothing any more
				return nil
			}
			if err := tx.NoteReview(review); err != nil || n > 0 {
				return err
			}
			return tx.AddAudit(undersigned.AuditEntry{By: by, Verb: undersigned.AuditSignaturesRestored, Subject: s.subject(ctx, void.PID), Detail: decision})
		})
		if err != nil {
			return n, false, fmt.Errorf("restore signatures: %w", err)
		}
		n += done
	}
	return n, more, nil
}

// subject is how an ask stands in the audit log, by its pid.
func (s *Service) subject(ctx context.Context, pid string) string {
	if _, a, err := s.findPID(ctx, pid); err == nil {
		return askName(a)
	}
	return pid
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
		n, err := tx.CountRemoved(r.ID, r.PID)
		if err != nil {
			return nil, err
		}
		if n > 0 {
			list = append(list, Kept{What: "signatures removed by " + hex.EncodeToString(r.ID), N: n, Ends: r.At.Add(keepRemoved),
				erase: func(ctx context.Context) error { return s.forgetRemoved(ctx, r) }})
		}
	}
	return list, nil
}

func (s *Service) forgetRemoved(ctx context.Context, r store.Review) error {
	for more := true; more; {
		err := s.DB.Update(ctx, store.Bulk, func(tx *store.Tx) error {
			rows, err := tx.RemovedSignatures(r.ID, r.PID, 500)
			if err != nil {
				return err
			}
			buried := 0
			for _, row := range rows {
				_, done, err := tx.Bury(row.ID, undersigned.SignatureInvalidated, undersigned.SignatureInvalidated)
				if err != nil {
					return err
				}
				if done {
					buried++
				}
			}
			more = len(rows) == 500 && buried > 0
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
