package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// server is a program under measurement, the leader of a process group of its own, so that its children are paused and
// counted with it.
type server struct {
	name string
	addr string // host and port
	dir  string // where it keeps what it has; gone when it stops
	cmd  *exec.Cmd
	out  *os.File
	end  chan error

	child *syscall.SysProcAttr // as whom it runs; nil is as we do
}

// freeAddr finds a port on this machine that nobody listens on.
func freeAddr() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// newServer finds a folder and a port for a program.
func newServer(name string) (*server, error) {
	dir, err := os.MkdirTemp("", "undersigned-bench-*")
	if err != nil {
		return nil, err
	}
	addr, err := freeAddr()
	return &server{name: name, addr: addr, dir: dir}, err
}

// start runs the program and waits until it listens.
func (s *server) start(ctx context.Context, binary string, args ...string) (err error) {
	if s.out, err = os.Create(filepath.Join(s.dir, "output")); err != nil {
		return err
	}
	s.cmd = exec.Command(binary, args...)
	s.cmd.Dir = s.dir
	s.cmd.Stdout, s.cmd.Stderr = s.out, s.out
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if s.child != nil {
		s.cmd.SysProcAttr.Credential = s.child.Credential
	}
	if err := s.cmd.Start(); err != nil {
		return fmt.Errorf("start %s: %w", s.name, err)
	}
	s.end = make(chan error, 1)
	go func() { s.end <- s.cmd.Wait() }()
	deadline := time.After(20 * time.Second)
	for {
		if c, err := net.Dial("tcp", s.addr); err == nil {
			return c.Close()
		}
		select {
		case <-s.end:
			output, _ := os.ReadFile(s.out.Name())
			return fmt.Errorf("start %s: it ended:\n%s", s.name, bytes.TrimSpace(output))
		case <-deadline:
			return fmt.Errorf("start %s: it does not listen", s.name)
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// stop ends the program and removes what it kept.
func (s *server) stop() {
	s.halt()
	os.RemoveAll(s.dir)
}

// halt ends the program; start starts it again where it was.
func (s *server) halt() {
	if s.end == nil {
		return
	}
	s.signal(syscall.SIGCONT)
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-s.end:
	case <-time.After(20 * time.Second):
		s.signal(syscall.SIGKILL)
		<-s.end
	}
	s.end = nil
	s.out.Close()
}

// pause takes the program off the machine while another is measured: a queue of mails must not cost others' time.
func (s *server) pause()  { s.signal(syscall.SIGSTOP) }
func (s *server) resume() { s.signal(syscall.SIGCONT) }

func (s *server) signal(sig syscall.Signal) { _ = syscall.Kill(-s.cmd.Process.Pid, sig) }

// cpu is the processor time that the program and its children have used.
func (s *server) cpu() (used time.Duration) {
	files, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, file := range files {
		stat, _ := os.ReadFile(file)
		_, after, _ := strings.Cut(string(stat), ") ") // the name before may hold anything
		f := strings.Fields(after)
		if len(f) < 13 || f[2] != strconv.Itoa(s.cmd.Process.Pid) {
			continue
		}
		user, _ := strconv.ParseInt(f[11], 10, 64)
		system, _ := strconv.ParseInt(f[12], 10, 64)
		used += time.Duration(user+system) * time.Second / clockTicks
	}
	return used
}

// clockTicks is what Linux counts processor time in, on every machine that Go runs on.
const clockTicks = 100

// watchMemory looks at a running program until it ends, and gives the most memory that it held, in bytes. What the kernel
// says of a child that has ended would begin with our own.
func watchMemory(pid int) (peak func() int64) {
	status := fmt.Sprintf("/proc/%d/status", pid)
	result := make(chan int64)
	go func() {
		var most int64
		for {
			text, err := os.ReadFile(status)
			found := peakLine.FindSubmatch(text)
			if err != nil || found == nil { // a program that has ended holds none
				result <- most
				return
			}
			most, _ = strconv.ParseInt(string(found[1]), 10, 64)
			time.Sleep(20 * time.Millisecond)
		}
	}()
	return func() int64 { return <-result << 10 }
}

var peakLine = regexp.MustCompile(`VmHWM:\s+(\d+) kB`)

// run runs a command to its end and gives its output.
func run(ctx context.Context, dir, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", errors.Join(fmt.Errorf("run %s: %w", filepath.Base(name), err), errors.New(string(bytes.TrimSpace(out))))
	}
	return string(out), nil
}
