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
