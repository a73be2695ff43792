package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/undersigned/undersigned/internal/action"
	"github.com/undersigned/undersigned/internal/config"
	"github.com/undersigned/undersigned/internal/seal"
	"github.com/undersigned/undersigned/internal/sequencer"
	"github.com/undersigned/undersigned/internal/store"
)

type restoreCmd struct {
	File     string   `arg:"" help:"The backup."`
	Identity string   `required:"" help:"The age identity that opens it." placeholder:"FILE"`
	Ledger   []string `help:"The newest copy of erasures.log, one of each node; may be given several times." placeholder:"FILE" sep:"none"`
	Log      string   `help:"Where the public log was published, or a mirror of it: what the backup lacks comes back from there." placeholder:"URL_OR_DIR"`
}

func (c *restoreCmd) Run(ctx context.Context, s *config.Settings, t *terminal) (err error) {
	if s.RootKeyFile == typedRoot {
		return errTyped
	}
	backup, err := sealedFile(c.File, c.Identity)
	if err != nil {
		return err
	}
	o := action.RestoreOptions{RootKeyFile: s.RootKeyFile, Dir: s.Data, Backup: backup, VKey: logKey, Ledgers: c.Ledger,
		Now: time.Now, Logger: newLog(s.LogFormat, t.err)}
	if c.Log != "" {
		source, err := openSource(c.Log)
		if err != nil {
			return config.UsageError{Err: fmt.Errorf("log: %w", err)}
		}
		o.Log = source.log
	}
	if err := os.MkdirAll(s.Data, 0o700); err != nil {
		return fmt.Errorf("make the data folder: %w", err)
	}
	if s.DatabaseURL == "" {
		release, err := claim(s.Data)
		if err != nil {
			return err
		}
		defer func() { err = first(err, release()) }()
	}
	if o.DB, err = store.Open(ctx, store.Options{Dir: s.Data, URL: s.DatabaseURL}); err != nil {
		return fmt.Errorf("open the database: %w", err)
	}
	defer func() { err = first(err, o.DB.Close()) }()
	if o.Vault, err = openVault(s, o.DB); err != nil {
		return err
	}
	done, err := action.Restore(ctx, o)
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	c.report(s, t, done)
	return nil
}

// report says what was done, and what nobody could know.
func (c *restoreCmd) report(s *config.Settings, t *terminal, done *action.Restored) {
	fmt.Fprintf(t.out, "restored: %s as of %s\n", done.Head.Origin, done.Head.Made.Format("2006-01-02 15:04:05 MST"))
	fmt.Fprintf(t.out, "from the published log: %d entries that the backup lacked; of %d signatures nothing else is left\n", done.Entries, done.Lost)
	fmt.Fprintf(t.out, "erased again: %d signatures\n", done.Again)
	for _, k := range done.Erased {
		fmt.Fprintf(t.out, "erased, past its time: %d %s\n", k.N, k.What)
	}
	if c.Log == "" {
		fmt.Fprintln(t.err, "CAUTION: without --log nobody knows whether the public log grew after this backup. If it did, do not serve: "+
			"the log would fork. Restore into another empty site with --log.")
	}
	if len(c.Ledger) == 0 {
		fmt.Fprintln(t.err, "CAUTION: without --ledger only those erasures are known that the backup, the published log or this data folder tell of.")
	}
	if origin := logOrigin(s); origin != done.Head.Origin {
		fmt.Fprintf(t.err, "CAUTION: the backup is of %s, and this site would be %s: its log would be another one. Set --base-url.\n",
			done.Head.Origin, origin)
	}
}

// logKey gives the public key of the log of a keyring.
func logKey(keys *seal.Keyring, origin string) (vkey string, err error) {
	_, vkey, err = sequencer.Signer(keys.LogKey(), origin)
	return vkey, err
}
