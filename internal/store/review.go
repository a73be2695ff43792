package store

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"github.com/undersigned/undersigned"
)

// Verdict is what staff have decided about a mail domain under an action.
type Verdict int

const (
	VerdictNone    Verdict = iota // its number decides
	VerdictTrusted                // known to us: no number is too many
	VerdictDoubted                // every one is held
)

// MailDomain reads how many signatures of an action came from a domain and were not held, and what staff have decided.
func (tx *Tx) MailDomain(pid string, hash []byte) (n int, v Verdict, err error) {
	_, err = tx.one("select n, verdict from mail_domain where pid = $1 and hash = $2", []any{pid, hash}, &n, &v)
	return n, v, err
}

// CountMailDomain counts one more.
func (tx *Tx) CountMailDomain(pid string, hash []byte) error {
	_, err := tx.exec(`insert into mail_domain (pid, hash, n, verdict) values ($1, $2, 1, 0)
		on conflict (pid, hash) do update set n = mail_domain.n + 1`, pid, hash)
	return err
}

// SetVerdict notes what staff have decided about a domain.
func (tx *Tx) SetVerdict(pid string, hash []byte, v Verdict) error {
	_, err := tx.exec(`insert into mail_domain (pid, hash, n, verdict) values ($1, $2, 0, $3)
		on conflict (pid, hash) do update set verdict = $3`, pid, hash, v)
	return err
}

// ForgetMailDomains erases what is known of an action's domains.
func (tx *Tx) ForgetMailDomains(pid string) error {
	_, err := tx.exec("delete from mail_domain where pid = $1", pid)
	return err
}

// Held is a group of held signatures that have their doubts and their domain in common.
type Held struct {
	Doubts undersigned.Doubt
	Domain []byte
	N      int
	First  undersigned.SignatureID // one of them
}

// HeldGroups groups the held signatures of an action, at most so many of them, the largest group first.
func (tx *Tx) HeldGroups(pid string, most int) (groups []Held, err error) {
	type key struct {
		doubts undersigned.Doubt
		domain string
	}
	at := map[key]int{}
	err = tx.each("select id, coalesce(doubt, 0), domain from signature where review = $1 and pid = $2 limit $3", []any{Unreviewed, pid, most},
		func(r *sql.Rows) error {
			var id, domain []byte
			var h Held
			if err := r.Scan(&id, &h.Doubts, &domain); err != nil {
				return err
			}
			k := key{h.Doubts, string(domain)}
			if _, known := at[k]; !known {
				at[k] = len(groups)
				h.Domain = []byte(k.domain)
				copy(h.First[:], id)
				groups = append(groups, h)
			}
			groups[at[k]].N++
			return nil
		})
	if err != nil {
		return nil, fmt.Errorf("group held signatures: %w", err)
	}
	slices.SortFunc(groups, func(a, b Held) int {
		return cmp.Or(b.N-a.N, cmp.Compare(a.Doubts, b.Doubts), bytes.Compare(a.Domain, b.Domain))
	})
	return groups, nil
}

// CountHeldUpTo counts the held signatures of an action, and stops at most.
func (tx *Tx) CountHeldUpTo(pid string, most int64) (n int64, err error) {
	_, err = tx.one("select count(*) from (select 1 from signature where review = $1 and pid = $2 limit $3) as held", []any{Unreviewed, pid, most}, &n)
	return n, err
}

// CountRemoved counts the signatures of an action that a decision has removed, as far as they still say something.
func (tx *Tx) CountRemoved(review []byte, pid string) (n int64, err error) {
	_, err = tx.one("select count(*) from signature where review = $1 and pid = $2", []any{review, pid}, &n)
	return n, err
}

// HeldAfter reads up to most held signatures of an action behind an id, in the order of their ids.
func (tx *Tx) HeldAfter(pid string, after undersigned.SignatureID, most int) ([]*SignatureRow, error) {
	return tx.reviewed(Unreviewed, pid, after, most)
}

// RemovedSignatures reads up to most signatures of an action that a decision has removed, as far as they still say something.
func (tx *Tx) RemovedSignatures(review []byte, pid string, most int) ([]*SignatureRow, error) {
	return tx.reviewed(review, pid, undersigned.SignatureID{}, most)
}

func (tx *Tx) reviewed(review []byte, pid string, after undersigned.SignatureID, most int) (found []*SignatureRow, err error) {
	err = tx.each("select "+signatureColumns+" from signature where review = $1 and pid = $2 and id > $3 order by id limit $4",
		[]any{review, pid, after[:], most}, func(r *sql.Rows) error {
			s, err := scanSignature(r)
			found = append(found, s)
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("read reviewed signatures: %w", err)
	}
	return found, nil
}

// ReviewSignature moves a row that is in state from, and notes by which decision; nil ends its review, and with it what was
// known of its doubts. False where the row was not in that state, or says nothing any more.
func (tx *Tx) ReviewSignature(id undersigned.SignatureID, from, to undersigned.SignatureState, review []byte) (bool, error) {
	set := "state = $3, review = $4"
	if review == nil {
		set += ", doubt = null, domain = null"
	}
	n, err := tx.exec("update signature set "+set+" where id = $1 and state = $2 and sealed is not null", id[:], from, to, review)
	if err != nil {
		return false, fmt.Errorf("review a signature: %w", err)
	}
	return n == 1, nil
}

// Review is a decision of staff about signatures. It names no person.
type Review struct {
	ID     []byte // 8 random bytes
	At     time.Time
	PID    string
	By     undersigned.UserID // the zero id is the command line
	Verb   string             // release, void, restore, trust, doubt, brake
	Reason string             // of a void, as the log says it
	Rule   string             // which signatures it was about
	N      int64
}

// NoteReview notes a decision or, where it is noted already, that it was about N more.
func (tx *Tx) NoteReview(r Review) error {
	_, err := tx.exec(`insert into review (id, at, pid, verb, reason, rule, n, user_id) values ($1, $2, $3, $4, $5, $6, $7, $8)
		on conflict (id) do update set n = review.n + $7`, r.ID, micros(tx.Now), r.PID, r.Verb, r.Reason, r.Rule, r.N, r.By[:])
	if err != nil {
		return fmt.Errorf("note a decision: %w", err)
	}
	return nil
}

// NewReviewID draws the id of a decision.
func NewReviewID() []byte {
	id := make([]byte, 8)
	rand.Read(id)
	return id
}

const reviewColumns = "select id, at, pid, verb, reason, rule, n, user_id from review "

// Reviews lists the decisions, the latest first.
func (tx *Tx) Reviews() ([]Review, error) { return tx.reviews("order by at desc, id") }

// LatestReviews lists the decisions about all actions, the latest first, at most so many.
func (tx *Tx) LatestReviews(most int) ([]Review, error) {
	return tx.reviews("order by at desc, id limit $1", most)
}

// ReviewsOf lists the decisions of one kind about an action, or with no verb of all kinds, the latest first, at most so many.
func (tx *Tx) ReviewsOf(pid, verb string, most int) ([]Review, error) {
	return tx.reviews("where pid = $1 and ($2 = '' or verb = $2) order by at desc, id limit $3", pid, verb, most)
}

// Review reads one decision, nil where there is none.
func (tx *Tx) Review(id []byte) (*Review, error) {
	list, err := tx.reviews("where id = $1", id)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0], nil
}

func (tx *Tx) reviews(which string, args ...any) (list []Review, err error) {
	err = tx.each(reviewColumns+which, args, func(r *sql.Rows) error {
		var v Review
		var at int64
		var user []byte
		err := r.Scan(&v.ID, &at, &v.PID, &v.Verb, &v.Reason, &v.Rule, &v.N, &user)
		v.At = moment(at)
		copy(v.By[:], user)
		list = append(list, v)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the decisions: %w", err)
	}
	return list, nil
}

// ForgetReviewsBefore erases the decisions that were made before a time.
func (tx *Tx) ForgetReviewsBefore(at time.Time) (int64, error) {
	return tx.exec("delete from review where at < $1", micros(at))
}
