package store

import (
	"crypto/rand"
	"database/sql"
	"fmt"
	"time"

	"github.com/undersigned/undersigned"
)

// LogWait is an entry of the public log, other than a signature, that waits for its place.
type LogWait struct {
	At      time.Time
	ID      []byte
	PID     string
	Kind    string // open, void, restore, shred, tally, close, destroy
	Version int    // open
	Index   int64  // void, restore, shred: the signature's place
	Detail  string // void: the reason; open: the last day for signing, or nothing
}

// WaitForLog adds an entry to those that wait; they are placed in the order in which they came. Its moment is later than
// that of all that wait already, whatever the clocks of two nodes say: a restore must never overtake its void.
func (tx *Tx) WaitForLog(w LogWait) error {
	var last int64
	if _, err := tx.one("select coalesce(max(at), 0) from log_wait", nil, &last); err != nil {
		return fmt.Errorf("wait for the log: %w", err)
	}
	id := make([]byte, 16)
	rand.Read(id)
	_, err := tx.exec("insert into log_wait (at, id, pid, kind, version, log_index, detail) values ($1, $2, $3, $4, $5, $6, $7)",
		max(micros(tx.Now), last+1), id, w.PID, w.Kind, w.Version, w.Index, w.Detail)
	if err != nil {
		return fmt.Errorf("wait for the log: %w", err)
	}
	return nil
}

// LogWaits reads the entries that are to be placed next: first all texts, by version, because nothing of a petition may
// stand before its text; then the others in the order in which they came.
func (tx *Tx) LogWaits(most int) (waits []LogWait, err error) {
	err = tx.each(`select at, id, pid, kind, version, log_index, detail from log_wait
		order by kind <> 'open', version, at, id limit $1`, []any{most},
		func(r *sql.Rows) error {
			var w LogWait
			var at int64
			err := r.Scan(&at, &w.ID, &w.PID, &w.Kind, &w.Version, &w.Index, &w.Detail)
			w.At = moment(at)
			waits = append(waits, w)
			return err
		})
	return waits, err
}

// LogWaitDone takes a placed entry from those that wait.
func (tx *Tx) LogWaitDone(w LogWait) error {
	_, err := tx.exec("delete from log_wait where at = $1 and id = $2", micros(w.At), w.ID)
	return err
}

// WaitingSignature is a confirmed signature without its place in the log.
type WaitingSignature struct {
	ID         undersigned.SignatureID
	Version    int
	Commitment []byte
	Opened     bool // false: its opening is destroyed already
}

// WaitingSignatures reads up to most waiting signatures of one action, in the order of their random ids.
func (tx *Tx) WaitingSignatures(pid string, most int) (waiting []WaitingSignature, err error) {
	err = tx.each(`select id, version, commitment, sealed is not null from signature where pid = $1 and state = 0
		order by id limit $2`,
		[]any{pid, most}, func(r *sql.Rows) error {
			var s WaitingSignature
			var id []byte
			err := r.Scan(&id, &s.Version, &s.Commitment, &s.Opened)
			copy(s.ID[:], id)
			waiting = append(waiting, s)
			return err
		})
	return waiting, err
}

// CountWaiting counts the waiting signatures of each action that has any, and stops at most: it goes from action to action in the
// index, because after an outage of the log a million may wait, and be counted again with every five hundred that are placed.
func (tx *Tx) CountWaiting(most int) (map[string]int, error) {
	counts := map[string]int{}
	err := tx.each(`with recursive waiting (pid) as (
			select min(pid) from signature where state = 0
			union all select (select min(pid) from signature where state = 0 and pid > waiting.pid) from waiting where waiting.pid is not null)
		select pid, (select count(*) from (select 1 from signature where signature.pid = waiting.pid and state = 0 limit $1) as few)
		from waiting where pid is not null`, []any{most}, func(r *sql.Rows) error {
		var pid string
		var n int
		err := r.Scan(&pid, &n)
		counts[pid] = n
		return err
	})
	return counts, err
}

// CountWaitingUpTo counts the signatures of an action that wait for their place, and stops at most.
func (tx *Tx) CountWaitingUpTo(pid string, most int64) (n int64, err error) {
	_, err = tx.one("select count(*) from (select 1 from signature where pid = $1 and state = 0 limit $2) as waiting", []any{pid, most}, &n)
	return n, err
}

// PlaceSignature gives a waiting signature its place; false where its signer has taken it back, or destroyed its opening,
// since it was read.
func (tx *Tx) PlaceSignature(s WaitingSignature, index int64, state undersigned.SignatureState) (bool, error) {
	n, err := tx.exec(`update signature set state = $3, log_index = $2
		where id = $1 and state = 0 and (sealed is not null) = $4`, s.ID[:], index, state, s.Opened)
	return n == 1, err
}

// LogSizes reads how many entries the log has and how many of them are published.
func (tx *Tx) LogSizes() (size, published int64, err error) {
	_, err = tx.one("select log_size, published_size from site", nil, &size, &published)
	return size, published, err
}

// Term gives the term of whoever began to sequence the log last, for a restore, beside which nobody does.
func (tx *Tx) Term() (t Term, err error) {
	_, err = tx.one("select sequencer_term from site", nil, &t.n)
	return t, err
}

// GrowLog sets the size from old to size; false where it is no longer old, or where another node has begun to sequence after
// this term.
func (tx *Tx) GrowLog(term Term, old, size int64) (bool, error) {
	n, err := tx.exec("update site set log_size = $3 where log_size = $2 and sequencer_term = $1", term.n, old, size)
	return n == 1, err
}

// AppendEntry stores an entry at its place.
func (tx *Tx) AppendEntry(index int64, entry string) error {
	_, err := tx.exec("insert into log_entry (log_index, entry) values ($1, $2)", index, entry)
	return err
}

// Entries reads the entries [from, to).
func (tx *Tx) Entries(from, to int64) (entries []string, err error) {
	err = tx.each("select entry from log_entry where log_index >= $1 and log_index < $2 order by log_index", []any{from, to},
		func(r *sql.Rows) error {
			var entry string
			err := r.Scan(&entry)
			entries = append(entries, entry)
			return err
		})
	return entries, err
}

// Tile reads the hashes of a tile, nil where there is none. A partial tile is the beginning of the full one.
func (tx *Tx) Tile(level int, n int64) (hashes []byte, err error) {
	_, err = tx.one("select hashes from log_tile where level = $1 and n = $2", []any{level, n}, &hashes)
	return hashes, err
}

// PutTile stores a tile that has grown.
func (tx *Tx) PutTile(level int, n int64, hashes []byte) error {
	_, err := tx.exec(`insert into log_tile (level, n, hashes) values ($1, $2, $3)
		on conflict (level, n) do update set hashes = $3`, level, n, hashes)
	return err
}

// Checkpoint is a signed statement of what the log is.
type Checkpoint struct {
	Size int64
	At   time.Time
	Note string
}

// Checkpoint reads the last published one; its Size is 0 and its Note empty before the first.
func (tx *Tx) Checkpoint() (c Checkpoint, err error) {
	var at int64
	_, err = tx.one("select size, at, note from log_checkpoint", nil, &c.Size, &at, &c.Note)
	c.At = moment(at)
	return c, err
}

// Publish stores a signed checkpoint and, with it, the counts that it proves: from now on they are the printed ones. It
// does nothing, and says so, where a later one is published, the log has grown since, or another node has begun to sequence
// after this term.
func (tx *Tx) Publish(term Term, c Checkpoint) (bool, error) {
	n, err := tx.exec("update site set published_size = $2 where log_size = $2 and published_size < $2 and sequencer_term = $1", term.n, c.Size)
	if err != nil || n == 0 {
		return false, err
	}
	_, err = tx.exec(`insert into log_checkpoint (id, size, at, note) values (1, $1, $2, $3)
		on conflict (id) do update set size = $1, at = $2, note = $3`, c.Size, micros(c.At), c.Note)
	if err != nil {
		return false, err
	}
	_, err = tx.exec("update action set public_counted = counted, public_at = $2, public_size = $1", c.Size, micros(c.At))
	return err == nil, err
}
