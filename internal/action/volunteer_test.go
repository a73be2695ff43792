package action

import (
	"bytes"
	"encoding/hex"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/mail"
	"github.com/undersigned/undersigned/internal/seal"
	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/internal/store/storetest"
)

const coordinator, owner = "rosa@project.example", "owner@cause.example"

// runOffers is run with an opportunity besides.
func runOffers(t *testing.T, test func(*testing.T, *testSite)) {
	run(t, func(t *testing.T, s *testSite) {
		s.Owner = owner
		s.load(volunteerContent())
		test(t, s)
	})
}

func volunteerContent() *undersigned.Content {
	c := testContent()
	c.Actions = append(c.Actions, undersigned.Action{Issue: "cause", Slug: "help", Kind: undersigned.Volunteer, State: undersigned.ActionOpen, Order: 9,
		Texts: map[string]undersigned.ActionText{"en": {Title: "Help us", Ask: "Please.", Opportunity: undersigned.OpportunityText{
			Questions: []undersigned.QuestionText{{Question: "When?", Choices: []string{"Weekdays", "Weekends"}}}}}},
		Opportunity: undersigned.Opportunity{Coordinator: undersigned.Coordinator{Email: coordinator},
			Questions: []undersigned.Question{{Slug: "when", Kind: undersigned.ChoiceQuestion, Required: true}}}})
	return c
}

func (s *testSite) offerInput(email string) OfferInput {
	s.t.Helper()
	return OfferInput{Issue: "cause", Action: "help", Language: "en", FormToken: s.FormToken(s.action("help"), s.Now()),
		Form: undersigned.SubmissionForm{GivenName: "Ana", FamilyName: "Silva", Email: email, Comment: "Canary of an offer.",
			Answers: map[string]string{"when": "2"}}}
}

// offerLink sends the form and gives the token of the link that came by mail.
func (s *testSite) offerLink(email string) string {
	s.t.Helper()
	must(s.t, s.Volunteer(s.t.Context(), s.offerInput(email)))
	before := len(s.box.mails)
	s.work()
	if len(s.box.mails) != before+1 {
		s.t.Fatalf("%d mails came, want 1", len(s.box.mails)-before)
	}
	return tokenIn(s.t, s.box.mails[before], "/confirm/offer/")
}

func (s *testSite) confirmOffer(token string, want OfferOutcome) *OfferConfirmation {
	s.t.Helper()
	c, err := s.ConfirmOffer(s.t.Context(), token)
	must(s.t, err)
	if c.Outcome != want {
		s.t.Fatalf("confirmed: %s, want %s", c.Outcome, want)
	}
	return c
}

// offers goes the whole way, and gives the link to what was offered and the coordinator's.
func (s *testSite) offers(email string) (my, desk string) {
	s.t.Helper()
	my = s.confirmOffer(s.offerLink(email), OfferMade).MyToken
	s.work()
	return my, tokenIn(s.t, s.last(), "/offers/")
}

func (s *testSite) last() *mail.Message { return s.box.mails[len(s.box.mails)-1] }

// submissions reads all rows.
func (s *testSite) submissions() (rows []*store.SubmissionRow) {
	s.t.Helper()
	must(s.t, s.DB.View(s.t.Context(), func(tx *store.Tx) (err error) { rows, err = tx.Submissions(); return err }))
	return rows
}

func (s *testSite) wantState(desk string, want undersigned.SubmissionState) {
	s.t.Helper()
	d, err := s.Desk(s.t.Context(), desk)
	must(s.t, err)
	if d.State != want {
		s.t.Errorf("the offer is %s, want %s", d.State, want)
	}
}

func TestOfferSentTwiceIsOneOffer(t *testing.T) {
	runOffers(t, func(t *testing.T, s *testSite) {
		first, second := s.offerLink("ana@example.org"), s.offerLink("ANA+x@example.org")
		s.confirmOffer(first, OfferMade)
		s.confirmOffer(first, OfferThere)
		if c := s.confirmOffer(second, OfferOther); c.State != undersigned.SubmissionReceived || c.MyToken == "" {
			t.Errorf("said of the first: %+v", c)
		}
		s.confirmOffer(second, OfferOther)
		s.work()
		if n := len(s.submissions()); n != 1 || len(s.box.mails) != 3 {
			t.Errorf("%d offers, %d mails", n, len(s.box.mails))
		}
		desk := tokenIn(t, s.last(), "/offers/")
		must(t, s.MoveOffer(t.Context(), desk, undersigned.SubmissionDeclined))
		s.confirmOffer(second, OfferMade) // now nothing stands in its way
		s.work()
		wantKind(t, s.MoveOffer(t.Context(), desk, undersigned.SubmissionInTouch), undersigned.Invalid, "error.offer.other")
	})
}

func TestNothingOfAnOfferCanBeReadAtRestBeforeOrAfterTheClick(t *testing.T) {
	runOffers(t, func(t *testing.T, s *testSite) {
		readable := func(when string) {
			t.Helper()
			var dump bytes.Buffer
			must(t, s.DB.View(t.Context(), func(tx *store.Tx) error { return tx.Dump(&dump) }))
			for _, canary := range []string{"Canary", "Silva", "ana@example.org", "Weekends\""} {
				if strings.Contains(strings.ReplaceAll(dump.String(), `[\"Weekdays\",\"Weekends\"]`, ""), canary) {
					t.Errorf("%s: the rows hold %q", when, canary)
				}
			}
		}
		must(t, s.Volunteer(t.Context(), s.offerInput("ana@example.org")))
		readable("before the mail")
		s.work()
		token := tokenIn(t, s.last(), "/confirm/offer/")
		readable("before the click")
		s.confirmOffer(token, OfferMade)
		readable("after the click")
	})
}

func TestCoordinatorSetsTheStateByTheRulesAndOnlyThatOfTheirOwnOffers(t *testing.T) {
	runOffers(t, func(t *testing.T, s *testSite) {
		_, desk := s.offers("ana@example.org")
		m := s.last()
		if m.To != coordinator || m.ReplyTo != "ana@example.org" || strings.Contains(m.Subject, "Ana") {
			t.Errorf("to %s, answers to %s: %s", m.To, m.ReplyTo, m.Subject)
		}
		wantKind(t, s.MoveOffer(t.Context(), desk, undersigned.SubmissionDone), undersigned.Invalid, "error.offer.step")
		wantKind(t, s.MoveOffer(t.Context(), desk, undersigned.SubmissionWithdrawn), undersigned.Invalid, "error.offer.step")
		wantKind(t, s.MoveOffer(t.Context(), desk, "nonsense"), undersigned.Invalid, "error.offer.step")
		must(t, s.MoveOffer(t.Context(), desk, undersigned.SubmissionReceived)) // as it is
		must(t, s.MoveOffer(t.Context(), desk, undersigned.SubmissionActive))
		s.wantState(desk, undersigned.SubmissionActive)
		_, err := s.Desk(t.Context(), desk[:len(desk)-2])
		wantKind(t, err, undersigned.Gone, "error.link_dead")

		// Whoever coordinates no longer sees nothing any more.
		c := volunteerContent()
		c.Action("help").Opportunity.Coordinator.Email = "other@project.example"
		s.load(c)
		_, err = s.Desk(t.Context(), desk)
		wantKind(t, err, undersigned.Gone, "error.link_dead")
	})
}

func TestOfferThatIsLeftAloneRemindsTheCoordinatorAfter7DaysAndTheOwnerAfter14(t *testing.T) {
	runOffers(t, func(t *testing.T, s *testSite) {
		_, touched := s.offers("bo@example.org")
		must(t, s.MoveOffer(t.Context(), touched, undersigned.SubmissionInTouch))
		s.offers("ana@example.org")
		before := len(s.box.mails)
		var told []string
		for n := range 30 {
			s.clock.Move(24 * time.Hour)
			for range 2 { // twice a day, or on two nodes
				must(t, s.RemindOfOffers(t.Context()))
			}
			s.claim() // by a worker that dies
			s.clock.Move(s.queue.Lease)
			s.work()
			for _, m := range s.box.mails[before:] {
				told = append(told, m.To)
				if m.To == owner && (m.ReplyTo != "" || strings.Contains(m.Text, "Canary") || strings.Contains(m.Text, "Ana")) {
					t.Error("the owner's mail names the volunteer")
				}
				if want := map[string]int{coordinator: 7, owner: 14}[m.To]; n+1 != want {
					t.Errorf("%s is told after %d days, want %d", m.To, n+1, want)
				}
			}
			before = len(s.box.mails)
		}
		if len(told) != 2 || told[0] != coordinator || told[1] != owner {
			t.Errorf("told: %v", told)
		}
		s.wantState(tokenIn(t, s.last(), "/offers/"), undersigned.SubmissionReceived) // the owner's link works
	})
}

func TestOwnerWhoIsNamedLateIsToldThen(t *testing.T) {
	runOffers(t, func(t *testing.T, s *testSite) {
		s.Owner = ""
		s.offers("ana@example.org")
		s.clock.Move(20 * 24 * time.Hour)
		must(t, s.RemindOfOffers(t.Context()))
		s.work()
		if m := s.last(); m.To != coordinator {
			t.Errorf("%s is told", m.To)
		}
		s.Owner = owner
		must(t, s.RemindOfOffers(t.Context()))
		s.work()
		if m := s.last(); m.To != owner {
			t.Errorf("%s is told", m.To)
		}
	})
}

func TestOfferThatIsTakenBackIsDestroyedAndTheCoordinatorTold(t *testing.T) {
	runOffers(t, func(t *testing.T, s *testSite) {
		token := s.offerLink("ana@example.org")
		my := s.confirmOffer(token, OfferMade).MyToken
		s.work()
		id := hex.EncodeToString(s.submissions()[0].ID[:])
		other, _ := s.offers("bo@example.org")
		wantKind(t, s.WithdrawOffer(t.Context(), other, id), undersigned.NotFound, "error.not_found")

		mine, err := s.Mine(t.Context(), my)
		must(t, err)
		if len(mine.Offers) != 1 || mine.Offers[0].Told == "" {
			t.Fatalf("shown: %+v", mine.Offers)
		}
		for range 2 {
			must(t, s.WithdrawOffer(t.Context(), my, id))
		}
		s.work()
		m := s.last()
		if m.To != coordinator || m.ReplyTo != "" || !strings.Contains(m.Text, "Ana") || strings.Contains(m.Text, "Silva") || strings.Contains(m.Text, "Canary") {
			t.Errorf("the coordinator is told: %+v", m)
		}
		d, err := s.Desk(t.Context(), tokenIn(t, m, "/offers/"))
		must(t, err)
		if d.Submission != nil || d.State != undersigned.SubmissionWithdrawn {
			t.Errorf("the page still has %+v", d)
		}
		s.confirmOffer(token, OfferWithdrawn)
		s.offers("ana@example.org") // and can offer again
	})
}

func TestOfferThatNoMailServerTookIsTakenBackWithoutAMail(t *testing.T) {
	runOffers(t, func(t *testing.T, s *testSite) {
		token := s.offerLink("ana@example.org")
		s.box.wrong = func(int, *mail.Message) error { return &mail.Error{Step: "connect"} }
		my := s.confirmOffer(token, OfferMade).MyToken
		s.work()
		mine, err := s.Mine(t.Context(), my)
		must(t, err)
		if mine.Offers[0].Told != "" {
			t.Error("it is said to have reached the coordinator")
		}
		must(t, s.WithdrawOffer(t.Context(), my, mine.Offers[0].ID))
		s.box.wrong = nil
		s.clock.Move(time.Hour)
		s.work()
		if n := len(s.box.mails); n != 1 || s.jobs() != 0 {
			t.Errorf("%d mails, %d jobs", n, s.jobs())
		}
	})
}

func TestOfferSurvivesAMailServerThatFails(t *testing.T) {
	runOffers(t, func(t *testing.T, s *testSite) {
		token := s.offerLink("ana@example.org")
		s.confirmOffer(token, OfferMade)
		s.box.wrong = func(n int, _ *mail.Message) error {
			if n < 5 {
				return &mail.Error{Step: "connect"}
			}
			return nil
		}
		for range 6 {
			s.work()
			s.clock.Move(time.Hour)
		}
		if m := s.last(); m.To != coordinator || len(s.box.mails) != 2 || s.submissions()[0].Told == "" {
			t.Errorf("%d mails, the last to %s", len(s.box.mails), m.To)
		}

		// A server that takes nothing for this address: said to nobody but the owner, after 14 days.
		token = s.offerLink("bo@example.org")
		s.box.wrong = func(_ int, m *mail.Message) error {
			if m.To == coordinator {
				return &mail.Error{Step: "rcpt", Permanent: true}
			}
			return nil
		}
		s.confirmOffer(token, OfferMade)
		for range 20 {
			s.work()
			s.clock.Move(24 * time.Hour)
			must(t, s.RemindOfOffers(t.Context()))
		}
		s.work()
		toOwner := 0
		for _, m := range s.box.mails {
			if m.To == owner {
				toOwner++
			}
		}
		if toOwner != 2 {
			t.Errorf("the owner had %d mails, want one for each offer", toOwner)
		}
	})
}

func TestNobodyLearnsFromAnAnswerWhetherAnAddressHasOffered(t *testing.T) {
	runOffers(t, func(t *testing.T, s *testSite) {
		s.offers("ana@example.org")
		stop := tokenIn(t, s.box.mails[0], "/unsubscribe/")
		for _, email := range []string{"new@example.org", "ana@example.org"} {
			if err := s.Volunteer(t.Context(), s.offerInput(email)); err != nil {
				t.Errorf("%s: %v", email, err)
			}
		}
		must(t, s.StopMail(t.Context(), stop, false))
		for range 5 { // blocked, and over every limit
			must(t, s.Volunteer(t.Context(), s.offerInput("ana@example.org")))
		}
		before := len(s.box.mails)
		s.work()
		if n := len(s.box.mails) - before; n != 1 || s.last().To != "new@example.org" {
			t.Errorf("%d mails, the last to %s", n, s.last().To)
		}
	})
}

func TestOfferIsRefusedWhereNobodyWouldReadItOrTheQuestionsChanged(t *testing.T) {
	runOffers(t, func(t *testing.T, s *testSite) {
		old, token := s.offerInput("ana@example.org"), s.offerLink("bo@example.org")
		c := volunteerContent()
		c.Action("help").Texts["en"].Opportunity.Questions[0].Choices[1] = "Nights"
		s.load(c)
		wantKind(t, s.Volunteer(t.Context(), old), undersigned.Invalid, "error.form_token")
		must(t, s.Volunteer(t.Context(), s.offerInput("ana@example.org")))

		c = volunteerContent()
		c.Action("help").Opportunity.Coordinator = undersigned.Coordinator{}
		s.load(c)
		wantKind(t, s.Volunteer(t.Context(), s.offerInput("ana@example.org")), undersigned.Gone, "error.offer.not_taken")
		s.confirmOffer(token, OfferClosed)
		c.Action("help").State = undersigned.ActionPaused
		s.load(c)
		wantKind(t, s.Volunteer(t.Context(), s.offerInput("ana@example.org")), undersigned.Gone, "error.paused")
		in := s.offerInput("ana@example.org")
		in.Action = "petition"
		wantKind(t, s.Volunteer(t.Context(), in), undersigned.NotFound, "error.not_found")
	})
}

func TestOfferIsKeptNoLongerThanIsPromised(t *testing.T) {
	runOffers(t, func(t *testing.T, s *testSite) {
		must(t, s.Volunteer(t.Context(), s.offerInput("never@example.org")))
		s.work()
		_, declined := s.offers("ana@example.org")
		s.offers("bo@example.org")
		must(t, s.MoveOffer(t.Context(), declined, undersigned.SubmissionDeclined))
		pid := s.action("help").PID
		left := func(after int) (n int, waiting int64) {
			must(t, s.RemindOfOffers(t.Context()))
			s.sweep()
			must(t, s.DB.View(t.Context(), func(tx *store.Tx) (err error) {
				waiting, err = tx.CountWaitingSubmissionsBefore("9999-01-01")
				return err
			}))
			return len(s.submissions()), waiting
		}
		for _, c := range []struct{ day, offers, waiting int }{{3, 2, 1}, {6, 2, 0}, {89, 2, 0}, {90, 1, 0}, {364, 1, 0}, {365, 0, 0}} {
			s.clock.Move(time.Duration(c.day)*day - s.Now().Sub(storetest.Noon))
			if offers, waiting := left(c.day); offers != c.offers || int(waiting) != c.waiting {
				t.Errorf("after %d days %d offers and %d that wait, want %d and %d", c.day, offers, waiting, c.offers, c.waiting)
			}
		}
		if _, err := s.Desk(t.Context(), declined); undersigned.KindOf(err) != undersigned.Gone {
			t.Errorf("the page of an erased offer: %v", err)
		}

		// The keys live as long as the ask is open, and 90 days.
		if _, err := s.Keys.Data(t.Context(), pid); err != nil {
			t.Error(err)
		}
		c := volunteerContent()
		c.Action("help").State = undersigned.ActionClosed
		s.load(c)
		left(0)
		s.clock.Move(89 * day)
		left(0)
		if _, err := s.Keys.Data(t.Context(), pid); err != nil {
			t.Error(err)
		}
		s.clock.Move(2 * day)
		left(0)
		if _, err := s.Keys.Data(t.Context(), pid); !errors.Is(err, seal.ErrKeyDestroyed) {
			t.Errorf("the key after 91 days: %v", err)
		}
		s.load(volunteerContent())
		if fresh := s.action("help").PID; fresh == pid || fresh == "" {
			t.Errorf("opened again with the pid %q", fresh)
		}
	})
}

func TestImportKeepsAnOpportunityThatHasOffers(t *testing.T) {
	runOffers(t, func(t *testing.T, s *testSite) {
		my, _ := s.offers("ana@example.org")
		s.load(testContent())
		if a := s.action("help"); a.State != undersigned.ActionClosed {
			t.Errorf("it is %s", a.State)
		}
		if m, err := s.Mine(t.Context(), my); err != nil || len(m.Offers) != 1 {
			t.Errorf("shown: %+v, %v", m, err)
		}
		c := volunteerContent()
		c.Action("help").Kind = undersigned.Petition
		if _, err := s.Import(t.Context(), undersigned.UserID{}, c, true); err == nil {
			t.Error("it became a petition")
		}
	})
}

func TestManyOffersFromOneAddressAreAskedToWait(t *testing.T) {
	runOffers(t, func(t *testing.T, s *testSite) {
		in := s.offerInput("ana@example.org")
		in.Visitor = Visitor{Addr: netip.MustParseAddr("192.0.2.1")}
		var token string
		for range 21 {
			if err := s.Volunteer(t.Context(), in); err != nil {
				token = wantWait(t, err).Token
			}
		}
		s.work()
		before := len(s.box.mails)
		_, err := s.VolunteerAfterWaiting(t.Context(), "cause", "help", token)
		wantWait(t, err)
		s.clock.Move(24 * time.Hour)
		for range 2 {
			_, err := s.VolunteerAfterWaiting(t.Context(), "cause", "help", token)
			must(t, err)
		}
		s.work()
		if n := len(s.box.mails) - before; n != 1 {
			t.Errorf("%d mails", n)
		}
		s.confirmOffer(tokenIn(t, s.last(), "/confirm/offer/"), OfferMade)
	})
}

func TestRestoredBackupTakesBackAgainWhatWasTakenBack(t *testing.T) {
	runOffers(t, func(t *testing.T, s *testSite) {
		my, _ := s.offers("ana@example.org")
		kept, desk := s.offers("bo@example.org")
		must(t, s.Volunteer(t.Context(), s.offerInput("cy@example.org")))
		s.tick()
		file := s.backup()
		mine, err := s.Mine(t.Context(), my)
		must(t, err)
		must(t, s.WithdrawOffer(t.Context(), my, mine.Offers[0].ID))
		s.work()

		o := s.elsewhere(file)[s.DB.Engine()]
		ledger, err := OpenLedger(o.Dir)
		must(t, err)
		must(t, ledger.Close())
		o.Ledgers = []string{s.ledgerPath()}
		_, err = Restore(t.Context(), o)
		must(t, err)
		again := s.open(o)
		if m, err := again.Mine(t.Context(), my); err != nil || len(m.Offers) != 0 {
			t.Errorf("restored: %+v, %v", m, err)
		}
		if m, err := again.Mine(t.Context(), kept); err != nil || len(m.Offers) != 1 {
			t.Errorf("lost: %+v, %v", m, err)
		}
		again.wantState(desk, undersigned.SubmissionReceived)
		states := map[undersigned.SubmissionState]int{}
		for _, row := range again.submissions() {
			states[row.State]++
		}
		if states[undersigned.SubmissionWithdrawn] != 1 || states[undersigned.SubmissionReceived] != 1 {
			t.Errorf("restored: %v", states)
		}
	})
}
