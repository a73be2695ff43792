package testenv

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// These ask this test binary to keep a program in a folder, and then to wait
// for its own death.
const (
	victimDir   = "UNDERSIGNED_TESTENV_VICTIM_DIR"
	victimStart = "UNDERSIGNED_TESTENV_VICTIM_START"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(victimDir); dir != "" {
		if _, err := keep(dir, nil, os.Getenv(victimStart), `kill $program`); err != nil {
			panic(err)
		}
		select {}
	}
	os.Exit(m.Run())
}

func TestKilledTestProcessLeavesNoProgramAndNoFolder(t *testing.T) {
	for _, c := range []struct{ killed, start string }{
		{"while the program runs", `sleep 60 & program=$!; echo ready kept; echo now >&3`},
		{"while the program starts", `echo now >&3; cat >/dev/null; sleep 60 & program=$!; echo ready kept`},
	} {
		t.Run(c.killed, func(t *testing.T) {
			dir, err := keptDir("victim", nil)
			if err != nil {
				t.Fatal(err)
			}
			// The victim, its keeper and the program all inherit the pipe as
			// their descriptor 3: it ends when the last of them has.
			r, w, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			victim := exec.Command(os.Args[0])
			victim.Env = append(os.Environ(), victimDir+"="+dir, victimStart+"="+c.start)
			victim.ExtraFiles = []*os.File{w}
			if err := victim.Start(); err != nil {
				t.Fatal(err)
			}
			w.Close()
			heard := bufio.NewReader(r)
			if line, err := heard.ReadString('\n'); err != nil {
				t.Errorf("the keeper said %q, %v", line, err)
			}
			if err := victim.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			if _, err := io.ReadAll(heard); err != nil {
				t.Fatal(err)
			}
			if isDir(dir) {
				t.Errorf("%s is still there", dir)
			}
			if err := victim.Wait(); err == nil {
				t.Error("the victim ended of its own accord")
			}
		})
	}
}

func TestProgramThatDoesNotStartSaysWhyAndLeavesNoFolder(t *testing.T) {
	dir, err := keptDir("broken", nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = keep(dir, nil, `echo "no space left"; exec rm -rf "$KEPT"`, "")
	if err == nil || !strings.Contains(err.Error(), "no space left") {
		t.Errorf("keep gave the error %v", err)
	}
	if isDir(dir) {
		t.Errorf("%s is still there", dir)
	}
}
