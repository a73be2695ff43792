package store

import (
	"database/sql"
	"fmt"

	"github.com/undersigned/undersigned"
)

// DKIMRow is a private key that signs our mails, sealed.
type DKIMRow struct {
	Selector string
	Day      undersigned.Day // on which it was made
	Sealed   []byte
}

// DKIMKeys reads all of them, the newest last.
func (tx *Tx) DKIMKeys() (keys []DKIMRow, err error) {
	err = tx.each("select selector, day, sealed from dkim order by day, selector", nil, func(r *sql.Rows) error {
		var k DKIMRow
		err := r.Scan(&k.Selector, &k.Day, &k.Sealed)
		keys = append(keys, k)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the keys of mails: %w", err)
	}
	return keys, nil
}

// InsertDKIM adds one; false where its selector is taken.
func (tx *Tx) InsertDKIM(k DKIMRow) (bool, error) {
	n, err := tx.exec("insert into dkim (selector, day, sealed) values ($1, $2, $3) on conflict do nothing", k.Selector, k.Day, k.Sealed)
	return n == 1, err
}
