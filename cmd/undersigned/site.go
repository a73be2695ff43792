package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	"github.com/undersigned/undersigned/internal/action"
	"github.com/undersigned/undersigned/internal/config"
	"github.com/undersigned/undersigned/internal/congress"
	"github.com/undersigned/undersigned/internal/locale"
	"github.com/undersigned/undersigned/internal/seal"
	"github.com/undersigned/undersigned/internal/store"
)

// site is what every command works on: the rows, the keys that open them, the verbs.
type site struct {
	settings *config.Settings
	db       *store.DB
	keys     *seal.Keyring
	ledger   *action.Ledger
	actions  *action.Service
	congress *congress.Current
	offline  bool // the last update of Congress found no connection; for its duty alone
	log      *slog.Logger
}

// openSite opens a site that is there.
func openSite(ctx context.Context, s *config.Settings, logTo io.Writer) (*site, error) {
	return openIn(ctx, s, logTo, store.Options{Existing: true, Claim: claiming(s)})
}

// makeSite opens a site; one that is new gets its database and its keys.
func makeSite(ctx context.Context, s *config.Settings, logTo io.Writer) (*site, error) {
	return openIn(ctx, s, logTo, store.Options{Claim: claiming(s)})
}

// claiming is how a command that runs beside a serve makes sure that there is none.
func claiming(s *config.Settings) func() (func() error, error) {
	return func() (func() error, error) { return claim(s.Data) }
}

// openIn opens a site with what it asks of its database, whose place the settings say.
func openIn(ctx context.Context, s *config.Settings, logTo io.Writer, o store.Options) (*site, error) {
	x := &site{settings: s, log: newLog(s.LogFormat, logTo), congress: congress.NewCurrent(congressDir(s))}
	var err error
	if x.db, err = openDatabase(ctx, s, o); err != nil {
		return nil, err
	}
	if err := x.refuseHalf(ctx); err != nil {
		return nil, errors.Join(err, x.db.Close())
	}
	if err := x.openKeys(ctx, logTo, !o.Existing); err != nil {
		return nil, errors.Join(err, x.db.Close())
	}
	if err = os.MkdirAll(s.Data, 0o700); err == nil { // where the database is elsewhere
		x.ledger, err = action.OpenLedger(s.Data)
	}
	if err != nil {
		return nil, errors.Join(err, x.keys.Close(), x.db.Close())
	}
	throwaway, err := s.ThrowawayDomains()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("throwaway-domains: %w", err), x.ledger.Close(), x.keys.Close(), x.db.Close())
	}
	setup, err := mailSetup(s)
	if err != nil {
		return nil, errors.Join(err, x.ledger.Close(), x.keys.Close(), x.db.Close())
	}
	var resolver action.Resolver
	if s.ChecksDomains() {
		resolver = net.DefaultResolver
	}
	x.actions = action.New(action.Options{Mail: setup, DNS: net.DefaultResolver, Throwaway: throwaway, Resolver: resolver, MailPerHour: s.MailPerHour, DB: x.db, Keys: x.keys, Ledger: x.ledger, Log: x.log,
		Districts: x.districts, Congress: x.congress, Owner: s.OwnerEmail, BounceAddress: s.BounceAddress, BounceDir: s.BounceDir, BaseURL: s.Base(), Languages: locale.Languages(), Scratch: s.Data})
	return x, nil
}

// openDatabase opens the database where the settings say.
func openDatabase(ctx context.Context, s *config.Settings, o store.Options) (*store.DB, error) {
	o.Dir, o.URL = s.Data, s.DatabaseURL
	db, err := store.Open(ctx, o)
	if errors.Is(err, store.ErrNone) {
		return nil, noSite(s)
	}
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	return db, nil
}

// openKeys opens the keyring. Only a site that has no content yet may get new keys: for any other they could not open
// what is there, and would hide that the right ones are lost.
func (x *site) openKeys(ctx context.Context, ask io.Writer, making bool) error {
	empty, err := x.empty(ctx)
	if err != nil {
		return err
	}
	making = making && empty
	if !making {
		if err := keysThere(x.settings); err != nil {
			return err
		}
	}
	vault, err := openVault(x.settings, x.db)
	if err != nil {
		return err
	}
	if empty {
		if err := x.mayBegin(ctx, vault); err != nil {
			return err
		}
	}
	if making {
		if err := action.NoteBegin(ctx, x.db); err != nil {
			return err
		}
	}
	if making && x.settings.RootKeyFile != typedRoot {
		x.keys, err = seal.Init(ctx, vault, x.settings.RootKeyFile)
		return err
	}
	roots, err := readRoots(ctx, x.settings, ask)
	if err != nil {
		return err
	}
	x.keys, err = seal.Open(ctx, vault, roots...)
	return err
}

// readRoots reads the root key from its file, or from standard input.
func readRoots(ctx context.Context, s *config.Settings, ask io.Writer) ([]*seal.Root, error) {
	if s.RootKeyFile != typedRoot {
		return seal.ReadRoots(s.RootKeyFile)
	}
	root, err := readTyped(ctx, os.Stdin, ask)
	return []*seal.Root{root}, err
}

// openVault gives the place of the wrapped keys, and makes the folder of the root key.
func openVault(s *config.Settings, db *store.DB) (seal.Vault, error) {
	if s.DatabaseURL == "" {
		return seal.Folder(s.KeyDir)
	}
	if err := os.MkdirAll(filepath.Dir(s.RootKeyFile), 0o700); err != nil {
		return nil, fmt.Errorf("make the key folder: %w", err)
	}
	return db.Vault(), nil
}

// refuseHalf keeps a site closed whose restore was cut short: what people had erased may stand in it again.
func (x *site) refuseHalf(ctx context.Context) error {
	var half bool
	err := x.db.View(ctx, func(tx *store.Tx) (err error) { half, err = action.Restoring(tx); return err })
	if err == nil && half {
		err = errors.New("a restore of this site was cut short: run the same restore again")
	}
	return err
}

// empty tells whether the site has no issue yet.
func (x *site) empty(ctx context.Context) (empty bool, err error) {
	err = x.db.View(ctx, func(tx *store.Tx) error {
		issues, err := tx.Issues()
		empty = len(issues) == 0
		return err
	})
	return empty, err
}

func (x *site) close() error {
	return errors.Join(x.db.Close(), x.ledger.Close(), x.keys.Close())
}

// claim makes this process the one that serves an embedded database. The lock ends with the process.
func claim(dir string) (release func() error, err error) {
	file, err := os.OpenFile(filepath.Join(dir, "serve.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("the data folder cannot be written to: %w", err)
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		file.Close()
		return nil, fmt.Errorf("another undersigned serves from %s", dir)
	}
	return file.Close, nil
}

func newLog(format string, to io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{ReplaceAttr: knownKeys}
	if format == "json" {
		return slog.New(slog.NewJSONHandler(to, options))
	}
	return slog.New(slog.NewTextHandler(to, options))
}

// logKeys are all the keys of a line of the log. None is for what somebody typed, a path or an address.
var logKeys = []string{slog.TimeKey, slog.LevelKey, slog.MessageKey,
	"as_of", "attempt", "bounced", "duty", "err", "error", "id", "kind", "n", "queue", "refused", "route", "sent", "stack", "update", "what"}

// knownKeys drops what has another key, and the key with it: where a call forgets one it is the value.
func knownKeys(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && slices.Contains(logKeys, a.Key) {
		return a
	}
	return slog.Bool("dropped", true)
}
