// Package storetest opens databases for tests: the same test on every engine.
package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/internal/testenv"
)

// Noon is the moment at which tests happen unless they say otherwise.
var Noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// Clock is a clock that stands still until it is moved. It may be read from any goroutine while nobody moves it.
type Clock struct{ now time.Time }

// NewClock is a clock that stands at Noon.
func NewClock() *Clock { return &Clock{now: Noon} }

// Now reads the clock.
func (c *Clock) Now() time.Time { return c.now }

// Move moves the clock.
func (c *Clock) Move(by time.Duration) { c.now = c.now.Add(by) }

// Run runs a test as the subtests "sqlite" and "postgres", each with a database of its own.
func Run(t *testing.T, test func(t *testing.T, db *store.DB, clock *Clock)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		clock := NewClock()
		test(t, Open(t, store.Options{Dir: t.TempDir(), Now: clock.Now}), clock)
	})
	t.Run("postgres", func(t *testing.T) {
		clock := NewClock()
		test(t, Open(t, store.Options{URL: Postgres(t), Now: clock.Now}), clock)
	})
}

// Open opens a database that is closed when the test ends.
func Open(t testing.TB, o store.Options) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	remember(db, o)
	t.Cleanup(func() {
		if err := errors.Join(forget(db), db.Close()); err != nil {
			t.Error(err)
		}
	})
	return db
}

// Postgres gives the URL of a fresh PostgreSQL database with our schema.
func Postgres(t testing.TB) string {
	t.Helper()
	return testenv.PostgresClone(t, "schema", func(url string) error {
		db, err := store.Open(context.Background(), store.Options{URL: url})
		if err != nil {
			return err
		}
		return db.Close()
	})
}
