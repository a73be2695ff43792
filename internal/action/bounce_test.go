package action

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/mail"
	"github.com/undersigned/undersigned/internal/store"
)

// went sends an update to everybody, and gives the mark of each address's mail.
func (s *testSite) went() (u *undersigned.Update, mark map[string]string) {
	s.t.Helper()
	u, mark = s.scheduled(), map[string]string{}
	before := len(s.box.mails)
	s.sends(s.NewsSender(s.post))
	for _, m := range s.box.mails[before:] {
		mark[m.To] = marksIn(m.ID)[0]
	}
	return s.stands(u, undersigned.UpdateSent), mark
}

func (s *testSite) takes(mark string, report undersigned.Report) bool {
	s.t.Helper()
	ours, err := s.TakeReport(s.t.Context(), mark, report)
	must(s.t, err)
	return ours
}

func TestDeadMailboxIsWrittenToNoMore(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.audience(30)
		u, mark := s.went()
		lines := s.ledgerLines()
		for range 3 { // told again and again
			if !s.takes(mark["person1@example.org"], undersigned.HardBounce) {
				t.Error("not ours")
			}
		}
		s.takes(strings.ToUpper(mark["person1@example.org"]), undersigned.HardBounce)
		if n := s.subscribers(); n[undersigned.SubscriberSuppressed] != 1 || n[undersigned.SubscriberActive] != 29 {
			t.Errorf("subscribers: %v", n)
		}
		if got := s.stands(u, undersigned.UpdateSent).Tally.Bounced; got != 1 {
			t.Errorf("%d bounces are counted", got)
		}
		if n := s.ledgerLines() - lines; n != 1 {
			t.Errorf("%d lines in the ledger", n)
		}
		s.hears(s.myToken("person1@example.org"), false)
		must(t, s.Subscribe(t.Context(), s.myToken("person1@example.org"), agreed)) // it lives again: the mailbox was proved
		s.hears(s.myToken("person1@example.org"), true)
	})
}

func TestMailboxThatIsFullIsLeftAloneAfterThreeUpdates(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.audience(3)
		for i := range 3 {
			_, mark := s.went()
			for range 2 {
				s.takes(mark["person1@example.org"], undersigned.SoftBounce)
			}
			want := map[bool]int64{true: 2, false: 3}[i == 2]
			if n := s.subscribers()[undersigned.SubscriberActive]; n != want {
				t.Errorf("after %d updates %d hear", i+1, n)
			}
			s.clock.Move(24 * time.Hour)
		}
	})
}

func TestWhoComplainsGetsNoNewsOfAnything(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		other := testContent()
		other.Issue.Slug = "other"
		for i := range other.Actions {
			other.Actions[i].Issue = "other"
		}
		s.load(other)
		s.audience(3)
		must(t, s.Subscribe(t.Context(), s.myToken("person1@example.org"), undersigned.Consent{Issue: "other", Language: "en", Words: "Yes."}))
		u, mark := s.went()
		for range 2 {
			s.takes(mark["person1@example.org"], undersigned.Complaint)
		}
		all, err := s.subscriptions(t.Context(), "person1@example.org")
		must(t, err)
		for _, one := range all {
			if one.On {
				t.Errorf("they still hear of %s", one.Content.Issue.Slug)
			}
		}
		if tally := s.stands(u, undersigned.UpdateSent).Tally; tally.Complained != 1 || tally.Bounced != 0 {
			t.Errorf("tally: %+v", tally)
		}
	})
}

func TestReportThatNamesNobodyOfOursChangesNothing(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.audience(3)
		_, mark := s.went()
		good := mark["person1@example.org"]
		u, id, _ := s.readMark(good)
		for _, bad := range []string{"", "x", good[1:], good + "a", good[:51] + "a", strings.Repeat("a", 52), s.mark(u, undersigned.SubscriberID{9})[:40] + good[40:]} {
			if bad != good && s.takes(bad, undersigned.HardBounce) {
				t.Errorf("%q is taken for ours", bad)
			}
		}
		if !s.takes(s.mark(u, undersigned.SubscriberID{9}), undersigned.HardBounce) { // of somebody who has left long ago
			t.Error("a mark of ours is not known")
		}
		if n := s.subscribers()[undersigned.SubscriberActive]; n != 3 {
			t.Errorf("%d hear", n)
		}
		if id == (undersigned.SubscriberID{}) {
			t.Error("no id in the mark")
		}
	})
}

func TestUpdateOfWhichTooMuchComesBackStops(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.audience(4 * newsBatch)
		u := s.scheduled()
		sender := s.NewsSender(s.post)
		s.step(sender)
		for i, m := range s.box.mails[:leastForTest] {
			if s.stands(u, undersigned.UpdateSending); i == leastForTest-1 {
				break
			}
			s.takes(marksIn(m.ID)[0], undersigned.HardBounce)
		}
		s.takes(marksIn(s.box.mails[leastForTest].ID)[0], undersigned.HardBounce)
		if stopped := s.stands(u, undersigned.UpdatePaused); stopped.Stop != undersigned.StoppedByBounces {
			t.Errorf("stopped by %q", stopped.Stop)
		}
		if s.step(sender) {
			t.Error("it goes on")
		}
	})
}

const leastForTest = 5 // of a hundred

// bounced is a report about a mail, as a mail server writes it.
func bounced(messageID, status string) string {
	return "From: MAILER-DAEMON@relay.example\r\nTo: hello@cause.example\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n" +
		"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; r.example\r\n\r\nAction: failed\r\nStatus: " + status + "\r\n" +
		"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <" + messageID + ">\r\n--b--\r\n"
}

func TestMaildropIsReadAndEmptied(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.audience(20)
		u, _ := s.went()
		dir := t.TempDir()
		fresh, seen := filepath.Join(dir, "new"), filepath.Join(dir, "cur")
		if _, err := s.ReadBounces(t.Context(), dir); err == nil {
			t.Error("a folder that is no Maildir is not noticed")
		}
		must(t, os.Mkdir(fresh, 0o700))
		put := func(name, text string) {
			t.Helper()
			must(t, os.WriteFile(filepath.Join(fresh, name), []byte(text), 0o600))
		}
		for i, m := range s.box.mails[:4] {
			put(fmt.Sprintf("%d.relay", i), bounced(m.ID, "5.1.1"))
		}
		put("again.relay", bounced(s.box.mails[0].ID, "5.1.1"))
		put("late.relay", strings.Replace(bounced(s.box.mails[5].ID, "4.4.1"), "Action: failed", "Action: delayed", 1))
		put("elses.relay", bounced("20261122@somebody.example", "5.1.1"))
		put("garbage", strings.Repeat("\x00\xff\r\n", 1000))
		put("empty", "")
		put("large", "Subject: "+strings.Repeat("a", 30<<20))
		put("answer", "From: person7@example.org\r\nSubject: Re\r\n\r\nPlease stop.")
		put(".hidden", bounced(s.box.mails[6].ID, "5.1.1"))
		must(t, os.Symlink("/etc/passwd", filepath.Join(fresh, "link")))
		must(t, os.Mkdir(filepath.Join(fresh, "folder"), 0o700))
		taken, err := s.ReadBounces(t.Context(), dir)
		must(t, err)
		if n := s.subscribers(); taken != 5 || n[undersigned.SubscriberSuppressed] != 4 || n[undersigned.SubscriberActive] != 16 {
			t.Errorf("%d taken, %v", taken, n)
		}
		if got := s.stands(u, undersigned.UpdateSent).Tally.Bounced; got != 4 {
			t.Errorf("%d bounces", got)
		}
		names := func(dir string) string {
			entries, err := os.ReadDir(dir)
			must(t, err)
			var names []string
			for _, e := range entries {
				names = append(names, e.Name())
			}
			return strings.Join(names, " ")
		}
		if left := names(fresh); left != ".hidden folder link" {
			t.Errorf("left: %s", left)
		}
		if kept := names(seen); kept != "answer:2,S empty:2,S garbage:2,S large:2,S" {
			t.Errorf("kept for somebody to read: %s", kept)
		}
		old := s.Now().Add(-keepDrop - time.Hour)
		must(t, os.Chtimes(filepath.Join(seen, "answer:2,S"), old, old))
		must(t, os.Chtimes(filepath.Join(seen, "garbage:2,S"), s.Now(), s.Now()))
		_, err = s.ReadBounces(t.Context(), dir)
		must(t, err)
		if kept := names(seen); strings.Contains(kept, "answer") || !strings.Contains(kept, "garbage") {
			t.Errorf("kept after a week: %s", kept)
		}
	})
}

func TestWhatARefusalMeans(t *testing.T) {
	for _, c := range []struct {
		answer mail.Error
		want   undersigned.Report
	}{
		{mail.Error{Step: "rcpt", Code: 550, Enhanced: "5.1.1"}, undersigned.HardBounce},
		{mail.Error{Step: "rcpt", Code: 550}, undersigned.HardBounce},
		{mail.Error{Step: "rcpt", Code: 553, Enhanced: "5.1.3"}, undersigned.HardBounce},
		{mail.Error{Step: "rcpt", Code: 550, Enhanced: "5.7.1"}, undersigned.SoftBounce},
		{mail.Error{Step: "rcpt", Code: 552, Enhanced: "5.2.2"}, undersigned.SoftBounce},
		{mail.Error{Step: "end", Code: 554}, undersigned.SoftBounce},
		{mail.Error{Step: "message"}, undersigned.HardBounce},
	} {
		if got := reportOf(&c.answer); got != c.want {
			t.Errorf("%+v: %s", c.answer, got)
		}
	}
}

func TestRestoredBackupKeepsWhoLeftOutAndSendsNothingByItself(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.audience(2*newsBatch + 5)
		sending, waiting := s.scheduled(), s.scheduled()
		must(t, s.MoveUpdate(t.Context(), nobody, waiting.ID, undersigned.UpdateDraft))
		must(t, s.ScheduleUpdate(t.Context(), nobody, waiting.ID, s.Now().Add(time.Hour)))
		s.step(s.NewsSender(s.post))
		key, err := s.MakeDKIM(t.Context(), undersigned.UserID{})
		must(t, err)
		backup := s.backup()
		must(t, s.Unsubscribe(t.Context(), s.myToken("person1@example.org"), "cause"))
		s.takes(marksIn(s.box.mails[0].ID)[0], undersigned.HardBounce)
		gone := s.box.mails[0].To
		ledger := s.ledgerPath()
		o := s.elsewhere(backup)[s.DB.Engine()]
		o.Ledgers = []string{ledger}
		_, err = Restore(t.Context(), o)
		must(t, err)
		back := s.open(o)
		if keys, err := back.DKIM(t.Context()); err != nil || len(keys) != 1 || !keys[0].Private.Equal(key.Private) {
			t.Errorf("the key of mails: %d, %v", len(keys), err)
		}
		back.hears(back.myToken("person1@example.org"), false)
		back.hears(back.myToken(gone), false)
		back.hears(back.myToken("person7@example.org"), gone != "person7@example.org")
		if held := back.stands(sending, undersigned.UpdatePaused); held.Stop != undersigned.StoppedByRestore {
			t.Errorf("held by %q", held.Stop)
		}
		back.stands(waiting, undersigned.UpdateDraft)
		must(t, back.MoveUpdate(t.Context(), nobody, sending.ID, undersigned.UpdateSending))
		back.sends(back.NewsSender(back.post))
		if n := len(back.box.mails); n != newsBatch+5 && n != newsBatch+4 {
			t.Errorf("%d mails after the restore", n)
		}
		must(t, back.DB.View(t.Context(), func(tx *store.Tx) error {
			if c, found, err := tx.Consent(agreed.ID()); err != nil || !found || c != agreed {
				t.Errorf("what was agreed to: %+v %v", c, err)
			}
			return nil
		}))
	})
}
