package main

import (
	"bufio"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/internal/store/storetest"
	"github.com/undersigned/undersigned/internal/testenv"
)

// crashes is the seed of the moments at which the program is killed, in things that people were told meanwhile.
const crashes = 112

func TestKilledAgainAndAgainOnSQLiteItLosesNothingThatItAcknowledged(t *testing.T) {
	t.Parallel()
	mails := newMailServer(t)
	p := newProgram(t, "--smtp-url", mails.url())
	killUnderLoad(t, p, mails, kills, store.Options{Dir: p.dir})
}

func TestKilledAgainAndAgainOnPostgreSQLItLosesNothingThatItAcknowledged(t *testing.T) {
	t.Parallel()
	url := testenv.Postgres(t)
	mails := newMailServer(t)
	p := newProgram(t, "--smtp-url", mails.url(), "--database-url", url)
	killUnderLoad(t, p, mails, postgresKills, store.Options{URL: url})
}

func TestCutOffFromPostgreSQLItLosesNothingThatItAcknowledged(t *testing.T) {
	t.Parallel()
	url := testenv.Postgres(t)
	mails := newMailServer(t)
	p := newProgram(t, "--smtp-url", mails.url(), "--database-url", url)
	p.start()
	db, err := sql.Open("pgx", url)
	must(t, err)
	defer db.Close()
	people := newCrowd(p, mails)
	people.cut = true
	moment := rand.New(rand.NewPCG(crashes, 1))
	stop := people.gather(3)
	for range 5 {
		people.hear(20 + moment.IntN(150))
		_, err := db.Exec("select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database()")
		must(t, err)
	}
	people.hear(100)
	stop()
	p.terminate()
	reclaim(t, store.Options{URL: url})
	p.start()
	people.settle(waitingJobs(t, p, store.Options{URL: url}))
	people.check()
}

func killUnderLoad(t *testing.T, p *program, mails *mailServer, kills int, where store.Options) {
	p.start()
	people := newCrowd(p, mails)
	moment := rand.New(rand.NewPCG(crashes, 0))
	var longest time.Duration
	for range kills {
		stop := people.gather(3)
		people.hear(20 + moment.IntN(mostPerKill))
		p.kill()
		stop()
		if where.URL != "" {
			reclaim(t, where)
		}
		longest = max(longest, p.start())
	}
	t.Logf("the site was open again after %v at most", longest)
	finish(t, p, people, where)
}

// reclaim lets the leases of a process that was killed run out: elsewhere than on SQLite another process could hold them,
// so that nobody takes them over for three minutes.
func reclaim(t *testing.T, where store.Options) {
	t.Helper()
	db, err := store.Open(t.Context(), where)
	must(t, err)
	must(t, db.Update(t.Context(), store.Jobs, func(tx *store.Tx) error { return tx.Reclaim("mail") }), db.Close())
}

// finish lets people finish, compares what they were told with what the site says, ends it, and counts the rows.
func finish(t *testing.T, p *program, people *crowd, where store.Options) {
	t.Helper()
	people.settle(waitingJobs(t, p, where))
	people.check()
	vkey := strings.TrimSpace(p.mustGet(t, "/log/vkey").body)
	p.terminate()
	p.wantNoErrors()
	people.checkRows(storetest.Open(t, where), vkey)
}

// waitingJobs counts the mails that are still to be sent.
func waitingJobs(t *testing.T, p *program, where store.Options) func() int64 {
	t.Helper()
	rows := p.rows()
	if where.URL != "" {
		var err error
		rows, err = sql.Open("pgx", where.URL)
		must(t, err)
		t.Cleanup(func() { rows.Close() })
	}
	return func() int64 { return number(t, rows, "select count(*) from job") }
}

func TestToldToEndUnderLoadItLosesNothingThatItAcknowledged(t *testing.T) {
	t.Parallel()
	mails := newMailServer(t)
	p := newProgram(t, "--smtp-url", mails.url())
	p.start()
	people := newCrowd(p, mails)
	stop := people.gather(4)
	people.hear(600)
	p.terminate()
	stop()
	p.start()
	finish(t, p, people, store.Options{Dir: p.dir})
}

func TestToldToEndItAnswersWhatItHasBegun(t *testing.T) {
	t.Parallel()
	mails := newMailServer(t)
	p := newProgram(t, "--smtp-url", mails.url())
	p.start()
	form := p.form(t, petition, "last@mail.example").Encode()

	conn, err := net.Dial("tcp", p.addr)
	must(t, err)
	defer conn.Close()
	must(t, conn.SetDeadline(time.Now().Add(patience)))
	fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n",
		petition, p.addr, len(form))
	answers := bufio.NewReader(conn)
	if line, err := answers.ReadString('\n'); err != nil || !strings.Contains(line, "100 Continue") { // now it reads the form
		t.Fatalf("%q %v", line, err)
	}
	if _, err := answers.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	must(t, p.cmd.Process.Signal(syscall.SIGTERM))
	eventually(t, "nobody is let in any more", func() bool {
		other, err := net.Dial("tcp", p.addr)
		if err == nil {
			other.Close()
		}
		return err != nil
	})
	fmt.Fprint(conn, form)
	response, err := http.ReadResponse(answers, nil)
	must(t, err)
	if response.StatusCode != http.StatusSeeOther {
		t.Errorf("the last form was answered %d", response.StatusCode)
	}
	must(t, p.wait())
	p.start()
	if l := mails.next("the last form's mail"); l.to != "last@mail.example" {
		t.Errorf("a mail to %s", l.to)
	}
}
