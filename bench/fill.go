package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/undersigned/undersigned/internal/action"
	"github.com/undersigned/undersigned/internal/seal"
	"github.com/undersigned/undersigned/internal/sequencer"
	"github.com/undersigned/undersigned/internal/store"
)

// inside is a site's data folder, opened by this process in place of the program: its verbs and its log, without HTTP.
type inside struct {
	db      *store.DB
	keys    *seal.Keyring
	ledger  *action.Ledger
	actions *action.Service
	seq     *sequencer.Sequencer
}

// openInside opens the folder of a site whose program is halted; origin is the name of its log.
func openInside(ctx context.Context, dir, origin string) (x *inside, err error) {
	x = &inside{}
	if x.db, err = store.Open(ctx, store.Options{Dir: dir}); err != nil {
		return nil, err
	}
	vault, err := seal.Folder(filepath.Join(dir, "keys"))
	if err != nil {
		return nil, errors.Join(err, x.db.Close())
	}
	roots, err := seal.ReadRoots(filepath.Join(dir, "keys", "root.key"))
	if err != nil {
		return nil, errors.Join(err, x.db.Close())
	}
	if x.keys, err = seal.Open(ctx, vault, roots...); err != nil {
		return nil, errors.Join(err, x.db.Close())
	}
	if x.ledger, err = action.OpenLedger(dir); err != nil {
		return nil, errors.Join(err, x.keys.Close(), x.db.Close())
	}
	quiet := slog.New(slog.DiscardHandler)
	x.actions = action.New(action.Options{DB: x.db, Keys: x.keys, Ledger: x.ledger, Log: quiet})
	signer, _, err := sequencer.Signer(x.keys.LogKey(), origin)
	x.seq = sequencer.New(sequencer.Options{DB: x.db, Signer: signer, Now: time.Now, Log: quiet})
	if err != nil {
		err = errors.Join(err, x.close())
	}
	return x, err
}

func (x *inside) close() error { return errors.Join(x.db.Close(), x.ledger.Close(), x.keys.Close()) }

// counted adds up the signatures that count.
func (x *inside) counted(ctx context.Context) (n int, err error) {
	err = x.db.View(ctx, func(tx *store.Tx) error {
		rows, err := tx.Actions()
		for _, row := range rows {
			n += int(row.Tally.Counted)
		}
		return err
	})
	return n, err
}

// fill confirms so many links, as the button behind them does, and gives each its place in the log.
func fill(ctx context.Context, s *server, token func(n int) string, many int) (err error) {
	x, err := openInside(ctx, filepath.Join(s.dir, "data"), s.addr+"/log")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, x.close()) }()
	var left, wrong atomic.Int64
	left.Store(int64(many))
	var people sync.WaitGroup
	for range 4 * callers {
		people.Go(func() {
			for left.Add(-1) >= 0 && ctx.Err() == nil {
				c, err := x.actions.Confirm(ctx, token(int(next.Add(1))))
				if err != nil || c.Outcome != action.Counted {
					wrong.Add(1)
				}
			}
		})
	}
	done := make(chan struct{})
	go func() { people.Wait(); close(done) }()
	for filling := true; filling; {
		select {
		case <-done:
			filling = false
		case <-time.After(100 * time.Millisecond):
			fmt.Fprintf(os.Stderr, "\r%d left  ", max(left.Load(), 0))
		}
		if err := x.seq.Tick(ctx); err != nil {
			return fmt.Errorf("fill: %w", err)
		}
	}
	for waits := true; waits && ctx.Err() == nil; {
		if err := x.seq.Tick(ctx); err != nil {
			return fmt.Errorf("fill: %w", err)
		}
		err := x.db.View(ctx, func(tx *store.Tx) error {
			counts, err := tx.CountWaiting(1)
			waits = len(counts) > 0
			return err
		})
		if err != nil {
			return err
		}
	}
	if n := wrong.Load(); n > 0 {
		return fmt.Errorf("fill: %d of %d were not counted", n, many)
	}
	return ctx.Err()
}

// erase is what becomes of a petition's signatures 90 days after it closed. It runs in a process of its own, whose memory
// is looked at.
func erase(ctx context.Context, dir, origin string, out io.Writer) (err error) {
	x, err := openInside(ctx, dir, origin)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, x.close()) }()
	err = x.db.Update(ctx, store.Bulk, func(tx *store.Tx) error {
		rows, err := tx.Actions()
		for _, row := range rows {
			if row.Tally.Counted == 0 {
				continue
			}
			_, moved := tx.MoveActionLogState(row.PID, store.LogOpened, store.LogClosed)
			err = errors.Join(err, moved, tx.SetActionClosed(row.PID, tx.Now.AddDate(0, 0, -100)),
				tx.WaitForLog(store.LogWait{PID: row.PID, Kind: "tally"}), tx.WaitForLog(store.LogWait{PID: row.PID, Kind: "close"}))
		}
		return err
	})
	if err == nil {
		err = x.seq.Tick(ctx)
	}
	if err != nil {
		return err
	}
	erased, err := x.actions.Purge(ctx)
	for _, k := range erased {
		fmt.Fprintf(out, "%d %s\n", k.N, k.What)
	}
	return err
}
