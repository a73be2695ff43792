package action

import (
	"context"
	"errors"
	"fmt"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/congress"
	"github.com/undersigned/undersigned/internal/packet"
	"github.com/undersigned/undersigned/internal/seal"
	"github.com/undersigned/undersigned/internal/sealed"
	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/translog"
)

// PacketOrder says what is to be written, and where.
type PacketOrder struct {
	Issue, Action string // slugs
	Dir           string // to make
	Site          string // the site's URL without a slash at its end, for what is printed
	Policy        translog.Policy
}

// WritePacket makes a folder that an office can check without us (see translog.VerifyPacket): the signers of a petition
// who allowed that their names be handed over, what opens each of their entries, and the log as it is published; and made
// from these a list for each office, a letter to it, and a page about the petition (see package packet). Who takes a
// signature back while it runs may be in it or not.
//
// Memory is that of the log and of its check, a byte or less an entry each (see translog.Fold).
func (s *Service) WritePacket(ctx context.Context, order PacketOrder, watch translog.Watch) (*packet.Done, error) {
	return s.makePacket(ctx, order, watch, func(g *packet.Ground, places packet.Places) (*packet.Writer, error) {
		return packet.Create(order.Dir, g, places)
	})
}

// makePacket is WritePacket into whatever create makes.
func (s *Service) makePacket(ctx context.Context, order PacketOrder, watch translog.Watch, create func(*packet.Ground, packet.Places) (*packet.Writer, error)) (*packet.Done, error) {
	content, a, err := s.find(ctx, order.Issue, order.Action)
	if err == nil && !a.Kind.Signable() {
		err = errNoAction
	}
	if err != nil {
		return nil, fmt.Errorf("write a packet of %s/%s: %w", order.Issue, order.Action, err)
	}
	if content.Issue.Sealed() {
		return nil, fmt.Errorf("write a packet of %s/%s: %w; write a bundle and open it where they are: undersigned open BUNDLE --packet DIR",
			order.Issue, order.Action, ErrSealed)
	}
	if _, err := s.Keys.Data(ctx, a.PID); errors.Is(err, seal.ErrKeyDestroyed) {
		return nil, errors.New("write a packet: the petition's keys are destroyed, and with them all names")
	}
	table := s.Congress.Table()
	w, err := create(packet.NewGround(content, a, order.Site, table, s.Now()), s.placesIn(table))
	if err != nil {
		return nil, err
	}
	log, err := translog.Mirror(ctx, translog.NewDirClient(logFiles{ctx, s}), w.LogDir(), order.Policy, watch)
	if err == nil {
		err = s.eachCounted(ctx, a.PID, func(row *store.SignatureRow) error {
			// What is newer than the packet's log, or counted again only since, is for the next packet.
			if state, ok := log.Sign(row.LogIndex); !ok || state.Voided != 0 || row.Sealed == nil {
				return nil
			}
			o, err := s.openRow(ctx, row)
			if err != nil {
				return doing("open a signature", err)
			}
			record := sealed.Record{Signature: o.signature, Seed: translog.Seed([]byte(o.seed)), Seat: o.seat}
			return w.Add(row.LogIndex, &record.Signature, record.Opening)
		})
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("write a packet: %w", err), w.Close())
	}
	return w.Finish(ctx, log, order.Policy)
}

// placesIn gives the districts that a ZIP code touches today.
func (s *Service) placesIn(table *congress.Table) func(zip string) []undersigned.District {
	return func(zip string) (districts []undersigned.District) {
		answer, err := table.ZIP(zip, s.Now())
		if err != nil {
			return nil
		}
		for _, seat := range answer.Seats {
			districts = append(districts, seat.District)
		}
		return districts
	}
}
