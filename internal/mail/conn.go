package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"strings"
	"time"

	"github.com/wneessen/go-mail/smtp"
)

// conn is one conversation with the server. One goroutine uses it at a time.
type conn struct {
	net     net.Conn // beneath TLS: its deadlines hold for all
	client  *smtp.Client
	timeout timeouts
	used    time.Time // when the last mail ended
	broken  bool      // not to be used again
}

var errNoTLS = errors.New("the server offers no STARTTLS")

// connect dials, greets as helo, encrypts and signs in.
func (s *SMTP) connect(ctx context.Context, helo string) (*conn, *Error) {
	dialing, cancel := context.WithTimeout(ctx, s.timeout.connect)
	defer cancel()
	raw, err := s.dial(dialing, "tcp", net.JoinHostPort(s.host, s.port))
	if err != nil {
		return nil, failure("connect", err)
	}
	c := &conn{net: raw, timeout: s.timeout}
	if failed := s.begin(ctx, c, helo); failed != nil {
		raw.Close()
		return nil, failed
	}
	return c, nil
}

func (s *SMTP) begin(ctx context.Context, c *conn, helo string) *Error {
	defer c.watch(ctx)()
	over := c.net
	if s.implicitTLS {
		encrypted := tls.Client(c.net, s.tls)
		c.within(s.timeout.connect)
		if err := encrypted.HandshakeContext(ctx); err != nil {
			return c.fail(ctx, "tls", err)
		}
		over = encrypted
	}
	c.within(s.timeout.command)
	var err error
	if c.client, err = smtp.NewClient(over, s.host); err != nil {
		return c.fail(ctx, "connect", err)
	}
	if err := c.client.Hello(helo); err != nil {
		return c.fail(ctx, "hello", err)
	}
	if err := s.startTLS(c); err != nil {
		return c.fail(ctx, "tls", err)
	}
	if err := s.signIn(c); err != nil {
		return c.fail(ctx, "auth", err)
	}
	return nil
}

func (s *SMTP) startTLS(c *conn) error {
	if s.implicitTLS || s.policy == plain {
		return nil
	}
	if offered, _ := c.client.Extension("STARTTLS"); !offered {
		if s.policy == opportunistic {
			return nil
		}
		return errNoTLS
	}
	c.within(s.timeout.command)
	return c.client.StartTLS(s.tls)
}

// signIn uses PLAIN, or LOGIN where the server knows nothing else. The library refuses both without TLS except to
// localhost.
func (s *SMTP) signIn(c *conn) error {
	if s.user == "" {
		return nil
	}
	_, mechanisms := c.client.Extension("AUTH")
	auth := smtp.PlainAuth("", s.user, s.password, s.host, false)
	if offered := strings.Fields(mechanisms); !contains(offered, "PLAIN") && contains(offered, "LOGIN") {
		auth = smtp.LoginAuth(s.user, s.password, s.host, false)
	}
	c.within(s.timeout.command)
	return c.client.Auth(auth)
}

func contains(words []string, word string) bool {
	for _, w := range words {
		if strings.EqualFold(w, word) {
			return true
		}
	}
	return false
}

// send goes through one mail. Nil means that the server answered 250 after the text. Unless c is broken afterwards, the
// next mail may follow.
func (c *conn) send(ctx context.Context, e *envelope) *Error {
	defer c.watch(ctx)()
	c.within(c.timeout.command)
	if known, _ := c.client.Extension("SMTPUTF8"); e.utf8 && !known {
		return &Error{Step: "rcpt", Permanent: true, Err: errors.New("the server cannot write to an address with such letters")}
	}
	c.client.SkipSMTPUTF8(!e.utf8) // asked for without need, the next server may refuse the mail
	if err := c.client.Mail("<" + e.bounce + ">"); err != nil {
		return c.refused(ctx, "mail", err)
	}
	c.within(c.timeout.command)
	if err := c.client.Rcpt("<" + e.to + ">"); err != nil {
		return c.refused(ctx, "rcpt", err)
	}
	c.within(c.timeout.command)
	data, err := c.client.Data()
	if err != nil {
		return c.refused(ctx, "data", err)
	}
	c.within(c.timeout.command)
	if _, err := data.Write(e.text); err != nil {
		return c.fail(ctx, "text", err)
	}
	if e.last != nil {
		if err := e.last(); err != nil {
			return c.fail(ctx, "last", err) // the connection is cut before the final dot: the server may not keep the mail
		}
	}
	// From here on the mail may be the server's: the final dot may have reached it whatever we are told.
	c.within(c.timeout.end)
	if err := data.Close(); err != nil {
		failed := c.refused(ctx, "end", err)
		failed.Uncertain = failed.Code == 0
		return failed
	}
	if closed, ok := data.(*smtp.DataCloser); ok && e.reply != nil {
		*e.reply = "250 " + oneLine(closed.ServerResponse())
	}
	return nil
}

// refused is for a step that may have been answered properly: then the connection can go on, after RSET.
func (c *conn) refused(ctx context.Context, step string, err error) *Error {
	failed := c.fail(ctx, step, err)
	if failed.Code == 0 || failed.Code == 421 { // 421: the server is about to hang up (RFC 5321, 3.8)
		return failed
	}
	c.within(c.timeout.command)
	c.broken = c.client.Reset() != nil
	return failed
}

func (c *conn) fail(ctx context.Context, step string, err error) *Error {
	c.broken = true
	if ctx.Err() != nil {
		err = ctx.Err() // rather than the closed connection that watch leaves
	}
	return failure(step, err)
}

// watch cuts the connection when ctx is done, until stop is called. What has been cut is broken.
func (c *conn) watch(ctx context.Context) (stop func()) {
	still := context.AfterFunc(ctx, func() { c.net.Close() })
	return func() {
		if !still() {
			c.broken = true
		}
	}
}

// within gives the coming step d to finish.
func (c *conn) within(d time.Duration) { c.net.SetDeadline(time.Now().Add(d)) }

// close says goodbye if the conversation is in order, and waits for no answer.
func (c *conn) close() {
	if !c.broken {
		c.within(100 * time.Millisecond)
		c.client.Text.Cmd("QUIT")
	}
	c.net.Close()
}
