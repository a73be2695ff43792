package main

import (
	"database/sql"
	"path/filepath"
)

// setSchemaVersion writes a schema version behind the program's back. The driver is registered by the store.
func setSchemaVersion(dir string, version int) error {
	db, err := sql.Open("sqlite", filepath.Join(dir, "undersigned.db"))
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.Exec("insert into goose_db_version (version_id, is_applied) values ($1, 1)", version)
	return err
}
