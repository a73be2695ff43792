//go:build !torture

package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// How hard the program is treated; torture_test.go has the long form.
const (
	kills         = 10 // with SIGKILL, on SQLite
	postgresKills = 5
	mostPerKill   = 500 // things that people were told before the next kill, at most
)

// disk is a folder whose files are read.
type disk struct{ dir string }

func newDisk(t *testing.T) *disk { return &disk{t.TempDir()} }

// read adds what each file holds.
func (d *disk) read(t *testing.T, left map[string][]byte) {
	t.Helper()
	must(t, filepath.WalkDir(d.dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			left[entry.Name()], err = os.ReadFile(path)
		}
		return err
	}))
}
