package pack

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"time"

	"github.com/undersigned/undersigned"
)

// packed is the day that every file in a zip file bears: the same content gives the same bytes.
var packed = time.Date(1980, time.January, 1, 0, 0, 0, 0, time.UTC)

// WriteZip writes the content as a zip file that holds one folder, named for the issue. Content that Read would refuse is
// refused with the same [Errors].
func WriteZip(to io.Writer, c *undersigned.Content) error {
	files, err := render(c)
	if err != nil {
		return err
	}
	archive := zip.NewWriter(to)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		f, err := archive.CreateHeader(&zip.FileHeader{Name: c.Issue.Slug + "/" + name, Method: zip.Deflate, Modified: packed})
		if err != nil {
			return fmt.Errorf("pack %s: %w", name, err)
		}
		if _, err := f.Write(files[name]); err != nil {
			return fmt.Errorf("pack %s: %w", name, err)
		}
	}
	return archive.Close()
}

// ReadZip reads a pack from a zip file: from its one folder, or from its top.
func ReadZip(from io.ReaderAt, size int64) (*undersigned.Content, error) {
	archive, err := zip.NewReader(from, size)
	if err != nil {
		return nil, Errors{{File: "", Key: "want.zip"}}
	}
	folder, err := packFolder(archive)
	if err != nil {
		return nil, err
	}
	inside, err := fs.Sub(archive, folder)
	if err != nil {
		return nil, fmt.Errorf("read the pack: %w", err)
	}
	content, err := Read(inside)
	var errs Errors
	if err != nil && !errors.As(err, &errs) { // a disk cannot fail here: the archive is broken
		return nil, Errors{{File: "", Key: "want.zip"}}
	}
	return content, err
}

// packFolder finds the folder that holds issue.md: the highest one.
func packFolder(archive *zip.Reader) (string, error) {
	if len(archive.File) > maxFiles {
		return "", Errors{{File: "", Key: "want.fewer_files", Args: []any{"n", maxFiles}}}
	}
	found := ""
	for _, f := range archive.File {
		if dir, name := path.Split(f.Name); name == "issue.md" && fs.ValidPath(f.Name) && !hidden(path.Clean(dir)) {
			if dir = path.Clean(dir); found == "" || len(dir) < len(found) {
				found = dir
			}
		}
	}
	if found == "" {
		return "", Errors{{File: "issue.md", Key: "want.file"}}
	}
	return found, nil
}

// Public is the content as a partner may have it: what readers see, and nothing that is the site's own. Asks that are drafts, the
// coordinators' addresses, the recipients of sealed signatures and the address for letters to the organiser stay behind.
func Public(c *undersigned.Content) *undersigned.Content {
	public := c.Clone()
	public.Issue.Coordinator, public.Issue.Contact, public.Issue.Organizer, public.Issue.SealTo = "", "", "", nil
	public.Actions = slices.DeleteFunc(public.Actions, func(a undersigned.Action) bool { return a.State == undersigned.ActionDraft })
	for i := range public.Actions {
		a := &public.Actions[i]
		a.Opportunity.Coordinator = undersigned.Coordinator{}
		if a.Successor != "" && public.Action(a.Successor) == nil {
			a.Successor = ""
		}
	}
	for i := range public.Resources {
		if r := &public.Resources[i]; r.Prepares != "" && public.Action(r.Prepares) == nil {
			r.Prepares = ""
		}
	}
	return public
}
