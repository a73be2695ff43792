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
	"github.com/undersigned/undersigned/internal/job"
	"github.com/undersigned/undersigned/internal/mail"
	"github.com/undersigned/undersigned/internal/seal"
	"github.com/undersigned/undersigned/internal/store"
)

// letterContent is testContent with a letter to three addressees, of whom two have e-mail.
func letterContent() *undersigned.Content {
	c := testContent()
	c.Actions = append(c.Actions, undersigned.Action{Issue: "cause", Slug: "write", Kind: undersigned.Letter, State: undersigned.ActionOpen, Order: 4,
		Addressees: []undersigned.Addressee{
			{Slug: "governor", Name: "The Governor", Role: "Governor", Email: "governor@state.example", Phone: "617-555-0100"},
			{Slug: "director", Name: "The Director", Role: "Director", Email: "director@office.example"},
			{Slug: "paper", Name: "The Bishop", Role: "Bishop", Address: "1 Main Street"}},
		Texts: map[string]undersigned.ActionText{"en": {Title: "Write", Ask: "Please write.", Subject: "Families", Words: "Keep families together."}}})
	return c
}

// letterQueueOf works on a site's letters, without a pause.
func letterQueueOf(s *testSite) *job.Queue {
	return s.LetterQueue(s.post, Pace{})
}

// deliver makes each try that is due, once.
func (s *testSite) deliver(q *job.Queue) (done int) {
	s.t.Helper()
	var jobs []store.Job
	must(s.t, s.DB.Update(s.t.Context(), store.Jobs, func(tx *store.Tx) (err error) {
		jobs, err = tx.Claim(letterQueue, 1000, q.Lease)
		return err
	}))
	for _, j := range jobs {
		again, finish := q.Do(s.t.Context(), &j)
		must(s.t, s.DB.Update(s.t.Context(), store.Jobs, func(tx *store.Tx) error {
			if !again.IsZero() {
				return tx.Postpone(j, again)
			}
			if finish != nil {
				must(s.t, finish(tx))
			}
			return tx.Finish(j)
		}))
		done++
	}
	return done
}

func (s *testSite) letterInput(email string) WriteInput {
	return WriteInput{Issue: "cause", Action: "write", Token: s.OutreachToken(s.action("write")), Language: "en", Rewritten: 40,
		Message:   undersigned.Message{Subject: "About my cousin", Text: "She has raised two children.\n\nPlease help."},
		GivenName: "Ana", FamilyName: "Silva", Email: email, Locality: "Lowell, 01852"}
}

// writeLetter sends a letter's form and gives the token of the link that came by mail.
func (s *testSite) writeLetter(in WriteInput) string {
	s.t.Helper()
	before := len(s.box.mails)
	must(s.t, s.WriteLetter(s.t.Context(), in))
	s.work()
	if len(s.box.mails) != before+1 {
		s.t.Fatalf("%d mails came, want 1", len(s.box.mails)-before)
	}
	return tokenIn(s.t, s.box.mails[before], "/confirm/letter/")
}

// states are the deliveries behind a letter's link, as "target state reply".
func (s *testSite) states(token string) (states []string) {
	s.t.Helper()
	p, err := s.OpenLetter(s.t.Context(), token)
	must(s.t, err)
	for _, d := range p.Deliveries {
		states = append(states, strings.TrimSpace(fmt.Sprintf("%s %s %s", d.Target, d.State, d.Reply)))
	}
	return states
}

func wantStates(t testing.TB, got []string, want ...string) {
	t.Helper()
	if strings.Join(got, "; ") != strings.Join(want, "; ") {
		t.Errorf("the deliveries are %q, want %q", got, want)
	}
}

func TestLetterGoesToEachOfficeOnceAfterTheButton(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.load(letterContent())
		q, in := letterQueueOf(s), s.letterInput("ana@mail.example")
		token := s.writeLetter(in)
		p, err := s.OpenLetter(t.Context(), token)
		must(t, err)
		if p.Confirmed || p.Message != in.Message || p.Writer.Email != "ana@mail.example" || len(p.To) != 2 || s.deliver(q) != 0 {
			t.Fatalf("before the button: %+v", p)
		}
		again := s.writeLetter(in) // pressed twice: a second mail, and the same letter
		for _, token := range []string{token, again, token} {
			p, err = s.ConfirmLetter(t.Context(), token)
			must(t, err)
			if !p.Confirmed || len(p.Deliveries) != 2 {
				t.Fatalf("confirmed: %+v", p)
			}
		}
		wantStates(t, s.states(token), "director queued", "governor queued")
		s.box.reply = "2.0.0 Ok: queued as 4Zx1"
		if n := s.deliver(q); n != 2 || len(s.box.mails) != 4 {
			t.Fatalf("%d tries, %d mails", n, len(s.box.mails))
		}
		wantStates(t, s.states(token), "director accepted 250 2.0.0 Ok: queued as 4Zx1", "governor accepted 250 2.0.0 Ok: queued as 4Zx1")
		m := s.box.mails[2]
		if m.ReplyTo != "ana@mail.example" || !strings.Contains(m.From, "Ana Silva") || !strings.Contains(m.From, "hello@cause.example") ||
			m.Subject != "About my cousin" || !strings.Contains(m.Text, "She has raised two children.\n\nPlease help.\n\nAna Silva\nLowell, 01852\nana@mail.example") {
			t.Errorf("the office gets %+v", m)
		}
		if m.ID == s.box.mails[3].ID {
			t.Error("two letters have one Message-ID")
		}
		mine, err := s.Mine(t.Context(), p.MyToken)
		must(t, err)
		if len(mine.Letters) != 1 || len(mine.Letters[0].Deliveries) != 2 || mine.Letters[0].Action.Slug != "write" {
			t.Errorf("their page shows %+v", mine.Letters)
		}
		if p, err = s.OpenLetter(t.Context(), token); err != nil || p.Message.Text != "" || p.Writer.Email != "" {
			t.Errorf("the words are still there: %+v %v", p, err)
		}
		if p, err = s.ConfirmLetter(t.Context(), again); err != nil || len(p.Deliveries) != 2 || s.deliver(q) != 0 {
			t.Errorf("pressed once more: %+v %v", p, err)
		}
	})
}

// Whoever has a page can type any address there; the link that comes to their own must lead to nothing of its owner's.
func TestTwoAddressesOfOnePageHaveALetterEach(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.load(letterContent())
		q, mine := letterQueueOf(s), s.letterInput("attacker@mail.example")
		theirs := mine
		theirs.Email, theirs.Message.Text = "victim@mail.example", "Not their words."
		link := s.writeLetter(mine)
		other := s.writeLetter(theirs)
		p, err := s.ConfirmLetter(t.Context(), link)
		must(t, err)
		if p.Message != mine.Message || p.Writer.Email != mine.Email {
			t.Errorf("the link leads to the letter of %s", p.Writer.Email)
		}
		if m, err := s.Mine(t.Context(), p.MyToken); err != nil || m.Email != mine.Email || len(m.Letters) != 1 {
			t.Errorf("the page leads to all of %+v: %v", m, err)
		}
		s.deliver(q)
		for _, m := range s.box.mails[2:] {
			if m.ReplyTo != mine.Email {
				t.Errorf("an office got a letter of %s", m.ReplyTo)
			}
		}
		if p, err = s.OpenLetter(t.Context(), other); err != nil || p.Confirmed || p.Message != theirs.Message {
			t.Errorf("the other letter is %+v: %v", p, err)
		}
	})
}

func TestWhatIsNotedByHandStandsApartFromTheLetter(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.load(letterContent())
		in := s.letterInput("ana@mail.example")
		must(t, s.NoteSent(t.Context(), OutreachInput{Issue: "cause", Action: "write", Token: in.Token, Target: "governor"}, undersigned.ByPhone, 40))
		token := s.writeLetter(in)
		_, err := s.ConfirmLetter(t.Context(), token)
		must(t, err)
		s.deliver(letterQueueOf(s))
		wantStates(t, s.states(token), "director accepted 250", "governor accepted 250")
		if p, err := s.OpenLetter(t.Context(), token); err != nil || p.Message.Text != "" {
			t.Errorf("its words are still there: %v", err)
		}
		if sent, err := s.SentByHand(t.Context(), in.Token, s.action("write")); err != nil || len(sent) != 1 || sent[0].State != undersigned.DeliveryByHand {
			t.Errorf("noted by hand is %+v: %v", sent, err)
		}
	})
}

func TestEachOfficeHasItsOwnFate(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.load(letterContent())
		q := letterQueueOf(s)
		token := s.writeLetter(s.letterInput("ana@mail.example"))
		_, err := s.ConfirmLetter(t.Context(), token)
		must(t, err)
		s.box.wrong = func(_ int, m *mail.Message) error {
			if m.To == "governor@state.example" {
				return &mail.Error{Step: "rcpt", Code: 550, Enhanced: "5.1.1", Permanent: true}
			}
			return &mail.Error{Step: "connect", Err: errors.New("refused")}
		}
		s.deliver(q)
		wantStates(t, s.states(token), "director queued", "governor refused 550 5.1.1")
		for range letterTries {
			s.clock.Move(time.Hour)
			s.deliver(q)
		}
		wantStates(t, s.states(token), "director failed", "governor refused 550 5.1.1")
		if n := s.deliver(q); n != 0 {
			t.Errorf("%d more tries", n)
		}
	})
}

// What the mail server had whole and did not answer is never sent again, whether it hung, hung up, or we crashed.
func TestUnansweredLetterIsNotSentAgain(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.load(letterContent())
		q := letterQueueOf(s)
		token := s.writeLetter(s.letterInput("ana@mail.example"))
		_, err := s.ConfirmLetter(t.Context(), token)
		must(t, err)
		tries := map[string]int{}
		s.box.wrong = func(_ int, m *mail.Message) error {
			tries[m.To]++
			if m.To == "governor@state.example" {
				must(t, m.Last())
				return &mail.Error{Step: "end", Uncertain: true, Err: context.DeadlineExceeded}
			}
			if tries[m.To] == 1 { // all of it was there, and the server said: later
				must(t, m.Last())
				return &mail.Error{Step: "end", Code: 451}
			}
			return nil
		}
		s.deliver(q)
		wantStates(t, s.states(token), "director queued", "governor handed over")
		for range 3 {
			s.clock.Move(time.Hour)
			s.deliver(q)
		}
		wantStates(t, s.states(token), "director accepted 250", "governor handed over")
		if tries["governor@state.example"] != 1 || tries["director@office.example"] != 2 {
			t.Errorf("tries %v", tries)
		}
	})
}

// A process dies after the delivery was noted and before it heard an answer; another takes the job over.
func TestCrashAfterTheLastWordIsNotMadeGoodByASecondLetter(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.load(letterContent())
		q := letterQueueOf(s)
		token := s.writeLetter(s.letterInput("ana@mail.example"))
		_, err := s.ConfirmLetter(t.Context(), token)
		must(t, err)
		var jobs []store.Job
		must(t, s.DB.Update(t.Context(), store.Jobs, func(tx *store.Tx) (err error) { jobs, err = tx.Claim(letterQueue, 1, q.Lease); return err }))
		q.Do(t.Context(), &jobs[0]) // and then nothing is committed
		s.clock.Move(q.Lease)
		s.deliver(q)
		to := map[string]int{}
		for _, m := range s.box.mails[1:] {
			to[m.To]++
		}
		if to["governor@state.example"] != 1 || to["director@office.example"] != 1 {
			t.Errorf("letters came %v", to)
		}
		if got := strings.Join(s.states(token), " "); strings.Count(got, "handed over") != 1 || strings.Count(got, "accepted") != 1 {
			t.Errorf("the deliveries are %q", got)
		}
	})
}

func TestNothingTellsWhoWroteLetters(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.load(letterContent())
		for _, email := range []string{"new@mail.example", "never@mail.example", "limited@mail.example"} {
			if email == "never@mail.example" {
				hash := s.Keys.Hash(neverPurpose, seal.NormalizeEmail(email))
				must(t, s.DB.Update(t.Context(), store.Client, func(tx *store.Tx) error { return tx.NeverMail(hash[:]) }))
			}
			for range 5 {
				must(t, s.WriteLetter(t.Context(), s.letterInput(email)))
			}
		}
		s.work()
		got := map[string]int{}
		for _, m := range s.box.mails {
			got[m.To]++
		}
		if got["new@mail.example"] != mailsPerAction || got["never@mail.example"] != 0 || got["limited@mail.example"] != mailsPerAction {
			t.Errorf("mails came %v", got)
		}
		m, err := s.Mine(t.Context(), s.myToken("new@mail.example"))
		must(t, err)
		if len(m.Letters) != 0 {
			t.Error("a draft shows on a page of somebody who has confirmed nothing")
		}
	})
}

func TestLettersAreForgottenInTime(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.load(letterContent())
		q := letterQueueOf(s)
		unconfirmed := s.writeLetter(s.letterInput("draft@mail.example"))
		sent := s.writeLetter(s.letterInput("ana@mail.example"))
		p, err := s.ConfirmLetter(t.Context(), sent)
		must(t, err)
		s.deliver(q)
		stuck := s.writeLetter(s.letterInput("stuck@mail.example"))
		_, err = s.ConfirmLetter(t.Context(), stuck)
		must(t, err)
		s.clock.Move(5 * 24 * time.Hour)
		_, err = s.Purge(t.Context())
		must(t, err)
		for _, token := range []string{unconfirmed, sent, stuck} {
			if _, err := s.OpenLetter(t.Context(), token); undersigned.KindOf(err) != undersigned.Gone {
				t.Errorf("a link is alive: %v", err)
			}
		}
		find := func(email string) int {
			m, err := s.Mine(t.Context(), s.myToken(email))
			must(t, err)
			return len(m.Letters)
		}
		if find("ana@mail.example") != 1 || find("stuck@mail.example") != 1 || find("draft@mail.example") != 0 {
			t.Error("the wrong letters are found")
		}
		m, err := s.Mine(t.Context(), s.myToken("stuck@mail.example"))
		must(t, err)
		for _, d := range m.Letters[0].Deliveries {
			if d.State != undersigned.DeliveryFailed {
				t.Errorf("a letter whose words are gone is %s", d.State)
			}
		}
		s.clock.Move(130 * 24 * time.Hour)
		_, err = s.Purge(t.Context())
		must(t, err)
		if find("ana@mail.example") != 0 {
			t.Error("a writer can be found after four months")
		}
		_ = p
	})
}

func TestLettersToOneAddressGoSlowlyOverARestart(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.load(letterContent())
		confirm := func(email string) {
			_, err := s.ConfirmLetter(t.Context(), s.writeLetter(s.letterInput(email)))
			must(t, err)
		}
		for i := range 4 {
			confirm(fmt.Sprintf("writer%d@mail.example", i))
		}
		begin, came := s.clock.Now(), map[string][]time.Duration{}
		deliver := func(times int) {
			q := s.LetterQueue(s.post, Pace{Each: 10 * time.Second})
			for range times {
				before := len(s.box.mails)
				s.deliver(q)
				for _, m := range s.box.mails[before:] {
					came[m.To] = append(came[m.To], s.clock.Now().Sub(begin))
				}
				s.clock.Move(5 * time.Second)
			}
		}
		deliver(3)
		// Another process: those that wait keep their turns, and one that comes now goes behind them.
		must(t, s.ReclaimLetters(t.Context()))
		confirm("late@mail.example")
		deliver(8)
		for _, to := range []string{"director@office.example", "governor@state.example"} {
			if want := []time.Duration{0, 10 * time.Second, 20 * time.Second, 30 * time.Second, 40 * time.Second}; !slices.Equal(came[to], want) {
				t.Errorf("letters came to %s after %v, want %v", to, came[to], want)
			}
		}
	})
}

func TestReplyThatNamesThePersonIsCutToItsCodes(t *testing.T) {
	writer := &undersigned.Writer{GivenName: "Ana", FamilyName: "Silva", Email: "asilva@mail.example", Locality: "Lowell"}
	for reply, want := range map[string]string{
		"250 2.0.0 Ok: queued as 4Zx1":               "250 2.0.0 Ok: queued as 4Zx1",
		"250 2.1.5 Recipient <x@y.example> accepted": "250 2.1.5",
		"250 thank you, ANA":                         "250",
		"250 2.0.0 " + strings.Repeat("x", 300):      "250 2.0.0",
	} {
		if got := impersonal(reply, writer); got != want {
			t.Errorf("%q is kept as %q, want %q", reply, got, want)
		}
	}
}
