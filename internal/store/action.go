package store

import (
	"cmp"
	"database/sql"
	"fmt"
	"time"

	"github.com/undersigned/undersigned"
)

// LogState is how far the public log knows an action.
type LogState int

const (
	LogOpened    LogState = 1 // its open entry is placed or waits for its place
	LogClosed    LogState = 2
	LogDestroyed LogState = 3
)

// ActionRow is a petition or pledge as the public log knows it.
type ActionRow struct {
	PID        string
	Issue      string
	Slug       string
	Version    int
	Publish    undersigned.Publish
	Closes     string // as in the log: YYYY-MM-DD or -
	LogState   LogState
	ClosedAt   time.Time // when Decide first said closed; zero while it is not
	Sealed     bool      // its signatures are kept in sealed mode
	KeepDays   int       // after it closed, what its signers told us is kept for so long
	Attended   time.Time // when its owner last said that it goes on; zero is when it was opened
	AskedTimes int       // how many mails have asked since Attention.Asked
	Attention  undersigned.Attention
	Tally      Tally // at the size of the log, published or not
	Public     Count
}

// Tally is what the log's entries add up to for one petition.
type Tally struct{ Counted, Withdrawn, Erased, Fraud, Shredded int64 }

const actionColumns = `pid, issue, slug, version, publish, closes, log_state, closed_at,
	counted, withdrawn, erased, fraud, shredded, public_counted, public_at, public_size, sealed,
	keep_days, attended_at, asked_at, asked_times, ended_at`

// KeepsFor is how long after it closed what an action's signers told us is kept.
func (a *ActionRow) KeepsFor() time.Duration { return time.Duration(a.KeepDays) * 24 * time.Hour }

// Actions reads all rows, by issue and slug.
func (tx *Tx) Actions() (map[[2]string]ActionRow, error) {
	found := map[[2]string]ActionRow{}
	err := tx.each("select "+actionColumns+" from action", nil, func(r *sql.Rows) error {
		var a ActionRow
		var closedAt, publicAt, sealed, attendedAt, askedAt, endedAt int64
		err := r.Scan(&a.PID, &a.Issue, &a.Slug, &a.Version, &a.Publish, &a.Closes, &a.LogState, &closedAt,
			&a.Tally.Counted, &a.Tally.Withdrawn, &a.Tally.Erased, &a.Tally.Fraud, &a.Tally.Shredded,
			&a.Public.Counted, &publicAt, &a.Public.TreeSize, &sealed, &a.KeepDays, &attendedAt, &askedAt, &a.AskedTimes, &endedAt)
		a.Attended, a.Attention = moment(attendedAt), undersigned.Attention{Asked: moment(askedAt), Ended: moment(endedAt)}
		a.Sealed = sealed != 0
		a.ClosedAt, a.Public.AsOf = moment(closedAt), moment(publicAt)
		found[[2]string{a.Issue, a.Slug}] = a
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the actions: %w", err)
	}
	return found, nil
}

// InsertAction adds a petition or pledge that the log does not know yet.
func (tx *Tx) InsertAction(a ActionRow) error {
	_, err := tx.exec(`insert into action (`+actionColumns+`)
		values ($1, $2, $3, $4, $5, $6, $7, 0, 0, 0, 0, 0, 0, 0, 0, 0, $8, $9, 0, 0, 0, 0)`,
		a.PID, a.Issue, a.Slug, a.Version, a.Publish, a.Closes, a.LogState, number(a.Sealed), cmp.Or(a.KeepDays, undersigned.MaxKeepDays))
	if err != nil {
		return fmt.Errorf("insert an action: %w", err)
	}
	return nil
}

// SetActionVersion notes a changed text, closing date or way of publishing; false where the log has closed the action.
func (tx *Tx) SetActionVersion(pid string, version int, publish undersigned.Publish, closes string) (bool, error) {
	n, err := tx.exec("update action set version = $2, publish = $3, closes = $4 where pid = $1 and log_state = $5",
		pid, version, publish, closes, LogOpened)
	return n == 1, err
}

// SetActionSealed notes in which mode an action's signatures are kept.
func (tx *Tx) SetActionSealed(pid string, sealed bool) error {
	delete(tx.taking, pid)
	_, err := tx.exec("update action set sealed = $2 where pid = $1", pid, number(sealed))
	return err
}

// SetActionKeepDays notes for how many days after its closing what an action's signers told us is kept.
func (tx *Tx) SetActionKeepDays(pid string, days int) error {
	_, err := tx.exec("update action set keep_days = $2 where pid = $1", pid, days)
	return err
}

// SetAttention notes what is known of an action's owner, and makes a new revision of the site where that may close or open it.
// False where the log has closed it, or somebody was first: was is what was known.
func (tx *Tx) SetAttention(was, now *ActionRow) (bool, error) {
	n, err := tx.exec(`update action set attended_at = $2, asked_at = $3, asked_times = $4, ended_at = $5
		where pid = $1 and log_state = $6 and asked_at = $7 and asked_times = $8 and ended_at = $9`,
		was.PID, micros(now.Attended), micros(now.Attention.Asked), now.AskedTimes, micros(now.Attention.Ended), LogOpened,
		micros(was.Attention.Asked), was.AskedTimes, micros(was.Attention.Ended))
	if err != nil || n == 0 || was.Attention == now.Attention {
		return n == 1, err
	}
	return true, tx.Renew()
}

// Taking is how an action takes signatures: whether the public log still has it open, and in which mode they are kept.
type Taking struct{ Open, Sealed bool }

// ActionTaking tells how an action takes signatures, and keeps the log from closing it until the transaction has ended: what
// another node confirms in the very moment in which the log closes must not be left without its place. Each confirmation
// asks, so the database is asked once a transaction.
func (tx *Tx) ActionTaking(pid string) (Taking, error) {
	if taking, known := tx.taking[pid]; known {
		return taking, nil
	}
	var sealed int64
	var state LogState
	found, err := tx.one("select sealed, log_state from action where pid = $1"+tx.d.share, []any{pid}, &sealed, &state)
	if err != nil {
		return Taking{}, err
	}
	if tx.taking == nil {
		tx.taking = map[string]Taking{}
	}
	tx.taking[pid] = Taking{Open: found && state == LogOpened, Sealed: sealed != 0}
	return tx.taking[pid], nil
}

// AnySignature tells whether an action has a row of a signature, in whatever state.
func (tx *Tx) AnySignature(pid string) (bool, error) {
	var id []byte
	return tx.one("select id from signature where pid = $1 limit 1", []any{pid}, &id)
}

// SetActionClosed notes when an action was first seen closed, or with the zero time that it is open again.
func (tx *Tx) SetActionClosed(pid string, at time.Time) error {
	_, err := tx.exec("update action set closed_at = $2 where pid = $1", pid, micros(at))
	return err
}

// MoveActionLogState notes how far the log knows an action, and makes a new revision of the site: what the log has closed
// is open nowhere. False where another node was first.
func (tx *Tx) MoveActionLogState(pid string, from, to LogState) (bool, error) {
	delete(tx.taking, pid)
	if _, err := tx.exec("select pid from action where pid = $1"+tx.d.lock, pid); err != nil { // see ActionTaking
		return false, err
	}
	n, err := tx.exec("update action set log_state = $3 where pid = $1 and log_state = $2", pid, from, to)
	if err != nil || n == 0 {
		return false, err
	}
	_, err = tx.exec("update site set revision = revision + 1")
	return err == nil, err
}

// AddTally adds to what the log's entries add up to.
func (tx *Tx) AddTally(pid string, t Tally) error {
	_, err := tx.exec(`update action set counted = counted + $2, withdrawn = withdrawn + $3, erased = erased + $4,
		fraud = fraud + $5, shredded = shredded + $6 where pid = $1`,
		pid, t.Counted, t.Withdrawn, t.Erased, t.Fraud, t.Shredded)
	return err
}

// InsertActionVersion keeps the canonical text of a version for as long as the log names its hash.
func (tx *Tx) InsertActionVersion(pid string, version int, text string) error {
	_, err := tx.exec("insert into action_version (pid, version, body, at) values ($1, $2, $3, $4)",
		pid, version, text, micros(tx.Now))
	return err
}

// ActionVersion reads the canonical text of a version.
func (tx *Tx) ActionVersion(pid string, version int) (text string, found bool, err error) {
	found, err = tx.one("select body from action_version where pid = $1 and version = $2", []any{pid, version}, &text)
	return text, found, err
}

// ActionText is a version of what people put their name under.
type ActionText struct {
	Version int
	Text    string // canonical
	At      time.Time
}

// ActionVersions reads all texts of an action, the last one first.
func (tx *Tx) ActionVersions(pid string) (list []ActionText, err error) {
	err = tx.each("select version, body, at from action_version where pid = $1 order by version desc", []any{pid}, func(r *sql.Rows) error {
		var t ActionText
		var at int64
		err := r.Scan(&t.Version, &t.Text, &at)
		t.At = moment(at)
		list = append(list, t)
		return err
	})
	return list, err
}

// Hour is what happened under an action in one UTC hour.
type Hour struct {
	Pending   int // mails sent
	Confirmed int // signatures, those that are held among them
	Held      int // of the confirmed
	Strange   int // of the confirmed, not held although their domain is little known
}
