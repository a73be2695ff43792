package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// load is requests over keep-alive connections. It is written for little processor time: it shares two cores with what
// it measures.
type load struct {
	server      *server
	connections int
	// request appends the nth request, whole, to b.
	request func(b []byte, n int) []byte
	status  int // of every right answer
	// most ends the load after so many requests; 0 is no end but its time.
	most int
	// rate is requests a second, evenly spaced, each late by no more than its turn; 0 is as many as are answered.
	rate int
}

// figures are what a load has met.
type figures struct {
	requests  int
	took, cpu time.Duration // cpu is the server's
	latencies []time.Duration
}

func (f figures) perSecond() float64 { return float64(f.requests) / f.took.Seconds() }

// cpuEach is the server's processor time for a request, in microseconds; what it does between requests is in it.
func (f figures) cpuEach() float64 {
	return float64(f.cpu.Microseconds()) / float64(max(f.requests, 1))
}

func (f figures) percentile(p int) time.Duration {
	if len(f.latencies) == 0 {
		return 0
	}
	return f.latencies[(len(f.latencies)-1)*p/100]
}

// next numbers requests for the life of the program: no two signers are the same.
var next atomic.Int64

// run loads the server for a time. An answer that is not the right one is an error.
func (l load) run(ctx context.Context, during time.Duration) (f figures, err error) {
	ctx, cancel := context.WithTimeout(ctx, during)
	defer cancel()
	var (
		all   sync.WaitGroup
		mu    sync.Mutex
		wrong error
		taken atomic.Int64
	)
	cpu, begun := l.server.cpu(), time.Now()
	take := func() bool {
		n := taken.Add(1)
		if l.rate > 0 {
			time.Sleep(time.Until(begun.Add(time.Duration(n-1) * time.Second / time.Duration(l.rate))))
		}
		return ctx.Err() == nil && (l.most == 0 || n <= int64(l.most))
	}
	for range l.connections {
		all.Go(func() {
			latencies, err := l.connection(take)
			mu.Lock()
			defer mu.Unlock()
			f.latencies = append(f.latencies, latencies...)
			wrong = errors.Join(wrong, err)
		})
	}
	all.Wait()
	f.took, f.cpu, f.requests = time.Since(begun), l.server.cpu()-cpu, len(f.latencies)
	slices.Sort(f.latencies)
	if wrong != nil {
		return f, fmt.Errorf("load %s: %w", l.server.name, wrong)
	}
	return f, nil
}

func (l load) connection(take func() bool) (latencies []time.Duration, err error) {
	c, err := net.Dial("tcp", l.server.addr)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	in := bufio.NewReaderSize(c, 16<<10)
	var out []byte
	for take() {
		out = l.request(out[:0], int(next.Add(1)))
		begun := time.Now()
		if _, err := c.Write(out); err != nil {
			return latencies, err
		}
		status, err := readAnswer(in, nil)
		if err != nil {
			return latencies, err
		}
		if status != l.status {
			return latencies, fmt.Errorf("answered %d, not %d", status, l.status)
		}
		latencies = append(latencies, time.Since(begun))
	}
	return latencies, nil
}

// readAnswer reads one HTTP/1.1 answer and copies its body to w, which may be nil.
func readAnswer(in *bufio.Reader, w io.Writer) (status int, err error) {
	if w == nil {
		w = io.Discard
	}
	length, chunked := int64(0), false
	for first := true; ; first = false {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return 0, err
		}
		line = bytes.TrimRight(line, "\r\n")
		switch {
		case first:
			if len(line) < 12 {
				return 0, errors.New("not an HTTP answer")
			}
			status, _ = strconv.Atoi(string(line[9:12]))
			continue
		case len(line) == 0:
			return status, readBody(in, w, length, chunked)
		case has(line, "content-length: "):
			length, _ = strconv.ParseInt(string(line[len("content-length: "):]), 10, 64)
		case has(line, "transfer-encoding: chunked"):
			chunked = true
		}
	}
}

func has(line []byte, prefix string) bool {
	return len(line) >= len(prefix) && bytes.EqualFold(line[:len(prefix)], []byte(prefix))
}

func readBody(in *bufio.Reader, w io.Writer, length int64, chunked bool) error {
	if !chunked {
		_, err := io.CopyN(w, in, length)
		return err
	}
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return err
		}
		size, err := strconv.ParseInt(strings.TrimSpace(line), 16, 32)
		if err != nil {
			return err
		}
		if _, err := io.CopyN(w, in, size); err != nil {
			return err
		}
		if _, err := in.Discard(2); err != nil || size == 0 {
			return err
		}
	}
}
