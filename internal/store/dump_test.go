package store_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/internal/store/storetest"
)

// fill puts at least one row into most tables, nulls, no bytes and odd characters among them.
func fill(t *testing.T, db *store.DB) {
	t.Helper()
	update(t, db, func(tx *store.Tx) error {
		c := content()
		c.Issue.Texts["en"] = undersigned.IssueText{Title: "Ñandú & <co> “'\";\u2028"}
		placed, forgotten := signature(1, "a", 1, "ana"), signature(2, "a", 1, "bo")
		forgotten.EmailHash, forgotten.EmailNameHash, forgotten.Sealed = nil, nil, []byte{}
		_, err := tx.InsertSignature(placed)
		_, err2 := tx.InsertSignature(forgotten)
		_, err3 := tx.PlaceSignature(store.WaitingSignature{ID: placed.ID, Opened: true}, 1<<53+1, undersigned.SignatureCounted)
		tx.AddActionHour("00000000000000aa", store.Hour{Pending: 1, Confirmed: 2})
		return errors.Join(err, err2, err3, tx.PutContent(c, store.By{}),
			tx.InsertAction(store.ActionRow{PID: "00000000000000aa", Issue: "cause", Slug: "first", Version: 3, LogState: store.LogOpened}),
			tx.InsertActionVersion("00000000000000aa", 1, "text\n"),
			tx.WaitForLog(store.LogWait{PID: "00000000000000aa", Kind: "open", Version: 1}), tx.AppendEntry(0, "an entry\n"),
			tx.NeverMail([]byte{0, 255}), tx.Enqueue(store.NewJob("mail", []byte("secret job"), tx.Now)), tx.DutyDone("purge", ""))
	})
}

func dump(t *testing.T, db *store.DB) string {
	t.Helper()
	var out bytes.Buffer
	view(t, db, func(tx *store.Tx) error { return tx.Dump(&out) })
	return out.String()
}

func load(t *testing.T, db *store.DB, dump string) error {
	return db.Update(t.Context(), store.Bulk, func(tx *store.Tx) error {
		return tx.Load(json.NewDecoder(strings.NewReader(dump)))
	})
}

func TestDumpOfOneEngineIsLoadedIntoEither(t *testing.T) {
	storetest.Run(t, func(t *testing.T, db *store.DB, _ *storetest.Clock) {
		fill(t, db)
		before := dump(t, db)
		for _, absent := range []string{"job", "secret job", "keyring", "mail_day", "goose"} {
			if strings.Contains(before, absent) {
				t.Errorf("the dump has %q", absent)
			}
		}
		for _, o := range []store.Options{{Dir: t.TempDir()}, {URL: storetest.Postgres(t)}} {
			into := storetest.Open(t, o)
			if err := load(t, into, before); err != nil {
				t.Fatal(err)
			}
			if after := dump(t, into); after != before {
				t.Errorf("%s to %s: before\n%safter\n%s", db.Engine(), into.Engine(), before, after)
			}
		}
	})
}

func TestDumpHasEveryTableThatIsNotLeftOut(t *testing.T) {
	db := storetest.Open(t, store.Options{Dir: t.TempDir()})
	empty := dump(t, db)
	for _, table := range []string{"action", "action_hour", "action_version", "content", "log_checkpoint", "log_entry", "log_wait",
		"mail_never", "signature", "site"} {
		if !strings.Contains(empty, `{"table":"`+table+`","columns":[`) {
			t.Errorf("no table %s in %s", table, empty)
		}
	}
}

func TestDatabaseIsOccupiedOnceItHasARow(t *testing.T) {
	storetest.Run(t, func(t *testing.T, db *store.DB, _ *storetest.Clock) {
		occupied := func() (table string) {
			view(t, db, func(tx *store.Tx) (err error) { table, err = tx.Occupied(); return err })
			return table
		}
		if table := occupied(); table != "" {
			t.Errorf("a new database is occupied by %s", table)
		}
		update(t, db, func(tx *store.Tx) error { return tx.NeverMail([]byte("hash")) })
		if table := occupied(); table != "mail_never" {
			t.Errorf("occupied by %q", table)
		}
	})
}

func TestDamagedDumpLeavesNothing(t *testing.T) {
	source := storetest.Open(t, store.Options{Dir: t.TempDir()})
	fill(t, source)
	whole := dump(t, source)
	storetest.Run(t, func(t *testing.T, db *store.DB, _ *storetest.Clock) {
		empty := dump(t, db)
		for name, damaged := range map[string]string{
			"nothing":           "",
			"cut in the middle": whole[:len(whole)/2],
			"without its end":   whole[:strings.LastIndex(whole, "{")],
			"a row is missing":  strings.Replace(whole, "[0,\"an entry\\n\"]\n", "", 1),
			"a row too long":    strings.Replace(whole, "[0,\"an entry\\n\"]", "[0,\"an entry\\n\",1]", 1),
			"a row first":       "[1]\n" + whole,
			"a strange table":   strings.Replace(whole, `"table":"site"`, `"table":"goose_db_version"`, 1),
			"a strange column":  strings.Replace(whole, `"revision"`, `"revision\" from site; --"`, 1),
			"a row twice":       strings.Replace(whole, "[0,\"an entry\\n\"]", "[0,\"an entry\\n\"]\n[0,\"an entry\\n\"]", 1),
		} {
			if damaged == whole {
				t.Fatalf("%s: nothing is damaged", name)
			}
			err := load(t, db, damaged)
			if err == nil || name != "a row twice" && !errors.Is(err, store.ErrDump) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if after := dump(t, db); after != empty {
			t.Errorf("left behind: %s", after)
		}
	})
}

func TestDumpOfANewerSchemaIsRefused(t *testing.T) {
	storetest.Run(t, func(t *testing.T, db *store.DB, _ *storetest.Clock) {
		version, err := db.Schema(t.Context())
		if err != nil || version < 1 {
			t.Fatal(version, err)
		}
		filled := false
		fill := func() error { filled = true; return nil }
		if err := db.AtSchema(t.Context(), version+1, fill); err == nil || filled {
			t.Errorf("filled %v, %v", filled, err)
		}
		if err := db.AtSchema(t.Context(), version, fill); err != nil || !filled {
			t.Errorf("filled %v, %v", filled, err)
		}
	})
}

func FuzzLoad(f *testing.F) {
	for _, seed := range []string{"", `{"rows":0}`, `{"table":"mail_never","columns":["hash"]}[{"base64":"AA=="}]{"rows":1}`,
		`{"table":"log_entry","columns":["log_index","entry"]}[1,"x"][2.5,null]{"rows":2}`, `[[]]`, `{"table":"site","columns":[]}`} {
		f.Add(seed)
	}
	db, err := store.Open(f.Context(), store.Options{Dir: f.TempDir()})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = db.Close() })
	undo := errors.New("undo")
	f.Fuzz(func(t *testing.T, dump string) {
		err := db.Update(t.Context(), store.Bulk, func(tx *store.Tx) error {
			if err := tx.Load(json.NewDecoder(strings.NewReader(dump))); err != nil {
				return err
			}
			return undo
		})
		if err == nil || strings.Contains(err.Error(), "panic") {
			t.Errorf("load %q: %v", dump, err)
		}
	})
}
