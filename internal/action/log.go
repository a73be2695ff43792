package action

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/translog"
)

// LogTile reads a tile of hashes or a bundle of entries as far as the log is published; NotFound beyond.
func (s *Service) LogTile(ctx context.Context, t tlog.Tile) (body []byte, err error) {
	err = s.DB.View(ctx, func(tx *store.Tx) error {
		_, published, err := tx.LogSizes()
		if err != nil {
			return err
		}
		level := max(t.L, 0)
		// The tile's last hash stands for the leaves up to here; a shift that overflows is beyond every log.
		if end := (t.N*translog.TileWidth + int64(t.W)) << (8 * level); level > 6 || t.N > published || end > published {
			return errNoTile
		}
		if t.L == translog.EntriesLevel {
			body, err = bundle(tx, t)
			return err
		}
		hashes, err := tx.Tile(t.L, t.N)
		if err == nil && len(hashes) < t.W*tlog.HashSize {
			err = errNoTile
		}
		if err != nil {
			return err
		}
		body = hashes[:t.W*tlog.HashSize]
		return nil
	})
	return body, err
}

var errNoTile = errNoAction

func bundle(tx *store.Tx, t tlog.Tile) (body []byte, err error) {
	from := t.N * translog.TileWidth
	entries, err := tx.Entries(from, from+int64(t.W))
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		if body, err = translog.AppendBundle(body, []byte(entry)); err != nil {
			return nil, err
		}
	}
	return body, nil
}

// checkpoint reads the published head of the log, and the tree that it signs.
func checkpoint(tx *store.Tx) (signed []byte, tree tlog.Tree, err error) {
	c, err := tx.Checkpoint()
	if err != nil || c.Note == "" {
		return nil, tree, err
	}
	text, _, _ := strings.Cut(c.Note, "\n\n")
	head, err := translog.ParseCheckpoint(text + "\n")
	return []byte(c.Note), head.Tree, err
}

// logFiles is the published log as files, for the functions of translog.
type logFiles struct {
	ctx context.Context // of the one command that it serves
	s   *Service
}

func (f logFiles) Open(name string) (fs.File, error) {
	body, err := f.read(name)
	if errors.Is(err, errNoTile) {
		err = fs.ErrNotExist
	}
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	return &logFile{name: name, size: int64(len(body)), Reader: bytes.NewReader(body)}, nil
}

func (f logFiles) read(name string) (body []byte, err error) {
	if name == "checkpoint" {
		err = f.s.DB.View(f.ctx, func(tx *store.Tx) error {
			body, _, err = checkpoint(tx)
			return err
		})
		if err == nil && body == nil {
			err = errNoTile
		}
		return body, err
	}
	if rest, ok := strings.CutPrefix(name, "text/"); ok {
		pid, version, _ := strings.Cut(rest, "/")
		n, err := strconv.Atoi(version)
		if err != nil {
			return nil, errNoTile
		}
		return f.text(pid, n)
	}
	tile, err := translog.ParseTilePath(name)
	if err != nil {
		return nil, errNoTile
	}
	return f.s.LogTile(f.ctx, tile)
}

func (f logFiles) text(pid string, version int) (body []byte, err error) {
	err = f.s.DB.View(f.ctx, func(tx *store.Tx) error {
		text, found, err := tx.ActionVersion(pid, version)
		if err == nil && !found {
			err = errNoTile
		}
		body = []byte(text)
		return err
	})
	return body, err
}

// logFile is one of them, in memory.
type logFile struct {
	*bytes.Reader
	name string
	size int64
}

func (f *logFile) Stat() (fs.FileInfo, error) { return f, nil }
func (f *logFile) Close() error               { return nil }
func (f *logFile) Name() string               { return f.name }
func (f *logFile) Size() int64                { return f.size }
func (f *logFile) Mode() fs.FileMode          { return 0o444 }
func (f *logFile) ModTime() time.Time         { return time.Time{} }
func (f *logFile) IsDir() bool                { return false }
func (f *logFile) Sys() any                   { return nil }
