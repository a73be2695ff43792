package action

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/job"
	"github.com/undersigned/undersigned/internal/mail"
	"github.com/undersigned/undersigned/internal/seal"
	"github.com/undersigned/undersigned/internal/store"
)

const letterQueue = "letter"

// Pace is how fast letters go to offices, so that none of them takes us for a flood.
type Pace struct {
	Each time.Duration // between two letters to the same address
	All  time.Duration // between any two letters
}

// LettersPerMinute is the pace of n letters a minute to one address, and twenty times as many in all. All nodes keep it together.
func LettersPerMinute(n int) Pace {
	each := time.Minute / time.Duration(n)
	return Pace{Each: each, All: each / 20}
}

// The first byte of a delivery's job, before the outreach and the target: whose turn it has waited for.
const (
	waitsForTurn byte = iota
	hasAddress        // it is the next to its address
	hasTurn           // and the next of all
)

func deliveryArgs(id undersigned.OutreachID, target string) []byte {
	return append(append([]byte{waitsForTurn}, id[:]...), target...)
}

// LetterQueue hands letters to the mail server.
func (s *Service) LetterQueue(p Post, pace Pace) *job.Queue {
	w := &letterWorker{mailWorker: mailWorker{Service: s, Post: p}, pace: pace}
	return &job.Queue{Name: letterQueue, Workers: 4, Lease: 15 * time.Minute, Wake: s.letterWaits, Do: w.do, DB: s.DB, Log: s.Log}
}

// ReclaimLetters makes the letters of a process that died due at once; one that waits for its turn goes on waiting. Only where
// no other process can hold any.
func (s *Service) ReclaimLetters(ctx context.Context) error {
	return s.DB.Update(ctx, store.Jobs, func(tx *store.Tx) error { return tx.Reclaim(letterQueue) })
}

func (s *Service) wakeLetters() {
	select {
	case s.letterWaits <- struct{}{}:
	default:
	}
}

type letterWorker struct {
	mailWorker
	pace Pace
}

// waits gives a later moment where a letter has to wait for its turn: first with its address, then among all. A crash between
// this commit and that of the job leaves a turn that nobody uses.
func (w *letterWorker) waits(ctx context.Context, j *store.Job, address string) (until time.Time, err error) {
	gates := []struct {
		passed byte
		of     string
		pause  time.Duration
	}{{hasAddress, seal.NormalizeEmail(address), w.pace.Each}, {hasTurn, "", w.pace.All}}
	passed := j.Args[0]
	err = w.DB.Update(ctx, store.Jobs, func(tx *store.Tx) error {
		until, passed = time.Time{}, j.Args[0]
		for _, gate := range gates {
			if passed >= gate.passed {
				continue
			}
			hash := w.Keys.Hash("letter turn", gate.of)
			at, err := tx.TakeTurn(hash[:16], gate.pause)
			if err != nil {
				return err
			}
			passed = gate.passed
			if at.After(tx.Now) {
				until = at
				return nil
			}
		}
		return nil
	})
	if err == nil {
		j.Args, j.NotBefore = append([]byte{passed}, j.Args[1:]...), until
	}
	return until, err
}

// do makes one try to deliver a letter to one office.
func (w *letterWorker) do(ctx context.Context, j *store.Job) (again time.Time, finish func(*store.Tx) error) {
	var id undersigned.OutreachID
	if len(j.Args) <= 1+len(id) {
		return time.Time{}, nil
	}
	copy(id[:], j.Args[1:])
	target := string(j.Args[1+len(id):])
	message, d, err := w.prepare(ctx, id, target)
	if err != nil {
		return w.ended(j, id, target, err)
	}
	if message == nil { // it has ended, or was handed over before a crash: what that means is for its writer to read
		return time.Time{}, func(tx *store.Tx) error { return tx.LeaveUnanswered(id, target) }
	}
	until, err := w.waits(ctx, j, message.To)
	if err == nil && until.IsZero() {
		until, err = w.spend(ctx, letterLane(d.Issue, d.Action))
	}
	if err != nil {
		return w.ended(j, id, target, err)
	}
	if !until.IsZero() {
		j.Attempt-- // waiting is no try
		return until, nil
	}
	return w.send(ctx, j, id, target, message, &d.Writer)
}

// send hands the letter over. When the server has all but the last line of it, and before that line goes, the delivery is
// noted as handed over: a crash before that commit leaves it queued, and no server may keep what lacks its last line; a
// crash after it leaves it handed over, without an answer, and it is never sent again by itself: no office gets a letter
// twice that its writer did not want so. What remains is the moment between that commit and the last line reaching the
// server, and a server that takes the letter and whose answer is lost: then nobody knows, and the writer is told so.
func (w *letterWorker) send(ctx context.Context, j *store.Job, id undersigned.OutreachID, target string, message *mail.Message, writer *undersigned.Writer) (time.Time, func(*store.Tx) error) {
	var reply string
	handed := false
	message.Reply = &reply
	message.Last = func() error {
		if handed { // the server took back what it was given, and the same letter goes over a fresh connection
			return nil
		}
		err := w.DB.Update(ctx, store.Jobs, func(tx *store.Tx) error {
			moved, err := tx.MoveDelivery(id, target, undersigned.DeliveryQueued, undersigned.DeliveryHandedOver, "")
			if err == nil && !moved {
				err = errors.New("another process has it")
			}
			return err
		})
		handed = err == nil
		return err
	}
	sending, cancel := context.WithTimeout(ctx, 12*time.Minute) // RFC 5321, 4.5.3.2.6: ten for the answer to the last line
	defer cancel()
	if err := w.Sender.Send(sending, message); err != nil {
		if refused := (*mail.Error)(nil); handed && errors.As(err, &refused) && refused.Code != 0 {
			// The server has said that it did not take it. A crash before this commit leaves it handed over, as if unanswered.
			err = errors.Join(err, w.takeBack(ctx, id, target))
		}
		return w.ended(j, id, target, err)
	}
	return time.Time{}, func(tx *store.Tx) error {
		// A crash before this commit leaves it handed over, without the answer that was given.
		_, err := tx.MoveDelivery(id, target, undersigned.DeliveryHandedOver, undersigned.DeliveryAccepted, impersonal(reply, writer))
		return errors.Join(err, tx.EraseSent(id))
	}
}

// letterTries is how often a letter is tried before it has failed: for some two days.
const letterTries = 50

// ended decides what becomes of a letter that was not accepted.
func (w *letterWorker) ended(j *store.Job, id undersigned.OutreachID, target string, err error) (again time.Time, finish func(*store.Tx) error) {
	to := func(state undersigned.DeliveryState, reply string) func(*store.Tx) error {
		return func(tx *store.Tx) error {
			for _, from := range []undersigned.DeliveryState{undersigned.DeliveryQueued, undersigned.DeliveryHandedOver} {
				if _, err := tx.MoveDelivery(id, target, from, state, reply); err != nil {
					return err
				}
			}
			return nil
		}
	}
	var answer *mail.Error
	isMail := errors.As(err, &answer)
	switch {
	case errors.Is(err, seal.ErrKeyDestroyed), errors.Is(err, seal.ErrNotOpened), undersigned.KindOf(err) == undersigned.NotFound:
		return time.Time{}, to(undersigned.DeliveryFailed, "")
	case isMail && answer.Uncertain:
		w.Log.Warn("a letter was handed over and not answered; it is not sent again by itself", "error", err)
		return time.Time{}, func(tx *store.Tx) error { return tx.LeaveUnanswered(id, target) }
	case isMail && answer.Permanent:
		w.Log.Warn("a letter was refused", "error", err)
		return time.Time{}, to(undersigned.DeliveryRefused, strings.TrimSpace(fmt.Sprintf("%d %s", answer.Code, answer.Enhanced)))
	case j.Attempt >= letterTries:
		w.Log.Warn("a letter has failed", "error", err)
		return time.Time{}, to(undersigned.DeliveryFailed, "")
	}
	w.Log.Warn("a letter has to wait", "attempt", j.Attempt, "error", err)
	j.Args = append([]byte{waitsForTurn}, j.Args[1:]...)
	return w.Now().Add(min(time.Minute<<min(j.Attempt-1, 10), time.Hour)), nil
}

// takeBack notes that a letter which was handed over was not taken.
func (w *letterWorker) takeBack(ctx context.Context, id undersigned.OutreachID, target string) error {
	return w.DB.Update(context.WithoutCancel(ctx), store.Jobs, func(tx *store.Tx) error {
		_, err := tx.MoveDelivery(id, target, undersigned.DeliveryHandedOver, undersigned.DeliveryQueued, "")
		return err
	})
}

// prepare writes the letter to one office; nil where its delivery is no longer to be made.
func (w *letterWorker) prepare(ctx context.Context, id undersigned.OutreachID, target string) (*mail.Message, *draft, error) {
	var row *store.LetterRow
	queued := false
	err := w.DB.View(ctx, func(tx *store.Tx) error {
		deliveries, err := tx.Deliveries(id)
		for _, d := range deliveries {
			queued = queued || d.Target == target && d.Method == undersigned.ByEmail && d.State == undersigned.DeliveryQueued
		}
		if err == nil && queued {
			row, err = tx.Letter(id)
		}
		return err
	})
	if err != nil || !queued {
		return nil, nil, err
	}
	if row == nil || row.Sealed == nil {
		return nil, nil, seal.ErrKeyDestroyed
	}
	d, err := w.openDraft(ctx, row)
	if err != nil {
		return nil, nil, err
	}
	_, a, err := w.find(ctx, d.Issue, d.Action)
	if err != nil {
		return nil, nil, err
	}
	t := a.Addressee(target)
	if t == nil || t.Email == "" {
		return nil, nil, errNoAction
	}
	// The same for every try, so that an office that got it twice after all can tell.
	hash := w.Keys.Hash("letter message", string(id[:]), target)
	message, err := w.Composer.Letter(mail.Letterhead{ID: hex.EncodeToString(hash[:16]) + "@" + w.domain(), To: t.Email, Language: d.Language, Date: w.Now()},
		d.Message, &d.Writer)
	return message, d, err
}

// maxReply is the longest reply of a mail server that is kept, in bytes.
const maxReply = 200

var replyCodes = regexp.MustCompile(`^[0-9]{3}( [0-9]\.[0-9]{1,3}\.[0-9]{1,3})?`)

// impersonal is a mail server's reply as it can be kept: where it might name the writer or an address, its codes alone.
func impersonal(reply string, writer *undersigned.Writer) string {
	private := len(reply) > maxReply || strings.Contains(reply, "@")
	local, _, _ := strings.Cut(writer.Email, "@")
	for _, word := range append(strings.Fields(writer.Name()+" "+writer.Locality), local) {
		private = private || strings.Contains(strings.ToLower(reply), strings.ToLower(word))
	}
	if private {
		return replyCodes.FindString(reply)
	}
	return reply
}
