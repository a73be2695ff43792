package store

import (
	"errors"
	"strings"
	"testing"
)

// TestSchemaIsNotChangedBesideAnOlderProgram opens the database of an older program: while that serves, the schema stays as it
// is; once it has stopped, it is brought up to date, by one process at a time.
func TestSchemaIsNotChangedBesideAnOlderProgram(t *testing.T) {
	dir := t.TempDir()
	db, err := Open(t.Context(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	provider, _, known, err := schemaFiles(t.Context(), db.write, db.d)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.DownTo(t.Context(), 21); err != nil {
		t.Fatal(err)
	}
	db.Close()

	serving := errors.New("another serves")
	_, err = Open(t.Context(), Options{Dir: dir, Claim: func() (func() error, error) { return nil, serving }})
	if !errors.Is(err, serving) || !strings.Contains(err.Error(), "stop that first") {
		t.Fatalf("opened beside the older program: %v", err)
	}
	released := false
	db, err = Open(t.Context(), Options{Dir: dir, Claim: func() (func() error, error) {
		return func() error { released = true; return nil }, nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if have, err := db.Schema(t.Context()); have != known || err != nil || !released {
		t.Errorf("schema %d of %d, %v; released %v", have, known, err, released)
	}
	beside, err := Open(t.Context(), Options{Dir: dir, Claim: func() (func() error, error) { return nil, serving }})
	if err != nil {
		t.Fatalf("a schema that is up to date: %v", err)
	}
	beside.Close()
}
