package translog

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync"
)

// Report is what a verified log says.
type Report struct {
	Checkpoint   Checkpoint
	Cosignatures []Cosignature // of the policy's witnesses
	Petitions    []Petition    // in the order in which they opened
	TextsChecked int           // texts that are what their open entry says
	TextsMissing []TextName    // texts that the log does not serve
	fold         *Fold
}

// Sign returns what became of the sign entry at index, and false where there is
// none.
func (r *Report) Sign(index int64) (SignState, bool) { return r.fold.Sign(index) }

// TextName names one version of a petition's text.
type TextName struct {
	PID     PID
	Version int64
}

// Verify reads a whole log, and returns what it says if it is what the policy's
// keys have signed: the checkpoint, every tile and every entry below its root,
// the rules of [Fold], and the texts by their hashes. A text that is not served
// is reported; one that differs is an error. Where entries break the rules the
// error is an [*InvalidError].
//
// It streams. Memory grows as that of [Fold]. Each watch is called for every entry.
func Verify(ctx context.Context, c *Client, policy Policy, watches ...Watch) (*Report, error) {
	signed, err := c.Checkpoint(ctx)
	if err != nil {
		return nil, err
	}
	head, cosigned, err := policy.Open(signed)
	if err != nil {
		return nil, err
	}
	report, err := verify(ctx, &walk{client: c, tree: head.Tree}, watches)
	if err != nil {
		return nil, err
	}
	report.Checkpoint, report.Cosignatures = head, cosigned
	return report, nil
}

// Watch is told of each entry in turn, once it is checked and counted: for a
// bar of progress, for the counts at a size in between, for looking at single
// entries. size is that of the whole log. Its error ends the reading. It keeps
// neither f nor entry.
type Watch func(f *Fold, entry []byte, size int64) error

// CheckReceipt tells the holder of a receipt what became of the signature in
// the log that was verified. The receipt must verify by the policy, and its
// checkpoint must be one that this log continues: [ErrForked] or [ErrShrunk]
// say that its holder was shown another log than the reader was. A receipt
// newer than the report looks like a log that shrank: verify after it is made.
func (r *Report) CheckReceipt(ctx context.Context, c *Client, policy Policy, receipt Receipt) (SignState, error) {
	head, _, err := receipt.Verify(policy)
	if err != nil {
		return SignState{}, err
	}
	if err := continues(ctx, c, head, r.Checkpoint); err != nil {
		return SignState{}, fmt.Errorf("compare the receipt with the log: %w", err)
	}
	state, ok := r.fold.Sign(receipt.Index)
	if !ok || state.PID != receipt.Entry.PID {
		return SignState{}, errors.New("compare the receipt with the log: it has no such signature")
	}
	return state, nil
}

func verify(ctx context.Context, w *walk, watches []Watch) (*Report, error) {
	fold := new(Fold)
	err := w.entries(ctx, func(entry []byte) error {
		if err := fold.Add(entry); err != nil {
			return err
		}
		for _, watch := range watches {
			if err := watch(fold, entry, w.tree.N); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	report := &Report{Petitions: fold.Petitions(), fold: fold}
	if err := w.texts(ctx, report); err != nil {
		return nil, err
	}
	return report, nil
}

// texts reads all texts, some at a time.
func (w *walk) texts(ctx context.Context, report *Report) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var (
		mu      sync.Mutex
		reading sync.WaitGroup
		room    = make(chan struct{}, w.client.parallel)
		missing = make(map[TextName]bool)
	)
	for _, p := range report.Petitions {
		for i, v := range p.Versions {
			name := TextName{p.PID, int64(i) + 1}
			room <- struct{}{}
			reading.Go(func() {
				defer func() { <-room }()
				err := w.text(ctx, name, v)
				switch {
				case errors.Is(err, fs.ErrNotExist):
					mu.Lock()
					missing[name] = true
					mu.Unlock()
				case err != nil:
					cancel(err)
				}
			})
		}
	}
	reading.Wait()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	for _, p := range report.Petitions {
		for i := range p.Versions {
			if name := (TextName{p.PID, int64(i) + 1}); missing[name] {
				report.TextsMissing = append(report.TextsMissing, name)
			} else {
				report.TextsChecked++
			}
		}
	}
	return nil
}

// text reads one text, and keeps it in the mirror.
func (w *walk) text(ctx context.Context, name TextName, v Version) error {
	if w.mirror != nil {
		if text, err := w.mirror.client.Text(ctx, name.PID, name.Version); err == nil && TextHash(text) == v.Text {
			return nil
		}
	}
	text, err := w.client.Text(ctx, name.PID, name.Version)
	if err != nil {
		return err
	}
	if TextHash(text) != v.Text {
		return fmt.Errorf("read %s: it is not the text that was signed", TextPath(name.PID, name.Version))
	}
	return w.mirror.write(TextPath(name.PID, name.Version), text)
}
