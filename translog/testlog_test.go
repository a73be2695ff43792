package translog

import (
	"bytes"
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares with a file that pins the bytes of a format.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s: the format has changed\ngot:\n%s\nwant:\n%s", name, got, want)
	}
}

const testOrigin = "example.org/log"

var (
	pidA = PID{0xa1, 0, 0, 0, 0, 0, 0, 0x0a}
	pidB = PID{0xb2, 0, 0, 0, 0, 0, 0, 0x0b}
)

// testHash is a commitment or text hash that differs for every n.
func testHash(n int) tlog.Hash { return sha256.Sum256(fmt.Append(nil, "hash ", n)) }

// testKey is the same for the same name and seed byte.
func testKey(t testing.TB, name string, seed byte) (note.Signer, *Key) {
	t.Helper()
	skey, vkey, err := GenerateKey(bytes.NewReader(bytes.Repeat([]byte{seed}, 32)), name)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	key, err := ParseLogKey(vkey)
	if err != nil {
		t.Fatal(err)
	}
	return signer, key
}

// testLog is the write side of a log: rows of tiles as a database would keep
// them, and the files that it has published.
type testLog struct {
	t       testing.TB
	signer  note.Signer
	policy  Policy
	entries [][]byte
	rows    map[[2]int64][]byte // by level and number
	root    tlog.Hash
	signed  []byte
	files   fstest.MapFS
}

func newTestLog(t testing.TB) *testLog {
	signer, key := testKey(t, testOrigin, 1)
	return &testLog{t: t, signer: signer, policy: Policy{Log: key}, rows: make(map[[2]int64][]byte), files: make(fstest.MapFS)}
}

func (l *testLog) add(entries ...Entry) {
	l.t.Helper()
	var raw [][]byte
	for _, e := range entries {
		b, err := e.Bytes()
		if err != nil {
			l.t.Fatal(err)
		}
		raw = append(raw, b)
	}
	l.addRaw(raw...)
}

// addRaw grows the tree by one call of Grow and publishes the new checkpoint.
func (l *testLog) addRaw(entries ...[]byte) {
	l.t.Helper()
	size := int64(len(l.entries))
	var edge []HashTile
	for _, at := range Edge(size) {
		edge = append(edge, HashTile{at, l.rows[[2]int64{int64(at.L), at.N}]})
	}
	var leaves []tlog.Hash
	for _, e := range entries {
		leaves = append(leaves, tlog.RecordHash(e))
	}
	changed, root, err := Grow(size, edge, leaves)
	if err != nil {
		l.t.Fatal(err)
	}
	l.entries = append(l.entries, entries...)
	l.root = root
	for _, tile := range changed {
		l.rows[[2]int64{int64(tile.L), tile.N}] = tile.Data
		l.publish(TilePath(tile.Tile), tile.Data)
		if tile.L == 0 {
			first := tile.N * TileWidth
			bundle, err := AppendBundle(nil, l.entries[first:first+int64(tile.W)]...)
			if err != nil {
				l.t.Fatal(err)
			}
			tile.L = EntriesLevel
			l.publish(TilePath(tile.Tile), bundle)
		}
	}
	l.signed, err = Checkpoint{testOrigin, l.tree()}.Sign(l.signer)
	if err != nil {
		l.t.Fatal(err)
	}
	l.publish("checkpoint", l.signed)
}

func (l *testLog) tree() tlog.Tree { return tlog.Tree{N: int64(len(l.entries)), Hash: l.root} }

func (l *testLog) publish(path string, data []byte) { l.files[path] = &fstest.MapFile{Data: data} }

func (l *testLog) client() *Client { return NewDirClient(l.files) }

// addText publishes a text and returns the entry that opens it.
func (l *testLog) addText(pid PID, version int64, title string) Entry {
	text, err := CanonicalText([]Text{{"en", title, "Do it", "Because."}})
	if err != nil {
		l.t.Fatal(err)
	}
	l.publish(TextPath(pid, version), text)
	return Entry{Kind: KindOpen, PID: pid, Version: version, Hash: TextHash(text)}
}

// newSignedLog has one petition and n signs of it.
func newSignedLog(t testing.TB, n int) *testLog {
	l := newTestLog(t)
	entries := []Entry{l.addText(pidA, 1, "A petition")}
	for i := range n {
		entries = append(entries, Entry{Kind: KindSign, PID: pidA, Version: 1, Hash: testHash(i)})
	}
	l.add(entries...)
	return l
}
