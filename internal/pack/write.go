package pack

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/undersigned/undersigned"
)

// Write puts the content into a folder, which it makes. A folder that is there must be empty or hold a pack and nothing
// else; it is replaced as a whole, so that a file of an earlier export never stays behind. Content that Read would
// refuse is refused, with the same [Errors], before anything is written.
func Write(dir string, c *undersigned.Content) error {
	files, err := render(c)
	if err != nil {
		return err
	}
	dir, err = filepath.Abs(dir)
	if err != nil {
		return fmt.Errorf("find the folder: %w", err)
	}
	if err := replaceable(dir); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return fmt.Errorf("make the folder above: %w", err)
	}
	fresh, err := os.MkdirTemp(filepath.Dir(dir), "."+filepath.Base(dir)+"-new-*")
	if err != nil {
		return fmt.Errorf("make a folder to write in: %w", err)
	}
	defer os.RemoveAll(fresh)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := writeFile(filepath.Join(fresh, filepath.FromSlash(name)), files[name]); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	return swap(fresh, dir)
}

// replaceable refuses a folder that holds anything Write would not put there: it may be somebody's home.
func replaceable(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0 {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look into the folder: %w", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "issue.md")); err != nil {
		return fmt.Errorf("%s is not a pack: it has no issue.md; name an empty or a new folder", dir)
	}
	return fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return fmt.Errorf("look into the folder: %w", err)
		}
		folder := d.IsDir() && (slices.Contains(folders, d.Name()) || languageCode.MatchString(d.Name()))
		ours := filepath.Ext(name) == ".md" || filepath.Ext(name) == tableExt
		if name == "." || folder || d.Type().IsRegular() && ours && !hidden(name) {
			return nil
		}
		return fmt.Errorf("%s is not a pack alone: it holds %s; name an empty or a new folder", dir, name)
	})
}

// writeFile is on the disk when it returns, so that swap never puts empty files in the place of good ones.
func writeFile(name string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	if _, err := f.Write(data); err != nil {
		f.Close()
		return err
	}
	if err := f.Sync(); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

// swap puts fresh in the place of dir. A crash between the two renames leaves no dir, but the old one and the new one
// whole beside it, with -old- and -new- in their names.
func swap(fresh, dir string) error {
	if err := os.Chmod(fresh, 0o755); err != nil {
		return fmt.Errorf("open the folder to readers: %w", err)
	}
	old, err := os.MkdirTemp(filepath.Dir(dir), "."+filepath.Base(dir)+"-old-*")
	if err != nil {
		return fmt.Errorf("make a place for the old folder: %w", err)
	}
	kept := filepath.Join(old, filepath.Base(dir))
	if err := os.Rename(dir, kept); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("put the old folder aside: %w", err)
	}
	if err := os.Rename(fresh, dir); err != nil {
		return errors.Join(fmt.Errorf("put the new folder in place: %w", err), putBack(kept, dir))
	}
	if err := os.RemoveAll(old); err != nil {
		return fmt.Errorf("remove the old folder: %w", err)
	}
	return nil
}

func putBack(kept, dir string) error {
	if err := os.Rename(kept, dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("put the old folder back: %w", err)
	}
	return nil
}

// writer gathers the files of a pack.
type writer struct {
	files     map[string][]byte
	form      Fields // gets one noun in place of files, where it is not nil
	languages []string
	zone      *time.Location
	errs      Errors
}

// render gives the files of a pack by path, and has them read again: what is exported can be imported.
func render(c *undersigned.Content) (map[string][]byte, error) {
	zone, err := time.LoadLocation(c.Issue.Timezone)
	if err != nil || len(c.Issue.Languages) == 0 {
		return nil, Errors{{File: "issue.md", Key: "want.zone"}}
	}
	w := &writer{files: map[string][]byte{}, languages: c.Issue.Languages, zone: zone}
	for _, noun := range c.Nouns() {
		w.write(noun)
	}
	again := &reader{files: map[string][]byte{}, errs: w.errs}
	for name, data := range w.files {
		again.take(name, data)
	}
	again.content()
	return w.files, again.errs.err()
}

func (w *writer) write(noun any) {
	switch noun := noun.(type) {
	case *undersigned.Issue:
		w.writeIssue(noun)
	case *undersigned.Action:
		w.writeAction(noun)
	case *undersigned.Bill:
		w.writeBill(noun)
	case *undersigned.Organization:
		w.writeOrganization(noun)
	case *undersigned.Resource:
		w.writeResource(noun)
	case *undersigned.Fact:
		w.writeFact(noun)
	}
}

// first gives what is said in the first language, of what each language may call otherwise.
func (w *writer) first(in func(lang string, languages []string) (words, of string)) string {
	words, of := in(w.languages[0], w.languages)
	if of != w.languages[0] {
		return ""
	}
	return words
}

// front begins a front matter, or the fields of a form.
func (w *writer) front() *front { return &front{form: w.form} }

// eachLanguage writes one noun: its fields, which are in f already, with the words of the first language, and the words
// alone for each other language that has any. The words go through write, which returns the Markdown below them.
func (w *writer) eachLanguage(name string, f *front, write func(f *front, lang string) (body string)) {
	body := write(f, w.languages[0])
	if f.record(bodyField, body); w.form == nil {
		w.save(name, f, body)
	}
	for _, lang := range w.languages[1:] {
		words := w.front()
		words.name = lang + ":"
		body := write(words, lang)
		if w.form != nil {
			words.record(bodyField, body)
		} else if words.b.Len() > 0 || body != "" {
			w.save(lang+"/"+name, words, body)
		}
	}
}

func (w *writer) save(name string, f *front, body string) {
	if _, twice := w.files[name]; twice {
		w.errs.add(name, 0, "", "want.name_once")
	}
	file := fence + "\n" + f.b.String() + fence + "\n"
	if body = clean(body); body != "" {
		file += "\n" + body + "\n"
	}
	w.files[name] = []byte(file)
}
