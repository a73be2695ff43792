package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"net"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// sink is a mail server that accepts everything and keeps the token of one confirmation link. It is as cheap as it can be:
// it shares two cores with what is measured.
type sink struct {
	addr     string
	mails    atomic.Int64
	listener net.Listener
	// each, where there is one, is told of every mail with a confirmation link: to whom, and its token.
	each atomic.Pointer[func(to, token string)]

	mu    sync.Mutex
	token string
}

var confirmLink = regexp.MustCompile(`/confirm/([A-Za-z0-9_-]{100,})`)

func openSink() (*sink, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &sink{addr: l.Addr().String(), listener: l}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go s.talk(c)
		}
	}()
	return s, nil
}

// talk is one conversation (RFC 5321), in which a client may say things ahead (RFC 2920).
func (s *sink) talk(c net.Conn) {
	defer c.Close()
	in, out := bufio.NewReaderSize(c, 64<<10), bufio.NewWriter(c)
	say := func(words string) {
		out.WriteString(words)
		if in.Buffered() == 0 {
			out.Flush()
		}
	}
	say("220 sink\r\n")
	var to string
	for {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return
		}
		switch string(bytes.ToUpper(line[:min(4, len(line))])) {
		case "EHLO":
			say("250-sink\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 PIPELINING\r\n")
		case "RCPT":
			_, after, _ := strings.Cut(string(line), "<")
			to, _, _ = strings.Cut(after, ">")
			say("250 yes\r\n")
		case "DATA":
			say("354 go on\r\n")
			if !s.take(in, to) {
				return
			}
			say("250 kept\r\n")
		case "QUIT":
			say("221 bye\r\n")
			return
		default:
			say("250 yes\r\n")
		}
	}
}

// take counts a mail, and looks into it where a token is wanted.
func (s *sink) take(in *bufio.Reader, to string) bool {
	s.mu.Lock()
	wanted := s.token == ""
	s.mu.Unlock()
	each := s.each.Load()
	wanted = wanted || each != nil
	var text []byte
	for {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return false
		}
		if string(line) == ".\r\n" {
			break
		}
		if wanted { // undoing the soft line breaks of quoted-printable
			text = append(text, bytes.TrimSuffix(line, []byte("=\r\n"))...)
		}
	}
	s.mails.Add(1)
	if found := confirmLink.FindSubmatch(text); found != nil {
		if each != nil {
			(*each)(to, string(found[1]))
		}
		s.mu.Lock()
		s.token = string(found[1])
		s.mu.Unlock()
	}
	return true
}

// forget makes the next mail the one whose token is kept.
func (s *sink) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.token = ""
}

// confirmation waits for a mail with a confirmation link and gives its token.
func (s *sink) confirmation(ctx context.Context) (string, error) {
	for range 500 {
		s.mu.Lock()
		token := s.token
		s.mu.Unlock()
		if token != "" {
			return token, ctx.Err()
		}
		time.Sleep(20 * time.Millisecond)
	}
	return "", errors.New("no confirmation was mailed within ten seconds")
}
