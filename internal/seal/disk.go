package seal

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

const (
	unfinished = ".unfinished-" // begins the name of a file that create has not put in its place yet
	staged     = ".new"         // ends the name of a file that commit will put in another's place
	wiped      = 0              // first byte of a file whose destruction has begun
)

// disk does the few things with files that must survive a crash. Between any two of its steps it calls step, where there
// is one, so that a test can look at what a crash there would leave.
type disk struct{ step func() }

func (d disk) stepped() {
	if d.step != nil {
		d.step()
	}
}

// create writes a new file, or fails with fs.ErrExist. The file is written and synced under another name and then linked:
// the link is the one step that makes it exist, whole, and it fails where somebody was faster.
func (d disk) create(path string, data []byte, mode fs.FileMode) error {
	temporary := filepath.Join(filepath.Dir(path), unfinished+rand.Text())
	if err := writeSynced(temporary, data, mode); err != nil {
		os.Remove(temporary)
		return err
	}
	d.stepped() // crash: the temporary file stays, with a key that nobody used
	if err := os.Link(temporary, path); err != nil {
		os.Remove(temporary)
		return err
	}
	d.stepped() // crash: the file may or may not be there; a temporary name of the same inode stays, and dies with it
	if err := os.Remove(temporary); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

func writeSynced(path string, data []byte, mode fs.FileMode) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	err = likeFolder(file)
	if err == nil {
		_, err = file.Write(data)
	}
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

// likeFolder gives a file that root makes to the owner of its folder: the service runs as that user, and has to read it.
func likeFolder(file *os.File) error {
	if os.Geteuid() != 0 {
		return nil
	}
	info, err := os.Stat(filepath.Dir(file.Name()))
	if err != nil {
		return err
	}
	owner := info.Sys().(*syscall.Stat_t)
	return file.Chown(int(owner.Uid), int(owner.Gid))
}

// commit puts the staged file in path's place and overwrites what stood there.
func (d disk) commit(path string) error {
	old, err := openToWipe(path)
	if err != nil {
		return err
	}
	defer old.Close()
	d.stepped()
	if err := os.Rename(path+staged, path); err != nil {
		return err
	}
	d.stepped()
	// Before the overwriting: else a crash could bring back the old name, with noise in it.
	if err := syncDir(filepath.Dir(path)); err != nil {
		return err
	}
	d.stepped() // crash: the old bytes stay in free blocks
	return wipe(old)
}

// destroy overwrites a file and removes it; no file is no error.
func (d disk) destroy(path string) error {
	file, err := openToWipe(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer file.Close()
	if err := wipe(file); err != nil {
		return err
	}
	d.stepped() // crash: the file stays, marked as wiped
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	d.stepped()
	return syncDir(filepath.Dir(path))
}

func openToWipe(path string) (*os.File, error) {
	if err := os.Chmod(path, 0o600); err != nil { // a root key is not writable
		return nil, err
	}
	return os.OpenFile(path, os.O_WRONLY, 0)
}

// wipe overwrites a file with noise in place, behind the mark that it is wiped.
func wipe(file *os.File) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	noise := make([]byte, max(info.Size(), 1))
	rand.Read(noise)
	noise[0] = wiped
	if _, err := file.WriteAt(noise, 0); err != nil {
		return err
	}
	return file.Sync()
}

func syncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
