package main

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"html"
	"io"
	"net/http"
	"net/url"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// program is one `undersigned serve`, a process of its own that can be started again on what it left behind.
type program struct {
	*visitor
	t      *testing.T
	binary string // this program; another version of it in few tests
	dir    string // the data folder
	args   []string
	said   transcript // all that it has written, over all its starts
	cmd    *exec.Cmd
	exited chan error
}

// newProgram prepares a site on a port of its own; where args name no database it is SQLite.
func newProgram(t *testing.T, args ...string) *program {
	t.Helper()
	p := &program{t: t, binary: "undersigned", visitor: newVisitor("127.0.0.1:" + strconv.Itoa(freePort(t))), dir: t.TempDir()}
	p.args = append([]string{"serve", "--addr", p.addr, "--data", p.dir, "--mirror", t.TempDir(), "--link-check", "off"}, args...) // no network
	t.Cleanup(func() {
		if p.cmd != nil {
			p.kill()
		}
		if t.Failed() {
			t.Logf("%s said:\n%s", p.addr, p.said.withoutRequests())
		}
	})
	return p
}

// setDir moves the data folder elsewhere, before the first start.
func (p *program) setDir(dir string) {
	p.args[slices.Index(p.args, p.dir)] = dir
	p.dir = dir
}

// start starts the program and says how long it took until the site answered.
func (p *program) start() time.Duration {
	p.t.Helper()
	begun := time.Now()
	p.launch()
	must(p.t, waitForSite(p.addr, p.exited))
	return time.Since(begun)
}

// launch starts the program and does not wait.
func (p *program) launch() {
	p.t.Helper()
	cmd, exited := exec.Command(p.binary, p.args...), make(chan error, 1)
	cmd.Stdout, cmd.Stderr = &p.said, &p.said
	must(p.t, cmd.Start())
	go func() { exited <- cmd.Wait() }()
	p.cmd, p.exited = cmd, exited
}

// kill ends the program as a power cut does, but for what the kernel still holds.
func (p *program) kill() {
	p.t.Helper()
	_ = p.cmd.Process.Kill()
	p.wait()
}

// terminate asks the program to end, and fails the test where it does not end cleanly.
func (p *program) terminate() {
	p.t.Helper()
	must(p.t, p.cmd.Process.Signal(syscall.SIGTERM))
	if err := p.wait(); err != nil {
		p.t.Fatalf("told to end, it ended with: %v", err)
	}
}

// wait waits until the process has ended.
func (p *program) wait() (err error) {
	p.t.Helper()
	select {
	case err = <-p.exited:
	case <-time.After(patience):
		p.t.Error("the program does not end")
		_ = p.cmd.Process.Kill()
		err = <-p.exited
	}
	p.cmd = nil
	p.http.CloseIdleConnections()
	return err
}

// rows opens the database of a running program, to read past it.
func (p *program) rows() *sql.DB {
	p.t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(p.dir, "undersigned.db")+"?mode=ro&_pragma=busy_timeout(10000)")
	must(p.t, err)
	p.t.Cleanup(func() { db.Close() })
	return db
}

// wantNoErrors fails where the program has logged that something is wrong with itself.
func (p *program) wantNoErrors() {
	p.t.Helper()
	for line := range strings.Lines(p.said.withoutRequests()) {
		noNetwork := strings.Contains(line, "duty=congress")
		if strings.Contains(line, "level=ERROR") && !noNetwork || strings.Contains(line, "panic") {
			p.t.Errorf("the program says: %s", line)
		}
	}
}

// number reads one number past the program.
func number(t *testing.T, db *sql.DB, query string) (n int64) {
	t.Helper()
	if err := db.QueryRow(query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// patience is how long a test waits for what should happen at once, on a machine that is busy with other things. Nothing is
// measured by it: it only ends what would never end.
var patience = 3 * time.Minute

// eventually asks again and again, and fails the test where the answer is never yes. It says how long that took.
func eventually(t *testing.T, what string, yes func() bool) time.Duration {
	t.Helper()
	begun := time.Now()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !yes() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("waited in vain: %s", what)
		}
	}
	return time.Since(begun)
}

// transcript is what a program wrote.
type transcript struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *transcript) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(b)
}

// times counts how often a word was written.
func (s *transcript) times(word string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Count(s.text.String(), word)
}

// all is every word of it.
func (s *transcript) all() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// withoutRequests leaves out the access log.
func (s *transcript) withoutRequests() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var kept strings.Builder
	for line := range strings.Lines(s.text.String()) {
		if !strings.HasPrefix(line, "{") {
			kept.WriteString(line)
		}
	}
	return kept.String()
}

// visitor is a browser without JavaScript, which does not follow redirects by itself.
type visitor struct {
	addr string
	http *http.Client
}

func newVisitor(addr string) *visitor {
	return &visitor{addr, &http.Client{
		Timeout:       patience,
		Transport:     &http.Transport{MaxIdleConnsPerHost: 16},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// answer is what came back, its entities undone.
type answer struct {
	status int
	header http.Header
	body   string
}

// do sends a request; headers are pairs of a name and a value. An error means that there was no whole answer.
func (v *visitor) do(method, path, body string, headers ...string) (*answer, error) {
	r, err := http.NewRequest(method, "http://"+v.addr+path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	response, err := v.http.Do(r)
	if err != nil {
		return nil, err
	}
	return readAnswer(response)
}

func readAnswer(response *http.Response) (*answer, error) {
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	return &answer{response.StatusCode, response.Header, html.UnescapeString(string(text))}, nil
}

func (v *visitor) get(path string) (*answer, error) { return v.do(http.MethodGet, path, "") }

func (v *visitor) post(path string, form url.Values) (*answer, error) {
	return v.do(http.MethodPost, path, form.Encode())
}

// mustGet fetches a page that must be there.
func (v *visitor) mustGet(t *testing.T, path string) *answer {
	t.Helper()
	a, err := v.get(path)
	if err != nil {
		t.Fatal(err)
	}
	if a.status != http.StatusOK {
		t.Fatalf("GET %s: %d", path, a.status)
	}
	return a
}

// form fills in the form of a petition's page.
func (v *visitor) form(t *testing.T, path, email string) url.Values {
	t.Helper()
	token, ok := between(v.mustGet(t, path).body, `name="form_token" value="`, `"`)
	if !ok {
		t.Fatalf("%s has no form", path)
	}
	return url.Values{"given_name": {"Ana"}, "family_name": {"Álvarez"}, "email": {email}, "postal_code": {"02138"},
		"country": {"US"}, "comment": {"For my brother."}, "deliver": {"1"}, "form_token": {token}}
}

// askFor fills in the form that asks for one's own link.
func (v *visitor) askFor(email string) (url.Values, error) {
	page, err := v.get("/my")
	if err != nil {
		return nil, err
	}
	token, _ := between(page.body, `name="form_token" value="`, `"`)
	return url.Values{"email": {email}, "form_token": {token}}, nil
}

// sign sends a form that must be taken.
func (v *visitor) sign(t *testing.T, path, email string) {
	t.Helper()
	if a, err := v.post(path, v.form(t, path, email)); err != nil || a.status != http.StatusSeeOther {
		t.Fatalf("sign: %+v %v", a, err)
	}
}

// press presses the button behind a link, and gives the page that comes.
func (v *visitor) press(t *testing.T, link string) *answer {
	t.Helper()
	a, err := v.do(http.MethodPost, link, "")
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func between(text, before, after string) (string, bool) {
	_, rest, ok := strings.Cut(text, before)
	found, _, ended := strings.Cut(rest, after)
	return found, ok && ended
}

// must makes a failure of an error.
func must(t *testing.T, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}
