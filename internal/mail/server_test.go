package mail

import (
	"bufio"
	"context"
	"net"
	"strings"
	"sync"
	"testing"
)

// Two things a scripted server does instead of answering, and one that it does after it.
const (
	hangUp       = "hang up"
	sayNever     = "say nothing"
	yesAndHangUp = "250 2.0.0 kept, good bye"
)

// scripted is a mail server that answers each step as it is told, over pipes, so that a bubble's clock governs it.
type scripted struct {
	// script gives the answers to a verb (CONNECT, EHLO, MAIL, RCPT, DATA, END for the final dot, RSET), one after the
	// other and the last one for ever. A verb without an answer gets the one that lets the mail through.
	script map[string][]string
	ahead  bool // it reads on before it has answered

	mu    sync.Mutex
	tally tally
	heard []string // every line but the texts
	mails []string
	conns []net.Conn
}

type tally struct{ dials, open, maxOpen, mails int }

func (s *scripted) counts() tally {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tally
}

var polite = map[string]string{
	"CONNECT": "220 ready", "EHLO": "250-sink.example\r\n250 ENHANCEDSTATUSCODES", "MAIL": "250 2.1.0 yes", "RCPT": "250 2.1.5 yes",
	"DATA": "354 go on", "END": "250 2.0.0 kept", "RSET": "250 2.0.0 forgotten", "QUIT": "221 2.0.0 bye",
}

func (s *scripted) dial(context.Context, string, string) (net.Conn, error) {
	near, far := net.Pipe()
	s.mu.Lock()
	s.tally.dials++
	s.tally.open++
	s.tally.maxOpen = max(s.tally.maxOpen, s.tally.open)
	s.conns = append(s.conns, far)
	s.mu.Unlock()
	go s.serve(far)
	return near, nil
}

func (s *scripted) answer(verb string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	answers := s.script[verb]
	if len(answers) == 0 && verb == "EHLO" && s.ahead {
		return polite[verb][:len("250-sink.example")] + "\r\n250-PIPELINING\r\n250 ENHANCEDSTATUSCODES"
	}
	if len(answers) == 0 {
		return polite[verb]
	}
	if len(answers) > 1 {
		s.script[verb] = answers[1:]
	}
	return answers[0]
}

func (s *scripted) serve(c net.Conn) {
	defer func() {
		c.Close()
		s.mu.Lock()
		s.tally.open--
		s.mu.Unlock()
	}()
	lines := bufio.NewScanner(c)
	lines.Buffer(nil, 1<<20)
	verb, refused := "CONNECT", false
	for {
		answer := s.answer(verb)
		if verb == "DATA" && refused && answer == polite[verb] {
			answer = "503 5.5.1 for whom?"
		}
		refused = answer[0] >= '4' && verb != "END" && verb != "RSET" || verb == "RCPT" && refused
		switch answer {
		case hangUp:
			return
		case sayNever:
			for lines.Scan() { // until the client gives up
			}
			return
		default:
			if _, err := c.Write([]byte(answer + "\r\n")); err != nil {
				return
			}
			if answer == yesAndHangUp {
				return
			}
			if verb == "DATA" && strings.HasPrefix(answer, "354") {
				if !s.takeText(lines) {
					return
				}
				verb = "END"
				continue
			}
		}
		if verb == "QUIT" || !lines.Scan() {
			return
		}
		s.mu.Lock()
		s.heard = append(s.heard, lines.Text())
		s.mu.Unlock()
		verb, _, _ = strings.Cut(lines.Text(), " ")
	}
}

func (s *scripted) takeText(lines *bufio.Scanner) bool {
	if s.answer("TEXT") == hangUp {
		return lines.Scan() && false
	}
	var text strings.Builder
	for lines.Scan() {
		if lines.Text() == "." {
			s.mu.Lock()
			s.mails = append(s.mails, text.String())
			s.tally.mails++
			s.mu.Unlock()
			return true
		}
		text.WriteString(strings.TrimPrefix(lines.Text(), ".") + "\n")
	}
	return false
}

// hangUpAll drops every connection, as a server does that restarts.
func (s *scripted) hangUpAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.conns {
		c.Close()
	}
}

func (s *scripted) said(line string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, h := range s.heard {
		if h == line {
			n++
		}
	}
	return n
}

// client sends to a scripted server at an address.
func (s *scripted) client(t *testing.T, address string) *SMTP {
	t.Helper()
	client, err := NewSMTP(address)
	if err != nil {
		t.Fatal(err)
	}
	client.dial = s.dial
	t.Cleanup(client.Close)
	return client
}
