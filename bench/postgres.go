package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// postgres compares sending the form of a petition on PostgreSQL, whose settings are its defaults, with one commit for each
// request on the same. What the database itself takes is not in the processor time.
func (b *bench) postgres(ctx context.Context) error {
	db, err := b.openPostgres(ctx)
	if db != nil {
		defer db.stop()
	}
	if err != nil {
		return err
	}
	var all []*contender
	for _, v := range []struct {
		variant
		goal string
	}{{product, ""}, {oneEach, "postgres/one-commit-each"}} {
		name := fmt.Sprintf("site%d", len(all))
		if _, err := run(ctx, "", filepath.Join(postgresBin(), "createdb"), "-h", "127.0.0.1", "-p", port(db), "-U", "postgres", name); err != nil {
			return err
		}
		c, err := b.signer(ctx, v.variant, v.goal, "--database-url", "postgres://postgres@"+db.addr+"/"+name+"?sslmode=disable")
		if err != nil {
			return err
		}
		defer c.server.stop()
		all = append(all, c)
	}
	return b.compare(ctx, "sign, on PostgreSQL", all[0], all[1:]...)
}

// openPostgres starts a PostgreSQL of its own. It does not run as root.
func (b *bench) openPostgres(ctx context.Context) (*server, error) {
	s, err := newServer("PostgreSQL")
	if err != nil {
		return nil, err
	}
	s.child = &syscall.SysProcAttr{}
	if os.Geteuid() == 0 {
		owner, err := user.Lookup("postgres")
		if err != nil {
			return s, err
		}
		uid, _ := strconv.Atoi(owner.Uid)
		gid, _ := strconv.Atoi(owner.Gid)
		s.child.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		if err := os.Chown(s.dir, uid, gid); err != nil {
			return s, err
		}
	}
	data := filepath.Join(s.dir, "data")
	initdb := exec.CommandContext(ctx, filepath.Join(postgresBin(), "initdb"), "-D", data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C")
	initdb.Dir, initdb.SysProcAttr = s.dir, &syscall.SysProcAttr{Credential: s.child.Credential}
	if out, err := initdb.CombinedOutput(); err != nil {
		return s, fmt.Errorf("make a database: %w\n%s", err, out)
	}
	if err := s.start(ctx, filepath.Join(postgresBin(), "postgres"), "-D", data, "-h", "127.0.0.1", "-p", port(s), "-k", s.dir); err != nil {
		return s, err
	}
	for { // it listens before it is ready
		_, err := run(ctx, "", filepath.Join(postgresBin(), "pg_isready"), "-h", "127.0.0.1", "-p", port(s))
		if err == nil || ctx.Err() != nil {
			return s, ctx.Err()
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func port(s *server) string {
	_, port, _ := net.SplitHostPort(s.addr)
	return port
}

// postgresBin is the folder of PostgreSQL's programs; Debian keeps each version in one of its own, and the last is the newest.
func postgresBin() string {
	paths, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	if len(paths) > 0 {
		return paths[len(paths)-1]
	}
	path, _ := exec.LookPath("initdb")
	return filepath.Dir(path)
}
