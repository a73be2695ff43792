package sequencer

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"log/slog"
	"testing"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/internal/store/storetest"
	"golang.org/x/mod/sumdb/note"
)

// testLog is a log whose petitions and signatures are put straight into the rows.
type testLog struct {
	t      testing.TB
	db     *store.DB
	clock  *storetest.Clock
	signer note.Signer
	vkey   string
	*Sequencer
}

const live, batched = "00000000000000aa", "00000000000000bb"

// run runs a test on each engine, with one petition that is live and one that is batched, and recounts at its end.
func run(t *testing.T, test func(*testing.T, *testLog)) {
	storetest.Run(t, func(t *testing.T, db *store.DB, clock *storetest.Clock) {
		l := newTestLog(t, db, clock)
		l.open(live, undersigned.Live)
		l.open(batched, undersigned.Batched)
		test(t, l)
		l.recount()
	})
}

func newTestLog(t testing.TB, db *store.DB, clock *storetest.Clock) *testLog {
	t.Helper()
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
	signer, vkey, err := Signer(key, "cause.example/log")
	must(t, err)
	l := &testLog{t: t, db: db, clock: clock, signer: signer, vkey: vkey}
	l.Sequencer = l.sequencer(db)
	return l
}

// sequencer is a fresh one, as another process would have.
func (l *testLog) sequencer(db *store.DB) *Sequencer {
	return New(Options{DB: db, Signer: l.signer, Now: l.clock.Now, Log: slog.New(slog.DiscardHandler)})
}

// second is a sequencer on another process's connection to the same database.
func (l *testLog) second() *Sequencer {
	l.t.Helper()
	return l.sequencer(storetest.Open(l.t, storetest.OptionsOf(l.t, l.db, l.clock.Now)))
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (l *testLog) update(write func(*store.Tx) error) {
	l.t.Helper()
	must(l.t, l.db.Update(l.t.Context(), store.Client, write))
}

func (l *testLog) open(pid string, publish undersigned.Publish) {
	l.t.Helper()
	l.update(func(tx *store.Tx) error {
		row := store.ActionRow{PID: pid, Issue: "cause", Slug: pid, Version: 1, Publish: publish, LogState: store.LogOpened}
		if err := tx.InsertAction(row); err != nil {
			return err
		}
		return text(tx, pid, 1)
	})
}

// text adds a version of a petition's text.
func text(tx *store.Tx, pid string, version int) error {
	if err := tx.InsertActionVersion(pid, version, "a text\n"); err != nil {
		return err
	}
	return tx.WaitForLog(store.LogWait{PID: pid, Kind: "open", Version: version})
}

// sign adds n confirmed signatures.
func (l *testLog) sign(pid string, n int) (rows []*store.SignatureRow) {
	l.t.Helper()
	for range n {
		rows = append(rows, unsigned(pid))
	}
	l.update(func(tx *store.Tx) error {
		for _, row := range rows {
			if _, err := tx.InsertSignature(row); err != nil {
				return err
			}
		}
		return nil
	})
	return rows
}

// unsigned is a row that nobody has stored yet.
func unsigned(pid string) *store.SignatureRow {
	row := &store.SignatureRow{PID: pid, Version: 1, Slot: 1, Sealed: []byte("sealed"), LogIndex: -1}
	rand.Read(row.ID[:])
	hash := sha256.Sum256(row.ID[:])
	row.EmailHash, row.EmailNameHash, row.Commitment = hash[:], hash[:], hash[:]
	return row
}

// wait asks for an entry.
func (l *testLog) wait(pid, kind string, index int64, detail string) {
	l.t.Helper()
	l.update(func(tx *store.Tx) error {
		return tx.WaitForLog(store.LogWait{PID: pid, Kind: kind, Index: index, Detail: detail})
	})
}

func (l *testLog) recount() *storetest.Log {
	l.t.Helper()
	return storetest.Recount(l.t, l.db, l.vkey)
}

func (l *testLog) tick() *storetest.Log {
	l.t.Helper()
	must(l.t, l.Tick(l.t.Context()))
	return l.recount()
}

// sizes reads how many entries there are, and how many are published.
func (l *testLog) sizes() (size, published int64) {
	l.t.Helper()
	must(l.t, l.db.View(l.t.Context(), func(tx *store.Tx) (err error) { size, published, err = tx.LogSizes(); return err }))
	return size, published
}
