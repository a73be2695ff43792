package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"golang.org/x/term"

	"github.com/undersigned/undersigned/internal/seal"
)

// pseudoTerminal gives both ends of a terminal: where somebody types and looks, and what a program has.
func pseudoTerminal(t *testing.T) (person, program *os.File) {
	t.Helper()
	person, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { person.Close() })
	var unlock, number int32
	for request, arg := range map[uintptr]*int32{0x40045431: &unlock, 0x80045430: &number} { // TIOCSPTLCK, TIOCGPTN
		if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, person.Fd(), request, uintptr(unsafe.Pointer(arg))); errno != 0 {
			t.Fatal(errno)
		}
	}
	program, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { program.Close() })
	return person, program
}

func terminalState(t *testing.T, f *os.File) *term.State {
	t.Helper()
	state, err := term.GetState(int(f.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	return state
}

func TestRootKeyThatIsTypedIsNotShown(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "keys")
	vault, err := seal.Folder(folder)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "root.key")
	keys, err := seal.Init(t.Context(), vault, path)
	if err != nil {
		t.Fatal(err)
	}
	if err := keys.Close(); err != nil {
		t.Fatal(err)
	}
	line, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, breaksOff := range []bool{false, true} {
		person, program := pseudoTerminal(t)
		before := terminalState(t, program)
		ctx, cancel := context.WithCancel(t.Context())
		var asked bytes.Buffer
		var root *seal.Root
		done := make(chan error)
		go func() {
			var err error
			root, err = readTyped(ctx, program, &asked)
			done <- err
		}()
		for reflect.DeepEqual(terminalState(t, program), before) { // until it shows nothing any more
			runtime.Gosched()
		}
		if breaksOff {
			cancel()
		} else if _, err := person.Write(line); err != nil {
			t.Fatal(err)
		}
		err = <-done
		cancel()
		if !reflect.DeepEqual(terminalState(t, program), before) {
			t.Error("the terminal is left as it was while the key was typed")
		}
		if !strings.HasPrefix(asked.String(), "The root key, one line") {
			t.Errorf("asked with %q", asked.String())
		}
		if breaksOff {
			if !errors.Is(err, context.Canceled) {
				t.Errorf("broken off: %v", err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if keys, err = seal.Open(t.Context(), vault, root); err != nil {
			t.Fatalf("what was typed does not open the keys: %v", err)
		}
		keys.Close()
		io.WriteString(program, "what the program says")
		seen := make([]byte, 1000)
		n, err := person.Read(seen)
		if err != nil || string(seen[:n]) != "what the program says" {
			t.Errorf("the terminal shows %q, %v", seen[:n], err)
		}
	}
}
