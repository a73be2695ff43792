package mail

import (
	"bytes"
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
	if failed := c.announce(ctx, e); failed != nil {
		return failed
	}
	text := bytes.ReplaceAll(e.text, []byte("\r\n."), []byte("\r\n..")) // RFC 5321, 4.5.2
	if !bytes.HasSuffix(text, []byte("\r\n")) {
		text = append(text, "\r\n"...)
	}
	if e.last != nil {
		c.within(c.timeout.command)
		if err := c.say(text); err != nil {
			return c.fail(ctx, "text", err)
		}
		if err := e.last(); err != nil {
			return c.fail(ctx, "last", err) // the connection is cut before the final dot: the server may not keep the mail
		}
		text = nil
	}
	c.within(c.timeout.command)
	if err := c.say(append(text, ".\r\n"...)); err != nil {
		return c.fail(ctx, "text", err) // what was not sent whole was sent without the dot
	}
	// From here on the mail may be the server's: the final dot may have reached it whatever we are told.
	c.within(c.timeout.end)
	_, words, err := c.client.Text.ReadResponse(250)
	if err != nil {
		failed := c.refused(ctx, "end", err)
		failed.Uncertain = failed.Code == 0
		return failed
	}
	if e.reply != nil {
		*e.reply = "250 " + oneLine(words)
	}
	return nil
}

// step is a part of the conversation: its name in an Error, what is said, and the code, or its beginning, of the answer.
type step struct {
	name, words string
	answer      int
}

// announce says from whom to whom a mail goes, and that its text follows: in one piece where the server reads on before
// it has answered (RFC 2920), which spares two journeys of three.
func (c *conn) announce(ctx context.Context, e *envelope) *Error {
	from := "MAIL FROM:<" + e.bounce + ">"
	if e.utf8 {
		if known, _ := c.client.Extension("SMTPUTF8"); !known {
			return &Error{Step: "rcpt", Permanent: true, Err: errors.New("the server cannot write to an address with such letters")}
		}
		from += " SMTPUTF8" // asked for without need, the next server may refuse the mail
	}
	steps := []step{{"mail", from, 250}, {"rcpt", "RCPT TO:<" + e.to + ">", 25}, {"data", "DATA", 354}}
	ahead, _ := c.client.Extension("PIPELINING")
	if ahead {
		c.within(c.timeout.command)
		if err := c.say([]byte(steps[0].words + "\r\n" + steps[1].words + "\r\n" + steps[2].words + "\r\n")); err != nil {
			return c.fail(ctx, "mail", err)
		}
	}
	for i, step := range steps {
		c.within(c.timeout.command)
		if !ahead {
			if err := c.say([]byte(step.words + "\r\n")); err != nil {
				return c.fail(ctx, step.name, err)
			}
		}
		if _, _, err := c.client.Text.ReadResponse(step.answer); err != nil {
			failed := c.fail(ctx, step.name, err)
			if ahead && failed.Code != 421 && !c.passOver(steps[i+1:]) {
				return failed
			}
			return c.goOn(failed)
		}
	}
	return nil
}

// passOver reads the answers to what was said ahead of one that is a refusal. False where the connection is of no use any
// more: it is gone, or the server waits for a text although it has refused the mail, and could take a dot for one.
func (c *conn) passOver(steps []step) bool {
	for range steps {
		code, _, err := c.client.Text.ReadResponse(0) // any
		if err != nil || code == 354 {
			return false
		}
	}
	return true
}

func (c *conn) say(words []byte) error {
	w := c.client.Text.W
	if _, err := w.Write(words); err != nil {
		return err
	}
	return w.Flush()
}

// refused is for a step that may have been answered properly: then the connection can go on, after RSET.
func (c *conn) refused(ctx context.Context, step string, err error) *Error {
	return c.goOn(c.fail(ctx, step, err))
}

// goOn makes the connection ready for the next mail, where the server has answered and stays.
func (c *conn) goOn(failed *Error) *Error {
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
