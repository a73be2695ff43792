package main

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/undersigned/undersigned/internal/store"
)

// threeNodes are one site behind a proxy that its nodes trust.
func threeNodes(t *testing.T, mails *mailServer) (b *balancer, args []string) {
	args = append(nodeArgs(t, mails), "--trusted-proxies", "127.0.0.1", "--drain-delay", "1")
	var nodes []*program
	for range 3 {
		p := newProgram(t, args...)
		p.start()
		nodes = append(nodes, p)
	}
	return newBalancer(t, nodes...), args
}

func TestThreeNodesAgreeAndARollingRestartLosesNoRequest(t *testing.T) {
	t.Parallel()
	mails := newMailServer(t)
	b, args := threeNodes(t, mails)
	people := newCrowd(b.asProgram(t), mails) // to whom any answer but the right one is a failure
	stop := people.gather(4)
	people.hear(300)
	for i, p := range b.nodes {
		p.terminate()
		people.hear(100)
		p.start()
		eventually(t, "the node is ready again", b.ready[i].Load)
		people.hear(100)
	}
	stop()
	people.settle(waitingJobs(t, b.nodes[0], store.Options{URL: args[1]}))
	people.check()
	want := len(people.confirmed) - len(people.left)
	checkpoint := b.nodes[0].mustGet(t, "/log/checkpoint").body
	for i, p := range b.nodes {
		eventually(t, "every node says the same number and the same log", func() bool {
			return countOn(t, p) == want && p.mustGet(t, "/log/checkpoint").body == checkpoint
		})
		if n := b.taken[i].Load(); n < 100 {
			t.Errorf("node %d had %d requests", i, n)
		}
		p.wantNoErrors()
	}
}

// TestLimitsByAddressAreOneWhereTheProxyGivesAnAddressToOneNode: the buckets are each node's own, in memory.
func TestLimitsByAddressAreOneWhereTheProxyGivesAnAddressToOneNode(t *testing.T) {
	t.Parallel()
	mails := newMailServer(t)
	b, _ := threeNodes(t, mails)
	form := b.form(t, petition, "")
	var taken, waits int
	for i := range 30 {
		form.Set("email", fmt.Sprintf("reader%d@gmail.com", i))
		a, err := b.do(http.MethodPost, petition, form.Encode(), "X-Test-Address", "203.0.113.7")
		must(t, err)
		switch a.status {
		case http.StatusSeeOther:
			taken++
		case http.StatusTooManyRequests:
			waits++
		}
	}
	if taken < 20 || taken > 21 || taken+waits != 30 {
		t.Errorf("of 30 forms from one address %d were taken and %d asked to wait", taken, waits)
	}
	// What is in the database is the site's, whatever node somebody comes to: three mails to one address.
	form.Set("email", "victim@gmail.com")
	for range 9 {
		if a, err := b.post(petition, form); err != nil || a.status != http.StatusSeeOther {
			t.Fatalf("sign: %+v %v", a, err)
		}
	}
	b.sign(t, petition, "last@gmail.com")
	got := map[string]int{}
	for range taken + 4 {
		got[mails.next("a mail").to]++
	}
	if got["victim@gmail.com"] != 3 || got["last@gmail.com"] != 1 {
		t.Errorf("mails by address: %v", got)
	}
}

// TestFrozenNodeKeepsNothingToItself freezes the node that sequences: another takes over, and the first one, thawed, has
// nothing to add.
func TestFrozenNodeKeepsNothingToItself(t *testing.T) {
	t.Parallel()
	mails := newMailServer(t)
	args := nodeArgs(t, mails)
	a, b := newProgram(t, args...), newProgram(t, args...)
	a.start()
	signed := func(on *program, n int) {
		t.Helper()
		on.sign(t, petition, fmt.Sprintf("reader%d@gmail.com", n))
		on.press(t, mails.next("a mail").link)
	}
	signed(a, 1)
	eventually(t, "the first node counts", func() bool { return countOn(t, a) == 1 })
	b.start()
	must(t, a.cmd.Process.Signal(syscall.SIGSTOP))
	signed(b, 2)
	t.Logf("another node went on with the log after %v", eventually(t, "the other node counts", func() bool { return countOn(t, b) == 2 }))
	must(t, a.cmd.Process.Signal(syscall.SIGCONT))
	signed(a, 3)
	eventually(t, "all are counted on both", func() bool { return countOn(t, a) == 3 && countOn(t, b) == 3 })
	if counts := verifyLog(t, a.visitor); counts.Counted != 3 {
		t.Errorf("the log says %+v", counts)
	}
	a.terminate()
	b.terminate()
	a.wantNoErrors()
	b.wantNoErrors()
}

// newerProgram builds this program with one more migration than it has: what the next release will be.
func newerProgram(t *testing.T) (binary string) {
	t.Helper()
	dir := t.TempDir()
	root, err := filepath.Abs("../..")
	must(t, err)
	migration := filepath.Join(dir, "9000_newer.sql")
	must(t, os.WriteFile(migration, []byte(`-- +goose Up
alter table signature add column newer text;
alter table job add column newer bigint not null default 0;
alter table site add column newer bigint not null default 0;
create table newer (id bigint not null primary key);
`), 0o600))
	replace := func(engine string) string {
		return fmt.Sprintf("%q: %q", filepath.Join(root, "internal/store/schema", engine, "9000_newer.sql"), migration)
	}
	overlay := filepath.Join(dir, "overlay.json")
	must(t, os.WriteFile(overlay, []byte(`{"Replace": {`+replace("sqlite")+", "+replace("postgres")+"}}"), 0o600))
	binary = filepath.Join(dir, "newer")
	cmd := exec.Command("go", "build", "-overlay", overlay, "-o", binary, "./cmd/undersigned")
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build a newer program: %v\n%s", err, out)
	}
	return binary
}

// TestOlderNodesGoOnBesideANewerOneThatHasChangedTheSchema is an upgrade, one node after the other, under load.
func TestOlderNodesGoOnBesideANewerOneThatHasChangedTheSchema(t *testing.T) {
	t.Parallel()
	newer := newerProgram(t)
	mails := newMailServer(t)
	b, args := threeNodes(t, mails)
	people := newCrowd(b.asProgram(t), mails)
	stop := people.gather(4)
	people.hear(100)
	for i, p := range b.nodes {
		p.terminate()
		if i == 1 { // by mistake, the older program once more
			out, err := exec.Command("undersigned", p.args...).CombinedOutput()
			if err == nil || !strings.Contains(string(out), "use the newer program") {
				t.Errorf("the older program opens a database that the newer one has changed: %v\n%s", err, out)
			}
		}
		p.binary = newer
		p.start()
		eventually(t, "the new node is ready", b.ready[i].Load)
		people.hear(200) // with older ones beside it, until the last
	}
	stop()
	people.settle(waitingJobs(t, b.nodes[0], store.Options{URL: args[1]}))
	people.check()
	for _, p := range b.nodes {
		p.wantNoErrors()
	}
}
