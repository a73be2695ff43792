package main

import (
	"bytes"
	"errors"
	"io"
	"log"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	stdmail "net/mail"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-smtp"
	"github.com/undersigned/undersigned/internal/mail"
)

// letter is a mail as its reader sees it.
type letter struct {
	to   string
	id   string // its Message-ID
	link string // the path of the first link in it
	raw  string // as it came
}

// mailServer is a mail server on this machine. Whatever it accepts goes to arrived.
type mailServer struct {
	t       *testing.T
	addr    string
	arrived chan letter
	// What it answers to a recipient, and to a text; nil accepts. conn is the connection, which either may close.
	rcpt func(to string, conn net.Conn) error
	text func(l letter, conn net.Conn) error
	// forgets lets nothing but text know what was accepted: a million mails would be too many to keep.
	forgets bool

	mu       sync.Mutex
	server   *smtp.Server
	conns    map[net.Conn]bool
	accepted []letter
}

func newMailServer(t *testing.T) *mailServer {
	m := &mailServer{t: t, arrived: make(chan letter, 1<<16), conns: map[net.Conn]bool{}}
	m.open("127.0.0.1:0")
	t.Cleanup(m.close)
	return m
}

// open begins to listen.
func (m *mailServer) open(addr string) {
	m.t.Helper()
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		m.t.Fatal(err)
	}
	m.addr = listener.Addr().String()
	m.server = smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.conns[c.Conn()] = true
		return &conversation{server: m, conn: c.Conn()}, nil
	}))
	m.server.Domain = "localhost"
	m.server.ErrorLog = log.New(io.Discard, "", 0)
	go m.server.Serve(listener)
}

// close goes away: nobody listens any more, and who was connected is cut off.
func (m *mailServer) close() {
	m.server.Close()
	m.hangUp()
}

// hangUp cuts every connection and goes on listening.
func (m *mailServer) hangUp() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for c := range m.conns {
		c.Close()
	}
	clear(m.conns)
}

func (m *mailServer) url() string { return "smtp://" + m.addr }

// all is every mail that was accepted.
func (m *mailServer) all() []letter {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]letter(nil), m.accepted...)
}

// next waits for a mail.
func (m *mailServer) next(what string) (l letter) {
	m.t.Helper()
	eventually(m.t, what, func() bool {
		select {
		case l = <-m.arrived:
			return true
		default:
			return false
		}
	})
	return l
}

// conversation is one connection to the mail server.
type conversation struct {
	server *mailServer
	conn   net.Conn
	to     string
}

func (c *conversation) Reset()                               { c.to = "" }
func (c *conversation) Logout() error                        { return nil }
func (c *conversation) Mail(string, *smtp.MailOptions) error { return nil }

func (c *conversation) Rcpt(to string, _ *smtp.RcptOptions) error {
	c.to = to
	if c.server.rcpt == nil {
		return nil
	}
	return c.server.rcpt(to, c.conn)
}

func (c *conversation) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	l, err := readLetter(raw)
	if err != nil {
		c.server.t.Errorf("a mail that cannot be read: %v", err)
		return err
	}
	l.to, l.raw = c.to, string(raw)
	if c.server.forgets {
		l.raw = ""
	}
	if c.server.text != nil {
		if err := c.server.text(l, c.conn); err != nil {
			return err
		}
	}
	if c.server.forgets {
		return nil
	}
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	c.server.accepted = append(c.server.accepted, l)
	c.server.arrived <- l
	return nil
}

// readLetter finds the Message-ID, and the first link in the plain text.
func readLetter(raw []byte) (l letter, err error) {
	m, err := stdmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return l, err
	}
	l.id = m.Header.Get("Message-Id")
	_, boundary, multi := strings.Cut(m.Header.Get("Content-Type"), "boundary=")
	if !multi { // a person's letter to an office
		return l, nil
	}
	part, err := multipart.NewReader(m.Body, strings.Trim(boundary, `"; `)).NextRawPart()
	if err != nil {
		return l, err
	}
	text, err := io.ReadAll(quotedprintable.NewReader(part))
	if err != nil {
		return l, err
	}
	links := mail.Links(string(text))
	if len(links) == 0 || l.id == "" {
		return l, errors.New("it has no link or no Message-ID")
	}
	link, err := url.Parse(links[0])
	if err != nil {
		return l, err
	}
	l.link = link.Path
	return l, nil
}
