package testenv

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
)

// Postgres returns the postgres:// URL of an empty database for this test alone.
// It is dropped when the test ends.
func Postgres(t testing.TB) string {
	t.Helper()
	return PostgresClone(t, "template0", nil)
}

// PostgresClone is Postgres with a database that is a copy of a template. The
// first test that names a template makes it: prepare gets the URL of an empty
// database, fills it and closes its connections. Copying takes 50 ms.
func PostgresClone(t testing.TB, template string, prepare func(url string) error) string {
	t.Helper()
	need(t, PartPostgres)
	c, err := startCluster()
	if err != nil {
		t.Fatalf("start PostgreSQL: %v", err)
	}
	if prepare != nil {
		if err := c.prepare(template, prepare); err != nil {
			t.Fatalf("make the template database %s: %v", template, err)
		}
	}
	name, err := c.create(template)
	if err != nil {
		t.Fatalf("copy the template database %s: %v", template, err)
	}
	t.Cleanup(func() {
		// with (force): a failed test may have left connections open.
		if err := c.psql(`drop database "` + name + `" with (force)`); err != nil {
			t.Errorf("drop the test's database: %v", err)
		}
	})
	return c.url(name)
}

// A cluster is a throw-away PostgreSQL server, one for each test process. It
// listens on a unix socket in its own folder and on nothing else.
type cluster struct {
	dir string
	bin string

	mu        sync.Mutex
	databases int
	templates map[string]error
}

// startCluster starts the process's cluster, once. It takes about 1.5 s.
//
// fsync is off and every client is trusted: the data lives as long as the
// tests. The default collation is ICU's English rather than "C", as on a real
// server: a query that forgets to say collate "C" is then seen to sort
// otherwise than SQLite. This needs PostgreSQL 15.
var startCluster = sync.OnceValues(func() (*cluster, error) {
	owner, err := serverUser()
	if err != nil {
		return nil, err
	}
	dir, err := keptDir("postgres", owner)
	if err != nil {
		return nil, err
	}
	const start = `
{
	"$PGBIN/initdb" -D data -U postgres --auth=trust --encoding=UTF8 --locale=C \
		--locale-provider=icu --icu-locale=en-US --wal-segsize=1 --no-sync &&
	"$PGBIN/pg_ctl" -D data -w -l log start -o "-k '$KEPT' -c listen_addresses= \
		-c fsync=off -c full_page_writes=off -c max_connections=200"
} >start.log 2>&1 || { cat start.log log; exec rm -rf "$KEPT"; }
echo ready "$KEPT"`
	const stop = `"$PGBIN/pg_ctl" -D data -m immediate stop >/dev/null 2>&1`
	c := &cluster{dir: dir, bin: serverBin(), templates: make(map[string]error)}
	_, err = keep(dir, owner, start, stop, "PGBIN="+c.bin)
	return c, err
})

// prepare makes the template database, unless an earlier test did.
func (c *cluster) prepare(template string, fill func(url string) error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	err, done := c.templates[template]
	if !done {
		err = c.psql(`create database "` + template + `" template template0`)
		if err == nil {
			err = fill(c.url(template))
		}
		c.templates[template] = err
	}
	return err
}

// create makes a copy of the template under a new name. Copying files is twice
// as fast here as PostgreSQL's default, copying through the log.
func (c *cluster) create(template string) (string, error) {
	c.mu.Lock()
	c.databases++
	name := fmt.Sprintf("test%d", c.databases)
	c.mu.Unlock()
	return name, c.psql(`create database "` + name + `" template "` + template + `" strategy file_copy`)
}

func (c *cluster) url(database string) string {
	return "postgres://postgres@/" + database + "?host=" + c.dir + "&sslmode=disable"
}

// psql runs one statement as the server's superuser.
func (c *cluster) psql(statement string) error {
	cmd := exec.Command(filepath.Join(c.bin, "psql"),
		"-X", "-q", "-h", c.dir, "-p", "5432", "-U", "postgres", "-d", "postgres", "-c", statement)
	cmd.Env = []string{"LC_ALL=C"} // nothing of the developer's PG… variables
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}

// serverUser returns whom the server runs as: the present user, except that
// initdb and postgres refuse to run as root, where it is user postgres.
func serverUser() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	return credential("postgres")
}

// serverBin returns the folder of PostgreSQL's programs, "" where there is
// none. Debian keeps initdb out of PATH, in a folder for each version; the last
// one is the newest.
func serverBin() string {
	paths, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(paths) > 0 {
		return filepath.Dir(paths[len(paths)-1])
	}
	path, err := exec.LookPath("initdb")
	if err != nil {
		return ""
	}
	return filepath.Dir(path)
}

func missingPostgres() string {
	if serverBin() == "" {
		return "PostgreSQL's initdb is nowhere to be found; `make setup` installs it."
	}
	if _, err := serverUser(); err != nil {
		return "PostgreSQL does not run as root, and there is no user postgres to run it as."
	}
	return ""
}
