package action

import (
	"context"
	"errors"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/congress"
	"github.com/undersigned/undersigned/internal/packet"
	"github.com/undersigned/undersigned/internal/seal"
	"github.com/undersigned/undersigned/internal/store"
)

// CountSeats counts the signers of each petition and pledge by the seats of Congress that represent them. A regular duty: a
// petition is counted once a day (UTC), when other tables come into use, or with again at once. Who has withdrawn is missing
// from the next count.
//
// One whose keys are destroyed keeps its last numbers: nobody can count it any more, and no person can be found in them. So
// does every one from the noon on which a Congress ends until the districts of the next are loaded.
func (s *Service) CountSeats(ctx context.Context, again bool) error {
	now, table := s.Now(), s.Congress.Table()
	if !table.Sits(now) {
		return nil
	}
	var rows map[[2]string]store.ActionRow
	var done map[string]*undersigned.SeatCounts
	err := s.DB.View(ctx, func(tx *store.Tx) (err error) {
		if rows, err = tx.Actions(); err == nil {
			done, err = tx.SeatCounts("")
		}
		return err
	})
	if err != nil {
		return doing("count by seat", err)
	}
	for _, row := range rows {
		counted := done[row.PID]
		fresh := counted != nil && undersigned.DayOf(counted.At) == undersigned.DayOf(now) && counted.AsOf == asOf(table)
		if row.LogState == store.LogDestroyed || row.Sealed || fresh && !again { // see TakeSeatCounts
			continue
		}
		if err := s.countSeats(ctx, row.PID, table); err != nil {
			return doing("count by seat", err)
		}
	}
	return nil
}

// countSeats counts the signers that the published log has.
func (s *Service) countSeats(ctx context.Context, pid string, table *congress.Table) error {
	counts := undersigned.SeatCounts{PID: pid, At: s.Now(), Congress: undersigned.CongressAt(s.Now()), AsOf: asOf(table)}
	err := s.DB.View(ctx, func(tx *store.Tx) (err error) { _, counts.LogSize, err = tx.LogSizes(); return err })
	if err != nil {
		return err
	}
	if _, err := s.Keys.Data(ctx, pid); errors.Is(err, seal.ErrKeyDestroyed) {
		return nil
	}
	var tally undersigned.SeatTally
	err = s.eachCounted(ctx, pid, func(row *store.SignatureRow) error {
		if row.LogIndex >= counts.LogSize || row.Sealed == nil {
			return nil
		}
		o, err := s.openRow(ctx, row)
		if err != nil {
			return err
		}
		tally.Add(packet.PlacesOf(&o.signature.Person, s.placesIn(table)))
		return nil
	})
	if errors.Is(err, seal.ErrKeyDestroyed) {
		return nil // while we counted
	}
	if err != nil {
		return err
	}
	counts.Seats = tally.Counts()
	return s.DB.Update(ctx, store.Jobs, func(tx *store.Tx) error { return tx.PutSeatCounts(&counts) })
}

func asOf(table *congress.Table) undersigned.Day {
	if table.Sample {
		return ""
	}
	return table.AsOf
}

// eachCounted goes through the rows of an action that count, in the order of the log, a page at a time. A row that is
// taken back meanwhile may be among them or not.
func (s *Service) eachCounted(ctx context.Context, pid string, do func(*store.SignatureRow) error) error {
	for after := int64(-1); ; {
		var rows []*store.SignatureRow
		err := s.DB.View(ctx, func(tx *store.Tx) (err error) {
			rows, err = tx.CountedSignatures(pid, after, countedPage)
			return err
		})
		if err != nil || len(rows) == 0 {
			return err
		}
		for _, row := range rows {
			after = row.LogIndex
			if err := do(row); err != nil {
				return err
			}
		}
	}
}

// countedPage is how many rows are in memory at a time.
const countedPage = 500
