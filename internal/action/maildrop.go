package action

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/undersigned/undersigned/internal/mail"
)

// What comes to a Maildir (https://cr.yp.to/proto/maildir.html) lies in new. Reports are deleted when they were taken. What is
// no report goes to cur, seen, where somebody may read it for a week.
const (
	dropNew   = "new"
	dropSeen  = "cur"
	seenMark  = ":2,S"
	keepDrop  = 7 * 24 * time.Hour
	dropPause = 50 // files between two looks at whether the node ends
)

// ReadBounces takes the reports that a mail server has delivered into a folder, and tells how many. A regular duty; a crash
// after a report was taken leaves its file, which is taken once more and changes nothing. One file that cannot be read does
// not spare the others.
func (s *Service) ReadBounces(ctx context.Context, dir string) (taken int, err error) {
	entries, err := os.ReadDir(filepath.Join(dir, dropNew))
	if err != nil {
		return 0, fmt.Errorf("read the folder of bounces: %w", err)
	}
	for i, entry := range entries {
		if i%dropPause == 0 && ctx.Err() != nil {
			return taken, ctx.Err()
		}
		if !entry.Type().IsRegular() || strings.HasPrefix(entry.Name(), ".") {
			continue
		}
		ours, failed := s.readDrop(ctx, dir, entry.Name())
		err = errors.Join(err, failed)
		if ours {
			taken++
		}
	}
	return taken, errors.Join(err, s.forgetDrops(dir))
}

func (s *Service) readDrop(ctx context.Context, dir, name string) (ours bool, err error) {
	path := filepath.Join(dir, dropNew, name)
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) { // another node was faster
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read a bounce: %w", err)
	}
	report, err := mail.ReadReport(file)
	file.Close()
	if err == nil {
		if ours, err = s.TakeMail(ctx, report); err != nil {
			return false, doing("take a bounce", err)
		}
		return ours, removed(os.Remove(path))
	}
	if err := os.MkdirAll(filepath.Join(dir, dropSeen), 0o700); err != nil {
		return false, fmt.Errorf("keep a mail that is no bounce: %w", err)
	}
	return false, removed(os.Rename(path, filepath.Join(dir, dropSeen, name+seenMark)))
}

// removed lets another node be faster.
func removed(err error) error {
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return fmt.Errorf("put a bounce away: %w", err)
}

// forgetDrops deletes what was no report, after a week.
func (s *Service) forgetDrops(dir string) error {
	seen, err := filepath.Glob(filepath.Join(dir, dropSeen, "*"+seenMark))
	if err != nil {
		return err
	}
	for _, path := range seen {
		info, failed := os.Lstat(path)
		if failed == nil && s.Now().Sub(info.ModTime()) > keepDrop {
			failed = os.Remove(path)
		}
		err = errors.Join(err, removed(failed))
	}
	return err
}

// countDrops counts the mails that lie in the folder of bounces: an address can be read in each.
func (s *Service) countDrops() (n int64, err error) {
	if s.BounceDir == "" {
		return 0, nil
	}
	for _, sub := range []string{dropNew, dropSeen} {
		entries, err := os.ReadDir(filepath.Join(s.BounceDir, sub))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return 0, fmt.Errorf("read the folder of bounces: %w", err)
		}
		n += int64(len(entries))
	}
	return n, nil
}
