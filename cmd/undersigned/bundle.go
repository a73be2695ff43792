package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
	"github.com/undersigned/undersigned/internal/config"
)

// bundleCmd writes what the holders of a sealed issue's identities carry away to open it.
type bundleCmd struct {
	Action string `arg:"" help:"The petition, as ISSUE/ACTION." placeholder:"ISSUE/ACTION"`
	File   string `arg:"" help:"The file to write; an older one is replaced when the new one is whole."`
	Reason string `required:"" help:"Why: it stands in the log of who did what, and in a mail to each owner." placeholder:"TEXT"`
}

func (c *bundleCmd) Run(ctx context.Context, s *config.Settings, t *terminal) (err error) {
	issue, slug, ok := strings.Cut(c.Action, "/")
	if !ok {
		return config.UsageError{Err: fmt.Errorf("bundle: %q is not ISSUE/ACTION", c.Action)}
	}
	x, err := openSite(ctx, s, t.err)
	if err != nil {
		return err
	}
	defer func() { err = first(err, x.close()) }()
	policy, err := x.logPolicy()
	if err != nil {
		return err
	}
	if err := x.actions.TellOfExport(ctx, action.ExportOrder{Kind: undersigned.ExportBundle, Issue: issue, Action: slug, Reason: c.Reason}); err != nil {
		return inEnglish(err)
	}
	bar := newProgress(t.err, "Copied")
	var done *action.Bundled
	err = writeWhole(c.File, func(w io.Writer) (err error) {
		done, err = x.actions.WriteBundle(ctx, issue, slug, s.BaseURL, w, policy, bar.watch)
		return err
	})
	bar.end()
	if err != nil {
		return err
	}
	fmt.Fprintf(t.out, "%s: %d sealed signatures; as of entry %d of the log\n", c.File, done.Rows, done.Size)
	if done.Opened > 0 {
		fmt.Fprintf(t.err, "CAUTION: %d more count that are not sealed: they were confirmed in the moment when the issue became so\n", done.Opened)
	}
	fmt.Fprintf(t.out, "Where the identities are: undersigned open FILE --identity KEY --vkey '%s'\n", policy.Log)
	return nil
}
