package external

import (
	"bufio"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"html"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
	"golang.org/x/mod/sumdb/tlog"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// bin holds the programs: ours, and those of others.
var bin string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "external-")
	if err == nil {
		bin = dir
		err = build("..", "./cmd/undersigned")
	}
	if err == nil {
		err = build(".", "tool")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

func build(from, what string) error {
	cmd := exec.Command("go", "build", "-o", bin+string(filepath.Separator), what)
	cmd.Dir, cmd.Env = from, append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %w\n%s", what, err, out)
	}
	return nil
}

// run runs a program to its end, at most half a minute: fsck can hang on a tampered tile.
func run(t *testing.T, program string, args ...string) (out string, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, filepath.Join(bin, program), args...)
	cmd.WaitDelay = time.Second
	text, err := cmd.CombinedOutput()
	return string(text), err
}

// process is a program that runs until it is stopped, and what it has said.
type process struct {
	cmd    *exec.Cmd
	exited chan struct{}

	mu   sync.Mutex
	said []string
}

func start(t *testing.T, program string, args ...string) *process {
	t.Helper()
	p := &process{cmd: exec.Command(filepath.Join(bin, program), args...), exited: make(chan struct{})}
	pipe, to, err := os.Pipe()
	must(t, err)
	p.cmd.Stdout, p.cmd.Stderr = to, to
	must(t, p.cmd.Start())
	to.Close()
	go func() {
		lines := bufio.NewScanner(pipe)
		for lines.Scan() {
			p.mu.Lock()
			p.said = append(p.said, lines.Text())
			p.mu.Unlock()
		}
		pipe.Close()
		p.cmd.Wait()
		close(p.exited)
	}()
	t.Cleanup(func() {
		p.stop()
		if t.Failed() {
			t.Logf("%s said:\n%s", program, strings.Join(slices.DeleteFunc(p.said, func(l string) bool { return strings.HasPrefix(l, "{") }), "\n"))
		}
	})
	return p
}

func (p *process) stop() {
	p.cmd.Process.Signal(os.Interrupt) // it may have ended already
	<-p.exited
}

// heard waits until a line matches and gives what its last group caught, for the nth time that it does.
func (p *process) heard(t *testing.T, pattern string, nth int) string {
	t.Helper()
	find := regexp.MustCompile(pattern)
	var caught string
	eventually(t, "a line like "+pattern, func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		seen := 0
		for _, line := range p.said {
			if m := find.FindStringSubmatch(line); m != nil {
				if seen++; seen == nth {
					caught = m[len(m)-1]
					return true
				}
			}
		}
		return false
	})
	return caught
}

func eventually(t *testing.T, what string, yes func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !yes() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// named gives the name of a site of this machine: the log's, and what its mails come from.
func named(addr string) string { return strings.Replace(addr, "127.0.0.1", "localhost", 1) }

func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer l.Close()
	return l.Addr().String()
}

// site is `undersigned serve` on a data folder.
type site struct {
	*process
	t         *testing.T
	addr, dir string
	mails     int // links followed so far
}

// serve starts a site under the name base, which is that of its log too.
func serve(t *testing.T, dir, addr, base string, args ...string) *site {
	t.Helper()
	s := &site{t: t, addr: addr, dir: dir}
	s.process = start(t, "undersigned", append([]string{"serve", "--addr", addr, "--data", dir, "--base-url", "http://" + base,
		"--mirror", t.TempDir()}, args...)...)
	eventually(t, "the site", func() bool {
		r, err := http.Get("http://" + addr + "/readyz")
		if err == nil {
			r.Body.Close()
		}
		return err == nil && r.StatusCode == http.StatusOK
	})
	return s
}

func (s *site) url() string { return "http://" + s.addr }

var plain = &http.Client{Timeout: 20 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

func (s *site) do(method, path string, form url.Values) string {
	s.t.Helper()
	r, err := http.NewRequest(method, s.url()+path, strings.NewReader(form.Encode()))
	must(s.t, err)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	response, err := plain.Do(r)
	must(s.t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	must(s.t, err)
	if response.StatusCode >= 400 {
		s.t.Fatalf("%s %s: %s\n%s", method, path, response.Status, body)
	}
	return string(body)
}

func (s *site) get(path string) string { return s.do(http.MethodGet, path, nil) }

func between(t *testing.T, text, before, after string) string {
	t.Helper()
	_, rest, ok := strings.Cut(text, before)
	found, _, ok2 := strings.Cut(rest, after)
	if !ok || !ok2 {
		t.Fatalf("no %q in\n%s", before, text)
	}
	return html.UnescapeString(found)
}

const petition = "/immigration-detention/equality-under-the-law"

// signer is one person's way back to what they signed.
type signer struct{ my, id string }

// sign has n people sign, each from the form to the button in the mail.
func (s *site) sign(n int) (signers []signer) {
	s.t.Helper()
	token := between(s.t, s.get(petition), `name="form_token" value="`, `"`)
	for i := range n {
		s.do(http.MethodPost, petition, url.Values{"given_name": {"=Ana"}, "family_name": {"Álvarez " + string([]byte{byte('A' + i/26), byte('a' + i%26)})},
			"email": {fmt.Sprintf("ana%d-%d-%s@gmail.com", s.mails, i, s.addr[len("127.0.0.1:"):])}, "postal_code": {"02138"}, "country": {"US"},
			"deliver": []string{"1"}[:i%2], "form_token": {token}})
	}
	for range n {
		s.mails++
		u, err := url.Parse(s.heard(s.t, `in the outbox: (\S+/confirm/\S+)`, s.mails))
		must(s.t, err)
		page := s.do(http.MethodPost, u.Path, url.Values{"x": {"y"}})
		signers = append(signers, signer{between(s.t, page, `action="/my/`, `/receipt"`), between(s.t, page, `name="id" value="`, `"`)})
	}
	return signers
}

// settled waits until all that was done is published, and gives the checkpoint.
func (s *site) settled(entries int) string {
	s.t.Helper()
	var checkpoint string
	eventually(s.t, fmt.Sprintf("a log of %d entries", entries), func() bool {
		checkpoint = s.get("/log/checkpoint")
		return strings.Split(checkpoint, "\n")[1] == fmt.Sprint(entries)
	})
	return checkpoint
}

// witness starts litewitness for one log, and says where it is and what its key is. It signs through an SSH agent, which
// this test is.
func witness(t *testing.T, origin, vkey string) (address, key string) {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	must(t, err)
	ring := agent.NewKeyring()
	must(t, ring.Add(agent.AddedKey{PrivateKey: private}))
	dir := t.TempDir()
	socket, err := net.Listen("unix", filepath.Join(dir, "agent"))
	must(t, err)
	t.Cleanup(func() { socket.Close() })
	go func() {
		for {
			c, err := socket.Accept()
			if err != nil {
				return
			}
			go agent.ServeAgent(ring, c)
		}
	}()
	signer, err := ssh.NewSignerFromKey(private)
	must(t, err)
	db := filepath.Join(dir, "witness.db")
	address = freeAddr(t)
	p := start(t, "litewitness", "-name", "witness.example", "-db", db, "-ssh-agent", filepath.Join(dir, "agent"),
		"-key", ssh.FingerprintSHA256(signer.PublicKey()), "-listen", address)
	key = p.heard(t, `vkey="?([^"\s]+)`, 1)
	// witnessctl would do this; a dependency of it cannot be had everywhere.
	conn, err := sqlite.OpenConn(db, sqlite.OpenReadWrite)
	must(t, err)
	defer conn.Close()
	empty, err := tlog.TreeHash(0, nil)
	must(t, err)
	must(t, sqlitex.Execute(conn, "INSERT INTO log (origin, tree_size, tree_hash) VALUES (?, 0, ?)", &sqlitex.ExecOptions{Args: []any{origin, empty.String()}}))
	must(t, sqlitex.Execute(conn, "INSERT INTO key (origin, key) VALUES (?, ?)", &sqlitex.ExecOptions{Args: []any{origin, vkey}}))
	return "http://" + address, key
}
