package action

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/seal"
	"github.com/undersigned/undersigned/internal/store"
)

// RestoreOptions are what a restore works with.
type RestoreOptions struct {
	DB          *store.DB
	Vault       seal.Vault
	RootKeyFile string
	Dir         string // the data folder: the ledger lies there, and the copy of the log for as long as it is needed
	// Backup opens the decrypted backup from its beginning. It is called more than once.
	Backup func() (io.ReadCloser, error)
	// VKey gives the public key of the log of a keyring, by the log's origin.
	VKey    func(keys *seal.Keyring, origin string) (string, error)
	Ledgers []string // ledgers of erasures, newer than the backup; the data folder's own is read too
	Log     string   // where the published log, or a mirror of it, can be read; empty is nowhere
	Now     func() time.Time
	Logger  *slog.Logger
}

// Restored says what a restore did.
type Restored struct {
	Head    *BackupHead
	Entries int64 // of the public log, that the backup lacked
	Lost    int   // signatures of which nothing but their entry is left
	Again   int   // rows that were buried again
	Erased  []Kept
}

// restoreDuty is the name under which a restore is noted, and what is noted until it is complete.
const (
	restoreDuty  = "restore"
	restoreUnder = "under way "
	restoreDone  = "done"
	restoredLog  = "restored-log"
)

// Restore puts a backup into an empty site, and forgets again what was to be forgotten after it was made. Run again after
// a crash, it finishes. The order, and what a crash after each step leaves:
//
//  1. The rows, in one transaction, and with them the note that the site is being restored: until that is taken away
//     nothing but a restore opens the site. A crash before its commit leaves the site empty.
//  2. The keys, under a new root key. A crash leaves some of them; the rest follows.
//  3. What the published log has and the backup lacks, in one transaction.
//  4. The erasures of the ledgers, and who wants no mail, each first noted in the ledger of this site.
//  5. What was past its time in the meantime, and the keys of what the log calls destroyed.
//  6. The note goes.
func Restore(ctx context.Context, o RestoreOptions) (*Restored, error) {
	r := &restore{RestoreOptions: o, done: &Restored{}}
	if err := r.load(ctx); err != nil {
		return nil, err
	}
	if err := seal.Import(ctx, o.Vault, o.RootKeyFile, []byte(r.done.Head.Keys)); err != nil {
		return nil, err
	}
	roots, err := seal.ReadRoots(o.RootKeyFile)
	if err != nil {
		return nil, err
	}
	keys, err := seal.Open(ctx, o.Vault, roots...)
	if err != nil {
		return nil, err
	}
	defer keys.Close()
	ledger, err := OpenLedger(o.Dir)
	if err != nil {
		return nil, err
	}
	defer ledger.Close()
	r.service = New(Options{DB: o.DB, Keys: keys, Ledger: ledger, Now: o.Now, Log: o.Logger})
	for _, step := range []func(context.Context) error{r.replayLog, r.replayLedgers, r.purge, r.finish} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	return r.done, nil
}

type restore struct {
	RestoreOptions
	service *Service
	done    *Restored
}

// Restoring tells whether a restore was begun and is not complete.
func Restoring(tx *store.Tx) (bool, error) {
	_, note, err := tx.Duty(restoreDuty)
	return strings.HasPrefix(note, restoreUnder), err
}

// load reads the head, and the rows where they are not there yet.
func (r *restore) load(ctx context.Context) error {
	note, err := r.head()
	if err != nil {
		return err
	}
	var before, occupied string
	err = r.DB.View(ctx, func(tx *store.Tx) (err error) {
		if _, before, err = tx.Duty(restoreDuty); err == nil {
			occupied, err = tx.Occupied()
		}
		return err
	})
	switch {
	case err != nil:
		return err
	case before == note:
		return nil
	case strings.HasPrefix(before, restoreUnder):
		return errors.New("the site holds the half of another backup: finish with that one, or begin with an empty site")
	case occupied != "":
		return fmt.Errorf("a backup is restored into an empty site only, and this one has rows (%s): give another --data or --database-url", occupied)
	}
	return r.DB.AtSchema(ctx, r.done.Head.Schema, func() error {
		return r.DB.Update(ctx, store.Bulk, func(tx *store.Tx) error { return r.loadRows(tx, note) })
	})
}

// head reads the backup's first line, and gives the note that stands in the site while this backup is restored.
func (r *restore) head() (note string, err error) {
	file, err := r.Backup()
	if err != nil {
		return "", err
	}
	defer file.Close()
	if r.done.Head, err = readHead(json.NewDecoder(file)); err != nil {
		return "", err
	}
	line, err := json.Marshal(r.done.Head)
	return fmt.Sprintf("%s%x", restoreUnder, sha256.Sum256(line)), err
}

// loadRows reads the whole backup, to its last byte: only then is it known that nothing is missing.
func (r *restore) loadRows(tx *store.Tx, note string) error {
	file, err := r.Backup()
	if err != nil {
		return err
	}
	defer file.Close()
	in := json.NewDecoder(file)
	head, err := readHead(in)
	if err != nil {
		return err
	}
	if err := tx.Load(in); err != nil {
		if errors.Is(err, store.ErrDump) {
			err = fmt.Errorf("%w: %w", errDamagedBackup, err)
		}
		return err
	}
	if _, err := in.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: there is more after its end", errDamagedBackup)
	}
	if err := errors.Join(rebuildTree(tx, head), tx.HoldUpdates()); err != nil {
		return err
	}
	return tx.DutyDone(restoreDuty, note)
}

// replayLog copies back what the published log has beyond the backup.
func (r *restore) replayLog(ctx context.Context) error {
	if r.Log == "" {
		return nil
	}
	vkey, err := r.VKey(r.service.Keys, r.done.Head.Origin)
	if err != nil {
		return err
	}
	published, err := copyLog(ctx, r.Log, filepath.Join(r.Dir, restoredLog), vkey)
	if err != nil {
		return doing("read the published log", err)
	}
	err = r.DB.Update(ctx, store.Bulk, func(tx *store.Tx) error {
		replay := &logReplay{ctx: ctx, tx: tx, log: published}
		r.done.Entries, r.done.Lost, err = replay.run()
		return err
	})
	if err != nil {
		return doing("replay the published log", err)
	}
	return nil
}

// erasure is a line of a ledger about a row.
type erasure struct {
	id    undersigned.SignatureID
	state undersigned.SignatureState
}

// replayLedgers buries again what was buried after the backup, by the data folder's own ledger and those that were given.
// What its own does not know it learns first: it will be read again when this site's backups are restored.
//
// In a ledger the last word on an address holds. Where two ledgers differ nobody knows which was later, and no mail goes.
func (r *restore) replayLedgers(ctx context.Context) error {
	known := map[erasure]bool{}
	own, mail, err := readErasures(filepath.Join(r.Dir, LedgerName), known)
	if err != nil {
		return err
	}
	for _, path := range r.Ledgers {
		others, theirs, err := readErasures(path, known)
		if err != nil {
			return err
		}
		var lines []byte
		for _, e := range others {
			lines = append(lines, ledgerLine(e.id, e.state)...)
		}
		for hash, again := range theirs {
			if before, found := mail[hash]; !found || before && !again {
				mail[hash] = again
				lines = append(lines, mailLine(hash, again)...)
			}
		}
		if err := r.service.Ledger.write(lines); err != nil {
			return doing("note erasures", err)
		}
		own = append(own, others...)
	}
	for some := range slices.Chunk(own, 500) {
		if err := r.buryAgain(ctx, some); err != nil {
			return doing("erase again what was erased", err)
		}
	}
	return r.DB.Update(ctx, store.Bulk, func(tx *store.Tx) error {
		for hash, again := range mail {
			if err := setMail(tx, hash, again); err != nil {
				return err
			}
		}
		return nil
	})
}

// readErasures reads the lines of a ledger that are not known yet, and who may be written to again (true) or never.
func readErasures(path string, known map[erasure]bool) (fresh []erasure, mail map[[32]byte]bool, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, nil, doing("read the ledger of erasures", err)
	}
	defer file.Close()
	mail = map[[32]byte]bool{}
	err = ReadLedger(file, func(id undersigned.SignatureID, state undersigned.SignatureState) error {
		if e := (erasure{id, state}); !known[e] {
			known[e] = true
			fresh = append(fresh, e)
		}
		return nil
	}, func(hash [32]byte, again bool) error {
		mail[hash] = again
		return nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	return fresh, mail, nil
}

func (r *restore) buryAgain(ctx context.Context, some []erasure) error {
	buried := 0
	err := r.DB.Update(ctx, store.Bulk, func(tx *store.Tx) error {
		buried = 0
		for _, e := range some {
			row, err := tx.Signature(e.id)
			if err != nil {
				return err
			}
			if row == nil {
				done, err := buryOther(tx, e.id)
				if err != nil {
					return err
				}
				if done {
					buried++
				}
				continue // or confirmed after the backup
			}
			if row.Sealed == nil {
				continue // a tombstone in it
			}
			buried++
			if err := buryRow(tx, row, e.state); err != nil {
				return err
			}
		}
		return nil
	})
	r.done.Again += buried
	return err
}

// buryOther takes back again an offer, or the wish to hear of an issue.
func buryOther(tx *store.Tx, id undersigned.SignatureID) (done bool, err error) {
	if done, err = tx.WithdrawSubmission(undersigned.SubmissionID(id)); err != nil || done {
		return done, err
	}
	return tx.BurySubscriber(undersigned.SubscriberID(id), undersigned.SubscriberUnsubscribed)
}

// purge erases what is past its time now. A backup holds the keys of what was destroyed after it was made.
func (r *restore) purge(ctx context.Context) error {
	var rows map[[2]string]store.ActionRow
	err := r.DB.View(ctx, func(tx *store.Tx) (err error) { rows, err = tx.Actions(); return err })
	if err != nil {
		return err
	}
	for _, row := range rows {
		if row.LogState != store.LogDestroyed {
			continue
		}
		if err := r.service.Keys.DestroyAction(ctx, row.PID); err != nil {
			return err
		}
		if err := r.service.eraseRows(ctx, row.PID); err != nil {
			return err
		}
	}
	r.done.Erased, err = r.service.Purge(ctx)
	return err
}

// finish opens the site again.
func (r *restore) finish(ctx context.Context) error {
	if err := os.RemoveAll(filepath.Join(r.Dir, restoredLog)); err != nil {
		return err
	}
	return r.DB.Update(ctx, store.Bulk, func(tx *store.Tx) error { return tx.DutyDone(restoreDuty, restoreDone) })
}
