package action

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/seal"
	"github.com/undersigned/undersigned/internal/sealed"
	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/translog"
)

// Packet says what was written for an office.
type Packet struct {
	Rows    int64 // signers handed over
	Counted int64 // signers in all
	Size    int64 // of the log in the packet
	Offices int64 // that have a list and a letter
}

// PacketOrder says what is to be written, and where.
type PacketOrder struct {
	Issue, Action string // slugs
	Dir           string // to make
	Site          string // the site's URL without a slash at its end, for what is printed
	Policy        translog.Policy
}

// WritePacket makes a folder that an office can check without us (see translog.VerifyPacket): the signers of a petition
// who allowed that their names be handed over, what opens each of their entries, and the log as it is published; and made
// from these a list for each office, a letter to it, and a page about the petition. Before it is done it is checked as the
// office will check it. A crash leaves a folder without its last files; it is of no use, and holds names.
//
// Memory is that of the log, four bytes an entry, and of its check, eight bytes a name.
func (s *Service) WritePacket(ctx context.Context, order PacketOrder, watch translog.Watch) (*Packet, error) {
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
	pid, err := translog.ParsePID(a.PID)
	if err != nil {
		return nil, doing("write a packet", err)
	}
	if _, err := s.Keys.Data(ctx, a.PID); errors.Is(err, seal.ErrKeyDestroyed) {
		return nil, errors.New("write a packet: the petition's keys are destroyed, and with them all names")
	}
	w, err := translog.CreatePacket(order.Dir, pid)
	if err != nil {
		return nil, err
	}
	lists, err := newOfficeLists(order.Dir, pid, s.Congress.Table(), s.Now())
	if err != nil {
		return nil, errors.Join(err, w.Close())
	}
	d := &delivery{Service: s, packet: w, lists: lists}
	d.log, err = translog.Mirror(ctx, translog.NewDirClient(logFiles{ctx, s}), filepath.Join(order.Dir, translog.PacketLog), order.Policy, watch)
	if err == nil {
		err = s.eachCounted(ctx, a.PID, func(row *store.SignatureRow) error { return d.add(ctx, row) })
	}
	var pages *packetPaper
	if err == nil {
		pages, err = s.newPacketPaper(content, a, order.Site, d.log, d.named, lists)
	}
	if err = errors.Join(err, w.Close(), lists.close()); err != nil {
		return nil, fmt.Errorf("write a packet: %w", err)
	}
	pages.Key = order.Policy.Log.String()
	if err := pages.write(order.Dir); err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(order.Dir, "README.txt"), fmt.Appendf(nil, packetReadme, order.Policy.Log, order.Site), 0o600); err != nil {
		return nil, fmt.Errorf("write a packet: %w", err)
	}
	checked, err := translog.VerifyPacket(ctx, order.Dir, order.Policy)
	if err != nil {
		return nil, fmt.Errorf("check the packet: %w", err)
	}
	return &Packet{Rows: checked.Rows, Counted: checked.Counts.Counted, Size: checked.Checkpoint.N, Offices: int64(len(pages.Offices))}, nil
}

// delivery writes the signers one by one. Who takes a signature back while it runs may be in it or not.
type delivery struct {
	*Service
	log    *translog.Report
	packet *translog.PacketWriter
	lists  *officeLists
	named  int64
}

func (d *delivery) add(ctx context.Context, row *store.SignatureRow) error {
	// What is newer than the packet's log, or counted again only since, is for the next packet.
	if state, ok := d.log.Sign(row.LogIndex); !ok || state.Voided != 0 || row.Sealed == nil {
		return nil
	}
	o, err := d.openRow(ctx, row)
	if err != nil {
		return doing("open a signature", err)
	}
	zip, districts := d.seatsOf(d.lists.table, &o.signature.Person)
	d.lists.count(zip, districts)
	if o.signature.Class != undersigned.Delivered {
		return nil
	}
	pid, err := translog.ParsePID(row.PID)
	if err != nil {
		return err
	}
	opening, err := translog.NewOpening(translog.Seed([]byte(o.seed)), pid, int64(row.Version), sealed.Values(&o.signature, o.seat),
		translog.FieldWho, translog.FieldWhere, translog.FieldSeat)
	if err != nil {
		return err
	}
	d.named++
	return errors.Join(d.packet.Add(row.LogIndex, opening), d.lists.add(row.LogIndex, opening, districts))
}

// packetReadme stands in the packet in English, like all that an office's computer people read.
const packetReadme = `These people signed a petition and agreed that their name and place be handed to you.

index.html    about the petition: its text, the number, where they live. Opens in any browser,
              without a network, and prints on Letter and A4
letters.html  a letter to each office, one a page
offices/      a folder for each office, by seat and the member's id in the Biographical Directory of
              Congress: hand each office its own letter and its own folder, and no other. In its
              rows.csv, "whole ZIP" is a ZIP code that lies wholly in the district or state; "split
              ZIP" touches others too, and the person stands in the folder of each. By the districts
              of today; the column districts has those of the day of signing
rows.csv      all of them, for any spreadsheet. Each row is an entry of the petition's public log,
              which anybody can read but which holds no names
openings.txt  proves that the entry is this person's: name, place and district cannot be
              exchanged afterwards. The address by which they confirmed stays hidden
log/          the log

To check all of it, without a network:

    undersigned verify --packet THIS-FOLDER --vkey '%[1]s'

An office checks its own folder against the log as it stands on that day:

    undersigned verify %[2]s --packet ITS-FOLDER --vkey '%[1]s'

Compare that key with the one that the site shows under /log/vkey, and with what others were given.
What the check can show and what it cannot is in the program's docs/verification.md. In short: it
shows that each row was logged and counts; it cannot show that each mailbox has another human being
behind it.

This folder holds personal data. Keep it as carefully as you would keep a letter.
`
