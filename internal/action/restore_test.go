package action

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/seal"
	"github.com/undersigned/undersigned/internal/sequencer"
	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/internal/store/storetest"
	"github.com/undersigned/undersigned/translog"
)

// backup backs the site up, readable.
func (s *testSite) backup() []byte {
	s.t.Helper()
	var file bytes.Buffer
	_, err := s.Backup(s.t.Context(), &file, origin)
	must(s.t, err)
	return file.Bytes()
}

// publish writes the published log into a folder, as a mirror has it.
func (s *testSite) publish() (dir string) {
	s.t.Helper()
	dir = s.t.TempDir()
	put := func(path string, data []byte) {
		path = filepath.Join(dir, filepath.FromSlash(path))
		must(s.t, os.MkdirAll(filepath.Dir(path), 0o755))
		must(s.t, os.WriteFile(path, data, 0o644))
	}
	must(s.t, s.DB.View(s.t.Context(), func(tx *store.Tx) error {
		c, err := tx.Checkpoint()
		must(s.t, err)
		put("checkpoint", []byte(c.Note))
		for _, t := range tlog.NewTiles(8, 0, c.Size) {
			data, err := tx.Tile(t.L, t.N)
			must(s.t, err)
			put(translog.TilePath(t), data[:t.W*tlog.HashSize])
			if t.L == 0 {
				body, err := bundle(tx, t)
				must(s.t, err)
				t.L = translog.EntriesLevel
				put(translog.TilePath(t), body)
			}
		}
		rows, err := tx.Actions()
		for _, row := range rows {
			for v := 1; v <= row.Version; v++ {
				text, _, err := tx.ActionVersion(row.PID, v)
				must(s.t, err)
				pid, err := translog.ParsePID(row.PID)
				must(s.t, err)
				put(translog.TextPath(pid, int64(v)), []byte(text))
			}
		}
		return err
	}))
	return dir
}

// ledger gives the path of the site's ledger.
func (s *testSite) ledgerPath() string { return s.Ledger.file.Name() }

// elsewhere is an empty site of each engine that a backup is to be restored into.
func (s *testSite) elsewhere(file []byte) map[string]RestoreOptions {
	s.t.Helper()
	all := map[string]RestoreOptions{}
	for _, o := range []store.Options{{Dir: s.t.TempDir(), Now: s.clock.Now}, {URL: storetest.Postgres(s.t), Now: s.clock.Now}} {
		db := storetest.Open(s.t, o)
		dir := s.t.TempDir()
		vault := db.Vault()
		if db.Engine() == "sqlite" {
			var err error
			vault, err = seal.Folder(filepath.Join(dir, "keys"))
			must(s.t, err)
		}
		all[db.Engine()] = RestoreOptions{DB: db, Vault: vault, RootKeyFile: filepath.Join(dir, "root.key"), Dir: dir, VKey: vkeyOf,
			Backup: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(file)), nil }, Now: s.clock.Now, Logger: s.Log}
	}
	return all
}

func vkeyOf(keys *seal.Keyring, origin string) (vkey string, err error) {
	_, vkey, err = sequencer.Signer(keys.LogKey(), origin)
	return vkey, err
}

// open opens a restored site.
func (s *testSite) open(o RestoreOptions) *testSite {
	s.t.Helper()
	roots, err := seal.ReadRoots(o.RootKeyFile)
	must(s.t, err)
	keys, err := seal.Open(s.t.Context(), o.Vault, roots...)
	must(s.t, err)
	s.t.Cleanup(func() { must(s.t, keys.Close()) })
	return newNode(s.t, o.DB, s.clock, keys)
}

func restoring(t testing.TB, db *store.DB) (half bool) {
	t.Helper()
	must(t, db.View(t.Context(), func(tx *store.Tx) (err error) { half, err = Restoring(tx); return err }))
	return half
}

// wantPrefix wants the restored log to begin with the published one: anything else is a fork.
func wantPrefix(t testing.TB, published, restored *storetest.Log) {
	t.Helper()
	if len(restored.Entries) < len(published.Entries) || !slices.Equal(restored.Entries[:len(published.Entries)], published.Entries) {
		t.Errorf("the log has forked: published\n%v\nrestored\n%v", published.Entries, restored.Entries)
	}
}

func TestRestoreFromLastWeekForgetsAgainAndGoesOnWithThePublishedLog(t *testing.T) {
	runModes(t, func(t *testing.T, s *testSite) {
		withdraws, shreds, later := s.sign("petition", "Ana", "ana@a.example"), s.sign("petition", "Bo", "bo@a.example"), s.sign("petition", "Cy", "cy@a.example")
		s.tick()
		s.sign("petition", "Di", "di@a.example") // waits for its place when the backup is made
		file := s.backup()

		s.tick()
		s.sign("petition", "Ed", "ed@a.example") // the backup knows nothing of
		s.sign("petition", "Flo", "flo@a.example")
		must(s.t, s.Withdraw(s.t.Context(), withdraws, s.mine(withdraws).ID))
		must(s.t, s.Erase(s.t.Context(), shreds, s.mine(shreds).ID, true))
		changed := testContent()
		changed.Actions[0].Texts["en"] = undersigned.ActionText{Title: "Close all the centres", Ask: "Now.", Body: "Because."}
		changed.Actions = append(changed.Actions, undersigned.Action{Issue: "cause", Slug: "new", Kind: undersigned.Petition,
			State: undersigned.ActionOpen, Order: 4, Texts: changed.Actions[0].Texts})
		s.load(changed)
		s.sign("new", "Gus", "gus@a.example")
		published := s.tick()
		mirror := s.publish()
		// The last erasure did not come into the published log any more: only the ledger knows.
		must(s.t, s.Erase(s.t.Context(), later, s.mine(later).ID, false))
		pid := s.action("petition").PID

		for engine, o := range s.elsewhere(file) {
			t.Run("into "+engine, func(t *testing.T) {
				o.Log, o.Ledgers = mirror, []string{s.ledgerPath()}
				done, err := Restore(t.Context(), o)
				must(t, err)
				// Two petitioners and the one under the petition that is lost too.
				if done.Lost != 3 || done.Again != 1 || done.Entries != int64(len(published.Entries))-int64(done.Head.LogSize) {
					t.Errorf("done: %+v", done)
				}
				r := s.open(o)
				log := r.tick()
				wantPrefix(t, published, log)
				// Di, Ed, Flo and Bo, of whom nothing is left, count on; Ana and Cy are gone.
				if c := log.Counts(pid); c != (translog.Counts{Counted: 4, Withdrawn: 1, Erased: 1, Shredded: 3}) {
					t.Errorf("counted: %+v", c)
				}
				if kinds := log.Kinds()[len(published.Entries):]; !slices.Contains(kinds, "close") {
					t.Errorf("the petition that was lost stays open: %v", kinds)
				}
				if a := r.action("petition"); a.Version != 2 {
					t.Errorf("version %d, the published log has 2", a.Version)
				}
				if text, err := os.ReadFile(filepath.Join(o.Dir, LedgerName)); err != nil || strings.Count(string(text), "\n") != 3 {
					t.Errorf("the ledger goes on with %q, %v", text, err)
				}
				if restoring(t, o.DB) {
					t.Error("still marked as restored in half")
				}
				// Who was forgotten and kept the voice is not counted twice; who took it back, and somebody new, can sign.
				r.confirm(r.request("petition", "Bo", "bo@a.example"), Forgotten)
				r.sign("petition", "Hal", "hal@a.example")
				if c := r.tick().Counts(pid); c.Counted != 5 {
					t.Errorf("one more: %+v", c)
				}
			})
		}
	})
}

func TestRestoreOfAnUnchangedSiteIsTheSameSite(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		my := s.sign("petition", "Ana", "ana@a.example")
		published := s.tick()
		file, mirror := s.backup(), s.publish()
		for engine, o := range s.elsewhere(file) {
			t.Run("into "+engine, func(t *testing.T) {
				o.Log = mirror
				done, err := Restore(t.Context(), o)
				must(t, err)
				if done.Entries != 0 || done.Lost != 0 || done.Again != 0 {
					t.Errorf("done: %+v", done)
				}
				r := s.open(o)
				wantPrefix(t, published, r.tick())
				if m := r.mine(my); m.Name != "Ana Silva" {
					t.Errorf("signed by %q", m.Name)
				}
				if _, err := Restore(t.Context(), o); err == nil || !strings.Contains(err.Error(), "empty site only") {
					t.Errorf("a second restore: %v", err)
				}
			})
		}
	})
}

func TestRestoreThatWasCutShortStaysClosedUntilItIsRunAgain(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		my := s.sign("petition", "Ana", "ana@a.example")
		s.tick()
		file := s.backup()
		must(s.t, s.Withdraw(s.t.Context(), my, s.mine(my).ID))
		for engine, o := range s.elsewhere(file) {
			t.Run("into "+engine, func(t *testing.T) {
				o.Ledgers = []string{filepath.Join(t.TempDir(), "missing")}
				if _, err := Restore(t.Context(), o); !errors.Is(err, fs.ErrNotExist) {
					t.Fatalf("without its ledger: %v", err)
				}
				if !restoring(t, o.DB) {
					t.Error("a site that has not forgotten again is open")
				}
				other := o
				other.Backup = func() (io.ReadCloser, error) {
					return io.NopCloser(strings.NewReader(strings.Replace(string(file), `"made":"2`, `"made":"3`, 1))), nil
				}
				if _, err := Restore(t.Context(), other); err == nil || !strings.Contains(err.Error(), "another backup") {
					t.Errorf("another backup on top: %v", err)
				}
				o.Ledgers = []string{s.ledgerPath()}
				done, err := Restore(t.Context(), o)
				must(t, err)
				if done.Again != 1 || restoring(t, o.DB) {
					t.Errorf("done: %+v", done)
				}
				s.open(o).tick()
			})
		}
	})
}

func TestRestoreRefusesALogThatTheBackupForks(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		file := s.backup() // nothing is placed yet
		s.sign("petition", "Ana", "ana@a.example")
		s.tick()
		ours := s.publish()
		for engine, o := range s.elsewhere(file) {
			t.Run("into "+engine, func(t *testing.T) {
				_, err := Restore(t.Context(), o) // without the log
				must(t, err)
				r := s.open(o)
				r.sign("petition", "Zoe", "zoe@a.example")
				r.tick() // and so its log is another
				again := s.elsewhere(r.backup())["sqlite"]
				again.Log = ours
				if _, err := Restore(t.Context(), again); !errors.Is(err, translog.ErrForked) {
					t.Errorf("restored on a fork: %v", err)
				}
			})
		}
	})
}

func TestDamagedBackupLeavesTheSiteEmpty(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.sign("petition", "Ana", "ana@a.example")
		s.tick()
		file := string(s.backup())
		for name, test := range map[string]struct{ file, want string }{
			"nothing":            {"", "not a backup"},
			"something else":     {"a letter", "not a backup"},
			"a newer format":     {strings.Replace(file, "backup/v1", "backup/v2", 1), "newer undersigned"},
			"a newer schema":     {strings.Replace(file, `"schema":`, `"schema":9`, 1), "newer undersigned"},
			"cut short":          {file[:len(file)-5], "cut short or damaged"},
			"more after its end": {file + "{}", "cut short or damaged"},
			"another entry":      {strings.Replace(file, "undersigned-log/v1", "undersigned-log/v2", 1), "cut short or damaged"},
			"another count":      {strings.Replace(file, `"log_size":`, `"log_size":1`, 1), "cut short or damaged"},
		} {
			if test.file == file {
				t.Fatalf("%s: nothing is damaged", name)
			}
			for _, o := range s.elsewhere([]byte(test.file)) {
				if _, err := Restore(t.Context(), o); err == nil || !strings.Contains(err.Error(), test.want) {
					s.t.Errorf("%s: %v, want %q", name, err, test.want)
				}
				must(s.t, o.DB.View(context.Background(), func(tx *store.Tx) error {
					if table, err := tx.Occupied(); err != nil || table != "" {
						s.t.Errorf("%s: left rows in %s, %v", name, table, err)
					}
					return nil
				}))
			}
		}
	})
}

func TestRestoreIntoTheKeysOfAnotherSiteIsRefused(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		for engine, o := range s.elsewhere(s.backup()) {
			keys, err := seal.Init(s.t.Context(), o.Vault, o.RootKeyFile)
			must(s.t, err)
			must(s.t, keys.Close())
			if _, err := Restore(s.t.Context(), o); !errors.Is(err, seal.ErrOtherSite) {
				s.t.Errorf("%s: %v", engine, err)
			}
		}
	})
}

// TestBackupIsOfOneMomentWhilePeopleSign restores backups that were made while others wrote: a restore adds up the log
// and compares it with counts and tree.
func TestBackupIsOfOneMomentWhilePeopleSign(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		stop, stopped := make(chan struct{}), make(chan error, 1)
		go func() {
			signature := undersigned.Signature{PID: s.action("petition").PID, Version: 1, Class: undersigned.Counted}
			for n := 0; ; n++ {
				select {
				case <-stop:
					stopped <- nil
					return
				default:
				}
				signature.ID = undersigned.SignatureID{byte(n >> 8), byte(n)}
				signature.Person = undersigned.Person{GivenName: "Ana", Email: "ana" + strconv.Itoa(n) + "@a.example", Country: "US"}
				row, err := s.sealRow(t.Context(), &signature, &testContent().Issue)
				var x *suspect
				if err == nil {
					x, err = s.examine(t.Context(), row, &signature)
				}
				if err == nil {
					err = s.DB.Update(t.Context(), store.Client, func(tx *store.Tx) error { _, err := insert(tx, x, true); return err })
				}
				if err == nil {
					err = s.seq.Tick(t.Context())
				}
				if err != nil {
					stopped <- err
					return
				}
			}
		}()
		var files [][]byte
		for range 5 {
			files = append(files, s.backup())
		}
		close(stop)
		must(t, <-stopped)
		for _, file := range files {
			_, err := Restore(t.Context(), s.elsewhere(file)["sqlite"])
			must(t, err)
		}
	})
}

func FuzzReadHead(f *testing.F) {
	for _, seed := range []string{"", "{}", `{"format":"undersigned-backup/v1","schema":1}`, `{"format":"undersigned-backup/v2"}`, `["x"]`, `{"log_root":"x"}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		head, err := readHead(json.NewDecoder(strings.NewReader(text)))
		if (head == nil) == (err == nil) || head != nil && head.Format != backupFormat {
			t.Errorf("%q is read as %+v, %v", text, head, err)
		}
	})
}

func TestRestoreWritesToNobodyWhoHasAskedForNoMailSince(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		token := map[string]string{}
		stop := func(name string, again bool) {
			token[name] = s.stopToken(name + "@example.org")
			must(t, s.StopMail(t.Context(), token[name], again))
		}
		stop("before", false)
		stop("sorry", false)
		file := s.backup()
		stop("sorry", true)
		stop("sorry", true) // a doubled click
		stop("after", false)
		stop("torn", false)
		stop("torn", true)
		stop("back", false)
		stop("back", true)
		stop("back", false)
		if n := s.ledgerLines(); n != 9 {
			t.Errorf("%d lines in the ledger", n)
		}
		hash := func(name string) [32]byte { return s.Keys.Hash(neverPurpose, name+"@example.org") }
		// Another node's: nobody knows which of the two had the last word.
		other := filepath.Join(t.TempDir(), LedgerName)
		must(t, os.WriteFile(other, mailLine(hash("torn"), false), 0o600))

		for _, ledgers := range [][]string{{s.ledgerPath()}, {s.ledgerPath(), other}, {other, s.ledgerPath()}} {
			for engine, o := range s.elsewhere(file) {
				o.Ledgers = ledgers
				_, err := Restore(t.Context(), o)
				must(t, err)
				r := s.open(o)
				for name, want := range map[string]bool{"before": false, "sorry": true, "after": false, "back": false, "torn": len(ledgers) == 1} {
					if found, err := r.OpenStop(t.Context(), token[name]); err != nil || found.Goes != want {
						t.Errorf("into %s, %d ledgers: %s: %+v, %v", engine, len(ledgers), name, found, err)
					}
				}
				// The backups of the new site are restored with its own ledger.
				_, mail, err := readErasures(filepath.Join(o.Dir, LedgerName), map[erasure]bool{})
				if err != nil || len(mail) != 5 || mail[hash("torn")] != (len(ledgers) == 1) || mail[hash("back")] {
					t.Errorf("into %s: its own ledger: %v, %v", engine, mail, err)
				}
			}
		}
	})
}
