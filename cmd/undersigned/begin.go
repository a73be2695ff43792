package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/undersigned/undersigned/internal/action"
	"github.com/undersigned/undersigned/internal/config"
	"github.com/undersigned/undersigned/internal/seal"
	"github.com/undersigned/undersigned/internal/store"
)

// noSite is told by a command that makes none.
func noSite(s *config.Settings) error {
	where, flag := s.Data, "--data"
	if s.DatabaseURL != "" {
		where, flag = "the database", "--database-url"
	}
	return fmt.Errorf("there is no site in %s: give %s, or the settings of the service", where, flag)
}

// mayBegin keeps an empty database from taking the place of a site: after a wrong path, without a disk that was not mounted, before
// anything was brought over to it. Two nodes may begin one site at once: who sees keys of the other looks for its note after that.
func (x *site) mayBegin(ctx context.Context, vault seal.Vault) error {
	other, err := x.otherDatabase()
	if err == nil && other == nil {
		other, err = x.otherKeys(ctx, vault)
	}
	if err != nil {
		return err
	}
	return x.unlessBegun(ctx, other)
}

// unlessBegun gives other, which tells of another site, where nothing was begun in this database.
func (x *site) unlessBegun(ctx context.Context, other error) error {
	if other == nil {
		return nil
	}
	begun := false
	err := x.db.View(ctx, func(tx *store.Tx) (err error) { begun, err = action.Begun(tx); return err })
	if err != nil || begun {
		return err
	}
	return other
}

// otherDatabase tells of the embedded database beside an empty one in PostgreSQL.
func (x *site) otherDatabase() (other, err error) {
	if x.settings.DatabaseURL == "" {
		return nil, nil
	}
	there, err := store.Embedded(x.settings.Data)
	if there {
		other = fmt.Errorf("the PostgreSQL database is empty, and %s holds the embedded database of a site: bring that over, as docs/operations.md says, "+
			"or, to begin another site, move its undersigned.db elsewhere", x.settings.Data)
	}
	return other, err
}

// otherKeys tells of keys that an empty database cannot have used.
func (x *site) otherKeys(ctx context.Context, vault seal.Vault) (other, err error) {
	const mounted = "is this the right place, and its disk mounted? To bring a site back: undersigned restore. To begin another one: "
	s := x.settings
	names, err := vault.List(ctx, "")
	switch {
	case err != nil:
		return nil, fmt.Errorf("list the keys: %w", err)
	case s.DatabaseURL == "" && slices.ContainsFunc(names, seal.Served):
		return fmt.Errorf("the database in %s is empty, and the keys in %s are of a site that was served: %sanother --key-dir", s.Data, s.KeyDir, mounted), nil
	case len(names) == 0 && s.RootKeyFile != typedRoot:
		if _, err := os.Stat(s.RootKeyFile); err == nil {
			return fmt.Errorf("the database is empty and there are no keys, but a root key in %s: %sundersigned keys init", s.RootKeyFile, mounted), nil
		}
	}
	return nil, nil
}

// keysThere refuses to make the folder of keys where it must be there.
func keysThere(s *config.Settings) error {
	folder := s.KeyDir
	if s.DatabaseURL != "" {
		folder = filepath.Dir(s.RootKeyFile)
	}
	if _, err := os.Stat(folder); errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("there is no key folder %s: give --key-dir and --root-key-file, or the settings of the service", folder)
	}
	return nil
}
