package action

import (
	"testing"
	"time"

	"github.com/undersigned/undersigned"
)

func TestManyLettersFromOneAddressAreAskedToWaitAndNoneIsLost(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.load(letterContent())
		in := s.letterInput("ana@example.org")
		for range 20 {
			s.buckets.take(from("192.0.2.1"), letterLane("cause", "write"), s.Now())
		}
		in.Visitor = from("192.0.2.1")
		wait := wantWait(t, s.WriteLetter(t.Context(), in))
		_, err := s.WriteAfterWaiting(t.Context(), "cause", "write", wait.Token)
		wantWait(t, err)
		s.clock.Move(wait.For)
		for range 2 {
			typed, err := s.WriteAfterWaiting(t.Context(), "cause", "write", wait.Token)
			must(t, err)
			if typed != in.Message {
				t.Errorf("came back as %+v", typed)
			}
		}
		s.work()
		if len(s.box.mails) != 1 {
			t.Fatalf("%d mails", len(s.box.mails))
		}
		p, err := s.OpenLetter(t.Context(), tokenIn(t, s.box.mails[0], "/confirm/letter/"))
		must(t, err)
		if p.Message != in.Message || p.Writer.Email != in.Email {
			t.Errorf("the letter is %+v", p)
		}
		_, err = s.WriteAfterWaiting(t.Context(), "cause", "write", "noise")
		wantKind(t, err, undersigned.Invalid, "error.wait_token")
		_, err = s.WriteAfterWaiting(t.Context(), "cause", "petition", wait.Token)
		wantKind(t, err, undersigned.NotFound, "error.not_found")
	})
}

func TestOfferAndLetterWithTheFieldThatNobodySeesWaitOnce(t *testing.T) {
	runOffers(t, func(t *testing.T, s *testSite) {
		in := s.offerInput("ana@example.org")
		in.Trap = "https://spam.example"
		wait := wantWait(t, s.Volunteer(t.Context(), in))
		if wait.For != 15*time.Second || s.jobs() != 0 {
			t.Errorf("waits %v, with %d jobs", wait.For, s.jobs())
		}
		s.clock.Move(wait.For)
		_, err := s.VolunteerAfterWaiting(t.Context(), "cause", "help", wait.Token)
		must(t, err)
	})
	run(t, func(t *testing.T, s *testSite) {
		s.load(letterContent())
		in := s.letterInput("ana@example.org")
		in.Trap = "x"
		wantWait(t, s.WriteLetter(t.Context(), in))
	})
}

func TestReadingHeldNamesIsNoted(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		a := s.action("petition")
		read := func(want int) (noted int) {
			t.Helper()
			n := 0
			must(t, s.ReadHeld(t.Context(), moderator, a, func(Selected) { n++ }))
			if n != want {
				t.Errorf("%d are held", n)
			}
			for _, e := range s.auditLines() {
				if e.Verb == undersigned.AuditSignaturesRead && e.Subject == "cause/petition" && e.By == moderator && e.Detail == "all held: 1" {
					noted++
				}
			}
			return noted
		}
		if n := read(0); n != 0 {
			t.Errorf("noted %d times that nothing was read", n)
		}
		s.confirm(s.requestAs("petition", "Name", "ana@gmail.com", trapped), Held)
		if n := read(1); n != 1 {
			t.Errorf("noted %d times", n)
		}
	})
}
