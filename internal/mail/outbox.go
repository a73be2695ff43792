package mail

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// Outbox keeps mails as files where there is no mail server. One process writes to a folder at a time.
type Outbox struct {
	dir  string
	dkim *DKIM

	mu   sync.Mutex
	last time.Time // of the newest name, so that names sort as the mails came
}

const maxKept = 1 << 20 // bytes read of one file

var outboxName = regexp.MustCompile(`^\d{8}T\d{6}\.\d{9}Z-[a-z2-7]{8}\.eml$`)

// OpenOutbox uses a folder, which it makes where it is missing, readable by its owner only.
func OpenOutbox(dir string) (*Outbox, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("open the outbox: %w", err)
	}
	// A crash while a mail was written leaves a .tmp file, whose sender was never told that it was kept.
	leftovers, err := filepath.Glob(filepath.Join(dir, "*.tmp"))
	if err != nil {
		return nil, fmt.Errorf("open the outbox: %w", err)
	}
	for _, path := range leftovers {
		// A young one may be in the hands of another process: a command opens the outbox of a site that serves.
		if info, err := os.Stat(path); err == nil && time.Since(info.ModTime()) < time.Minute {
			continue
		}
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("open the outbox: %w", err)
		}
	}
	return &Outbox{dir: dir}, nil
}

// SignWith signs every mail from now on, as it would leave. Call it before the first.
func (o *Outbox) SignWith(d *DKIM) { o.dkim = d }

// Send keeps m. Nil means that file and name are on disk.
func (o *Outbox) Send(ctx context.Context, m *Message) error {
	e, err := m.encode()
	if err == nil {
		err = o.dkim.sign(e)
	}
	if err != nil {
		return &Error{Step: "message", Permanent: true, Err: err}
	}
	if err := ctx.Err(); err != nil {
		return &Error{Step: "file", Err: err}
	}
	if e.last != nil {
		if err := e.last(); err != nil {
			return &Error{Step: "last", Err: err}
		}
	}
	if err := o.write(o.newName(), e.text); err != nil {
		return &Error{Step: "file", Err: err}
	}
	if e.reply != nil {
		*e.reply = "kept in the outbox"
	}
	return nil
}

func (o *Outbox) newName() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	now := time.Now().UTC()
	if !now.After(o.last) {
		now = o.last.Add(time.Nanosecond)
	}
	o.last = now
	return now.Format("20060102T150405.000000000Z-") + strings.ToLower(rand.Text()[:8]) + ".eml"
}

// write is whole or not at all: the name ends in .eml only once the bytes are safe.
func (o *Outbox) write(name string, text []byte) error {
	path := filepath.Join(o.dir, name)
	temporary := path + ".tmp"
	err := writeSynced(temporary, text)
	if err == nil {
		err = os.Rename(temporary, path)
	}
	if err != nil {
		os.Remove(temporary)
		return err
	}
	return syncDir(o.dir)
}

func writeSynced(path string, text []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Sync(), f.Close())
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Count tells how many mails lie there; none where there is no outbox.
func (o *Outbox) Count() (n int, err error) {
	if o == nil {
		return 0, nil
	}
	entries, err := os.ReadDir(o.dir)
	if err != nil {
		return 0, fmt.Errorf("count the outbox: %w", err)
	}
	for _, entry := range entries {
		if outboxName.MatchString(entry.Name()) {
			n++
		}
	}
	return n, nil
}

// List gives the newest mails, at most limit, newest first. A file that cannot be read as a mail is left out.
func (o *Outbox) List(limit int) ([]*Kept, error) {
	entries, err := os.ReadDir(o.dir)
	if err != nil {
		return nil, fmt.Errorf("list the outbox: %w", err)
	}
	slices.SortFunc(entries, func(a, b os.DirEntry) int { return -cmp.Compare(a.Name(), b.Name()) })
	var kept []*Kept
	for _, entry := range entries {
		if len(kept) >= limit {
			break
		}
		if k, err := o.Read(entry.Name()); err == nil {
			kept = append(kept, k)
		}
	}
	return kept, nil
}

// Read gives the mail of a name that List gave, as far as its first megabyte. Any other name is fs.ErrNotExist.
func (o *Outbox) Read(name string) (*Kept, error) {
	if !outboxName.MatchString(name) {
		return nil, fmt.Errorf("read a mail of the outbox: %w", fs.ErrNotExist)
	}
	f, err := os.Open(filepath.Join(o.dir, name))
	if err != nil {
		return nil, fmt.Errorf("read a mail of the outbox: %w", err)
	}
	defer f.Close()
	k, err := parseKept(io.LimitReader(f, maxKept))
	if err != nil {
		return nil, fmt.Errorf("read a mail of the outbox: %w", err)
	}
	k.Name = name
	return k, nil
}
