package store

import (
	"database/sql"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/undersigned/undersigned"
)

// eraseStep is how many rows one call of EraseSignatures looks at.
const eraseStep = 1000

// EraseSignatures takes what the rows of an action say of people out of them; their states and places in the log stay. It
// looks at the next 1,000 rows after an id, of whatever action, and gives the id to go on from: nil when all are done.
func (tx *Tx) EraseSignatures(pid string, after []byte) (next []byte, n int64, err error) {
	if after == nil {
		after = []byte{}
	}
	last, err := tx.one("select id from signature where id > $1 order by id limit 1 offset $2", []any{after, eraseStep - 1}, &next)
	if err != nil {
		return nil, 0, fmt.Errorf("erase signatures: %w", err)
	}
	const erase = `update signature set email_hash = null, email_name_hash = null, commitment = null, sealed = null,
		doubt = null, domain = null, review = null
		where pid = $1 and id > $2 and (sealed is not null or commitment is not null or email_hash is not null)`
	if last {
		n, err = tx.exec(erase+" and id <= $3", pid, after, next)
	} else {
		n, err = tx.exec(erase, pid, after)
	}
	if err != nil {
		return nil, 0, fmt.Errorf("erase signatures: %w", err)
	}
	return next, n, nil
}

// CountReadable counts the rows of an action that say something of a person.
func (tx *Tx) CountReadable(pid string) (n int64, err error) {
	_, err = tx.one("select count(*) from signature where pid = $1 and sealed is not null", []any{pid}, &n)
	return n, err
}

// WaitsForLog tells whether an entry of an action waits for its place in the log.
func (tx *Tx) WaitsForLog(pid string) (bool, error) {
	var n int64
	_, err := tx.one("select count(*) from log_wait where pid = $1", []any{pid}, &n)
	return n > 0, err
}

// CountMailBefore counts the addresses whose mails are counted for days before day.
func (tx *Tx) CountMailBefore(day string) (n int64, err error) {
	_, err = tx.one("select count(*) from mail_day where day < $1", []any{day}, &n)
	return n, err
}

// CountJobsBefore counts the jobs of a queue that were made before a time: their ids begin with it.
func (tx *Tx) CountJobsBefore(queue string, made time.Time) (n int64, err error) {
	_, err = tx.one("select count(*) from job where queue = $1 and id < $2", []any{queue, jobsBefore(made)}, &n)
	return n, err
}

// ForgetJobsBefore erases those jobs.
func (tx *Tx) ForgetJobsBefore(queue string, made time.Time) (int64, error) {
	return tx.exec("delete from job where queue = $1 and id < $2", queue, jobsBefore(made))
}

func jobsBefore(made time.Time) []byte {
	return binary.BigEndian.AppendUint64(nil, uint64(made.UnixMicro())<<8)
}

// SignatureAt reads the row that has a place in the public log, nil where there is none.
func (tx *Tx) SignatureAt(index int64) (*SignatureRow, error) {
	return tx.signature("log_index = $1", index)
}

// MoveSignature sets a row's state; false where it was not in state from.
func (tx *Tx) MoveSignature(id undersigned.SignatureID, from, to undersigned.SignatureState) (bool, error) {
	n, err := tx.exec("update signature set state = $3 where id = $1 and state = $2", id[:], from, to)
	return n == 1, err
}

// ActionsOpened tells when the first text of each action was written, by pid.
func (tx *Tx) ActionsOpened() (map[string]time.Time, error) {
	opened := map[string]time.Time{}
	err := tx.each("select pid, min(at) from action_version group by pid", nil, func(r *sql.Rows) error {
		var pid string
		var at int64
		err := r.Scan(&pid, &at)
		opened[pid] = moment(at)
		return err
	})
	return opened, err
}
