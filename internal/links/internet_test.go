package links

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// internet is a small one in memory, so that what takes a minute there takes none here: names, what a name server says of
// them, and the servers at the addresses. Connections pass the guard as a [net.Dialer] has them pass.
type internet struct {
	t       *testing.T
	trust   *x509.CertPool
	mu      sync.Mutex
	names   map[string][]string // what is answered to each question, the last answer for ever
	servers map[string]chan net.Conn
	log     []string // "GET host/path", in order
	busy    map[string]int
	most    int // requests that one host had at the same time
}

func newInternet(t *testing.T) *internet {
	return &internet{t: t, trust: x509.NewCertPool(), names: map[string][]string{}, servers: map[string]chan net.Conn{}, busy: map[string]int{}}
}

// serve puts a handler under a name, by http; close ends it.
func (i *internet) serve(name string, h http.HandlerFunc) { i.listen(name, "80", h, nil) }

// serveTLS puts a handler under a name, by https, with a certificate for another one.
func (i *internet) serveTLS(name, certified string, until time.Time, h http.HandlerFunc) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		i.t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: certified}, DNSNames: []string{certified},
		NotBefore: until.AddDate(-1, 0, 0), NotAfter: until, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		i.t.Fatal(err)
	}
	c, err = x509.ParseCertificate(der)
	if err != nil {
		i.t.Fatal(err)
	}
	i.trust.AddCert(c)
	i.listen(name, "443", h, &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}})
}

func (i *internet) listen(name, port string, h http.HandlerFunc, secret *tls.Config) {
	address := i.name(name)
	conns := make(chan net.Conn)
	i.servers[net.JoinHostPort(address, port)] = conns
	l := pipes{conns, make(chan struct{})}
	server := &http.Server{ErrorLog: log.New(io.Discard, "", 0), Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		i.mu.Lock()
		i.log = append(i.log, r.Method+" "+r.Host+r.URL.RequestURI())
		i.busy[r.Host]++
		i.most = max(i.most, i.busy[r.Host])
		i.mu.Unlock()
		defer func() { i.mu.Lock(); i.busy[r.Host]--; i.mu.Unlock() }()
		h(w, r)
	})}
	go func() {
		if secret != nil {
			server.Serve(tls.NewListener(l, secret))
		} else {
			server.Serve(l)
		}
	}()
	i.t.Cleanup(func() { server.Close() })
}

// name gives a host an address of its own.
func (i *internet) name(name string) string {
	if i.names[name] == nil {
		address := net.IPv4(93, 184, 215, byte(14+len(i.names))).String()
		i.names[name] = []string{address}
	}
	return i.names[name][0]
}

// dial connects as a [net.Dialer] does: it looks the name up, and asks the guard about the very address.
func (i *internet) dial(ctx context.Context, network, address string) (net.Conn, error) {
	name, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	ip := name
	if net.ParseIP(name) == nil {
		i.mu.Lock()
		answers := i.names[name]
		if len(answers) > 1 {
			i.names[name] = answers[1:]
		}
		i.mu.Unlock()
		if len(answers) == 0 {
			return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
		}
		ip = answers[0]
	}
	if err := guard(network, net.JoinHostPort(ip, port), nil); err != nil {
		return nil, &net.OpError{Op: "dial", Err: err}
	}
	conns, ok := i.servers[net.JoinHostPort(ip, port)]
	if !ok {
		return nil, &net.OpError{Op: "dial", Err: io.EOF}
	}
	ours, theirs := net.Pipe()
	select {
	case conns <- flowing(theirs):
		return ours, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// checker is one that lives in this internet.
func (i *internet) checker(o Options) *Checker {
	return newChecker(o, i.dial, &tls.Config{RootCAs: i.trust})
}

// asked lists the requests so far, without those for robots.txt.
func (i *internet) asked() (pages []string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, line := range i.log {
		if !strings.HasSuffix(line, "/robots.txt") {
			pages = append(pages, line)
		}
	}
	return pages
}

// pipes is a listener whose connections come through a channel.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
}

func (p pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}
func (p pipes) Close() error   { close(p.closed); return nil }
func (p pipes) Addr() net.Addr { return &net.TCPAddr{} }

// flow is a connection whose writes do not wait for a reader, as on a network: both ends of a handshake may write at once.
type flow struct {
	net.Conn
	out  chan []byte
	done chan struct{}
	end  func()
}

func flowing(c net.Conn) net.Conn {
	f := flow{Conn: c, out: make(chan []byte, 8), done: make(chan struct{})}
	f.end = sync.OnceFunc(func() { close(f.done) })
	go f.pump()
	return f
}

// pump writes what it is given until the connection is closed, and then what is left.
func (f flow) pump() {
	defer f.Conn.Close()
	defer f.end()
	for ended := false; ; {
		select {
		case b := <-f.out:
			if _, err := f.Conn.Write(b); err != nil {
				return
			}
			continue
		default:
		}
		if ended {
			return
		}
		select {
		case b := <-f.out:
			if _, err := f.Conn.Write(b); err != nil {
				return
			}
		case <-f.done:
			ended = true
		}
	}
}

func (f flow) Write(p []byte) (int, error) {
	select {
	case f.out <- bytes.Clone(p):
		return len(p), nil
	case <-f.done:
		return 0, net.ErrClosed
	}
}

func (f flow) Close() error { f.end(); return nil }
