package main

import (
	"context"
	"fmt"
	"io"

	"github.com/undersigned/undersigned/internal/action"
	"github.com/undersigned/undersigned/internal/config"
)

type backupCmd struct {
	File      string   `arg:"" help:"The file to write; an older one is replaced when the new one is whole."`
	Recipient []string `help:"Who may open it, an age recipient; may be given several times." placeholder:"age1…" sep:"none"`
}

func (c *backupCmd) Run(ctx context.Context, s *config.Settings, t *terminal) (err error) {
	recipients, err := parseRecipients(c.Recipient)
	if err != nil {
		return err
	}
	x, err := openSite(ctx, s, t.err)
	if err != nil {
		return err
	}
	defer func() { err = first(err, x.close()) }()
	var head *action.BackupHead
	err = writeSealed(c.File, recipients, func(w io.Writer) (err error) {
		head, err = x.actions.Backup(ctx, w, logOrigin(s))
		return err
	})
	if err != nil {
		return fmt.Errorf("write the backup: %w", err)
	}
	if err := x.actions.NoteBackup(ctx); err != nil {
		return err
	}
	fmt.Fprintf(t.out, "%s: the site as of %s, %d entries in the public log\n", c.File, head.Made.Format("2006-01-02 15:04:05 MST"), head.LogSize)
	return nil
}

// logOrigin names the site's public log: its URL without the scheme.
func logOrigin(s *config.Settings) string { return s.Base().Host + "/log" }
