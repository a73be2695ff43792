package store

import (
	"database/sql"
	"fmt"

	"github.com/undersigned/undersigned"
)

// Pauses are what staff have paused, by issue and slug; empty names are the whole site.
type Pauses map[[2]string]Paused

// Paused says since when, and who did it.
type Paused struct {
	undersigned.Pause
	By undersigned.UserID
}

// Pauses reads them.
func (tx *Tx) Pauses() (Pauses, error) {
	pauses := Pauses{}
	err := tx.each("select issue, slug, since, user_id from pause", nil, func(r *sql.Rows) error {
		var key [2]string
		var since int64
		var user []byte
		err := r.Scan(&key[0], &key[1], &since, &user)
		p := Paused{Pause: undersigned.Pause{Since: moment(since), Site: key == [2]string{}}}
		copy(p.By[:], user)
		pauses[key] = p
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read what is paused: %w", err)
	}
	return pauses, nil
}

// Pause pauses an action or, with empty names, the site, and makes a new revision of it; false where it was paused before.
func (tx *Tx) Pause(issue, slug string, by undersigned.UserID) (bool, error) {
	return tx.revised(tx.exec("insert into pause (issue, slug, since, user_id) values ($1, $2, $3, $4) on conflict do nothing",
		issue, slug, micros(tx.Now), by[:]))
}

// Resume ends a pause, and makes a new revision of the site; false where there was none.
func (tx *Tx) Resume(issue, slug string) (bool, error) {
	return tx.revised(tx.exec("delete from pause where issue = $1 and slug = $2", issue, slug))
}

// in tells content what of it is paused.
func (p Pauses) in(contents []*undersigned.Content) {
	for _, c := range contents {
		for i := range c.Actions {
			a := &c.Actions[i]
			site, ask := p[[2]string{}], p[[2]string{c.Issue.Slug, a.Slug}]
			if a.Pause = site.Pause; a.Pause.Since.IsZero() {
				a.Pause = ask.Pause
			}
		}
	}
}
