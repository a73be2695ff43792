package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/undersigned/undersigned/internal/action"
	"github.com/undersigned/undersigned/internal/config"
	"github.com/undersigned/undersigned/internal/seal"
	"github.com/undersigned/undersigned/internal/store"
)

type keysCmd struct {
	Init   keysInitCmd   `cmd:"" help:"Make the keys of a new site before it is first served."`
	Rotate keysRotateCmd `cmd:"" help:"Change the root key, which wraps all others. The server must be stopped."`
	Export keysExportCmd `cmd:"" help:"Write the keys, sealed, into a file."`
	List   keysListCmd   `cmd:"" help:"Name the keys, since when they are, and when they will be destroyed."`

	DKIM     keysDKIMCmd     `cmd:"" name:"dkim" help:"Make the key that signs mails, and print what the DNS must say."`
	Identity keysIdentityCmd `cmd:"" help:"Make an offline identity (age), for sealed issues and for backups. On another computer than the server."`
}

type keysInitCmd struct{}

func (c *keysInitCmd) Run(ctx context.Context, s *config.Settings, t *terminal) error {
	return withVault(ctx, s, store.Options{}, func(db *store.DB, vault seal.Vault) error {
		names, err := vault.List(ctx, "")
		if err != nil {
			return err
		}
		x := &site{settings: s, db: db}
		empty, err := x.empty(ctx)
		switch {
		case err != nil:
			return err
		case len(names) > 0:
			return errors.New("the keys are there already")
		case !empty:
			return errors.New("this site has content already, and new keys could not open it: bring back its own")
		}
		// A root key that is there already is taken: this is how one says that the site is new.
		other, err := x.otherDatabase()
		if err == nil {
			err = x.unlessBegun(ctx, other)
		}
		if err == nil {
			err = action.NoteBegin(ctx, db)
		}
		if err != nil {
			return err
		}
		keys, err := seal.Init(ctx, vault, s.RootKeyFile)
		if err != nil {
			return err
		}
		fmt.Fprintf(t.out, "The root key is in %s: keep it apart from the data, and do not copy it.\n", s.RootKeyFile)
		return keys.Close()
	})
}

type keysRotateCmd struct{}

func (c *keysRotateCmd) Run(ctx context.Context, s *config.Settings, t *terminal) error {
	return withVault(ctx, s, store.Options{Existing: true}, func(_ *store.DB, vault seal.Vault) error {
		if err := seal.Rotate(ctx, vault, s.RootKeyFile); err != nil {
			return err
		}
		fmt.Fprintf(t.out, "A new root key is in %s, and all keys are wrapped by it.\n", s.RootKeyFile)
		return nil
	})
}

// withVault opens the place of the keys, and no key, for what writes the root key.
func withVault(ctx context.Context, s *config.Settings, o store.Options, do func(*store.DB, seal.Vault) error) (err error) {
	if s.RootKeyFile == typedRoot {
		return errTyped
	}
	o.Claim = claiming(s)
	db, err := openDatabase(ctx, s, o)
	if err != nil {
		return err
	}
	defer func() { err = first(err, db.Close()) }()
	if o.Existing {
		if err := keysThere(s); err != nil {
			return err
		}
	}
	vault, err := openVault(s, db)
	if err != nil {
		return err
	}
	return do(db, vault)
}

type keysExportCmd struct {
	File      string   `arg:"" help:"The file to write."`
	Recipient []string `help:"Who may open it, an age recipient; may be given several times." placeholder:"age1…" sep:"none"`
}

func (c *keysExportCmd) Run(ctx context.Context, s *config.Settings, t *terminal) (err error) {
	recipients, err := parseRecipients(c.Recipient)
	if err != nil {
		return err
	}
	x, err := openSite(ctx, s, t.err)
	if err != nil {
		return err
	}
	defer func() { err = first(err, x.close()) }()
	err = writeSealed(c.File, recipients, func(w io.Writer) error {
		keys, err := x.keys.Export(ctx)
		if err != nil {
			return err
		}
		_, err = w.Write(keys)
		return err
	})
	if err != nil {
		return fmt.Errorf("export the keys: %w", err)
	}
	fmt.Fprintf(t.out, "%s: the keys of this site, but those of unconfirmed signatures\n", c.File)
	return nil
}

type keysListCmd struct{}

func (c *keysListCmd) Run(ctx context.Context, s *config.Settings, t *terminal) (err error) {
	x, err := openSite(ctx, s, t.err)
	if err != nil {
		return err
	}
	defer func() { err = first(err, x.close()) }()
	list, err := x.actions.ListKeys(ctx)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "KEY\tSINCE\tDESTROYED\tOF")
	for _, k := range list {
		born, ends := "-", "never"
		if !k.Born.IsZero() {
			born = k.Born.Format(time.DateOnly)
		}
		switch {
		case k.Renewed:
			ends = "when the next month's has taken its place"
		case !k.Ends.IsZero():
			ends = k.Ends.UTC().Format("2006-01-02 15:04")
		case k.Of != "":
			ends = "90 days after it closes"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", k.Name, born, ends, k.Of)
	}
	return w.Flush()
}
