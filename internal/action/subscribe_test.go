package action

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/seal"
	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/internal/store/storetest"
)

var agreed = undersigned.Consent{Issue: "cause", Language: "en", Words: "Write to me when something comes of it."}

// subscribes signs and asks for news; the address gets the link to what is theirs.
func (s *testSite) subscribes(name, email string) (my string) {
	s.t.Helper()
	my = s.sign("petition", name, email)
	must(s.t, s.Subscribe(s.t.Context(), my, agreed))
	return my
}

// subscribers counts the rows by state.
func (s *testSite) subscribers() map[undersigned.SubscriberState]int64 {
	s.t.Helper()
	counts := map[undersigned.SubscriberState]int64{}
	must(s.t, s.DB.View(s.t.Context(), func(tx *store.Tx) error {
		all, err := tx.CountSubscribers()
		for state, n := range all["cause"] {
			counts[state] = n
		}
		return err
	}))
	return counts
}

func (s *testSite) hears(my string, want bool) *MySubscription {
	s.t.Helper()
	found, err := s.News(s.t.Context(), my, "cause")
	must(s.t, err)
	if found.On != want {
		s.t.Fatalf("hears of the issue: %v, want %v", found.On, want)
	}
	return found
}

// audience subscribes n people at once, without their signing anything. Every third reads Spanish, every tenth a language that
// the site does not have.
func (s *testSite) audience(n int) {
	s.t.Helper()
	rows := make([]*store.SubscriberRow, n)
	for i := range rows {
		lang := "en"
		if i%3 == 1 {
			lang = "es"
		}
		if i%10 == 9 {
			lang = "xx"
		}
		var err error
		rows[i], err = s.sealSubscriber(s.t.Context(), &undersigned.Subscriber{Issue: "cause", Email: fmt.Sprintf("person%d@example.org", i),
			Language: lang, Consent: agreed.ID()})
		must(s.t, err)
	}
	must(s.t, s.DB.Update(s.t.Context(), store.Bulk, func(tx *store.Tx) error {
		for _, row := range rows {
			if _, err := tx.InsertSubscriber(row); err != nil {
				return err
			}
		}
		return tx.PutConsent(agreed)
	}))
}

// ledgerLines counts what the ledger of erasures holds.
func (s *testSite) ledgerLines() (n int) {
	s.t.Helper()
	text, err := os.ReadFile(s.ledgerPath())
	must(s.t, err)
	return bytes.Count(text, []byte("\n"))
}

func TestWhoAsksForNewsTwiceIsSubscribedOnce(t *testing.T) {
	runModes(t, func(t *testing.T, s *testSite) {
		my := s.sign("petition", "Ana", "Ana.Silva+x@gmail.com")
		s.hears(my, false)
		for range 2 {
			must(t, s.Subscribe(t.Context(), my, agreed))
		}
		must(t, s.Subscribe(t.Context(), s.myToken("anasilva@googlemail.com"), agreed)) // the same mailbox
		s.clock.Move(40 * 24 * time.Hour)                                               // and under the next month's key
		must(t, s.Subscribe(t.Context(), s.myToken("anasilva@gmail.com"), agreed))
		if n := s.subscribers(); n[undersigned.SubscriberActive] != 1 {
			t.Errorf("subscribers: %v", n)
		}
		found := s.hears(s.myToken("anasilva@gmail.com"), true)
		if found.Day != undersigned.DayOf(storetest.Noon) || found.Consent != agreed {
			t.Errorf("it is not known what they agreed to, and when: %+v", found)
		}
		subscriber, err := s.openSubscriber(t.Context(), found.row)
		must(t, err)
		if subscriber.Email != "Ana.Silva+x@gmail.com" || subscriber.Language != "en" || subscriber.Consent != agreed.ID() {
			t.Errorf("they are written to as %+v", subscriber)
		}
	})
}

func TestNothingInASubscribersRowTellsWhoTheyAreOrWhatTheySigned(t *testing.T) {
	runModes(t, func(t *testing.T, s *testSite) {
		s.subscribes("Ana", "ana@example.org")
		pid := s.action("petition").PID
		for _, column := range storetest.Strings(t, s.DB, "subscriber") {
			for _, secret := range []string{"ana", "example.org", pid, agreed.ID().String(), agreed.Words} {
				if bytes.Contains(bytes.ToLower(column), []byte(strings.ToLower(secret))) {
					t.Errorf("a row holds %q", secret)
				}
			}
		}
		signature := storetest.Signatures(t, s.DB)[0]
		for _, column := range storetest.Strings(t, s.DB, "subscriber") {
			if bytes.Equal(column, signature.EmailHash) || bytes.Equal(column, signature.ID[:]) {
				t.Error("a row leads to a signature")
			}
		}
	})
}

func TestWhoTakesANameBackKeepsTheirNewsAndWhoIsErasedDoesNot(t *testing.T) {
	for _, c := range []struct {
		name  string
		leave func(*testSite, string, string) error
		stays bool
	}{
		{"withdrawn", func(s *testSite, my, id string) error { return s.Withdraw(s.t.Context(), my, id) }, true},
		{"erased", func(s *testSite, my, id string) error { return s.Erase(s.t.Context(), my, id, false) }, false},
		{"shredded", func(s *testSite, my, id string) error { return s.Erase(s.t.Context(), my, id, true) }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			run(t, func(t *testing.T, s *testSite) {
				my := s.subscribes("Ana", "ana@example.org")
				s.tick()
				must(t, c.leave(s, my, s.mine(my).ID))
				s.hears(my, c.stays)
				s.tick()
			})
		})
	}
}

func TestWhoEndsTheNewsLeavesNothingBehind(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		my := s.subscribes("Ana", "ana@example.org")
		s.subscribes("Rui", "rui@example.org")
		row := s.hears(my, true).row
		must(t, s.Unsubscribe(t.Context(), my, "cause"))
		must(t, s.Unsubscribe(t.Context(), my, "cause"))
		s.hears(my, false)
		if n := s.subscribers(); n[undersigned.SubscriberActive] != 1 || n[undersigned.SubscriberUnsubscribed] != 1 {
			t.Errorf("subscribers: %v", n)
		}
		for _, column := range storetest.Strings(t, s.DB, "subscriber") {
			if bytes.Equal(column, row.Hash) || bytes.Equal(column, row.Sealed) {
				t.Error("the row still holds what it held")
			}
		}
		// With a copy of the row, and the keys of today, it can still be read; from the next month on by nobody.
		if _, err := s.openSubscriber(t.Context(), row); err != nil {
			t.Fatal(err)
		}
		s.clock.Move(40 * 24 * time.Hour)
		for range 2 {
			must(t, s.ResealNews(t.Context()))
		}
		if _, err := s.openSubscriber(t.Context(), row); err == nil {
			t.Error("a copy of the row of somebody who left can still be read")
		}
		s.hears(s.myToken("rui@example.org"), true)
		must(t, s.Subscribe(t.Context(), s.myToken("ana@example.org"), agreed)) // and they may come back
		s.hears(s.myToken("ana@example.org"), true)

		s.clock.Move((buriedLife + 1) * 24 * time.Hour)
		_, err := s.Purge(t.Context())
		must(t, err)
		if n := s.subscribers(); n[undersigned.SubscriberActive] != 2 || n[undersigned.SubscriberUnsubscribed] != 0 {
			t.Errorf("subscribers: %v", n)
		}
	})
}

func TestKeyOfNewsIsDestroyedWhenTheNextHasTakenItsPlaceAndNotBefore(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.audience(resealStep + 3)
		months := func() (months []string) {
			keys, err := s.Keys.AllNews(t.Context())
			must(t, err)
			for _, key := range keys {
				months = append(months, key.Month)
			}
			return months
		}
		first := months()
		s.clock.Move(time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC).Sub(s.Now())) // the clock of another node may be behind
		must(t, s.ResealNews(t.Context()))
		if got := months(); len(got) != 1 || got[0] != first[0] {
			t.Fatalf("on the first day: %v", got)
		}
		s.clock.Move(24 * time.Hour)
		must(t, s.ResealNews(t.Context()))
		if got := months(); len(got) != 2 {
			t.Fatalf("a backup that is being made has no key of its rows: %v", got)
		}
		must(t, s.ResealNews(t.Context()))
		if got := months(); len(got) != 1 || got[0] != "2026-12" {
			t.Fatalf("the old key lives: %v", got)
		}
		if n := s.subscribers()[undersigned.SubscriberActive]; n != resealStep+3 {
			t.Errorf("%d subscribers are left", n)
		}
		s.hears(s.myToken("person7@example.org"), true)
		must(t, s.Keys.DestroyExpired(t.Context(), s.Now().AddDate(1, 0, 0)))
		if got := months(); len(got) != 1 {
			t.Error("a key that subscribers are sealed under was destroyed by the calendar")
		}
	})
}

// TestTwoNodesSealAnewTheSameSubscribersAndLoseNone: each reads a row before the other has sealed it.
func TestTwoNodesSealAnewTheSameSubscribersAndLoseNone(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.audience(7)
		s.clock.Move(40 * 24 * time.Hour)
		month := s.Now().Format("2006-01")
		var rows []*store.SubscriberRow
		must(t, s.DB.View(t.Context(), func(tx *store.Tx) (err error) {
			rows, err = tx.SubscribersSealedBefore(month, undersigned.SubscriberID{}, 100)
			return err
		}))
		for range 2 {
			fresh, err := s.reseal(t.Context(), rows)
			must(t, err)
			must(t, s.DB.Update(t.Context(), store.Bulk, func(tx *store.Tx) error {
				for _, row := range fresh {
					if err := tx.ResealSubscriber(row); err != nil {
						return err
					}
				}
				return nil
			}))
		}
		must(t, s.ResealNews(t.Context()))
		for i := range 7 {
			s.hears(s.myToken(fmt.Sprintf("person%d@example.org", i)), true)
		}
		// Somebody who asked on two nodes in the first second of a month stands there twice, until then.
		again, err := s.sealSubscriber(t.Context(), &undersigned.Subscriber{Issue: "cause", Email: "person1@example.org", Language: "en", Consent: agreed.ID()})
		must(t, err)
		old := *again
		old.ID, old.Month, old.Hash = undersigned.SubscriberID{9}, "2026-11", []byte("of another key")
		must(t, s.DB.Update(t.Context(), store.Bulk, func(tx *store.Tx) error { _, err := tx.InsertSubscriber(&old); return err }))
		old.Month, old.Hash = again.Month, again.Hash
		must(t, s.DB.Update(t.Context(), store.Bulk, func(tx *store.Tx) error { return tx.ResealSubscriber(&old) }))
		if n := s.subscribers()[undersigned.SubscriberActive]; n != 7 {
			t.Errorf("%d subscribers", n)
		}
	})
}

func TestWhoWantsNoMailAtAllGetsNoNewsEither(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		my := s.subscribes("Ana", "ana@example.org")
		stop := tokenIn(t, s.box.mails[0], "/unsubscribe/")
		must(t, s.StopMail(t.Context(), stop, false))
		s.hears(my, false)
		wantKind(t, s.Subscribe(t.Context(), my, agreed), undersigned.Forbidden, "error.news.never")
		must(t, s.StopMail(t.Context(), stop, true))
		s.hears(my, false)
		must(t, s.Subscribe(t.Context(), my, agreed))
		s.hears(my, true)
	})
}

func TestNewsLinkEndsTheNewsOfItsIssueAndOpensNothingElse(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		my := s.subscribes("Ana", "ana@example.org")
		other := s.subscribes("Rui", "rui@example.org")
		u := &undersigned.Update{ID: undersigned.UpdateID{1}, Issue: "cause", State: undersigned.UpdateSent}
		must(t, s.DB.Update(t.Context(), store.Client, func(tx *store.Tx) error { _, err := tx.InsertUpdate(u); return err }))
		token := s.newsToken(u.ID, s.hears(my, true).row.ID)
		for range 3 { // mail scanners, and whoever the mail was passed on to
			found, err := s.OpenStop(t.Context(), token)
			must(t, err)
			if !found.News || !found.Goes || found.Content == nil || found.address != "" {
				t.Errorf("the link shows %+v", found)
			}
		}
		s.hears(my, true)
		if _, err := s.Mine(t.Context(), token); undersigned.KindOf(err) != undersigned.Gone {
			t.Errorf("it opens what was signed: %v", err)
		}
		lines := s.ledgerLines()
		for range 3 { // by the button, by the mail program, and again
			must(t, s.StopMail(t.Context(), token, true))
		}
		s.hears(my, false)
		s.hears(other, true)
		if n := s.ledgerLines() - lines; n != 1 {
			t.Errorf("%d lines in the ledger", n)
		}
		must(t, s.DB.View(t.Context(), func(tx *store.Tx) error {
			u, err := tx.Update(u.ID)
			if err == nil && u.Tally.Left != 1 {
				t.Errorf("%d are counted as leaving", u.Tally.Left)
			}
			return err
		}))
		if found, err := s.OpenStop(t.Context(), token); err != nil || found.Goes {
			t.Errorf("%+v %v", found, err)
		}
		if _, err := s.OpenStop(t.Context(), token[:len(token)-4]+"AAAA"); undersigned.KindOf(err) != undersigned.Gone {
			t.Errorf("a spoilt link: %v", err)
		}
		if email := seal.NormalizeEmail("ana@example.org"); strings.Contains(token, email) {
			t.Error("the link names its address")
		}
	})
}
