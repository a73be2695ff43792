package seal

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// Vault keeps wrapped keys by name. There are two: a folder of files, and a table in PostgreSQL. A value is a few hundred
// bytes at most, and its first byte is never zero. Every method may be called by many goroutines and processes at once.
type Vault interface {
	// Create keeps value under name, unless the name is taken, and returns what the name stands for: where two nodes
	// race, both get the value of the one that won. It returns after that value is durable. A crash leaves either
	// nothing or the whole value. [ErrKeyDestroyed] where the name is that of a key whose destruction was cut short.
	Create(ctx context.Context, name string, value []byte) ([]byte, error)

	// Get returns the value of name, or [ErrKeyDestroyed] where there is none: the vault cannot tell whether there ever was.
	Get(ctx context.Context, name string) ([]byte, error)

	// List returns the names that begin with prefix, in any order, those whose destruction was cut short among them.
	List(ctx context.Context, prefix string) ([]string, error)

	// Replace puts value in place of what name stands for. It is called by one that holds the vault alone. A crash
	// leaves the old value or the new one.
	Replace(ctx context.Context, name string, value []byte) error

	// Destroy makes the value unreadable as far as the medium allows, and forgets the name. It returns after that is
	// durable; a name that is not there is no error. After a crash the key is whole, or gone, or listed and unreadable:
	// calling again finishes.
	Destroy(ctx context.Context, name string) error

	// Hold takes the vault until release is called or the process ends: shared with others for use, alone for
	// rotating. [ErrBusy] where that cannot be now; it never waits.
	Hold(ctx context.Context, alone bool) (release func() error, err error)
}

// folder is the vault of a single machine: one file a key, NAME.key, mode 0600, in a folder of mode 0700. Durable means
// that the file and then the folder have been synced. An overwritten file is gone from a plain disk with ext4 or XFS; a
// copy-on-write file system, a snapshot or a flash disk may keep the old blocks. Works on Unix.
type folder struct {
	dir  string
	disk disk
}

// Folder gives the vault in dir, and makes the folder where there is none. A folder that others may look into is refused.
func Folder(dir string) (Vault, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the key folder: %w", err)
	}
	info, err := os.Stat(dir)
	if err != nil {
		return nil, fmt.Errorf("open the key folder: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("open the key folder: %s is open to other users: chmod 700", dir)
	}
	// The folder may be new: without this a crash could take it away with all the keys in it.
	if err := syncDir(filepath.Dir(dir)); err != nil {
		return nil, fmt.Errorf("open the key folder: %w", err)
	}
	return &folder{dir: dir}, nil
}

const keySuffix = ".key"

func (f *folder) path(name string) string { return filepath.Join(f.dir, name+keySuffix) }

func (f *folder) Create(ctx context.Context, name string, value []byte) ([]byte, error) {
	err := f.disk.create(f.path(name), value, 0o600)
	if err == nil {
		return value, nil
	}
	if !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	// Another node may have linked it this instant and not yet synced: what we return must be durable for us too.
	if err := syncDir(f.dir); err != nil {
		return nil, err
	}
	return f.Get(ctx, name)
}

func (f *folder) Get(_ context.Context, name string) ([]byte, error) {
	value, err := os.ReadFile(f.path(name))
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(value) > 0 && value[0] == wiped {
		return nil, ErrKeyDestroyed
	}
	return value, err
}

func (f *folder) List(_ context.Context, prefix string) ([]string, error) {
	entries, err := os.ReadDir(f.dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		name, isKey := strings.CutSuffix(e.Name(), keySuffix)
		if isKey && validName(name) && strings.HasPrefix(name, prefix) {
			names = append(names, name)
		}
	}
	return names, nil
}

func (f *folder) Replace(_ context.Context, name string, value []byte) error {
	path := f.path(name)
	if err := f.disk.destroy(path + staged); err != nil { // of a rotation that was cut short
		return err
	}
	if err := f.disk.create(path+staged, value, 0o600); err != nil {
		return err
	}
	return f.disk.commit(path)
}

func (f *folder) Destroy(_ context.Context, name string) error {
	// A rotation that was cut short may have left a second copy of the key beside it.
	if err := f.disk.destroy(f.path(name) + staged); err != nil {
		return err
	}
	return f.disk.destroy(f.path(name))
}

func (f *folder) Hold(_ context.Context, alone bool) (func() error, error) {
	dir, err := os.Open(f.dir)
	if err != nil {
		return nil, err
	}
	how := syscall.LOCK_SH
	if alone {
		how = syscall.LOCK_EX
	}
	err = syscall.Flock(int(dir.Fd()), how|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = ErrBusy
	}
	if err == nil && alone {
		err = f.sweep()
	}
	if err != nil {
		dir.Close()
		return nil, err
	}
	return dir.Close, nil // which unlocks, as the end of the process does
}

// sweep removes what a crash inside create left: a key that nobody ever used, or a second name of one that is in place.
func (f *folder) sweep() error {
	leftovers, err := filepath.Glob(filepath.Join(f.dir, unfinished+"*"))
	for _, path := range leftovers {
		err = errors.Join(err, os.Remove(path))
	}
	return err
}
