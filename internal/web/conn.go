package web

import (
	"bytes"
	"errors"
	"net"
	"sync"
)

// wholeAnswers is a listener whose connections send an answer in one piece. net/http writes a page of more than 4 KB in
// two: for ready bytes that second system call is a tenth of all the work.
//
// No more than maxConnections are open at once, so that a flood of slow ones cannot take all the memory: each costs some
// 30 KB. Who comes next waits until one has ended; the slowest do after headerTime, bodyTime or answerTime.
type wholeAnswers struct {
	net.Listener
	places chan struct{}
}

const maxConnections = 8192

func newWholeAnswers(l net.Listener) wholeAnswers {
	return wholeAnswers{l, make(chan struct{}, maxConnections)}
}

func (l wholeAnswers) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l.places <- struct{}{}
	return &wholeConn{Conn: c, leave: sync.OnceFunc(func() { <-l.places })}, nil
}

// maxHeld is how much of an answer waits for the rest of it, in bytes.
const maxHeld = 64 << 10

// wholeConn holds back what is written until the server turns to reading again: an answer is whole then. So nothing on
// this site can stream.
type wholeConn struct {
	net.Conn
	leave func() // gives the connection's place to another
	mu    sync.Mutex
	held  *bytes.Buffer // nil while nothing is held
}

// heldBuffers are lent to connections that have something to send: those that wait for a reader's next click hold none.
var heldBuffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

func (c *wholeConn) Write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.held == nil {
		c.held = heldBuffers.Get().(*bytes.Buffer)
	}
	c.held.Write(b)
	if c.held.Len() < maxHeld {
		return len(b), nil
	}
	return len(b), c.sendHeld()
}

func (c *wholeConn) Read(b []byte) (int, error) {
	if err := c.flush(); err != nil {
		return 0, err
	}
	return c.Conn.Read(b)
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
