package translog

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"golang.org/x/mod/sumdb/tlog"
)

var errDiffers = errors.New("it does not belong to the tree of the checkpoint")

// walk reads a whole tree from the top down: every tile is checked against the
// hash that a checked tile above has for it, every entry against its leaf hash,
// before anything is believed, folded or kept. So a server can send nothing
// that costs more than one file's size.
type walk struct {
	client *Client
	tree   tlog.Tree
	mirror *mirrorDir // nil: read only
}

// chunk is the content of one leaf tile.
type chunk struct {
	entries [][]byte
	err     error
}

// entries calls each for all entries from the first to the last.
func (w *walk) entries(ctx context.Context, each func(entry []byte) error) error {
	var running sync.WaitGroup
	defer running.Wait() // nothing is read or written after the return
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	// The queue keeps the chunks in order while they are fetched side by side;
	// its capacity bounds how many there are. What is read and not yet folded is
	// at most about 75 KB for each.
	queue := make(chan chan chunk, w.client.parallel)
	walked := make(chan error, 1)
	running.Go(func() {
		defer close(queue)
		walked <- w.leafTiles(ctx, func(t tlog.Tile, hashes readHashes) error {
			slot := make(chan chunk, 1)
			select {
			case queue <- slot:
			case <-ctx.Done():
				return ctx.Err()
			}
			running.Go(func() {
				entries, err := w.leafTile(ctx, t, hashes)
				slot <- chunk{entries, err}
			})
			return nil
		})
	})
	for slot := range queue {
		c := <-slot
		if c.err != nil {
			return c.err
		}
		for _, entry := range c.entries {
			if err := each(entry); err != nil {
				return err
			}
		}
	}
	return <-walked
}

// readHashes returns the hashes of one leaf tile, checked.
type readHashes func(ctx context.Context) ([]byte, error)

// leafTiles calls each for the leaf tiles from left to right.
func (w *walk) leafTiles(ctx context.Context, each func(tlog.Tile, readHashes) error) error {
	edge, err := w.edge(ctx)
	if err != nil {
		return err
	}
	for _, t := range edge {
		if t.L == 0 {
			inHand := func(context.Context) ([]byte, error) { return t.Data, nil }
			if err := each(t.Tile, inHand); err != nil {
				return err
			}
			continue
		}
		if err := w.below(ctx, t, each); err != nil {
			return err
		}
	}
	return nil
}

// edge reads the tiles that together make the root, and checks that they do.
func (w *walk) edge(ctx context.Context) ([]HashTile, error) {
	var edge []HashTile
	for _, t := range Edge(w.tree.N) {
		data, err := w.client.Tile(ctx, t)
		if err != nil {
			return nil, err
		}
		edge = append(edge, HashTile{t, data})
	}
	root, err := Root(w.tree.N, edge)
	if err != nil {
		return nil, err
	}
	if root != w.tree.Hash {
		return nil, errors.New("the tiles do not make the root of the checkpoint")
	}
	for _, t := range edge {
		if err := w.mirror.write(TilePath(t.Tile), t.Data); err != nil {
			return nil, err
		}
	}
	return edge, nil
}

// below walks the full tiles that the hashes of parent stand for.
func (w *walk) below(ctx context.Context, parent HashTile, each func(tlog.Tile, readHashes) error) error {
	for i := range parent.W {
		want := tlog.Hash(parent.Data[i*tlog.HashSize:][:tlog.HashSize])
		t := tlog.Tile{H: tileHeight, L: parent.L - 1, N: parent.N*TileWidth + int64(i), W: TileWidth}
		read := func(ctx context.Context) ([]byte, error) { return w.fullTile(ctx, t, want) }
		if t.L == 0 {
			if err := each(t, read); err != nil {
				return err
			}
			continue
		}
		data, err := read(ctx)
		if err != nil {
			return err
		}
		if err := w.below(ctx, HashTile{t, data}, each); err != nil {
			return err
		}
	}
	return nil
}

// fullTile returns the tile whose hash is want: the mirror's, if it has it, or
// else the log's, which the mirror then keeps.
func (w *walk) fullTile(ctx context.Context, t tlog.Tile, want tlog.Hash) ([]byte, error) {
	if w.mirror != nil {
		if data, err := w.mirror.client.Tile(ctx, t); err == nil && subtreeHash(data) == want {
			return data, nil
		}
	}
	data, err := w.client.Tile(ctx, t)
	if err != nil {
		return nil, err
	}
	if subtreeHash(data) != want {
		return nil, fmt.Errorf("read %s: %w", TilePath(t), errDiffers)
	}
	return data, w.mirror.write(TilePath(t), data)
}

// leafTile returns the entries of a leaf tile, each checked against its hash.
func (w *walk) leafTile(ctx context.Context, t tlog.Tile, hashes readHashes) ([][]byte, error) {
	data, err := hashes(ctx)
	if err != nil {
		return nil, err
	}
	if w.mirror != nil {
		if entries, err := w.mirror.client.Bundle(ctx, t.N, t.W); err == nil && checkEntries(entries, data) == nil {
			return entries, nil
		}
	}
	path := TilePath(tlog.Tile{H: tileHeight, L: EntriesLevel, N: t.N, W: t.W})
	entries, err := w.client.Bundle(ctx, t.N, t.W)
	if err != nil {
		return nil, err
	}
	if err := checkEntries(entries, data); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	if w.mirror == nil {
		return entries, nil
	}
	bundle, err := AppendBundle(nil, entries...)
	if err != nil {
		return nil, err
	}
	return entries, w.mirror.write(path, bundle)
}

// checkEntries checks as many entries as there are hashes.
func checkEntries(entries [][]byte, hashes []byte) error {
	for i, entry := range entries {
		if LeafHash(entry) != tlog.Hash(hashes[i*tlog.HashSize:][:tlog.HashSize]) {
			return errDiffers
		}
	}
	return nil
}
