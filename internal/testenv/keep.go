package testenv

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"strings"
	"syscall"
)

// keeper is the shell script around a program that must not outlive the tests.
//
// The shell waits on a pipe whose other end only this process holds. However
// the process ends (done, failed, panicking, timed out, killed), the kernel
// closes the pipe: then the shell stops the program and removes its folder. So
// no TestMain is needed, and nothing is left behind, not even after kill -9.
//
// $KEPT is the folder. start prints "ready" and one word; stop stops. Where the
// process ended before that, nobody reads the word: without the trap the shell
// would die of it, and the program would live.
const keeper = `
cd "$KEPT" || exit 1
trap : PIPE
%s
cat >/dev/null
%s
rm -rf "$KEPT" || { sleep 1; rm -rf "$KEPT"; }
`

// kept holds the pipes' ends: an os.File that nobody refers to is closed by the
// garbage collector, and that would stop the program in mid-test.
var kept []io.WriteCloser

// keep starts a program in dir under a keeper and returns the word that start
// printed when it was ready. A nil owner is the present user.
func keep(dir string, owner *syscall.Credential, start, stop string, env ...string) (string, error) {
	shell := exec.Command("/bin/sh", "-c", fmt.Sprintf(keeper, start, stop))
	shell.Env = append(os.Environ(), append(env, "KEPT="+dir)...)
	// A session of its own: Ctrl-C on the terminal reaches the tests, and
	// the keeper learns of it by the pipe.
	shell.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Credential: owner}
	hold, err := shell.StdinPipe()
	if err != nil {
		return "", err
	}
	said, err := shell.StdoutPipe()
	if err != nil {
		return "", err
	}
	if err := shell.Start(); err != nil {
		return "", err
	}
	kept = append(kept, hold)
	r := bufio.NewReader(said)
	first, err := r.ReadString('\n')
	if word, ok := strings.CutPrefix(strings.TrimSpace(first), "ready "); ok && err == nil {
		return word, nil
	}
	hold.Close()
	rest, _ := io.ReadAll(r)
	return "", fmt.Errorf("it did not start: %s%s", first, rest)
}

// keptDir makes the folder for a kept program. The path stays short, since a
// unix socket's may have 100 bytes or so.
func keptDir(name string, owner *syscall.Credential) (string, error) {
	dir, err := os.MkdirTemp("", "undersigned-"+name+"-")
	if err != nil || owner == nil {
		return dir, err
	}
	return dir, os.Chown(dir, int(owner.Uid), int(owner.Gid))
}

// credential returns what a process needs to run as the named user.
func credential(name string) (*syscall.Credential, error) {
	u, err := user.Lookup(name)
	if err != nil {
		return nil, err
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}
