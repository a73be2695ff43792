package store_test

import (
	"database/sql"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/internal/store/storetest"
)

// TestSchemasArePairs compares what the two engines made of the schema files: tables, columns, nullability.
func TestSchemasArePairs(t *testing.T) {
	dir := t.TempDir()
	storetest.Open(t, store.Options{Dir: dir})
	lite := columns(t, "sqlite", dir+"/undersigned.db", `select m.name, c.name, c."notnull" = 0 and c.pk = 0
		from sqlite_master m, pragma_table_info(m.name) c where m.type = 'table' and m.name not like 'sqlite_%'`)
	post := columns(t, "pgx", storetest.Postgres(t), `select table_name, column_name, is_nullable = 'YES'
		from information_schema.columns where table_schema = 'public'`)
	for _, name := range slices.Sorted(maps.Keys(lite)) {
		if nullable, ok := post[name]; !ok || nullable != lite[name] {
			t.Errorf("%s: nullable %v on SQLite; on PostgreSQL there %v, nullable %v", name, lite[name], ok, nullable)
		}
	}
	for name := range post {
		if _, ok := lite[name]; !ok {
			t.Errorf("%s is on PostgreSQL only", name)
		}
	}
}

func columns(t *testing.T, driver, dsn, query string) map[string]bool {
	t.Helper()
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	found := map[string]bool{}
	for rows.Next() {
		var table, column string
		var nullable bool
		if err := rows.Scan(&table, &column, &nullable); err != nil {
			t.Fatal(err)
		}
		if table != "goose_db_version" {
			found[fmt.Sprintf("%s.%s", table, column)] = nullable
		}
	}
	if len(found) < 30 {
		t.Fatalf("only %d columns found", len(found))
	}
	return found
}

// TestSignaturesCarryAtMostSixIndexes counts them, the primary key included.
func TestSignaturesCarryAtMostSixIndexes(t *testing.T) {
	dir := t.TempDir()
	storetest.Open(t, store.Options{Dir: dir})
	db, err := sql.Open("sqlite", dir+"/undersigned.db")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var n int
	if err := db.QueryRow("select count(*) from pragma_index_list('signature')").Scan(&n); err != nil {
		t.Fatal(err)
	}
	if n < 2 || n > 6 {
		t.Errorf("%d indexes", n)
	}
}

// adds are the statements that an older program, which runs on another node while a newer one starts, does not notice.
var adds = regexp.MustCompile(`(?is)^(create table \w+ \(.*\)( without rowid)?|create index .*|create unique index .*|insert into .*|update .*|` +
	`alter table \w+ add column \w+ (bigint|text|text collate "C"|blob|bytea)( (not null )?default \S+)?)$`)

// TestMigrationsOnlyAdd keeps an upgrade of one node after the other possible: what an older program reads and writes stays
// as it is.
func TestMigrationsOnlyAdd(t *testing.T) {
	files, err := filepath.Glob("schema/*/*.sql")
	if err != nil || len(files) < 2 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		up, _, _ := strings.Cut(string(text), "-- +goose Down")
		statements := strings.Split(regexp.MustCompile(`--[^\n]*`).ReplaceAllString(up, ""), ";")
		for _, s := range statements {
			s = strings.TrimSpace(s)
			alone := strings.Contains(file, "sqlite") && strings.HasPrefix(s, "drop index ") // a program changes it when it has it to itself
			if s != "" && !alone && !adds.MatchString(s) {
				t.Errorf("%s: an older program would notice: %s", file, s)
			}
		}
	}
	for _, s := range []string{"drop table job", "alter table job drop column args", "alter table job rename column args to more",
		"alter table job add column more text not null", "delete from job"} {
		if adds.MatchString(s) {
			t.Errorf("the rule does not see what is wrong with: %s", s)
		}
	}
}
