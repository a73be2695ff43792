package store

import (
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/undersigned/undersigned"
)

// Bill reads what the updater knows of a bill, nil where it knows nothing.
func (tx *Tx) Bill(id undersigned.BillID) (*undersigned.Bill, error) {
	var doc string
	found, err := tx.one("select doc from bill where id = $1", []any{id.String()}, &doc)
	if err != nil || !found {
		return nil, err
	}
	b := &undersigned.Bill{}
	return b, json.Unmarshal([]byte(doc), b)
}

// bills reads what the updater knows of all bills.
func (tx *Tx) bills() (map[undersigned.BillID]*undersigned.Bill, error) {
	known := map[undersigned.BillID]*undersigned.Bill{}
	err := tx.each("select doc from bill", nil, func(r *sql.Rows) error {
		var doc string
		if err := r.Scan(&doc); err != nil {
			return err
		}
		b := &undersigned.Bill{}
		if err := json.Unmarshal([]byte(doc), b); err != nil {
			return fmt.Errorf("read a bill: %w", err)
		}
		known[b.BillID] = b
		return nil
	})
	return known, err
}

// PutBill stores what the updater knows of a bill, and makes a new revision of the site.
func (tx *Tx) PutBill(b *undersigned.Bill) error {
	doc, err := json.Marshal(b)
	if err != nil {
		return fmt.Errorf("store a bill: %w", err)
	}
	_, err = tx.exec("insert into bill (id, doc) values ($1, $2) on conflict (id) do update set doc = $2", b.String(), string(doc))
	if err != nil {
		return fmt.Errorf("store a bill: %w", err)
	}
	_, err = tx.exec("update site set revision = revision + 1")
	return err
}

// AddEvent adds to the diary, and makes a new revision of the site.
func (tx *Tx) AddEvent(e undersigned.Event) error {
	id := make([]byte, 16)
	rand.Read(id)
	_, err := tx.exec("insert into event (at, id, kind, issue, subject, detail) values ($1, $2, $3, $4, $5, $6)",
		micros(e.At), id, e.Kind, e.Issue, e.Subject, e.Detail)
	if err != nil {
		return fmt.Errorf("add to the diary: %w", err)
	}
	_, err = tx.exec("update site set revision = revision + 1")
	return err
}

// Events reads the diary of an issue, or of all where it is empty, the latest first.
func (tx *Tx) Events(issue string, before time.Time, most int) (events []undersigned.Event, err error) {
	err = tx.each(`select at, kind, issue, subject, detail from event where ($1 = '' or issue = $1 or issue = '') and at < $2
		order by at desc, id desc limit $3`, []any{issue, micros(before), most}, func(r *sql.Rows) error {
		var e undersigned.Event
		var at int64
		err := r.Scan(&at, &e.Kind, &e.Issue, &e.Subject, &e.Detail)
		e.At = time.UnixMicro(at).UTC() // may lie before 1970: bills are older than the clock
		events = append(events, e)
		return err
	})
	return events, err
}

// Ask is how an action stood when that was last looked at.
type Ask struct {
	State  undersigned.ActionState
	Reason undersigned.Reason
}

// Asks reads all of them, by issue and slug.
func (tx *Tx) Asks() (map[[2]string]Ask, error) {
	asks := map[[2]string]Ask{}
	err := tx.each("select issue, slug, state, reason from ask", nil, func(r *sql.Rows) error {
		var key [2]string
		var a Ask
		err := r.Scan(&key[0], &key[1], &a.State, &a.Reason)
		asks[key] = a
		return err
	})
	return asks, err
}

// MoveAsk notes how an action stands now; false where another node has noted it already.
func (tx *Tx) MoveAsk(issue, slug string, to Ask) (bool, error) {
	n, err := tx.exec(`insert into ask (issue, slug, state, reason) values ($1, $2, $3, $4)
		on conflict (issue, slug) do update set state = $3, reason = $4 where ask.state <> $3 or ask.reason <> $4`,
		issue, slug, to.State, to.Reason)
	return n == 1, err
}
