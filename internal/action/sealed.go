package action

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/packet"
	"github.com/undersigned/undersigned/internal/sealed"
	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/translog"
)

// ErrSealed is a signature that the server cannot open: it was sealed to identities that are kept elsewhere.
var ErrSealed = errors.New("the signature is sealed to offline identities")

// settleMode notes for an issue's actions in which mode their signatures are kept. It changes only while nobody has signed:
// each of them was told. On several nodes a confirmation in the very same moment may be kept in the mode before; its row says
// by itself which that is, and a bundle tells how many there are.
func settleMode(tx *store.Tx, issue *undersigned.Issue) error {
	rows, err := tx.Actions()
	if err != nil {
		return err
	}
	for name, row := range rows {
		if row.Issue != issue.Slug || row.Sealed == issue.Sealed() {
			continue
		}
		if signed, err := tx.AnySignature(row.PID); err != nil || signed {
			if err == nil {
				err = explained("seal_to", "error.edit.mode", fmt.Errorf("people have signed %s/%s, and were told how their signatures are kept: "+
					"whether seal_to is there cannot change any more. Give the issue another slug, or leave seal_to as it was", name[0], name[1]))
			}
			return err
		}
		if err := tx.SetActionSealed(row.PID, issue.Sealed()); err != nil {
			return err
		}
	}
	return nil
}

// Bundled says what a bundle holds.
type Bundled struct {
	Rows   int64 // sealed signatures that count
	Opened int64 // signatures that count and are kept in the other mode: they are not in it
	Size   int64 // of the log in it
}

// WriteBundle writes what the holders of the offline identities need of a sealed petition: its rows as they stand, and the
// log as it is published (see [sealed.Writer]). site is the site's URL without a slash at its end, for what is printed. Nothing in it can be read without an identity, but whoever has two of them
// sees which entries of the log came between.
func (s *Service) WriteBundle(ctx context.Context, issue, slug, site string, to io.Writer, policy translog.Policy, watch translog.Watch) (*Bundled, error) {
	content, a, err := s.find(ctx, issue, slug)
	if err == nil && (!a.Kind.Signable() || a.PID == "") {
		err = errNoAction
	}
	if err != nil {
		return nil, fmt.Errorf("write a bundle of %s/%s: %w", issue, slug, err)
	}
	if !content.Issue.Sealed() {
		return nil, fmt.Errorf("write a bundle of %s/%s: its issue is not sealed, the server opens its signatures itself: see undersigned packet", issue, slug)
	}
	// The copy of the log holds nothing that is not public.
	dir, err := os.MkdirTemp("", "undersigned-log-*")
	if err != nil {
		return nil, fmt.Errorf("write a bundle: %w", err)
	}
	defer os.RemoveAll(dir)
	log, err := translog.Mirror(ctx, translog.NewDirClient(logFiles{ctx, s}), dir, policy, watch)
	if err != nil {
		return nil, fmt.Errorf("write a bundle: %w", err)
	}
	m := sealed.Manifest{Origin: log.Checkpoint.Origin, PID: a.PID, Issue: issue, Action: slug,
		Size: log.Checkpoint.N, Day: undersigned.DayOf(s.Now()), Recipients: content.Issue.SealTo}
	table := s.Congress.Table()
	if table.Sits(s.Now()) {
		m.Congress, m.AsOf = undersigned.CongressAt(s.Now()), asOf(table)
	}
	w, err := sealed.NewWriter(to, m, os.DirFS(dir), table.ZIPs(s.Now()), packet.NewGround(content, a, site, table, s.Now()))
	if err != nil {
		return nil, err
	}
	done := &Bundled{Size: log.Checkpoint.N}
	err = s.eachCounted(ctx, a.PID, func(row *store.SignatureRow) error {
		// What is newer than this log, or counted again only since, is for the next bundle.
		if state, ok := log.Sign(row.LogIndex); !ok || state.Voided != 0 || row.Sealed == nil {
			return nil
		}
		if !sealed.IsSealed(row.Sealed) {
			done.Opened++
			return nil
		}
		done.Rows++
		return w.Add(row.LogIndex, row.Sealed)
	})
	return done, errors.Join(err, w.Close())
}

// TakeSeatCounts takes the numbers by seat of a sealed petition from the file that those have made who can open it. Invalid, with
// the field "seats", where they are none, or of something else.
func (s *Service) TakeSeatCounts(ctx context.Context, by undersigned.UserID, from io.Reader, ourLog string) (*undersigned.SeatCounts, error) {
	wrong := func(key string, err error) error {
		return &undersigned.Error{Kind: undersigned.Invalid, Key: "error.form", Err: err, Fields: []undersigned.FieldError{{Field: "seats", Key: key}}}
	}
	origin, counts, err := sealed.ReadSeats(from)
	if err != nil {
		return nil, wrong("error.seats", err)
	}
	if origin != ourLog {
		return nil, wrong("error.seats.log", fmt.Errorf("the numbers are of the log %.100q, and ours is %q", origin, ourLog))
	}
	content, a, err := s.findPID(ctx, counts.PID)
	if errors.Is(err, errNoAction) {
		return nil, wrong("error.seats.petition", errors.New("the numbers are of a petition that this site does not have"))
	}
	if err != nil {
		return nil, err
	}
	if !content.Issue.Sealed() {
		return nil, wrong("error.seats.open", fmt.Errorf("%s/%s is not sealed: the site counts it itself", a.Issue, a.Slug))
	}
	err = s.DB.Update(ctx, store.Bulk, func(tx *store.Tx) error {
		_, published, err := tx.LogSizes()
		if err != nil {
			return err
		}
		before, err := tx.SeatCounts("")
		if err != nil {
			return err
		}
		if was := before[counts.PID]; was != nil && was.LogSize > counts.LogSize || counts.LogSize > published {
			return wrong("error.seats.old", errors.New("the numbers are older than those that are there, or of more of the log than is published"))
		}
		return errors.Join(tx.PutSeatCounts(counts), tx.AddAudit(undersigned.AuditEntry{By: by, Verb: undersigned.AuditSeatsTaken, Subject: a.Issue + "/" + a.Slug,
			Detail: fmt.Sprintf("%d, as of entry %d", len(counts.Seats), counts.LogSize)}))
	})
	return counts, err
}
