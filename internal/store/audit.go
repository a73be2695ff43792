package store

import (
	"crypto/rand"
	"database/sql"
	"fmt"
	"strconv"
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
	Named   []string // subjects that are wanted beside it, for what is called so
	// Only what stands before this line: a page ends in the middle of a moment, for all that one commit does has one time.
	Before undersigned.AuditMark
}

// Audit reads lines of the audit log, the latest first.
func (tx *Tx) Audit(f AuditFilter, most int) (entries []undersigned.AuditEntry, err error) {
	anybody, by := 1, undersigned.UserID{}
	if f.By != nil {
		anybody, by = 0, *f.By
	}
	before := int64(1<<63 - 1)
	if !f.Before.At.IsZero() {
		before = micros(f.Before.At)
	}
	args := []any{before, f.Before.ID[:], anybody, by[:], f.Verb, f.Subject, most}
	subjects := "$6"
	for _, named := range f.Named {
		args = append(args, named)
		subjects += ", $" + strconv.Itoa(len(args))
	}
	err = tx.each(`select at, id, user_id, verb, subject, detail from audit where (at, id) < ($1, $2) and ($3 = 1 or user_id = $4)
		and ($5 = '' or verb = $5) and ($6 = '' or subject in (`+subjects+`)) order by at desc, id desc limit $7`,
		args, func(r *sql.Rows) error {
			var e undersigned.AuditEntry
			var at int64
			var id, user []byte
			err := r.Scan(&at, &id, &user, &e.Verb, &e.Subject, &e.Detail)
			copy(e.ID[:], id)
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
