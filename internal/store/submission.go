package store

import (
	"database/sql"
	"fmt"
	"time"

	"github.com/undersigned/undersigned"
)

// OpportunityRow is an ask for volunteers for which offers are taken.
type OpportunityRow struct {
	PID      string
	Issue    string
	Slug     string
	ClosedAt time.Time // when it was first seen closed; zero while it is not
}

// Opportunities reads all rows, by issue and slug.
func (tx *Tx) Opportunities() (map[[2]string]OpportunityRow, error) {
	found := map[[2]string]OpportunityRow{}
	err := tx.each("select pid, issue, slug, closed_at from opportunity", nil, func(r *sql.Rows) error {
		var o OpportunityRow
		var closedAt int64
		err := r.Scan(&o.PID, &o.Issue, &o.Slug, &closedAt)
		o.ClosedAt = moment(closedAt)
		found[[2]string{o.Issue, o.Slug}] = o
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the opportunities: %w", err)
	}
	return found, nil
}

// InsertOpportunity adds an ask for which offers are taken from now on.
func (tx *Tx) InsertOpportunity(o OpportunityRow) error {
	_, err := tx.exec("insert into opportunity (pid, issue, slug, closed_at) values ($1, $2, $3, 0)", o.PID, o.Issue, o.Slug)
	if err != nil {
		return fmt.Errorf("insert an opportunity: %w", err)
	}
	return nil
}

// SetOpportunityClosed notes when it was first seen closed, or with the zero time that it is open again.
func (tx *Tx) SetOpportunityClosed(pid string, at time.Time) error {
	_, err := tx.exec("update opportunity set closed_at = $2 where pid = $1", pid, micros(at))
	return err
}

// DeleteOpportunity forgets that offers were taken, and makes a new revision of the site: the action has no pid any more.
func (tx *Tx) DeleteOpportunity(pid string) error {
	if _, err := tx.exec("delete from opportunity where pid = $1", pid); err != nil {
		return err
	}
	_, err := tx.exec("update site set revision = revision + 1")
	return err
}

// InsertWaitingSubmission keeps what waits for its mailbox to be proved.
func (tx *Tx) InsertWaitingSubmission(id undersigned.SubmissionID, day undersigned.Day, sealed []byte) error {
	_, err := tx.exec("insert into submission_wait (id, day, sealed) values ($1, $2, $3)", id[:], day, sealed)
	if err != nil {
		return fmt.Errorf("keep an offer that waits: %w", err)
	}
	return nil
}

// WaitingSubmission reads what waits, nil where there is nothing.
func (tx *Tx) WaitingSubmission(id undersigned.SubmissionID) (sealed []byte, err error) {
	_, err = tx.one("select sealed from submission_wait where id = $1", []any{id[:]}, &sealed)
	return sealed, err
}

// ForgetWaitingSubmission erases what waits no longer.
func (tx *Tx) ForgetWaitingSubmission(id undersigned.SubmissionID) error {
	_, err := tx.exec("delete from submission_wait where id = $1", id[:])
	return err
}

// CountWaitingSubmissionsBefore counts those from before a day.
func (tx *Tx) CountWaitingSubmissionsBefore(day undersigned.Day) (n int64, err error) {
	_, err = tx.one("select count(*) from submission_wait where day < $1", []any{day}, &n)
	return n, err
}

// ForgetWaitingSubmissionsBefore erases them.
func (tx *Tx) ForgetWaitingSubmissionsBefore(day undersigned.Day) error {
	_, err := tx.exec("delete from submission_wait where day < $1", day)
	return err
}

// SubmissionRow is an offer at rest: nothing in it can be read without the keys.
type SubmissionRow struct {
	ID        undersigned.SubmissionID
	PID       string
	State     undersigned.SubmissionState
	Day       undersigned.Day // on which it came
	Moved     undersigned.Day // on which its state last changed
	Told      undersigned.Day // on which the coordinator's mail server took it, or ToldPerhaps; empty before
	Nudges    int             // how many reminders were promised
	EmailHash []byte          // nil where the offer is withdrawn, as below
	Sealed    []byte
	Notes     []byte // sealed; nil before the first
}

const submissionColumns = "id, pid, state, day, moved, told, nudges, email_hash, sealed, notes"

// InsertSubmission adds a row; false where its id is taken, or its mailbox has an open one.
func (tx *Tx) InsertSubmission(s *SubmissionRow) (bool, error) {
	n, err := tx.exec("insert into submission ("+submissionColumns+`)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict do nothing`,
		s.ID[:], s.PID, s.State, s.Day, s.Moved, s.Told, s.Nudges, s.EmailHash, s.Sealed, s.Notes)
	if err != nil {
		return false, fmt.Errorf("insert an offer: %w", err)
	}
	return n == 1, nil
}

// Submission reads one row, nil where there is none.
func (tx *Tx) Submission(id undersigned.SubmissionID) (*SubmissionRow, error) {
	found, err := tx.submissions("id = $1", id[:])
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return found[0], nil
}

// SubmissionsByEmail reads the rows of one mailbox under one action.
func (tx *Tx) SubmissionsByEmail(hash []byte) ([]*SubmissionRow, error) {
	return tx.submissions("email_hash = $1", hash)
}

// SubmissionsLeft reads the rows that came before a day, are in a state and have fewer reminders than most.
func (tx *Tx) SubmissionsLeft(state undersigned.SubmissionState, before undersigned.Day, most int) ([]*SubmissionRow, error) {
	return tx.submissions("state = $1 and day < $2 and nudges < $3", state, before, most)
}

// CountSubmissionsLeft counts the rows of an action that came before a day and are in a state.
func (tx *Tx) CountSubmissionsLeft(pid string, state undersigned.SubmissionState, before undersigned.Day) (n int64, err error) {
	_, err = tx.one("select count(*) from submission where day < $1 and pid = $2 and state = $3", []any{before, pid, state}, &n)
	return n, err
}

// Submissions reads all rows.
func (tx *Tx) Submissions() ([]*SubmissionRow, error) { return tx.submissions("1 = 1") }

// SubmissionPlace is where a row stands among those of an action, of which the latest is the first.
type SubmissionPlace struct {
	Day undersigned.Day
	ID  undersigned.SubmissionID
}

// SubmissionsBefore reads up to most rows of an action, the latest first: all of them, or those in one state. The zero place is
// before the first.
func (tx *Tx) SubmissionsBefore(pid string, state undersigned.SubmissionState, before SubmissionPlace, most int) ([]*SubmissionRow, error) {
	if before.Day == "" {
		before.Day = "9999-12-31"
	}
	return tx.submissionsIn("day desc, id desc limit $5", `pid = $1 and ($2 = '' or state = $2) and (day < $3 or day = $3 and id < $4)`,
		pid, state, before.Day, before.ID[:], most)
}

// CountSubmissionStates counts an action's offers by what has become of them.
func (tx *Tx) CountSubmissionStates(pid string) (map[undersigned.SubmissionState]int64, error) {
	counts := map[undersigned.SubmissionState]int64{}
	err := tx.each("select state, count(*) from submission where pid = $1 group by state", []any{pid}, func(r *sql.Rows) error {
		var state undersigned.SubmissionState
		var n int64
		err := r.Scan(&state, &n)
		counts[state] = n
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("count offers: %w", err)
	}
	return counts, nil
}

func (tx *Tx) submissions(where string, args ...any) ([]*SubmissionRow, error) {
	return tx.submissionsIn("day, id", where, args...)
}

func (tx *Tx) submissionsIn(order, where string, args ...any) (found []*SubmissionRow, err error) {
	err = tx.each("select "+submissionColumns+" from submission where "+where+" order by "+order, args, func(r *sql.Rows) error {
		s := &SubmissionRow{}
		var id []byte
		err := r.Scan(&id, &s.PID, &s.State, &s.Day, &s.Moved, &s.Told, &s.Nudges, &s.EmailHash, &s.Sealed, &s.Notes)
		copy(s.ID[:], id)
		found = append(found, s)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read offers: %w", err)
	}
	return found, nil
}

// MoveSubmission sets a row's state; false where it was not in state from.
func (tx *Tx) MoveSubmission(id undersigned.SubmissionID, from, to undersigned.SubmissionState) (bool, error) {
	n, err := tx.exec("update submission set state = $3, moved = $4 where id = $1 and state = $2",
		id[:], from, to, undersigned.DayOf(tx.Now))
	return n == 1, err
}

// WithdrawSubmission makes a tombstone of a row; false where it is one already.
func (tx *Tx) WithdrawSubmission(id undersigned.SubmissionID) (bool, error) {
	n, err := tx.exec("update submission set state = $2, moved = $3, email_hash = null, sealed = null, notes = null where id = $1 and sealed is not null",
		id[:], undersigned.SubmissionWithdrawn, undersigned.DayOf(tx.Now))
	return n == 1, err
}

// NoteSubmission puts notes in place of those that a row had; false where it has others by now, or is withdrawn.
func (tx *Tx) NoteSubmission(id undersigned.SubmissionID, before, notes []byte) (bool, error) {
	if before == nil {
		before = []byte{}
	}
	n, err := tx.exec("update submission set notes = $3 where id = $1 and sealed is not null and coalesce(notes, $2) = $2", id[:], before, notes)
	return n == 1, err
}

// ToldPerhaps stands in place of the day where the coordinator's mail server had an offer whole and gave no answer.
const ToldPerhaps undersigned.Day = "perhaps"

// SubmissionTold notes that the coordinator's mail server took an offer today, or with ToldPerhaps that it may have, where
// neither was noted before.
func (tx *Tx) SubmissionTold(id undersigned.SubmissionID, day undersigned.Day) error {
	_, err := tx.exec("update submission set told = $2 where id = $1 and (told = '' or told = $3)", id[:], day, ToldPerhaps)
	return err
}

// CountReminder notes one more reminder; false where the row has another state or another number of them by now.
func (tx *Tx) CountReminder(s *SubmissionRow) (bool, error) {
	n, err := tx.exec("update submission set nudges = nudges + 1 where id = $1 and state = $2 and nudges = $3", s.ID[:], s.State, s.Nudges)
	return n == 1, err
}

// CountSubmissions counts an action's offers, and those of them that no mail server took yet.
func (tx *Tx) CountSubmissions(pid string) (all, untold int64, err error) {
	_, err = tx.one(`select count(*), coalesce(sum(case when (told = '' or told = $2) and state = 'received' then 1 else 0 end), 0)
		from submission where pid = $1`, []any{pid, ToldPerhaps}, &all, &untold)
	return all, untold, err
}

// EraseSubmissionsEnded deletes the offers that came before a day, and those that were over before another.
func (tx *Tx) EraseSubmissionsEnded(came, over undersigned.Day) error {
	_, err := tx.exec("delete from submission where day < $1 or moved < $2 and state in ('done', 'declined', 'withdrawn')", came, over)
	return err
}
