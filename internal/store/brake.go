package store

import (
	"database/sql"
	"time"
)

// Brake is an action whose doubtful signatures are held because very many come at once.
type Brake struct {
	Since   time.Time
	Waiting int64 // held signatures, as they were last counted
}

// Braked tells whether an action's brake is on.
func (tx *Tx) Braked(pid string) (bool, error) {
	var since int64
	return tx.one("select since from brake where pid = $1", []any{pid}, &since)
}

// Brakes reads all that are on, by pid.
func (tx *Tx) Brakes() (map[string]Brake, error) {
	brakes := map[string]Brake{}
	err := tx.each("select pid, since, waiting from brake", nil, func(r *sql.Rows) error {
		var pid string
		var since int64
		var b Brake
		err := r.Scan(&pid, &since, &b.Waiting)
		b.Since = moment(since)
		brakes[pid] = b
		return err
	})
	return brakes, err
}

// SetBrake puts a brake on, or notes how many wait, and makes a new revision of the site; false where nothing is new.
func (tx *Tx) SetBrake(pid string, waiting int64) (bool, error) {
	n, err := tx.exec(`insert into brake (pid, since, waiting) values ($1, $2, $3)
		on conflict (pid) do update set waiting = $3 where brake.waiting <> $3`, pid, micros(tx.Now), waiting)
	return tx.revised(n, err)
}

// ReleaseBrake takes a brake off; false where it was not on.
func (tx *Tx) ReleaseBrake(pid string) (bool, error) {
	return tx.revised(tx.exec("delete from brake where pid = $1", pid))
}

// revised makes a new revision of the site where n rows have changed.
func (tx *Tx) revised(n int64, err error) (bool, error) {
	if err != nil || n == 0 {
		return false, err
	}
	_, err = tx.exec("update site set revision = revision + 1")
	return err == nil, err
}

// ActionSum adds up all hours of an action.
func (tx *Tx) ActionSum(pid string) (h Hour, err error) {
	_, err = tx.one(`select cast(coalesce(sum(pending), 0) as bigint), cast(coalesce(sum(confirmed), 0) as bigint),
		cast(coalesce(sum(held), 0) as bigint), cast(coalesce(sum(strange), 0) as bigint) from action_hour where pid = $1`,
		[]any{pid}, &h.Pending, &h.Confirmed, &h.Held, &h.Strange)
	return h, err
}

// ActionHours reads the hours of an action from a moment on; each has its place in hours since 1970.
func (tx *Tx) ActionHours(pid string, from time.Time) (map[int64]Hour, error) {
	hours := map[int64]Hour{}
	err := tx.each("select hour, pending, confirmed, held, strange from action_hour where pid = $1 and hour >= $2",
		[]any{pid, from.Unix() / 3600}, func(r *sql.Rows) error {
			var at int64
			var h Hour
			err := r.Scan(&at, &h.Pending, &h.Confirmed, &h.Held, &h.Strange)
			hours[at] = h
			return err
		})
	return hours, err
}
