//go:build failover && linux

package main

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A cluster is PostgreSQL on three machines under Patroni, etcd on three others, and HAProxy on one more, each machine a
// network namespace of this one. All sit on one bridge, on which this machine has an address too.
type cluster struct {
	t         *testing.T
	dir       string
	databases []*machine
	etcds     []*machine
	proxy     *machine

	acknowledging int // standbys that each commit waits for
}

// machine is a network namespace, with what runs in it.
type machine struct {
	t    *testing.T
	name string // of the namespace, and of the cable to the bridge
	addr string
	dir  string
	run  [][]string // what runs on it, in this order; as postgres where it begins with that word
}

const (
	bridge  = "us-failover"
	network = "10.77.0."
)

// clusterOptions are what a trial can have otherwise than it should be.
type clusterOptions struct {
	// asynchronous is a primary that waits for no standby, as Patroni has it where nobody says otherwise; local is one whose
	// synchronous_commit does not; loose is one that waits for none where there is none.
	asynchronous, local, loose bool
	// etcd3 has Patroni speak etcd's third API. Before Patroni 3.0.3 it then takes the leader's key back by overwriting it.
	etcd3               bool
	etcdBesideDatabases bool
}

// settings are the trials, by what SETTINGS calls them.
var settings = map[string]clusterOptions{
	"":             {},
	"asynchronous": {asynchronous: true},
	"local":        {local: true},
	"loose":        {loose: true},
	"etcd3":        {etcd3: true},
	"beside":       {etcdBesideDatabases: true},
	"beside-etcd3": {etcdBesideDatabases: true, etcd3: true},
}

func newCluster(t *testing.T, o clusterOptions) *cluster {
	t.Helper()
	if all, err := net.Interfaces(); err != nil || len(all) != 1 || os.Geteuid() != 0 {
		t.Fatal("this needs root and a network of its own: .ci/apart, as in `make failover`")
	}
	dir, err := os.MkdirTemp("", "undersigned-failover-*")
	must(t, err, os.Chmod(dir, 0o755))
	c := &cluster{t: t, dir: dir}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("what the machines said is below %s", dir)
			return
		}
		os.RemoveAll(dir)
	})
	command(t, "ip", "link", "add", bridge, "type", "bridge")
	command(t, "ip", "addr", "add", network+"1/24", "dev", bridge)
	command(t, "ip", "link", "set", bridge, "up")
	for i := range 3 {
		c.databases = append(c.databases, c.machine(fmt.Sprintf("us-db%d", i+1), 11+i))
	}
	c.proxy = c.machine("us-proxy", 31)
	for i := range 3 {
		if o.etcdBesideDatabases {
			c.etcds = append(c.etcds, c.databases[i])
		} else {
			c.etcds = append(c.etcds, c.machine(fmt.Sprintf("us-etcd%d", i+1), 21+i))
		}
	}
	c.etcd()
	c.patroni(o)
	c.haproxy()
	started := map[*machine]bool{}
	for _, m := range append(append(append([]*machine{}, c.etcds...), c.databases...), c.proxy) {
		if !started[m] {
			m.start()
		}
		started[m] = true
	}
	c.acknowledging = 1
	if o.asynchronous {
		c.acknowledging = 0
	}
	c.healthy()
	command(t, "createdb", "-h", c.proxy.addr, "-p", "5432", "-U", "postgres", "undersigned")
	return c
}

func command(t *testing.T, args ...string) {
	t.Helper()
	if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// machine adds one, with a cable to the bridge.
func (c *cluster) machine(name string, host int) *machine {
	m := &machine{t: c.t, name: name, addr: network + strconv.Itoa(host), dir: filepath.Join(c.dir, name)}
	must(c.t, os.Mkdir(m.dir, 0o755))
	command(c.t, "ip", "netns", "add", name)
	c.t.Cleanup(m.kill)
	command(c.t, "ip", "link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", name)
	command(c.t, "ip", "link", "set", name, "master", bridge, "up")
	for _, args := range [][]string{{"addr", "add", m.addr + "/24", "dev", "eth0"}, {"link", "set", "eth0", "up"}, {"link", "set", "lo", "up"}} {
		command(c.t, append([]string{"ip", "-n", name}, args...)...)
	}
	return m
}

// start starts what runs on a machine.
func (m *machine) start() {
	m.t.Helper()
	for _, args := range m.run {
		line := append([]string{"netns", "exec", m.name}, args...)
		if args[0] == "postgres" {
			line = append([]string{"netns", "exec", m.name, "setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"}, args[1:]...)
		}
		said, err := os.OpenFile(filepath.Join(m.dir, "said"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
		must(m.t, err)
		cmd := exec.Command("ip", line...)
		cmd.Dir, cmd.Stdout, cmd.Stderr = m.dir, said, said
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
		must(m.t, cmd.Start(), said.Close())
		go func() { _ = cmd.Wait() }()
	}
}

// signal reaches every process of a machine, and tells how many there were.
func (m *machine) signal(s syscall.Signal) int {
	out, _ := exec.Command("ip", "netns", "pids", m.name).Output()
	pids := strings.Fields(string(out))
	for _, pid := range pids {
		if n, err := strconv.Atoi(pid); err == nil {
			_ = syscall.Kill(n, s)
		}
	}
	return len(pids)
}

// kill ends a machine as a power cut does, but for what its kernel still holds.
func (m *machine) kill() {
	for range 100 {
		if m.signal(syscall.SIGKILL) == 0 {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func (m *machine) freeze() { m.signal(syscall.SIGSTOP) }
func (m *machine) thaw()   { m.signal(syscall.SIGCONT) }

// cut pulls the cable, and heal puts it back.
func (m *machine) cut()  { command(m.t, "ip", "link", "set", m.name, "down") }
func (m *machine) heal() { command(m.t, "ip", "link", "set", m.name, "up") }

// killAhead kills the primary when it has for some seconds been without the others, which are back then.
func (c *cluster) killAhead(primary *machine) {
	for _, m := range c.databases {
		if m != primary {
			m.cut()
			defer m.heal()
		}
	}
	time.Sleep(3 * time.Second)
	primary.kill()
}

func (c *cluster) etcd() {
	var members []string
	for i, m := range c.etcds {
		members = append(members, fmt.Sprintf("e%d=http://%s:2380", i, m.addr))
	}
	for i, m := range c.etcds {
		m.run = append(m.run, []string{"etcd", "--name", fmt.Sprintf("e%d", i), "--data-dir", filepath.Join(m.dir, "etcd"),
			"--listen-peer-urls", "http://" + m.addr + ":2380", "--initial-advertise-peer-urls", "http://" + m.addr + ":2380",
			"--listen-client-urls", "http://" + m.addr + ":2379", "--advertise-client-urls", "http://" + m.addr + ":2379",
			"--initial-cluster", strings.Join(members, ","), "--initial-cluster-state", "new", "--logger", "zap", "--enable-v2"})
	}
}

// What docs/operations.md asks for, with a shorter time to live so that a trial takes no longer than it must.
const patroniYAML = `
scope: undersigned
name: NAME
restapi: {listen: "ADDR:8008", connect_address: "ADDR:8008"}
API: {hosts: [HOSTS]}
bootstrap:
  dcs:
    ttl: 20
    loop_wait: 5
    retry_timeout: 5
    synchronous_mode: SYNCHRONOUS
    synchronous_mode_strict: STRICT
    postgresql:
      use_pg_rewind: true
      parameters: {wal_sender_timeout: 10s, max_connections: 200, synchronous_commit: COMMIT}
  initdb: [encoding: UTF8, locale: C, data-checksums]
postgresql:
  listen: ADDR:5432
  connect_address: ADDR:5432
  data_dir: DIR/data
  bin_dir: BIN
  pgpass: DIR/pgpass
  pg_hba: [local all all trust, host all all 10.77.0.0/24 trust, host replication all 10.77.0.0/24 trust]
  authentication:
    superuser: {username: postgres}
    replication: {username: replicator}
  parameters: {unix_socket_directories: DIR}
watchdog: {mode: "off"}
`

func (c *cluster) patroni(o clusterOptions) {
	bin, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	api := "etcd"
	if o.etcd3 {
		api = "etcd3"
	}
	commit := "on"
	if o.local {
		commit = "local"
	}
	var hosts []string
	for _, m := range c.etcds {
		hosts = append(hosts, m.addr+":2379")
	}
	for _, m := range c.databases {
		file := filepath.Join(m.dir, "patroni.yml")
		text := strings.NewReplacer("NAME", m.name, "ADDR", m.addr, "HOSTS", strings.Join(hosts, ", "), "DIR", m.dir, "BIN", bin[len(bin)-1],
			"SYNCHRONOUS", strconv.FormatBool(!o.asynchronous), "STRICT", strconv.FormatBool(!o.loose && !o.asynchronous), "COMMIT", commit, "API", api).Replace(patroniYAML)
		must(c.t, os.WriteFile(file, []byte(text), 0o644))
		command(c.t, "chown", "postgres:postgres", m.dir)
		m.run = append(m.run, []string{"postgres", "patroni", file})
	}
}

// What docs/operations.md asks for.
const haproxyDatabase = `
defaults
	mode tcp
	timeout connect 3s
	timeout client 1h
	timeout server 1h
listen database
	bind ADDR:5432
	option httpchk
	http-check send meth OPTIONS uri /primary
	http-check expect status 200
	default-server check port 8008 inter 1s fall 2 rise 1 on-marked-down shutdown-sessions
`

func (c *cluster) haproxy() {
	text := strings.ReplaceAll(haproxyDatabase, "ADDR", c.proxy.addr)
	for _, m := range c.databases {
		text += fmt.Sprintf("\tserver %s %s:5432\n", m.name, m.addr)
	}
	file := filepath.Join(c.proxy.dir, "haproxy.cfg")
	must(c.t, os.WriteFile(file, []byte(text), 0o644))
	c.proxy.run = append(c.proxy.run, []string{"haproxy", "-db", "-f", file})
}

func (c *cluster) url() string {
	return "postgres://postgres@" + c.proxy.addr + "/undersigned?sslmode=disable"
}

// member is what Patroni says of a database.
type member struct{ Name, Role, State string }

// members asks the databases, until one answers.
func (c *cluster) members() (members []member) {
	asking := &http.Client{Timeout: time.Second}
	for _, m := range c.databases {
		r, err := asking.Get("http://" + m.addr + ":8008/cluster")
		if err != nil {
			continue
		}
		var answer struct{ Members []member }
		err = json.NewDecoder(r.Body).Decode(&answer)
		r.Body.Close()
		if err == nil {
			return answer.Members
		}
	}
	return nil
}

// leader is the database that is the primary, as the proxy sees it.
func (c *cluster) leader() *machine {
	asking := &http.Client{Timeout: time.Second}
	for _, m := range c.databases {
		if r, err := asking.Get("http://" + m.addr + ":8008/primary"); err == nil {
			r.Body.Close()
			if r.StatusCode == http.StatusOK {
				return m
			}
		}
	}
	return nil
}

// standby is the database that acknowledges each commit, or where none does, one that is not the primary.
func (c *cluster) standby() *machine {
	for _, member := range c.members() {
		for _, m := range c.databases {
			if m.name == member.Name && (member.Role == "sync_standby" || c.acknowledging == 0 && member.Role == "replica") {
				return m
			}
		}
	}
	c.t.Fatal("there is no standby")
	return nil
}

// healthy waits until there are a primary, to which the proxy leads, and two standbys with all that there is, of which one
// acknowledges each commit.
func (c *cluster) healthy() {
	c.t.Helper()
	eventually(c.t, "the cluster is whole", func() bool {
		db, err := sql.Open("pgx", "postgres://postgres@"+c.proxy.addr+"/postgres?sslmode=disable&connect_timeout=2")
		must(c.t, err)
		defer db.Close()
		var all, acknowledging int
		err = db.QueryRow(`select count(*), count(*) filter (where sync_state = 'sync') from pg_stat_replication
			where state = 'streaming' and replay_lag < '1s'`).Scan(&all, &acknowledging)
		return err == nil && all == 2 && acknowledging == c.acknowledging
	})
}
