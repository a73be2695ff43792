package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"time"
)

// pocketBase starts PocketBase with so many records.
func (b *bench) pocketBase(ctx context.Context, records int) (s *server, err error) {
	binary := filepath.Join(b.dir, "pocketbase")
	if _, err := run(ctx, filepath.Join(b.root, "bench"), "go", "build", "-o", binary, "./pocketbase"); err != nil {
		return nil, err
	}
	if s, err = newServer("PocketBase"); err != nil {
		return nil, err
	}
	start := func() error { return s.start(ctx, binary, "serve", "--http="+s.addr, "--dir="+s.dir+"/data") }
	if err = start(); err == nil && records > 0 {
		s.halt()
		if err = fillPocketBase(ctx, filepath.Join(s.dir, "data", "data.db"), records); err == nil {
			err = start()
		}
	}
	if err != nil {
		s.stop()
		return nil, err
	}
	return s, nil
}

// fillPocketBase puts records into PocketBase's own file, as it would: by its API that would take a quarter of an hour.
func fillPocketBase(ctx context.Context, file string, records int) error {
	db, err := sql.Open("sqlite", "file:"+file+"?_pragma=synchronous(off)&_pragma=temp_store(memory)")
	if err != nil {
		return err
	}
	defer db.Close()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for _, collection := range []string{plain, once} {
		insert, err := tx.PrepareContext(ctx, "insert into "+collection+` (id, given_name, family_name, email, postal_code, country, comment, deliver)
			values (?, 'Maria', ?, ?, '02139', 'US', ?, 1)`)
		if err != nil {
			return err
		}
		for range records {
			n := scattered(int(next.Add(1)))
			if _, err := insert.ExecContext(ctx, strings.ToLower(rand.Text()[:15]), family(n), email(n), comment); err != nil {
				return err
			}
		}
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, "pragma wal_checkpoint(truncate)")
	return err
}

// The collections: of records, and of records whose address is taken once.
const (
	plain = "signatures"
	once  = "signatures_once"
)

// scattered gives each number another. People do not come in the order of their addresses, and an index of those that do would
// grow at its end alone.
func scattered(n int) int { return n * 61803399 % 100_000_000 }

// recording makes a record for each request.
func recording(s *server, collection, name, goal string) *contender {
	body := fmt.Sprintf(`{"given_name":"Maria","family_name":"%s","email":"%s","postal_code":"02139","country":"US","comment":"%s","deliver":true}`,
		family(0), email(0), comment)
	record := numbered(post(nil, s.addr, "/api/collections/"+collection+"/records", "application/json", body))
	return posting(name, goal, load{server: s, connections: callers, status: 200,
		request: func(b []byte, n int) []byte { return record(b, scattered(n)) }})
}

// listed is how fast all records come out of PocketBase, a thousand at a time, which is the most that it gives.
func listed(ctx context.Context, s *server, records int) (took time.Duration, err error) {
	begun := time.Now()
	for page, got := 1, 0; got < records; page++ {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("http://%s/api/collections/signatures/records?perPage=1000&skipTotal=1&sort=id&page=%d", s.addr, page), nil)
		if err != nil {
			return 0, err
		}
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			return 0, err
		}
		var list struct{ Items []json.RawMessage }
		err = json.NewDecoder(answer.Body).Decode(&list)
		answer.Body.Close()
		if err != nil || len(list.Items) == 0 {
			return 0, fmt.Errorf("list PocketBase's records: %d of %d came: %w", got, records, err)
		}
		got += len(list.Items)
	}
	return time.Since(begun), nil
}
