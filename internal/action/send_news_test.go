package action

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/mail"
	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/internal/store/storetest"
)

var newsTexts = map[string]undersigned.UpdateText{
	"en": {Subject: "It moves", Body: "The bill is [here](/bills/119/hr/1)."},
	"es": {Subject: "Avanza", Body: "La ley está [aquí](/bills/119/hr/1)."},
}

var nobody undersigned.UserID // the command line

// scheduled makes an update that is due at once.
func (s *testSite) scheduled() *undersigned.Update {
	s.t.Helper()
	u, err := s.BeginUpdate(s.t.Context(), nobody, "cause", newsTexts)
	must(s.t, err)
	must(s.t, s.ScheduleUpdate(s.t.Context(), nobody, u.ID, time.Time{}))
	return u
}

// step lets a sender make one step.
func (s *testSite) step(n *NewsSender) bool {
	s.t.Helper()
	worked, err := n.Step(s.t.Context(), s.t.Context())
	must(s.t, err)
	return worked
}

// sends lets a sender work until nothing is due.
func (s *testSite) sends(n *NewsSender) (steps int) {
	s.t.Helper()
	for s.step(n) {
		if steps++; steps > 100 {
			s.t.Fatal("it never ends")
		}
	}
	return steps
}

func (s *testSite) stands(u *undersigned.Update, state undersigned.UpdateState) *undersigned.Update {
	s.t.Helper()
	found, _, err := s.ReadUpdate(s.t.Context(), u.ID)
	must(s.t, err)
	if found.State != state {
		s.t.Fatalf("the update is %s (%s), want %s", found.State, found.Stop, state)
	}
	return found
}

// arrived counts the mails by address, and wants one Message-ID for each.
func (s *testSite) arrived() map[string]int {
	s.t.Helper()
	got, ids := map[string]int{}, map[string]string{}
	for _, m := range s.box.mails {
		got[m.To]++
		if id := ids[m.To]; id != "" && id != m.ID {
			s.t.Errorf("%s got two mails of two names", m.To)
		}
		ids[m.To] = m.ID
	}
	return got
}

func TestUpdateReachesEverybodyOnceInTheirOwnLanguage(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		const n = 2*newsBatch + 30
		s.audience(n)
		s.BounceAddress = "bounces@cause.example"
		u := s.scheduled()
		sender := s.NewsSender(s.post)
		s.sends(sender)
		if got := s.arrived(); len(got) != n || len(s.box.mails) != n {
			t.Fatalf("%d addresses got %d mails, want %d", len(got), len(s.box.mails), n)
		}
		if sent := s.stands(u, undersigned.UpdateSent); sent.Tally.Sent != n || sent.Begun.IsZero() || sent.Ended.IsZero() {
			t.Errorf("the update: %+v", sent)
		}
		languages := map[string]int{}
		for _, m := range s.box.mails {
			languages[m.Language]++
			if m.Subject != newsTexts[m.Language].Subject || !strings.Contains(m.Text, "<https://cause.example/bills/119/hr/1>") {
				t.Fatalf("%s: %s", m.Subject, m.Text)
			}
			mark := marksIn(m.Bounce)
			update, _, ok := s.readMark(mark[0])
			if !ok || update != u.ID || !slices.Equal(mark, marksIn(m.ID)) || len(strings.Split(m.Bounce, "@")[0]) > 64 {
				t.Fatalf("bounces go to %s, its name is %s", m.Bounce, m.ID)
			}
			if strings.Contains(m.Text, "/xx/") || !strings.Contains(m.Unsubscribe, "/unsubscribe/") {
				t.Fatalf("a link leads nowhere: %s", m.Text)
			}
		}
		if languages["en"] == 0 || languages["es"] == 0 || len(languages) != 2 {
			t.Errorf("languages: %v", languages)
		}
		stop := tokenIn(t, s.box.mails[0], "/unsubscribe/") // the first link of ours in the text is that of the issue
		must(t, s.StopMail(t.Context(), stop, false))
		if after := s.stands(u, undersigned.UpdateSent); after.Tally.Left != 1 || s.subscribers()[undersigned.SubscriberActive] != n-1 {
			t.Errorf("%d left; %v", after.Tally.Left, s.subscribers())
		}
		if s.step(sender) {
			t.Error("it goes out once more")
		}
	})
}

// TestSenderThatDiesInABatchRepeatsThatBatchAndSkipsNobody lets a sender send and not note it.
func TestSenderThatDiesInABatchRepeatsThatBatchAndSkipsNobody(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		const n = 3 * newsBatch
		s.audience(n)
		s.scheduled()
		dead := s.NewsSender(s.post)
		s.step(dead)
		u, err := dead.claim(t.Context())
		must(t, err)
		readers, err := dead.readers(t.Context(), u)
		must(t, err)
		content, err := s.issue(t.Context(), "cause")
		must(t, err)
		b := &batch{sender: dead, letter: newsletter{post: s.post, update: u, content: content}, readers: readers}
		b.send(t.Context(), t.Context())
		sender := s.NewsSender(s.post)
		if s.step(sender) {
			t.Error("another sends while the lease lives")
		}
		s.clock.Move(newsLease)
		s.sends(sender)
		got, twice := s.arrived(), 0
		for _, times := range got {
			if times == 2 {
				twice++
			}
			if times > 2 {
				t.Error("a mail came three times")
			}
		}
		if len(got) != n || twice != newsBatch {
			t.Errorf("%d of %d were reached, %d twice", len(got), n, twice)
		}
		must(t, b.finish(t.Context())) // the dead one was only slow: what it notes changes nothing
		if sent := s.stands(u, undersigned.UpdateSent); sent.Tally.Sent != n {
			t.Errorf("%d are counted", sent.Tally.Sent)
		}
	})
}

func TestNewsOfAProcessThatDiedAreDueWhenItStartsAgain(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.audience(5)
		u := s.scheduled()
		dead := s.NewsSender(s.post)
		if claimed, err := dead.claim(t.Context()); err != nil || claimed == nil {
			t.Fatal("nothing to claim", err)
		}
		must(t, s.ReclaimNews(t.Context()))
		s.clock.Move(newsLease) // it was scheduled still
		claimed, err := dead.claim(t.Context())
		must(t, err)
		_, err = dead.begin(t.Context(), claimed, &undersigned.Content{})
		must(t, err)
		must(t, s.ReclaimNews(t.Context()))
		s.sends(s.NewsSender(s.post))
		s.stands(u, undersigned.UpdateSent)
	})
}

func TestMailServerThatGoesAwayIsTriedAgainFromWhereItStopped(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		const n = newsBatch + 20
		s.audience(n)
		u := s.scheduled()
		sender := s.NewsSender(s.post)
		s.box.wrong = func(n int, _ *mail.Message) error {
			if n > 50 {
				return &mail.Error{Step: "connect", Err: errors.New("away")}
			}
			return nil
		}
		s.step(sender)
		if tries := s.box.tries; tries > 50+newsWorkers {
			t.Errorf("%d tries, though the server was away", tries)
		}
		if s.step(sender) {
			t.Error("it is tried again at once")
		}
		s.box.wrong = nil
		s.clock.Move(newsWait)
		s.sends(sender)
		s.work()
		if got := s.arrived(); len(got) != n || len(s.box.mails) != n {
			t.Errorf("%d of %d got %d mails", len(got), n, len(s.box.mails))
		}
		s.stands(u, undersigned.UpdateSent)
	})
}

func TestMailThatTripsUsUpIsPassedOverAndEndsNothing(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.audience(20)
		s.box.wrong = func(_ int, m *mail.Message) error {
			if m.To == "person3@example.org" {
				panic("ana@example.org")
			}
			return nil
		}
		u := s.scheduled()
		s.sends(s.NewsSender(s.post))
		s.stands(u, undersigned.UpdateSent)
		if got := s.arrived(); len(got) != 19 {
			t.Errorf("%d got it", len(got))
		}
	})
}

func TestNewsThatCannotBeWrittenWaitAndSkipNobody(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		const n = 20
		s.audience(n)
		u := s.scheduled()
		sender := s.NewsSender(s.post)
		s.box.wrong = func(int, *mail.Message) error { return errors.New("no template") }
		s.step(sender)
		if s.step(sender) {
			t.Error("it is tried again at once")
		}
		s.stands(u, undersigned.UpdateSending)
		s.box.wrong = nil
		s.clock.Move(newsWait)
		s.sends(sender)
		s.stands(u, undersigned.UpdateSent)
		if got := s.arrived(); len(got) != n || len(s.box.mails) != n {
			t.Errorf("%d got it", len(got))
		}
	})
}

func TestRecipientsWhoArePutOffOrRefusedHaveTheirOwnFates(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		const n = 60
		s.audience(n)
		fates := map[string]*mail.Error{
			"person1@example.org": {Step: "rcpt", Code: 550, Enhanced: "5.1.1", Permanent: true},
			"person2@example.org": {Step: "rcpt", Code: 552, Enhanced: "5.2.2", Permanent: true},
			"person3@example.org": {Step: "rcpt", Code: 450, Enhanced: "4.2.1"},
			"person4@example.org": {Step: "end", Uncertain: true},
			"person5@example.org": {Step: "message", Permanent: true},
			"person6@example.org": {Step: "end", Code: 554, Enhanced: "5.7.1", Permanent: true},
		}
		var seen []string
		s.box.wrong = func(_ int, m *mail.Message) error {
			if fate := fates[m.To]; fate != nil {
				seen = append(seen, m.To+" "+m.ID)
				return fate
			}
			return nil
		}
		u := s.scheduled()
		s.cameOf(u, undersigned.UpdateTally{Sent: 1000}) // so few do not stop it
		s.sends(s.NewsSender(s.post))
		got := s.arrived()
		if len(got) != n-len(fates) {
			t.Fatalf("%d got it", len(got))
		}
		states := s.subscribers()
		if states[undersigned.SubscriberSuppressed] != 2 || states[undersigned.SubscriberActive] != n-2 {
			t.Errorf("subscribers: %v", states)
		}
		tally := s.stands(u, undersigned.UpdateSent).Tally
		if tally.Sent != int64(1000+n-len(fates)) || tally.Refused != 4 {
			t.Errorf("tally: %+v", tally)
		}
		fates = nil
		s.clock.Move(newsWait)
		s.work()
		if got := s.arrived(); got["person3@example.org"] != 1 || got["person4@example.org"] != 1 || len(got) != n-4 {
			t.Errorf("%d got it in the end: %v", len(got), seen)
		}
		if tally := s.stands(u, undersigned.UpdateSent).Tally; tally.Sent != 1000+n-4 {
			t.Errorf("tally: %+v", tally)
		}
		for _, m := range s.box.mails {
			for _, before := range seen {
				if to, id, _ := strings.Cut(before, " "); to == m.To && id != m.ID {
					t.Error("the second try has another name")
				}
			}
		}
	})
}

func TestUpdateOfWhichTooMuchIsRefusedStopsAndTellsTheOwner(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		const n = 3 * newsBatch
		s.audience(n)
		s.Owner = "owner@cause.example"
		for _, form := range []undersigned.UserForm{{Email: "ana@staff.example", Role: "owner"}, {Email: "bo@staff.example", Role: "editor"}} {
			_, err := s.AddUser(t.Context(), nobody, form, true)
			must(t, err)
		}
		s.box.wrong = func(_ int, m *mail.Message) error {
			if strings.HasPrefix(m.To, "person") && strings.Contains(m.To, "7@") {
				return &mail.Error{Step: "rcpt", Code: 550, Enhanced: "5.1.1", Permanent: true}
			}
			return nil
		}
		u := s.scheduled()
		sender := s.NewsSender(s.post)
		s.sends(sender)
		stopped := s.stands(u, undersigned.UpdatePaused)
		if stopped.Stop != undersigned.StoppedByBounces || stopped.Tally.Refused < 3 || stopped.Tally.Sent > 2*newsBatch {
			t.Fatalf("it stopped so: %+v", stopped)
		}
		s.work()
		told := map[string]bool{}
		for _, m := range s.box.mails[len(s.box.mails)-2:] {
			told[m.To] = strings.Contains(m.Text, "/admin/news/"+u.ID.String()) && m.Unsubscribe == ""
		}
		if !told[s.Owner] || !told["ana@staff.example"] {
			t.Errorf("who is told: %v", told)
		}
		must(t, s.MoveUpdate(t.Context(), nobody, u.ID, undersigned.UpdateSending)) // somebody has looked
		s.box.wrong = nil
		s.sends(sender)
		s.stands(u, undersigned.UpdateSent)
	})
}

func TestNewsWaitForConfirmations(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.audience(3)
		s.scheduled()
		sender := s.NewsSender(s.post)
		must(t, s.SignPetition(t.Context(), s.input("petition", "Ana", "ana@example.org")))
		s.clock.Move(newsYield)
		if s.step(sender) {
			t.Error("news go before somebody who sits before the screen")
		}
		s.work()
		s.sends(sender)
		if len(s.box.mails) != 4 {
			t.Errorf("%d mails", len(s.box.mails))
		}
	})
}

func TestNewsUseHalfOfTheBudgetAndLeaveAQuarterToOthers(t *testing.T) {
	for _, c := range []struct {
		u    store.MailUse
		want int
	}{
		{store.MailUse{}, 50},
		{store.MailUse{Total: 40, Own: 40}, 10},
		{store.MailUse{Total: 50, Own: 50}, 0},
		{store.MailUse{Total: 60}, 15},
		{store.MailUse{Total: 75}, 0},
		{store.MailUse{Total: 100, Own: 50}, 0},
	} {
		if got := newsShare(c.u, 100); got != c.want {
			t.Errorf("%+v: %d, want %d", c.u, got, c.want)
		}
	}
	run(t, func(t *testing.T, s *testSite) {
		s.MailPerHour = 100
		s.audience(130)
		u := s.scheduled()
		sender := s.NewsSender(s.post)
		s.sends(sender)
		if n := len(s.box.mails); n != 50 {
			t.Fatalf("%d mails in the first hour", n)
		}
		for i := range 60 {
			must(t, s.SignPetition(t.Context(), s.input("petition", "Ana", fmt.Sprintf("ana%d@gmail.com", i))))
		}
		s.work()
		if n := len(s.box.mails); n != 100 {
			t.Fatalf("%d mails: confirmations use the rest", n)
		}
		for range 30 {
			s.clock.Move(5 * time.Minute)
			s.sends(sender)
			s.work()
		}
		s.stands(u, undersigned.UpdateSent)
		if got := s.arrived(); len(got) != 130+60 {
			t.Errorf("%d got their mail", len(got))
		}
	})
}

func TestWhoLeftOrWantsNoMailIsPassedOver(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.audience(10)
		must(t, s.Unsubscribe(t.Context(), s.myToken("person1@example.org"), "cause"))
		never := s.Keys.Hash(neverPurpose, "person2@example.org") // a crash came between that and striking them out
		must(t, s.DB.Update(t.Context(), store.Client, func(tx *store.Tx) error { return tx.NeverMail(never[:]) }))
		s.scheduled()
		s.sends(s.NewsSender(s.post))
		if got := s.arrived(); len(got) != 8 || got["person1@example.org"]+got["person2@example.org"] != 0 {
			t.Errorf("they got it: %v", got)
		}
	})
}

func TestSenderThatIsToldToStopBeginsNoOtherMail(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.audience(newsBatch)
		u := s.scheduled()
		ctx, stop := context.WithCancel(t.Context())
		s.box.wrong = func(n int, _ *mail.Message) error {
			if n == 20 {
				stop()
			}
			return nil
		}
		_, err := s.NewsSender(s.post).Step(ctx, t.Context())
		must(t, err)
		if n := len(s.box.mails); n < 20 || n > 20+newsWorkers {
			t.Errorf("%d mails", n)
		}
		s.box.wrong = nil
		s.sends(s.NewsSender(s.post))
		if got := s.arrived(); len(got) != newsBatch || len(s.box.mails) != newsBatch {
			t.Errorf("%d got %d mails", len(got), len(s.box.mails))
		}
		s.stands(u, undersigned.UpdateSent)
	})
}

// TestTwoNodesSendAnUpdateOnce: the second finds it taken, batch after batch.
func TestTwoNodesSendAnUpdateOnce(t *testing.T) {
	clock := storetest.NewClock()
	a := newTestSite(t, storetest.Open(t, store.Options{URL: storetest.Postgres(t), Now: clock.Now}), clock)
	a.load(testContent())
	const n = 5 * newsBatch
	a.audience(n)
	u := a.scheduled()
	b := a.secondNode()
	b.box = a.box
	b.post.Sender = a.box
	done := make(chan error, 2)
	for _, node := range []*testSite{a, b} {
		go func() {
			sender := node.NewsSender(node.post)
			for idle := 0; idle < 20; idle++ {
				if worked, err := sender.Step(t.Context(), t.Context()); err != nil {
					done <- err
					return
				} else if worked {
					idle = 0
				}
			}
			done <- nil
		}()
	}
	must(t, <-done)
	must(t, <-done)
	if got := a.arrived(); len(got) != n || len(a.box.mails) != n {
		t.Errorf("%d of %d got %d mails", len(got), n, len(a.box.mails))
	}
	a.stands(u, undersigned.UpdateSent)
}
