package store

import (
	"crypto/rand"
	"database/sql"
	"fmt"
	"time"

	"github.com/undersigned/undersigned"
)

// AddAudit adds a line to the audit log, at the moment of the transaction that does what it tells of.
func (tx *Tx) AddAudit(e undersigned.AuditEntry) error {
	id := make([]byte, 16)
	rand.Read(id)
	_, err := tx.exec("insert into audit (at, id, user_id, verb, subject, detail) values ($1, $2, $3, $4, $5, $6)",
		micros(tx.Now), id, e.By[:], e.Verb, e.Subject, e.Detail)
	if err != nil {
		return fmt.Errorf("add to the audit log: %w", err)
	}
	return nil
}

// AuditFilter says which lines are wanted; what is empty holds for all.
type AuditFilter struct {
	By      *undersigned.UserID
	Verb    undersigned.AuditVerb
	Subject string
	Before  time.Time
}

// Audit reads lines of the audit log, the latest first.
func (tx *Tx) Audit(f AuditFilter, most int) (entries []undersigned.AuditEntry, err error) {
	anybody, by := 1, undersigned.UserID{}
	if f.By != nil {
		anybody, by = 0, *f.By
	}
	before := int64(1<<63 - 1)
	if !f.Before.IsZero() {
		before = micros(f.Before)
	}
	err = tx.each(`select at, user_id, verb, subject, detail from audit where at < $1 and ($2 = 1 or user_id = $3)
		and ($4 = '' or verb = $4) and ($5 = '' or subject = $5) order by at desc, id desc limit $6`,
		[]any{before, anybody, by[:], f.Verb, f.Subject, most}, func(r *sql.Rows) error {
			var e undersigned.AuditEntry
			var at int64
			var user []byte
			err := r.Scan(&at, &user, &e.Verb, &e.Subject, &e.Detail)
			copy(e.By[:], user)
			e.At = moment(at)
			entries = append(entries, e)
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("read the audit log: %w", err)
	}
	return entries, nil
}

// ForgetAuditBefore erases the lines of before a moment.
func (tx *Tx) ForgetAuditBefore(at time.Time) (int64, error) {
	return tx.exec("delete from audit where at < $1", micros(at))
}

// CountAuditBefore counts them.
func (tx *Tx) CountAuditBefore(at time.Time) (n int64, err error) {
	_, err = tx.one("select count(*) from audit where at < $1", []any{micros(at)}, &n)
	return n, err
}
