package translog

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// ReadTile returns the t.W hashes of a hash tile, 32 bytes each: a row of a
// database, cut to that width, or a file. What it returns is not trusted.
type ReadTile func(ctx context.Context, t tlog.Tile) ([]byte, error)

// ProveInclusion returns the proof that the tree has the leaf at index
// (RFC 6962, 2.1.1), for tlog.CheckRecord. Tiles that do not belong to the
// tree are an error, never a wrong proof.
func ProveInclusion(ctx context.Context, tree tlog.Tree, index int64, read ReadTile) (tlog.RecordProof, error) {
	if index < 0 || index >= tree.N || tree.N > MaxSize {
		return nil, errors.New("prove an inclusion: the index is outside the tree")
	}
	proof, err := tlog.ProveRecord(tree.N, index, hashReader(ctx, tree, read))
	if err != nil {
		return nil, fmt.Errorf("prove an inclusion: %w", err)
	}
	return proof, nil
}

// ProveConsistency returns the proof that the tree begins with the same oldSize
// leaves as it did when it had no more (RFC 6962, 2.1.2), for tlog.CheckTree.
// It is empty where oldSize is zero or the tree's own size.
func ProveConsistency(ctx context.Context, tree tlog.Tree, oldSize int64, read ReadTile) (tlog.TreeProof, error) {
	if oldSize < 0 || oldSize > tree.N || tree.N > MaxSize {
		return nil, errors.New("prove a consistency: the old size is outside the tree")
	}
	if oldSize == 0 || oldSize == tree.N {
		return tlog.TreeProof{}, nil
	}
	proof, err := tlog.ProveTree(tree.N, oldSize, hashReader(ctx, tree, read))
	if err != nil {
		return nil, fmt.Errorf("prove a consistency: %w", err)
	}
	return proof, nil
}

// RootAt returns the root that the tree had when its size was oldSize. Where it
// is not the root of a checkpoint of that size, the log has forked.
func RootAt(ctx context.Context, tree tlog.Tree, oldSize int64, read ReadTile) (tlog.Hash, error) {
	if oldSize < 0 || oldSize > tree.N || tree.N > MaxSize {
		return tlog.Hash{}, errors.New("compute an old root: the old size is outside the tree")
	}
	if oldSize == tree.N {
		return tree.Hash, nil
	}
	root, err := tlog.TreeHash(oldSize, hashReader(ctx, tree, read))
	if err != nil {
		return tlog.Hash{}, fmt.Errorf("compute an old root: %w", err)
	}
	return root, nil
}

// hashReader checks every tile against the tree's root before it uses it.
func hashReader(ctx context.Context, tree tlog.Tree, read ReadTile) tlog.HashReader {
	return tlog.TileHashReader(tree, tileReader{ctx, read})
}

// tileReader makes a ReadTile what sumdb/tlog calls a TileReader. The context
// is that of the one call which it serves.
type tileReader struct {
	ctx  context.Context
	read ReadTile
}

func (r tileReader) Height() int                     { return tileHeight }
func (r tileReader) SaveTiles([]tlog.Tile, [][]byte) {}

func (r tileReader) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	data := make([][]byte, len(tiles))
	for i, t := range tiles {
		var err error
		if data[i], err = r.read(r.ctx, t); err != nil {
			return nil, fmt.Errorf("read %s: %w", TilePath(t), err)
		}
	}
	return data, nil
}
