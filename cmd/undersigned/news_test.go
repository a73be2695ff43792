package main

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-msgauth/dkim"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/config"
	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/internal/testenv"
)

// Subscribers and kills of the tests below; `make torture` has a million of them, and measures the program's memory.
var (
	newsReaders         = 450
	postgresNewsReaders = 450
	newsKills           = 3
	newsMeasure         = func(*program) {}
)

// newsBatch is how many mails of an update may come twice after a crash.
const newsBatch = 100

const newsIssue = "immigration-detention"

// settings are those of a program that does not run.
func (p *program) settings() *config.Settings {
	p.t.Helper()
	s := &config.Settings{Data: p.dir, Addr: p.addr, LettersPerMinute: 6, LogFormat: "text", CheckDomains: "off", LinkCheck: "off"}
	for i, arg := range p.args {
		if arg == "--database-url" {
			s.DatabaseURL = p.args[i+1]
		}
	}
	must(p.t, s.Check())
	return s
}

// subscribes makes n people hear of the starter issue, each behind the link to what is theirs; the program does not run.
func (p *program) subscribes(n int) {
	p.t.Helper()
	x, err := openSite(p.t.Context(), p.settings(), io.Discard)
	must(p.t, err)
	defer x.close()
	ctx, consent := context.Background(), undersigned.Consent{Issue: newsIssue, Language: "en", Words: "Tell me."}
	ends := time.Now().Add(time.Hour)
	var all sync.WaitGroup
	next := make(chan int)
	for range 64 {
		all.Go(func() {
			for i := range next {
				c := consent
				if i%3 == 1 {
					c.Language = "es"
				}
				if err := x.actions.Subscribe(ctx, x.keys.SealLink("my", fmt.Appendf(nil, "reader%d@mail.example", i), ends), c); err != nil {
					p.t.Error(err)
				}
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	all.Wait()
}

// tells runs `undersigned news`.
func (p *program) tells(args ...string) string {
	p.t.Helper()
	args = append([]string{"news"}, args...)
	for i, arg := range p.args {
		if arg == "--data" || arg == "--database-url" || arg == "--addr" {
			args = append(args, arg, p.args[i+1])
		}
	}
	cmd := exec.Command(p.binary, args...)
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		p.t.Fatalf("undersigned %v: %v\n%s", args, err, said.String())
	}
	return strings.TrimSpace(out.String())
}

// writes begins an update.
func (p *program) writes() (id string) {
	p.t.Helper()
	dir := p.t.TempDir()
	en, es := filepath.Join(dir, "en.md"), filepath.Join(dir, "es.md")
	must(p.t, os.WriteFile(en, []byte("Subject: It moves\n\nThe bill is **here**: [look](/diary).\n"), 0o600),
		os.WriteFile(es, []byte("Subject: Avanza\n\nLa ley está **aquí**: [mire](/diary).\n"), 0o600))
	return p.tells("write", newsIssue, "en="+en, "es="+es)
}

// inbox counts mails by recipient and name, in little memory.
type inbox struct {
	mu  sync.Mutex
	got map[string]int
	ids map[string]string
	all int
	bad string
}

func (b *inbox) take(l letter) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.all++
	b.got[l.to]++
	if before, ok := b.ids[l.to]; ok && before != l.id {
		b.bad = "the same mail came under two names"
	}
	b.ids[l.to] = l.id
}

func (b *inbox) count() (all, different int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.all, len(b.got)
}

func TestKilledInTheMiddleOfAnUpdateNobodyIsSkippedAndOneBatchIsRepeatedAtMost(t *testing.T) {
	t.Parallel()
	killInTheMiddleOfAnUpdate(t, store.Options{}, newsReaders)
}

func TestKilledInTheMiddleOfAnUpdateOnPostgreSQLNobodyIsSkipped(t *testing.T) {
	t.Parallel()
	killInTheMiddleOfAnUpdate(t, store.Options{URL: testenv.Postgres(t)}, postgresNewsReaders)
}

func killInTheMiddleOfAnUpdate(t *testing.T, where store.Options, readers int) {
	mails := newMailServer(t)
	mails.forgets = true
	b := &inbox{got: map[string]int{}, ids: map[string]string{}}
	mails.text = func(l letter, _ net.Conn) error { b.take(l); return nil }
	args := []string{"--smtp-url", mails.url(), "--bounce-address", "bounces@mail.example"}
	if where.URL != "" {
		args = append(args, "--database-url", where.URL)
	}
	p := newProgram(t, args...)
	p.start()
	p.terminate()
	begun := time.Now()
	p.subscribes(readers)
	t.Logf("%d subscribed in %v", readers, time.Since(begun).Round(time.Second))
	p.start()
	id := p.writes()
	p.tells("send", id, "--without", "pt")
	for i := range newsKills {
		wait(t, "mails go out", func() bool { all, _ := b.count(); return all >= readers*(i+1)/(newsKills+1) })
		newsMeasure(p)
		p.kill()
		if where.URL != "" { // its lease runs out
			db, err := store.Open(t.Context(), where)
			must(t, err)
			must(t, db.Update(t.Context(), store.Jobs, func(tx *store.Tx) error { return tx.ReclaimUpdates() }), db.Close())
		}
		p.start()
	}
	db := p.rows()
	if where.URL != "" {
		var err error
		db, err = sql.Open("pgx", where.URL)
		must(t, err)
		defer db.Close()
	}
	wait(t, "the update is sent", func() bool { return number(t, db, "select count(*) from news where state = 'sent'") == 1 })
	newsMeasure(p)
	all, different := b.count()
	t.Logf("%d readers, %d kills: %d mails to %d of them in %v", readers, newsKills, all, different, time.Since(begun).Round(time.Second))
	if different != readers {
		t.Errorf("%d of %d were reached", different, readers)
	}
	if twice := all - different; twice > newsKills*newsBatch {
		t.Errorf("%d mails came twice", twice)
	}
	if b.bad != "" {
		t.Error(b.bad)
	}
	p.terminate()
	p.wantNoErrors()
}

// wait is eventually without its patience: what takes longer is for go test's own limit.
func wait(t *testing.T, what string, yes func() bool) {
	t.Helper()
	for !yes() {
		select {
		case <-time.After(50 * time.Millisecond):
		case <-t.Context().Done():
			t.Fatalf("waited in vain: %s", what)
		}
	}
}

func TestEveryMailOfARunningSiteIsSignedWhenThatIsSwitchedOn(t *testing.T) {
	t.Parallel()
	mails := newMailServer(t)
	p := newProgram(t, "--smtp-url", mails.url(), "--mail-from", "Us <hello@mail.example>")
	p.start()
	p.terminate()
	keys := exec.Command(p.binary, "keys", "dkim", "--data", p.dir, "--mail-from", "hello@mail.example")
	record, err := keys.Output()
	must(t, err)
	txt := strings.ReplaceAll(strings.ReplaceAll(string(record[bytes.IndexByte(record, '"')+1:bytes.LastIndexByte(record, '"')]), `" "`, ""), `"`, "")
	p.args = append(p.args, "--dkim")
	p.subscribes(2)
	p.start()
	must(t, first(func() error { _, err := p.post(petition, p.form(t, petition, "ana@mail.example")); return err }()))
	p.tells("send", p.writes(), "--without", "pt")
	for range 3 {
		l := mails.next("a mail")
		found, err := dkim.VerifyWithOptions(strings.NewReader(l.raw), &dkim.VerifyOptions{LookupTXT: func(string) ([]string, error) { return []string{txt}, nil }})
		if err != nil || len(found) != 1 || found[0].Err != nil || found[0].Domain != "mail.example" {
			t.Errorf("to %s: %+v %v", l.to, found, err)
		}
	}
	p.terminate()
	p.wantNoErrors()
}
