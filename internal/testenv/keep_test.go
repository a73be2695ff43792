package testenv

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// victimDir asks this test binary to keep a program in a folder and then to
// wait for its own death.
const victimDir = "UNDERSIGNED_TESTENV_VICTIM"

func TestMain(m *testing.M) {
	if dir := os.Getenv(victimDir); dir != "" {
		word, err := keep(dir, nil, `sleep 3600 & program=$!; echo ready kept`, `kill $program`)
		fmt.Println(word, err)
		select {}
	}
	os.Exit(m.Run())
}

func TestKilledTestProcessLeavesNoProgramAndNoFolder(t *testing.T) {
	dir, err := keptDir("victim", nil)
	if err != nil {
		t.Fatal(err)
	}
	// The victim, its keeper and the program all inherit the pipe: it ends
	// when the last of them has.
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	victim := exec.Command(os.Args[0])
	victim.Env = append(os.Environ(), victimDir+"="+dir)
	victim.ExtraFiles = []*os.File{w}
	out, err := victim.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := victim.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "kept <nil>\n" {
		t.Errorf("the victim said %q, %v", line, err)
	}
	if err := victim.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(r); err != nil {
		t.Fatal(err)
	}
	if isDir(dir) {
		t.Errorf("%s is still there", dir)
	}
	if err := victim.Wait(); err == nil {
		t.Error("the victim ended of its own accord")
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
