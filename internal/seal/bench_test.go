package seal

import (
	"testing"
	"time"
)

// A row and a token are about this long.
var row = make([]byte, 400)

func BenchmarkSeal(b *testing.B) {
	k, room := testKey(), make([]byte, 0, len(row)+Overhead)
	b.ReportAllocs()
	for b.Loop() {
		k.Seal(room, row, "signature", "0123456789abcdef", pid)
	}
}

func BenchmarkOpen(b *testing.B) {
	k, room := testKey(), make([]byte, 0, len(row))
	sealed := k.Seal(nil, row, "signature", "0123456789abcdef", pid)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := k.Open(room, sealed, "signature", "0123456789abcdef", pid); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkData(b *testing.B) {
	ring := newHouse(b).init(b)
	must(b, ring.MakeAction(b.Context(), pid))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ring.Data(b.Context(), pid); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSealPending(b *testing.B) {
	ring, room := newHouse(b).init(b), make([]byte, 0, len(row)+PendingOverhead)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ring.SealPending(b.Context(), room, row, noon, "job"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSealToken(b *testing.B) {
	ring := newHouse(b).init(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ring.SealToken(b.Context(), row, noon, "confirm", "/issue/action"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpenToken(b *testing.B) {
	ring := newHouse(b).init(b)
	token, err := ring.SealToken(b.Context(), row, noon, "confirm", "/issue/action")
	must(b, err)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ring.OpenToken(b.Context(), token, noon, "confirm", "/issue/action"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLink(b *testing.B) {
	ring := newHouse(b).init(b)
	b.ReportAllocs()
	for b.Loop() {
		token := ring.SealLink("my", row[:30], noon.Add(time.Hour))
		if _, _, err := ring.OpenLink("my", token, noon); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEmail(b *testing.B) {
	k := countingKey()
	b.ReportAllocs()
	for b.Loop() {
		k.Email("Ada.Lovelace+petitions@example.org")
	}
}

func BenchmarkEmailName(b *testing.B) {
	k := countingKey()
	b.ReportAllocs()
	for b.Loop() {
		k.EmailName("Ada.Lovelace+petitions@example.org", "José", "Lovelace")
	}
}

func BenchmarkCheckFormToken(b *testing.B) {
	ring := newHouse(b).init(b)
	token := ring.FormToken(pid, 1, noon)
	b.ReportAllocs()
	for b.Loop() {
		if !ring.CheckFormToken(token, pid, 1, noon) {
			b.Fatal("refused")
		}
	}
}
