package action

import (
	"testing"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/mail"
	"github.com/undersigned/undersigned/internal/store"
)

// cameOf adds to what has come of an update.
func (s *testSite) cameOf(u *undersigned.Update, more undersigned.UpdateTally) {
	s.t.Helper()
	must(s.t, s.DB.Update(s.t.Context(), store.Client, func(tx *store.Tx) error { return tx.CountReport(u.ID, more) }))
}

var (
	refusal = &mail.Error{Step: "rcpt", Code: 550, Enhanced: "5.1.1", Permanent: true}
	delay   = &mail.Error{Step: "rcpt", Code: 450, Enhanced: "4.2.1"}
)

func TestUpdateThatIsRefusedStopsInTheMiddleOfASmallList(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.audience(40)
		s.box.wrong = func(int, *mail.Message) error { return refusal }
		u := s.scheduled()
		s.sends(s.NewsSender(s.post))
		stopped := s.stands(u, undersigned.UpdatePaused)
		if n := stopped.Tally.Refused; n < 3 || n > 3+newsWorkers || int64(s.box.tries) != n {
			t.Errorf("%d were refused in %d tries", n, s.box.tries)
		}
		s.box.wrong = nil
		must(t, s.MoveUpdate(t.Context(), nobody, u.ID, undersigned.UpdateSending))
		s.sends(s.NewsSender(s.post))
		if got := s.arrived(); int64(len(got)) != 40-stopped.Tally.Refused || s.stands(u, undersigned.UpdateSent).Tally.Sent != int64(len(got)) {
			t.Errorf("%d got it in the end", len(got))
		}
	})
}

// TestUpdateStopsAfterACrashToo: what came back was noted, and the process died before it looked at it.
func TestUpdateStopsAfterACrashToo(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.audience(2 * newsBatch)
		s.Owner = "owner@cause.example"
		u := s.scheduled()
		s.step(s.NewsSender(s.post))
		s.cameOf(u, undersigned.UpdateTally{Refused: 20})
		s.stands(u, undersigned.UpdateSending)
		before := s.box.tries
		if s.step(s.NewsSender(s.post)) || s.box.tries != before {
			t.Error("it goes on")
		}
		s.stands(u, undersigned.UpdatePaused)
		s.work()
		if last := s.box.mails[len(s.box.mails)-1]; last.To != s.Owner {
			t.Error("the owner is not told")
		}
	})
}

// putOff sends an update of which some mails are put off, which makes each of them a mail of its own, and leaves one more batch.
func (s *testSite) putOff(n int) *undersigned.Update {
	s.t.Helper()
	s.audience(newsBatch + 20)
	put := 0
	s.box.wrong = func(int, *mail.Message) error {
		if put++; put <= n {
			return delay
		}
		return nil
	}
	u := s.scheduled()
	s.step(s.NewsSender(s.post))
	s.box.wrong = nil
	if got := len(s.box.mails); got != newsBatch-n {
		s.t.Fatalf("%d were sent at once", got)
	}
	return s.stands(u, undersigned.UpdateSending)
}

func TestMailsThatWerePutOffStopTheirUpdateToo(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		u := s.putOff(8)
		s.clock.Move(newsWait)
		s.box.wrong = func(int, *mail.Message) error { return refusal }
		before := s.box.tries
		s.work()
		stopped := s.stands(u, undersigned.UpdatePaused)
		if n := stopped.Tally.Refused; n != 5 || s.box.tries-before != 5 {
			t.Errorf("%d were refused in %d tries", n, s.box.tries-before)
		}
		s.box.wrong = nil
		must(t, s.MoveUpdate(t.Context(), nobody, u.ID, undersigned.UpdateSending))
		s.clock.Move(newsHeld)
		s.work()
		s.sends(s.NewsSender(s.post))
		if got := len(s.arrived()); got != newsBatch+20-5 || s.stands(u, undersigned.UpdateSent).Tally.Sent != int64(got) {
			t.Errorf("%d got it in the end", got)
		}
	})
}

func TestMailsThatWerePutOffWaitWhileTheirUpdateIsPaused(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		u := s.putOff(8)
		must(t, s.MoveUpdate(t.Context(), nobody, u.ID, undersigned.UpdatePaused))
		for range 14 { // longer than the key of a day lives
			s.clock.Move(12 * time.Hour)
			s.sweep()
			s.work()
		}
		if n := len(s.box.mails); n != newsBatch-8 {
			t.Fatalf("%d went while it was paused", n-newsBatch+8)
		}
		must(t, s.MoveUpdate(t.Context(), nobody, u.ID, undersigned.UpdateSending))
		s.clock.Move(newsHeld)
		s.work()
		if got := len(s.arrived()); got != newsBatch {
			t.Errorf("%d got it after it went on", got)
		}
	})
}

func TestMailsThatWerePutOffNeverGoOnceTheirUpdateIsCancelled(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		u := s.putOff(8)
		must(t, s.MoveUpdate(t.Context(), nobody, u.ID, undersigned.UpdatePaused))
		s.clock.Move(newsWait)
		s.work()
		must(t, s.MoveUpdate(t.Context(), nobody, u.ID, undersigned.UpdateCancelled))
		s.clock.Move(time.Hour)
		s.work()
		if n := len(s.box.mails); n != newsBatch-8 {
			t.Errorf("%d went after it was cancelled", n-newsBatch+8)
		}
	})
}
