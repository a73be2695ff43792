package storetest

import (
	"database/sql"
	"path/filepath"
	"sync"
	"testing"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
)

// source is where an opened database can be looked at without our code in between.
type source struct{ driver, dsn string }

var sources sync.Map // of *store.DB

func remember(db *store.DB, o store.Options) {
	if o.URL != "" {
		sources.Store(db, source{"pgx", o.URL})
		return
	}
	sources.Store(db, source{"sqlite", filepath.Join(o.Dir, "undersigned.db")})
}

// raw opens a second connection to a database of Open.
func raw(t testing.TB, db *store.DB) *sql.DB {
	t.Helper()
	from, ok := sources.Load(db)
	if !ok {
		t.Fatal("not a database of storetest.Open")
	}
	conn, err := sql.Open(from.(source).driver, from.(source).dsn)
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

// Each calls scan for every row of a query, read past our code.
func Each(t testing.TB, db *store.DB, query string, scan func(*sql.Rows) error) {
	t.Helper()
	conn := raw(t, db)
	defer conn.Close()
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
	const query = `select id, pid, version, state, slot, email_hash, email_name_hash, commitment, sealed, coalesce(log_index, -1)
		from signature order by id`
	Each(t, db, query, func(r *sql.Rows) error {
		s := &store.SignatureRow{}
		var id []byte
		err := r.Scan(&id, &s.PID, &s.Version, &s.State, &s.Slot, &s.EmailHash, &s.EmailNameHash, &s.Commitment, &s.Sealed, &s.LogIndex)
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
