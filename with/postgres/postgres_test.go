// Package postgres tries the throw-away PostgreSQL server; see package testenv.
package postgres

import (
	"database/sql"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"

	"github.com/undersigned/undersigned/internal/testenv"
)

func TestMain(m *testing.M) { testenv.Main(m, testenv.PartPostgres) }

func open(t *testing.T, url string) *sql.DB {
	t.Helper()
	db, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func exec(t *testing.T, db *sql.DB, statement string) {
	t.Helper()
	if _, err := db.Exec(statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func count(t *testing.T, db *sql.DB) (n int) {
	t.Helper()
	if err := db.QueryRow(`select count(*) from signature`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestEachTestHasADatabaseOfItsOwn(t *testing.T) {
	for range 2 {
		db := open(t, testenv.Postgres(t))
		exec(t, db, `create table signature (id text)`)
		exec(t, db, `insert into signature values ('a')`)
		if n := count(t, db); n != 1 {
			t.Errorf("the table has %d rows", n)
		}
	}
}

func TestTemplateIsFilledOnceAndCopiedForEachTest(t *testing.T) {
	filled := 0
	fill := func(url string) error {
		filled++
		db, err := sql.Open("pgx", url)
		if err != nil {
			return err
		}
		defer db.Close()
		_, err = db.Exec(`create table signature (id text)`)
		return err
	}
	for range 3 {
		db := open(t, testenv.PostgresClone(t, "signatures", fill))
		exec(t, db, `insert into signature values ('a')`)
		if n := count(t, db); n != 1 {
			t.Errorf("the copy has %d rows", n)
		}
	}
	if filled != 1 {
		t.Errorf("the template was filled %d times", filled)
	}
}

// A server sorts by its language, SQLite by bytes; only then does a query that
// forgets collate "C" show.
func TestServerSortsByLanguageUnlessToldOtherwise(t *testing.T) {
	db := open(t, testenv.Postgres(t))
	var byLanguage, byBytes bool
	err := db.QueryRow(`select 'a' < 'B', 'a' collate "C" < 'B'`).Scan(&byLanguage, &byBytes)
	if err != nil {
		t.Fatal(err)
	}
	if !byLanguage || byBytes {
		t.Errorf("'a' < 'B' is %v, and %v by bytes", byLanguage, byBytes)
	}
}
