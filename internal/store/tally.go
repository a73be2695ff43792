package store

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/undersigned/undersigned"
)

// tallies are what a transaction has counted. Everybody's work adds to the same few rows, so they are written last and in one
// order: two nodes then hold them for no longer than their commit, and never wait for each other in a ring.
type tallies struct {
	hours   map[hour]Hour
	sources map[sourceDay]Source
	mails   map[mailHour]int
}

// hour is one of an action's, in hours since 1970.
type hour struct {
	pid string
	at  int64
}

type sourceDay struct {
	pid, tag string
	day      undersigned.Day
}

type mailHour struct {
	at      int64
	outcome string
}

// Source is how many people came to an action by a tag.
type Source struct {
	Pending   int // mails sent
	Confirmed int // of them, those that are held too
}

func (t *tallies) clone() tallies {
	return tallies{maps.Clone(t.hours), maps.Clone(t.sources), maps.Clone(t.mails)}
}

// AddActionHour adds to the counts of an action in the UTC hour of tx.Now.
func (tx *Tx) AddActionHour(pid string, add Hour) {
	if tx.counted.hours == nil {
		tx.counted.hours = map[hour]Hour{}
	}
	key := hour{pid, tx.Now.Unix() / 3600}
	sums := tx.counted.hours[key]
	tx.counted.hours[key] = Hour{sums.Pending + add.Pending, sums.Confirmed + add.Confirmed, sums.Held + add.Held, sums.Strange + add.Strange}
}

// AddSource adds to the counts of a tag under an action on the UTC day of tx.Now. An empty tag is none.
func (tx *Tx) AddSource(pid, tag string, add Source) {
	if tag == "" {
		return
	}
	if tx.counted.sources == nil {
		tx.counted.sources = map[sourceDay]Source{}
	}
	key := sourceDay{pid, tag, undersigned.DayOf(tx.Now)}
	sums := tx.counted.sources[key]
	tx.counted.sources[key] = Source{sums.Pending + add.Pending, sums.Confirmed + add.Confirmed}
}

// AddMailHour counts a try to send a mail by what came of it, in the UTC hour of tx.Now.
func (tx *Tx) AddMailHour(outcome string) {
	if tx.counted.mails == nil {
		tx.counted.mails = map[mailHour]int{}
	}
	tx.counted.mails[mailHour{tx.Now.Unix() / 3600, outcome}]++
}

// flush writes what the transaction has enqueued and counted.
func (tx *Tx) flush() error {
	if err := tx.writeJobs(); err != nil {
		return err
	}
	t := &tx.counted
	for _, key := range slices.SortedFunc(maps.Keys(t.hours), func(a, b hour) int { return cmp.Compare(a.pid, b.pid) }) {
		sums := t.hours[key]
		_, err := tx.exec(`insert into action_hour (pid, hour, pending, confirmed, held, strange) values ($1, $2, $3, $4, $5, $6)
			on conflict (pid, hour) do update set pending = action_hour.pending + $3, confirmed = action_hour.confirmed + $4,
				held = action_hour.held + $5, strange = action_hour.strange + $6`,
			key.pid, key.at, sums.Pending, sums.Confirmed, sums.Held, sums.Strange)
		if err != nil {
			return fmt.Errorf("count an hour: %w", err)
		}
	}
	for _, key := range slices.SortedFunc(maps.Keys(t.sources), func(a, b sourceDay) int {
		return cmp.Or(cmp.Compare(a.pid, b.pid), cmp.Compare(a.tag, b.tag))
	}) {
		sums := t.sources[key]
		_, err := tx.exec(`insert into source_day (pid, tag, day, pending, confirmed) values ($1, $2, $3, $4, $5)
			on conflict (pid, tag, day) do update set pending = source_day.pending + $4, confirmed = source_day.confirmed + $5`,
			key.pid, key.tag, key.day, sums.Pending, sums.Confirmed)
		if err != nil {
			return fmt.Errorf("count a source: %w", err)
		}
	}
	for _, key := range slices.SortedFunc(maps.Keys(t.mails), func(a, b mailHour) int { return cmp.Compare(a.outcome, b.outcome) }) {
		_, err := tx.exec(`insert into mail_hour (hour, outcome, n) values ($1, $2, $3)
			on conflict (hour, outcome) do update set n = mail_hour.n + $3`, key.at, key.outcome, t.mails[key])
		if err != nil {
			return fmt.Errorf("count mails: %w", err)
		}
	}
	return nil
}
