package sealed

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"filippo.io/age"

	"github.com/undersigned/undersigned/translog"
)

// Packet makes a folder of a bundle as the server makes one of a petition that is not sealed, for [translog.VerifyPacket]:
// the signers who agreed that their names be handed over, what opens each of their entries, and the log. It is checked before
// it is done. The folder must not be there; after an error it is not. A crash leaves one without its last files; it is of no
// use, and holds names.
func (r *Reader) Packet(ctx context.Context, dir, logDir string, policy translog.Policy, identities []age.Identity, watch translog.Watch) (*Opened, error) {
	w, err := translog.CreatePacket(dir, r.pid)
	if err != nil {
		return nil, err
	}
	done, err := r.Open(ctx, logDir, policy, identities, watch, func(index int64, record *Record) error { return record.addTo(w, index) })
	err = errors.Join(err, w.Close())
	if err == nil {
		err = os.CopyFS(filepath.Join(dir, translog.PacketLog), os.DirFS(logDir))
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, readmeName), fmt.Appendf(nil, packetReadme, policy.Log), 0o600)
	}
	if err == nil {
		_, err = translog.VerifyPacket(ctx, dir, policy)
	}
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return done, nil
}

// addTo adds a record to a packet; one whose signer did not agree to be handed over is left out.
func (r *Record) addTo(w *translog.PacketWriter, index int64) error {
	if !r.delivered() {
		return nil
	}
	opening, err := r.Opening(translog.FieldWho, translog.FieldWhere, translog.FieldSeat)
	if err != nil {
		return err
	}
	return w.Add(index, opening)
}

const packetReadme = `These people signed a petition and agreed that their name and place be handed to you.

rows.csv      all of them; opens in any spreadsheet. Each row is an entry of the petition's public
              log, which anybody can read but which holds no names
openings.txt  proves that the entry is this person's: name, place and district cannot be
              exchanged afterwards. The address by which they confirmed stays hidden
log/          the log

To check all of it, without a network:

    undersigned verify --packet THIS-FOLDER --vkey '%s'

Compare that key with the one that the site shows under /log/vkey, and with what others were given.
What the check can show and what it cannot is in the program's docs/verification.md. In short: it
shows that each row was logged and counts; it cannot show that each mailbox has another human being
behind it.

This folder holds personal data. Keep it as carefully as you would keep a letter.
`
