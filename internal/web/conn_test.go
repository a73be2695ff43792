package web

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
)

// countedConn counts the system calls that an answer takes.
type countedListener struct {
	net.Listener
	writes atomic.Int64
}

type countedConn struct {
	net.Conn
	writes *atomic.Int64
}

func (l *countedListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	return countedConn{c, &l.writes}, err
}

func (c countedConn) Write(b []byte) (int, error) {
	c.writes.Add(1)
	return c.Conn.Write(b)
}

func TestAnswerIsSentInOnePiece(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener := &countedListener{Listener: inner}
	body := strings.Repeat("0123456789", 2000)
	srv := &http.Server{ConnState: betweenRequests, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		io.WriteString(w, body)
	})}
	go srv.Serve(newWholeAnswers(listener, nil))
	defer srv.Close()

	conn, err := net.Dial("tcp", inner.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	answers := bufio.NewReader(conn)
	ask := func(request string, writes int64) {
		t.Helper()
		before := listener.writes.Load()
		fmt.Fprint(conn, request)
		resp, err := http.ReadResponse(answers, nil)
		if err == nil && resp.StatusCode == http.StatusContinue {
			fmt.Fprint(conn, "body")
			resp, err = http.ReadResponse(answers, nil)
		}
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(resp.Body)
		if err != nil || string(got) != body {
			t.Fatalf("%d bytes, %v", len(got), err)
		}
		if n := listener.writes.Load() - before; n > writes {
			t.Errorf("%d writes, want at most %d", n, writes)
		}
	}
	// One more than needed: a read that begins late may send the first part by itself.
	ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n", 2)
	ask("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody", 2)
	ask("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n", 3)
	ask("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 2)
}

func TestLongAnswerIsNotHeldForEver(t *testing.T) {
	near, far := net.Pipe()
	defer far.Close()
	c := &wholeConn{Conn: near, leave: func() {}}
	go c.Write(make([]byte, maxHeld))
	if _, err := io.ReadFull(far, make([]byte, maxHeld)); err != nil {
		t.Fatal(err)
	}
}

func TestCloseDoesNotWaitForAReaderThatReadsNothing(t *testing.T) {
	near, far := net.Pipe()
	defer far.Close()
	c := &wholeConn{Conn: near, leave: func() {}}
	stuck := make(chan error)
	go func() {
		_, err := c.Write(make([]byte, maxHeld))
		stuck <- err
	}()
	far.Read(make([]byte, 1)) // the write has begun
	c.Close()
	if err := <-stuck; err == nil {
		t.Error("a write that nobody read succeeded")
	}
}

func TestConnectionBeyondTheMostWaitsUntilAnotherEnds(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener := newWholeAnswers(inner, nil)
	listener.places = make(chan struct{}, 1)
	defer listener.Close()
	accepted := make(chan net.Conn, 2)
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			accepted <- c
		}
	}()
	for range 2 {
		client, err := net.Dial("tcp", inner.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
	}
	first := <-accepted
	if len(accepted) != 0 || len(listener.places) != 1 {
		t.Fatalf("%d more were let in", len(accepted))
	}
	first.Close()
	first.Close() // twice gives back one place
	second := <-accepted
	second.Close()
	if len(listener.places) != 0 {
		t.Errorf("%d places are taken by nobody", len(listener.places))
	}
}
