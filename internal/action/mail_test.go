package action

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/undersigned/undersigned/internal/mail"
	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/internal/store/storetest"
)

func TestMailsPerAddressAreLimited(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		send := func(slug, email string) int {
			before := len(s.box.mails)
			must(t, s.SignPetition(t.Context(), s.input(slug, "Ana", email)))
			s.work()
			return len(s.box.mails) - before
		}
		sent := 0
		for range 10 {
			sent += send("petition", "ana@example.org")
		}
		sent += send("petition", "ANA+tag@example.org")
		if sent != 3 {
			t.Errorf("%d mails for one petition, want 3", sent)
		}
		if n := send("petition", "rui@example.org"); n != 1 {
			t.Error("another address is held back")
		}
		for range 10 {
			sent += send("pledge", "ana@example.org")
			must(t, s.RequestMyLink(t.Context(), s.askFor("ana@example.org", Visitor{})))
			s.work()
		}
		if n := len(s.box.mails) - 1; n != 3+3+3 {
			t.Errorf("%d mails to one address", n)
		}
		s.clock.Move(24 * time.Hour)
		if n := send("petition", "ana@example.org"); n != 1 {
			t.Error("held back on the next day")
		}
		if n := s.jobs(); n != 0 {
			t.Errorf("%d jobs are left", n)
		}
		must(t, s.ForgetMailCounts(t.Context()))
	})
}

// TestMailsPerAddressAreLimitedOverTheWholeSite asks for one address under more petitions than a day has mails for it.
func TestMailsPerAddressAreLimitedOverTheWholeSite(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		c := testContent()
		for i := range 12 {
			a := c.Actions[0]
			a.Slug = fmt.Sprintf("petition-%d", i)
			c.Actions = append(c.Actions, a)
		}
		s.load(c)
		for i := range 12 {
			must(t, s.SignPetition(t.Context(), s.input(fmt.Sprintf("petition-%d", i), "Ana", "ana@example.org")))
		}
		s.work()
		if n := len(s.box.mails); n != 10 {
			t.Errorf("%d mails, want 10", n)
		}
	})
}

func TestLimitIsCountedOnceHoweverOftenAMailIsTriedOrItsWorkerDies(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.box.wrong = func(int, *mail.Message) error { return &mail.Error{Step: "connect"} }
		for range 3 {
			must(t, s.SignPetition(t.Context(), s.input("petition", "Ana", "ana@example.org")))
		}
		for range 5 {
			s.work()
			s.clock.Move(2 * time.Hour)
		}
		s.claim() // by a worker that dies
		s.clock.Move(s.queue.Lease + time.Second)
		must(t, s.SignPetition(t.Context(), s.input("petition", "Ana", "ana@example.org")))
		s.claim() // and another, before it could ask about the limit
		s.clock.Move(s.queue.Lease + time.Second)
		s.box.wrong = nil
		s.work()
		if n := len(s.box.mails); n != 3 {
			t.Errorf("%d mails, want 3", n)
		}
	})
}

func TestWhoWantsNoMailGetsNoneThatWaitsEither(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.request("petition", "Ana", "ana@example.org")
		stop := tokenIn(t, s.box.mails[0], "/unsubscribe/")
		s.box.wrong = func(int, *mail.Message) error { return &mail.Error{Step: "connect"} }
		must(t, s.SignPetition(t.Context(), s.input("pledge", "Ana", "Ana+x@example.org")))
		s.work() // tried, and has to wait
		must(t, s.SignPetition(t.Context(), s.input("petition", "Ana", "ana@example.org")))
		must(t, s.StopMail(t.Context(), stop, false))
		must(t, s.StopMail(t.Context(), stop, false))
		if found, err := s.OpenStop(t.Context(), stop); err != nil || found.Goes || found.News {
			t.Errorf("%+v, %v", found, err)
		}
		s.box.wrong = nil
		s.clock.Move(time.Hour)
		s.work()
		must(t, s.RequestMyLink(t.Context(), s.askFor("ana@example.org", Visitor{})))
		s.work()
		if n := len(s.box.mails); n != 1 || s.jobs() != 0 {
			t.Errorf("%d mails, %d jobs", n, s.jobs())
		}
		must(t, s.StopMail(t.Context(), stop, true))
		s.request("petition", "Ana", "ana@example.org")
	})
}

func TestMailThatHasToWaitKeepsItsNameAndItsSignature(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		var seen []*mail.Message
		s.box.wrong = func(n int, m *mail.Message) error {
			seen = append(seen, m)
			if n < 4 {
				return &mail.Error{Step: "rcpt", Code: 451}
			}
			return nil
		}
		must(t, s.SignPetition(t.Context(), s.input("petition", "Ana", "ana@example.org")))
		for _, wait := range []time.Duration{0, time.Minute, 2 * time.Minute, 4 * time.Minute} {
			s.clock.Move(wait - time.Second)
			if wait > 0 && s.work() != 0 {
				t.Errorf("tried again before %v", wait)
			}
			s.clock.Move(time.Second)
			s.work()
		}
		if len(seen) != 4 || len(s.box.mails) != 1 || s.jobs() != 0 {
			t.Fatalf("%d tries, %d mails, %d jobs", len(seen), len(s.box.mails), s.jobs())
		}
		for i, m := range seen {
			if m.ID != seen[0].ID {
				t.Errorf("try %d has another Message-ID", i)
			}
			s.confirm(tokenIn(t, m, "/confirm/"), map[bool]Outcome{true: Counted, false: Already}[i == 0])
		}
		if n := len(storetest.Signatures(t, s.DB)); n != 1 {
			t.Errorf("%d signatures", n)
		}
	})
}

func TestMailThatIsRefusedOrCannotBeReadIsGivenUp(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.box.wrong = func(int, *mail.Message) error { return &mail.Error{Step: "rcpt", Code: 550, Permanent: true} }
		must(t, s.SignPetition(t.Context(), s.input("petition", "Ana", "ana@example.org")))
		must(t, s.DB.Update(t.Context(), store.Jobs, func(tx *store.Tx) error {
			for _, args := range [][]byte{nil, {1}, {2, 0, 0, 0, 0}, append([]byte{1}, make([]byte, 100)...)} {
				if err := tx.Enqueue(store.NewJob(mailQueue, append([]byte{}, args...), tx.Now)); err != nil {
					return err
				}
			}
			return nil
		}))
		if done := s.work(); done != 5 || s.jobs() != 0 {
			t.Errorf("%d done, %d left", done, s.jobs())
		}
	})
}

func TestMailThatMayHaveArrivedIsTriedSixTimesAtMost(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.box.wrong = func(n int, _ *mail.Message) error {
			return &mail.Error{Step: "end", Uncertain: true}
		}
		must(t, s.SignPetition(t.Context(), s.input("petition", "Ana", "ana@example.org")))
		for range 10 {
			s.work()
			s.clock.Move(2 * time.Hour)
		}
		if s.box.tries != unsureTries || s.jobs() != 0 {
			t.Errorf("%d tries, %d jobs left", s.box.tries, s.jobs())
		}
	})
}

func TestMailIsGivenUpWhenItsKeyDies(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.box.wrong = func(int, *mail.Message) error { return errors.New("the network is away") }
		must(t, s.SignPetition(t.Context(), s.input("petition", "Ana", "ana@example.org")))
		for range 84 {
			s.work()
			if s.jobs() != 1 {
				t.Fatal("given up too early")
			}
			s.clock.Move(time.Hour)
		}
		s.work()
		if s.jobs() != 0 {
			t.Error("kept for ever")
		}
	})
}

func TestMailOfADeadWorkerIsTakenByAnother(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		must(t, s.SignPetition(t.Context(), s.input("petition", "Ana", "ana@example.org")))
		if len(s.claim()) != 1 {
			t.Fatal("nothing to claim")
		}
		if s.work() != 0 {
			t.Error("taken while the lease lives")
		}
		s.clock.Move(s.queue.Lease)
		if s.work() != 1 || len(s.box.mails) != 1 || s.jobs() != 0 {
			t.Error("not taken after the lease")
		}
		must(t, s.SignPetition(t.Context(), s.input("petition", "Ana", "ana@example.org")))
		s.claim()
		must(t, s.ReclaimMail(t.Context())) // the only process starts anew
		if s.work() != 1 {
			t.Error("not reclaimed")
		}
	})
}

// TestANodeThatDoesNotKnowAPetitionYetSendsItsMails: the other node imported it less than a second ago.
func TestANodeThatDoesNotKnowAPetitionYetSendsItsMails(t *testing.T) {
	clock := storetest.NewClock()
	a := newTestSite(t, storetest.Open(t, store.Options{URL: storetest.Postgres(t), Now: clock.Now}), clock)
	a.load(testContent())
	b := a.secondNode()
	if _, err := b.DB.Site(t.Context()); err != nil {
		t.Fatal(err)
	}
	c := testContent()
	fresh := c.Actions[0]
	fresh.Slug = "fresh"
	c.Actions = append(c.Actions, fresh)
	a.load(c)
	must(t, a.SignPetition(t.Context(), a.input("fresh", "Ana", "ana@example.org")))
	b.work()
	if len(b.box.mails) != 1 {
		t.Fatal("the mail is lost")
	}
	b.confirm(tokenIn(t, b.box.mails[0], "/confirm/"), Counted)
	b.tick()
}

// TestThousandMailsThroughAFlakyServer runs the queue itself, until nothing is left.
func TestThousandMailsThroughAFlakyServer(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		const n = 1000
		var all sync.WaitGroup
		token := s.FormToken(s.action("petition"), s.Now())
		for i := range n {
			all.Go(func() {
				in := SignInput{Issue: "cause", Action: "petition", Form: form("Ana", fmt.Sprintf("ana%d@example.org", i)), Language: "en", FormToken: token}
				if err := s.SignPetition(t.Context(), in); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		s.box.wrong = func(n int, _ *mail.Message) error {
			if n%3 == 0 {
				return &mail.Error{Step: "mail", Code: 421}
			}
			return nil
		}
		done := make(chan struct{})
		sent := make(chan struct{}, n)
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		do := s.queue.Do
		s.queue.Do = func(ctx context.Context, j *store.Job) (time.Time, func(*store.Tx) error) {
			again, finish := do(ctx, j)
			if !again.IsZero() {
				return s.Now(), nil // the clock stands still: due at once
			}
			sent <- struct{}{}
			return again, finish
		}
		go func() { s.queue.Run(ctx, time.Minute); close(done) }()
		for range n {
			<-sent
		}
		stop()
		<-done
		got := map[string]int{}
		for _, m := range s.box.mails {
			got[m.To]++
		}
		if len(got) != n || len(s.box.mails) != n || s.jobs() != 0 {
			t.Errorf("%d addresses got %d mails, %d jobs are left", len(got), len(s.box.mails), s.jobs())
		}
	})
}

// TestMailOfAKindThatANewerProgramKnowsIsLeftToIt is an upgrade of one node after the other: an older one claims what a newer
// one has promised.
func TestMailOfAKindThatANewerProgramKnowsIsLeftToIt(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		must(t, s.promiseMail(t.Context(), mailQueue, 0x3f, []byte("words of the next release"), s.clock.Now()))
		for range 100 {
			s.work()
			s.clock.Move(time.Minute)
		}
		if n := s.jobs(); n != 1 || len(s.box.mails) != 0 {
			t.Errorf("%d jobs are left, and %d mails went out", n, len(s.box.mails))
		}
	})
}
