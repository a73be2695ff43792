package mail

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
)

// reports are shaped like those of the servers that they are named for.
var reports = map[string]struct {
	raw  string
	want Report
}{
	"Postfix": {`Return-Path: <>
Delivered-To: bounces+abc@cause.example
Date: Sun, 22 Nov 2026 12:00:00 +0000 (UTC)
From: MAILER-DAEMON@relay.example (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: bounces+abc@cause.example
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
	boundary="4F1C.1700000000/relay.example"

This is a MIME-encapsulated message.

--4F1C.1700000000/relay.example
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

<ana@mail.example>: host mx.mail.example said: 550 5.1.1 no such user

--4F1C.1700000000/relay.example
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example
X-Postfix-Queue-ID: 4F1C
Arrival-Date: Sun, 22 Nov 2026 11:59:59 +0000 (UTC)

Final-Recipient: rfc822; ana@mail.example
Original-Recipient: rfc822;ana@mail.example
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no such user

--4F1C.1700000000/relay.example
Content-Description: Undelivered Message
Content-Type: message/rfc822

Message-ID: <news.abc@cause.example>
Subject: It moves

Hello.

--4F1C.1700000000/relay.example--
`, Report{Action: "failed", Status: "5.1.1", Mentions: []string{"<news.abc@cause.example>", "bounces+abc@cause.example", "bounces+abc@cause.example"}}},
	"Exchange": {`From: postmaster@corp.example
To: bounces@cause.example
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="_x_"
In-Reply-To: <news.abc@cause.example>
Subject: Undeliverable: It moves

--_x_
Content-Type: multipart/alternative; boundary="_y_"

--_y_
Content-Type: text/plain

Your message could not be delivered.
--_y_--
--_x_
Content-Type: message/delivery-status

Reporting-MTA: dns;AM0.corp.example
Received-From-MTA: dns;cause.example

Original-Recipient: rfc822;bo@corp.example
Final-Recipient: rfc822;bo@corp.example
Action: failed
Status: 5.7.1 (Access denied)
Diagnostic-Code: smtp;550 5.7.1 Access denied

--_x_
Content-Type: message/rfc822

Subject: It moves
Message-ID:
 <news.abc@cause.example>

--_x_--
`, Report{Action: "failed", Status: "5.7.1", Mentions: []string{"<news.abc@cause.example>", "bounces@cause.example", "<news.abc@cause.example>"}}},
	"late, headers alone": {`To: bounces@cause.example
Content-Type: multipart/report; report-type="delivery-status"; boundary=b

--b
Content-Type: message/delivery-status
Content-Transfer-Encoding: quoted-printable

Reporting-MTA: dns; r=2Eexample
Original-Envelope-Id: abc

Action: delayed
Status: 4.4.1
--b
Content-Type: text/rfc822-headers

Message-Id: <news.abc@cause.example>
--b--
`, Report{Action: "delayed", Status: "4.4.1", Mentions: []string{"abc", "<news.abc@cause.example>", "bounces@cause.example"}}},
	"international": {`To: bounces@cause.example
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: message/global-delivery-status
Content-Transfer-Encoding: base64

UmVwb3J0aW5nLU1UQTogZG5zOyByLmV4YW1wbGUKCkFjdGlvbjogRmFpbGVkClN0YXR1czogNS4yLjIK
--b
Content-Type: message/global-headers

Message-ID: <news.abc@cause.example>
--b--
`, Report{Action: "failed", Status: "5.2.2", Mentions: []string{"<news.abc@cause.example>", "bounces@cause.example"}}},
	"complaint": {`From: feedback@mail.example
To: complaints@cause.example
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="part1"
Subject: FW: It moves

--part1
Content-Type: text/plain

This is an email abuse report.
--part1
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: SomeGenerator/1.0
Version: 1
Original-Mail-From: <bounces+abc@cause.example>
Original-Rcpt-To: <ana@mail.example>

--part1
Content-Type: message/rfc822
Content-Disposition: inline

From: <hello@cause.example>
Message-ID: <news.abc@cause.example>

Hello.
--part1--
`, Report{Complaint: true, Mentions: []string{"<bounces+abc@cause.example>", "<news.abc@cause.example>", "complaints@cause.example"}}},
}

func TestReportsOfEachShapeAreRead(t *testing.T) {
	for name, c := range reports {
		for _, raw := range []string{c.raw, strings.ReplaceAll(c.raw, "\n", "\r\n")} {
			got, err := ReadReport(strings.NewReader(raw))
			if err != nil || got.Complaint != c.want.Complaint || got.Action != c.want.Action || got.Status != c.want.Status || !slices.Equal(got.Mentions, c.want.Mentions) {
				t.Errorf("%s: %+v %v", name, got, err)
			}
		}
	}
}

func TestWhatIsNoReportIsNone(t *testing.T) {
	postfix := reports["Postfix"].raw
	for name, raw := range map[string]string{
		"nothing":            "",
		"garbage":            "\x00\xff\r\n\r\n\x01",
		"somebody's answer":  "From: ana@mail.example\nContent-Type: text/plain\n\nPlease take me off.",
		"on holiday":         "From: ana@mail.example\nAuto-Submitted: auto-replied\nTo: bounces+abc@cause.example\nContent-Type: text/plain\n\nI am away.",
		"no boundary":        "Content-Type: multipart/report\n\n--\n",
		"a boundary alone":   "Content-Type: multipart/report; boundary=b\n\n--b--\n",
		"says nothing":       strings.Replace(postfix, "Action: failed", "X-Action: failed", 1),
		"not spam after all": strings.Replace(reports["complaint"].raw, "Feedback-Type: abuse", "Feedback-Type: not-spam", 1),
		"a forwarded report": "Content-Type: message/rfc822\n\n" + postfix,
	} {
		if got, err := ReadReport(strings.NewReader(raw)); !errors.Is(err, ErrNoReport) {
			t.Errorf("%s: %+v %v", name, got, err)
		}
	}
}

// A report may carry all of the mail that it is about, or a gigabyte of noise.
func TestEndlessReportIsReadToALimit(t *testing.T) {
	raw := strings.NewReader(strings.Replace(reports["Postfix"].raw, "Hello.", strings.Repeat("Hello. ", 5_000_000), 1))
	got, err := ReadReport(raw)
	if err != nil || got.Status != "5.1.1" || got.Mentions[0] != "<news.abc@cause.example>" {
		t.Errorf("%+v %v", got, err)
	}
	if left := raw.Len(); left < 30_000_000 {
		t.Errorf("only %d bytes were left unread", left)
	}
	noise := &endless{}
	if _, err := ReadReport(noise); !errors.Is(err, ErrNoReport) || noise.n > 2*maxReport {
		t.Errorf("%d bytes of noise were read: %v", noise.n, err)
	}
	var many strings.Builder
	for range 10_000 {
		many.WriteString("To: bounces@cause.example\n")
	}
	if got, err := ReadReport(strings.NewReader(many.String() + reports["Postfix"].raw)); err != nil && !errors.Is(err, ErrNoReport) || err == nil && len(got.Mentions) > maxMentions {
		t.Errorf("%d mentions, %v", len(got.Mentions), err)
	}
}

type endless struct{ n int }

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'a'
	}
	e.n += len(p)
	return len(p), nil
}

func FuzzReadReport(f *testing.F) {
	for _, c := range reports {
		f.Add([]byte(c.raw))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		got, err := ReadReport(strings.NewReader(string(raw)))
		if err != nil {
			if !errors.Is(err, ErrNoReport) || errors.Is(err, io.EOF) {
				t.Fatal(err)
			}
			return
		}
		if !got.Complaint && got.Action == "" || len(got.Mentions) > maxMentions {
			t.Errorf("%+v", got)
		}
	})
}
