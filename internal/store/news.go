package store

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/undersigned/undersigned"
)

const newsColumns = `id, issue, state, cause, about, detail, texts, at, reached, stop, made, begun, ended,
	sent, refused, bounced, complained, departed, seen_bad, seen_all`

// InsertUpdate adds an update; false where one of the same cause is there.
func (tx *Tx) InsertUpdate(u *undersigned.Update) (bool, error) {
	texts, err := json.Marshal(u.Texts)
	if err != nil {
		return false, err
	}
	n, err := tx.exec(`insert into news (`+newsColumns+`, run_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, '', $10, 0, 0, 0, 0, 0, 0, 0, 0, 0, $8) on conflict do nothing`,
		u.ID[:], u.Issue, u.State, u.Cause, u.About, u.Detail, string(texts), micros(u.At), u.Cursor[:], micros(tx.Now))
	if err != nil {
		return false, fmt.Errorf("insert an update: %w", err)
	}
	return n == 1, nil
}

// WriteUpdate changes the words of an update that is still in the state it was read in.
func (tx *Tx) WriteUpdate(u *undersigned.Update) (bool, error) {
	texts, err := json.Marshal(u.Texts)
	if err != nil {
		return false, err
	}
	n, err := tx.exec("update news set texts = $3 where id = $1 and state = $2", u.ID[:], u.State, string(texts))
	return n == 1, err
}

// SetUpdateAbout changes what an update tells by itself, while it waits for its time.
func (tx *Tx) SetUpdateAbout(u *undersigned.Update) error {
	_, err := tx.exec("update news set about = $2, detail = $3 where id = $1 and state = $4", u.ID[:], u.About, u.Detail, undersigned.UpdateScheduled)
	return err
}

// Update reads one update, nil where there is none.
func (tx *Tx) Update(id undersigned.UpdateID) (*undersigned.Update, error) {
	found, err := tx.updates("where id = $1", id[:])
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return found[0], nil
}

// LockUpdate is Update, and keeps others from changing it until the transaction ends.
func (tx *Tx) LockUpdate(id undersigned.UpdateID) (*undersigned.Update, error) {
	if _, err := tx.exec("select id from news where id = $1"+tx.d.lock, id[:]); err != nil {
		return nil, fmt.Errorf("lock an update: %w", err)
	}
	return tx.Update(id)
}

// Updates reads all updates, the newest first.
func (tx *Tx) Updates() ([]*undersigned.Update, error) { return tx.updates("order by made desc, id") }

// MoveUpdate sets the state of an update, why it stopped and when it is to go out; false where it was in another state by
// then. Going on does not touch when it is due: a batch of before the pause may still be under way.
func (tx *Tx) MoveUpdate(u *undersigned.Update, from undersigned.UpdateState) (bool, error) {
	n, err := tx.exec(`update news set state = $3, stop = $4, at = $5, begun = $6, ended = $7,
		run_at = case when $3 = 'scheduled' then $5 else run_at end, seen_bad = $8, seen_all = $9 where id = $1 and state = $2`,
		u.ID[:], from, u.State, u.Stop, micros(u.At), micros(u.Begun), micros(u.Ended), u.Tally.SeenBad, u.Tally.SeenAll)
	return n == 1, err
}

// ClaimUpdate takes the update that has been due longest for as long as the lease; nil where none is due. A sender that dies
// leaves it due again when the lease ends.
func (tx *Tx) ClaimUpdate(lease time.Duration) (*undersigned.Update, error) {
	found, err := tx.updatesOf(`with due as `+tx.d.once+`(
			select id from news where state in ($2, $3) and run_at <= $4 order by run_at, id limit 1`+tx.d.skip+`)
		update news set run_at = $1 where id in (select id from due) returning `+newsColumns,
		micros(tx.Now.Add(lease)), undersigned.UpdateScheduled, undersigned.UpdateSending, micros(tx.Now))
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return found[0], nil
}

// AdvanceUpdate notes that everybody behind the update's cursor, as far as reached, has had it, adds to its tally and makes
// the next batch due. False, and nothing is noted, where its cursor stands elsewhere by then.
func (tx *Tx) AdvanceUpdate(u *undersigned.Update, reached undersigned.SubscriberID, more undersigned.UpdateTally, due time.Time) (bool, error) {
	n, err := tx.exec(`update news set reached = $3, sent = sent + $4, refused = refused + $5, run_at = $6 where id = $1 and reached = $2`,
		u.ID[:], u.Cursor[:], reached[:], more.Sent, more.Refused, micros(due))
	return n == 1, err
}

// CountReport adds to an update's tally what came of it beside its batches.
func (tx *Tx) CountReport(id undersigned.UpdateID, more undersigned.UpdateTally) error {
	_, err := tx.exec(`update news set sent = sent + $2, refused = refused + $3, bounced = bounced + $4, complained = complained + $5,
		departed = departed + $6 where id = $1`, id[:], more.Sent, more.Refused, more.Bounced, more.Complained, more.Left)
	return err
}

// ReclaimUpdates makes due what a sender held that is no more. Right where no other process can send.
func (tx *Tx) ReclaimUpdates() error {
	_, err := tx.exec("update news set run_at = $1 where state = $2 and run_at > $1", micros(tx.Now), undersigned.UpdateSending)
	return err
}

// HoldUpdates keeps what a restored backup was about to send from going out: some may have had it since the backup was made.
func (tx *Tx) HoldUpdates() error {
	if _, err := tx.exec("update news set state = $1 where state = $2", undersigned.UpdateDraft, undersigned.UpdateScheduled); err != nil {
		return err
	}
	_, err := tx.exec("update news set state = $1, stop = $2 where state = $3", undersigned.UpdatePaused, undersigned.StoppedByRestore,
		undersigned.UpdateSending)
	return err
}

// MailsWaiting tells whether a mail of a queue is due since before a time: its workers do not keep up.
func (tx *Tx) MailsWaiting(queue string, since time.Time) (bool, error) {
	var n int
	_, err := tx.one("select count(*) from (select 1 from job where queue = $1 and run_at <= $2 limit 1) t", []any{queue, micros(since)}, &n)
	return n > 0, err
}

func (tx *Tx) updates(rest string, args ...any) ([]*undersigned.Update, error) {
	return tx.updatesOf("select "+newsColumns+" from news "+rest, args...)
}

func (tx *Tx) updatesOf(query string, args ...any) (found []*undersigned.Update, err error) {
	err = tx.each(query, args, func(r *sql.Rows) error {
		u := &undersigned.Update{}
		var id, reached []byte
		var texts string
		var at, made, begun, ended int64
		t := &u.Tally
		if err := r.Scan(&id, &u.Issue, &u.State, &u.Cause, &u.About, &u.Detail, &texts, &at, &reached, &u.Stop, &made, &begun, &ended,
			&t.Sent, &t.Refused, &t.Bounced, &t.Complained, &t.Left, &t.SeenBad, &t.SeenAll); err != nil {
			return err
		}
		copy(u.ID[:], id)
		copy(u.Cursor[:], reached)
		u.At, u.Made, u.Begun, u.Ended = moment(at), moment(made), moment(begun), moment(ended)
		found = append(found, u)
		return json.Unmarshal([]byte(texts), &u.Texts)
	})
	if err != nil {
		return nil, fmt.Errorf("read updates: %w", err)
	}
	return found, nil
}
