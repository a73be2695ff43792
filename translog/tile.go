package translog

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// TileWidth is how many hashes a full tile has, and how many entries a full
// bundle (c2sp.org/tlog-tiles).
const TileWidth = 1 << tileHeight

const tileHeight = 8

// EntriesLevel is the level L of the tlog.Tile that stands for an entry
// bundle, as in sumdb/tlog. Every tlog.Tile in this package has height H 8.
const EntriesLevel = -1

// maxTileLevel keeps the shift by 8 bits a level within an int64.
const maxTileLevel = 7

// HashTile is a tile with its content: t.W hashes of 32 bytes. A partial tile
// is a prefix of every fuller one at the same place, so one row per (L, N)
// holds them all.
type HashTile struct {
	tlog.Tile
	Data []byte
}

// TilePath returns the path of a tile or bundle below the log's prefix:
// tile/<L>/<N>[.p/<W>] or tile/entries/<N>[.p/<W>].
func TilePath(t tlog.Tile) string {
	level := "entries"
	if t.L != EntriesLevel {
		level = strconv.Itoa(t.L)
	}
	n := fmt.Sprintf("%03d", t.N%1000)
	for rest := t.N / 1000; rest > 0; rest /= 1000 {
		n = fmt.Sprintf("x%03d/%s", rest%1000, n)
	}
	path := "tile/" + level + "/" + n
	if t.W < TileWidth {
		path += ".p/" + strconv.Itoa(t.W)
	}
	return path
}

// ParseTilePath reads a path that [TilePath] returns, and no other.
func ParseTilePath(path string) (tlog.Tile, error) {
	malformed := errors.New("parse a tile path: it is not tile/<level or entries>/<number>[.p/<width>]")
	rest, ok := strings.CutPrefix(path, "tile/")
	level, place, ok2 := strings.Cut(rest, "/")
	if !ok || !ok2 || len(path) > 100 {
		return tlog.Tile{}, malformed
	}
	t := tlog.Tile{H: tileHeight, L: EntriesLevel, W: TileWidth}
	if level != "entries" {
		l, ok := parseNumber([]byte(level))
		if !ok || l > maxTileLevel {
			return tlog.Tile{}, malformed
		}
		t.L = int(l)
	}
	if p, width, partial := strings.Cut(place, ".p/"); partial {
		w, ok := parseNumber([]byte(width))
		if !ok || w < 1 || w >= TileWidth {
			return tlog.Tile{}, malformed
		}
		place, t.W = p, int(w)
	}
	for part := range strings.SplitSeq(place, "/") {
		three, err := strconv.ParseUint(strings.TrimPrefix(part, "x"), 10, 16)
		if err != nil || three > 999 || t.N > MaxSize/1000 {
			return tlog.Tile{}, malformed
		}
		t.N = t.N*1000 + int64(three)
	}
	if t.N > MaxSize || TilePath(t) != path {
		return tlog.Tile{}, malformed
	}
	return t, nil
}

// Edge returns the partial tiles of a tree of the given size, the highest
// level first: together they cover it from left to right, and they are all
// that [Grow] and [Root] need of it. An empty tree has none.
func Edge(size int64) []tlog.Tile {
	var edge []tlog.Tile
	for level := maxTileLevel; level >= 0; level-- {
		hashes := size >> (tileHeight * level)
		if w := int(hashes % TileWidth); w > 0 {
			edge = append(edge, tlog.Tile{H: tileHeight, L: level, N: hashes / TileWidth, W: w})
		}
	}
	return edge
}

// Root returns the root hash of the tree of the given size from its edge, the
// tiles that [Edge] names in that order. The empty tree's is the SHA-256 of
// nothing.
func Root(size int64, edge []HashTile) (tlog.Hash, error) {
	want := Edge(size)
	if size < 0 || size > MaxSize || len(edge) != len(want) {
		return tlog.Hash{}, fmt.Errorf("compute the root of %d entries: the edge has %d tiles", size, len(edge))
	}
	var parts [][]byte // the perfect subtrees, left to right
	for i, t := range edge {
		if t.Tile != want[i] || len(t.Data) != t.W*tlog.HashSize {
			return tlog.Hash{}, fmt.Errorf("compute the root of %d entries: the edge has another tile than %s", size, TilePath(want[i]))
		}
		rest := t.Data
		for w := TileWidth / 2; w > 0; w /= 2 {
			if t.W&w != 0 {
				parts = append(parts, rest[:w*tlog.HashSize])
				rest = rest[w*tlog.HashSize:]
			}
		}
	}
	if len(parts) == 0 {
		return tlog.TreeHash(0, nil)
	}
	root := subtreeHash(parts[len(parts)-1])
	for i := len(parts) - 2; i >= 0; i-- {
		root = tlog.NodeHash(subtreeHash(parts[i]), root)
	}
	return root, nil
}

// Grow appends leaf hashes to a tree of the given size, of which edge holds
// the tiles that [Edge] names, in that order. It returns every tile that is new
// or wider than before (its whole content, not the added part; no tile twice),
// and the new root. It changes nothing that it was given.
func Grow(size int64, edge []HashTile, leaves []tlog.Hash) (changed []HashTile, root tlog.Hash, err error) {
	if _, err := Root(size, edge); err != nil {
		return nil, tlog.Hash{}, fmt.Errorf("grow the tree: %w", err)
	}
	newSize := size + int64(len(leaves))
	if newSize > MaxSize {
		return nil, tlog.Hash{}, errors.New("grow the tree: it would have more than 2^60 entries")
	}
	open := make([]HashTile, maxTileLevel+1) // at each level, the tile that is being filled
	for level := range open {
		open[level].Tile = tlog.Tile{H: tileHeight, L: level, N: size >> (tileHeight * (level + 1))}
	}
	for _, t := range edge {
		open[t.L] = HashTile{t.Tile, append(make([]byte, 0, TileWidth*tlog.HashSize), t.Data...)}
	}
	touched := make([]bool, len(open))
	for _, hash := range leaves {
		for level := range open {
			t := &open[level]
			t.Data, t.W, touched[level] = append(t.Data, hash[:]...), t.W+1, true
			if t.W < TileWidth {
				break
			}
			hash = subtreeHash(t.Data)
			changed = append(changed, *t)
			*t = HashTile{Tile: tlog.Tile{H: tileHeight, L: level, N: t.N + 1}}
			touched[level] = false
		}
	}
	var newEdge []HashTile
	for level := maxTileLevel; level >= 0; level-- {
		t := open[level]
		if t.W > 0 {
			newEdge = append(newEdge, t)
		}
		if touched[level] {
			changed = append(changed, t)
		}
	}
	root, err = Root(newSize, newEdge)
	return changed, root, err
}

// subtreeHash is the RFC 6962 hash over a power of two of hashes.
func subtreeHash(data []byte) tlog.Hash {
	if len(data) == tlog.HashSize {
		return tlog.Hash(data)
	}
	half := len(data) / 2
	return tlog.NodeHash(subtreeHash(data[:half]), subtreeHash(data[half:]))
}

// AppendBundle appends entries to a bundle, each behind its length as two
// big-endian bytes.
func AppendBundle(bundle []byte, entries ...[]byte) ([]byte, error) {
	for _, entry := range entries {
		if len(entry) > MaxEntrySize {
			return nil, errors.New("append to an entry bundle: the entry has more than 256 bytes")
		}
		bundle = binary.BigEndian.AppendUint16(bundle, uint16(len(entry)))
		bundle = append(bundle, entry...)
	}
	return bundle, nil
}

// SplitBundle returns the entries of a bundle, which share its memory. It must
// hold exactly width entries, from 1 to [TileWidth], and nothing after them.
func SplitBundle(bundle []byte, width int) ([][]byte, error) {
	if width < 1 || width > TileWidth {
		return nil, errors.New("split an entry bundle: a bundle has 1 to 256 entries")
	}
	entries := make([][]byte, 0, width)
	for len(bundle) > 0 {
		if len(entries) == width {
			return nil, fmt.Errorf("split an entry bundle: more than %d entries", width)
		}
		if len(bundle) < 2 || len(bundle)-2 < int(binary.BigEndian.Uint16(bundle)) {
			return nil, errors.New("split an entry bundle: it ends inside an entry")
		}
		end := 2 + int(binary.BigEndian.Uint16(bundle))
		entries = append(entries, bundle[2:end:end])
		bundle = bundle[end:]
	}
	if len(entries) < width {
		return nil, fmt.Errorf("split an entry bundle: %d entries, not %d", len(entries), width)
	}
	return entries, nil
}
