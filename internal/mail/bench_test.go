package mail

import (
	"strings"
	"testing"
)

// longLink is as long as the link of a signature with a comment.
var longLink = confirmLink + strings.Repeat("-_aZ09", 160)

// BenchmarkConfirm writes and sends confirm mails one after the other over one connection to a server in this process.
func BenchmarkConfirm(b *testing.B) {
	client := newSink(b, sinkOptions{}).client(b, "smtp://localhost?connections=1")
	c := composer(b)
	for b.Loop() {
		m, err := c.Confirm(letterhead("es"), longLink, title, stopLink)
		if err != nil {
			b.Fatal(err)
		}
		if err := client.Send(b.Context(), m); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "mails/s")
}

func BenchmarkCompose(b *testing.B) {
	c := composer(b)
	for b.Loop() {
		if _, err := c.Confirm(letterhead("es"), longLink, title, stopLink); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEncode(b *testing.B) {
	m, err := composer(b).Confirm(letterhead("es"), longLink, title, stopLink)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := m.encode(); err != nil {
			b.Fatal(err)
		}
	}
}
