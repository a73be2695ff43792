package store

import (
	"database/sql"
	"fmt"
	"time"

	"github.com/undersigned/undersigned"
)

// LetterRow is what is kept of a letter's writer.
type LetterRow struct {
	Outreach undersigned.OutreachID
	Day      undersigned.Day // UTC: of the form or, once it is confirmed, of the confirmation
	Writer   []byte          // keyed hash of the address; nil until it is confirmed
	Sealed   []byte          // nil once it is no longer needed
}

// KeepDraft keeps a letter that nobody has confirmed yet, in place of what it was before. One that is confirmed stays as it
// is.
func (tx *Tx) KeepDraft(l LetterRow) error {
	_, err := tx.exec(`insert into letter (outreach, day, sealed) values ($1, $2, $3)
		on conflict (outreach) do update set day = $2, sealed = $3 where letter.writer is null`, l.Outreach[:], l.Day, l.Sealed)
	if err != nil {
		return fmt.Errorf("keep a draft: %w", err)
	}
	return nil
}

// Letter reads one, nil where there is none.
func (tx *Tx) Letter(id undersigned.OutreachID) (*LetterRow, error) {
	l := &LetterRow{Outreach: id}
	found, err := tx.one("select day, writer, sealed from letter where outreach = $1", []any{id[:]}, &l.Day, &l.Writer, &l.Sealed)
	if err != nil {
		return nil, fmt.Errorf("read a letter: %w", err)
	}
	if !found {
		return nil, nil
	}
	return l, nil
}

// ConfirmLetter notes whose letter it is, sealed anew; false where that was noted before.
func (tx *Tx) ConfirmLetter(l LetterRow) (confirmed bool, err error) {
	n, err := tx.exec("update letter set day = $2, writer = $3, sealed = $4 where outreach = $1 and writer is null",
		l.Outreach[:], l.Day, l.Writer, l.Sealed)
	if err != nil {
		return false, fmt.Errorf("confirm a letter: %w", err)
	}
	return n == 1, nil
}

// SealLetter keeps the words of a confirmed letter sealed anew, under the key of another day.
func (tx *Tx) SealLetter(l LetterRow) error {
	_, err := tx.exec("update letter set day = $2, sealed = $3 where outreach = $1 and sealed is not null", l.Outreach[:], l.Day, l.Sealed)
	if err != nil {
		return fmt.Errorf("seal a letter anew: %w", err)
	}
	return nil
}

// EraseSent erases the words of a letter, and its writer's name, where each of its offices has it. Where one has not, its
// writer may need them.
func (tx *Tx) EraseSent(id undersigned.OutreachID) error {
	_, err := tx.exec(`update letter set sealed = null where outreach = $1 and sealed is not null
		and not exists (select 1 from delivery where outreach = $1 and method = $3 and state <> $2)`, id[:], undersigned.DeliveryAccepted, undersigned.ByEmail)
	if err != nil {
		return fmt.Errorf("erase a letter: %w", err)
	}
	return nil
}

// LettersBy finds the confirmed letters of a writer, the earliest first.
func (tx *Tx) LettersBy(writer []byte) (ids []undersigned.OutreachID, err error) {
	err = tx.each("select outreach from letter where writer = $1 order by day, outreach", []any{writer}, func(r *sql.Rows) error {
		var raw []byte
		err := r.Scan(&raw)
		ids = append(ids, undersigned.OutreachID(raw))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("find a writer's letters: %w", err)
	}
	return ids, nil
}

// TakeTurn gives the first moment at which a letter may go to an address and that nobody has taken, and takes it: the next is a
// pause later.
func (tx *Tx) TakeTurn(address []byte, pause time.Duration) (at time.Time, err error) {
	var next int64
	_, err = tx.one(`insert into letter_turn (address, next) values ($1, $2)
		on conflict (address) do update set next = case when letter_turn.next > $3 then letter_turn.next + $4 else $2 end returning next`,
		[]any{address, micros(tx.Now.Add(pause)), micros(tx.Now), pause.Microseconds()}, &next)
	if err != nil {
		return time.Time{}, fmt.Errorf("take a turn: %w", err)
	}
	return moment(next).Add(-pause), nil
}

// LastTurn tells when the last turn is that somebody has taken, for any address; the zero time is never.
func (tx *Tx) LastTurn() (at time.Time, err error) {
	var last int64
	_, err = tx.one("select coalesce(max(next), 0) from letter_turn", nil, &last)
	return moment(last), err
}

// ForgetLetter erases that somebody wrote a letter.
func (tx *Tx) ForgetLetter(id undersigned.OutreachID) error {
	_, err := tx.exec("delete from letter where outreach = $1", id[:])
	return err
}

// deadLetters are those whose words no key opens any more: sealed before a day.
const deadLetters = "from letter where day < $1 and (sealed is not null or writer is null)"

// CountDeadLetters counts the letters whose words were sealed before a day and are still there.
func (tx *Tx) CountDeadLetters(before undersigned.Day) (n int64, err error) {
	_, err = tx.one("select count(*) "+deadLetters, []any{before}, &n)
	return n, err
}

// EraseDeadLetters erases them: drafts that nobody confirmed altogether, of the others the words. Deliveries that were
// still to be tried have failed: the words they needed are gone.
func (tx *Tx) EraseDeadLetters(before undersigned.Day) error {
	_, err := tx.exec(`update delivery set state = $2 where state = $3 and day < $1
		and not exists (select 1 from letter where outreach = delivery.outreach and day >= $1)`, before, undersigned.DeliveryFailed, undersigned.DeliveryQueued)
	if err != nil {
		return fmt.Errorf("end the deliveries of dead letters: %w", err)
	}
	if _, err := tx.exec("delete from letter where day < $1 and writer is null", before); err != nil {
		return fmt.Errorf("erase drafts: %w", err)
	}
	_, err = tx.exec("update letter set sealed = null where day < $1 and sealed is not null", before)
	if err != nil {
		return fmt.Errorf("erase dead letters: %w", err)
	}
	return nil
}

// CountLettersBefore counts the letters, by whomever, from before a day.
func (tx *Tx) CountLettersBefore(day undersigned.Day) (n int64, err error) {
	_, err = tx.one("select count(*) from letter where day < $1", []any{day}, &n)
	return n, err
}

// ForgetLettersBefore erases who wrote letters before a day. What became of the deliveries stays.
func (tx *Tx) ForgetLettersBefore(day undersigned.Day) error {
	_, err := tx.exec("delete from letter where day < $1", day)
	return err
}
