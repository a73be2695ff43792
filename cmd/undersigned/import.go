package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/config"
	"github.com/undersigned/undersigned/internal/pack"
	"github.com/undersigned/undersigned/internal/store"
)

type importCmd struct {
	From string `arg:"" help:"The pack: its folder, or a zip file of it." type:"path"`
}

func (c *importCmd) Run(ctx context.Context, s *config.Settings, t *terminal) (err error) {
	content, err := readPack(c.From)
	if err != nil {
		return err
	}
	x, err := makeSite(ctx, s, t.err)
	if err != nil {
		return err
	}
	defer func() { err = first(err, x.close()) }()
	done, err := x.actions.Import(ctx, undersigned.UserID{}, content, true)
	if err != nil {
		return err
	}
	fmt.Fprintf(t.out, "imported %s: %d actions, %d bills, %d organizations, %d resources\n", done.Issue,
		len(content.Actions), len(content.Bills), len(content.Organizations), len(content.Resources))
	for _, line := range []struct {
		what  string
		slugs []string
	}{{"new in the public log", done.Opened}, {"new version of the text", done.Newer}, {"closed, no longer in the pack", done.Kept}} {
		if len(line.slugs) > 0 {
			fmt.Fprintf(t.out, "%s: %s\n", line.what, strings.Join(line.slugs, ", "))
		}
	}
	return nil
}

// readPack reads a pack from its folder, or from a zip file such as a site gives.
func readPack(from string) (*undersigned.Content, error) {
	file, err := os.Open(from)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	switch {
	case err != nil:
		return nil, err
	case info.IsDir():
		return pack.Read(os.DirFS(from))
	}
	return pack.ReadZip(file, info.Size())
}

type exportCmd struct {
	To     string `arg:"" help:"The folder to write; it is made, or replaced where it holds a pack. With a name that ends in .zip, one file."`
	Issue  string `help:"The issue, where the site has several." placeholder:"SLUG"`
	Public bool   `help:"Leave out what is the site's own, as a site's pack.zip does: drafts, and the addresses of coordinators and of the organiser."`
}

func (c *exportCmd) Run(ctx context.Context, s *config.Settings, t *terminal) (err error) {
	x, err := openSite(ctx, s, t.err)
	if err != nil {
		return err
	}
	defer func() { err = first(err, x.close()) }()
	var content *undersigned.Content
	err = x.db.View(ctx, func(tx *store.Tx) error {
		slug, err := c.choose(tx)
		if err != nil {
			return err
		}
		content, err = tx.Content(slug)
		return err
	})
	if err != nil {
		return err
	}
	if content == nil {
		return fmt.Errorf("the site has no issue %q", c.Issue)
	}
	if c.Public {
		content = pack.Public(content)
	}
	if filepath.Ext(c.To) == ".zip" {
		err = writeZip(c.To, content)
	} else {
		err = pack.Write(c.To, content)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(t.out, "exported %s to %s\n", content.Issue.Slug, filepath.Clean(c.To))
	return nil
}

// writeZip writes a pack into a file, which appears when it is whole.
func writeZip(name string, content *undersigned.Content) (err error) {
	file, err := os.CreateTemp(filepath.Dir(name), ".pack-*")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	if err := first(pack.WriteZip(file, content), file.Chmod(0o644), file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), name)
}

// choose gives the issue that was named, or the only one.
func (c *exportCmd) choose(tx *store.Tx) (string, error) {
	if c.Issue != "" {
		return c.Issue, nil
	}
	slugs, err := tx.Issues()
	switch {
	case err != nil:
		return "", err
	case len(slugs) == 0:
		return "", fmt.Errorf("the site has no issue yet")
	case len(slugs) > 1:
		return "", fmt.Errorf("say which with --issue: %s", strings.Join(slugs, ", "))
	}
	return slugs[0], nil
}

// first is the first error that is one.
func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
