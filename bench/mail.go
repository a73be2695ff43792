package main

import (
	"context"
	"errors"
	"io"
	"net"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emersion/go-smtp"
)

// sink is a mail server that accepts everything and keeps the token of one confirmation link.
type sink struct {
	addr   string
	mails  atomic.Int64
	server *smtp.Server

	mu    sync.Mutex
	token string
}

var confirmLink = regexp.MustCompile(`/confirm/([A-Za-z0-9_-]{100,})`)

func openSink() (*sink, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &sink{addr: l.Addr().String()}
	s.server = smtp.NewServer(s)
	s.server.ReadTimeout, s.server.WriteTimeout = time.Hour, time.Hour // a server that is paused keeps its connections
	go func() { _ = s.server.Serve(l) }()
	return s, nil
}

func (s *sink) NewSession(*smtp.Conn) (smtp.Session, error) { return session{s}, nil }

// forget makes the next mail the one whose token is kept.
func (s *sink) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.token = ""
}

// confirmation waits for a mail with a confirmation link and gives its token.
func (s *sink) confirmation(ctx context.Context) (string, error) {
	for range 500 {
		s.mu.Lock()
		token := s.token
		s.mu.Unlock()
		if token != "" {
			return token, ctx.Err()
		}
		time.Sleep(20 * time.Millisecond)
	}
	return "", errors.New("no confirmation was mailed within ten seconds")
}

type session struct{ *sink }

func (session) Mail(string, *smtp.MailOptions) error { return nil }
func (session) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (session) Reset()                               {}
func (session) Logout() error                        { return nil }

// Data counts a mail, and reads it where a token is wanted.
func (s session) Data(r io.Reader) error {
	s.mails.Add(1)
	s.mu.Lock()
	wanted := s.token == ""
	s.mu.Unlock()
	if !wanted {
		_, err := io.Copy(io.Discard, r)
		return err
	}
	var text strings.Builder
	if _, err := io.Copy(&text, r); err != nil {
		return err
	}
	unfolded := strings.ReplaceAll(text.String(), "=\r\n", "") // quoted-printable's soft line breaks
	if found := confirmLink.FindStringSubmatch(unfolded); found != nil {
		s.mu.Lock()
		s.token = found[1]
		s.mu.Unlock()
	}
	return nil
}
