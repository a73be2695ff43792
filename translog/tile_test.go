package translog

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
)

func TestTilePathsHavePinnedBytes(t *testing.T) {
	var all bytes.Buffer
	for _, at := range []tlog.Tile{
		{L: 0, N: 0, W: 256}, {L: 0, N: 0, W: 1}, {L: 1, N: 999, W: 255}, {L: 2, N: 1000, W: 256},
		{L: 7, N: 1234067, W: 17}, {L: 0, N: 1234067, W: 256}, {L: EntriesLevel, N: 0, W: 256},
		{L: EntriesLevel, N: 1234067, W: 255}, {L: EntriesLevel, N: 5, W: 256}, {L: 0, N: MaxSize, W: 256},
	} {
		at.H = 8
		path := TilePath(at)
		if back, err := ParseTilePath(path); err != nil || back != at {
			t.Errorf("%s comes back as %+v, %v", path, back, err)
		}
		all.WriteString(path + "\n")
	}
	golden(t, "tile_paths.golden", all.Bytes())
}

func TestMalformedTilePathIsRefused(t *testing.T) {
	for _, path := range []string{
		"", "tile", "tile/", "tile/0", "tile/0/", "tile/0/0", "tile/0/00", "tile/0/0000", "tile/0/1000", "tile/00/000",
		"/tile/0/000", "tile//000", "tile/8/000", "tile/64/000", "tile/-1/000", "tile/+1/000", "tile/data/000",
		"tile/entry/000", "tile/Entries/000", "tile/8/0/000", "tile/0/x000/000", "tile/0/x001", "tile/0/001/000", "tile/0/x1/000",
		"tile/0/x001/x000", "tile/0/+01", "tile/0/-01", "tile/0/1_0", "tile/0/000.p", "tile/0/000.p/", "tile/0/000.p/0",
		"tile/0/000.p/256", "tile/0/000.p/01", "tile/0/000.p/-1", "tile/0/000.p/1/2", "tile/0/000.q/1", "tile/0/000/1",
		"tile/0/../000", "tile/0/x999/x999/x999/x999/x999/x999/x999/999", "tile/0/x001/x152/x921/x504/x606/x846/977", "tile/0/000\n",
	} {
		if at, err := ParseTilePath(path); err == nil {
			t.Errorf("%q is taken for %+v", path, at)
		}
	}
}

func FuzzParseTilePath(f *testing.F) {
	for _, path := range []string{"tile/0/000", "tile/7/x001/x234/067.p/17", "tile/entries/999.p/255", "tile/0/x000/000"} {
		f.Add(path)
	}
	f.Fuzz(func(t *testing.T, path string) {
		if at, err := ParseTilePath(path); err == nil && TilePath(at) != path {
			t.Fatalf("%q comes back as %q", path, TilePath(at))
		}
	})
}

func TestBundleHasPinnedBytes(t *testing.T) {
	entries := [][]byte{[]byte("one\n"), {}, bytes.Repeat([]byte("x"), 256)}
	bundle, err := AppendBundle(nil, entries...)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "bundle.golden", bundle)
	back, err := SplitBundle(bundle, 3)
	if err != nil || !slices.EqualFunc(back, entries, bytes.Equal) {
		t.Errorf("it comes back as %q, %v", back, err)
	}
	if _, err := AppendBundle(nil, make([]byte, 257)); err == nil {
		t.Error("an entry of 257 bytes is bundled")
	}
}

func TestMalformedBundleIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		bundle string
		width  int
	}{
		"empty":         {"", 1},
		"no entries":    {"", 0},
		"too wide":      {"\x00\x01a", 257},
		"too few":       {"\x00\x01a", 2},
		"too many":      {"\x00\x01a\x00\x01b", 1},
		"half a length": {"\x00\x01a\x00", 2},
		"half an entry": {"\x00\x01a\x00\x02b", 2},
		"a byte after":  {"\x00\x01ab", 1},
	} {
		if entries, err := SplitBundle([]byte(c.bundle), c.width); err == nil {
			t.Errorf("%s: it is split into %q", name, entries)
		}
	}
}

func FuzzSplitBundle(f *testing.F) {
	f.Add([]byte("\x00\x01a\x00\x00"), 2)
	f.Add([]byte("\x01\x00a"), 1)
	f.Fuzz(func(t *testing.T, bundle []byte, width int) {
		entries, err := SplitBundle(bundle, width)
		if err != nil {
			return
		}
		var back []byte
		for _, e := range entries {
			back = append(back, byte(len(e)>>8), byte(len(e)))
			back = append(back, e...)
		}
		if len(entries) != width || !bytes.Equal(back, bundle) {
			t.Fatalf("%q comes back as %q", bundle, back)
		}
	})
}

// storedHashes is a tree as sumdb/tlog keeps it: the reference for Grow.
type storedHashes []tlog.Hash

func (s storedHashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var out []tlog.Hash
	for _, i := range indexes {
		out = append(out, s[i])
	}
	return out, nil
}

// growing is a tree in rows of tiles beside the reference.
type growing struct {
	t    testing.TB
	size int64
	rows map[[2]int64][]byte
	ref  storedHashes
	root tlog.Hash
}

func (g *growing) read(_ context.Context, at tlog.Tile) ([]byte, error) {
	row := g.rows[[2]int64{int64(at.L), at.N}]
	if len(row) < at.W*tlog.HashSize {
		return nil, fmt.Errorf("%+v is not stored", at)
	}
	return row[:at.W*tlog.HashSize], nil
}

func (g *growing) grow(leaves int) {
	g.t.Helper()
	var edge []HashTile
	for _, at := range Edge(g.size) {
		edge = append(edge, HashTile{at, bytes.Clone(g.rows[[2]int64{int64(at.L), at.N}])})
	}
	before := slices.Clone(edge)
	var hashes []tlog.Hash
	for i := range leaves {
		h := testHash(int(g.size) + i)
		hashes = append(hashes, h)
		stored, err := tlog.StoredHashesForRecordHash(g.size+int64(i), h, g.ref)
		if err != nil {
			g.t.Fatal(err)
		}
		g.ref = append(g.ref, stored...)
	}
	changed, root, err := Grow(g.size, edge, hashes)
	if err != nil {
		g.t.Fatal(err)
	}
	for i := range edge {
		if !bytes.Equal(edge[i].Data, before[i].Data) {
			g.t.Fatal("Grow changed what it was given")
		}
	}
	g.check(changed, int64(leaves))
	g.size += int64(leaves)
	g.root = root
	if want, err := tlog.TreeHash(g.size, g.ref); err != nil || want != root {
		g.t.Fatalf("size %d: the root is %s, not %s, %v", g.size, root, want, err)
	}
}

// check compares what changed with the tiles that sumdb/tlog would publish.
func (g *growing) check(changed []HashTile, leaves int64) {
	g.t.Helper()
	want := tlog.NewTiles(8, g.size, g.size+leaves)
	if len(changed) != len(want) {
		g.t.Fatalf("%d to %d: %d tiles changed, not %d", g.size, g.size+leaves, len(changed), len(want))
	}
	for _, tile := range changed {
		data, err := tlog.ReadTileData(tile.Tile, g.ref)
		if err != nil || !bytes.Equal(data, tile.Data) || !slices.Contains(want, tile.Tile) {
			g.t.Fatalf("%d to %d: tile %+v is wrong, %v", g.size, g.size+leaves, tile.Tile, err)
		}
		key := [2]int64{int64(tile.L), tile.N}
		if !bytes.HasPrefix(tile.Data, g.rows[key]) {
			g.t.Fatalf("tile %+v does not begin with what it was", tile.Tile)
		}
		g.rows[key] = tile.Data
	}
}

func TestTilesGrowAsTheTreeDoes(t *testing.T) {
	for _, steps := range [][]int{
		{0, 1, 1, 1, 253, 1, 0, 255, 1},
		{256}, {257, 511}, {65535, 1, 1}, {65536 + 300}, {65000, 1000, 3},
	} {
		g := &growing{t: t, rows: make(map[[2]int64][]byte)}
		for _, n := range steps {
			g.grow(n)
		}
		root, err := RootAt(t.Context(), tlog.Tree{N: g.size, Hash: g.root}, g.size, g.read)
		if err != nil || root != g.root {
			t.Errorf("%v: the root from tiles is %s, %v", steps, root, err)
		}
	}
}

func TestProofsFromTilesVerify(t *testing.T) {
	g := &growing{t: t, rows: make(map[[2]int64][]byte)}
	for _, n := range []int{1, 6, 250, 400, 65536} {
		old := tlog.Tree{N: g.size, Hash: g.root}
		g.grow(n)
		tree := tlog.Tree{N: g.size, Hash: g.root}
		for _, index := range []int64{0, g.size / 3, g.size - 1} {
			proof, err := ProveInclusion(t.Context(), tree, index, g.read)
			if err != nil {
				t.Fatal(err)
			}
			if err := tlog.CheckRecord(proof, tree.N, tree.Hash, index, testHash(int(index))); err != nil {
				t.Errorf("size %d, index %d: %v", tree.N, index, err)
			}
			if tlog.CheckRecord(proof, tree.N, tree.Hash, index, testHash(-1)) == nil {
				t.Errorf("size %d, index %d: another entry is proven", tree.N, index)
			}
		}
		if root, err := RootAt(t.Context(), tree, old.N, g.read); old.N > 0 && (err != nil || root != old.Hash) {
			t.Errorf("size %d: the root at %d is %s, %v", tree.N, old.N, root, err)
		}
		proof, err := ProveConsistency(t.Context(), tree, old.N, g.read)
		if err != nil {
			t.Fatal(err)
		}
		if old.N == 0 {
			continue
		}
		if err := tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash); err != nil {
			t.Errorf("%d to %d: %v", old.N, tree.N, err)
		}
		if tlog.CheckTree(proof, tree.N, tree.Hash, old.N, testHash(-1)) == nil {
			t.Errorf("%d to %d: another old root is proven", old.N, tree.N)
		}
	}
}

func TestProofFromWrongTileIsAnError(t *testing.T) {
	g := &growing{t: t, rows: make(map[[2]int64][]byte)}
	g.grow(600)
	tree := tlog.Tree{N: g.size, Hash: g.root}
	for key := range g.rows {
		right := g.rows[key]
		g.rows[key] = bytes.Clone(right)
		g.rows[key][5] ^= 1
		if _, err := ProveInclusion(t.Context(), tree, 3, g.read); err == nil && key != [2]int64{0, 1} {
			t.Errorf("tile %v was flipped and the proof made", key)
		}
		if _, err := ProveConsistency(t.Context(), tree, 300, g.read); err == nil && key != [2]int64{0, 0} {
			t.Errorf("tile %v was flipped and the proof made", key)
		}
		g.rows[key] = right
	}
	for _, index := range []int64{-1, 600} {
		if _, err := ProveInclusion(t.Context(), tree, index, g.read); err == nil {
			t.Errorf("index %d has a proof", index)
		}
	}
	for _, size := range []int64{-1, 601} {
		if _, err := ProveConsistency(t.Context(), tree, size, g.read); err == nil {
			t.Errorf("size %d has a proof", size)
		}
		if _, err := RootAt(t.Context(), tree, size, g.read); err == nil {
			t.Errorf("size %d has a root", size)
		}
	}
}

func TestGrowRefusesWrongEdge(t *testing.T) {
	g := &growing{t: t, rows: make(map[[2]int64][]byte)}
	g.grow(300)
	at := Edge(300)
	edge := []HashTile{{at[0], g.rows[[2]int64{1, 0}]}, {at[1], g.rows[[2]int64{0, 1}]}}
	if _, _, err := Grow(300, edge, nil); err != nil {
		t.Fatal(err)
	}
	short := HashTile{at[1], edge[1].Data[:32]}
	for name, e := range map[string][]HashTile{
		"none": nil, "one": edge[:1], "turned round": {edge[1], edge[0]}, "short": {edge[0], short},
		"three": {edge[0], edge[1], edge[1]},
	} {
		if _, _, err := Grow(300, e, nil); err == nil {
			t.Errorf("%s: the tree grows", name)
		}
	}
	if _, _, err := Grow(299, edge, nil); err == nil {
		t.Error("the tree grows from another size")
	}
	if _, _, err := Grow(-1, nil, nil); err == nil {
		t.Error("the tree grows from a negative size")
	}
}

func FuzzGrow(f *testing.F) {
	f.Add([]byte{0, 1, 255, 1, 0, 7})
	f.Fuzz(func(t *testing.T, steps []byte) {
		g := &growing{t: t, rows: make(map[[2]int64][]byte)}
		for _, n := range steps[:min(len(steps), 12)] {
			g.grow(int(n))
		}
	})
}
