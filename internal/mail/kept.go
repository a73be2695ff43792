package mail

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"regexp"
	"strings"
	"time"
)

// Kept is a mail read back from an Outbox.
type Kept struct {
	Name              string // of its file
	From, To, Subject string
	Date              time.Time
	Text, HTML        string
	Links             []string // of Text, in their order
}

// parseKept reads a mail of the shape that Message.encode writes: a text, or a text and its HTML.
func parseKept(r io.Reader) (*Kept, error) {
	m, err := mail.ReadMessage(r)
	if err != nil {
		return nil, errors.New("the header is malformed")
	}
	k := &Kept{From: words(m.Header.Get("From")), To: words(m.Header.Get("To")), Subject: words(m.Header.Get("Subject"))}
	if k.Date, err = m.Header.Date(); err != nil {
		return nil, errors.New("the date is malformed")
	}
	kind, parameters, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	switch {
	case err != nil:
		err = errors.New("the kind of its content is malformed")
	case kind == "multipart/alternative":
		err = k.readParts(multipart.NewReader(m.Body, parameters["boundary"]))
	default:
		err = k.readPart(textproto.MIMEHeader(m.Header), m.Body)
	}
	if err != nil {
		return nil, err
	}
	if k.Text == "" && k.HTML == "" {
		return nil, errors.New("it says nothing")
	}
	k.Links = Links(k.Text)
	return k, nil
}

func (k *Kept) readParts(parts *multipart.Reader) error {
	for range 2 {
		part, err := parts.NextRawPart()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return errors.New("a part is malformed")
		}
		if err := k.readPart(part.Header, part); err != nil {
			return err
		}
	}
	return nil
}

func (k *Kept) readPart(header textproto.MIMEHeader, body io.Reader) error {
	if strings.EqualFold(header.Get("Content-Transfer-Encoding"), "quoted-printable") {
		body = quotedprintable.NewReader(body)
	}
	text, err := io.ReadAll(body)
	if err != nil {
		return errors.New("a part is malformed")
	}
	lines := strings.ToValidUTF8(strings.ReplaceAll(string(text), "\r\n", "\n"), "\uFFFD")
	if kind, _, _ := mime.ParseMediaType(header.Get("Content-Type")); kind == "text/html" {
		k.HTML = lines
	} else {
		k.Text = lines
	}
	return nil
}

// words undoes RFC 2047; a field that cannot be decoded stays as it is.
func words(field string) string {
	if decoded, err := new(mime.WordDecoder).DecodeHeader(field); err == nil {
		return decoded
	}
	return field
}

var link = regexp.MustCompile(`https?://[^\s<>"]+`)

// Links finds the addresses of the web in a text, each once, in their order.
func Links(text string) (links []string) {
	seen := map[string]bool{}
	for _, found := range link.FindAllString(text, -1) {
		if !seen[found] {
			seen[found] = true
			links = append(links, found)
		}
	}
	return links
}
