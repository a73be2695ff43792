package seal

import (
	"crypto/rand"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"sync"
)

// Scratch is room on a disk for files that are made, read and gone within one task, under a key that is only ever in memory:
// what a crash leaves, and what a disk keeps of deleted files, nobody can read. The files of a task share one file without a
// name. Memory is 24 bytes for each append. Safe for concurrent use.
type Scratch struct {
	under Key

	mu    sync.Mutex
	file  *os.File
	end   int64
	files map[string][]piece
}

// piece is what was appended once, sealed under its place.
type piece struct {
	at   int64
	size int // sealed
}

// NewScratch makes room in a folder.
func NewScratch(dir string) (*Scratch, error) {
	file, err := os.CreateTemp(dir, ".scratch-*")
	if err != nil {
		return nil, fmt.Errorf("make room for a file: %w", err)
	}
	if err := os.Remove(file.Name()); err != nil { // open, it stays; a crash leaves nothing
		return nil, fmt.Errorf("make room for a file: %w", err)
	}
	var raw [keySize]byte
	rand.Read(raw[:])
	return &Scratch{under: KeyOf(raw), file: file, files: map[string][]piece{}}, nil
}

// scratchScope ties what is sealed to its file and its place.
func scratchScope(name string, at int64) []string {
	return []string{"scratch", name, strconv.FormatInt(at, 10)}
}

// Append writes behind what a file has.
func (s *Scratch) Append(name string, data []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file == nil {
		return os.ErrClosed
	}
	sealed := s.under.Seal(nil, data, scratchScope(name, s.end)...)
	if _, err := s.file.WriteAt(sealed, s.end); err != nil {
		return fmt.Errorf("write a file for a while: %w", err)
	}
	s.files[name] = append(s.files[name], piece{s.end, len(sealed)})
	s.end += int64(len(sealed))
	return nil
}

// Sync does nothing: what a crash leaves is of no use.
func (s *Scratch) Sync(string) error { return nil }

// Names lists the files in order.
func (s *Scratch) Names() (names []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name := range s.files {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Open reads a file as it stands.
func (s *Scratch) Open(name string) (io.ReadCloser, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	pieces, ok := s.files[name]
	if !ok || s.file == nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return &scratchReader{Scratch: s, name: name, pieces: pieces}, nil
}

// Close gives the room back.
func (s *Scratch) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file == nil {
		return nil
	}
	file := s.file
	s.file = nil
	return file.Close()
}

type scratchReader struct {
	*Scratch
	name   string
	pieces []piece
	left   []byte // of plain, what was not read yet
	buf    []byte
	plain  []byte
}

func (r *scratchReader) Read(p []byte) (int, error) {
	for len(r.left) == 0 {
		if len(r.pieces) == 0 {
			return 0, io.EOF
		}
		next := r.pieces[0]
		r.buf = slices.Grow(r.buf[:0], next.size)[:next.size]
		r.mu.Lock()
		file := r.file
		r.mu.Unlock()
		if file == nil {
			return 0, os.ErrClosed
		}
		if _, err := file.ReadAt(r.buf, next.at); err != nil {
			return 0, fmt.Errorf("read a file for a while: %w", err)
		}
		var err error
		if r.plain, err = r.under.Open(r.plain[:0], r.buf, scratchScope(r.name, next.at)...); err != nil {
			return 0, fmt.Errorf("read a file for a while: %w", err)
		}
		r.left, r.pieces = r.plain, r.pieces[1:]
	}
	n := copy(p, r.left)
	r.left = r.left[n:]
	return n, nil
}

// Close ends the reading; the file stays.
func (r *scratchReader) Close() error { return nil }
