package action

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/job"
	"github.com/undersigned/undersigned/internal/mail"
	"github.com/undersigned/undersigned/internal/store"
)

// unanswered is a letter that the governor's server took without a word, and the director's with one.
func (s *testSite) unanswered(q *job.Queue) (token string, p *LetterPage) {
	s.t.Helper()
	token = s.writeLetter(s.letterInput("ana@mail.example"))
	p, err := s.ConfirmLetter(s.t.Context(), token)
	must(s.t, err)
	s.box.wrong = func(_ int, m *mail.Message) error {
		if m.To != "governor@state.example" {
			return nil
		}
		must(s.t, m.Last())
		return &mail.Error{Step: "end", Uncertain: true, Err: context.DeadlineExceeded}
	}
	s.deliver(q)
	s.box.wrong = nil
	wantStates(s.t, s.states(token), "director accepted 250", "governor handed over")
	return token, p
}

// lettersTo counts those that came to an address.
func (s *testSite) lettersTo(address string) (n int) {
	for _, m := range s.box.mails {
		if m.To == address {
			n++
		}
	}
	return n
}

func (s *testSite) myLetter(token string) *MyLetter {
	s.t.Helper()
	m, err := s.Mine(s.t.Context(), token)
	must(s.t, err)
	if len(m.Letters) != 1 {
		s.t.Fatalf("%d letters", len(m.Letters))
	}
	return &m.Letters[0]
}

func TestUnansweredLetterGoesOnceMoreWhereItsWriterWantsIt(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.load(letterContent())
		q := letterQueueOf(s)
		token, p := s.unanswered(q)
		s.clock.Move(2 * 24 * time.Hour)
		my := s.myToken("ana@mail.example")
		l := s.myLetter(my)
		if l.Message != p.Message || l.Message.Text == "" {
			t.Errorf("the words are not there to copy: %+v", l.Message)
		}
		if may := []bool{l.MayGoAgain(&l.Deliveries[0]), l.MayGoAgain(&l.Deliveries[1])}; may[0] || !may[1] {
			t.Errorf("director and governor may have it again: %v", may)
		}
		wantKind(t, s.WriteAgain(t.Context(), my, l.ID, "director"), undersigned.Gone, "error.letter.stays")
		wantKind(t, s.WriteAgain(t.Context(), my, l.ID, "bishop"), undersigned.NotFound, "error.not_found")
		wantKind(t, s.WriteAgain(t.Context(), my, strings.Repeat("0", 32), "governor"), undersigned.NotFound, "error.not_found")
		wantKind(t, s.WriteAgain(t.Context(), s.myToken("eve@mail.example"), l.ID, "governor"), undersigned.NotFound, "error.not_found")
		wantKind(t, s.WriteAgain(t.Context(), "noise", l.ID, "governor"), undersigned.Gone, "error.link_dead")

		first := s.lettersTo("governor@state.example")
		for range 2 {
			must(t, s.WriteAgain(t.Context(), my, l.ID, "governor"))
		}
		wantStates(t, s.states(token), "director accepted 250", "governor queued")
		s.clock.Move(2 * 24 * time.Hour) // the words were sealed anew, so that the tries have their time
		_, err := s.Purge(t.Context())
		must(t, err)
		s.deliver(q)
		if n := s.lettersTo("governor@state.example") - first; n != 1 {
			t.Errorf("it went %d times more", n)
		}
		l = s.myLetter(s.myToken("ana@mail.example"))
		if d := l.Deliveries[1]; d.State != undersigned.DeliveryAccepted || d.Again == "" || l.Message.Text != "" {
			t.Errorf("after it was accepted: %+v, words %q", d, l.Message.Text)
		}
		must(t, s.WriteAgain(t.Context(), s.myToken("ana@mail.example"), l.ID, "governor"))
		if s.deliver(q) != 0 {
			t.Error("a third letter went out")
		}
	})
}

// What nobody answered twice is not offered a third time, and the words go with their key.
func TestLetterIsSentOnceMoreAndNotTwice(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.load(letterContent())
		q := letterQueueOf(s)
		_, _ = s.unanswered(q)
		my := s.myToken("ana@mail.example")
		l := s.myLetter(my)
		must(t, s.WriteAgain(t.Context(), my, l.ID, "governor"))
		s.box.wrong = func(_ int, m *mail.Message) error {
			must(t, m.Last())
			return &mail.Error{Step: "end", Uncertain: true, Err: context.DeadlineExceeded}
		}
		s.deliver(q)
		l = s.myLetter(my)
		if d := &l.Deliveries[1]; !d.Unanswered || l.MayGoAgain(d) || l.Message.Text == "" {
			t.Errorf("after the second: %+v, words %q", d, l.Message.Text)
		}
		s.clock.Move(4 * 24 * time.Hour)
		_, err := s.Purge(t.Context())
		must(t, err)
		if l = s.myLetter(s.myToken("ana@mail.example")); l.Message.Text != "" || l.Deliveries[1].State != undersigned.DeliveryHandedOver {
			t.Errorf("after four days: %+v, words %q", l.Deliveries[1], l.Message.Text)
		}
	})
}

func TestLetterThatFailedIsThereToCopyAndGoesOnceMore(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.load(letterContent())
		q := letterQueueOf(s)
		_, err := s.ConfirmLetter(t.Context(), s.writeLetter(s.letterInput("ana@mail.example")))
		must(t, err)
		s.box.wrong = func(int, *mail.Message) error { return &mail.Error{Step: "connect", Err: errors.New("refused")} }
		for range letterTries {
			s.deliver(q)
			s.clock.Move(time.Hour)
		}
		my := s.myToken("ana@mail.example")
		l := s.myLetter(my)
		for i := range l.Deliveries {
			if d := &l.Deliveries[i]; d.State != undersigned.DeliveryFailed || !l.MayGoAgain(d) || l.Message.Text == "" {
				t.Errorf("after every try: %+v, words %q", d, l.Message.Text)
			}
		}
		s.box.wrong = nil
		must(t, s.WriteAgain(t.Context(), my, l.ID, "governor"))
		s.deliver(q)
		wantStates(t, []string{string(s.myLetter(my).Deliveries[1].State)}, "accepted")
	})
}

// While a worker waits for the answer nobody may send it once more, and neither once the ask is closed.
func TestLetterOnItsWayOrOfAClosedAskIsNotSentOnceMore(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.load(letterContent())
		_, err := s.ConfirmLetter(t.Context(), s.writeLetter(s.letterInput("ana@mail.example")))
		must(t, err)
		my := s.myToken("ana@mail.example")
		id := s.myLetter(my).ID
		wantKind(t, s.WriteAgain(t.Context(), my, id, "governor"), undersigned.Gone, "error.letter.stays")
		move := func(do func(*store.Tx, undersigned.OutreachID) error) {
			must(t, s.DB.Update(t.Context(), store.Client, func(tx *store.Tx) error { return do(tx, s.myLetter(my).Deliveries[1].ID) }))
		}
		move(func(tx *store.Tx, id undersigned.OutreachID) error {
			_, err := tx.MoveDelivery(id, "governor", undersigned.DeliveryQueued, undersigned.DeliveryHandedOver, "")
			return err
		})
		wantKind(t, s.WriteAgain(t.Context(), my, id, "governor"), undersigned.Gone, "error.letter.stays")
		move(func(tx *store.Tx, id undersigned.OutreachID) error { return tx.LeaveUnanswered(id, "governor") })
		closed := letterContent()
		closed.Action("write").State = undersigned.ActionClosed
		s.load(closed)
		wantKind(t, s.WriteAgain(t.Context(), my, id, "governor"), undersigned.Gone, "error.letter.stays")
	})
}
