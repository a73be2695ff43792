package store

import (
	"testing"

	"github.com/jackc/pgx/v5/stdlib"

	"github.com/undersigned/undersigned/internal/testenv"
)

// TestWriteThatIsGivenUpIsNotCancelled: a commit that waits for its standby would become visible, on one machine alone. The
// driver asks the server to cancel whenever it gives a connection up.
func TestWriteThatIsGivenUpIsNotCancelled(t *testing.T) {
	write, read, err := openPostgres(testenv.Postgres(t))
	if err != nil {
		t.Fatal(err)
	}
	defer write.Close()
	defer read.Close()
	c, err := newConn(t.Context(), write)
	if err != nil {
		t.Fatal(err)
	}
	defer c.drop()
	err = c.Raw(func(driver any) error { return driver.(*stdlib.Conn).Conn().PgConn().CancelRequest(t.Context()) })
	if err == nil {
		t.Error("the server was asked to cancel")
	}
}

func TestCommitWaitsForTheDiskWhateverTheServerSays(t *testing.T) {
	url := testenv.Postgres(t)
	for _, setting := range []string{"off", "local"} {
		write, read, err := openPostgres(url)
		if err != nil {
			t.Fatal(err)
		}
		defer write.Close()
		defer read.Close()
		_, err = write.Exec("do $$ begin execute format('alter database %I set synchronous_commit = " + setting + "', current_database()); end $$")
		if err != nil {
			t.Fatal(err)
		}
		// The pool that reads connects only now.
		var reads, writes string
		if err := read.QueryRow("show synchronous_commit").Scan(&reads); err != nil || reads != setting {
			t.Fatalf("the server says %q, not %q: %v", reads, setting, err)
		}
		write.SetMaxIdleConns(0)
		if err := write.QueryRow("show synchronous_commit").Scan(&writes); err != nil || writes != "on" {
			t.Errorf("the server says %q, and the writer %q: %v", reads, writes, err)
		}
	}
}
