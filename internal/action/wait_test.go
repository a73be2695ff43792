package action

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/mail"
	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/internal/store/storetest"
)

// crowd sends forms from one address until one is asked to wait, and gives that one's wait.
func (s *testSite) crowd(slug, name, email string) *Wait {
	s.t.Helper()
	for range 20 {
		s.buckets.take(from("192.0.2.1"), s.action(slug).PID, s.Now())
	}
	in := s.input(slug, name, email)
	in.Visitor = from("192.0.2.1")
	return wantWait(s.t, s.SignPetition(s.t.Context(), in))
}

func wantWait(t testing.TB, err error) *Wait {
	t.Helper()
	var wait *Wait
	if !errors.As(err, &wait) || undersigned.KindOf(err) != undersigned.TooMany {
		t.Fatalf("error %v, want one to wait", err)
	}
	return wait
}

func (s *testSite) afterWaiting(slug, token string) error {
	s.t.Helper()
	_, err := s.SignAfterWaiting(s.t.Context(), "cause", slug, token)
	return err
}

func TestWhoWaitsOnceIsCounted(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		wait := s.crowd("petition", "Ana", "ana@example.org")
		if wait.For != 15*time.Second || s.jobs() != 0 {
			t.Fatalf("waits %v, with %d jobs", wait.For, s.jobs())
		}
		s.clock.Move(14 * time.Second)
		if again := wantWait(t, s.afterWaiting("petition", wait.Token)); again.Token != wait.Token || again.For != time.Second {
			t.Errorf("a second too early, waits %v, with another token: %v", again.For, again.Token != wait.Token)
		}
		s.clock.Move(time.Second)
		for range 3 { // the button, pressed three times
			must(t, s.afterWaiting("petition", wait.Token))
		}
		s.work()
		if len(s.box.mails) != 1 {
			t.Fatalf("%d mails", len(s.box.mails))
		}
		s.confirm(tokenIn(t, s.box.mails[0], "/confirm/"), Counted)
		s.clock.Move(time.Hour)
		must(t, s.afterWaiting("petition", wait.Token)) // replayed
		s.tick()
		s.counts("petition", 1)
	})
}

func TestWaitingFormIsGoodForWhatItWasMadeForAndNothingElse(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		wait := s.crowd("petition", "Ana", "ana@example.org")
		s.clock.Move(15 * time.Second)
		for name, token := range map[string]string{
			"nothing":         "",
			"noise":           "AAAA",
			"no base64":       "***",
			"cut short":       wait.Token[:len(wait.Token)-4],
			"a changed byte":  strings.Map(func(r rune) rune { return map[rune]rune{'A': 'B', 'B': 'A'}[r] }, wait.Token[:40]) + wait.Token[40:],
			"with line ends":  wait.Token + "\r\n",
			"a confirmation":  s.request("petition", "Rui", "rui@example.org"),
			"a very long one": strings.Repeat("A", 60_000),
		} {
			if err := s.afterWaiting("petition", token); !errors.Is(err, errWaitToken) {
				t.Errorf("%s: %v", name, err)
			}
		}
		wantKind(t, s.afterWaiting("pledge", wait.Token), undersigned.Invalid, "error.wait_token")
		wantKind(t, s.MyLinkAfterWaiting(t.Context(), wait.Token), undersigned.Invalid, "error.wait_token")
		wantKind(t, s.afterWaiting("elsewhere", wait.Token), undersigned.NotFound, "error.not_found")
		s.clock.Move(96 * time.Hour)
		wantKind(t, s.afterWaiting("petition", wait.Token), undersigned.Invalid, "error.wait_token")
		s.clock.Move(40 * 24 * time.Hour)
		if n := s.jobs(); n != 0 {
			t.Errorf("%d jobs", n)
		}
	})
}

func TestWhatWasTypedComesBackWhereTheAskClosedWhileItWaited(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.clock.Move(30*24*time.Hour - 10*time.Second)
		wait := s.crowd("petition", "Ana", "ana@example.org")
		s.clock.Move(15 * time.Second)
		typed, err := s.SignAfterWaiting(t.Context(), "cause", "petition", wait.Token)
		wantKind(t, err, undersigned.Gone, "error.closed")
		if typed != (undersigned.SignatureForm{GivenName: "Ana", FamilyName: "Silva", Email: "ana@example.org", PostalCode: "02139", Country: "US", Deliver: true}) {
			t.Errorf("what comes back is %+v", typed)
		}
	})
}

func TestMyLinkWaitsToo(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		v := from("192.0.2.9")
		for range 20 {
			must(t, s.RequestMyLink(t.Context(), s.askFor("ana@example.org", v)))
		}
		wait := wantWait(t, s.RequestMyLink(t.Context(), s.askFor("rui@example.org", v)))
		wantWait(t, s.MyLinkAfterWaiting(t.Context(), wait.Token))
		s.clock.Move(15 * time.Second)
		must(t, s.MyLinkAfterWaiting(t.Context(), wait.Token))
		s.work()
		if n := len(s.box.mails); n != mailsPerAction+1 {
			t.Errorf("%d mails", n)
		}
	})
}

// Mails of those who waited go when no other is due, and of them the newest first.
func TestMailOfThoseWhoWaitedGoesLast(t *testing.T) {
	storetest.Run(t, func(t *testing.T, db *store.DB, clock *storetest.Clock) {
		s := newTestSite(t, db, clock)
		s.load(testContent())
		for _, email := range []string{"old@example.org", "new@example.org"} {
			wait := s.crowd("petition", "Ana", email)
			clock.Move(4 * time.Minute)
			must(t, s.afterWaiting("petition", wait.Token))
		}
		must(t, s.SignPetition(t.Context(), s.input("petition", "Rui", "rui@example.org")))
		s.queue.Workers = 1
		s.runQueue(3)
		var order []string
		for _, m := range s.box.mails {
			order = append(order, m.To)
		}
		if got := strings.Join(order, " "); got != "rui@example.org new@example.org old@example.org" {
			t.Errorf("sent to %s", got)
		}
	})
}

// runQueue lets the real queue work until that many mails were sent.
func (s *testSite) runQueue(mails int) {
	s.t.Helper()
	ctx, stop := context.WithCancel(s.t.Context())
	sent := make(chan struct{})
	s.box.wrong = func(n int, _ *mail.Message) error {
		if n == mails {
			close(sent)
		}
		return nil
	}
	done := make(chan struct{})
	go func() { s.queue.Run(ctx, time.Second); close(done) }()
	<-sent
	stop()
	<-done
}
