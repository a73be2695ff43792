// Package pack reads and writes the content of an issue as a folder of Markdown files, each with a front matter in YAML:
//
//	issue.md            the issue; the text below the front matter is its statement
//	actions/SLUG.md     the asks
//	bills/112-hr-1932.md  the facts of the bills that the asks are about
//	organizations/SLUG.md  resources/SLUG.md
//	facts/SLUG.md       what figures mean and where they come from; the figures stand beside it in facts/SLUG.csv
//	es/…                the same paths in another language, with the words alone; a file that is missing there falls
//	                    back to the first language when it is shown
//
// Reading is strict and all or nothing. Writing is canonical: the same content always gives the same bytes. Keys of the
// public log, versions and what the link checker saw are the site's own and never stand in a pack. Names that begin
// with a dot are passed over.
package pack

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/undersigned/undersigned"
)

// MaxFile is the largest file a pack may hold, in bytes.
const MaxFile = 1 << 20

// maxPack is the most that all files of a pack may hold together, in bytes, and maxFiles how many there may be.
const (
	maxPack  = 64 << 20
	maxFiles = 50_000
)

const (
	actions       = "actions"
	bills         = "bills"
	organizations = "organizations"
	resources     = "resources"
	facts         = "facts"
)

var folders = []string{actions, bills, organizations, resources, facts}

// Read reads a whole pack. An error is of type [Errors] where the pack is at fault, and then nothing is returned.
func Read(fsys fs.FS) (*undersigned.Content, error) {
	r := &reader{files: map[string][]byte{}}
	if err := r.load(fsys); errors.As(err, new(Errors)) {
		return nil, err
	} else if err != nil {
		return nil, fmt.Errorf("read the pack: %w", err)
	}
	content := r.content()
	if err := r.errs.err(); err != nil {
		return nil, err
	}
	return content, nil
}

// reader holds one pack while it is read.
type reader struct {
	files map[string][]byte // by path; nil where one was refused, so that it is not called missing too
	forms map[string]*typed // what was typed in place of a file; nil where a pack is read
	issue undersigned.Issue
	zone  *time.Location
	errs  Errors
}

// load takes every file into memory and refuses those that no pack can hold.
func (r *reader) load(fsys fs.FS) error {
	size := 0
	return fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if hidden(name) {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if d.IsDir() {
			return nil
		}
		if !d.Type().IsRegular() {
			r.errs.add(name, 0, "", "want.plain_file")
			r.files[name] = nil
			return nil
		}
		data, err := readFile(fsys, name)
		if err != nil {
			return err
		}
		if size += len(data); size > maxPack || len(r.files) >= maxFiles {
			return Errors{{File: name, Key: "want.smaller_pack", Args: []any{"n", maxPack >> 20}}}
		}
		r.take(name, data)
		return nil
	})
}

func hidden(name string) bool {
	return name != "." && strings.HasPrefix(path.Base(name), ".") || path.Base(name) == "__MACOSX"
}

// readFile reads one byte more than is allowed at most, so that a huge file shows and costs no memory.
func readFile(fsys fs.FS, name string) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, MaxFile+1))
}

func (r *reader) take(name string, data []byte) {
	r.files[name] = nil
	if len(data) > MaxFile {
		r.errs.add(name, 0, "", "want.file_size")
	} else if line, fault := badByte(data); fault != "" {
		r.errs.add(name, line, "", fault)
	} else {
		r.files[name] = bytes.TrimPrefix(data, []byte("\ufeff"))
	}
}

// badByte finds the first line that is no text.
func badByte(data []byte) (line int, fault string) {
	if bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")) {
		return 1, "want.utf16"
	}
	line = 1
	for len(data) > 0 {
		c, size := utf8.DecodeRune(data)
		switch {
		case c == utf8.RuneError && size == 1:
			return line, "want.utf8"
		case badRune(c):
			return line, "want.no_control"
		case c == '\n':
			line++
		}
		data = data[size:]
	}
	return 0, ""
}

func badRune(c rune) bool { return unicode.IsControl(c) && c != '\n' && c != '\t' && c != '\r' }

// content reads the files that load took, the issue first: it names the languages and the zone.
func (r *reader) content() *undersigned.Content {
	if !r.has("issue.md") {
		r.errs.add("issue.md", 0, "", "want.file")
		return nil
	}
	r.readIssue()
	c := &undersigned.Content{Issue: r.issue}
	for _, name := range slices.Sorted(maps.Keys(r.files)) {
		folder, file := path.Split(name)
		folder, slug := strings.TrimSuffix(folder, "/"), strings.TrimSuffix(file, ".md")
		if name == "issue.md" || !r.place(name, folder) {
			continue
		}
		switch folder {
		case actions:
			c.Actions = append(c.Actions, r.readAction(name, slug))
		case bills:
			c.Bills = append(c.Bills, r.readBill(name, slug))
		case organizations:
			c.Organizations = append(c.Organizations, r.readOrganization(name, slug))
		case resources:
			c.Resources = append(c.Resources, r.readResource(name, slug))
		case facts:
			c.Facts = append(c.Facts, r.readFact(name, slug))
		}
	}
	c.Sort()
	return c
}

// place tells whether a file in the first language is to be read, and refuses what has no place in a pack. Translations
// are read with the file that they translate, which must be there.
func (r *reader) place(name, folder string) bool {
	first, rest, _ := strings.Cut(name, "/")
	switch {
	case folder == facts && path.Ext(name) == tableExt:
		if text := strings.TrimSuffix(name, tableExt) + ".md"; !r.has(text) {
			r.errs.add(name, 0, "", "want.figures_alone", "file", text)
		}
		return false
	case path.Ext(name) != ".md":
		r.errs.add(name, 0, "", "want.markdown_file")
	case slices.Contains(folders, folder):
		return true
	case rest == "":
		r.errs.add(name, 0, "", "want.place")
	case languageCode.MatchString(first) && !slices.Contains(r.issue.Languages, first):
		r.errs.add(name, 0, "", "want.declared", "lang", first)
	case languageCode.MatchString(first) && first == r.issue.Languages[0]:
		r.errs.add(name, 0, "", "want.first_folder", "lang", first)
	case languageCode.MatchString(first) && !r.has(rest):
		r.errs.add(name, 0, "", "want.translation", "file", rest)
	case !languageCode.MatchString(first):
		r.errs.add(name, 0, "", "want.folder", "list", oneOf(folders))
	}
	return false
}

func (r *reader) has(name string) bool {
	_, ok := r.files[name]
	return ok
}

// translations calls read for a file in each further language that has it.
func (r *reader) translations(name string, read func(lang string, d *document)) {
	for _, lang := range r.others() {
		if r.has(lang + "/" + name) {
			d := r.open(lang + "/" + name)
			read(lang, d)
			d.done()
		}
	}
}

// first is the language that the pack's own folders are written in.
func (r *reader) first() string { return r.issue.Languages[0] }

func (r *reader) others() []string { return r.issue.Languages[1:] }

// slug refuses a file whose name cannot be part of an address.
func (r *reader) slug(name, slug string) {
	if !undersigned.ValidSlug(slug) {
		r.errs.add(name, 0, "", "want.name", "n", undersigned.MaxSlug)
	}
}
