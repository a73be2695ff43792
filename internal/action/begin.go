package action

import (
	"context"

	"github.com/undersigned/undersigned/internal/store"
)

// beginDuty is the name under which a database notes that a site begins in it.
const beginDuty = "begin"

// NoteBegin notes that a site begins in this database. It comes before the site's first key: a start that was cut short after
// it may go on, where keys without any row would otherwise tell of another site.
func NoteBegin(ctx context.Context, db *store.DB) error {
	return db.Update(ctx, store.Bulk, func(tx *store.Tx) error { return tx.DutyDone(beginDuty, "") })
}

// Begun tells whether this database has a site, or one was begun in it.
func Begun(tx *store.Tx) (bool, error) {
	at, _, err := tx.Duty(beginDuty)
	if err != nil || !at.IsZero() {
		return !at.IsZero(), err
	}
	rows, err := tx.Occupied()
	return rows != "", err
}
