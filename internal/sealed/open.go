package sealed

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"filippo.io/age"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/translog"
)

// Opened says what came out of a bundle.
type Opened struct {
	Rows      int64            // that opened, and are what the log says
	Delivered int64            // of them, who agreed that their names be handed over
	Others    int64            // that were sealed for other identities
	Wrong     []WrongRow       // that are not what the log says; a site that is honest and whole has none
	Counts    translog.Counts  // of the petition, at the size of the log in the bundle
	Log       *translog.Report // the log in the bundle
	seats     undersigned.SeatTally
}

// WrongRow is a row that is not what it should be.
type WrongRow struct {
	Index int64 // of its entry in the log
	Err   error
}

// ErrOtherBundle is a bundle whose parts do not belong together.
var ErrOtherBundle = errors.New("the log in the bundle is not that of its petition: it is another site's, or was put together from two")

// Open verifies the log of a bundle, which is in logDir, opens its rows and checks each against its entry; what opens and is
// right goes to each, in the order of the log. Rows that do not are counted and passed over, so that one that is damaged does
// not take the others with it. The error is of the whole bundle.
func (r *Reader) Open(ctx context.Context, logDir string, policy translog.Policy, identities []age.Identity,
	watch translog.Watch, each func(index int64, record *Record) error) (*Opened, error) {
	c := &checker{log: translog.NewDirClient(os.DirFS(logDir)), pid: r.pid}
	report, err := translog.Verify(ctx, c.log, policy, watch)
	if err != nil {
		return nil, fmt.Errorf("verify the log in the bundle: %w", err)
	}
	c.report = report
	done := &Opened{Log: report}
	if done.Counts, err = r.counts(report); err != nil {
		return nil, err
	}
	for {
		index, row, err := r.Next()
		if errors.Is(err, io.EOF) {
			return done, nil
		}
		if err != nil {
			return nil, err
		}
		record, err := c.open(ctx, index, row, identities)
		switch {
		case errors.Is(err, ErrOthers):
			done.Others++
			continue
		case err != nil:
			done.Wrong = append(done.Wrong, WrongRow{index, err})
			continue
		}
		done.Rows++
		if record.delivered() {
			done.Delivered++
		}
		r.zips.add(&done.seats, record)
		if err := each(index, record); err != nil {
			return nil, err
		}
	}
}

// counts finds the petition of the bundle in its log.
func (r *Reader) counts(report *translog.Report) (translog.Counts, error) {
	if report.Checkpoint.Origin == r.Origin && report.Checkpoint.N == r.Size {
		for _, p := range report.Petitions {
			if p.PID == r.pid {
				return p.Counts, nil
			}
		}
	}
	return translog.Counts{}, ErrOtherBundle
}

// checker compares rows with the log.
type checker struct {
	log    *translog.Client
	report *translog.Report
	pid    translog.PID
	tile   int64    // which is in hand
	bundle [][]byte // its entries
}

var (
	errNoEntry = errors.New("it does not match its entry in the log: it was changed, or belongs elsewhere")
	errVoided  = errors.New("its entry in the log does not count")
)

func (c *checker) open(ctx context.Context, index int64, row []byte, identities []age.Identity) (*Record, error) {
	record, err := Open(row, identities)
	if err != nil {
		return nil, err
	}
	state, ok := c.report.Sign(index)
	if !ok || state.PID != c.pid {
		return nil, errNoEntry
	}
	if state.Voided != 0 {
		return nil, errVoided
	}
	entry, err := c.entry(ctx, index)
	if err != nil {
		return nil, err
	}
	opening, err := record.Opening()
	if err != nil || !opening.Opens(entry) {
		return nil, errNoEntry
	}
	if record.delivered() != (record.Signature.Class == undersigned.Delivered) { // only the seat is committed to
		return nil, errNoEntry
	}
	return record, nil
}

// entry reads an entry of the log, which was verified. Rows come in the log's order, so that the last tile serves the most.
func (c *checker) entry(ctx context.Context, index int64) (translog.Entry, error) {
	n := index / translog.TileWidth
	if c.bundle == nil || c.tile != n {
		width := min(c.report.Checkpoint.N-n*translog.TileWidth, translog.TileWidth)
		bundle, err := c.log.Bundle(ctx, n, int(width))
		if err != nil {
			return translog.Entry{}, fmt.Errorf("read the log: %w", err)
		}
		c.tile, c.bundle = n, bundle
	}
	return translog.ParseEntry(c.bundle[index%translog.TileWidth])
}
