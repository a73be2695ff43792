package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed schema
var schema embed.FS

// migrate brings the schema up to what this program knows, and refuses one that a newer program has made: writing
// into columns we do not know would lose what they mean. Several nodes that start at once take turns.
func migrate(ctx context.Context, db *sql.DB, d *dialect, claim func() (func() error, error)) error {
	provider, have, known, err := schemaFiles(ctx, db, d)
	if err != nil {
		return err
	}
	if d == sqliteDialect && 0 < have && have < known && claim != nil {
		release, err := claim()
		if err != nil {
			return fmt.Errorf("the database is an older program's, and must be changed for this one: stop that first: %w", err)
		}
		defer release()
	}
	if have > known {
		return fmt.Errorf("the database has schema %d, made by a newer undersigned; this program knows %d: use the newer program", have, known)
	}
	if _, err := provider.Up(ctx); pgCode(err) == "55P03" {
		return errors.New("bring the schema up to date: something else uses a table for long, such as a backup: start again when it has ended")
	} else if err != nil {
		return fmt.Errorf("bring the schema up to date: %w", err)
	}
	return nil
}

// mustHaveSchema gives [ErrNone] where no schema of ours was ever begun.
func mustHaveSchema(ctx context.Context, db *sql.DB, d *dialect) error {
	rows, err := db.QueryContext(ctx, d.tables)
	if err != nil {
		return fmt.Errorf("list the tables: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil || name == goose.DefaultTablename {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("list the tables: %w", err)
	}
	return ErrNone
}

// schemaFiles reads the schema's files, and tells which version the database has and which is the newest that we know.
func schemaFiles(ctx context.Context, db *sql.DB, d *dialect) (provider *goose.Provider, have, known int64, err error) {
	files, err := fs.Sub(schema, "schema/"+d.name)
	if err != nil {
		return nil, 0, 0, err
	}
	options := []goose.ProviderOption{goose.WithDisableGlobalRegistry(true)}
	if d == postgresDialect {
		// Asks once a second, for five minutes. By itself it would ask every five seconds, and a site whose nodes start
		// at once would open that much later.
		locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300))
		if err != nil {
			return nil, 0, 0, err
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	provider, err = goose.NewProvider(d.goose, db, files, options...)
	if err != nil {
		return nil, 0, 0, fmt.Errorf("read the schema files: %w", err)
	}
	known = provider.ListSources()[len(provider.ListSources())-1].Version
	if have, err = provider.GetDBVersion(ctx); err != nil {
		return nil, 0, 0, fmt.Errorf("read the schema version: %w", err)
	}
	return provider, have, known, nil
}

// Schema is the version of the database's schema.
func (db *DB) Schema(ctx context.Context) (int64, error) {
	_, have, _, err := schemaFiles(ctx, db.write, db.d)
	return have, err
}

// AtSchema runs fill on an empty database whose schema is that of an older version, and then brings the schema up to
// date, with what fill has put in. A crash in between leaves the older schema, which the next Open brings up to date.
func (db *DB) AtSchema(ctx context.Context, version int64, fill func() error) error {
	provider, _, known, err := schemaFiles(ctx, db.write, db.d)
	if err != nil {
		return err
	}
	if version > known {
		return fmt.Errorf("schema %d was made by a newer undersigned; this program knows %d: use the newer program", version, known)
	}
	if _, err := provider.DownTo(ctx, version); err != nil {
		return fmt.Errorf("go back to schema %d: %w", version, err)
	}
	if err := fill(); err != nil {
		_, up := provider.Up(ctx)
		return errors.Join(err, up)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("bring the schema up to date: %w", err)
	}
	return nil
}
