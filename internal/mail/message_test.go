package mail

import (
	"bytes"
	"errors"
	"net/mail"
	"strings"
	"testing"
	"time"
)

func sample() *Message {
	return &Message{
		ID:          "7k2w@example.org",
		From:        "Notices <notices@example.org>",
		To:          "ana@example.com",
		Date:        time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC),
		Language:    "en",
		Subject:     "Please confirm",
		Text:        "Open this page:\n\nhttps://example.org/confirm/abc\n",
		HTML:        "<p>Open <a href=\"https://example.org/confirm/abc\">this page</a></p>\n",
		Unsubscribe: "https://example.org/unsubscribe/xyz",
	}
}

// roundTrip encodes and reads back, header and content.
func roundTrip(t *testing.T, m *Message) (mail.Header, *Kept, []byte) {
	t.Helper()
	e, err := m.encode()
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := mail.ReadMessage(bytes.NewReader(e.text))
	if err != nil {
		t.Fatal(err)
	}
	k, err := parseKept(bytes.NewReader(e.text))
	if err != nil {
		t.Fatal(err)
	}
	return parsed.Header, k, e.text
}

func TestEncodedMailHasTheHeaderOfAnAutomaticMail(t *testing.T) {
	header, _, _ := roundTrip(t, sample())
	for field, want := range map[string]string{
		"From":                  `"Notices" <notices@example.org>`,
		"To":                    "<ana@example.com>",
		"Subject":               "Please confirm",
		"Message-Id":            "<7k2w@example.org>",
		"Date":                  "Sun, 22 Nov 2026 12:00:00 +0000",
		"Auto-Submitted":        "auto-generated",
		"Content-Language":      "en",
		"List-Unsubscribe":      "<https://example.org/unsubscribe/xyz>",
		"List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
		"User-Agent":            "",
		"X-Mailer":              "",
	} {
		if got := header.Get(field); got != want {
			t.Errorf("%s: %q, want %q", field, got, want)
		}
	}
}

func TestMailComesBackAsItWasWritten(t *testing.T) {
	long := strings.Repeat("canción ", 1250) // 10,000 characters on a line
	tests := map[string]func(*Message){
		"plain":              func(m *Message) {},
		"no HTML":            func(m *Message) { m.HTML = "" },
		"non-ASCII subject":  func(m *Message) { m.Subject = strings.Repeat("Confirme su dirección — ¿sí? ", 10) },
		"non-ASCII name":     func(m *Message) { m.From = "Centro de Niños <hola@example.org>" },
		"long lines":         func(m *Message) { m.Text, m.HTML = long+"x\n", "<p>"+long+"</p>\n" },
		"a very long word":   func(m *Message) { m.Text = strings.Repeat("x", 10_000) + "\n" },
		"dots begin lines":   func(m *Message) { m.Text = ".\n..\n.x\n" },
		"trailing space":     func(m *Message) { m.Text = "a \nb\t\n" },
		"a boundary in text": func(m *Message) { m.Text = "--x\n--\n" },
	}
	for name, change := range tests {
		m := sample()
		change(m)
		_, k, wire := roundTrip(t, m)
		from, err := mail.ParseAddress(m.From)
		if err != nil {
			t.Fatal(err)
		}
		gotFrom, err := new(mail.AddressParser).Parse(k.From)
		if err != nil || gotFrom.Name != from.Name || gotFrom.Address != from.Address {
			t.Errorf("%s: from %q, %v", name, k.From, err)
		}
		if k.Subject != m.Subject || k.Text != m.Text || k.HTML != m.HTML || !k.Date.Equal(m.Date) {
			t.Errorf("%s: came back as %.200q %.200q %.200q", name, k.Subject, k.Text, k.HTML)
		}
		for line := range bytes.SplitSeq(wire, []byte("\r\n")) {
			if len(line) > 998 || bytes.ContainsAny(line, "\r\n") || !ascii(string(line)) {
				t.Errorf("%s: a line that no server need take: %.100q", name, line)
			}
		}
	}
}

func TestDomainsGoOutInASCII(t *testing.T) {
	for to, want := range map[string]string{
		"Ana@Example.com":      "Ana@Example.com",
		"ana@my--shop.example": "ana@my--shop.example",
		"ana@señal.example":    "ana@xn--seal-hqa.example",
		"ñandú@señal.example":  "ñandú@xn--seal-hqa.example",
	} {
		m := sample()
		m.To = to
		e, err := m.encode()
		if err != nil || e.to != want || e.utf8 != !ascii(want) {
			t.Errorf("%s: %v, %+v", to, err, e)
		}
	}
}

func TestNothingCanAddALineToTheHeader(t *testing.T) {
	fields := map[string]func(*Message) *string{
		"ID":          func(m *Message) *string { return &m.ID },
		"From":        func(m *Message) *string { return &m.From },
		"To":          func(m *Message) *string { return &m.To },
		"Language":    func(m *Message) *string { return &m.Language },
		"Subject":     func(m *Message) *string { return &m.Subject },
		"Unsubscribe": func(m *Message) *string { return &m.Unsubscribe },
	}
	for name, field := range fields {
		for _, bad := range []string{"\r\nBcc: eve@example.net", "\n", "\r", "\x00", "\x1b", "\u0085", "\u2028", "\xff"} {
			for _, place := range []string{"end", "middle", "start"} {
				m := sample()
				s := *field(m)
				*field(m) = map[string]string{"end": s + bad, "middle": s[:1] + bad + s[1:], "start": bad + s}[place]
				_, err := m.encode()
				if err == nil {
					t.Errorf("%s with %q at its %s: accepted", name, bad, place)
				} else if strings.Contains(err.Error(), "example") {
					t.Errorf("%s: the error %q quotes the mail", name, err)
				}
			}
		}
	}
}

func TestMalformedMessagesAreRefused(t *testing.T) {
	for name, spoil := range map[string]func(*Message){
		"no ID":              func(m *Message) { m.ID = "" },
		"ID without domain":  func(m *Message) { m.ID = "abc" },
		"ID in brackets":     func(m *Message) { m.ID = "<abc@example.org>" },
		"no sender":          func(m *Message) { m.From = "" },
		"two senders":        func(m *Message) { m.From = "a@example.org, b@example.org" },
		"no recipient":       func(m *Message) { m.To = "" },
		"a name in To":       func(m *Message) { m.To = "Ana <ana@example.com>" },
		"two recipients":     func(m *Message) { m.To = "a@example.com,b@example.com" },
		"no date":            func(m *Message) { m.Date = time.Time{} },
		"no language":        func(m *Message) { m.Language = "" },
		"no subject":         func(m *Message) { m.Subject = "" },
		"a huge subject":     func(m *Message) { m.Subject = strings.Repeat("x", maxSubject+1) },
		"no text":            func(m *Message) { m.Text = "" },
		"script unsubscribe": func(m *Message) { m.Unsubscribe = "javascript:alert(1)" },
		"huge unsubscribe":   func(m *Message) { m.Unsubscribe += strings.Repeat("x", maxUnsubscribe) },
		"closed bracket":     func(m *Message) { m.Unsubscribe += ">,<mailto:eve@example.net" },
	} {
		m := sample()
		spoil(m)
		if _, err := m.encode(); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestMalformedMessageIsAPermanentFailure(t *testing.T) {
	m := sample()
	m.To = "nobody"
	box, err := OpenOutbox(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	server, err := NewSMTP("smtp://localhost")
	if err != nil {
		t.Fatal(err)
	}
	for _, sender := range []Sender{box, server} {
		var failed *Error
		if err := sender.Send(t.Context(), m); !errors.As(err, &failed) || !failed.Permanent {
			t.Errorf("%T: %v", sender, err)
		}
	}
}

func FuzzEncode(f *testing.F) {
	f.Add("Notices <notices@example.org>", "ana@example.com", "Please confirm", "text\n", "<p>html")
	f.Add("a@b.c", "x@y.zz", "é\u202e", ".\r\n.\r\n", "\x00")
	f.Fuzz(func(t *testing.T, from, to, subject, text, html string) {
		m := sample()
		m.From, m.To, m.Subject, m.Text, m.HTML = from, to, subject, text, html
		e, err := m.encode()
		if err != nil {
			return
		}
		parsed, err := mail.ReadMessage(bytes.NewReader(e.text))
		if err != nil {
			t.Fatalf("not a mail: %v", err)
		}
		known := map[string]bool{"From": true, "To": true, "Subject": true, "Date": true, "Message-Id": true, "Mime-Version": true,
			"Auto-Submitted": true, "Content-Language": true, "Content-Type": true, "Content-Transfer-Encoding": true,
			"List-Unsubscribe": true, "List-Unsubscribe-Post": true}
		for field, values := range parsed.Header {
			if !known[field] || len(values) != 1 {
				t.Fatalf("the header has %s: %q", field, values)
			}
		}
	})
}
