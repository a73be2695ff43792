//go:build torture && linux

// What needs privilege, strace or many minutes: `make torture`. Each test here has its figures in TRUST's table of
// reliability, and logs its own.

package main

import (
	"bufio"
	"bytes"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/undersigned/undersigned/internal/store"
)

// 200 kills, 500,000 things that people were told.
const (
	kills         = 200
	postgresKills = 40
	mostPerKill   = 5000
)

// trace attaches strace to the running program and gives the function that ends it.
func trace(t *testing.T, p *program, args ...string) (end func()) {
	t.Helper()
	cmd := exec.Command("strace", append([]string{"-f", "-p", strconv.Itoa(p.cmd.Process.Pid)}, args...)...)
	said, err := cmd.StderrPipe()
	must(t, err, cmd.Start())
	attached := make(chan struct{})
	go func() {
		lines := bufio.NewScanner(said)
		for first := true; lines.Scan(); {
			if first && strings.Contains(lines.Text(), "attached") {
				first = false
				close(attached)
			}
		}
	}()
	select {
	case <-attached:
	case <-time.After(patience):
		t.Fatal("strace does not attach")
	}
	var ended atomic.Bool
	end = func() {
		if !ended.Swap(true) {
			_ = cmd.Process.Signal(syscall.SIGINT) // it lets go of the program, which goes on
			_ = cmd.Wait()
		}
	}
	t.Cleanup(end)
	return end
}

// The kernel's own account: between the moment at which a form was read and the moment at which its answer was written, the
// write-ahead log was written and then synced.
func TestThankYouIsWrittenOnlyAfterTheDiskHasIt(t *testing.T) {
	mails := newMailServer(t)
	p := newProgram(t, "--smtp-url", mails.url())
	p.start()
	file := filepath.Join(t.TempDir(), "trace")
	end := trace(t, p, "-y", "-s", "24", "-o", file, "-e", "trace=read,write,pwrite64,fsync,fdatasync")
	people := newCrowd(p, mails)
	stop := people.gather(8)
	people.hear(400)
	stop()
	end()
	answers, early := orderOfWrites(t, file)
	t.Logf("%d answers looked at", answers)
	if answers < 100 || early > 0 {
		t.Errorf("of %d answers %d were written before the disk had it", answers, early)
	}
}

var call = regexp.MustCompile(`^(\d+) +(?:<\.\.\. )?(\w+)(?:\((\d+)<([^>]*(?:->[^>]*)?)>)?(.*)$`)

// orderOfWrites reads what strace wrote: a line a system call, or two where another thread came between.
func orderOfWrites(t *testing.T, file string) (answers, early int) {
	t.Helper()
	f, err := os.Open(file)
	must(t, err)
	defer f.Close()
	type began struct{ name, fd, path, rest string }
	var (
		under   = map[string]began{} // by thread: a call that has not returned
		written = 0                  // writes to the write-ahead log so far
		synced  = 0                  // how many of them a sync that has returned came after
		atSync  = map[string]int{}   // by thread: written when its sync began
		asked   = map[string]int{}   // by socket: written when the form was read
	)
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		m := call.FindStringSubmatch(lines.Text())
		if m == nil {
			continue
		}
		thread, c := m[1], began{m[2], m[3], m[4], m[5]}
		resumed := c.fd == ""
		if resumed {
			before := under[thread]
			delete(under, thread)
			if before.name != c.name {
				continue // it had begun before strace came
			}
			c.fd, c.path, c.rest = before.fd, before.path, before.rest+c.rest
		}
		unfinished := strings.HasSuffix(c.rest, "<unfinished ...>")
		if unfinished {
			under[thread] = began{c.name, c.fd, c.path, strings.TrimSuffix(c.rest, "<unfinished ...>")}
		}
		switch wal := strings.HasSuffix(c.path, ".db-wal"); {
		case c.name == "pwrite64" && wal && !unfinished:
			written++
		case (c.name == "fsync" || c.name == "fdatasync") && wal:
			if !resumed {
				atSync[thread] = written
			}
			if !unfinished && strings.HasSuffix(c.rest, "= 0") {
				synced = max(synced, atSync[thread])
			}
		case c.name == "read" && !unfinished && strings.Contains(c.rest, `"POST /`):
			asked[c.fd] = written
		case c.name == "write" && !resumed && strings.Contains(c.rest, `"HTTP/1.1 303`):
			before, ok := asked[c.fd]
			if !ok {
				continue // read before strace came
			}
			answers++
			if synced <= before {
				early++
			}
			delete(asked, c.fd)
		}
	}
	must(t, lines.Err())
	return answers, early
}

func TestDiskThatRefusesASyncEndsTheProgramAndNothingIsAcknowledged(t *testing.T) {
	mails := newMailServer(t)
	p := newProgram(t, "--smtp-url", mails.url())
	p.start()
	people := newCrowd(p, mails)
	stop := people.gather(4)
	people.hear(200)
	stop()
	people.settle(waitingJobs(t, p, store.Options{Dir: p.dir}))
	form := p.form(t, petition, "unlucky@mail.example")
	end := trace(t, p, "-o", "/dev/null", "-e", "trace=fsync,fdatasync", "-e", "inject=fsync,fdatasync:error=EIO")
	a, err := p.post(petition, form)
	if err == nil && a.status != http.StatusServiceUnavailable {
		t.Errorf("a form that may not be on the disk was answered %d", a.status)
	}
	if err := p.wait(); err == nil {
		t.Error("the program ended as if nothing had happened")
	}
	end()
	if p.said.times("write to the disk") == 0 {
		t.Error("the program does not say why it ended")
	}
	t.Logf("the site was open again after %v", p.start())
	stop = people.gather(4)
	people.hear(200)
	stop()
	people.settle(waitingJobs(t, p, store.Options{Dir: p.dir}))
	people.check()
}

func TestDiskThatIsFullIsToldAndHealsByItself(t *testing.T) {
	mails := newMailServer(t)
	p := newProgram(t, "--smtp-url", mails.url())
	mount(t, "-t", "tmpfs", "-o", "size=24m", "tmpfs", p.dir)
	p.start()
	people := newCrowd(p, mails)
	people.cut = true
	stop := people.gather(8)
	people.hear(200)
	filler, err := os.Create(filepath.Join(p.dir, "filler"))
	must(t, err)
	for err == nil { // what else lives on a disk
		_, err = filler.Write(make([]byte, 64<<10))
	}
	filler.Close()
	var told *answer
	tries := 0
	eventually(t, "somebody is told that the disk is full", func() bool {
		tries++
		told, err = p.post(petition, p.form(t, petition, fmt.Sprintf("somebody%d@mail.example", tries)))
		return err == nil && told.status == http.StatusServiceUnavailable
	})
	stop()
	if !strings.Contains(told.body, english.T("error.disk_full")) || told.header.Get("Retry-After") == "" {
		t.Errorf("the page does not say so, or not when to come back: %.300s", told.body)
	}
	p.mustGet(t, petition) // reading goes on
	before := len(mails.all())
	mount(t, "-o", "remount,size=400m", p.dir)
	healed := eventually(t, "a form is taken again", func() bool {
		a, err := p.post(petition, p.form(t, petition, "again@mail.example"))
		return err == nil && a.status == http.StatusSeeOther
	})
	t.Logf("%d mails before; %v after there was room a form was taken", before, healed)
	stop = people.gather(4)
	people.hear(200)
	stop()
	p.terminate() // what could not be sent is due at once, not in a minute
	p.start()
	people.settle(waitingJobs(t, p, store.Options{Dir: p.dir}))
	people.check()
}

// SQLite says of a quota what it says of a disk that fails.
func TestDiskWhoseQuotaIsUsedUpIsToldAndHealsByItself(t *testing.T) {
	p := newProgram(t, "--smtp-url", newMailServer(t).url())
	p.start()
	form := p.form(t, petition, "somebody@mail.example")
	end := trace(t, p, "-o", "/dev/null", "-e", "trace=pwrite64", "-e", "inject=pwrite64:error=EDQUOT")
	told, err := p.post(petition, form)
	if err != nil || told.status != http.StatusServiceUnavailable || !strings.Contains(told.body, english.T("error.disk_full")) {
		t.Errorf("answered %+v, %v", told, err)
	}
	end()
	if a, err := p.post(petition, form); err != nil || a.status != http.StatusSeeOther {
		t.Errorf("with room again answered %+v, %v", a, err)
	}
	p.terminate()
}

// disk is a file system in a file, which is read raw: names, journal and free blocks too.
type disk struct{ dir, image string }

func newDisk(t *testing.T) *disk {
	t.Helper()
	d := &disk{t.TempDir(), filepath.Join(t.TempDir(), "image")}
	must(t, os.WriteFile(d.image, nil, 0o600), os.Truncate(d.image, 96<<20))
	if out, err := exec.Command("mkfs.ext4", "-q", d.image).CombinedOutput(); err != nil {
		t.Fatalf("mkfs.ext4: %v %s", err, out)
	}
	mount(t, "-o", "loop", d.image, d.dir)
	return d
}

// read adds the whole image, once all that was written has reached it. A word that is planted must be found in it.
func (d *disk) read(t *testing.T, left map[string][]byte) {
	t.Helper()
	planted := []byte("planted " + time.Now().String())
	must(t, os.WriteFile(filepath.Join(d.dir, "planted"), planted, 0o600))
	out, err := exec.Command("umount", d.dir).CombinedOutput()
	if err != nil {
		t.Fatalf("umount: %v %s", err, out)
	}
	image, err := os.ReadFile(d.image)
	must(t, err)
	if !bytes.Contains(image, planted) {
		t.Fatal("the image does not hold what was written last")
	}
	left["the disk"] = image
	if out, err := exec.Command("mount", "-o", "loop", d.image, d.dir).CombinedOutput(); err != nil {
		t.Fatalf("mount: %v %s", err, out)
	}
}

// mount mounts something until the test ends; a remount stays.
func mount(t *testing.T, args ...string) {
	t.Helper()
	if out, err := exec.Command("mount", args...).CombinedOutput(); err != nil {
		t.Fatalf("mount %v (root is needed): %v %s", args, err, out)
	}
	if strings.HasPrefix(args[1], "remount") {
		return
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", "--lazy", args[len(args)-1]).CombinedOutput(); err != nil {
			t.Errorf("umount: %v %s", err, out)
		}
	})
}

// memory is the most that the program has held, in bytes.
func (p *program) memory() int {
	p.t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	must(p.t, err)
	kb, _ := between(string(status), "VmHWM:", "kB")
	n, err := strconv.Atoi(strings.TrimSpace(kb))
	must(p.t, err)
	return n << 10
}
