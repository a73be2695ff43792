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
// database, fills it and closes its connections.
//
// Copying several hundred files is what takes long. So a test that passes and
// leaves the tables as they were made gives its copy back: its rows are
// deleted, those of the template are put in again, and another test has it.
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
	name, err := c.take(template)
	if err != nil {
		t.Fatalf("copy the template database %s: %v", template, err)
	}
	t.Cleanup(func() {
		if prepare != nil && !t.Failed() && c.giveBack(template, name) {
			return
		}
		// with (force): a failed test may have left connections open.
		if err := c.psql("postgres", `drop database "`+name+`" with (force)`); err != nil {
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
	free      map[string][]string // databases that are as their template, by its name
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
	c := &cluster{dir: dir, bin: serverBin(), templates: make(map[string]error), free: make(map[string][]string)}
	_, err = keep(dir, owner, start, stop, "PGBIN="+c.bin)
	return c, err
})

// prepare makes the template database, unless an earlier test did.
func (c *cluster) prepare(template string, fill func(url string) error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	err, done := c.templates[template]
	if !done {
		err = c.psql("postgres", `create database "`+template+`" template template0`)
		if err == nil {
			err = fill(c.url(template))
		}
		if err == nil {
			err = c.psql(template, remember)
		}
		c.templates[template] = err
	}
	return err
}

// remember keeps what the template's tables look like, and their rows.
const remember = `
create schema fresh;
create table fresh."the shape" as ` + shape + `;
do $$
declare t text; filled boolean;
begin
	for t in select tablename from pg_tables where schemaname = 'public' loop
		execute format('select exists (select 1 from public.%I)', t) into filled;
		if filled then execute format('create table fresh.%I as select * from public.%I', t, t); end if;
	end loop;
end $$`

const shape = `select string_agg(c.relname || ' ' || coalesce(a.attname, '') || ' ' || coalesce(a.atttypid::text, ''), ',' order by c.relname, a.attnum) as shape
	from pg_class c left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
	where c.relnamespace = 'public'::regnamespace`

// refresh makes a database as its template again; an error where a test has
// changed more than rows.
const refresh = `
select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid();
do $$
declare t text;
begin
	if (` + shape + `) is distinct from (select shape from fresh."the shape") then
		raise exception 'the tables are not as they were';
	end if;
	for t in select tablename from pg_tables where schemaname = 'public' loop
		execute format('delete from public.%I', t);
	end loop;
	for t in select tablename from pg_tables where schemaname = 'fresh' and tablename <> 'the shape' loop
		execute format('insert into public.%I select * from fresh.%I', t, t);
	end loop;
end $$`

// take gives a database that is as its template: one that was given back, or a
// new one.
func (c *cluster) take(template string) (string, error) {
	c.mu.Lock()
	if free := c.free[template]; len(free) > 0 {
		name := free[len(free)-1]
		c.free[template] = free[:len(free)-1]
		c.mu.Unlock()
		return name, nil
	}
	c.mu.Unlock()
	return c.create(template)
}

// giveBack makes a database ready for another test; false where it cannot be.
func (c *cluster) giveBack(template, name string) bool {
	if c.psql(name, refresh) != nil {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.free[template] = append(c.free[template], name)
	return true
}

// create makes a copy of the template under a new name. Copying files is twice
// as fast here as PostgreSQL's default, copying through the log.
func (c *cluster) create(template string) (string, error) {
	c.mu.Lock()
	c.databases++
	name := fmt.Sprintf("test%d", c.databases)
	c.mu.Unlock()
	return name, c.psql("postgres", `create database "`+name+`" template "`+template+`" strategy file_copy`)
}

func (c *cluster) url(database string) string {
	return "postgres://postgres@/" + database + "?host=" + c.dir + "&sslmode=disable"
}

// psql runs statements in a database, as the server's superuser.
func (c *cluster) psql(database, statements string) error {
	cmd := exec.Command(filepath.Join(c.bin, "psql"),
		"-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", c.dir, "-p", "5432", "-U", "postgres", "-d", database, "-c", statements)
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
