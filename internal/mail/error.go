package mail

import (
	"errors"
	"fmt"
	"net/textproto"
	"regexp"
	"strings"
)

// Error is a mail that was not handed over. It holds no address: the words of a server, which may quote one, are
// dropped.
type Error struct {
	// Permanent means that trying again is useless: the server answered 5xx to this recipient or this text, or the
	// message is malformed. All else is temporary: 4xx, network, time, TLS, a refused sign-in, a refused sender.
	Permanent bool
	// Uncertain means that all of the text was sent and no answer came: the server may have the mail.
	Uncertain bool
	Step      string // message, connect, hello, tls, auth, mail, rcpt, data, text, last, end; file for an Outbox
	Code      int    // of the reply (RFC 5321), 0 where there was none
	Enhanced  string // such as 5.1.1 (RFC 3463), empty where there was none
	Err       error  // what went wrong where no reply did: network, certificate, context
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("send a mail: " + e.Step)
	if e.Code != 0 {
		fmt.Fprintf(&b, ": answered %d", e.Code)
	}
	if e.Enhanced != "" {
		b.WriteString(" " + e.Enhanced)
	}
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}
	if e.Uncertain {
		b.WriteString(" (it may have been accepted)")
	}
	return b.String()
}

func (e *Error) Unwrap() error { return e.Err }

var enhanced = regexp.MustCompile(`^[245]\.\d{1,3}\.\d{1,3}\b`)

// failure makes an Error of what a step of the conversation returned.
func failure(step string, err error) *Error {
	e := &Error{Step: step}
	var reply *textproto.Error
	if !errors.As(err, &reply) {
		e.Err = err
		var broken textproto.ProtocolError
		if errors.As(err, &broken) {
			e.Err = errors.New("not an SMTP reply") // the original quotes it
		}
		return e
	}
	e.Code = reply.Code
	e.Enhanced = enhanced.FindString(reply.Msg)
	e.Permanent = e.Code >= 500 && e.Code <= 599 && (step == "rcpt" || step == "data" || step == "end") && !wantsAuth(e.Code)
	return e
}

// wantsAuth: we are not signed in as the server wishes. That is for the operator to mend, and then the mail goes out.
func wantsAuth(code int) bool { return code == 530 || code == 535 || code == 538 }
