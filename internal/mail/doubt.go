package mail

import (
	"context"
	"errors"
	"sync"
	"time"
)

// doubt is what we think of a mail server. One that could not be reached, or did not say whether it took a mail, is asked
// by one mail at a time and ever more rarely; the others wait. So an outage neither uses up the tries of all that wait nor
// sends each of them twice. The first answer of the server's own, whatever it says of that mail, ends the doubt.
type doubt struct {
	mu      sync.Mutex
	pause   time.Duration // before the next question; 0 where there is no doubt
	until   time.Time
	asking  bool
	changed chan struct{} // closed when the server was heard of
}

const (
	firstPause   = time.Second
	longestPause = 30 * time.Second
	silentPause  = 5 * time.Minute  // where it took a text without a word, again: each question may be one mail twice
	longestWait  = 30 * time.Second // for a turn; the rest of a mail's time is for sending it
)

// wait returns when a mail may be sent, or with the error of ctx, or that of too long a wait.
func (d *doubt) wait(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, longestWait)
	defer cancel()
	for {
		d.mu.Lock()
		left := time.Until(d.until)
		if d.pause == 0 || left <= 0 && !d.asking {
			d.asking = true
			d.mu.Unlock()
			return nil
		}
		if d.changed == nil {
			d.changed = make(chan struct{})
		}
		changed := d.changed
		d.mu.Unlock()
		var due <-chan time.Time
		if left > 0 {
			due = time.After(left)
		}
		select {
		case <-due:
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// learn takes note of what became of a mail.
func (d *doubt) learn(failed *Error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asking = false
	switch {
	case failed != nil && errors.Is(failed.Err, context.Canceled): // we gave up, not the server
	case failed != nil && failed.outage():
		if now := time.Now(); !now.Before(d.until) { // not another that was under way when the doubt began
			again := d.pause > 0
			d.pause = min(max(2*d.pause, firstPause), longestPause)
			if failed.Uncertain && again {
				d.pause = silentPause
			}
			d.until = now.Add(d.pause)
		}
	default:
		d.pause = 0
	}
	if d.changed != nil {
		close(d.changed)
		d.changed = nil
	}
}

// outage tells whether a failure is the server's and would meet any other mail too. 421 is a server that is closing.
func (e *Error) outage() bool {
	return e.Uncertain || e.Code == 0 && e.Step != "message" || e.Code == 421 || e.Step == "connect" || e.Step == "hello" || e.Step == "tls" || e.Step == "auth"
}
