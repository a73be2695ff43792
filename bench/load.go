package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"
)

// load is requests over connections that stay open. One thread waits for all of them (epoll): it shares two cores with what
// it measures, and takes a third of what a goroutine for each would.
type load struct {
	server      *server
	connections int
	// request appends the nth request, whole, to b.
	request func(b []byte, n int) []byte
	status  int // of every right answer
	// prepare makes ready for so many requests, before the time begins; nil is nothing.
	prepare func(requests int)
	// most ends the load after so many requests; 0 is no end but its time.
	most int
	// rate is requests a second, evenly spaced; 0 is as many as are answered.
	rate int
}

// figures are what a load has met.
type figures struct {
	requests  int
	took, cpu time.Duration // cpu is the server's
	p50, p99  time.Duration
}

func (f figures) perSecond() float64 { return float64(f.requests) / f.took.Seconds() }

// cpuEach is the server's processor time for a request, in microseconds; what it does between requests is in it.
func (f figures) cpuEach() float64 {
	return float64(f.cpu.Microseconds()) / float64(max(f.requests, 1))
}

// next numbers requests for the life of the program: no two signers are the same.
var next atomic.Int64

// mostPrepared is how many requests are made ready for a second: more than anybody has answered. What is missing is made meanwhile.
const mostPrepared = 15_000

// patience is how long an answer may take; none has come this late but of a server that hangs.
const patience = time.Minute

// run loads the server for a time. An answer that is not the right one is an error.
func (l load) run(ctx context.Context, during time.Duration) (f figures, err error) {
	if most := int(during.Seconds() * mostPrepared); l.prepare != nil {
		l.prepare(min(most, cmp.Or(l.most, most), 10*mostPrepared))
	}
	poll, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return f, err
	}
	defer syscall.Close(poll)
	shared := room{in: make([]byte, 64<<10)}
	free := make([]*caller, l.connections)
	for i := range free {
		if free[i], err = l.dial(poll, i, &shared); err != nil {
			return f, fmt.Errorf("load %s: %w", l.server.name, err)
		}
		defer syscall.Close(free[i].fd)
	}
	callers := slices.Clone(free)
	var latencies []time.Duration
	cpu, begun := l.server.cpu(), time.Now()
	events := make([]syscall.EpollEvent, l.connections)
	for sent := 0; ; {
		now := time.Now()
		ends := ctx.Err() != nil || now.Sub(begun) >= during || l.most > 0 && sent >= l.most
		for !ends && len(free) > 0 && (l.rate == 0 || now.Sub(begun) >= time.Duration(sent)*time.Second/time.Duration(l.rate)) {
			if err := free[len(free)-1].ask(l, now); err != nil {
				return f, fmt.Errorf("load %s: %w", l.server.name, err)
			}
			free = free[:len(free)-1]
			sent++
			ends = l.most > 0 && sent >= l.most
		}
		if ends && len(free) == l.connections {
			break
		}
		wait := 1000 // milliseconds
		if !ends && len(free) > 0 {
			wait = 1
		}
		n, err := syscall.EpollWait(poll, events, wait)
		if err != nil && err != syscall.EINTR {
			return f, err
		}
		for _, e := range events[:max(n, 0)] {
			c := callers[e.Fd]
			status, err := c.hear()
			switch {
			case err != nil:
				return f, fmt.Errorf("load %s: %w", l.server.name, err)
			case status == 0: // not whole yet
				continue
			case status != l.status:
				return f, fmt.Errorf("load %s: answered %d, not %d", l.server.name, status, l.status)
			}
			latencies = append(latencies, time.Since(c.asked))
			free = append(free, c)
		}
		if n == 0 && wait == 1000 && time.Since(begun) > during+patience {
			return f, fmt.Errorf("load %s: no answer within a minute", l.server.name)
		}
	}
	f.took, f.cpu, f.requests = time.Since(begun), l.server.cpu()-cpu, len(latencies)
	if slices.Sort(latencies); f.requests > 0 {
		f.p50, f.p99 = latencies[(f.requests-1)/2], latencies[(f.requests-1)*99/100]
	}
	return f, nil
}

// room is where requests are made and answers read, one at a time: a buffer for each caller would push the others out of the
// processor's cache.
type room struct{ out, in []byte }

// caller is one connection, which asks again when it has been answered.
type caller struct {
	fd    int
	asked time.Time
	room  *room
	owed  int // bytes of the body that have not come yet; -1 while the head has not
	head  []byte
	said  int // the status
}

// dial opens a connection, whose events then carry its number.
func (l load) dial(poll, number int, r *room) (*caller, error) {
	to, err := netip.ParseAddrPort(l.server.addr)
	if err != nil {
		return nil, err
	}
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	err = errors.Join(syscall.Connect(fd, &syscall.SockaddrInet4{Port: int(to.Port()), Addr: to.Addr().As4()}),
		syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 1), syscall.SetNonblock(fd, true),
		syscall.EpollCtl(poll, syscall.EPOLL_CTL_ADD, fd, &syscall.EpollEvent{Events: syscall.EPOLLIN, Fd: int32(number)}))
	return &caller{fd: fd, room: r, owed: -1}, err
}

func (c *caller) ask(l load, now time.Time) error {
	out := l.request(c.room.out[:0], int(next.Add(1)))
	c.room.out, c.asked = out, now
	n, err := syscall.Write(c.fd, out)
	if err == nil && n < len(out) {
		err = errors.New("the socket takes no whole request")
	}
	return err
}

// hear reads what has come of an answer, and gives its status when it is whole.
func (c *caller) hear() (status int, err error) {
	n, err := syscall.Read(c.fd, c.room.in)
	switch {
	case err == syscall.EAGAIN || err == syscall.EINTR:
		return 0, nil
	case err != nil:
		return 0, err
	case n == 0:
		return 0, errors.New("the server has hung up")
	}
	got := c.room.in[:n]
	if c.owed < 0 {
		c.head = append(c.head, got...)
		head, body, whole := bytes.Cut(c.head, []byte("\r\n\r\n"))
		if !whole {
			return 0, nil
		}
		if c.said, c.owed, err = readHead(head); err != nil {
			return 0, err
		}
		got = body
	}
	if c.owed -= len(got); c.owed > 0 {
		return 0, nil
	}
	c.owed, c.head = -1, c.head[:0]
	return c.said, nil
}

// readHead reads the status of an answer and the size of its body, which must be said.
func readHead(head []byte) (status, size int, err error) {
	if len(head) < 12 {
		return 0, 0, errors.New("not an HTTP answer")
	}
	if status, err = strconv.Atoi(string(head[9:12])); err != nil {
		return 0, 0, errors.New("not an HTTP answer")
	}
	for rest := head; ; {
		var line []byte
		line, rest, _ = bytes.Cut(rest, []byte("\r\n"))
		if name, value, _ := bytes.Cut(line, []byte(": ")); bytes.EqualFold(name, []byte("content-length")) {
			size, err = strconv.Atoi(string(value))
			return status, size, err
		}
		if len(rest) == 0 {
			break
		}
	}
	return status, 0, fmt.Errorf("answered %d without saying how much", status)
}
