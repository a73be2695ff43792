package web

import (
	"context"
	"net/http"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
)

func officePath(bioguide string) string { return "/offices/" + bioguide }

// offices lists the offices of Congress.
func (s *Server) offices(ctx context.Context, v *visit, _ *http.Request) (*draft, error) {
	var past []undersigned.Legislator
	err := s.db.View(ctx, func(tx *store.Tx) (err error) { past, err = tx.OfficesHandedOver(); return err })
	if err != nil {
		return nil, err
	}
	return s.html("offices", newOffices(s.chrome(v), s.congress.Table(), past, s.now()))
}

// office is the page for the staff of one member of Congress: what of ours concerns their constituents.
func (s *Server) office(ctx context.Context, v *visit, r *http.Request) (*draft, error) {
	o := officeFacts{now: s.now(), table: s.congress.Table(), key: s.publicLog.Key}
	bioguide := r.PathValue("bioguide")
	if !undersigned.ValidBioguide(bioguide) {
		return nil, undersigned.Fail(undersigned.NotFound, "")
	}
	var err error
	if o.site, o.counts, err = s.read(ctx); err != nil {
		return nil, err
	}
	err = s.db.View(ctx, func(tx *store.Tx) (err error) {
		if o.passed, err = tx.Correspondence(bioguide); err != nil {
			return err
		}
		if o.member = o.find(bioguide); o.member == nil {
			return undersigned.Fail(undersigned.NotFound, "")
		}
		deliveries, err := tx.CountDeliveries(bioguide)
		if err != nil {
			return err
		}
		calls, err := tx.Calls(bioguide)
		if err != nil {
			return err
		}
		o.heard(deliveries, calls)
		if o.checkpoint, err = tx.Checkpoint(); err != nil {
			return err
		}
		o.seats, err = tx.SeatCounts(o.member.SeatName())
		return err
	})
	if err != nil {
		return nil, err
	}
	return counting(s.html("office", newOffice(s.chrome(v), o)))
}
