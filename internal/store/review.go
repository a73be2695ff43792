package store

import (
	"crypto/rand"
	"database/sql"
	"fmt"
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
	PID    string
	Doubts undersigned.Doubt
	Domain []byte
	N      int
}

// HeldGroups lists the held signatures of all actions in groups.
func (tx *Tx) HeldGroups() (groups []Held, err error) {
	err = tx.each(`select pid, coalesce(doubt, 0), domain, count(*) from signature where review = $1
		group by pid, doubt, domain order by pid, count(*) desc, doubt, domain`, []any{Unreviewed}, func(r *sql.Rows) error {
		var h Held
		err := r.Scan(&h.PID, &h.Doubts, &h.Domain, &h.N)
		groups = append(groups, h)
		return err
	})
	return groups, err
}

// CountHeld counts the held signatures of each action that has any.
func (tx *Tx) CountHeld() (map[string]int64, error) {
	counts := map[string]int64{}
	err := tx.each("select pid, count(*) from signature where review = $1 group by pid", []any{Unreviewed}, func(r *sql.Rows) error {
		var pid string
		var n int64
		err := r.Scan(&pid, &n)
		counts[pid] = n
		return err
	})
	return counts, err
}

// HeldSignatures reads the held signatures of an action.
func (tx *Tx) HeldSignatures(pid string) ([]*SignatureRow, error) {
	return tx.reviewed(Unreviewed, pid)
}

// RemovedSignatures reads the signatures of an action that a decision has removed, as far as they still say something.
func (tx *Tx) RemovedSignatures(review []byte, pid string) ([]*SignatureRow, error) {
	return tx.reviewed(review, pid)
}

func (tx *Tx) reviewed(review []byte, pid string) (found []*SignatureRow, err error) {
	err = tx.each("select "+signatureColumns+" from signature where review = $1 and pid = $2 order by id", []any{review, pid},
		func(r *sql.Rows) error {
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
	Verb   string // list, release, void, restore, trust, doubt, brake
	Reason string // of a void, as the log says it
	Rule   string // which signatures it was about
	N      int64
}

// AddReview notes a decision.
func (tx *Tx) AddReview(r Review) error {
	_, err := tx.exec("insert into review (id, at, pid, verb, reason, rule, n) values ($1, $2, $3, $4, $5, $6, $7)",
		r.ID, micros(tx.Now), r.PID, r.Verb, r.Reason, r.Rule, r.N)
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

// Reviews lists the decisions, the latest first.
func (tx *Tx) Reviews() (list []Review, err error) {
	err = tx.each("select id, at, pid, verb, reason, rule, n from review order by at desc, id", nil, func(r *sql.Rows) error {
		var v Review
		var at int64
		err := r.Scan(&v.ID, &at, &v.PID, &v.Verb, &v.Reason, &v.Rule, &v.N)
		v.At = moment(at)
		list = append(list, v)
		return err
	})
	return list, err
}

// ForgetReviewsBefore erases the decisions that were made before a time.
func (tx *Tx) ForgetReviewsBefore(at time.Time) (int64, error) {
	return tx.exec("delete from review where at < $1", micros(at))
}
