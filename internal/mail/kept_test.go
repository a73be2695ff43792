package mail

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

func TestLinksInTheirOrderEachOnce(t *testing.T) {
	text := "a https://example.org/1?x=y#z\n<http://example.org/2> https://example.org/1?x=y#z\nftp://example.org/3 \"https://e.org/4\""
	want := []string{"https://example.org/1?x=y#z", "http://example.org/2", "https://e.org/4"}
	if got := Links(text); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestBrokenFilesAreNoMails(t *testing.T) {
	const head = "Date: Sun, 22 Nov 2026 12:00:00 +0000\r\n"
	for name, text := range map[string]string{
		"empty":            "",
		"no header":        "hello\r\n\r\n",
		"no date":          "Content-Type: text/plain\r\n\r\nhello",
		"no kind":          head + "\r\nhello",
		"cut off":          head + "Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n",
		"bad boundary":     head + "Content-Type: multipart/alternative\r\n\r\n--b\r\n",
		"broken encoding":  head + "Content-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=\x00\r\n",
		"malformed header": head + "Content-Type text/plain\r\n\r\n",
	} {
		if k, err := parseKept(strings.NewReader(text)); err == nil {
			t.Errorf("%s: read as %+v", name, k)
		}
	}
}

func FuzzParseKept(f *testing.F) {
	e, err := sample().encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(e.text)
	f.Add([]byte("Date: Sun, 22 Nov 2026 12:00:00 +0000\r\nContent-Type: text/html\r\nSubject: =?utf-8?q?=C3?=\r\n\r\n<p>"))
	f.Add([]byte("Date: 31 Dec 0000 23:00:00 -0100\r\nContent-Type: text/plain\r\n\r\nx"))
	f.Fuzz(func(t *testing.T, text []byte) {
		k, err := parseKept(bytes.NewReader(text))
		if err != nil {
			return
		}
		// The zero time can be written, as a time of the year 1, or of the year before it in a zone west of Greenwich.
		if k.Date.IsZero() && !bytes.Contains(text, []byte("0001")) && !bytes.Contains(text, []byte("0000")) {
			t.Fatal("a mail without a date")
		}
		for _, found := range k.Links {
			if !strings.Contains(k.Text, found) {
				t.Fatalf("%q is not in the text", found)
			}
		}
	})
}
