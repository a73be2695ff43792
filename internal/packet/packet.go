// Package packet writes what is handed to the offices of Congress: the signers of a petition who allowed it, a list and a
// letter for each office, a page about the petition, and the public log that checks all of it. It is the same whether the
// server makes it or, where an issue is sealed, somebody far from the server who holds an identity: all that it says of the
// petition and of the country stands in a [Ground].
package packet

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/translog"
)

// Writer writes a packet. A crash leaves a folder without its last files; it is of no use, and holds names.
//
// Memory is that of the log's check (see translog.VerifyPacket); the lists cost some for each office and none for each signer.
type Writer struct {
	folder translog.Folder
	logDir string
	ground *Ground
	places func(zip string) []undersigned.District
	packet *translog.PacketWriter
	lists  *officeLists
	named  int64
}

// Done says what was written.
type Done struct {
	Rows    int64 // signers handed over
	Counted int64 // signers in all
	Size    int64 // of the log in the packet
	Offices int64 // that have a list and a letter
}

// Places gives the districts that a ZIP code touches.
type Places = func(zip string) []undersigned.District

// Create makes the folder of a packet, which must not be there yet. places gives the districts that a ZIP code touches.
func Create(dir string, ground *Ground, places func(zip string) []undersigned.District) (*Writer, error) {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, fmt.Errorf("create a packet: %w", err)
	}
	return CreateIn(translog.Dir(dir), filepath.Join(dir, translog.PacketLog), ground, places)
}

// CreateIn begins a packet in any folder; the log, in which nothing is secret, goes into a folder of the file system.
func CreateIn(folder translog.Folder, logDir string, ground *Ground, places func(zip string) []undersigned.District) (*Writer, error) {
	pid, err := translog.ParsePID(ground.PID)
	if err != nil {
		return nil, err
	}
	w := &Writer{folder: folder, logDir: logDir, ground: ground, places: places}
	if w.packet, err = translog.CreatePacket(folder, "", pid); err != nil {
		return nil, err
	}
	w.lists = newOfficeLists(folder, pid, ground.Holders)
	return w, nil
}

// LogDir is where the log belongs; whoever writes the packet puts it there before Finish.
func (w *Writer) LogDir() string { return w.logDir }

// Add counts somebody whose signature counts, by where they live. Who allowed it is handed over, with what opens their entry
// of the log. Indexes must grow.
func (w *Writer) Add(index int64, s *undersigned.Signature, open func(...translog.Field) (translog.Opening, error)) error {
	zip, districts := PlacesOf(&s.Person, w.places)
	w.lists.count(zip, districts)
	if s.Class != undersigned.Delivered {
		return nil
	}
	opening, err := open(translog.FieldWho, translog.FieldWhere, translog.FieldSeat)
	if err != nil {
		return err
	}
	w.named++
	return errors.Join(w.packet.Add(index, opening), w.lists.add(index, opening, districts))
}

// PlacesOf gives a person's ZIP code and the districts that it touches; none outside the United States, and where a ZIP code
// has no area.
func PlacesOf(p *undersigned.Person, places func(zip string) []undersigned.District) (zip string, districts []undersigned.District) {
	if p.Country != "US" {
		return "", nil
	}
	zip, err := undersigned.ParseZIP(p.PostalCode)
	if err != nil {
		return "", nil
	}
	return zip, places(zip)
}

// Finish writes what is for paper, and checks the packet as an office will check it. log is the report on the log in LogDir.
func (w *Writer) Finish(ctx context.Context, log *translog.Report, policy translog.Policy) (*Done, error) {
	pages, err := w.ground.paper(log, w.named, w.lists)
	if err := errors.Join(err, w.Close()); err != nil {
		return nil, fmt.Errorf("write a packet: %w", err)
	}
	pages.Key = policy.Log.String()
	if err := pages.write(w.folder); err != nil {
		return nil, err
	}
	if err := w.folder.Append("README.txt", fmt.Appendf(nil, readme, policy.Log, w.ground.Site)); err != nil {
		return nil, fmt.Errorf("write a packet: %w", err)
	}
	client, err := translog.NewClient(w.logDir)
	if err != nil {
		return nil, err
	}
	checked, err := translog.VerifyPacketIn(ctx, client, w.folder, policy)
	if err != nil {
		return nil, fmt.Errorf("check the packet: %w", err)
	}
	return &Done{Rows: checked.Rows, Counted: checked.Counts.Counted, Size: checked.Checkpoint.N, Offices: int64(len(pages.Offices))}, nil
}

// Close forces what there is to disk. Finish has done so.
func (w *Writer) Close() error { return errors.Join(w.packet.Close(), w.lists.close()) }

// readme stands in the packet in English, like all that an office's computer people read.
const readme = `These people signed a petition and agreed that their name and place be handed to you.

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
