package mail

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// sink is a real mail server on a loopback port, which counts what it takes.
type sink struct {
	address string
	roots   *x509.CertPool

	mu        sync.Mutex
	mails     int
	passwords []string
	encrypted bool // the last mail came over TLS
}

type sinkOptions struct {
	certificate  string // the name it is made out to; empty for no TLS
	expired      bool
	implicit     bool     // TLS from the first byte
	mechanisms   []string // of AUTH; nil for none
	insecureAuth bool     // offers AUTH without TLS
}

func newSink(t testing.TB, o sinkOptions) *sink {
	t.Helper()
	s := &sink{roots: x509.NewCertPool()}
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &sinkSession{sink: s, conn: c, mechanisms: o.mechanisms}, nil
	}))
	server.Domain = "sink.example"
	server.AllowInsecureAuth = o.insecureAuth
	server.ErrorLog = log.New(io.Discard, "", 0) // refused handshakes are what we test
	if o.certificate != "" {
		server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{selfSigned(t, s.roots, o)}}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.address = listener.Addr().String()
	if o.implicit {
		listener = tls.NewListener(listener, server.TLSConfig)
	}
	var done sync.WaitGroup
	done.Go(func() { server.Serve(listener) })
	t.Cleanup(func() { server.Close(); done.Wait() })
	return s
}

func selfSigned(t testing.TB, roots *x509.CertPool, o sinkOptions) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{o.certificate}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: time.Now().Add(48 * time.Hour)}
	if o.expired {
		template.NotAfter = time.Now().Add(-24 * time.Hour)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

type sinkSession struct {
	sink       *sink
	conn       *smtp.Conn
	mechanisms []string
}

func (s *sinkSession) Reset()                               {}
func (s *sinkSession) Logout() error                        { return nil }
func (s *sinkSession) Mail(string, *smtp.MailOptions) error { return nil }
func (s *sinkSession) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (s *sinkSession) AuthMechanisms() []string             { return s.mechanisms }

func (s *sinkSession) Data(r io.Reader) error {
	if _, err := io.Copy(io.Discard, r); err != nil {
		return err
	}
	s.sink.mu.Lock()
	defer s.sink.mu.Unlock()
	s.sink.mails++
	_, s.sink.encrypted = s.conn.TLSConnectionState()
	return nil
}

func (s *sinkSession) Auth(mechanism string) (sasl.Server, error) {
	check := func(user, password string) error {
		s.sink.mu.Lock()
		defer s.sink.mu.Unlock()
		s.sink.passwords = append(s.sink.passwords, password)
		if user != "ana" || password != "s3cret" {
			return smtp.ErrAuthFailed
		}
		return nil
	}
	if mechanism == "LOGIN" {
		return &loginServer{check: check}, nil
	}
	return sasl.NewPlainServer(func(_, user, password string) error { return check(user, password) }), nil
}

// loginServer asks for a name, then for a password.
type loginServer struct {
	check func(user, password string) error
	user  string
	asked int
}

func (l *loginServer) Next(answer []byte) (challenge []byte, done bool, err error) {
	l.asked++
	switch l.asked {
	case 1:
		return []byte("Username:"), false, nil
	case 2:
		l.user = string(answer)
		return []byte("Password:"), false, nil
	}
	return nil, true, l.check(l.user, string(answer))
}

// client knows the sink by the address, whatever host that names, and trusts its certificate.
func (s *sink) client(t testing.TB, address string) *SMTP {
	t.Helper()
	client, err := NewSMTP(address)
	if err != nil {
		t.Fatal(err)
	}
	client.tls.RootCAs = s.roots
	client.dial = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, s.address)
	}
	t.Cleanup(client.Close)
	return client
}

func TestTLSAndSignIn(t *testing.T) {
	const name = "mail.example"
	both := []string{"PLAIN", "LOGIN"}
	tests := map[string]struct {
		sink     sinkOptions
		address  string
		step     string // at which it fails; empty where the mail goes out
		code     int
		insecure bool // and unencrypted
	}{
		"STARTTLS":                         {sink: sinkOptions{certificate: name}, address: "smtp://mail.example"},
		"STARTTLS and PLAIN":               {sink: sinkOptions{certificate: name, mechanisms: both}, address: "smtp://ana:s3cret@mail.example"},
		"STARTTLS and LOGIN":               {sink: sinkOptions{certificate: name, mechanisms: both[1:]}, address: "smtp://ana:s3cret@mail.example"},
		"TLS at once":                      {sink: sinkOptions{certificate: name, implicit: true, mechanisms: both}, address: "smtps://ana:s3cret@mail.example"},
		"no STARTTLS":                      {address: "smtp://mail.example", step: "tls"},
		"no STARTTLS, and no password":     {sink: sinkOptions{mechanisms: both, insecureAuth: true}, address: "smtp://ana:s3cret@mail.example", step: "tls"},
		"opportunistic without":            {address: "smtp://mail.example?tls=opportunistic", insecure: true},
		"opportunistic with":               {sink: sinkOptions{certificate: name}, address: "smtp://mail.example?tls=opportunistic"},
		"opportunistic, bad certificate":   {sink: sinkOptions{certificate: "other.example"}, address: "smtp://mail.example?tls=opportunistic", step: "tls"},
		"opportunistic, password in clear": {sink: sinkOptions{mechanisms: both, insecureAuth: true}, address: "smtp://ana:s3cret@mail.example?tls=opportunistic", step: "auth"},
		"another's certificate":            {sink: sinkOptions{certificate: "other.example"}, address: "smtp://mail.example", step: "tls"},
		"expired certificate":              {sink: sinkOptions{certificate: name, expired: true}, address: "smtp://mail.example", step: "tls"},
		"another's certificate, smtps":     {sink: sinkOptions{certificate: "other.example", implicit: true}, address: "smtps://mail.example", step: "tls"},
		"wrong password":                   {sink: sinkOptions{certificate: name, mechanisms: both}, address: "smtp://ana:wrong@mail.example", step: "auth", code: 535},
		"localhost in clear":               {sink: sinkOptions{certificate: "other.example"}, address: "smtp://localhost", insecure: true},
		"localhost, TLS demanded":          {address: "smtp://localhost?tls=mandatory", step: "tls"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := newSink(t, tt.sink)
			err := s.client(t, tt.address).Send(t.Context(), sample())
			s.mu.Lock()
			defer s.mu.Unlock()
			if tt.step == "" {
				if err != nil || s.mails != 1 || s.encrypted == tt.insecure {
					t.Errorf("%v; %d mails, encrypted: %v", err, s.mails, s.encrypted)
				}
				return
			}
			if failed := asFailure(t, err); failed.Step != tt.step || failed.Code != tt.code || failed.Permanent || s.mails != 0 {
				t.Errorf("%+v; %d mails", failed, s.mails)
			}
			if tt.code == 0 && len(s.passwords) != 0 {
				t.Error("the password was sent")
			}
		})
	}
}

func TestCertificateOfAnUnknownAuthorityIsRefused(t *testing.T) {
	s := newSink(t, sinkOptions{certificate: "mail.example"})
	client := s.client(t, "smtp://mail.example")
	client.tls.RootCAs = x509.NewCertPool()
	var unknown x509.UnknownAuthorityError
	if failed := asFailure(t, client.Send(t.Context(), sample())); !errors.As(failed, &unknown) || failed.Permanent {
		t.Errorf("%+v", failed)
	}
}
