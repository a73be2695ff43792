package store_test

import (
	"database/sql"
	"slices"
	"testing"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/internal/store/storetest"
)

// TestAddressThatCanBeReadIsFoundInWhateverTable plants one where none belongs.
func TestAddressThatCanBeReadIsFoundInWhateverTable(t *testing.T) {
	storetest.Run(t, func(t *testing.T, db *store.DB, _ *storetest.Clock) {
		readable := func() (n int64) {
			view(t, db, func(tx *store.Tx) (err error) { n, err = tx.ReadableAddresses(); return err })
			return n
		}
		update(t, db, func(tx *store.Tx) error {
			c := content()
			c.Issue.Contact = "office@cause.example" // organisers publish it
			return tx.PutContent(c, store.By{})
		})
		if n := readable(); n != 0 {
			t.Errorf("%d in a new site", n)
		}
		update(t, db, func(tx *store.Tx) error {
			if err := tx.AddEvent(undersigned.Event{At: tx.Now, Kind: undersigned.AskOpened, Issue: "cause", Subject: "https://video.example/@channel.name"}); err != nil {
				return err
			}
			return tx.AddAudit(undersigned.AuditEntry{Verb: undersigned.AuditUserAdded, Subject: "ana@staff.example"})
		})
		if n := readable(); n != 1 {
			t.Errorf("%d, want the one in the audit log", n)
		}
	})
}

// TestTextsThatNobodyLooksThroughHaveOneForm keeps addresses out of the tables that are too large to be looked through.
func TestTextsThatNobodyLooksThroughHaveOneForm(t *testing.T) {
	dir := t.TempDir()
	storetest.Open(t, store.Options{Dir: dir})
	db, err := sql.Open("sqlite", dir+"/undersigned.db")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for table, want := range map[string][]string{"signature": {"pid"}, "log_entry": {"entry"}, "action_hour": {"pid"}} {
		rows, err := db.Query("select name from pragma_table_info('" + table + "') where lower(type) like 'text%'")
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for rows.Next() {
			var name string
			if err := rows.Scan(&name); err != nil {
				t.Fatal(err)
			}
			got = append(got, name)
		}
		if rows.Close(); !slices.Equal(got, want) {
			t.Errorf("%s has the texts %q", table, got)
		}
	}
}
