package store

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// TestLogOfTheWriterBeginsAnewOnceItIsCopied writes a log that is full and has it copied while more comes: the writer copies
// what is left, and the file is no longer after as much again.
func TestLogOfTheWriterBeginsAnewOnceItIsCopied(t *testing.T) {
	dir := t.TempDir()
	db, err := Open(t.Context(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	n := byte(0)
	write := func() {
		t.Helper()
		n++ // SQLite does not write again what is there
		err := db.Update(t.Context(), Client, func(tx *Tx) error {
			return tx.PutTile(0, 0, bytes.Repeat([]byte{n}, 100<<10))
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	size := func() int64 {
		t.Helper()
		info, err := os.Stat(filepath.Join(dir, "undersigned.db-wal"))
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	const full = 128 // pages: half a megabyte
	for range 20 {
		write()
	}
	filled := size()
	if filled < full*4096 {
		t.Fatalf("the log has %d bytes: too few to be copied", filled)
	}
	if db.k.copyFrom(full); !db.w.restart.Load() {
		t.Fatal("the writer is not asked for the rest")
	}
	for range 20 {
		write() // after which the writer copies what it has just written
		write()
		db.w.restart.Store(true)
	}
	if again := size(); again > filled+100<<10 {
		t.Errorf("the log has grown from %d to %d bytes, though all of it was copied", filled, again)
	}
	if pages, _ := db.k.checkpoint("noop"); pages > full/2 {
		t.Errorf("%d pages of the log are in use", pages)
	}
}
