package main

import (
	"io"
	"net"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emersion/go-smtp"
)

// sink is a mail server that accepts everything and keeps the token of the last confirmation link it saw.
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

// confirmation gives the token of the last confirmation link; empty before the first.
func (s *sink) confirmation() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.token
}

type session struct{ *sink }

func (session) Mail(string, *smtp.MailOptions) error { return nil }
func (session) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (session) Reset()                               {}
func (session) Logout() error                        { return nil }

// Data reads the first mail and one in a thousand; the rest are only counted.
func (s session) Data(r io.Reader) error {
	if s.mails.Add(1)%1000 != 1 {
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
