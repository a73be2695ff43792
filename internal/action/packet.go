package action

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/seal"
	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/translog"
)

// Packet says what was written for an office.
type Packet struct {
	Rows    int64 // signers handed over
	Counted int64 // signers in all
	Size    int64 // of the log in the packet
}

// packetPage is how many rows are in memory at a time.
const packetPage = 500

// WritePacket makes a folder that an office can check without us (see translog.VerifyPacket): the signers of a petition
// who allowed that their names be handed over, what opens each of their entries, and the log as it is published. Before
// it is done it is checked as the office will check it. A crash leaves a folder without its last files; it is of no use,
// and holds names.
func (s *Service) WritePacket(ctx context.Context, issue, slug, dir string, policy translog.Policy, watch translog.Watch) (*Packet, error) {
	_, a, err := s.find(ctx, issue, slug)
	if err == nil && !a.Kind.Signable() {
		err = errNoAction
	}
	if err != nil {
		return nil, fmt.Errorf("write a packet of %s/%s: %w", issue, slug, err)
	}
	pid, err := translog.ParsePID(a.PID)
	if err != nil {
		return nil, doing("write a packet", err)
	}
	w, err := translog.CreatePacket(dir, pid)
	if err != nil {
		return nil, err
	}
	report, err := translog.Mirror(ctx, translog.NewDirClient(logFiles{ctx, s}), filepath.Join(dir, translog.PacketLog), policy, watch)
	if err == nil {
		err = s.deliver(ctx, w, a.PID, report)
	}
	if err = errors.Join(err, w.Close()); err != nil {
		return nil, fmt.Errorf("write a packet: %w", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "README.txt"), fmt.Appendf(nil, packetReadme, policy.Log), 0o600); err != nil {
		return nil, fmt.Errorf("write a packet: %w", err)
	}
	checked, err := translog.VerifyPacket(ctx, dir, policy)
	if err != nil {
		return nil, fmt.Errorf("check the packet: %w", err)
	}
	return &Packet{Rows: checked.Rows, Counted: checked.Counts.Counted, Size: checked.Checkpoint.N}, nil
}

// deliver writes the signers in the order of the log, a page at a time. Who takes a signature back while it runs may be
// in it or not.
func (s *Service) deliver(ctx context.Context, w *translog.PacketWriter, pid string, log *translog.Report) error {
	for after := int64(-1); ; {
		var rows []*store.SignatureRow
		err := s.DB.View(ctx, func(tx *store.Tx) (err error) {
			rows, err = tx.CountedSignatures(pid, after, packetPage)
			return err
		})
		if err != nil || len(rows) == 0 {
			return err
		}
		for _, row := range rows {
			after = row.LogIndex
			// What is newer than the packet's log, or counted again only since, is for the next packet.
			if state, ok := log.Sign(row.LogIndex); !ok || state.Voided != 0 {
				continue
			}
			if err := s.deliverRow(ctx, w, row); err != nil {
				return err
			}
		}
	}
}

func (s *Service) deliverRow(ctx context.Context, w *translog.PacketWriter, row *store.SignatureRow) error {
	o, err := s.openRow(ctx, row)
	if errors.Is(err, seal.ErrKeyDestroyed) {
		return errors.New("the petition's keys are destroyed, and with them all names")
	}
	if err != nil {
		return doing("open a signature", err)
	}
	if o.signature.Class != undersigned.Delivered {
		return nil
	}
	pid, err := translog.ParsePID(row.PID)
	if err != nil {
		return err
	}
	opening, err := translog.NewOpening(translog.Seed([]byte(o.seed)), pid, int64(row.Version), values(&o.signature, o.seat),
		translog.FieldWho, translog.FieldWhere, translog.FieldSeat)
	if err != nil {
		return err
	}
	return w.Add(row.LogIndex, opening)
}

// packetReadme stands in the packet in English, like all that an office's computer people read.
const packetReadme = `These people signed a petition and agreed that their name and place be handed to you.

rows.csv opens in any spreadsheet. Each row is an entry of the petition's public log, which anybody
can read but which holds no names. openings.txt proves that the entry is this person's: name, place
and district cannot be exchanged afterwards. The address by which they confirmed stays hidden.

To check all of it, without a network:

    undersigned verify --packet THIS-FOLDER --vkey '%s'

Compare that key with the one that the site shows under /log/vkey, and with what others were given.
What the check can show and what it cannot is in the program's docs/verification.md. In short: it
shows that each row was logged and counts; it cannot show that each mailbox has another human being
behind it.

This folder holds personal data. Keep it as carefully as you would keep a letter.
`
