package action

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/mail"
	"github.com/undersigned/undersigned/internal/store"
)

func TestMailOfAnOwnerTellsWhatTheMailServerSaid(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		owner := &undersigned.User{Role: undersigned.RoleOwner, Email: "ana@staff.example"}
		try := func() *undersigned.MailTry {
			t.Helper()
			must(t, s.TryMail(t.Context(), undersigned.UserID{7}, owner, "es"))
			s.work()
			last, err := s.MailTry(t.Context())
			must(t, err)
			return last
		}
		if last, err := s.MailTry(t.Context()); last != nil || err != nil {
			t.Errorf("before the first: %+v, %v", last, err)
		}
		for _, test := range []struct {
			err   error
			state undersigned.TryState
			step  string
			reply string
		}{
			{&mail.Error{Permanent: true, Step: "rcpt", Code: 550, Enhanced: "5.7.1"}, undersigned.TryRefused, "rcpt", "550 5.7.1"},
			{&mail.Error{Step: "rcpt", Code: 451}, undersigned.TryPutOff, "rcpt", "451"},
			{&mail.Error{Step: "auth", Code: 535}, undersigned.TryPutOff, "auth", "535"},
			{&mail.Error{Step: "connect", Err: errors.New("refused")}, undersigned.TryUnreached, "connect", ""},
			{&mail.Error{Step: "end", Uncertain: true}, undersigned.TryUncertain, "end", ""},
			{nil, undersigned.TryAccepted, "", ""},
		} {
			s.clock.Move(2 * time.Hour)
			s.box.wrong = func(_ int, m *mail.Message) error {
				if m.To != owner.Email || strings.Contains(m.Subject, "ause") {
					t.Errorf("to %s: %s", m.To, m.Subject)
				}
				return test.err
			}
			last := try()
			if last == nil || last.State != test.state || last.Step != test.step || last.Reply != test.reply || last.At.IsZero() {
				t.Errorf("%v: %+v", test.err, last)
			}
		}
		s.box.wrong = nil
		before := s.jobs()
		for range 3 { // pressed again before anything came of it
			must(t, s.TryMail(t.Context(), undersigned.UserID{7}, owner, "en"))
		}
		if n := s.jobs() - before; n != 1 {
			t.Errorf("three presses promise %d mails", n)
		}
		err := s.TryMail(t.Context(), undersigned.UserID{}, &undersigned.User{Role: undersigned.RoleEditor, Email: "bo@staff.example"}, "en")
		if undersigned.KindOf(err) != undersigned.Forbidden {
			t.Errorf("an editor: %v", err)
		}
		must(t, s.DB.View(t.Context(), func(tx *store.Tx) error {
			lines, err := tx.Audit(store.AuditFilter{Verb: undersigned.AuditMailTried}, 100)
			if len(lines) != 7 || lines[0].By != (undersigned.UserID{7}) || strings.Contains(lines[0].Subject+lines[0].Detail, "ana") {
				t.Errorf("the log has %+v", lines)
			}
			return err
		}))
	})
}

func TestAskIsOpenedWithAWarningWhereTheLastTriedMailFailed(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		owner := &undersigned.User{Role: undersigned.RoleOwner, Email: "ana@staff.example"}
		check := func() undersigned.CheckState {
			t.Helper()
			proof := &Proof{Editing: &Editing{}, With: testContent()}
			must(t, s.DB.View(t.Context(), func(tx *store.Tx) error { return s.openings(tx, proof, s.Now()) }))
			for _, c := range proof.Opens[0].Checks {
				if c.Name == undersigned.CheckMail {
					return c.State
				}
			}
			t.Fatal("nothing is said of mails")
			return ""
		}
		if state := check(); state != undersigned.CheckUnmet {
			t.Errorf("before any mail: %s", state)
		}
		for _, test := range []struct {
			err   error
			state undersigned.CheckState
		}{{&mail.Error{Step: "connect"}, undersigned.CheckUnmet}, {nil, undersigned.CheckMet}, {&mail.Error{Permanent: true, Step: "end", Code: 554}, undersigned.CheckWarn}, {nil, undersigned.CheckMet}} {
			s.clock.Move(time.Hour)
			s.box.wrong = func(int, *mail.Message) error { return test.err }
			must(t, s.TryMail(t.Context(), undersigned.UserID{}, owner, "en"))
			s.work()
			if state := check(); state != test.state {
				t.Errorf("%v: %s", test.err, state)
			}
		}
	})
}

// stubDNS has one record under each name, or answers nothing.
type stubDNS struct {
	record  string
	offline bool
	asked   int
}

func (d *stubDNS) LookupTXT(context.Context, string) ([]string, error) {
	if d.asked++; d.offline {
		return nil, errors.New("network is unreachable")
	}
	return []string{d.record}, nil
}
func (d *stubDNS) LookupMX(context.Context, string) ([]*net.MX, error) { return nil, errors.New("no") }
func (d *stubDNS) LookupIPAddr(context.Context, string) ([]net.IPAddr, error) {
	return nil, errors.New("no")
}
func (d *stubDNS) LookupAddr(context.Context, string) ([]string, error) { return nil, errors.New("no") }

func TestDNSIsAskedOnceADayAndWheneverSomebodyWishesIt(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		dns := &stubDNS{record: "v=DMARC1; p=reject"}
		s.DNS, s.Mail = dns, mail.Setup{Domain: "localhost", Relay: "localhost"}
		must(t, s.AskDNS(t.Context()))
		if dns.asked != 0 {
			t.Error("it is asked about this machine")
		}
		s.Mail = mail.Setup{Domain: "cause.example", Relay: "smtp.cause.example"}
		asks := func(want bool) {
			t.Helper()
			before := dns.asked
			must(t, s.AskDNS(t.Context()))
			if asked := dns.asked > before; asked != want {
				t.Errorf("asked: %v", asked)
			}
		}
		asks(true)
		said, waits, err := s.MailDNS(t.Context())
		must(t, err)
		if said == nil || waits || len(said.Findings) != 3 || said.Findings[2].State != undersigned.DNSFits || !said.Answered() {
			t.Errorf("it said %+v", said)
		}
		asks(false)
		s.clock.Move(dnsLife)
		asks(true)
		dns.offline = true
		s.clock.Move(time.Second)
		must(t, s.WishDNS(t.Context(), undersigned.UserID{7}))
		if _, waits, err := s.MailDNS(t.Context()); err != nil || !waits {
			t.Errorf("wished: %v, %v", waits, err)
		}
		s.clock.Move(time.Second)
		asks(true)
		if said, waits, err = s.MailDNS(t.Context()); err != nil || waits || said.Answered() {
			t.Errorf("offline: %+v, %v, %v", said, waits, err)
		}
		asks(false)
		s.clock.Move(dnsRetry)
		asks(true)
		s.Mail.Domain = "other.example"
		if said, _, err = s.MailDNS(t.Context()); err != nil || said != nil {
			t.Errorf("of another sender: %+v, %v", said, err)
		}

		must(t, s.MakeFirstMailKey(t.Context(), undersigned.UserID{7}))
		must(t, s.MakeFirstMailKey(t.Context(), undersigned.UserID{7}))
		keys, err := s.MailKeys(t.Context())
		must(t, err)
		if len(keys) != 1 || keys[0].Name() != "undersigned1._domainkey.other.example" {
			t.Errorf("made twice, there are %d keys", len(keys))
		}
	})
}
