package store

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// stilled opens a database whose log is copied only as the checkpointer that it gives is told to.
func stilled(t *testing.T, dir string) (*DB, *checkpointer) {
	t.Helper()
	db, err := Open(t.Context(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	db.k.stop()
	k, err := newCheckpointer(db)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(k.conn.drop)
	return db, k
}

// TestLogOfTheWriterBeginsAnewOnceItIsCopied writes a log that is full and has it copied while more comes: the writer copies
// what is left, and the file is no longer after as much again.
func TestLogOfTheWriterBeginsAnewOnceItIsCopied(t *testing.T) {
	dir := t.TempDir()
	db, k := stilled(t, dir)
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
	const full = 400 // pages
	for range 20 {
		write()
	}
	filled := size()
	if filled < full*4096 {
		t.Fatalf("the log has %d bytes: too few to be copied", filled)
	}
	k.most = full
	if k.look(); db.w.rest.Load() != copyRest {
		t.Fatal("the writer is not asked for the rest")
	}
	for range 20 {
		write() // after which the writer copies what it has just written
		write()
		db.w.rest.Store(copyRest)
	}
	if again := size(); again > filled+100<<10 {
		t.Errorf("the log has grown from %d to %d bytes, though all of it was copied", filled, again)
	}
	if pages, _, _ := k.checkpoint("noop"); pages > full/2 {
		t.Errorf("%d pages of the log are in use", pages)
	}
}

// TestLogThatDoesNotBeginAnewMakesTheWriterWaitOnceASecond asks the writer to wait for readers of a log that is more than twice as
// long as it may be, and not at each look.
func TestLogThatDoesNotBeginAnewMakesTheWriterWaitOnceASecond(t *testing.T) {
	db, k := stilled(t, t.TempDir())
	k.most = 1
	asked := map[int32]int{}
	err := db.View(t.Context(), func(tx *Tx) error {
		if _, _, err := tx.LogSizes(); err != nil {
			return err
		}
		for range 8 { // while this one reads what was before
			if err := db.Update(t.Context(), Client, func(tx *Tx) error { return tx.DutyDone("links", "") }); err != nil {
				return err
			}
		}
		for range walWaits + 1 {
			k.look()
			asked[db.w.rest.Swap(0)]++
		}
		return nil
	})
	if err != nil || asked[awaitReaders] != 2 || asked[copyRest] != walWaits-1 {
		t.Errorf("asked %v, %v", asked, err)
	}
}

// TestShortLogIsCopiedOnceNobodyWrites leaves a log alone that grows, and copies it when it has not for a minute, or when the
// disk was full.
func TestShortLogIsCopiedOnceNobodyWrites(t *testing.T) {
	db, k := stilled(t, t.TempDir())
	left := func() int {
		pages, copied, err := k.checkpoint("noop")
		if err != nil {
			t.Error(err)
		}
		return pages - copied
	}
	write := func(text string) {
		t.Helper()
		if err := db.Update(t.Context(), Client, func(tx *Tx) error { return tx.DutyDone("links", text) }); err != nil {
			t.Fatal(err)
		}
	}
	write("one")
	for range walQuiet {
		k.look()
	}
	if left() == 0 {
		t.Error("copied before the minute was over")
	}
	if k.look(); left() != 0 {
		t.Errorf("%d pages are left after a quiet minute", left())
	}
	write("two") // after which the writer copies what was left, as it was asked
	write("three")
	db.w.full.Store(true)
	if k.look(); left() != 0 {
		t.Errorf("%d pages are left though the disk was full", left())
	}
}

// TestWriterWaitsForReadersOfALongLog has the log begin anew although somebody reads from it: the writer waits until they have
// ended, and goes on where they do not.
func TestWriterWaitsForReadersOfALongLog(t *testing.T) {
	db, k := stilled(t, t.TempDir())
	write := func() {
		t.Helper()
		if err := db.Update(t.Context(), Client, func(tx *Tx) error { return tx.DutyDone("links", "") }); err != nil {
			t.Fatal(err)
		}
	}
	err := db.View(t.Context(), func(tx *Tx) error {
		if _, _, err := tx.LogSizes(); err != nil {
			return err
		}
		db.w.rest.Store(awaitReaders)
		write()
		write()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	before, _, _ := k.checkpoint("noop")
	db.w.rest.Store(awaitReaders)
	write()
	write()
	if pages, _, _ := k.checkpoint("noop"); pages >= before {
		t.Errorf("the log has %d pages, and had %d before", pages, before)
	}
}

// TestLogOfADiskThatRefusesToSyncIsLeftToTheNextStart ends a process whose disk may have lost what was copied out of the log, and
// keeps it from removing the log as it closes, and from writing over it.
func TestLogOfADiskThatRefusesToSyncIsLeftToTheNextStart(t *testing.T) {
	refused := errors.New("input/output error")
	for name, refuse := range map[string]func(t *testing.T, db *DB){
		"the checkpointer's": func(t *testing.T, db *DB) {
			db.k.stop()
			var err error
			if db.k, err = newCheckpointer(db); err != nil {
				t.Fatal(err)
			}
			db.k.most, db.k.sync = 1, func() error { return refused }
			db.k.start()
			<-db.k.done
		},
		"the writer's": func(t *testing.T, db *DB) { db.w.die(refused) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			db, err := Open(t.Context(), Options{Dir: dir})
			if err != nil {
				t.Fatal(err)
			}
			save := func(rank Rank, note string) error {
				return db.Update(t.Context(), rank, func(tx *Tx) error { return tx.DutyDone("links", note) })
			}
			if err := save(Client, "kept"); err != nil {
				t.Fatal(err)
			}
			refuse(t, db)
			db.w.rest.Store(copyRest)
			_ = save(Client, "kept") // whoever was waiting
			<-db.w.done
			if err := save(Bulk, "never"); err == nil {
				t.Error("more is taken")
			}
			if pages, copied, err := db.k.checkpoint("noop"); err != nil || pages == copied {
				t.Errorf("%d pages of %d are copied: %v", copied, pages, err)
			}
			if err := db.Close(); !errors.Is(err, refused) {
				t.Errorf("closed: %v", err)
			}
			if info, err := os.Stat(filepath.Join(dir, sqliteFile+"-wal")); err != nil || info.Size() == 0 {
				t.Errorf("the log is gone: %v", err)
			}
			if db, err = Open(t.Context(), Options{Dir: dir}); err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			var note string
			err = db.View(t.Context(), func(tx *Tx) (err error) { _, note, err = tx.Duty("links"); return err })
			if err != nil || note != "kept" {
				t.Errorf("the next start reads %q, %v", note, err)
			}
		})
	}
}

// TestDiskIsNotSyncedBesideAReaderWhileNothingIsCopied leaves the disk alone where a log cannot be copied further.
func TestDiskIsNotSyncedBesideAReaderWhileNothingIsCopied(t *testing.T) {
	db, k := stilled(t, t.TempDir())
	synced := 0
	k.most, k.sync = 1, func() error { synced++; return nil }
	err := db.View(t.Context(), func(tx *Tx) error {
		if _, _, err := tx.LogSizes(); err != nil {
			return err
		}
		if err := db.Update(t.Context(), Client, func(tx *Tx) error { return tx.DutyDone("links", "") }); err != nil {
			return err
		}
		for range 10 {
			if err := k.look(); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil || synced > 1 {
		t.Errorf("synced %d times: %v", synced, err)
	}
}

// TestClosedDatabaseLeavesNoLogBehind closes all connections, also that of a reader who has panicked: one that stays open keeps
// what it reads, and with it the log, for as long as the process lives.
func TestClosedDatabaseLeavesNoLogBehind(t *testing.T) {
	dir := t.TempDir()
	db, err := Open(t.Context(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	read := func(tx *Tx) error { _, _, err := tx.LogSizes(); return err }
	if err := db.View(t.Context(), read); err != nil {
		t.Fatal(err)
	}
	func() {
		defer func() { _ = recover() }()
		_ = db.View(t.Context(), func(tx *Tx) error { panic(read(tx)) })
	}()
	if err := db.Update(t.Context(), Client, func(tx *Tx) error { return tx.DutyDone("links", "") }); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, sqliteFile+"-wal")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the log is still there: %v", err)
	}
}
