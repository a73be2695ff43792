package store

import (
	"database/sql"
	"fmt"

	"github.com/undersigned/undersigned"
)

// Sources lists the tags that are known, by tag.
func (tx *Tx) Sources() (list []undersigned.Source, err error) {
	err = tx.each("select tag, note, at, user_id from source order by tag", nil, func(r *sql.Rows) error {
		var s undersigned.Source
		var at int64
		var user []byte
		err := r.Scan(&s.Tag, &s.Note, &at, &user)
		s.At = moment(at)
		copy(s.By[:], user)
		list = append(list, s)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the sources: %w", err)
	}
	return list, nil
}

// InsertSource adds a tag, and makes a new revision of the site; false where it is there already.
func (tx *Tx) InsertSource(s *undersigned.Source) (bool, error) {
	return tx.revised(tx.exec("insert into source (tag, note, at, user_id) values ($1, $2, $3, $4) on conflict do nothing",
		s.Tag, s.Note, micros(tx.Now), s.By[:]))
}

// RemoveSource takes a tag away, and makes a new revision of the site; false where it was not there. What was counted stays.
func (tx *Tx) RemoveSource(tag string) (bool, error) {
	return tx.revised(tx.exec("delete from source where tag = $1", tag))
}

// SourceDay is how many came by a tag in a day.
type SourceDay struct {
	Tag string
	Day undersigned.Day
	Source
}

// SourceDays reads how many came to an action by tags since a day.
func (tx *Tx) SourceDays(pid string, from undersigned.Day) (list []SourceDay, err error) {
	err = tx.each("select tag, day, pending, confirmed from source_day where pid = $1 and day >= $2 order by tag, day", []any{pid, from},
		func(r *sql.Rows) error {
			var s SourceDay
			err := r.Scan(&s.Tag, &s.Day, &s.Pending, &s.Confirmed)
			list = append(list, s)
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("read what came by tags: %w", err)
	}
	return list, nil
}

// SourceSums adds up how many have come to an action by each tag.
func (tx *Tx) SourceSums(pid string) (sums map[string]Source, err error) {
	sums = map[string]Source{}
	err = tx.each(`select tag, cast(sum(pending) as bigint), cast(sum(confirmed) as bigint) from source_day where pid = $1 group by tag`, []any{pid},
		func(r *sql.Rows) error {
			var tag string
			var s Source
			err := r.Scan(&tag, &s.Pending, &s.Confirmed)
			sums[tag] = s
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("add up what came by tags: %w", err)
	}
	return sums, nil
}
