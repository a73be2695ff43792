package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"sync"
	"time"
)

// SMTP hands mails to one server, over connections that it keeps and uses again.
type SMTP struct {
	host, port     string
	user, password string
	implicitTLS    bool
	policy         tlsPolicy
	dial           func(ctx context.Context, network, address string) (net.Conn, error)
	tls            *tls.Config
	timeout        timeouts
	dkim           *DKIM

	slots chan struct{} // one for each connection in use: the bound
	doubt doubt

	mu     sync.Mutex
	closed bool
	idle   []*conn // the most recently used last
}

type tlsPolicy int

const (
	mandatory     tlsPolicy = iota // no STARTTLS, no mail
	opportunistic                  // STARTTLS where it is offered, and then with a valid certificate
	plain                          // never
)

// timeouts bound each step. RFC 5321, 4.5.3.2 asks for the ten minutes at the end: giving up earlier on a slow server is
// how mails come to be sent twice.
type timeouts struct{ connect, command, end, idle time.Duration }

const connections = 8 // at most, without ?connections=

// NewSMTP reads the address of a mail server:
//
//	smtp://user:password@host:587    STARTTLS is demanded, except of localhost and loopback addresses
//	smtps://user:password@host:465   TLS from the first byte
//
// Certificates are always checked, and a password never goes unencrypted to another machine. ?tls=opportunistic takes
// STARTTLS only where the server offers it, for a relay on a private network that has none; ?tls=mandatory demands it of
// localhost too. ?connections= is the most that are open at once (1 to 100, 8 if not said). Nothing is dialled before the
// first mail.
func NewSMTP(address string) (*SMTP, error) {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.Opaque != "" || u.Path != "" && u.Path != "/" || u.Fragment != "" {
		return nil, errors.New("read the mail server's address: it should look like smtp://user:password@host:587") // err quotes the password
	}
	s := &SMTP{host: u.Hostname(), port: u.Port(), dial: (&net.Dialer{}).DialContext,
		timeout: timeouts{connect: 15 * time.Second, command: time.Minute, end: 10 * time.Minute, idle: 30 * time.Second}}
	s.tls = &tls.Config{ServerName: s.host, MinVersion: tls.VersionTLS12}
	if u.User != nil {
		s.user = u.User.Username()
		s.password, _ = u.User.Password()
	}
	port := "587"
	switch u.Scheme {
	case "smtp":
		if loopback(s.host) {
			s.policy = plain
		}
	case "smtps":
		s.implicitTLS, port = true, "465"
	default:
		return nil, errors.New("read the mail server's address: it begins with smtp:// or smtps://")
	}
	if s.port == "" {
		s.port = port
	}
	n, err := s.settings(u.Query())
	if err != nil {
		return nil, fmt.Errorf("read the mail server's address: %w", err)
	}
	s.slots = make(chan struct{}, n)
	return s, nil
}

func (s *SMTP) settings(query url.Values) (maxConnections int, err error) {
	maxConnections = connections
	for name := range query {
		switch value := query.Get(name); {
		case name == "tls" && value == "mandatory" && !s.implicitTLS:
			s.policy = mandatory
		case name == "tls" && value == "opportunistic" && !s.implicitTLS:
			s.policy = opportunistic
		case name == "connections":
			maxConnections, err = strconv.Atoi(value)
			if err != nil || maxConnections < 1 || maxConnections > 100 {
				return 0, errors.New("connections is a number from 1 to 100")
			}
		default:
			return 0, errors.New("its settings are tls=mandatory, tls=opportunistic (both for smtp:// only) and connections=8")
		}
	}
	return maxConnections, nil
}

func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// Server is which server that is. Its user and password nobody is told.
func (s *SMTP) Server() (host, port string) { return s.host, s.port }

// SignWith signs every mail from now on. Call it before the first.
func (s *SMTP) SignWith(d *DKIM) { s.dkim = d }

// Send hands m to the server. It waits for a free connection, and while the server is in doubt for its turn.
func (s *SMTP) Send(ctx context.Context, m *Message) error {
	e, err := m.encode()
	if err == nil {
		err = s.dkim.sign(e)
	}
	if err != nil {
		return &Error{Step: "message", Permanent: true, Err: err}
	}
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-ctx.Done():
		return &Error{Step: "connect", Err: ctx.Err()}
	}
	if err := s.doubt.wait(ctx); err != nil {
		return &Error{Step: "connect", Err: err}
	}
	failed := s.send(ctx, e)
	s.doubt.learn(failed)
	return asError(failed)
}

// send sends over a connection that is open, or a new one. A connection that has died since it was last used is replaced
// once, silently, as long as the end of the text was not sent on it.
func (s *SMTP) send(ctx context.Context, e *envelope) *Error {
	if c := s.takeIdle(); c != nil {
		failed := s.sendOver(ctx, c, e)
		if failed == nil || !c.broken || failed.Uncertain || ctx.Err() != nil {
			return failed
		}
	}
	c, failed := s.connect(ctx, e.domain())
	if failed != nil {
		return failed
	}
	return s.sendOver(ctx, c, e)
}

// asError keeps a nil *Error from becoming an error that is not nil.
func asError(e *Error) error {
	if e == nil {
		return nil
	}
	return e
}

// sendOver sends on c and keeps c for the next mail unless it broke.
func (s *SMTP) sendOver(ctx context.Context, c *conn, e *envelope) *Error {
	failed := c.send(ctx, e)
	if c.broken {
		c.close()
	} else {
		s.keep(c)
	}
	return failed
}

// takeIdle gives the connection used last, or nil. A server hangs up on those who are silent for long, and a firewall
// without a word: older ones are closed instead.
func (s *SMTP) takeIdle() *conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.idle) > 0 {
		c := s.idle[len(s.idle)-1]
		s.idle = s.idle[:len(s.idle)-1]
		if time.Since(c.used) < s.timeout.idle {
			return c
		}
		c.close()
	}
	return nil
}

func (s *SMTP) keep(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		c.close()
		return
	}
	c.used = time.Now()
	for len(s.idle) > 0 && time.Since(s.idle[0].used) >= s.timeout.idle {
		s.idle[0].close()
		s.idle = s.idle[1:]
	}
	s.idle = append(s.idle, c)
}

// Close ends the idle connections at once, and each of the others with its mail.
func (s *SMTP) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	for _, c := range s.idle {
		c.close()
	}
	s.idle = nil
}
