package action

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/mail"
	"github.com/undersigned/undersigned/internal/seal"
	"github.com/undersigned/undersigned/internal/store"
)

// News go out in batches. What has gone out is known by one number, the id of the last subscriber who has had it: a crash in
// the middle of a batch repeats that batch, under the same Message-IDs, and skips nobody.
const (
	newsBatch    = 100
	newsWorkers  = 4               // mails of a batch that are under way at once: half of the connections stay for others
	newsPatience = 3 * time.Minute // for a batch; what has not gone out by then goes with the next
	newsLease    = 5 * time.Minute
	newsIdle     = time.Second
	// newsWait is when it is tried again where the mail server takes nothing.
	newsWait = time.Minute
	// A batch of which so many recipients are put off one by one was put off as a whole: we are too fast, or unwelcome.
	newsPutOff = 10
	// Confirmations that have been due for longer than this are not keeping up, and news wait for them.
	newsYield = 2 * time.Second
	newsLane  = "news"
)

// NewsSender sends updates.
type NewsSender struct {
	mailWorker
	// Working is told when this node begins to send, and when nothing is left to be sent. Nil is nobody.
	Working func(bool)
	failing string // why the last step failed
}

// NewsSender sends the updates whose time has come, wherever this node finds that none other does.
func (s *Service) NewsSender(p Post) *NewsSender {
	n := &NewsSender{mailWorker: mailWorker{Service: s, Post: p}}
	if n.Sent == nil {
		n.Sent = func(string) {}
	}
	return n
}

// ReclaimNews makes the batch of a process that died due at once. Only where no other process can hold any.
func (s *Service) ReclaimNews(ctx context.Context) error {
	return s.DB.Update(ctx, store.Jobs, func(tx *store.Tx) error { return tx.ReclaimUpdates() })
}

// Run sends until ctx ends. Mails that are under way then may use up the grace; no other is begun.
func (n *NewsSender) Run(ctx context.Context, grace time.Duration) {
	working, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(grace, cancel) })
	defer stop()
	busy := false
	for ctx.Err() == nil {
		worked, err := n.Step(ctx, working)
		if busy != worked && n.Working != nil {
			n.Working(worked)
		}
		busy = worked
		switch {
		case err == nil:
			n.failing = ""
		case err.Error() != n.failing && ctx.Err() == nil: // once for each kind of failure
			n.failing = err.Error()
			n.Log.Error("send news", "error", err)
		}
		if !worked || err != nil {
			n.wait(ctx)
		}
	}
}

func (n *NewsSender) wait(ctx context.Context) {
	timer := time.NewTimer(newsIdle)
	defer timer.Stop()
	select {
	case <-n.newsWaits:
	case <-timer.C:
	case <-ctx.Done():
	}
}

// Step sends one batch of the update that has been due longest, and tells whether there was any. No mail is begun after ctx
// has ended; those under way end with working.
func (n *NewsSender) Step(ctx, working context.Context) (worked bool, err error) {
	defer func() {
		if p := recover(); p != nil { // its batch is left to its lease
			worked, err = false, fmt.Errorf("panic: %T", p)
		}
	}()
	u, err := n.claim(ctx)
	if err != nil || u == nil {
		return false, err
	}
	content, err := n.issueFor(ctx, u)
	if errors.Is(err, errNoAction) { // a draft again, or gone
		return false, n.putOff(ctx, u, newsWait)
	}
	if err != nil {
		return false, err
	}
	if u.State == undersigned.UpdateScheduled {
		if u, err = n.begin(ctx, u, content); err != nil || u == nil {
			return err == nil, err
		}
	}
	if stopped, err := n.stopIfUnwelcome(ctx, u.ID); err != nil || stopped {
		return false, err
	}
	readers, err := n.readers(ctx, u)
	if err != nil {
		return false, err
	}
	if len(readers) == 0 {
		return true, n.end(ctx, u, undersigned.UpdateSent)
	}
	most, until, err := n.spendNews(ctx, len(readers))
	if err != nil {
		return false, err
	}
	if most == 0 {
		return false, n.putOff(ctx, u, until.Sub(n.Now()))
	}
	b := &batch{sender: n, letter: newsletter{post: n.Post, update: u, content: content}, readers: readers[:most], tally: u.Tally}
	b.send(ctx, working)
	return true, b.finish(working)
}

// claim takes the update that has been due longest, unless confirmations wait: somebody sits before the screen for these.
func (n *NewsSender) claim(ctx context.Context) (u *undersigned.Update, err error) {
	err = n.DB.Update(ctx, store.Jobs, func(tx *store.Tx) error {
		u = nil
		for _, queue := range []string{mailQueue, laterQueue} {
			if waits, err := tx.MailsWaiting(queue, tx.Now.Add(-newsYield)); err != nil || waits {
				return err
			}
		}
		u, err = tx.ClaimUpdate(newsLease)
		return err
	})
	return u, err
}

// begin begins an update as it stands by then, and gives that; nil where nothing is to be sent. Since it was claimed somebody may
// have taken it back, called it off, chosen another time or found other words. One that tells of something by itself, which is not
// so any more, is cancelled.
func (n *NewsSender) begin(ctx context.Context, claimed *undersigned.Update, content *undersigned.Content) (begun *undersigned.Update, err error) {
	err = n.DB.Update(ctx, store.Jobs, func(tx *store.Tx) error {
		begun = nil
		u, err := tx.LockUpdate(claimed.ID)
		if err != nil || u == nil || u.State != undersigned.UpdateScheduled || !u.At.Equal(claimed.At) {
			return err
		}
		if !stillTrue(u, content, tx.Now) {
			u.State, u.Ended = undersigned.UpdateCancelled, tx.Now
			_, err := tx.MoveUpdate(u, undersigned.UpdateScheduled)
			return err
		}
		u.State, u.Begun = undersigned.UpdateSending, tx.Now
		begun = u
		if err := tx.SetUpdateAbout(u); err != nil { // what is not so any more was taken out of it
			return err
		}
		_, err = tx.MoveUpdate(u, undersigned.UpdateScheduled)
		return err
	})
	return begun, err
}

func (n *NewsSender) end(ctx context.Context, u *undersigned.Update, to undersigned.UpdateState) error {
	from, ended := u.State, *u
	ended.State, ended.Ended = to, n.Now()
	return n.DB.Update(ctx, store.Jobs, func(tx *store.Tx) error {
		_, err := tx.MoveUpdate(&ended, from)
		return err
	})
}

// putOff lets an update wait where it stands.
func (n *NewsSender) putOff(ctx context.Context, u *undersigned.Update, wait time.Duration) error {
	return n.DB.Update(ctx, store.Jobs, func(tx *store.Tx) error {
		_, err := tx.AdvanceUpdate(u, u.Cursor, undersigned.UpdateTally{}, tx.Now.Add(wait))
		return err
	})
}

// reader is a subscriber of a batch; nil in place of the subscriber where the row cannot be read, or is to be passed over.
type reader struct {
	row *store.SubscriberRow
	*undersigned.Subscriber
}

// readers opens the next batch. Who wants no mail at all is passed over.
func (n *NewsSender) readers(ctx context.Context, u *undersigned.Update) (readers []reader, err error) {
	var rows []*store.SubscriberRow
	err = n.DB.View(ctx, func(tx *store.Tx) (err error) {
		rows, err = tx.Subscribers(u.Issue, u.Cursor, newsBatch)
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		subscriber, err := n.openSubscriber(ctx, row)
		if err != nil && !errors.Is(err, seal.ErrKeyDestroyed) && !errors.Is(err, seal.ErrNotOpened) && !errors.Is(err, errForm) {
			return nil, err
		}
		readers = append(readers, reader{row, subscriber})
	}
	err = n.DB.View(ctx, func(tx *store.Tx) error {
		for i := range readers {
			r := &readers[i]
			if r.Subscriber == nil {
				continue
			}
			never := n.Keys.Hash(neverPurpose, seal.NormalizeEmail(r.Email))
			may, err := tx.MayMail(never[:])
			if err != nil {
				return err
			}
			if !may {
				r.Subscriber = nil
			}
		}
		return nil
	})
	return readers, err
}

// batch is some mails of an update.
type batch struct {
	sender  *NewsSender
	letter  newsletter
	readers []reader

	mu       sync.Mutex
	outcomes []outcome               // by reader
	tally    undersigned.UpdateTally // of the whole update, so far: one may have fewer readers than a batch has
	putOff   int
	away     error // the mail server took nothing, or too little
}

// outcome is what became of one mail of a batch.
type outcome struct {
	done   bool // nothing more is to be done for the reader, but what is said here
	sent   bool
	later  bool               // tried again on its own
	report undersigned.Report // refused for good
}

// send tries each reader once, a few at a time, until the mail server goes away or too much is refused.
func (b *batch) send(ctx, working context.Context) {
	working, cancel := context.WithTimeout(working, newsPatience)
	defer cancel()
	b.outcomes = make([]outcome, len(b.readers))
	var all sync.WaitGroup
	free := make(chan struct{}, newsWorkers)
	for i := range b.readers {
		free <- struct{}{}
		if ctx.Err() != nil || b.stopped() {
			break
		}
		all.Go(func() {
			b.note(i, b.try(working, &b.readers[i]))
			<-free
		})
	}
	all.Wait()
}

func (b *batch) stopped() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.away != nil || b.tally.TooManyBounces()
}

var errPassedOver = errors.New("passed over")

// try sends one mail. One that trips us up must not end the node for all, nor the update.
func (b *batch) try(ctx context.Context, r *reader) (err error) {
	defer func() {
		if p := recover(); p != nil { // its words may hold what somebody typed
			b.sender.Log.Error("panic in a mail of news", "kind", fmt.Sprintf("%T", p), "stack", string(debug.Stack()))
			err = errPassedOver
		}
	}()
	if r.Subscriber == nil {
		return errPassedOver
	}
	message, err := b.sender.writeNews(&b.letter, r.Subscriber)
	if err != nil {
		return err
	}
	return b.sender.Sender.Send(ctx, message)
}

// note says what became of a mail.
func (b *batch) note(i int, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	o, answer := &b.outcomes[i], (*mail.Error)(nil)
	switch {
	case err == nil:
		o.sent = true
		b.tally.Sent++
		b.sender.Sent("sent")
	case errors.Is(err, errPassedOver):
	case !errors.As(err, &answer): // it cannot be written: neither can the others
		b.away = err
		return
	case answer.Permanent:
		o.report = reportOf(answer)
		b.tally.Refused++
		b.sender.Sent("refused")
	case answer.Uncertain, ofTheRecipient(answer):
		o.later = true
		b.sender.Sent("postponed")
		if b.putOff++; b.putOff >= newsPutOff {
			b.away = err
		}
	default:
		b.away = err
		return
	}
	o.done = true
}

// ofTheRecipient tells whether a mail was put off for its recipient, or its text; as against the mail server, or us.
func ofTheRecipient(e *mail.Error) bool {
	return e.Code >= 400 && e.Code != 421 && (e.Step == "rcpt" || e.Step == "data" || e.Step == "end")
}

// finish notes how far the batch has come: to the last reader who has had the mail. Who comes before and could not be reached,
// because the mail server went away, is tried again alone.
func (b *batch) finish(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	n, u := b.sender, b.letter.update
	reached, due := u.Cursor, n.Now()
	if b.away != nil {
		due = due.Add(newsWait)
		n.Log.Warn("news have to wait", "error", b.away)
	}
	var tally undersigned.UpdateTally
	var jobs []store.Job
	refused := map[*store.SubscriberRow]undersigned.Report{}
	tried := b.outcomes
	for len(tried) > 0 && !tried[len(tried)-1].done {
		tried = tried[:len(tried)-1]
	}
	for i, o := range tried {
		row := b.readers[i].row
		reached = row.ID
		if o.sent {
			tally.Sent++
		}
		if o.later || !o.done {
			job, err := n.newsJob(ctx, newsMail{Update: u.ID, Subscriber: row.ID}, laterQueue)
			if err != nil {
				return err
			}
			job.RunAt = job.RunAt.Add(newsWait)
			jobs = append(jobs, job)
		}
		if o.report != "" {
			tally.Refused++
			refused[row] = o.report
			if err := n.noteReport(row.ID, o.report); err != nil {
				return err
			}
		}
	}
	err := n.DB.Update(ctx, store.Jobs, func(tx *store.Tx) error {
		if ours, err := tx.AdvanceUpdate(u, reached, tally, due); err != nil || !ours {
			return err // another sender has taken over, and does it all again
		}
		for _, job := range jobs {
			if err := tx.Enqueue(job); err != nil {
				return err
			}
		}
		for row, report := range refused {
			if _, err := takeReport(tx, row, report, u.ID); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil || tally.Refused == 0 {
		return err
	}
	_, err = n.stopIfUnwelcome(ctx, u.ID)
	return err
}
