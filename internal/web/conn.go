package web

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// wholeAnswers is a listener whose connections send an answer in one piece. net/http writes a page of more than 4 KB in
// two: for ready bytes that second system call is a tenth of all the work.
//
// Between two requests they answer, where they can, by themselves.
//
// No more than maxConnections are open at once, so that a flood of slow ones cannot take all the memory: each costs some
// 30 to 50 KB, with what is read of its body ([bodyRoom]). Who comes next waits until one has ended; the slowest do after headerTime, bodyTime or answerTime.
type wholeAnswers struct {
	net.Listener
	answer    func(*bytes.Buffer, requestHead) bool // nil for a server that answers all
	places    chan struct{}
	answering *atomic.Int64 // how many connections are answering by themselves
}

const maxConnections = 8192

func newWholeAnswers(l net.Listener, answer func(*bytes.Buffer, requestHead) bool) wholeAnswers {
	return wholeAnswers{l, answer, make(chan struct{}, maxConnections), new(atomic.Int64)}
}

func (l wholeAnswers) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l.places <- struct{}{}
	return &wholeConn{Conn: c, from: c.RemoteAddr().String(), answer: l.answer, answering: l.answering,
		leave: sync.OnceFunc(func() { <-l.places })}, nil
}

// finish waits for those who are answering by themselves: to the server, which has shut down, they were idle.
func (l wholeAnswers) finish(ctx context.Context) error {
	for l.answering.Load() > 0 {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Millisecond):
		}
	}
	return nil
}

// maxHeld is how much of an answer waits for the rest of it, in bytes.
const maxHeld = 64 << 10

// wholeConn holds back what is written until the server turns to reading again: an answer is whole then. So nothing on
// this site can stream.
type wholeConn struct {
	net.Conn
	from      string // the address of its other end
	leave     func() // gives the connection's place to another
	answer    func(*bytes.Buffer, requestHead) bool
	answering *atomic.Int64
	state     atomic.Int32 // free, busy or closed

	// Used by whoever reads, of which there is one at a time.
	idle bool // the server waits for the next request
	owed int  // bytes of the present request that the server has not been given yet; negative: nobody knows

	ours  bool // the last request was answered without the server
	spare int  // bytes of empty lines that may still come behind it: four after a POST, as with net/http

	mu   sync.Mutex
	held *bytes.Buffer // nil while nothing is held
}

// heldBuffers are lent to connections that have something to send: those that wait for a reader's next click hold none.
var heldBuffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// hold is called with mu held.
func (c *wholeConn) hold() {
	if c.held == nil {
		c.held = heldBuffers.Get().(*bytes.Buffer)
	}
}

func (c *wholeConn) Write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.hold()
	c.held.Write(b)
	if c.held.Len() < maxHeld {
		return len(b), nil
	}
	return len(b), c.sendHeld()
}

// betweenRequests is told by the server what a connection is doing.
func betweenRequests(c net.Conn, state http.ConnState) {
	if w, ok := c.(*wholeConn); ok {
		w.idle = state == http.StateIdle
	}
}

// Read sends what is held, and reads. What it reads while the server waits for the next request, and has had the last one
// whole, begins a request: those that can be answered at once never reach the server. For them the deadlines begin anew.
func (c *wholeConn) Read(b []byte) (int, error) {
	if c.idle {
		c.SetWriteDeadline(time.Now().Add(idleTime)) // the server has taken its own away
	}
	for {
		// A server that has had the whole request reads on only to see whether its client leaves. The answer is not whole yet.
		if c.idle || c.owed != 0 {
			if err := c.flush(); err != nil {
				return 0, err
			}
		}
		n, err := c.Conn.Read(b)
		rest := b[:n]
		if c.idle && c.owed == 0 && c.answer != nil && n > 0 && err == nil {
			rest, err = c.answerAll(rest)
		}
		if len(rest) > 0 || err != nil {
			c.give(rest)
			return copy(b, rest), err
		}
		c.SetDeadline(time.Now().Add(idleTime))
	}
}

// answerAll answers the requests at the beginning of b, and gives what is left.
func (c *wholeConn) answerAll(b []byte) (rest []byte, err error) {
	if !c.begin() {
		return b, nil
	}
	defer c.end()
	out := heldBuffers.Get().(*bytes.Buffer)
	defer func() { // also where an answer has failed: those before it are whole
		if _, failed := out.WriteTo(c.Conn); err == nil {
			err = failed
		}
		out.Reset()
		heldBuffers.Put(out)
	}()
	for err == nil {
		for ; c.spare > 0 && emptyLine(b); c.spare-- {
			b = b[1:]
		}
		h, ok := parseHead(b)
		h.from = c.from
		if !ok || !c.answer(out, h) {
			break
		}
		if c.ours, c.spare = true, 0; !h.get {
			c.spare = 4
			c.SetWriteDeadline(time.Now().Add(idleTime)) // it came in the last instant, maybe, and is committed
		}
		if b = b[h.size+h.body:]; out.Len() >= maxHeld {
			_, err = out.WriteTo(c.Conn)
		}
	}
	if c.ours && emptyLine(b) {
		b[0] = ' ' // one too many; the server, if a POST was the last that it had, would pass over it
	}
	return b, err
}

// emptyLine is what an old browser may send behind a form.
func emptyLine(b []byte) bool { return len(b) > 0 && (b[0] == '\r' || b[0] == '\n') }

// What a connection's state can be.
const (
	free   int32 = iota
	busy         // answering by itself
	closed       // or about to be, by whoever answers
)

func (c *wholeConn) begin() bool {
	c.answering.Add(1)
	if c.state.CompareAndSwap(free, busy) {
		return true
	}
	c.answering.Add(-1)
	return false
}

func (c *wholeConn) end() {
	defer c.answering.Add(-1)
	if !c.state.CompareAndSwap(busy, free) {
		c.Close()
	}
}

// give keeps account of the requests that the server is given. Where one cannot be measured, or the next begins before the
// server has asked for it, nobody knows from then on where a request begins, and all are the server's.
func (c *wholeConn) give(b []byte) {
	if c.owed < 0 || len(b) == 0 {
		return
	}
	c.ours, c.spare = false, 0
	if c.owed == 0 {
		if h, ok := parseHead(b); ok {
			c.owed = h.size + h.body
		}
	}
	c.owed -= len(b)
}

// Close sends what is held, unless the connection is stuck in sending: then closing ends that. Somebody who is being answered
// is answered first: a server that shuts down takes this connection for an idle one.
func (c *wholeConn) Close() error {
	if c.state.Swap(closed) == busy {
		return nil
	}
	defer c.leave()
	var err error
	if c.mu.TryLock() {
		err = c.sendHeld()
		c.mu.Unlock()
	}
	return errors.Join(err, c.Conn.Close())
}

// CloseWrite is what net/http asks for before it closes on a client that is still sending.
func (c *wholeConn) CloseWrite() error {
	err := c.flush()
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		err = errors.Join(err, half.CloseWrite())
	}
	return err
}

func (c *wholeConn) flush() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.sendHeld()
}

// sendHeld is called with mu held.
func (c *wholeConn) sendHeld() error {
	if c.held == nil {
		return nil
	}
	_, err := c.Conn.Write(c.held.Bytes())
	c.held.Reset()
	heldBuffers.Put(c.held)
	c.held = nil
	return err
}
