package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// dialect is all that differs between the two engines.
type dialect struct {
	name      string
	goose     goose.Dialect
	begin     string // of a write
	beginView string // of a read that sees one moment
	skip      string // ends a sub-select that claims rows, so that two nodes do not wait for each other
	once      string // before that sub-select as a common table: it runs once, whatever the planner makes of it
	tables    string // lists our tables by name
	texts     string // lists the columns of table $1 that hold text
	size      string // measures the database, in bytes
	unsafe    string // tells whether the server syncs nothing, and how many follow it where no commit waits for any
	columns   string // lists the columns of table $1, and the place of each in the primary key, 0 where it has none
	// full tells that the disk is full; broken that what was written may not be on the disk, after which nothing this
	// process says of it can be believed.
	full   func(error) bool
	broken func(error) bool
	// patience is how long a write, or the beginning or end of a read, may take before the server counts as gone: one that is
	// frozen, or behind a cut cable, says nothing at all. 0 where the engine is in this process.
	patience time.Duration
	// share keeps a selected row from being locked until the transaction ends, and lock locks it, once those who share it
	// are done. Neither is in the way of updates.
	share, lock string
	// standby tells that this server takes no writes: another is the primary, or this one not yet.
	standby func(error) bool
	// again tells that the engine chose this transaction to lose against another node's: running it anew is right.
	again func(error) bool
}

var sqliteDialect = &dialect{
	name:      "sqlite",
	goose:     goose.DialectSQLite3,
	begin:     "begin immediate",
	beginView: "begin deferred",
	size:      "select page_count * page_size from pragma_page_count, pragma_page_size",
	unsafe:    "select false, 0",
	tables:    "select name from pragma_table_list where schema = 'main' and type = 'table' and name not like 'sqlite_%' order by name",
	texts:     "select name from pragma_table_info($1) where lower(type) like 'text%' order by cid",
	columns:   "select name, pk from pragma_table_info($1) order by cid",
	full:      sqliteFull,
	broken:    func(err error) bool { return sqliteCode(err)&0xff == sqlite3.SQLITE_IOERR && !sqliteFull(err) },
	standby:   func(err error) bool { return false },
	again:     func(err error) bool { return false },
}

var postgresDialect = &dialect{
	name:      "postgres",
	goose:     goose.DialectPostgres,
	begin:     "begin",
	beginView: "begin isolation level repeatable read read only",
	size:      "select pg_database_size(current_database())",
	unsafe: `select 'off' in (current_setting('fsync'), current_setting('full_page_writes')),
		case current_setting('synchronous_standby_names') when '' then (select count(*) from pg_stat_replication) else 0 end`,
	skip:     " for update skip locked",
	once:     "materialized ",
	share:    " for key share",
	lock:     " for update",
	patience: 18 * time.Second,
	tables: `select table_name::text collate "C" from information_schema.tables
		where table_schema = current_schema() and table_type = 'BASE TABLE' order by 1`,
	texts: `select column_name::text from information_schema.columns
		where table_schema = current_schema() and table_name = $1 and data_type = 'text' order by ordinal_position`,
	columns: `select c.column_name::text, coalesce(k.ordinal_position, 0)::bigint from information_schema.columns c
		left join information_schema.table_constraints p on p.table_schema = c.table_schema and p.table_name = c.table_name
			and p.constraint_type = 'PRIMARY KEY'
		left join information_schema.key_column_usage k on k.constraint_schema = p.constraint_schema
			and k.constraint_name = p.constraint_name and k.table_name = c.table_name and k.column_name = c.column_name
		where c.table_schema = current_schema() and c.table_name = $1 and c.is_generated = 'NEVER' order by c.ordinal_position`,
	full:    func(err error) bool { return pgCode(err) == "53100" },
	broken:  func(err error) bool { return false },
	standby: func(err error) bool { return pgCode(err) == "25006" },
	again:   func(err error) bool { c := pgCode(err); return c == "40P01" || c == "40001" },
}

// sqliteFull tells that there was no room, also for the index of a log that grows.
func sqliteFull(err error) bool {
	code := sqliteCode(err)
	return code&0xff == sqlite3.SQLITE_FULL || code == sqlite3.SQLITE_IOERR_SHMSIZE
}

// overQuota tells that a write has failed for want of room although SQLite takes the disk to have failed: it knows of no quotas.
// The data folder is asked, with as much as a page and its index may take.
func (db *DB) overQuota(err error) bool {
	if sqliteCode(err) != sqlite3.SQLITE_IOERR_WRITE {
		return false
	}
	probe, err := os.CreateTemp(db.dir, ".writable-*")
	if err == nil {
		_, err = probe.WriteAt(make([]byte, 64<<10), 0)
		err = cmp.Or(err, probe.Sync(), probe.Close(), os.Remove(probe.Name()))
	}
	return errors.Is(err, syscall.EDQUOT)
}

func sqliteCode(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code()
	}
	return 0
}

func pgCode(err error) string {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// minSQLite is the first release without the race that could lose a commit when the WAL is reset.
const minSQLite = "3.51.3"

const sqliteFile = "undersigned.db"

// Embedded tells whether a folder has an embedded database.
func Embedded(dir string) (bool, error) {
	_, err := os.Stat(filepath.Join(dir, sqliteFile))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look into the data folder: %w", err)
	}
	return true, nil
}

// openSQLite opens one pool that writes, and one that cannot.
func openSQLite(dir string) (write, read *sql.DB, err error) {
	name := filepath.Join(dir, sqliteFile)
	// SQLite would make it for all users to read, and gives its companions the same mode. One that is there is not
	// opened: closing it would let go of every lock that this process has on it.
	if made, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600); err == nil {
		made.Close()
	} else if !errors.Is(err, fs.ErrExist) {
		return nil, nil, fmt.Errorf("open the database: %w", err)
	}
	file := url.URL{Scheme: "file", Opaque: (&url.URL{Path: filepath.ToSlash(name)}).EscapedPath()}
	const pragmas = "_pragma=busy_timeout(10000)&_pragma=journal_mode(wal)&_pragma=synchronous(full)&_pragma=foreign_keys(on)&_pragma=temp_store(memory)"
	// The checkpointer does what SQLite would do by itself. A log that had to grow beside a long backup is cut to 256 MB after it.
	// The pages of a crowd's commit fit into 8 MB: what did not would be logged twice, and read between to be summed up anew.
	const writing = "&_pragma=secure_delete(on)&_pragma=wal_autocheckpoint(0)&_pragma=journal_size_limit(268435456)&_pragma=cache_size(-8192)"
	write, err = sql.Open("sqlite", file.String()+"?"+pragmas+writing)
	if err != nil {
		return nil, nil, err
	}
	write.SetMaxOpenConns(3) // the writer's own, the checkpointer's, and one for migrations and backups
	if err := checkSQLite(write); err != nil {
		return nil, nil, errors.Join(err, write.Close())
	}
	read, err = sql.Open("sqlite", file.String()+"?"+pragmas+"&_pragma=query_only(on)")
	if err != nil {
		return nil, nil, errors.Join(err, write.Close())
	}
	read.SetMaxOpenConns(16)
	read.SetMaxIdleConns(16)
	return write, read, nil
}

// checkSQLite refuses an engine that could lose what it acknowledged.
func checkSQLite(db *sql.DB) error {
	var version string
	var synchronous int
	if err := db.QueryRow("select sqlite_version()").Scan(&version); err != nil {
		return fmt.Errorf("open the database: %w", err)
	}
	if err := db.QueryRow("pragma synchronous").Scan(&synchronous); err != nil {
		return fmt.Errorf("open the database: %w", err)
	}
	if olderVersion(version, minSQLite) {
		return fmt.Errorf("SQLite %s is older than %s, which can lose a commit", version, minSQLite)
	}
	if synchronous != 2 {
		return fmt.Errorf("SQLite runs with synchronous=%d, not 2 (FULL)", synchronous)
	}
	return nil
}

func olderVersion(a, b string) bool {
	var x, y [3]int
	fmt.Sscanf(a, "%d.%d.%d", &x[0], &x[1], &x[2])
	fmt.Sscanf(b, "%d.%d.%d", &y[0], &y[1], &y[2])
	for i := range x {
		if x[i] != y[i] {
			return x[i] < y[i]
		}
	}
	return false
}

// lostAfter is how long PostgreSQL may take to open a connection or to answer the simplest question, how long a silent one is
// taken to live, and how long PostgreSQL itself waits for a node that is silent in the middle of a transaction and may be
// frozen. Who waits for a lock waits half as long: a change of the schema that waits for a backup to end makes all others wait
// behind it.
const lostAfter = 10 * time.Second

func openPostgres(dsn string) (write, read *sql.DB, err error) {
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, nil, fmt.Errorf("read the database URL: %s", withoutPassword(err.Error()))
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = lostAfter
	}
	dialer := &net.Dialer{Timeout: config.ConnectTimeout,
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: lostAfter / 2, Interval: lostAfter / 10, Count: 5}}
	config.DialFunc = dialer.DialContext
	if config.ValidateConnect == nil { // a proxy may take a server for the primary that is not yet, or not any more
		config.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsReadWrite
	}
	writing := config.Copy()
	writing.RuntimeParams["idle_in_transaction_session_timeout"] = milliseconds(lostAfter)
	writing.RuntimeParams["lock_timeout"] = milliseconds(lostAfter / 2)
	writing.RuntimeParams["synchronous_commit"] = "on" // whatever the server's own settings say
	write = stdlib.OpenDB(*writing, stdlib.OptionBeforeConnect(cancelNothing))
	write.SetMaxOpenConns(5) // the writer, the locks of the keyring and the sequencer, migrations
	read = stdlib.OpenDB(*config)
	read.SetMaxOpenConns(16)
	read.SetMaxIdleConns(16)
	return write, read, nil
}

// cancelNothing keeps a connection that is given up from asking the server to cancel what it does. A commit that waits for its
// standby would end, and everybody could read what is on one machine alone: somebody who presses a button again would be told
// that they are counted, and a failover lose it.
func cancelNothing(_ context.Context, config *pgx.ConnConfig) error {
	var connected atomic.Bool
	dial := config.DialFunc
	config.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		if connected.Load() {
			return nil, errors.New("nothing is cancelled")
		}
		return dial(ctx, network, address)
	}
	config.AfterConnect = func(context.Context, *pgconn.PgConn) error { connected.Store(true); return nil }
	return nil
}

func milliseconds(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

// withoutPassword keeps a URL's password out of what is printed.
func withoutPassword(s string) string {
	i := strings.Index(s, "://")
	if i < 0 {
		return s
	}
	rest := s[i+3:]
	at := strings.LastIndex(rest, "@")
	colon := strings.Index(rest, ":")
	if at < 0 || colon < 0 || colon > at {
		return s
	}
	return s[:i+3] + rest[:colon] + ":***" + rest[at:]
}
