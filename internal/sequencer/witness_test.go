package sequencer

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/internal/store/storetest"
	"github.com/undersigned/undersigned/translog"
)

const testOrigin = "cause.example/log"

// testWitness is a witness that can be told to misbehave.
type testWitness struct {
	key  ed25519.PrivateKey
	log  note.Verifier
	vkey string

	mu     sync.Mutex
	size   int64
	root   tlog.Hash
	answer func(w http.ResponseWriter) bool // in place of the honest answer, where it returns true
	asked  int
}

func newTestWitness(name string, log note.Verifier) *testWitness {
	seed := sha256.Sum256([]byte(name))
	w := &testWitness{key: ed25519.NewKeyFromSeed(seed[:]), log: log}
	public := append([]byte{4}, w.key.Public().(ed25519.PublicKey)...)
	hash := sha256.Sum256(slices.Concat([]byte(name), []byte("\n"), public))
	w.vkey = fmt.Sprintf("%s+%08x+%s", name, binary.BigEndian.Uint32(hash[:]), base64.StdEncoding.EncodeToString(public))
	return w
}

// ServeHTTP is add-checkpoint of c2sp.org/tlog-witness.
func (tw *testWitness) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	tw.mu.Lock()
	defer tw.mu.Unlock()
	tw.asked++
	if tw.answer != nil && tw.answer(w) {
		return
	}
	body, _ := io.ReadAll(r.Body)
	head, signed, _ := strings.Cut(string(body), "\n\n")
	lines := strings.Split(head, "\n")
	old, err := strconv.ParseInt(strings.TrimPrefix(lines[0], "old "), 10, 64)
	n, err2 := note.Open([]byte(signed), note.VerifierList(tw.log))
	if r.URL.Path != "/add-checkpoint" || err != nil || err2 != nil {
		http.Error(w, "malformed", http.StatusBadRequest)
		return
	}
	c, err := translog.ParseCheckpoint(n.Text)
	if err != nil {
		http.Error(w, "malformed", http.StatusBadRequest)
		return
	}
	if old != tw.size {
		w.Header().Set("Content-Type", "text/x.tlog.size")
		w.WriteHeader(http.StatusConflict)
		fmt.Fprintf(w, "%d\n", tw.size)
		return
	}
	var proof tlog.TreeProof
	for _, line := range lines[1:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			http.Error(w, "malformed", http.StatusBadRequest)
			return
		}
		proof = append(proof, hash)
	}
	if old > 0 && tlog.CheckTree(proof, c.N, c.Hash, old, tw.root) != nil {
		http.Error(w, "no", http.StatusUnprocessableEntity)
		return
	}
	tw.size, tw.root = c.N, c.Hash
	io.WriteString(w, tw.cosign(n.Text))
}

func (tw *testWitness) cosign(text string) string {
	const seconds = 1700000000
	signature := ed25519.Sign(tw.key, fmt.Appendf(nil, "cosignature/v1\ntime %d\n%s", seconds, text))
	name, rest, _ := strings.Cut(tw.vkey, "+")
	hash, _, _ := strings.Cut(rest, "+")
	id, _ := strconv.ParseUint(hash, 16, 32)
	raw := binary.BigEndian.AppendUint32(nil, uint32(id))
	raw = binary.BigEndian.AppendUint64(raw, seconds)
	return fmt.Sprintf("\u2014 %s %s\n", name, base64.StdEncoding.EncodeToString(append(raw, signature...)))
}

func (tw *testWitness) says(answer func(http.ResponseWriter) bool) {
	tw.mu.Lock()
	defer tw.mu.Unlock()
	tw.answer = answer
}

func status(code int, body string) func(http.ResponseWriter) bool {
	return func(w http.ResponseWriter) bool {
		w.WriteHeader(code)
		io.WriteString(w, body)
		return true
	}
}

// watched is a log with three witnesses, of which two are needed.
type watched struct {
	*Sequencer
	t     *testing.T
	clock *storetest.Clock
	three []*testWitness
	urls  []string
	key   ed25519.PrivateKey
}

func newWatched(t *testing.T, db *store.DB, clock *storetest.Clock) *watched {
	t.Helper()
	w := &watched{t: t, clock: clock, key: ed25519.NewKeyFromSeed(make([]byte, 32))}
	_, vkey, err := Signer(w.key, testOrigin)
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"one.example", "two.example", "three.example"} {
		tw := newTestWitness(name, verifier)
		server := httptest.NewServer(tw)
		t.Cleanup(server.Close)
		w.three, w.urls = append(w.three, tw), append(w.urls, server.URL)
	}
	w.restart(db)
	return w
}

// restart is a new process on a database.
func (w *watched) restart(db *store.DB) {
	w.t.Helper()
	signer, vkey, err := Signer(w.key, testOrigin)
	if err != nil {
		w.t.Fatal(err)
	}
	policy := "log " + vkey + "\n"
	for i, tw := range w.three {
		policy += fmt.Sprintf("witness w%d %s %s\n", i, tw.vkey, w.urls[i])
	}
	policy += "group all 2 w0 w1 w2\nquorum all\n"
	witnesses, err := ParseWitnesses(policy, vkey)
	if err != nil {
		w.t.Fatal(err)
	}
	w.Sequencer = New(Options{DB: db, Signer: signer, Now: w.clock.Now, Witnesses: witnesses})
}

// open puts a petition in the way of the log.
func open(t *testing.T, db *store.DB, n int) {
	t.Helper()
	pid := fmt.Sprintf("%016x", n)
	err := db.Update(t.Context(), store.Client, func(tx *store.Tx) error {
		if err := tx.InsertAction(store.ActionRow{PID: pid, Issue: "i", Slug: pid, Version: 1, LogState: store.LogOpened}); err != nil {
			return err
		}
		if err := tx.InsertActionVersion(pid, 1, pid); err != nil {
			return err
		}
		return tx.WaitForLog(store.LogWait{PID: pid, Kind: "open", Version: 1})
	})
	if err != nil {
		t.Fatal(err)
	}
}

func sizes(t *testing.T, db *store.DB) (size, published int64, checkpoint string) {
	t.Helper()
	err := db.View(t.Context(), func(tx *store.Tx) (err error) {
		if size, published, err = tx.LogSizes(); err != nil {
			return err
		}
		c, err := tx.Checkpoint()
		checkpoint = c.Note
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return size, published, checkpoint
}

func (w *watched) want(db *store.DB, size, published int64) string {
	w.t.Helper()
	gotSize, gotPublished, checkpoint := sizes(w.t, db)
	if gotSize != size || gotPublished != published {
		w.t.Fatalf("the log has %d entries, %d published; want %d and %d", gotSize, gotPublished, size, published)
	}
	return checkpoint
}

func TestCheckpointIsPublishedWithTheQuorumsSignatures(t *testing.T) {
	storetest.Run(t, func(t *testing.T, db *store.DB, clock *storetest.Clock) {
		w := newWatched(t, db, clock)
		for n := range 3 {
			open(t, db, n)
			if err := w.Tick(t.Context()); err != nil {
				t.Fatal(err)
			}
			signed := w.want(db, int64(n+1), int64(n+1))
			c, cosigned, err := w.Witnesses.Policy.Open([]byte(signed))
			if err != nil || c.N != int64(n+1) || len(cosigned) < 2 {
				t.Fatalf("size %d with %d cosignatures: %v", c.N, len(cosigned), err)
			}
		}
		at, trouble := duty(t, db)
		if trouble != "" || at.IsZero() || w.Halted() {
			t.Errorf("noted %q at %v", trouble, at)
		}
	})
}

func duty(t *testing.T, db *store.DB) (at time.Time, note string) {
	t.Helper()
	if err := db.View(t.Context(), func(tx *store.Tx) (err error) { at, note, err = tx.Duty(WitnessDuty); return err }); err != nil {
		t.Fatal(err)
	}
	return at, note
}

// What one witness does wrong hurts nobody while two are honest; where two do, the log goes on and is not published.
func TestWithoutQuorumTheLogGrowsUnpublished(t *testing.T) {
	for name, answer := range map[string]func(tw *testWitness, w http.ResponseWriter) bool{
		"gone":                   func(*testWitness, http.ResponseWriter) bool { panic(http.ErrAbortHandler) },
		"in trouble":             func(_ *testWitness, w http.ResponseWriter) bool { return status(500, "")(w) },
		"does not know the log":  func(_ *testWitness, w http.ResponseWriter) bool { return status(404, "")(w) },
		"says yes and signs not": func(_ *testWitness, w http.ResponseWriter) bool { return status(200, "")(w) },
		"signs something else":   func(tw *testWitness, w http.ResponseWriter) bool { return status(200, tw.cosign("x\n1\ny\n"))(w) },
		"signs as another": func(tw *testWitness, w http.ResponseWriter) bool {
			return status(200, newTestWitness("else.example", tw.log).cosign("x\n"))(w)
		},
		"never agrees on a size": func(tw *testWitness, w http.ResponseWriter) bool { return status(409, fmt.Sprint(tw.asked%2, "\n"))(w) },
		"says no size":           func(_ *testWitness, w http.ResponseWriter) bool { return status(409, "many\n")(w) },
		"says a negative size":   func(_ *testWitness, w http.ResponseWriter) bool { return status(409, "-1\n")(w) },
		"sends without end": func(_ *testWitness, w http.ResponseWriter) bool {
			return status(200, strings.Repeat("x", maxAnswer+1))(w)
		},
		"sends us elsewhere": func(_ *testWitness, w http.ResponseWriter) bool {
			w.Header().Set("Location", "http://127.0.0.1:1/")
			return status(307, "")(w)
		},
	} {
		t.Run(name, func(t *testing.T) {
			clock := storetest.NewClock()
			db := storetest.Open(t, store.Options{Dir: t.TempDir(), Now: clock.Now})
			w := newWatched(t, db, clock)
			open(t, db, 1)
			if err := w.Tick(t.Context()); err != nil {
				t.Fatal(err)
			}
			for i, tw := range w.three[1:] {
				tw.says(func(out http.ResponseWriter) bool { return answer(tw, out) })
				open(t, db, 2+i)
				err := w.Tick(t.Context())
				if i == 0 {
					if err != nil {
						t.Fatalf("one bad witness of three: %v", err)
					}
					w.want(db, 2, 2)
				} else if err == nil {
					t.Fatal("published without quorum")
				}
			}
			w.want(db, 3, 2)
			if _, trouble := duty(t, db); !strings.Contains(trouble, "1 of 3 witnesses have signed") || w.Halted() {
				t.Errorf("noted %q; halted %v", trouble, w.Halted())
			}
			for _, tw := range w.three {
				tw.says(nil)
			}
			if err := w.Tick(t.Context()); err != nil {
				t.Fatal(err)
			}
			w.want(db, 3, 3)
		})
	}
}

// A restored backup that lacks entries signs nothing and places nothing, and goes on taking signatures.
func TestOlderDatabaseSignsNothing(t *testing.T) {
	storetest.Run(t, func(t *testing.T, db *store.DB, clock *storetest.Clock) {
		w := newWatched(t, db, clock)
		for n := range 5 {
			open(t, db, n)
		}
		if err := w.Tick(t.Context()); err != nil {
			t.Fatal(err)
		}
		older := storetest.Open(t, store.Options{Dir: t.TempDir(), Now: clock.Now})
		w.restart(older)
		open(t, older, 0)
		for range 3 {
			clock.Move(time.Minute)
			if err := w.Tick(t.Context()); err == nil || !strings.Contains(err.Error(), "has seen 5 entries") {
				t.Fatalf("the older database: %v", err)
			}
		}
		w.want(older, 0, 0)
		if _, trouble := duty(t, older); !w.Halted() || !strings.Contains(trouble, "restore --log") {
			t.Errorf("halted %v, noted %q", w.Halted(), trouble)
		}
		w.restart(db) // the newer one is back
		open(t, db, 9)
		if err := w.Tick(t.Context()); err != nil || w.Halted() {
			t.Fatal(err, w.Halted())
		}
		w.want(db, 6, 6)
	})
}

// Two copies of one database grew apart: the second to sign is told so by the witnesses.
func TestForkedDatabaseSignsNothingMore(t *testing.T) {
	storetest.Run(t, func(t *testing.T, db *store.DB, clock *storetest.Clock) {
		w := newWatched(t, db, clock)
		other := storetest.Open(t, store.Options{Dir: t.TempDir(), Now: clock.Now})
		bare := New(Options{DB: other, Signer: w.Signer, Now: clock.Now}) // ran without witnesses
		for n := range 3 {
			open(t, db, n)
			open(t, other, 100+n)
		}
		if err := w.Tick(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := bare.Tick(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.restart(other)
		open(t, other, 200)
		if err := w.Tick(t.Context()); err == nil || !strings.Contains(err.Error(), "another copy") || !w.Halted() {
			t.Fatalf("halted %v: %v", w.Halted(), err)
		}
		w.want(other, 3, 3)
	})
}

// A crash after the witnesses signed and before we published leaves them ahead of what is published, not of what we have.
func TestCrashBeforePublishingIsNoFork(t *testing.T) {
	storetest.Run(t, func(t *testing.T, db *store.DB, clock *storetest.Clock) {
		w := newWatched(t, db, clock)
		open(t, db, 1)
		if err := w.Tick(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.Step = func(step string) error {
			if step == "witnessed" {
				return io.ErrUnexpectedEOF
			}
			return nil
		}
		open(t, db, 2)
		if err := w.Tick(t.Context()); err == nil {
			t.Fatal("the step was not taken")
		}
		w.want(db, 2, 1)
		w.restart(db)
		if err := w.Tick(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.want(db, 2, 2)
	})
}

// Nothing is placed before enough witnesses have been heard: one of them may remember what this database has lost.
func TestStartWaitsForWitnesses(t *testing.T) {
	storetest.Run(t, func(t *testing.T, db *store.DB, clock *storetest.Clock) {
		w := newWatched(t, db, clock)
		w.three[0].says(status(503, ""))
		w.three[1].says(status(503, ""))
		open(t, db, 1)
		for range 2 {
			if err := w.Tick(t.Context()); err == nil || !strings.Contains(err.Error(), "1 of 3 answer, 2 are needed") || w.Halted() {
				t.Fatal(err, w.Halted())
			}
		}
		if w.three[2].asked != 1 {
			t.Errorf("asked %d times within a moment", w.three[2].asked)
		}
		w.want(db, 0, 0)
		w.three[0].says(nil)
		clock.Move(askAgain)
		if err := w.Tick(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.want(db, 1, 1)
	})
}

// hanging is a witness that never answers.
type hanging struct{}

func (hanging) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

func TestHangingWitnessesCostFiveSeconds(t *testing.T) {
	log, vkey, err := Signer(ed25519.NewKeyFromSeed(make([]byte, 32)), testOrigin)
	if err != nil {
		t.Fatal(err)
	}
	tw := newTestWitness("one.example", nil)
	w, err := ParseWitnesses("log "+vkey+"\nwitness a "+tw.vkey+" https://one.example/w/\nquorum a\n", vkey)
	if err != nil {
		t.Fatal(err)
	}
	w.http.Transport = hanging{}
	synctest.Test(t, func(t *testing.T) {
		c := translog.Checkpoint{Origin: testOrigin, Tree: tlog.Tree{N: 1, Hash: tlog.Hash{1}}}
		signed, err := c.Sign(log)
		if err != nil {
			t.Fatal(err)
		}
		read := func(context.Context, tlog.Tile) ([]byte, error) { return nil, io.EOF }
		begun := time.Now()
		_, err = w.cosign(t.Context(), head{c, signed, read, 1})
		if err == nil || !strings.Contains(err.Error(), "in time") || time.Since(begun) != witnessTime {
			t.Errorf("%v after %v", err, time.Since(begun))
		}
	})
}

func TestPolicyOfTheSettingsIsRefusedWhereItCannotWork(t *testing.T) {
	_, vkey, err := Signer(ed25519.NewKeyFromSeed(make([]byte, 32)), testOrigin)
	if err != nil {
		t.Fatal(err)
	}
	_, other, err := Signer(ed25519.NewKeyFromSeed(make([]byte, 32)), "else.example/log")
	if err != nil {
		t.Fatal(err)
	}
	a := newTestWitness("one.example", nil).vkey
	for text, want := range map[string]string{
		"": "no quorum line",
		"log " + other + "\nwitness a " + a + " https://one.example\nquorum a\n":             "another log's",
		"log " + vkey + "\nquorum none\n":                                                    "quorum is none",
		"log " + vkey + "\nwitness a " + a + "\nquorum a\n":                                  "no URL",
		"log " + vkey + "\nwitness a " + a + " ftp://one.example\nquorum a\n":                "not http",
		"log " + vkey + "\nwitness a " + a + " https://u:p@one.example\nquorum a\n":          "not http",
		"log " + vkey + "\nwitness a " + a + " https://one.example/?x=y\nquorum a\n":         "not http",
		"log " + vkey + "\nwitness a " + vkey + " https://one.example\nquorum a\n":           "signature type",
		"log " + vkey + "\nwitness a " + a + " https://one.example\ngroup g 2 a\nquorum g\n": "threshold",
	} {
		if _, err := ParseWitnesses(text, vkey); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}
