package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"
)

// stream is requests that each come at a moment of their own, whatever becomes of those before: an open loop. What is
// measured is the time from that moment to the whole answer, so a server that stands still for a second is charged with that
// second by every request that came in it, whether there was a connection for it or not.
type stream struct {
	server *server
	most   int // connections that are open at once
	// fresh has each request come on a connection of its own, as those of people do who have just arrived.
	fresh bool
	// request appends a request, whole, to b.
	request func(b []byte, n int, token string) []byte
	// told is told of each answer; a status of 0 is none at all. It may be called by many at once.
	told func(asked, answer)

	mu      sync.Mutex
	ready   *sync.Cond
	waiting []asked
	idle    int
	open    int
	over    bool
	all     sync.WaitGroup

	micros   []uint32 // from the moment that each was due to its answer
	statuses map[int]int
	reasons  map[string]int // why there was no answer
	bare     int            // of the 503: without Retry-After
	behind   int            // the most that waited for a connection
}

// answer is what matters of an answer.
type answer struct {
	status     int
	retryAfter bool   // it says when to come again
	closes     bool   // it is the last on its connection
	reason     string // why there is none
}

// readWhole reads an answer whose size is said.
func readWhole(in *bufio.Reader) (a answer, err error) {
	size := 0
	for first := true; ; first = false {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return a, err
		}
		line = bytes.TrimRight(line, "\r\n")
		if first {
			if len(line) < 12 {
				return a, errors.New("not an HTTP answer")
			}
			a.status, err = strconv.Atoi(string(line[9:12]))
			if err != nil {
				return a, err
			}
			continue
		}
		if len(line) == 0 {
			_, err := in.Discard(size)
			return a, err
		}
		name, value, _ := bytes.Cut(line, []byte(": "))
		switch {
		case bytes.EqualFold(name, []byte("Content-Length")):
			if size, err = strconv.Atoi(string(value)); err != nil {
				return a, err
			}
		case bytes.EqualFold(name, []byte("Retry-After")):
			a.retryAfter = true
		case bytes.EqualFold(name, []byte("Connection")):
			a.closes = bytes.EqualFold(value, []byte("close"))
		}
	}
}

// asked is one request: when it is due, and what it is about.
type asked struct {
	due   time.Time
	n     int
	token string
}

func (s *stream) begin() {
	s.ready = sync.NewCond(&s.mu)
	s.statuses, s.reasons = map[int]int{}, map[string]int{}
}

// ask has one request sent as soon as a connection is free for it.
func (s *stream) ask(a asked) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting = append(s.waiting, a)
	s.behind = max(s.behind, len(s.waiting))
	if s.idle == 0 && s.open < s.most {
		s.open++
		s.all.Go(s.connection)
	}
	s.ready.Signal()
}

// next waits for a request to send; false when there will be none.
func (s *stream) next() (a asked, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.idle++
	for len(s.waiting) == 0 && !s.over {
		s.ready.Wait()
	}
	s.idle--
	if len(s.waiting) == 0 {
		return a, false
	}
	a = s.waiting[0]
	s.waiting = s.waiting[1:]
	return a, true
}

// end waits until all that was asked is answered.
func (s *stream) end() {
	s.mu.Lock()
	s.over = true
	s.ready.Broadcast()
	s.mu.Unlock()
	s.all.Wait()
	slices.Sort(s.micros)
}

// keptFor is how long a connection that nobody uses is taken to be open still.
const keptFor = 30 * time.Second

func (s *stream) connection() {
	var c net.Conn
	var in *bufio.Reader
	var out []byte
	used := time.Now()
	hangUp := func() {
		if c != nil {
			c.Close()
			c = nil
		}
	}
	defer hangUp()
	for {
		a, ok := s.next()
		if !ok {
			return
		}
		if time.Since(used) > keptFor {
			hangUp()
		}
		var got answer
		var err error
		if c == nil {
			if c, err = net.DialTimeout("tcp", s.server.addr, patience); err == nil {
				in = bufio.NewReaderSize(c, 8<<10)
			}
		}
		if err == nil {
			out = s.request(out[:0], a.n, a.token)
			_ = c.SetDeadline(time.Now().Add(patience))
			if _, err = c.Write(out); err == nil {
				got, err = readWhole(in)
			}
		}
		used = time.Now()
		if err != nil {
			got.status, got.reason = 0, reasonOf(err)
		}
		if err != nil || got.closes || s.fresh {
			hangUp()
		}
		s.note(a, got, used)
	}
}

// reasonOf says why there was no answer, without the addresses.
func reasonOf(err error) string {
	var on *net.OpError
	if errors.As(err, &on) {
		return on.Op + ": " + on.Err.Error()
	}
	return err.Error()
}

func (s *stream) note(a asked, got answer, at time.Time) {
	if s.told != nil {
		s.told(a, got)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.micros = append(s.micros, uint32(min(at.Sub(a.due).Microseconds(), 1<<32-1)))
	s.statuses[got.status]++
	if got.status == 0 {
		s.reasons[got.reason]++
	}
	if got.status == http.StatusServiceUnavailable && !got.retryAfter {
		s.bare++
	}
}

// percentile is in milliseconds, in tenths of a per cent: 990 is p99. Once the stream has ended.
func (s *stream) percentile(p int) float64 {
	if len(s.micros) == 0 {
		return 0
	}
	return float64(s.micros[(len(s.micros)-1)*p/1000]) / 1000
}

// failures counts the answers that are not this one.
func (s *stream) failures(status int) (n int) {
	for other, count := range s.statuses {
		if other != status {
			n += count
		}
	}
	return n
}

// pace asks at a rate, evenly, for a time.
func (s *stream) pace(ctx context.Context, rate int, during time.Duration) {
	begun := time.Now()
	last := int(during.Seconds() * float64(rate))
	for n := 0; n < last && ctx.Err() == nil; {
		for now := time.Now(); n < last; n++ {
			due := begun.Add(time.Duration(n) * time.Second / time.Duration(rate))
			if due.After(now) {
				time.Sleep(min(due.Sub(now), time.Millisecond))
				break
			}
			s.ask(asked{due: due, n: int(next.Add(1))})
		}
	}
}
