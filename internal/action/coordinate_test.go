package action

import (
	"context"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/mail"
	"github.com/undersigned/undersigned/internal/seal"
	"github.com/undersigned/undersigned/internal/store"
)

// The hundredth mail of a day is no reason to lose an offer: whoever fills that hundred would silence all others.
func TestOfferBeyondTheCoordinatorsMailsOfADayComesTheNextDay(t *testing.T) {
	runOffers(t, func(t *testing.T, s *testSite) {
		s.confirmOffer(s.offerLink("ana@example.org"), OfferMade)
		day, to := string(undersigned.DayOf(s.Now())), seal.NormalizeEmail(coordinator)
		full := s.Keys.Hash("mail", day, to, "desk")
		must(t, s.DB.Update(t.Context(), store.Client, func(tx *store.Tx) (err error) {
			for range mailsPerDesk {
				if _, err = tx.CountMail(day, full[:]); err != nil {
					return err
				}
			}
			return nil
		}))
		before := len(s.box.mails)
		s.work()
		if n := len(s.box.mails) - before; n != 0 {
			t.Fatalf("%d mails came beyond the limit", n)
		}
		s.clock.Move(24 * time.Hour)
		s.work()
		if len(s.box.mails) != before+1 || s.last().To != coordinator {
			t.Fatalf("%d mails came a day later", len(s.box.mails)-before)
		}
		if m, err := s.Mine(t.Context(), s.myToken("ana@example.org")); err != nil || len(m.Offers) != 1 || m.Offers[0].Told == "" {
			t.Errorf("shown: %+v %v", m, err)
		}
	})
}

// The coordinator may have the offer although no answer said so, and although it was taken back while the mail was on its way.
func TestCoordinatorWhoMayHaveAnOfferIsToldThatItIsTakenBack(t *testing.T) {
	for _, during := range []bool{false, true} {
		runOffers(t, func(t *testing.T, s *testSite) {
			my := s.confirmOffer(s.offerLink("ana@example.org"), OfferMade).MyToken
			id := hex.EncodeToString(s.submissions()[0].ID[:])
			s.box.wrong = func(_ int, m *mail.Message) error {
				if during {
					must(t, s.WithdrawOffer(t.Context(), my, id))
					return nil
				}
				return &mail.Error{Step: "end", Uncertain: true, Err: context.DeadlineExceeded}
			}
			s.work()
			s.box.wrong = nil
			if !during {
				if m, err := s.Mine(t.Context(), my); err != nil || len(m.Offers) != 1 || m.Offers[0].Told != "" {
					t.Errorf("shown: %+v %v", m, err)
				}
				must(t, s.WithdrawOffer(t.Context(), my, id))
			}
			before := len(s.box.mails)
			s.clock.Move(time.Hour)
			s.work()
			if m := s.last(); len(s.box.mails) != before+1 || m.To != coordinator || m.ReplyTo != "" || !strings.Contains(m.Text, "Ana") {
				t.Errorf("%d mails came: %+v", len(s.box.mails)-before, m)
			}
		})
	}
}
