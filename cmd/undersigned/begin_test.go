package main

import (
	"database/sql"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"

	"github.com/undersigned/undersigned/internal/action"
	"github.com/undersigned/undersigned/internal/config"
	"github.com/undersigned/undersigned/internal/seal"
	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/internal/testenv"
)

// A first start writes the note that a site begins, the root key, the keys of the site, those of each petition, then content.
func TestFirstStartThatWasCutShortAnywhereGoesOn(t *testing.T) {
	for name, keys := range map[string]func(t *testing.T, vault seal.Vault, root string){
		"before the root key": func(*testing.T, seal.Vault, string) {},
		"after the root key": func(t *testing.T, vault seal.Vault, root string) {
			ring, err := seal.Init(t.Context(), vault, root)
			must(t, err, ring.Close(), vault.Destroy(t.Context(), "site"), vault.Destroy(t.Context(), "log"))
		},
		"after the first key": func(t *testing.T, vault seal.Vault, root string) {
			ring, err := seal.Init(t.Context(), vault, root)
			must(t, err, ring.Close(), vault.Destroy(t.Context(), "site"))
		},
		"after the keys of a petition": func(t *testing.T, vault seal.Vault, root string) {
			ring, err := seal.Init(t.Context(), vault, root)
			must(t, err, ring.MakeAction(t.Context(), "0123456789abcdef"), ring.Close())
		},
	} {
		for engine, url := range map[string]func(t *testing.T) string{"SQLite": func(*testing.T) string { return "" }, "PostgreSQL": func(t *testing.T) string { return testenv.Postgres(t) }} {
			t.Run(name+"/"+engine, func(t *testing.T) {
				s := &config.Settings{Data: t.TempDir(), DatabaseURL: url(t), Addr: "127.0.0.1:0", LettersPerMinute: 6, LogFormat: "text", CheckDomains: "off"}
				must(t, s.Check())
				db, err := openDatabase(t.Context(), s, store.Options{})
				must(t, err, action.NoteBegin(t.Context(), db))
				must(t, os.MkdirAll(s.KeyDir, 0o700))
				vault, err := openVault(s, db)
				must(t, err)
				keys(t, vault, s.RootKeyFile)
				must(t, db.Close())

				x, err := makeSite(t.Context(), s, io.Discard)
				must(t, err)
				var said strings.Builder
				must(t, x.loadStarter(t.Context(), &terminal{&said, io.Discard}), x.close())
				if !strings.Contains(said.String(), "loaded the starter issue") {
					t.Errorf("said %q", said.String())
				}
			})
		}
	}
}

func TestCommandMakesNoTablesInAnEmptyPostgreSQL(t *testing.T) {
	url := testenv.Postgres(t)
	data := filepath.Join(t.TempDir(), "data")
	said, err := exec.Command("undersigned", "doctor", "--data", data, "--database-url", url).CombinedOutput()
	if err == nil || string(said) != "undersigned: there is no site in the database: give --database-url, or the settings of the service\n" {
		t.Errorf("%v: %s", err, said)
	}
	db, err := sql.Open("pgx", url)
	must(t, err)
	defer db.Close()
	if n := number(t, db, "select count(*) from information_schema.tables where table_schema = 'public'"); n != 0 {
		t.Errorf("%d tables were made", n)
	}
	if _, err := os.Stat(data); err == nil {
		t.Error("a data folder was made")
	}
}

// TestFromSQLiteToPostgreSQL goes the way of docs/operations.md, and the one that it warns of.
func TestFromSQLiteToPostgreSQL(t *testing.T) {
	t.Parallel()
	url := testenv.Postgres(t)
	mails := newMailServer(t)
	p := newProgram(t, "--smtp-url", mails.url())
	p.start()
	p.sign(t, petition, "reader@gmail.com")
	p.press(t, mails.next("a mail").link)
	eventually(t, "it is in the public log", func() bool { return verifyLog(t, p.visitor).Counted == 1 })
	published := head(t, p)
	p.terminate()

	identity, err := age.GenerateX25519Identity()
	must(t, err)
	key, file := filepath.Join(t.TempDir(), "key.txt"), filepath.Join(t.TempDir(), "move.age")
	must(t, os.WriteFile(key, []byte(identity.String()), 0o600))
	run := func(args ...string) (string, error) {
		said, err := exec.Command("undersigned", append(args, "--data", p.dir, "--addr", p.addr)...).CombinedOutput()
		return string(said), err
	}
	if said, err := run("backup", file, "--recipient", identity.Recipient().String()); err != nil {
		t.Fatal(said)
	}
	for _, begins := range [][]string{{"serve"}, {"keys", "init"}} {
		said, err := run(append(begins, "--database-url", url)...)
		if err == nil || !strings.Contains(said, "holds the embedded database of a site") {
			t.Errorf("%v on an empty PostgreSQL: %v: %s", begins, err, said)
		}
	}
	if said, err := run("restore", file, "--identity", key, "--database-url", url); err != nil {
		t.Fatal(said)
	}
	p.args = append(p.args, "--database-url", url)
	p.start()
	if n := countOn(t, p); n != 1 {
		t.Errorf("%d are counted", n)
	}
	if now := head(t, p); now != published {
		t.Errorf("the public log was\n%s\nand is\n%s", published, now)
	}
	verifyLog(t, p.visitor)
	p.terminate()
	p.wantNoErrors()
}

// head is the name, the size and the root of the public log, and who signs it.
func head(t *testing.T, p *program) string {
	t.Helper()
	lines := strings.SplitN(p.mustGet(t, "/log/checkpoint").body, "\n", 4)
	return strings.Join(lines[:3], "\n") + "\n" + p.mustGet(t, "/log/policy").body
}
