package main

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/undersigned/undersigned/internal/testenv"
)

// nodeArgs are the settings of nodes that are one site.
func nodeArgs(t *testing.T, mails *mailServer) []string {
	return []string{"--database-url", testenv.Postgres(t), "--root-key-file", filepath.Join(t.TempDir(), "root.key"),
		"--base-url", "http://localhost", "--smtp-url", mails.url()}
}

func TestTwoNodesOnOneDatabaseAreOneSite(t *testing.T) {
	t.Parallel()
	mails := newMailServer(t)
	args := nodeArgs(t, mails)
	a, b := newProgram(t, args...), newProgram(t, args...)
	a.start()
	b.start()

	t.Logf("content that was imported beside one node showed on the other after %v", changeTitle(t, a, b, args))

	counted := 0
	countMoves := func(on, shownOn *program) time.Duration {
		t.Helper()
		counted++
		on.sign(t, petition, fmt.Sprintf("reader%d@gmail.com", counted))
		page := on.press(t, mails.next("a mail from whichever node").link)
		if page.status != http.StatusOK || !strings.Contains(page.body, english.T("confirm.counted.title")) {
			t.Fatalf("confirm: %d", page.status)
		}
		return eventually(t, fmt.Sprintf("%d are counted", counted), func() bool { return countOn(t, shownOn) == counted })
	}
	t.Logf("a signature confirmed on one node was counted on the other after %v", countMoves(a, b))
	t.Logf("and the other way round after %v", countMoves(b, a))

	db, err := sql.Open("pgx", args[1])
	must(t, err)
	defer db.Close()
	sequencers := func() int64 { // the two halves are those of the advisory lock's number
		return number(t, db, `select count(*) from pg_locks where locktype = 'advisory' and granted and classid = 30062 and objid = 1684370036
			and database = (select oid from pg_database where datname = current_database())`)
	}
	if n := sequencers(); n != 1 {
		t.Errorf("%d nodes sequence the log", n)
	}
	a.terminate() // the first to start, it was the one that sequenced
	countMoves(b, b)
	a.start()
	b.kill()
	countMoves(a, a)
	if n := sequencers(); n != 1 {
		t.Errorf("%d nodes sequence the log", n)
	}
	if counts := verifyLog(t, a.visitor); counts.Counted != int64(counted) {
		t.Errorf("the log says %+v", counts)
	}
	a.terminate()
	a.wantNoErrors()
	b.wantNoErrors()
}

// changeTitle imports another title of the petition with the settings of one node, and says how long it took until the
// other showed it.
func changeTitle(t *testing.T, a, b *program, args []string) time.Duration {
	t.Helper()
	const title = "A title that nobody has read before"
	b.mustGet(t, petition) // so that it is kept ready there
	dir := filepath.Join(t.TempDir(), "pack")
	command := func(args ...string) {
		t.Helper()
		if out, err := exec.Command("undersigned", args...).CombinedOutput(); err != nil {
			t.Fatalf("undersigned %s: %v\n%s", args[0], err, out)
		}
	}
	command(append([]string{"export", dir, "--data", a.dir}, args...)...)
	file := filepath.Join(dir, "actions", filepath.Base(petition)+".md")
	text, err := os.ReadFile(file)
	must(t, err)
	old, ok := between(string(text), "title: ", "\n")
	if !ok {
		t.Fatalf("no title in %s", text)
	}
	must(t, os.WriteFile(file, []byte(strings.Replace(string(text), old, title, 1)), 0o600))
	command(append([]string{"import", dir, "--data", a.dir}, args...)...)
	return eventually(t, "the other node shows the new title", func() bool {
		return strings.Contains(b.mustGet(t, petition).body, title)
	})
}

func countOn(t *testing.T, p *program) int {
	t.Helper()
	var count struct {
		Count int `json:"count"`
	}
	must(t, json.Unmarshal([]byte(p.mustGet(t, petition+"/count.json").body), &count))
	return count.Count
}

func TestTwoNodesThatStartAtOnceOnAnEmptyDatabaseMakeOneSite(t *testing.T) {
	t.Parallel()
	mails := newMailServer(t)
	args := nodeArgs(t, mails)
	a, b := newProgram(t, args...), newProgram(t, args...)
	a.launch()
	b.launch()
	for i, p := range []*program{a, b} {
		must(t, waitForSite(p.addr, p.exited))
		p.sign(t, petition, fmt.Sprintf("reader%d@gmail.com", i))
	}
	for _, p := range []*program{a, b} {
		if page := p.press(t, mails.next("a mail of either node").link); page.status != http.StatusOK {
			t.Errorf("confirm: %d", page.status)
		}
	}
	eventually(t, "both are counted on both", func() bool { return countOn(t, a) == 2 && countOn(t, b) == 2 })
	verifyLog(t, b.visitor)
	a.terminate()
	b.terminate()
	a.wantNoErrors()
	b.wantNoErrors()
}
