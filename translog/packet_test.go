package translog

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
)

// testPacket writes a packet of the signers with these names, all of them in a log of their own.
func testPacket(t *testing.T, change func(entries []Entry) []Entry, names ...string) (dir string, policy Policy) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "packet")
	w, err := CreatePacket(Dir(dir), "", pidA)
	if err != nil {
		t.Fatal(err)
	}
	text, err := CanonicalText([]Text{{Language: "en", Title: "Title", Ask: "Ask", Body: "Body"}})
	if err != nil {
		t.Fatal(err)
	}
	entries := []Entry{{Kind: KindOpen, PID: pidA, Version: 1, Hash: TextHash(text)}}
	for i, name := range names {
		seed := Seed(testHash(i))
		values := Values{Who: name, Where: Where("US", "02138"), Contact: "ana@mail.example", Seat: Seat(true, []string{"MA-05", "MA-07"})}
		o, err := NewOpening(seed, pidA, 1, values, FieldWho, FieldWhere, FieldSeat)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Add(int64(len(entries)), o); err != nil {
			t.Fatal(err)
		}
		entries = append(entries, Entry{Kind: KindSign, PID: pidA, Version: 1, Hash: o.Commitment()})
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if change != nil {
		entries = change(entries)
	}
	return dir, writeTestLog(t, filepath.Join(dir, PacketLog), text, entries)
}

// writeTestLog writes a log of fewer than 256 entries as files.
func writeTestLog(t *testing.T, dir string, text []byte, entries []Entry) Policy {
	t.Helper()
	var bundle []byte
	var leaves []tlog.Hash
	for _, e := range entries {
		b, err := e.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		if bundle, err = AppendBundle(bundle, b); err != nil {
			t.Fatal(err)
		}
		leaves = append(leaves, LeafHash(b))
	}
	tiles, root, err := Grow(0, nil, leaves)
	if err != nil {
		t.Fatal(err)
	}
	signer, key := testKey(t, testOrigin, 1)
	signed, err := Checkpoint{testOrigin, tlog.Tree{N: int64(len(entries)), Hash: root}}.Sign(signer)
	if err != nil {
		t.Fatal(err)
	}
	n := len(entries)
	for path, data := range map[string][]byte{"checkpoint": signed, TextPath(pidA, 1): text, TilePath(tiles[0].Tile): tiles[0].Data,
		TilePath(tlog.Tile{H: tileHeight, L: EntriesLevel, W: n}): bundle} {
		if err := writeFile(filepath.Join(dir, path), data); err != nil {
			t.Fatal(err)
		}
	}
	return Policy{Log: key}
}

func TestPacketOpensEveryRow(t *testing.T) {
	names := []string{"Ana Álvarez", "=HYPERLINK(1) Ben", "+1 @", `O"Neil, "Jr" Bob`, " Smith", " =1", "宮崎 駿"}
	dir, policy := testPacket(t, nil, names...)
	r, err := VerifyPacket(t.Context(), dir, policy)
	if err != nil {
		t.Fatal(err)
	}
	if r.Rows != 7 || r.Counts.Counted != 7 || r.PID != pidA {
		t.Errorf("%+v", r)
	}
	rows, err := os.ReadFile(filepath.Join(dir, PacketRows))
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "packet-rows.golden", rows)
	openings, err := os.ReadFile(filepath.Join(dir, PacketOpenings))
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "packet-openings.golden", openings)
	if bytes.Contains(openings, []byte("mail.example")) {
		t.Error("the packet shows an address")
	}
}

func TestPacketThatWasChangedIsRefused(t *testing.T) {
	replace := func(file, old, new string) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) {
			name := filepath.Join(dir, file)
			data, err := os.ReadFile(name)
			if err != nil || !bytes.Contains(data, []byte(old)) {
				t.Fatalf("no %q: %v", old, err)
			}
			if err := os.WriteFile(name, bytes.Replace(data, []byte(old), []byte(new), 1), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	both := func(old, new string) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			replace(PacketRows, old, new)(t, dir)
			replace(PacketOpenings, old, new)(t, dir)
		}
	}
	void := func(e []Entry) []Entry {
		return append(e, Entry{Kind: KindVoid, PID: pidA, Index: 2, Reason: ReasonBot})
	}
	missing := func(e []Entry) []Entry { return e[:2] }
	for name, c := range map[string]struct {
		log    func([]Entry) []Entry
		change func(t *testing.T, dir string)
		want   string
	}{
		"another name in the row": {nil, replace(PacketRows, "Ben", "Bob"), "row 2 of the packet: rows.csv says something else"},
		"another name in both":    {nil, both("Ben", "Bob"), "row 2 of the packet does not open entry 2"},
		"another district":        {nil, both("MA-05", "MA-06"), "row 1 of the packet does not open entry 1"},
		"another index":           {nil, replace(PacketOpenings, "index 2", "index 3"), "row 2 of the packet: rows.csv says something else"},
		"an index beyond the log": {nil, func(t *testing.T, d string) {
			replace(PacketOpenings, "index 3", "index 9")(t, d)
			replace(PacketRows, "\n3,", "\n9,")(t, d)
		}, "row 3 of the packet is entry 9"},
		"an index twice":              {nil, replace(PacketOpenings, "index 2", "index 1"), "out of order"},
		"a malformed index":           {nil, replace(PacketOpenings, "index 2", "index 02"), "malformed"},
		"a row less":                  {nil, replace(PacketRows, "3,1,Eve,US,02138,\"MA-05,MA-07\"\n", ""), "row 3 of the packet: it is cut short"},
		"a row that ends early":       {nil, replace(PacketRows, "Eve,US,02138,\"MA-05,MA-07\"\n", "Eve"), "row 3 of the packet: it is cut short"},
		"an opening cut short":        {nil, replace(PacketOpenings, "class=delivered;MA-05,MA-07\nindex 3", "class=delivered;MA-05,MA-07\nindex"), "row 3 of the packet"},
		"another class":               {nil, replace(PacketOpenings, "class=delivered", "class=counted"), "did not agree"},
		"a field that became hidden":  {nil, replace(PacketOpenings, "where open", "where hidden"), "row 1 of the packet"},
		"another header":              {nil, replace(PacketRows, "index,", "Index,"), "does not begin"},
		"another petition":            {nil, replace(PacketOpenings, "petition a1", "petition b2"), "does not open entry 1"},
		"a version from nowhere":      {nil, replace(PacketOpenings, "undersigned-packet/v1", "undersigned-packet/v2"), "does not begin"},
		"a signer who counts no more": {void, func(*testing.T, string) {}, "row 2 of the packet does not count: entry 2 is voided as bot"},
		"a log without them":          {missing, func(*testing.T, string) {}, "row 2 of the packet is entry 2"},
		"no openings":                 {nil, func(t *testing.T, d string) { os.Remove(filepath.Join(d, PacketOpenings)) }, "open the packet"},
		"no log":                      {nil, func(t *testing.T, d string) { os.RemoveAll(filepath.Join(d, PacketLog)) }, "open a log"},
		"a line without end":          {nil, replace(PacketRows, "Eve", strings.Repeat("E", 2*maxLine)), "cut short"},
	} {
		t.Run(name, func(t *testing.T) {
			dir, policy := testPacket(t, c.log, "Ana", "Ben", "Eve")
			c.change(t, dir)
			if _, err := VerifyPacket(t.Context(), dir, policy); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}

func TestPacketIsNotWrittenOverAnother(t *testing.T) {
	dir, _ := testPacket(t, nil, "Ana")
	if _, err := CreatePacket(Dir(dir), "", pidA); err == nil {
		t.Error("a packet was written over another")
	}
}

func FuzzPacket(f *testing.F) {
	f.Add([]byte(rowsHeader+"1,1,Ana,US,02138,MA-05\n"), []byte("undersigned-packet/v1\npetition a10000000000000a\nindex 1\n"))
	f.Add([]byte(rowsHeader), []byte("undersigned-packet/v1\npetition a10000000000000a\n"))
	f.Fuzz(func(t *testing.T, rows, openings []byte) {
		dir := t.TempDir()
		for name, data := range map[string][]byte{PacketRows: rows, PacketOpenings: openings} {
			if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		r, err := openPacket(Dir(dir))
		if err != nil {
			return
		}
		defer r.close()
		for last := int64(-1); r.index >= 0; {
			if r.index <= last {
				t.Fatalf("index %d after %d", r.index, last)
			}
			last = r.index
			if err := r.next(); err != nil {
				return
			}
		}
	})
}
