package action

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/internal/store/storetest"
)

// budgeted is a site whose relay takes that many mails in an hour.
func budgeted(t *testing.T, perHour int, test func(*testing.T, *testSite)) {
	storetest.Run(t, func(t *testing.T, db *store.DB, clock *storetest.Clock) {
		s := newTestSite(t, db, clock)
		s.MailPerHour = perHour
		s.queue = s.MailQueue(s.post)
		s.load(testContent())
		test(t, s)
	})
}

// ask promises n mails about an ask.
func (s *testSite) ask(slug string, n int) {
	s.t.Helper()
	for i := range n {
		must(s.t, s.SignPetition(s.t.Context(), s.input(slug, "Ana", fmt.Sprintf("%s%d-%d@example.org", slug, s.clock.Now().Unix(), i))))
	}
}

// to counts the mails that went to addresses of an ask.
func (s *testSite) to(slug string) (n int) {
	for _, m := range s.box.mails {
		if strings.HasPrefix(m.To, slug) {
			n++
		}
	}
	return n
}

func TestNoMoreMailsThanTheBudgetLeaveInAnyHourAndNoneIsLost(t *testing.T) {
	budgeted(t, 8, func(t *testing.T, s *testSite) {
		s.ask("petition", 16)
		var sent [60]int // by slot
		for slot := range sent {
			before := len(s.box.mails)
			s.work()
			sent[slot] = len(s.box.mails) - before
			hour := 0
			for _, n := range sent[max(0, slot-budgetLife+1) : slot+1] {
				hour += n
			}
			if hour > 8 {
				t.Fatalf("%d in the hour to slot %d: %v", hour, slot, sent)
			}
			s.clock.Move(slotLife)
		}
		if n := len(s.box.mails); n != 16 || s.jobs() != 0 {
			t.Errorf("%d mails went out, %d wait", n, s.jobs())
		}
	})
}

func TestAnAskThatManySignLeavesMailsToOthers(t *testing.T) {
	budgeted(t, 20, func(t *testing.T, s *testSite) {
		s.ask("petition", 40)
		s.work()
		if n := s.to("petition"); n != 15 {
			t.Errorf("alone it gets %d", n)
		}
		s.clock.Move(time.Hour)
		s.ask("pledge", 4)
		s.work()
		if n := s.to("pledge"); n != 4 {
			t.Errorf("the small ask gets %d of 4", n)
		}
		if n := s.to("petition"); n < 15+10 {
			t.Errorf("the large one gets %d beside it", n-15)
		}
		for range 12 {
			s.ask("petition", 3)
			s.ask("pledge", 3)
			s.clock.Move(slotLife)
			s.work()
		}
		a, b := s.to("petition"), s.to("pledge")
		s.clock.Move(slotLife)
		for range 12 {
			s.ask("petition", 3)
			s.ask("pledge", 3)
			s.work()
			s.clock.Move(slotLife)
		}
		if a, b = s.to("petition")-a, s.to("pledge")-b; min(a, b) < 5 || a+b > 20 {
			t.Errorf("in an hour in which both want more than there is, they get %d and %d", a, b)
		}
	})
}

func TestNewestMailboxIsWrittenToFirstWhereMailsAreShort(t *testing.T) {
	budgeted(t, 100, func(t *testing.T, s *testSite) {
		s.queue.Workers = 1
		for _, name := range []string{"old", "newer", "newest"} {
			must(t, s.SignPetition(t.Context(), s.input("petition", "Ana", name+"@example.org")))
			s.clock.Move(time.Minute)
		}
		s.runQueue(3)
		var order []string
		for _, m := range s.box.mails {
			order = append(order, strings.TrimSuffix(m.To, "@example.org"))
		}
		if got := strings.Join(order, " "); got != "newest newer old" {
			t.Errorf("sent to %s", got)
		}
	})
}

func TestPagesAreToldWhileMailsAreSlowAndNoLonger(t *testing.T) {
	budgeted(t, 4, func(t *testing.T, s *testSite) {
		told := func(want bool) {
			t.Helper()
			must(t, s.WatchMail(t.Context()))
			_, _, err := s.DB.Poll(t.Context())
			must(t, err)
			site, err := s.DB.Site(t.Context())
			must(t, err)
			if site.MailSlow != want {
				t.Errorf("slow: %v", site.MailSlow)
			}
			must(t, s.DB.View(t.Context(), func(tx *store.Tx) error {
				open, err := s.mailOpen(tx)
				if open == want {
					t.Errorf("the queue is open: %v", open)
				}
				return err
			}))
		}
		told(false)
		s.ask("petition", 3)
		s.work()
		s.ask("pledge", 1)
		s.work()
		told(true)
		s.clock.Move(time.Hour)
		must(t, s.ForgetMailCounts(t.Context()))
		told(false)
		s.ask("petition", 5)
		s.work()
		s.clock.Move(time.Hour)
		s.MailPerHour = 0
		told(false)
	})
}
