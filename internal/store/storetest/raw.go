package storetest

import (
	"database/sql"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
)

// source is where an opened database is, and a connection to it without our code in between, made when it is first asked for.
type source struct {
	options store.Options
	raw     func() (*sql.DB, error)
}

var opened sync.Map // of *store.DB: its source

func remember(db *store.DB, o store.Options) {
	opened.Store(db, source{o, sync.OnceValues(func() (*sql.DB, error) {
		if o.URL != "" {
			return sql.Open("pgx", o.URL)
		}
		return sql.Open("sqlite", filepath.Join(o.Dir, "undersigned.db"))
	})})
}

// forget closes what remember has made.
func forget(db *store.DB) error {
	from, _ := opened.LoadAndDelete(db)
	raw, err := from.(source).raw()
	if err != nil {
		return err
	}
	return raw.Close()
}

func sourceOf(t testing.TB, db *store.DB) source {
	t.Helper()
	from, ok := opened.Load(db)
	if !ok {
		t.Fatal("not a database of storetest.Open")
	}
	return from.(source)
}

// OptionsOf gives the options with which Open opened a database, with another clock: for a second process on the same one.
func OptionsOf(t testing.TB, db *store.DB, now func() time.Time) store.Options {
	t.Helper()
	o := sourceOf(t, db).options
	o.Now = now
	return o
}

// Each calls scan for every row of a query, read past our code.
func Each(t testing.TB, db *store.DB, query string, scan func(*sql.Rows) error) {
	t.Helper()
	conn, err := sourceOf(t, db).raw()
	if err != nil {
		t.Fatal(err)
	}
	rows, err := conn.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			t.Fatal(err)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}

// Signatures reads every row of the signatures.
func Signatures(t testing.TB, db *store.DB) (all []*store.SignatureRow) {
	t.Helper()
	const query = `select id, pid, version, state, slot, email_hash, email_name_hash, commitment, sealed, coalesce(log_index, -1),
		coalesce(doubt, 0), domain, review from signature order by id`
	Each(t, db, query, func(r *sql.Rows) error {
		s := &store.SignatureRow{}
		var id []byte
		err := r.Scan(&id, &s.PID, &s.Version, &s.State, &s.Slot, &s.EmailHash, &s.EmailNameHash, &s.Commitment, &s.Sealed, &s.LogIndex,
			&s.Doubts, &s.Domain, &s.Review)
		s.ID = undersigned.SignatureID(id)
		all = append(all, s)
		return err
	})
	return all
}

// Strings reads everything in a table as bytes, every column of every row.
func Strings(t testing.TB, db *store.DB, table string) (all [][]byte) {
	t.Helper()
	Each(t, db, "select * from "+table, func(r *sql.Rows) error {
		names, err := r.Columns()
		if err != nil {
			return err
		}
		row := make([]sql.RawBytes, len(names))
		into := make([]any, len(names))
		for i := range row {
			into[i] = &row[i]
		}
		if err := r.Scan(into...); err != nil {
			return err
		}
		for _, column := range row {
			all = append(all, append([]byte(nil), column...))
		}
		return nil
	})
	return all
}
