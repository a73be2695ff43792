package mail

import (
	"bufio"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"regexp"
	"strings"
)

// Report is what one mail says about another: that it was not delivered (RFC 3464), or that its reader complained (RFC 5965).
type Report struct {
	Complaint bool
	Action    string // failed, delayed, delivered, relayed, expanded; empty in a complaint
	Status    string // such as 5.1.1 (RFC 3463)
	// Mentions are where the mail that it is about may be named: Message-IDs, and addresses that it was sent from and that
	// the report was sent to.
	Mentions []string
}

// ErrNoReport is a mail that is no report: somebody's answer, a notice of absence, or anything at all.
var ErrNoReport = errors.New("not a report about a mail")

// What is read of a report. It is enough for the first 100 KB of what a mail server writes, and the header of the mail that it is
// about; most of the rest is that mail.
const (
	maxReport      = 256 << 10 // bytes
	maxReportParts = 8
)

var status = regexp.MustCompile(`[245]\.\d{1,3}\.\d{1,3}`)

// ReadReport reads a report. Of one that is cut short, or too long, what comes first counts.
func ReadReport(r io.Reader) (*Report, error) {
	m, err := mail.ReadMessage(bufio.NewReader(io.LimitReader(r, maxReport)))
	if err != nil {
		return nil, ErrNoReport
	}
	kind, parameters, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/report" || parameters["boundary"] == "" {
		return nil, ErrNoReport
	}
	report := &Report{}
	said := false
	parts := multipart.NewReader(m.Body, parameters["boundary"])
	for range maxReportParts {
		part, err := parts.NextRawPart()
		if err != nil {
			break
		}
		said = report.read(part) || said
	}
	if !said {
		return nil, ErrNoReport
	}
	for _, name := range []string{"To", "Delivered-To", "X-Original-To", "In-Reply-To", "References"} {
		report.mention(m.Header[textproto.CanonicalMIMEHeaderKey(name)]...)
	}
	return report, nil
}

// read reads one part, and tells whether it is the one that says what happened.
func (r *Report) read(part *multipart.Part) (said bool) {
	kind, _, err := mime.ParseMediaType(part.Header.Get("Content-Type"))
	if err != nil {
		return false
	}
	var body io.Reader = part
	switch strings.ToLower(part.Header.Get("Content-Transfer-Encoding")) {
	case "quoted-printable":
		body = quotedprintable.NewReader(part)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, part)
	}
	fields := textproto.NewReader(bufio.NewReader(body))
	switch kind {
	case "message/delivery-status", "message/global-delivery-status": // RFC 6533
		return r.readStatus(fields)
	case "message/feedback-report":
		return r.readFeedback(fields)
	case "message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers":
		header, _ := fields.ReadMIMEHeader() // what there is of it
		r.mention(header["Message-Id"]...)
	}
	return false
}

// readStatus reads the fields about the mail, and then those about each of its recipients: ours has one.
func (r *Report) readStatus(fields *textproto.Reader) bool {
	for range 10 {
		header, err := fields.ReadMIMEHeader()
		r.mention(header["Original-Envelope-Id"]...)
		if action := strings.ToLower(strings.TrimSpace(header.Get("Action"))); action != "" {
			r.Action, r.Status = action, status.FindString(header.Get("Status"))
			return true
		}
		if err != nil {
			return false
		}
	}
	return false
}

func (r *Report) readFeedback(fields *textproto.Reader) bool {
	header, _ := fields.ReadMIMEHeader()
	r.mention(header["Original-Mail-From"]...)
	switch kind := strings.ToLower(strings.TrimSpace(header.Get("Feedback-Type"))); kind {
	case "abuse", "fraud", "virus", "opt-out", "other":
		r.Complaint = true
		return true
	}
	return false // not-spam, or about what our signatures are worth (RFC 6591)
}

// maxMentions bounds what is looked up for one report.
const maxMentions = 50

func (r *Report) mention(values ...string) {
	for _, value := range values {
		if len(r.Mentions) < maxMentions && len(value) <= 1000 {
			r.Mentions = append(r.Mentions, value)
		}
	}
}
