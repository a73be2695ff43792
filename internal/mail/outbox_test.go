package mail

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestOutboxShowsTheNewestFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // its clock stands still: all names are made in the same nanosecond
		box, err := OpenOutbox(filepath.Join(t.TempDir(), "new", "outbox"))
		if err != nil {
			t.Fatal(err)
		}
		for _, subject := range []string{"one", "two", "three"} {
			m := sample()
			m.Subject = subject
			if err := box.Send(t.Context(), m); err != nil {
				t.Fatal(err)
			}
		}
		kept, err := box.List(2)
		if err != nil || len(kept) != 2 || kept[0].Subject != "three" || kept[1].Subject != "two" {
			t.Fatalf("%v, %+v", err, kept)
		}
		k, err := box.Read(kept[0].Name)
		if err != nil || k.From != `"Notices" <notices@example.org>` || k.To != "<ana@example.com>" || k.Text != sample().Text ||
			k.HTML != sample().HTML || len(k.Links) != 1 || k.Links[0] != "https://example.org/confirm/abc" {
			t.Errorf("%v, %+v", err, k)
		}
	})
}

func TestOutboxReadsNothingElse(t *testing.T) {
	dir := t.TempDir()
	box, err := OpenOutbox(dir)
	if err != nil {
		t.Fatal(err)
	}
	const good = "20261122T120000.000000000Z-abcdefgh.eml"
	for _, name := range []string{"", ".", "..", "../secret.eml", "secret.eml", good + ".tmp", "/etc/passwd", "x/" + good, good + "\x00"} {
		if _, err := box.Read(name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%q: %v", name, err)
		}
	}
	for name, text := range map[string]string{"secret.eml": "x", good: "not a mail"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if kept, err := box.List(9); err != nil || len(kept) != 0 {
		t.Errorf("%v, %+v", err, kept)
	}
}

func TestOutboxReadsAMegabyteAtMost(t *testing.T) {
	dir := t.TempDir()
	box, err := OpenOutbox(dir)
	if err != nil {
		t.Fatal(err)
	}
	const name = "20261122T120000.000000000Z-abcdefgh.eml"
	text := "Date: Sun, 22 Nov 2026 12:00:00 +0000\r\nContent-Type: text/plain\r\n\r\n" + strings.Repeat("x", 2*maxKept)
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if k, err := box.Read(name); err != nil || len(k.Text) >= maxKept || len(k.Text) < maxKept-100 {
		t.Errorf("%v, %d bytes", err, len(k.Text))
	}
}

func TestOutboxFilesAreTheOwnersAlone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "outbox")
	box, err := OpenOutbox(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := box.Send(t.Context(), sample()); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Fatalf("%v, %v", err, entries)
	}
	for _, path := range []string{dir, filepath.Join(dir, entries[0].Name())} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%v, %v", err, info.Mode())
		}
	}
}

func TestOutboxThatCannotWriteFailsForNow(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "outbox")
	box, err := OpenOutbox(dir)
	if err != nil {
		t.Fatal(err)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	var failed *Error
	if err := box.Send(cancelled, sample()); !errors.As(err, &failed) || failed.Permanent || !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	if err := box.Send(t.Context(), sample()); !errors.As(err, &failed) || failed.Permanent || failed.Step != "file" {
		t.Errorf("no folder: %v", err)
	}
}

func TestOutboxDropsWhatACrashLeft(t *testing.T) {
	dir := t.TempDir()
	half := filepath.Join(dir, "20261122T120000.000000000Z-abcdefgh.eml.tmp")
	if err := os.WriteFile(half, []byte("half a mail"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenOutbox(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(half); err != nil {
		t.Errorf("another process, which writes it now, has lost it: %v", err)
	}
	old := time.Now().Add(-time.Hour)
	if err := os.Chtimes(half, old, old); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenOutbox(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(half); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("still there: %v", err)
	}
}

func TestOutboxNamesSortThoughTheClockStandsStill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		box, err := OpenOutbox(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		last := ""
		for range 100 {
			name := box.newName()
			if name <= last || !outboxName.MatchString(name) {
				t.Fatalf("%s after %s", name, last)
			}
			last = name
		}
	})
}
