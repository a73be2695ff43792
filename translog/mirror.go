package translog

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// What a log must never do.
var (
	// ErrShrunk: a checkpoint is smaller than one that the log signed before.
	ErrShrunk = errors.New("the log has shrunk: it is smaller than a checkpoint that it signed before")
	// ErrForked: a checkpoint does not continue one that the log signed before.
	ErrForked = errors.New("the log has forked: it differs from a checkpoint that it signed before")
)

// Mirror copies a log into a directory, which it makes, and verifies it as
// [Verify] does while copying. What is there already and verifies is not read
// again, so that it goes on where it was interrupted, and a next time copies
// what is new. A log that does not continue what the mirror holds is refused
// with [ErrShrunk] or [ErrForked], and the mirror stays as it was.
//
// Served as static files, the directory is a log: [Verify] and other
// tlog-tiles verifiers accept it. It also holds the policy's key as vkey. The
// checkpoint is written last, when all that it promises is there; until then
// the older one stands. One Mirror at a time may work on a directory.
func Mirror(ctx context.Context, c *Client, dir string, policy Policy, watches ...Watch) (*Report, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("open the mirror: %w", err)
	}
	m := &mirrorDir{dir: dir, client: NewDirClient(os.DirFS(dir))}
	signed, err := c.Checkpoint(ctx)
	if err != nil {
		return nil, err
	}
	head, cosigned, err := policy.Open(signed)
	if err != nil {
		return nil, err
	}
	for _, name := range []string{checkpointFile, nextCheckpointFile} {
		if err := m.compare(ctx, c, policy, name, head); err != nil {
			return nil, fmt.Errorf("compare with the mirror: %w", err)
		}
	}
	// Killed from here on, the mirror still remembers what the log has signed,
	// and the next run finds a fork even if this one kept nothing else.
	if err := m.write(nextCheckpointFile, signed); err != nil {
		return nil, err
	}
	report, err := verify(ctx, &walk{client: c, tree: head.Tree, mirror: m}, watches)
	if err != nil {
		return nil, err
	}
	report.Checkpoint, report.Cosignatures = head, cosigned
	if err := m.write("vkey", []byte(policy.Log.String()+"\n")); err != nil {
		return nil, err
	}
	if err := m.write(checkpointFile, signed); err != nil {
		return nil, err
	}
	if err := os.Remove(filepath.Join(dir, nextCheckpointFile)); err != nil {
		return nil, fmt.Errorf("write the mirror: %w", err)
	}
	return report, nil
}

const (
	checkpointFile     = "checkpoint"
	nextCheckpointFile = "checkpoint.next" // that which a run works towards
)

// mirrorDir is the directory of a mirror. Where a walk has none, it is nil and
// writes nothing.
type mirrorDir struct {
	dir    string
	client *Client // reads what is there
}

// compare checks that head continues a checkpoint of the mirror, if it has it.
func (m *mirrorDir) compare(ctx context.Context, c *Client, policy Policy, name string, head Checkpoint) error {
	signed, err := m.client.read(ctx, name, maxCheckpointSize)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	_, held, err := policy.open(signed)
	if err != nil {
		return fmt.Errorf("verify its %s: %w", name, err)
	}
	return continues(ctx, c, held, head)
}

// continues checks that the tree of next begins with that of before.
func continues(ctx context.Context, c *Client, before, next Checkpoint) error {
	if before.N > next.N {
		return ErrShrunk
	}
	root, err := RootAt(ctx, next.Tree, before.N, c.Tile)
	if err != nil {
		return err
	}
	if root != before.Hash {
		return ErrForked
	}
	return nil
}

// write puts a file in its place whole or not at all. Tiles are not forced to
// disk one by one: after a power cut some may be empty, and the next run, which
// checks every file, fetches those again.
func (m *mirrorDir) write(path string, data []byte) error {
	if m == nil {
		return nil
	}
	name := filepath.Join(m.dir, filepath.FromSlash(path))
	if err := writeFile(name, data); err != nil {
		return fmt.Errorf("write the mirror: %w", err)
	}
	// The partial tiles before a full one are of no more use to anybody.
	if t, err := ParseTilePath(path); err == nil && t.W == TileWidth {
		if err := os.RemoveAll(name + ".p"); err != nil {
			return fmt.Errorf("write the mirror: %w", err)
		}
	}
	return nil
}

func writeFile(name string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(name), ".writing-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // gone already where all went well
	if _, err := f.Write(data); err != nil {
		f.Close()
		return err
	}
	if err := f.Chmod(0o644); err != nil {
		f.Close()
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}
