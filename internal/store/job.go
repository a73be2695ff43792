package store

import (
	"crypto/rand"
	"database/sql"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Job is work that was promised in the same commit as what caused it. Whoever writes a job seals its arguments.
type Job struct {
	ID      []byte
	Queue   string
	RunAt   time.Time // due then; while it is being worked on, when the lease of the worker ends
	Attempt int       // how often it was begun
	Args    []byte
	// NotBefore, where a job is postponed to just that moment, keeps Reclaim from making it due; zero otherwise.
	NotBefore time.Time
}

// NewJob makes a job that is due at once. Its id begins with the time: rows that come together lie together, and adding
// one touches no page but the last.
func NewJob(queue string, args []byte, now time.Time) Job {
	id := make([]byte, 16)
	binary.BigEndian.PutUint64(id, uint64(now.UnixMicro())<<8)
	rand.Read(id[7:])
	return Job{ID: id, Queue: queue, RunAt: now, Args: args}
}

// Enqueue adds a job. It is written together with others, at the latest as the transaction ends: before that, the transaction itself
// does not find it.
func (tx *Tx) Enqueue(j Job) error {
	if tx.jobs = append(tx.jobs, j); len(tx.jobs) < jobsTogether {
		return nil
	}
	return tx.writeJobs()
}

// jobsTogether is how many jobs are written by one statement.
const jobsTogether = 16

// writeJobs writes those that were enqueued and are not written yet.
func (tx *Tx) writeJobs() error {
	if len(tx.jobs) == 0 {
		return nil
	}
	args := make([]any, 0, 5*len(tx.jobs))
	for _, j := range tx.jobs {
		args = append(args, j.Queue, micros(j.RunAt), j.ID, j.Attempt, j.Args)
	}
	if _, err := tx.exec(insertJobs[len(tx.jobs)], args...); err != nil {
		return fmt.Errorf("enqueue: %w", err)
	}
	clear(tx.jobs)
	tx.jobs = tx.jobs[:0]
	return nil
}

// insertJobs are the statements that insert so many jobs.
var insertJobs = func() (statements [jobsTogether + 1]string) {
	var rows []string
	for n := 1; n <= jobsTogether; n++ {
		p := 5 * (n - 1)
		rows = append(rows, fmt.Sprintf("($%d, $%d, $%d, $%d, $%d)", p+1, p+2, p+3, p+4, p+5))
		statements[n] = "insert into job (queue, run_at, id, attempt, args) values " + strings.Join(rows, ", ")
	}
	return statements
}()

// Claim takes up to most due jobs of a queue for as long as the lease, those first that have been due longest. A worker
// that dies leaves its jobs due again when the lease ends.
func (tx *Tx) Claim(queue string, most int, lease time.Duration) (jobs []Job, err error) {
	return tx.claim(queue, "run_at, id", most, lease)
}

// ClaimNewest is Claim, those first that came due last.
func (tx *Tx) ClaimNewest(queue string, most int, lease time.Duration) (jobs []Job, err error) {
	return tx.claim(queue, "run_at desc, id desc", most, lease)
}

func (tx *Tx) claim(queue, order string, most int, lease time.Duration) (jobs []Job, err error) {
	if most <= 0 { // which for SQLite is no limit
		return nil, nil
	}
	until := tx.Now.Add(lease)
	// PostgreSQL runs a sub-select anew for each row of a table that it takes to be almost empty. Each run passes over what is
	// updated already, so that all that is due would be claimed: it is made to run once. The limit stands in the text: for one
	// that is bound, SQLite plans the statement anew each time it is another.
	err = tx.each(`with due as `+tx.d.once+`(
			select queue, run_at, id from job where queue = $2 and run_at <= $3 order by `+order+` limit `+strconv.Itoa(most)+tx.d.skip+`)
		update job set run_at = $1, attempt = attempt + 1 where (queue, run_at, id) in (select queue, run_at, id from due)
		returning id, attempt, args`, []any{micros(until), queue, micros(tx.Now)}, func(r *sql.Rows) error {
		j := Job{Queue: queue, RunAt: until}
		err := r.Scan(&j.ID, &j.Attempt, &j.Args)
		jobs = append(jobs, j)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("claim jobs: %w", err)
	}
	return jobs, nil
}

// Holds tells whether a claimed job is still its worker's: neither finished, postponed or renewed, nor claimed by another.
func (tx *Tx) Holds(j Job) (bool, error) {
	var one int
	return tx.one("select 1 from job where queue = $1 and run_at = $2 and id = $3", []any{j.Queue, micros(j.RunAt), j.ID}, &one)
}

// Finish erases a job that is done. It changes nothing where the lease has run out and another worker has it.
func (tx *Tx) Finish(j Job) error {
	_, err := tx.exec("delete from job where queue = $1 and run_at = $2 and id = $3", j.Queue, micros(j.RunAt), j.ID)
	return err
}

// Postpone makes a claimed job due at a later time, and keeps the rest of it as it is in j. It changes nothing where the lease
// has run out.
func (tx *Tx) Postpone(j Job, at time.Time) error {
	_, err := tx.exec("update job set run_at = $4, attempt = $5, args = $6, not_before = $7 where queue = $1 and run_at = $2 and id = $3",
		j.Queue, micros(j.RunAt), j.ID, micros(at), j.Attempt, j.Args, micros(j.NotBefore))
	return err
}

// RenewJob puts a job in place of a claimed one, as if that was promised only now. It changes nothing where the lease has run out.
func (tx *Tx) RenewJob(j, by Job) error {
	_, err := tx.exec("update job set run_at = $4, id = $5, attempt = $6, args = $7, not_before = 0 where queue = $1 and run_at = $2 and id = $3",
		j.Queue, micros(j.RunAt), j.ID, micros(by.RunAt), by.ID, by.Attempt, by.Args)
	return err
}

// Reclaim makes every job of a queue due that a worker holds or that waits for another try; one that waits for a moment of its
// own goes on waiting. It is right where no worker can be alive: when the only process that serves starts.
func (tx *Tx) Reclaim(queue string) error {
	_, err := tx.exec("update job set run_at = $2 where queue = $1 and run_at > $2 and run_at <> not_before", queue, micros(tx.Now))
	return err
}

// QueueState tells how many jobs a queue holds and when the first was or is due.
func (tx *Tx) QueueState(queue string) (n int64, oldest time.Time, err error) {
	var at int64
	_, err = tx.one("select count(*), coalesce(min(run_at), 0) from job where queue = $1", []any{queue}, &n, &at)
	return n, moment(at), err
}

// QueueUpTo tells what QueueState does, and counts no further than most.
func (tx *Tx) QueueUpTo(queue string, most int64) (n int64, oldest time.Time, err error) {
	var at int64
	_, err = tx.one(`select (select count(*) from (select 1 from job where queue = $1 limit $2) as held),
		coalesce((select min(run_at) from job where queue = $1), 0)`, []any{queue, most}, &n, &at)
	return n, moment(at), err
}

// DutyDone notes that a regular duty was done now.
func (tx *Tx) DutyDone(name, note string) error {
	_, err := tx.exec(`insert into duty (name, done_at, note) values ($1, $2, $3)
		on conflict (name) do update set done_at = $2, note = $3`, name, micros(tx.Now), note)
	return err
}

// Duty tells when a regular duty was last done; the zero time is never.
func (tx *Tx) Duty(name string) (at time.Time, note string, err error) {
	var us int64
	_, err = tx.one("select done_at, note from duty where name = $1", []any{name}, &us, &note)
	return moment(us), note, err
}

// TakeDuty takes a duty that one holder does at a time. It is taken from one who has had it for as long as the lease: that
// one has crashed. False where somebody else has it.
func (tx *Tx) TakeDuty(name, holder string, lease time.Duration) (bool, error) {
	n, err := tx.exec(`insert into duty (name, done_at, note) values ($1, $2, $3) on conflict (name) do update set done_at = $2, note = $3
		where duty.note = '' or duty.done_at <= $4`, name, micros(tx.Now), holder, micros(tx.Now.Add(-lease)))
	return n == 1, err
}

// LeaveDuty lets others take a duty. It changes nothing where somebody else has it by now.
func (tx *Tx) LeaveDuty(name, holder string) error {
	_, err := tx.exec("update duty set note = '' where name = $1 and note = $2", name, holder)
	return err
}
