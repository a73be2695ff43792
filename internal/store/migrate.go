package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed schema
var schema embed.FS

// migrate brings the schema up to what this program knows, and refuses one that a newer program has made: writing
// into columns we do not know would lose what they mean. Several nodes that start at once take turns.
func migrate(ctx context.Context, db *sql.DB, d *dialect) error {
	files, err := fs.Sub(schema, "schema/"+d.name)
	if err != nil {
		return err
	}
	options := []goose.ProviderOption{goose.WithDisableGlobalRegistry(true)}
	if d == postgresDialect {
		locker, err := lock.NewPostgresSessionLocker()
		if err != nil {
			return err
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	provider, err := goose.NewProvider(d.goose, db, files, options...)
	if err != nil {
		return fmt.Errorf("read the schema files: %w", err)
	}
	known := provider.ListSources()[len(provider.ListSources())-1].Version
	have, err := provider.GetDBVersion(ctx)
	if err != nil {
		return fmt.Errorf("read the schema version: %w", err)
	}
	if have > known {
		return fmt.Errorf("the database has schema %d, made by a newer undersigned; this program knows %d: use the newer program", have, known)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("bring the schema up to date: %w", err)
	}
	return nil
}
