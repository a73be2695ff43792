// Package mail writes the mails of a site, hands them to a mail server, or keeps them in a folder where there is none.
package mail

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/quotedprintable"
	"net/mail"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode"

	"github.com/undersigned/undersigned"
	"golang.org/x/net/idna"
)

// Message is one mail to one person.
type Message struct {
	// ID becomes the Message-ID, without angle brackets. A mail that is tried again keeps its ID, so that a mailbox
	// which got it twice can tell.
	ID          string
	From        string // an address, or a name and an address: "Site <hello@example.org>"
	To          string // a bare address
	ReplyTo     string // a bare address that answers go to; empty for the sender's
	Bounce      string // a bare address that is told when the mail does not arrive (RFC 5321, 4.4); empty for the sender's
	Date        time.Time
	Language    string // of subject and text, as in the lang attribute
	Subject     string
	Text, HTML  string
	Unsubscribe string // a page that takes the POST of RFC 8058; empty for none
	// Personal marks a mail that a person wrote: it is not called automatic.
	Personal bool
	// Last is asked when the server has all of the mail but its last line, without which no server may keep it (RFC 5321,
	// 4.1.1.4): the moment to note that it may be gone. Where it fails, the mail is not sent. Nil asks nobody. It is
	// called once at most for each Send.
	Last func() error
	// Reply, unless nil, is given what the server answered when it took the mail, in one line.
	Reply *string
}

// Sender hands a mail over. *SMTP and *Outbox do; both may be used by many goroutines at once.
//
// A nil error means that the mail is now another's duty: the server has answered 250 after the text, or the file and its
// name are on disk. Any other error is an *Error and the caller still owns the mail, although where Error.Uncertain is
// set the server may have it too.
//
// Send gives up when ctx is done; a mail whose last byte was sent by then is uncertain.
type Sender interface {
	Send(ctx context.Context, m *Message) error
}

// In bytes, so that no line of the header passes RFC 5322's 998.
const maxSubject, maxUnsubscribe = 400, 900

var (
	messageID   = regexp.MustCompile(`^[A-Za-z0-9._+-]{1,120}@[A-Za-z0-9.-]{1,120}$`)
	languageTag = regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$`)
)

// check refuses whatever could add a line to the header, before anything else reads the message, and gives the sender.
// Its errors name the field and never its content.
func (m *Message) check() (from *mail.Address, err error) {
	wrong := func(field string) (*mail.Address, error) {
		return nil, fmt.Errorf("check a mail: %s is malformed", field)
	}
	for field, value := range map[string]string{"ID": m.ID, "From": m.From, "To": m.To, "ReplyTo": m.ReplyTo, "Bounce": m.Bounce, "Language": m.Language,
		"Subject": m.Subject, "Unsubscribe": m.Unsubscribe} {
		if strings.ContainsFunc(value, breaksLine) || strings.ToValidUTF8(value, "") != value {
			return wrong(field)
		}
	}
	from, err = mail.ParseAddress(m.From)
	switch {
	case !messageID.MatchString(m.ID):
		return wrong("ID")
	case err != nil || !undersigned.ValidEmail(from.Address) && !strings.HasSuffix(from.Address, "@localhost"):
		return wrong("From")
	case !undersigned.ValidEmail(m.To):
		return wrong("To")
	case m.ReplyTo != "" && !undersigned.ValidEmail(m.ReplyTo):
		return wrong("ReplyTo")
	case m.Bounce != "" && !undersigned.ValidEmail(m.Bounce):
		return wrong("Bounce")
	case m.Date.IsZero():
		return wrong("Date")
	case !languageTag.MatchString(m.Language):
		return wrong("Language")
	case m.Subject == "" || len(m.Subject) > maxSubject:
		return wrong("Subject")
	case m.Text == "":
		return wrong("Text")
	case m.Unsubscribe != "" && !webAddress(m.Unsubscribe) || len(m.Unsubscribe) > maxUnsubscribe:
		return wrong("Unsubscribe")
	}
	return from, nil
}

func breaksLine(r rune) bool { return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' }

// webAddress tells whether s is an absolute address of the web that can stand in a header and in a mail.
func webAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil &&
		!strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '<' || r == '>' || r == '"' })
}

// envelope is a message as it goes over the wire.
type envelope struct {
	from, to string // of the header, the domain in ASCII
	bounce   string // the sender that the envelope names
	utf8     bool   // an address needs SMTPUTF8 (RFC 6531)
	text     []byte

	last  func() error
	reply *string
}

func (m *Message) encode() (*envelope, error) {
	from, err := m.check()
	if err != nil {
		return nil, err
	}
	to := &mail.Address{Address: m.To}
	for _, a := range []*mail.Address{from, to} {
		if a.Address, err = asciiDomain(a.Address); err != nil {
			return nil, err
		}
	}
	header := [][2]string{
		{"Date", m.Date.Format(time.RFC1123Z)},
		{"Message-ID", "<" + m.ID + ">"},
		{"From", folded(from.String())},
		{"To", to.String()},
		{"Subject", folded(mime.QEncoding.Encode("UTF-8", m.Subject))},
		{"Content-Language", m.Language},
	}
	if m.ReplyTo != "" {
		reply, err := asciiDomain(m.ReplyTo)
		if err != nil {
			return nil, err
		}
		header = append(header, [2]string{"Reply-To", (&mail.Address{Address: reply}).String()})
	}
	if !m.Personal {
		header = append(header, [2]string{"Auto-Submitted", "auto-generated"}) // RFC 3834: no answers from holiday responders
	}
	if m.Unsubscribe != "" { // encoding or folding it would break it
		header = append(header, [2]string{"List-Unsubscribe", "<" + m.Unsubscribe + ">"}, [2]string{"List-Unsubscribe-Post", "List-Unsubscribe=One-Click"})
	}
	var text bytes.Buffer
	text.Grow(2*(len(m.Text)+len(m.HTML)) + 2048)
	for _, h := range header {
		text.WriteString(h[0] + ": " + h[1] + "\r\n")
	}
	m.writeBody(&text)
	bounce := cmp.Or(m.Bounce, from.Address)
	if bounce, err = asciiDomain(bounce); err != nil {
		return nil, err
	}
	return &envelope{from: from.Address, to: to.Address, bounce: bounce, utf8: !ascii(from.Address + to.Address + m.ReplyTo + bounce), text: text.Bytes(),
		last: m.Last, reply: m.Reply}, nil
}

// folded puts each encoded word (RFC 2047) on a line of its own, so that none is too long.
func folded(words string) string { return strings.ReplaceAll(words, "?= =?", "?=\r\n =?") }

// writeBody writes the text or, as the same in two forms, text and HTML (RFC 2046, 5.1.4).
func (m *Message) writeBody(b *bytes.Buffer) {
	b.WriteString("MIME-Version: 1.0\r\n")
	if m.HTML == "" {
		writePart(b, "text/plain", m.Text)
		return
	}
	boundary := rand.Text() + rand.Text()
	b.WriteString("Content-Type: multipart/alternative; boundary=" + boundary + "\r\n\r\n--" + boundary + "\r\n")
	writePart(b, "text/plain", m.Text)
	b.WriteString("\r\n--" + boundary + "\r\n")
	writePart(b, "text/html", m.HTML)
	b.WriteString("\r\n--" + boundary + "--\r\n")
}

func writePart(b *bytes.Buffer, kind, words string) {
	b.WriteString("Content-Type: " + kind + "; charset=UTF-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n")
	w := quotedprintable.NewWriter(b)
	io.WriteString(w, words) // a bytes.Buffer does not fail
	w.Close()
}

// asciiDomain leaves ASCII alone: IDNA refuses names such as my--shop.example, which exist.
func asciiDomain(address string) (string, error) {
	if ascii(address) {
		return address, nil
	}
	at := strings.LastIndexByte(address, '@')
	domain, err := idna.Lookup.ToASCII(address[at+1:])
	if err != nil {
		return "", errors.New("encode a mail: a domain is malformed")
	}
	return address[:at+1] + domain, nil
}

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII })
}

// domain is the sender's, in ASCII: how we name ourselves to the server, so that the name of our machine stays here.
func (e *envelope) domain() string { return e.from[strings.LastIndexByte(e.from, '@')+1:] }
