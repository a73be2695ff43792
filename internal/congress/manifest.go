package congress

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// manifest says which files are in use. It is the only thing in the folder that is ever changed, by one rename: a crash
// leaves the old one or the new one, and at worst some files that neither names.
type manifest struct {
	Sources map[string]*Source `json:"sources"` // by name
	// Legislators are the files of the newest edition for each Congress: the next one may come before this one ends.
	Legislators map[int]string `json:"legislators"`
}

// Trouble says why a source is not as new as it could be.
type Trouble string

const (
	Offline      Trouble = "offline"       // no connection could be made
	NotPublished Trouble = "not_published" // there is no such file; of the next Congress that is as it should be
	Refused      Trouble = "refused"       // the server answered with an error
	Interrupted  Trouble = "interrupted"   // the download broke off, and goes on next time
	TooLarge     Trouble = "too_large"     // larger than anything we read
	Broken       Trouble = "broken"        // not what the file should be
	Implausible  Trouble = "implausible"   // a third fewer legislators, ZIP codes or districts than before
	Reserved     Trouble = "reserved"      // a bill's number is only reserved
	Disk         Trouble = "disk"          // it could not be written
)

// Source is how things stand with one public file.
type Source struct {
	Name    string    `json:"name"`
	URL     string    `json:"url"`
	Fetched time.Time `json:"fetched,omitzero"`   // when the file in use came; zero: there is none
	Trouble Trouble   `json:"trouble,omitempty"`  // with the last try; the file in use is kept
	Since   time.Time `json:"since,omitzero"`     // since when there has been this trouble
	Detail  string    `json:"detail,omitempty"`   // in English, for the log
	File    string    `json:"file,omitempty"`     // its name in the folder files
	Count   int       `json:"count,omitempty"`    // of what is in it
	Version validator `json:"validator,omitzero"` // as the server named it
}

// readManifest reads the folder's manifest; an empty one where there is none yet.
func readManifest(dir string) (*manifest, error) {
	m := &manifest{Sources: map[string]*Source{}, Legislators: map[int]string{}}
	data, err := os.ReadFile(filepath.Join(dir, "current.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return m, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read what is loaded of Congress: %w", err)
	}
	if err := json.Unmarshal(data, m); err != nil {
		return nil, fmt.Errorf("read what is loaded of Congress: %w", err)
	}
	maps.DeleteFunc(m.Sources, func(_ string, s *Source) bool { return s == nil })
	return m, nil
}

// write puts the manifest in place of the old one, then drops files that it no longer names. Readers that opened an old
// file before keep it.
func (m *manifest) write(dir string) error {
	data, err := json.MarshalIndent(m, "", "\t")
	if err != nil {
		return fmt.Errorf("write what is loaded of Congress: %w", err)
	}
	name := filepath.Join(dir, "current.json")
	f, err := os.Create(name + ".new")
	if err != nil {
		return fmt.Errorf("write what is loaded of Congress: %w", err)
	}
	_, err = f.Write(data)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write what is loaded of Congress: %w", err)
	}
	if err := os.Rename(name+".new", name); err != nil {
		return fmt.Errorf("write what is loaded of Congress: %w", err)
	}
	return m.clean(dir)
}

func (m *manifest) clean(dir string) error {
	used := map[string]bool{}
	for _, s := range m.Sources {
		used[s.File] = true
	}
	for _, file := range m.Legislators {
		used[file] = true
	}
	files, err := os.ReadDir(filepath.Join(dir, "files"))
	if err != nil {
		return fmt.Errorf("clean up after an update: %w", err)
	}
	for _, f := range files {
		if !used[f.Name()] {
			err = errors.Join(err, os.Remove(filepath.Join(dir, "files", f.Name())))
		}
	}
	return err
}

// path is where the file in use of a source lies; empty where there is none.
func (m *manifest) path(dir string, s source) string {
	if held := m.Sources[s.name]; held != nil && held.File != "" {
		return filepath.Join(dir, "files", held.File)
	}
	return ""
}

// list gives the sources by name.
func (m *manifest) list() []Source {
	var list []Source
	for _, name := range slices.Sorted(maps.Keys(m.Sources)) {
		list = append(list, *m.Sources[name])
	}
	return list
}

// Sources tells how things stand with every public file ever asked for, from the folder alone.
func Sources(dir string) ([]Source, error) {
	m, err := readManifest(dir)
	if err != nil {
		return nil, err
	}
	return m.list(), nil
}
