package action

import (
	"context"
	"encoding/hex"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
)

// Numbers are those of a petition or a pledge, for its organisers. Each is a counter or is found by an index: none takes longer
// on a large site.
type Numbers struct {
	store.ActionRow
	Asked    int64                // were sent a mail in the last four days and have not confirmed, at most
	All      store.Hour           // since it opened
	Waiting  int64                // confirmed, for their place in the log; Many is that many or more
	Held     int64                // Many is that many or more
	Hours    map[int64]store.Hour // of the last 90 days, by UTC hour since 1970
	Removed  map[string]int64     // by the reason that the log gives, in the last year; what was brought back is not in it
	Seats    *undersigned.SeatCounts
	Sources  []undersigned.Source // that are known
	ByTag    map[string]store.Source
	ByTagNow map[string]store.Source // in the last seven days
}

// numbersDays is how many days a chart by day goes back.
const numbersDays = 90

// NumbersOf reads them; nil where nobody can sign it.
func (s *Service) NumbersOf(ctx context.Context, a *undersigned.Action) (n *Numbers, err error) {
	if !a.Kind.Signable() || a.PID == "" {
		return nil, nil
	}
	n = &Numbers{Removed: map[string]int64{}, ByTagNow: map[string]store.Source{}}
	err = s.DB.View(ctx, func(tx *store.Tx) error {
		rows, err := tx.Actions()
		if err != nil {
			return err
		}
		n.ActionRow = rows[[2]string{a.Issue, a.Slug}]
		if n.All, err = tx.ActionSum(a.PID); err != nil {
			return err
		}
		if n.Hours, err = tx.ActionHours(a.PID, tx.Now.AddDate(0, 0, -numbersDays)); err != nil {
			return err
		}
		for at, h := range n.Hours {
			if at > tx.Now.Unix()/3600-96 {
				n.Asked += int64(h.Pending - h.Confirmed)
			}
		}
		n.Asked = max(n.Asked, 0)
		if n.Waiting, err = tx.CountWaitingUpTo(a.PID, Many); err != nil {
			return err
		}
		if n.Held, err = tx.CountHeldUpTo(a.PID, Many); err != nil {
			return err
		}
		if n.Seats, err = tx.SeatCountsOf(a.PID); err != nil {
			return err
		}
		if err := n.readSources(tx); err != nil {
			return err
		}
		return n.readRemoved(tx)
	})
	if err != nil {
		return nil, doing("read the numbers of an ask", err)
	}
	return n, nil
}

func (n *Numbers) readSources(tx *store.Tx) (err error) {
	if n.Sources, err = tx.Sources(); err != nil {
		return err
	}
	if n.ByTag, err = tx.SourceSums(n.PID); err != nil {
		return err
	}
	days, err := tx.SourceDays(n.PID, undersigned.DayOf(tx.Now.AddDate(0, 0, -6)))
	for _, d := range days {
		sum := n.ByTagNow[d.Tag]
		n.ByTagNow[d.Tag] = store.Source{Pending: sum.Pending + d.Pending, Confirmed: sum.Confirmed + d.Confirmed}
	}
	return err
}

// maxReviews is how many decisions about an ask are read for a page.
const maxReviews = 1000

func (n *Numbers) readRemoved(tx *store.Tx) error {
	reviews, err := tx.ReviewsOf(n.PID, "", maxReviews)
	reasons := map[string]string{}
	for _, r := range reviews {
		if r.Verb == "void" {
			n.Removed[r.Reason] += r.N
			reasons[hex.EncodeToString(r.ID)] = r.Reason
		}
	}
	for _, r := range reviews {
		if reason, known := reasons[r.Rule]; r.Verb == "restore" && known {
			n.Removed[reason] -= r.N
		}
	}
	return err
}

// Lately counts what was confirmed in the last hours before now.
func (n *Numbers) Lately(now time.Time, hours int64) (sum int) {
	for at, h := range n.Hours {
		if at > now.Unix()/3600-hours {
			sum += h.Confirmed
		}
	}
	return sum
}
