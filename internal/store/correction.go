package store

import (
	"database/sql"
	"fmt"

	"github.com/undersigned/undersigned"
)

// CorrectionRow is what an organisation says of its own entry.
type CorrectionRow struct {
	ID           undersigned.CorrectionID
	Issue        string
	Organization string // slug
	Day          undersigned.Day
	Month        string // YYYY-MM of the key; empty while its mailbox is not proved
	Sealed       []byte
}

// InsertCorrection keeps what waits for its mailbox to be proved.
func (tx *Tx) InsertCorrection(c *CorrectionRow) error {
	_, err := tx.exec("insert into correction (id, issue, slug, day, month, sealed) values ($1, $2, $3, $4, '', $5)",
		c.ID[:], c.Issue, c.Organization, c.Day, c.Sealed)
	if err != nil {
		return fmt.Errorf("keep a correction: %w", err)
	}
	return nil
}

// ConfirmCorrection seals one anew under the key of a month; false where it was confirmed before, or is gone.
func (tx *Tx) ConfirmCorrection(id undersigned.CorrectionID, month string, sealed []byte) (bool, error) {
	n, err := tx.exec("update correction set month = $2, sealed = $3 where id = $1 and month = ''", id[:], month, sealed)
	return n == 1, err
}

// DeleteCorrection forgets one; false where there is none.
func (tx *Tx) DeleteCorrection(id undersigned.CorrectionID) (bool, error) {
	n, err := tx.exec("delete from correction where id = $1", id[:])
	return n == 1, err
}

// Correction reads one, nil where there is none.
func (tx *Tx) Correction(id undersigned.CorrectionID) (*CorrectionRow, error) {
	list, err := tx.corrections("id = $1", id[:])
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return list[0], nil
}

// Corrections reads those that wait for a person, the oldest first.
func (tx *Tx) Corrections() ([]*CorrectionRow, error) { return tx.corrections("month <> $1", "") }

// CountCorrections counts those that wait for a person.
func (tx *Tx) CountCorrections() (n int, err error) {
	_, err = tx.one("select count(*) from correction where month <> ''", nil, &n)
	return n, err
}

// CountCorrectionsEnded counts what a purge forgets: what was not confirmed before a day, and what is under the keys of months
// before one.
func (tx *Tx) CountCorrectionsEnded(day undersigned.Day, month string) (n int64, err error) {
	_, err = tx.one("select count(*) from correction where month = '' and day < $1 or month <> '' and month < $2", []any{day, month}, &n)
	return n, err
}

// ForgetCorrectionsEnded forgets them.
func (tx *Tx) ForgetCorrectionsEnded(day undersigned.Day, month string) error {
	_, err := tx.exec("delete from correction where month = '' and day < $1 or month <> '' and month < $2", day, month)
	return err
}

func (tx *Tx) corrections(where string, args ...any) (list []*CorrectionRow, err error) {
	err = tx.each("select id, issue, slug, day, month, sealed from correction where "+where+" order by day, id", args, func(r *sql.Rows) error {
		c, id := &CorrectionRow{}, []byte(nil)
		err := r.Scan(&id, &c.Issue, &c.Organization, &c.Day, &c.Month, &c.Sealed)
		copy(c.ID[:], id)
		list = append(list, c)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read corrections: %w", err)
	}
	return list, nil
}
