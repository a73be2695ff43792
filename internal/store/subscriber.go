package store

import (
	"database/sql"
	"fmt"

	"github.com/undersigned/undersigned"
)

// SubscriberRow is a subscriber at rest: nothing in it can be read without the keys.
type SubscriberRow struct {
	ID      undersigned.SubscriberID
	Issue   string
	State   undersigned.SubscriberState
	Day     undersigned.Day // on which they asked, or left
	Month   string          // whose key has sealed it
	Bounces undersigned.Bounces
	Hash    []byte // nil in a tombstone, as below
	Sealed  []byte
}

const subscriberColumns = "id, issue, state, day, month, bounces, bounced, bounced_by, hash, sealed"

// PutConsent keeps the words that somebody agrees to today, unless they are there.
func (tx *Tx) PutConsent(c undersigned.Consent) error {
	id := c.ID()
	_, err := tx.exec("insert into consent (id, issue, language, words, day) values ($1, $2, $3, $4, $5) on conflict do nothing",
		id[:], c.Issue, c.Language, c.Words, undersigned.DayOf(tx.Now))
	if err != nil {
		return fmt.Errorf("keep a consent: %w", err)
	}
	return nil
}

// Consent reads the words of an id; found is false where nobody has agreed to them.
func (tx *Tx) Consent(id undersigned.ConsentID) (c undersigned.Consent, found bool, err error) {
	found, err = tx.one("select issue, language, words from consent where id = $1", []any{id[:]}, &c.Issue, &c.Language, &c.Words)
	return c, found, err
}

// InsertSubscriber adds an active row; false where its address is there under the same key.
func (tx *Tx) InsertSubscriber(s *SubscriberRow) (bool, error) {
	n, err := tx.exec(`insert into subscriber (id, issue, state, day, month, bounces, bounced, hash, sealed)
		values ($1, $2, $3, $4, $5, 0, '', $6, $7) on conflict do nothing`, s.ID[:], s.Issue, s.State, s.Day, s.Month, s.Hash, s.Sealed)
	if err != nil {
		return false, fmt.Errorf("insert a subscriber: %w", err)
	}
	return n == 1, nil
}

// Subscriber reads one row, nil where there is none.
func (tx *Tx) Subscriber(id undersigned.SubscriberID) (*SubscriberRow, error) {
	return firstSubscriber(tx.subscribers("id = $1", id[:]))
}

// SubscriberByHash reads the row of an address, nil where there is none.
func (tx *Tx) SubscriberByHash(hash []byte) (*SubscriberRow, error) {
	return firstSubscriber(tx.subscribers("hash = $1", hash))
}

func firstSubscriber(found []*SubscriberRow, err error) (*SubscriberRow, error) {
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return found[0], nil
}

// Subscribers reads up to most active rows of an issue behind an id, in the order of their ids.
func (tx *Tx) Subscribers(issue string, after undersigned.SubscriberID, most int) ([]*SubscriberRow, error) {
	return tx.subscribers("id > $1 and issue = $2 and state = $3 order by id limit $4", after[:], issue, undersigned.SubscriberActive, most)
}

// SubscribersSealedBefore reads up to most rows that the key of an earlier month has sealed, behind an id, in the order of
// their ids.
func (tx *Tx) SubscribersSealedBefore(month string, after undersigned.SubscriberID, most int) ([]*SubscriberRow, error) {
	return tx.subscribers("id > $1 and month < $2 and sealed is not null order by id limit $3", after[:], month, most)
}

// ResealSubscriber puts in place of what a row holds the same under another key; where the address stands in another row under
// that key already, this one goes. Another node may have done it.
func (tx *Tx) ResealSubscriber(s *SubscriberRow) error {
	there, err := tx.SubscriberByHash(s.Hash)
	if err == nil && there != nil && there.ID != s.ID {
		_, err = tx.exec("delete from subscriber where id = $1 and sealed is not null", s.ID[:])
		return err
	}
	if err == nil {
		_, err = tx.exec("update subscriber set month = $2, hash = $3, sealed = $4 where id = $1 and sealed is not null", s.ID[:], s.Month, s.Hash, s.Sealed)
	}
	if err != nil {
		return fmt.Errorf("seal a subscriber anew: %w", err)
	}
	return nil
}

// BurySubscriber makes a tombstone of a row; false where it is one already.
func (tx *Tx) BurySubscriber(id undersigned.SubscriberID, to undersigned.SubscriberState) (bool, error) {
	n, err := tx.exec(`update subscriber set state = $2, day = $3, month = '', bounces = 0, bounced = '', bounced_by = null, hash = null, sealed = null
		where id = $1 and sealed is not null`, id[:], to, undersigned.DayOf(tx.Now))
	if err != nil {
		return false, fmt.Errorf("bury a subscriber: %w", err)
	}
	return n == 1, nil
}

// SetBounces notes how often mail to a subscriber came back.
func (tx *Tx) SetBounces(id undersigned.SubscriberID, b undersigned.Bounces) error {
	_, err := tx.exec("update subscriber set bounces = $2, bounced = $3, bounced_by = $4 where id = $1 and sealed is not null",
		id[:], b.N, b.Day, b.Update[:])
	return err
}

// AnySubscriber tells whether somebody hears of an issue.
func (tx *Tx) AnySubscriber(issue string) (bool, error) {
	var n int
	_, err := tx.one("select count(*) from (select 1 from subscriber where issue = $1 and state = $2 limit 1) t",
		[]any{issue, undersigned.SubscriberActive}, &n)
	return n > 0, err
}

// CountSubscribers counts the rows of each issue by state.
func (tx *Tx) CountSubscribers() (map[string]map[undersigned.SubscriberState]int64, error) {
	counts := map[string]map[undersigned.SubscriberState]int64{}
	err := tx.each("select issue, state, count(*) from subscriber group by issue, state", nil, func(r *sql.Rows) error {
		var issue string
		var state undersigned.SubscriberState
		var n int64
		err := r.Scan(&issue, &state, &n)
		if counts[issue] == nil {
			counts[issue] = map[undersigned.SubscriberState]int64{}
		}
		counts[issue][state] = n
		return err
	})
	return counts, err
}

// CountBuriedSubscribersBefore counts the tombstones from before a day.
func (tx *Tx) CountBuriedSubscribersBefore(day undersigned.Day) (n int64, err error) {
	_, err = tx.one("select count(*) from subscriber where sealed is null and day < $1", []any{day}, &n)
	return n, err
}

// ForgetBuriedSubscribersBefore erases them.
func (tx *Tx) ForgetBuriedSubscribersBefore(day undersigned.Day) error {
	_, err := tx.exec("delete from subscriber where sealed is null and day < $1", day)
	return err
}

func (tx *Tx) subscribers(where string, args ...any) (found []*SubscriberRow, err error) {
	err = tx.each("select "+subscriberColumns+" from subscriber where "+where, args, func(r *sql.Rows) error {
		s := &SubscriberRow{}
		var id, by []byte
		err := r.Scan(&id, &s.Issue, &s.State, &s.Day, &s.Month, &s.Bounces.N, &s.Bounces.Day, &by, &s.Hash, &s.Sealed)
		copy(s.ID[:], id)
		copy(s.Bounces.Update[:], by)
		found = append(found, s)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read subscribers: %w", err)
	}
	return found, nil
}
