package web

import (
	"bytes"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"
)

// wholeAnswers is a listener whose connections send an answer in one piece. net/http writes a page of more than 4 KB in
// two: for ready bytes that second system call is a tenth of all the work.
//
// Between two requests they answer, where they can, by themselves.
//
// No more than maxConnections are open at once, so that a flood of slow ones cannot take all the memory: each costs some
// 30 KB. Who comes next waits until one has ended; the slowest do after headerTime, bodyTime or answerTime.
type wholeAnswers struct {
	net.Listener
	answer func(*bytes.Buffer, requestHead) bool // nil for a server that answers all
	places chan struct{}
}

const maxConnections = 8192

func newWholeAnswers(l net.Listener, answer func(*bytes.Buffer, requestHead) bool) wholeAnswers {
	return wholeAnswers{l, answer, make(chan struct{}, maxConnections)}
}

func (l wholeAnswers) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l.places <- struct{}{}
	return &wholeConn{Conn: c, answer: l.answer, leave: sync.OnceFunc(func() { <-l.places })}, nil
}

// maxHeld is how much of an answer waits for the rest of it, in bytes.
const maxHeld = 64 << 10

// wholeConn holds back what is written until the server turns to reading again: an answer is whole then. So nothing on
// this site can stream.
type wholeConn struct {
	net.Conn
	leave  func() // gives the connection's place to another
	answer func(*bytes.Buffer, requestHead) bool

	// Used by whoever reads, of which there is one at a time.
	idle bool // the server waits for the next request
	owed int  // bytes of the present request that the server has not been given yet; negative: nobody knows

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
		if c.idle && c.owed == 0 {
			rest = c.answerAll(rest)
		}
		if len(rest) > 0 || err != nil {
			c.give(rest)
			return copy(b, rest), err
		}
		c.SetDeadline(time.Now().Add(idleTime))
	}
}

// answerAll answers the requests at the beginning of b, and gives what is left.
func (c *wholeConn) answerAll(b []byte) (rest []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(b) > 0 && c.answer != nil {
		h, ok := parseHead(b)
		if !ok {
			break
		}
		c.hold()
		if !c.answer(c.held, h) || c.held.Len() >= maxHeld && c.sendHeld() != nil {
			break
		}
		b = b[h.size:]
	}
	return b
}

// give keeps account of the requests that the server is given. Where one cannot be measured, or the next begins before the
// server has asked for it, nobody knows from then on where a request begins, and all are the server's.
func (c *wholeConn) give(b []byte) {
	if c.owed < 0 || len(b) == 0 {
		return
	}
	if c.owed == 0 {
		if h, ok := parseHead(b); ok {
			c.owed = h.size + h.body
		}
	}
	c.owed -= len(b)
}

// Close sends what is held, unless the connection is stuck in sending: then closing ends that.
func (c *wholeConn) Close() error {
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
