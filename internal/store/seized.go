package store

import "fmt"

// SealedRows is how much of people the database holds, all of it sealed.
type SealedRows struct {
	Signatures int64 // that can still be opened by whoever has the keys
	Waiting    int64 // forms whose mailbox is not proved, and mails on their way
	Offers     int64
	Letters    int64
	News       int64 // addresses that asked for news
}

// SealedRows counts from the tallies of the log and from small tables, never by reading every signature.
func (tx *Tx) SealedRows() (n SealedRows, err error) {
	// What is counted and was not shredded has its row; what waits for its place in the log or for a person has one too.
	_, err = tx.one(`select (select cast(coalesce(sum(counted - shredded), 0) as bigint) from action where log_state <> $1) +
		(select count(*) from signature where state = 0),
		(select count(*) from job) + (select count(*) from submission_wait),
		(select count(*) from submission where sealed is not null),
		(select count(*) from letter where sealed is not null),
		(select count(*) from subscriber where hash is not null)`, []any{LogDestroyed}, &n.Signatures, &n.Waiting, &n.Offers, &n.Letters, &n.News)
	if err != nil {
		return n, fmt.Errorf("count the sealed rows: %w", err)
	}
	return n, nil
}
