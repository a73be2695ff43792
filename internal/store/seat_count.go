package store

import (
	"database/sql"
	"fmt"

	"github.com/undersigned/undersigned"
)

// PutSeatCounts puts the numbers of a petition by seat in place of those it had, and makes a new revision of the site.
func (tx *Tx) PutSeatCounts(c *undersigned.SeatCounts) error {
	_, err := tx.exec("delete from seat_count where pid = $1", c.PID)
	if err == nil {
		_, err = tx.exec(`insert into seat_tally (pid, at, log_size, congress, as_of) values ($1, $2, $3, $4, $5)
			on conflict (pid) do update set at = $2, log_size = $3, congress = $4, as_of = $5`,
			c.PID, micros(c.At), c.LogSize, c.Congress, c.AsOf)
	}
	for _, s := range c.Seats {
		if err != nil {
			break
		}
		_, err = tx.exec("insert into seat_count (pid, seat, split, zip, at_least) values ($1, $2, $3, $4, $5)",
			c.PID, s.Seat, number(s.Split), s.ZIP, s.AtLeast)
	}
	if err == nil {
		_, err = tx.exec("update site set revision = revision + 1")
	}
	if err != nil {
		return fmt.Errorf("store the numbers by seat: %w", err)
	}
	return nil
}

// SeatCounts reads, by pid, when each petition was last counted by seat, and with a seat its numbers.
func (tx *Tx) SeatCounts(seat string) (map[string]*undersigned.SeatCounts, error) {
	all := map[string]*undersigned.SeatCounts{}
	err := tx.each("select pid, at, log_size, congress, as_of from seat_tally", nil, func(r *sql.Rows) error {
		c := &undersigned.SeatCounts{}
		var at int64
		err := r.Scan(&c.PID, &at, &c.LogSize, &c.Congress, &c.AsOf)
		c.At = moment(at)
		all[c.PID] = c
		return err
	})
	if err == nil {
		err = tx.each("select pid, split, zip, at_least from seat_count where seat = $1 order by pid, split, zip", []any{seat},
			func(r *sql.Rows) error {
				var pid string
				var split int64
				s := undersigned.SeatCount{Seat: seat}
				if err := r.Scan(&pid, &split, &s.ZIP, &s.AtLeast); err != nil {
					return err
				}
				s.Split = split != 0
				all[pid].Seats = append(all[pid].Seats, s)
				return nil
			})
	}
	if err != nil {
		return nil, fmt.Errorf("read the numbers by seat: %w", err)
	}
	return all, nil
}

// SeatCountsOf reads the numbers of one petition by seat, without those by ZIP code, the largest first; nil where it was never
// counted.
func (tx *Tx) SeatCountsOf(pid string) (*undersigned.SeatCounts, error) {
	c := &undersigned.SeatCounts{PID: pid}
	var at int64
	found, err := tx.one("select at, log_size, congress, as_of from seat_tally where pid = $1", []any{pid}, &at, &c.LogSize, &c.Congress, &c.AsOf)
	if err == nil && !found {
		return nil, nil
	}
	c.At = moment(at)
	if err == nil {
		err = tx.each("select seat, split, at_least from seat_count where pid = $1 and zip = '' order by at_least desc, seat, split", []any{pid},
			func(r *sql.Rows) error {
				var split int64
				var s undersigned.SeatCount
				err := r.Scan(&s.Seat, &split, &s.AtLeast)
				s.Split = split != 0
				c.Seats = append(c.Seats, s)
				return err
			})
	}
	if err != nil {
		return nil, fmt.Errorf("read the numbers by seat: %w", err)
	}
	return c, nil
}

// number is how a truth is stored.
func number(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
