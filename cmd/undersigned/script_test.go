package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"undersigned": main})
}

// TestScripts runs testdata/*.txt, which read like the manual.
func TestScripts(t *testing.T) {
	starter, err := filepath.Abs("../../packs/immigration-detention")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("STARTER", starter)
			env.Setenv("UNDERSIGNED_MIRROR", env.WorkDir) // nothing is downloaded: the public sites are not ours to test with
			env.Setenv("UNDERSIGNED_LINK_CHECK", "off")
			env.Setenv("ADDR", "127.0.0.1:"+strconv.Itoa(freePort(t)))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"opens": opens, "get": get, "changed": changed, "newer-schema": newerSchema, "terminate": terminate,
			"seal-to": sealTo, "signs": signs, "leaves": leaves, "age-opens": ageOpens, "swap-rows": swapRows, "damage-row": damageRow,
			"age-identity": ageIdentity, "signs-in": signsIn, "link-moved": linkMoved, "truncate": truncate, "flip": flip,
		},
	})
}

// freePort gives a port that nobody listens on now.
func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// opens waits until a site answers: opens ADDR.
func opens(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: opens ADDR")
	}
	ts.Check(waitForSite(args[0], nil))
}

// waitForSite asks until the site is ready, or the program, where it is known, has ended.
func waitForSite(addr string, exited chan error) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		response, err := http.Get("http://" + addr + "/readyz")
		if err == nil {
			response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-tick.C:
		case ended := <-exited:
			exited <- ended // for who waits for the end
			return fmt.Errorf("the site does not open: the program has ended: %v", ended)
		case <-ctx.Done():
			return fmt.Errorf("the site does not open: %v", err)
		}
	}
}

// get fetches a page and writes "STATUS", then the body, to standard output: get ADDR PATH FILE.
func get(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: get ADDR PATH FILE")
	}
	response, err := http.Get("http://" + args[0] + args[1])
	ts.Check(err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), fmt.Appendf(nil, "%d\n%s", response.StatusCode, body), 0o600))
}

// changed waits until a page has words, and writes it as get does: changed ADDR PATH WORDS FILE. Pages follow the database
// within two seconds.
func changed(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 4 {
		ts.Fatalf("usage: changed ADDR PATH WORDS FILE")
	}
	for begun := time.Now(); ; time.Sleep(100 * time.Millisecond) {
		get(ts, false, []string{args[0], args[1], args[3]})
		if strings.Contains(ts.ReadFile(args[3]), args[2]) {
			return
		}
		if time.Since(begun) > 20*time.Second {
			ts.Fatalf("%s does not come to say %q", args[1], args[2])
		}
	}
}

// terminate sends SIGTERM to what runs in the background.
func terminate(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: terminate")
	}
	for _, command := range ts.BackgroundCmds() {
		ts.Check(command.Process.Signal(syscall.SIGTERM))
	}
}

// newerSchema makes a data folder's database look as if a newer program had written it: newer-schema DIR.
func newerSchema(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: newer-schema DIR")
	}
	ts.Check(setSchemaVersion(ts.MkAbs(args[0]), 9999))
}
