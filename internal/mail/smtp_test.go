package mail

import (
	"context"
	"errors"
	"maps"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// relay is the address under which tests without TLS know their server.
const relay = "smtp://localhost:2525"

func asFailure(t *testing.T, err error) *Error {
	t.Helper()
	var failed *Error
	if !errors.As(err, &failed) {
		t.Fatalf("%v is not an *Error", err)
	}
	return failed
}

// longMail does not fit into the buffer of the connection: part of it is under way before its end.
func longMail() *Message {
	m := sample()
	m.Text = strings.Repeat("A line that says the same again.\n", 1000)
	return m
}

// talkingTo runs a test against a server that answers step by step, and against one that reads on before it has answered.
func talkingTo(t *testing.T, script map[string][]string, test func(*testing.T, *scripted)) {
	t.Helper()
	for _, ahead := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			copied := map[string][]string{}
			maps.Copy(copied, script)
			test(t, &scripted{script: copied, ahead: ahead})
		})
	}
}

func TestMailsFollowEachOtherOverOneConnection(t *testing.T) {
	talkingTo(t, nil, func(t *testing.T, server *scripted) {
		client := server.client(t, relay)
		for range 3 {
			if err := client.Send(t.Context(), sample()); err != nil {
				t.Fatal(err)
			}
		}
		if server.counts().dials != 1 || server.counts().mails != 3 {
			t.Errorf("%d connections, %d mails", server.counts().dials, server.counts().mails)
		}
		if !strings.Contains(server.mails[0], "Message-ID: <7k2w@example.org>\n") {
			t.Errorf("the ID is missing in %s", server.mails[0])
		}
		for _, line := range []string{"EHLO example.org", "MAIL FROM:<notices@example.org>", "RCPT TO:<ana@example.com>"} {
			if server.said(line) == 0 {
				t.Errorf("never said %q: %q", line, server.heard)
			}
		}
	})
}

func TestRefusals(t *testing.T) {
	const quote = "<ana@example.com>: no"
	tests := []struct {
		verb, answer string
		permanent    bool
		step         string
		code         int
		enhanced     string
	}{
		{"CONNECT", "554 5.3.2 " + quote, false, "connect", 554, "5.3.2"},
		{"CONNECT", "421 4.3.2 " + quote, false, "connect", 421, "4.3.2"},
		{"MAIL", "550 5.7.1 " + quote, false, "mail", 550, "5.7.1"}, // our sender is wrong, not this mail
		{"MAIL", "451 4.3.0 " + quote, false, "mail", 451, "4.3.0"},
		{"RCPT", "550 5.1.1 " + quote, true, "rcpt", 550, "5.1.1"},
		{"RCPT", "550 " + quote, true, "rcpt", 550, ""},
		{"RCPT", "550-5.1.1 one\r\n550 5.1.1 " + quote, true, "rcpt", 550, "5.1.1"},
		{"RCPT", "450 4.2.1 " + quote, false, "rcpt", 450, "4.2.1"},
		{"RCPT", "530 5.7.0 " + quote, false, "rcpt", 530, "5.7.0"}, // we are to sign in
		{"DATA", "554 5.6.0 " + quote, true, "data", 554, "5.6.0"},
		{"DATA", "452 4.3.1 " + quote, false, "data", 452, "4.3.1"},
		{"END", "550 5.7.1 " + quote, true, "end", 550, "5.7.1"},
		{"END", "451 4.7.1 " + quote, false, "end", 451, "4.7.1"},
		{"END", "421 4.3.2 " + quote, false, "end", 421, "4.3.2"},
		{"RCPT", "ana@example.com is unknown here", false, "rcpt", 0, ""},
	}
	for _, tt := range tests {
		talkingTo(t, map[string][]string{tt.verb: {tt.answer, polite[tt.verb]}}, func(t *testing.T, server *scripted) {
			client := server.client(t, relay)
			err := client.Send(t.Context(), sample())
			failed := asFailure(t, err)
			if failed.Permanent != tt.permanent || failed.Step != tt.step || failed.Code != tt.code || failed.Enhanced != tt.enhanced || failed.Uncertain {
				t.Errorf("%s %s: %+v", tt.verb, tt.answer, failed)
			}
			for e := err; e != nil; e = errors.Unwrap(e) {
				if strings.Contains(e.Error(), "ana@") {
					t.Errorf("%s %s: %q holds the address", tt.verb, tt.answer, e)
				}
			}
			if err := client.Send(t.Context(), sample()); err != nil {
				t.Errorf("after %s %s the next mail fails: %v", tt.verb, tt.answer, err)
			}
		})
	}
}

func TestAfterARefusalTheConnectionGoesOn(t *testing.T) {
	talkingTo(t, map[string][]string{"RCPT": {"550 5.1.1 no", "250 yes"}}, func(t *testing.T, server *scripted) {
		client := server.client(t, relay)
		asFailure(t, client.Send(t.Context(), sample()))
		if err := client.Send(t.Context(), sample()); err != nil {
			t.Fatal(err)
		}
		if server.counts().dials != 1 || server.said("RSET") != 1 {
			t.Errorf("%d connections, said %q", server.counts().dials, server.heard)
		}
	})
}

// A server that has refused the recipient and asks for the text all the same might take a dot for a mail.
func TestServerThatAsksForARefusedTextGetsNone(t *testing.T) {
	for _, verb := range []string{"MAIL", "RCPT"} {
		talkingTo(t, map[string][]string{verb: {"550 no", "250 yes"}, "DATA": {"354 so what"}}, func(t *testing.T, server *scripted) {
			client := server.client(t, relay)
			asFailure(t, client.Send(t.Context(), sample()))
			if err := client.Send(t.Context(), sample()); err != nil {
				t.Fatal(err)
			}
			if n := server.counts(); n.mails != 1 || server.ahead != (n.dials == 2) {
				t.Errorf("after %s: %d mails over %d connections", verb, n.mails, n.dials)
			}
		})
	}
}

func TestDeadPooledConnectionIsReplacedOnce(t *testing.T) {
	for name, die := range map[string]func(*scripted){
		"closed after 250":   func(s *scripted) { s.hangUpAll() },
		"421 at the next":    func(s *scripted) { s.script["MAIL"] = []string{"421 4.4.2 too slow", "250 yes"} },
		"dropped at RCPT":    func(s *scripted) { s.script["RCPT"] = []string{hangUp, "250 yes"} },
		"dropped at DATA":    func(s *scripted) { s.script["DATA"] = []string{hangUp, "354 go on"} },
		"dropped in a text":  func(s *scripted) { s.script["TEXT"] = []string{hangUp, ""} },
		"silent at the next": func(s *scripted) { s.script["MAIL"] = []string{sayNever, "250 yes"} },
	} {
		talkingTo(t, map[string][]string{}, func(t *testing.T, server *scripted) {
			client := server.client(t, relay)
			if err := client.Send(t.Context(), sample()); err != nil {
				t.Fatal(err)
			}
			die(server)
			if err := client.Send(t.Context(), longMail()); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if server.counts().dials != 2 || server.counts().mails != 2 {
				t.Errorf("%s: %d connections, %d mails", name, server.counts().dials, server.counts().mails)
			}
		})
	}
}

func TestFreshConnectionThatDiesIsNotReplaced(t *testing.T) {
	for _, verb := range []string{"CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "TEXT"} {
		talkingTo(t, map[string][]string{verb: {hangUp}}, func(t *testing.T, server *scripted) {
			failed := asFailure(t, server.client(t, relay).Send(t.Context(), longMail()))
			if failed.Permanent || failed.Uncertain || server.counts().dials != 1 {
				t.Errorf("%s: %+v after %d connections", verb, failed, server.counts().dials)
			}
		})
	}
}

func TestAfterTheFinalDotNothingIsSentAgain(t *testing.T) {
	for _, how := range []string{hangUp, sayNever} {
		talkingTo(t, map[string][]string{"END": {"250 kept", how, "250 kept"}}, func(t *testing.T, server *scripted) {
			client := server.client(t, relay)
			if err := client.Send(t.Context(), sample()); err != nil {
				t.Fatal(err)
			}
			failed := asFailure(t, client.Send(t.Context(), sample()))
			if failed.Permanent || !failed.Uncertain || failed.Step != "end" {
				t.Errorf("%s: %+v", how, failed)
			}
			if server.counts().dials != 1 || server.counts().mails != 2 {
				t.Errorf("%s: %d connections, %d mails", how, server.counts().dials, server.counts().mails)
			}
		})
	}
}

func TestSilentServerIsGivenUp(t *testing.T) {
	limits := timeouts{connect: time.Second, command: 2 * time.Second, end: 30 * time.Second, idle: time.Minute}
	for verb, patience := range map[string]time.Duration{
		"CONNECT": limits.command, "EHLO": limits.command, "MAIL": limits.command, "RCPT": limits.command,
		"DATA": limits.command, "END": limits.end,
	} {
		talkingTo(t, map[string][]string{verb: {sayNever}}, func(t *testing.T, server *scripted) {
			client := server.client(t, relay)
			client.timeout = limits
			began := time.Now()
			failed := asFailure(t, client.Send(t.Context(), sample()))
			var network net.Error
			if failed.Permanent || failed.Uncertain != (verb == "END") || !errors.As(failed, &network) || !network.Timeout() {
				t.Errorf("%s: %+v", verb, failed)
			}
			if took := time.Since(began); took != patience {
				t.Errorf("%s: gave up after %s, not %s", verb, took, patience)
			}
		})
	}
}

func TestCancelledSendReturnsAtOnce(t *testing.T) {
	for _, verb := range []string{"CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "END"} {
		talkingTo(t, map[string][]string{verb: {sayNever, polite[verb]}}, func(t *testing.T, server *scripted) {
			client := server.client(t, relay)
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Second, cancel)
			began := time.Now()
			failed := asFailure(t, client.Send(ctx, sample()))
			if took := time.Since(began); took != time.Second || !errors.Is(failed, context.Canceled) ||
				failed.Permanent || failed.Uncertain != (verb == "END") {
				t.Errorf("%s: after %s %+v", verb, took, failed)
			}
			if err := client.Send(t.Context(), sample()); err != nil {
				t.Errorf("%s: the next mail fails: %v", verb, err)
			}
		})
	}
}

func TestNoMoreConnectionsThanAllowed(t *testing.T) {
	talkingTo(t, map[string][]string{"END": {sayNever}}, func(t *testing.T, server *scripted) {
		client := server.client(t, relay+"?connections=2")
		ctx, cancel := context.WithCancel(t.Context())
		results := make(chan error)
		for range 5 {
			go func() { results <- client.Send(ctx, sample()) }()
		}
		synctest.Wait()
		if server.counts().maxOpen != 2 {
			t.Errorf("%d connections at once", server.counts().maxOpen)
		}
		cancel()
		uncertain := 0
		for range 5 {
			if asFailure(t, <-results).Uncertain {
				uncertain++
			}
		}
		if uncertain != 2 {
			t.Errorf("%d mails may have been accepted, not 2", uncertain)
		}
	})
}

func TestIdleConnectionIsNotTrustedForLong(t *testing.T) {
	talkingTo(t, nil, func(t *testing.T, server *scripted) {
		client := server.client(t, relay)
		for range 2 {
			if err := client.Send(t.Context(), sample()); err != nil {
				t.Fatal(err)
			}
			time.Sleep(client.timeout.idle)
		}
		if server.counts().dials != 2 || server.said("QUIT") != 1 {
			t.Errorf("%d connections, said %q", server.counts().dials, server.heard)
		}
	})
}

func TestCloseSaysGoodbye(t *testing.T) {
	talkingTo(t, nil, func(t *testing.T, server *scripted) {
		client := server.client(t, relay)
		if err := client.Send(t.Context(), sample()); err != nil {
			t.Fatal(err)
		}
		client.Close()
		synctest.Wait()
		if err := client.Send(t.Context(), sample()); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if server.counts().open != 0 || server.said("QUIT") != 2 {
			t.Errorf("%d still open, said %q", server.counts().open, server.heard)
		}
	})
}

func TestSMTPUTF8OnlyWhereItIsNeeded(t *testing.T) {
	talkingTo(t, map[string][]string{"EHLO": {"250-sink\r\n250 SMTPUTF8"}}, func(t *testing.T, server *scripted) {
		client := server.client(t, relay)
		m := sample()
		if err := client.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		m.To = "ñandú@example.com"
		if err := client.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		for _, line := range []string{"MAIL FROM:<notices@example.org>", "MAIL FROM:<notices@example.org> SMTPUTF8"} {
			if server.said(line) != 1 {
				t.Errorf("%q was said %d times", line, server.said(line))
			}
		}
		plain := &scripted{}
		if failed := asFailure(t, plain.client(t, relay).Send(t.Context(), m)); !failed.Permanent {
			t.Errorf("a server without SMTPUTF8: %+v", failed)
		}
	})
}

func TestServerAddresses(t *testing.T) {
	good := map[string]*SMTP{
		"smtp://ana:p%40ss@mail.example:2587":        {host: "mail.example", port: "2587", user: "ana", password: "p@ss"},
		"smtp://mail.example":                        {host: "mail.example", port: "587"},
		"smtps://mail.example":                       {host: "mail.example", port: "465", implicitTLS: true},
		"smtp://localhost:25":                        {host: "localhost", port: "25", policy: plain},
		"smtp://[::1]:25":                            {host: "::1", port: "25", policy: plain},
		"smtp://127.0.0.2":                           {host: "127.0.0.2", port: "587", policy: plain},
		"smtp://localhost?tls=mandatory":             {host: "localhost", port: "587"},
		"smtp://relay?tls=opportunistic":             {host: "relay", port: "587", policy: opportunistic},
		"smtp://relay:25/?tls=mandatory":             {host: "relay", port: "25"},
		"smtp://localhost.example.org?connections=3": {host: "localhost.example.org", port: "587"},
	}
	for address, want := range good {
		s, err := NewSMTP(address)
		if err != nil {
			t.Errorf("%s: %v", address, err)
			continue
		}
		if s.host != want.host || s.port != want.port || s.user != want.user || s.password != want.password ||
			s.implicitTLS != want.implicitTLS || s.policy != want.policy {
			t.Errorf("%s: %s:%s, TLS %v, policy %v", address, s.host, s.port, s.implicitTLS, s.policy)
		}
	}
	for _, address := range []string{"", "mail.example:587", "http://mail.example", "smtp://", "smtp:mail.example",
		"smtp://mail.example/path", "smtp://mail.example?tls=none", "smtps://mail.example?tls=opportunistic", "smtp://mail.example?x=1",
		"smtp://mail.example?connections=0", "smtp://mail.example?connections=1000", "smtp://u:s3cret@mail.example:x"} {
		if _, err := NewSMTP(address); err == nil {
			t.Errorf("%q: accepted", address)
		} else if strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%v holds the password", err)
		}
	}
}
