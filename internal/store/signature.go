package store

import (
	"database/sql"
	"fmt"

	"github.com/undersigned/undersigned"
)

// SignatureRow is a signature at rest: nothing in it can be read without the keys.
type SignatureRow struct {
	ID            undersigned.SignatureID
	PID           string
	Version       int
	State         undersigned.SignatureState
	Slot          int    // 1 or 2: at most two names an address
	EmailHash     []byte // nil in a tombstone, as all below; one that is shredded keeps both hashes
	EmailNameHash []byte
	Commitment    []byte
	Sealed        []byte
	LogIndex      int64 // its place in the public log, -1 while it has none

	Doubts undersigned.Doubt // why it is held
	Domain []byte            // keyed hash of the mailbox's domain, while it is held; nil where it was not
	Review []byte            // the decision by which it was removed, Unreviewed while it is held; nil in all others
}

// Unreviewed stands in a row that is held for review.
var Unreviewed = make([]byte, 8)

const signatureColumns = `id, pid, version, state, slot, email_hash, email_name_hash, commitment, sealed, coalesce(log_index, -1),
	coalesce(doubt, 0), domain, review`

// InsertSignature adds a waiting row, or one that is held; false where its id, its slot or its name is taken. A name that has a
// slot already asks for that one, which is taken. To insert from a select that leaves such a name out, SQLite would make a table
// of its own, each time.
func (tx *Tx) InsertSignature(s *SignatureRow) (bool, error) {
	n, err := tx.exec(`insert into signature (id, pid, version, state, slot, email_hash, email_name_hash, commitment, sealed,
			doubt, domain, review)
		values ($1, $2, $3, $4, coalesce((select slot from signature where email_hash = $6 and email_name_hash = $7), $5),
			$6, $7, $8, $9, nullif(cast($10 as bigint), 0), $11, $12) on conflict do nothing`,
		s.ID[:], s.PID, s.Version, s.State, s.Slot, s.EmailHash, s.EmailNameHash, s.Commitment, s.Sealed, s.Doubts, s.Domain, s.Review)
	if err != nil {
		return false, fmt.Errorf("insert a signature: %w", err)
	}
	return n == 1, nil
}

// Signature reads one row, nil where there is none.
func (tx *Tx) Signature(id undersigned.SignatureID) (*SignatureRow, error) {
	return tx.signature("id = $1", id[:])
}

// SignatureByEmailName reads the row of one name and address, nil where there is none. It may be one that was shredded:
// nothing in it says whose it was, but it counts.
func (tx *Tx) SignatureByEmailName(emailHash, emailNameHash []byte) (*SignatureRow, error) {
	return tx.signature("email_hash = $1 and email_name_hash = $2", emailHash, emailNameHash)
}

func (tx *Tx) signature(where string, args ...any) (*SignatureRow, error) {
	var found *SignatureRow
	err := tx.signatures(where, args, func(s *SignatureRow) { found = s })
	return found, err
}

// SignaturesByEmail reads the rows of one address under one action that still say something of a person.
func (tx *Tx) SignaturesByEmail(hash []byte) (found []*SignatureRow, err error) {
	err = tx.signatures("email_hash = $1 and sealed is not null", []any{hash}, func(s *SignatureRow) { found = append(found, s) })
	return found, err
}

func (tx *Tx) signatures(where string, args []any, keep func(*SignatureRow)) error {
	err := tx.each("select "+signatureColumns+" from signature where "+where, args, func(r *sql.Rows) error {
		s, err := scanSignature(r)
		keep(s)
		return err
	})
	if err != nil {
		return fmt.Errorf("read signatures: %w", err)
	}
	return nil
}

// CountedSignatures reads up to most counted rows of an action behind a place in the log, in the log's order.
func (tx *Tx) CountedSignatures(pid string, after int64, most int) (found []*SignatureRow, err error) {
	err = tx.each("select "+signatureColumns+` from signature where log_index > $1 and pid = $2 and state = $3
		order by log_index limit $4`, []any{after, pid, undersigned.SignatureCounted, most}, func(r *sql.Rows) error {
		s, err := scanSignature(r)
		found = append(found, s)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read counted signatures: %w", err)
	}
	return found, nil
}

// CountedBetween reads the counted rows of an action at the places [from, to) of the log.
func (tx *Tx) CountedBetween(pid string, from, to int64) (found []*SignatureRow, err error) {
	err = tx.each("select "+signatureColumns+` from signature where log_index >= $1 and log_index < $2 and pid = $3 and state = $4
		order by log_index`, []any{from, to, pid, undersigned.SignatureCounted}, func(r *sql.Rows) error {
		s, err := scanSignature(r)
		found = append(found, s)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read counted signatures: %w", err)
	}
	return found, nil
}

// ReadableSignatures reads up to most rows of an action that say something of a person, by id, behind an id.
func (tx *Tx) ReadableSignatures(pid string, after undersigned.SignatureID, most int) (found []*SignatureRow, err error) {
	err = tx.each("select "+signatureColumns+" from signature where id > $1 and pid = $2 and sealed is not null order by id limit $3",
		[]any{after[:], pid, most}, func(r *sql.Rows) error {
			s, err := scanSignature(r)
			found = append(found, s)
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("read signatures: %w", err)
	}
	return found, nil
}

func scanSignature(r *sql.Rows) (*SignatureRow, error) {
	s := &SignatureRow{}
	var id []byte
	err := r.Scan(&id, &s.PID, &s.Version, &s.State, &s.Slot, &s.EmailHash, &s.EmailNameHash, &s.Commitment, &s.Sealed, &s.LogIndex,
		&s.Doubts, &s.Domain, &s.Review)
	copy(s.ID[:], id)
	return s, err
}

// Bury makes a tombstone of a row that is in state from: what it says of a person is gone from the row. It gives the
// row's place in the log, -1 where it had none; done is false where the row was not in that state, or says nothing any more:
// the log must not hear of a signature whose petition is destroyed.
func (tx *Tx) Bury(id undersigned.SignatureID, from, to undersigned.SignatureState) (index int64, done bool, err error) {
	done, err = tx.one(`update signature set state = $3, email_hash = null, email_name_hash = null, commitment = null, sealed = null,
		doubt = null, domain = null, review = null
		where id = $1 and state = $2 and sealed is not null returning coalesce(log_index, -1)`, []any{id[:], from, to}, &index)
	if err != nil {
		return 0, false, fmt.Errorf("bury a signature: %w", err)
	}
	return index, done, nil
}

// Shred makes a tombstone of a row that is in state from and goes on counting: what it says of a person is gone, and its
// keyed hashes stay, so that the same name and address are not counted twice. They are noise once the action's key for
// duplicates is destroyed. It gives what Bury gives.
func (tx *Tx) Shred(id undersigned.SignatureID, from undersigned.SignatureState) (index int64, done bool, err error) {
	done, err = tx.one(`update signature set state = $3, commitment = null, sealed = null, doubt = null, domain = null, review = null
		where id = $1 and state = $2 and sealed is not null returning coalesce(log_index, -1)`,
		[]any{id[:], from, undersigned.SignatureShredded}, &index)
	if err != nil {
		return 0, false, fmt.Errorf("shred a signature: %w", err)
	}
	return index, done, nil
}

// Forget takes from a waiting row everything but its commitment and its keyed hashes. It still gets its place in the log,
// and the sequencer, which finds it without an opening, logs at once that it is shredded.
func (tx *Tx) Forget(id undersigned.SignatureID) (bool, error) {
	n, err := tx.exec("update signature set sealed = null where id = $1 and state = $2", id[:], undersigned.SignatureWaiting)
	return n == 1, err
}

// CountSignatures counts the rows of an action by state, from the rows themselves.
func (tx *Tx) CountSignatures(pid string) (map[undersigned.SignatureState]int64, error) {
	counts := map[undersigned.SignatureState]int64{}
	err := tx.each("select state, count(*) from signature where pid = $1 group by state", []any{pid}, func(r *sql.Rows) error {
		var state undersigned.SignatureState
		var n int64
		err := r.Scan(&state, &n)
		counts[state] = n
		return err
	})
	return counts, err
}
