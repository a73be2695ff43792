//go:build failover && linux

// What needs root, Patroni, etcd and HAProxy: `make failover`.

package main

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/undersigned/undersigned/internal/store"
)

func init() { patience = 5 * time.Minute }

// siteOn opens three nodes on a cluster, behind HAProxy as docs/operations.md has it.
func siteOn(t *testing.T, c *cluster, mails *mailServer) (front *program, nodes []*program) {
	args := []string{"--database-url", c.url(), "--root-key-file", filepath.Join(t.TempDir(), "root.key"),
		"--base-url", "http://localhost", "--smtp-url", mails.url(), "--drain-delay", "5"}
	front = &program{t: t, visitor: newVisitor(fmt.Sprintf("127.0.0.1:%d", freePort(t)))}
	config := fmt.Sprintf(`
defaults
	mode http
	timeout connect 3s
	timeout client 60s
	timeout server 60s
listen undersigned
	bind %s
	http-request del-header Forwarded
	option forwardfor
	option httpchk
	http-check send meth GET uri /readyz
	http-check expect status 200
	default-server check inter 1s fall 2 rise 1
`, front.addr)
	for i := range 3 {
		p := newProgram(t, args...)
		p.start()
		nodes = append(nodes, p)
		config += fmt.Sprintf("\tserver n%d %s\n", i, p.addr)
	}
	file := filepath.Join(t.TempDir(), "haproxy.cfg")
	must(t, os.WriteFile(file, []byte(config), 0o600))
	cmd := exec.Command("haproxy", "-db", "-f", file)
	must(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	must(t, waitForSite(front.addr, nil))
	return front, nodes
}

// TestDatabaseThatFailsOverLosesNothingThatWasAcknowledged signs, confirms and withdraws while the primary is killed, cut off
// and frozen, each with its return, and the standby that acknowledges killed; and while the nodes are restarted one by one.
func TestDatabaseThatFailsOverLosesNothingThatWasAcknowledged(t *testing.T) {
	o, known := settings[os.Getenv("SETTINGS")]
	if !known {
		t.Fatalf("no such settings: %q", os.Getenv("SETTINGS"))
	}
	c := newCluster(t, o)
	mails := newMailServer(t)
	site, nodes := siteOn(t, c, mails)
	out, err := exec.Command("undersigned", append([]string{"doctor"}, nodes[0].args[1:]...)...).CombinedOutput()
	if told := strings.Contains(string(out), "no commit waits for any"); err != nil || told != o.asynchronous {
		t.Errorf("doctor tells of standbys that are not waited for: %v, %v\n%s", told, err, out)
	}
	people := newCrowd(site, mails)
	people.cut, people.rest = true, 100*time.Millisecond
	stop := people.gather(8)
	people.hear(500)
	table := "\n| what happened | nobody was told anything for | and while it came back for | told to come again |\n| --- | --- | --- | --- |\n"
	for _, trial := range []struct {
		name      string
		end, mend func(*machine)
		standby   bool
	}{
		{name: "primary killed and started again", end: (*machine).kill, mend: (*machine).start},
		{name: "primary cut off and healed", end: (*machine).cut, mend: (*machine).heal},
		{name: "primary frozen and thawed", end: (*machine).freeze, mend: (*machine).thaw},
		{name: "standby killed and started again", end: (*machine).kill, mend: (*machine).start, standby: true},
		{name: "standbys cut off, primary killed, all returned", end: c.killAhead, mend: (*machine).start},
	} {
		if only := os.Getenv("ONLY"); only != "" && !strings.Contains(trial.name, only) {
			continue
		}
		c.healthy()
		people.hear(200)
		refused := people.refusals.Load()
		before, victim := c.leader(), c.leader()
		if trial.standby {
			victim = c.standby()
		}
		people.listen()
		trial.end(victim)
		if !trial.standby {
			eventually(t, "another database is the primary", func() bool { m := c.leader(); return m != nil && m != before })
		}
		people.hear(1000)
		gap := people.longestGap()
		people.listen()
		trial.mend(victim)
		c.healthy()
		people.hear(500)
		table += fmt.Sprintf("| %s | %.1f s | %.1f s | %d |\n", trial.name, gap.Seconds(), people.longestGap().Seconds(), people.refusals.Load()-refused)
	}
	refused := people.refusals.Load()
	people.listen()
	for _, p := range nodes {
		p.terminate()
		people.hear(200)
		p.start()
		people.hear(500)
	}
	again := people.refusals.Load() - refused
	if again > 0 {
		t.Errorf("while the nodes were restarted one by one, %d requests were lost", again)
	}
	table += fmt.Sprintf("| the three nodes restarted, one by one | %.1f s | | %d |\n", people.longestGap().Seconds(), again)
	stop()
	people.settle(waitingJobs(t, site, store.Options{URL: c.url()}))
	t.Logf("%s\n%d were told to check their mail, %d that they are counted, %d that they are not any more", table,
		len(people.signed), len(people.confirmed), len(people.left))
	if forms, counted, left := people.lost(); forms+counted+left > 0 {
		t.Fatalf("lost: %d that were told to check their mail, %d that are counted, %d that they are not any more", forms, counted, left)
	}
	people.check()
	stranger(t, site)
}

// stranger has a program that others wrote check the whole log.
func stranger(t *testing.T, site *program) {
	t.Helper()
	fsck := filepath.Join(t.TempDir(), "fsck")
	build := exec.Command("go", "build", "-o", fsck, "github.com/transparency-dev/tessera/cmd/fsck")
	build.Dir = "../../external"
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build fsck: %v\n%s", err, out)
	}
	key := filepath.Join(t.TempDir(), "vkey")
	must(t, os.WriteFile(key, []byte(strings.TrimSpace(site.mustGet(t, "/log/vkey").body)), 0o600))
	out, _ := exec.Command("timeout", "120", fsck, "-storage_url", "http://"+site.addr+"/log/", "-public_key", key, "-N", "8", "-ui=false", "-logtostderr").CombinedOutput()
	if !strings.Contains(string(out), "Successfully fsck'd") {
		t.Fatalf("fsck finds fault with the log:\n%s", out)
	}
	size := strings.Split(site.mustGet(t, "/log/checkpoint").body, "\n")[1]
	t.Logf("a log of %s entries, in which the fsck of github.com/transparency-dev/tessera finds no fault", size)
}

// listen forgets what was heard, and begins to look for gaps anew.
func (c *crowd) listen() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last, c.gap = time.Now(), 0
	for len(c.told) > 0 {
		<-c.told
	}
}

// longestGap is the longest time since listen in which nobody was told anything.
func (c *crowd) longestGap() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.gap
}

// lost presses every button once more and counts, by what they were told last, those of whom the site knows no more.
func (c *crowd) lost() (forms, counted, left int) {
	c.t.Helper()
	for email := range c.signed {
		if !c.confirmed[email] {
			forms++
		}
	}
	for _, l := range c.mails.all() {
		a, err := c.p.do(http.MethodPost, l.link, "")
		must(c.t, err)
		said, n := "confirm.already.title", &counted
		if c.left[l.to] {
			said, n = "confirm.withdrawn.title", &left
		}
		if a.status != http.StatusOK || !strings.Contains(a.body, english.T(said)) {
			*n++
		}
	}
	return forms, counted, left
}
