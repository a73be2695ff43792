package web

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// listen serves the site on a port of this machine until stop, which returns what Serve returned.
func (s *testSite) listen() (address string, stop func() error) {
	s.t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	s.must(err)
	ctx, cancel := context.WithCancel(s.t.Context())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx, listener) }()
	return listener.Addr().String(), func() error { cancel(); return <-served }
}

// TestSiteThatIsAboutToEndSaysSoAndAnswersOn: a proxy reads that at /readyz, and no connection is used again.
func TestSiteThatIsAboutToEndSaysSoAndAnswersOn(t *testing.T) {
	s := newSite(t)
	s.delay = time.Hour
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	s.must(err)
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx, listener) }()
	ask := func(path string) (status int, last bool) {
		t.Helper()
		resp, err := http.Get("http://" + listener.Addr().String() + path)
		s.must(err)
		_, err = io.Copy(io.Discard, resp.Body)
		s.must(errors.Join(err, resp.Body.Close()))
		return resp.StatusCode, resp.Close
	}
	for range 2 { // made, and then ready
		if status, last := ask("/shelter"); status != http.StatusOK || last {
			t.Fatalf("before: %d, last on its connection %v", status, last)
		}
	}
	stop()
	for status := http.StatusOK; status != http.StatusServiceUnavailable; {
		status, _ = ask("/readyz")
	}
	for range 2 {
		if status, last := ask("/shelter"); status != http.StatusOK || !last {
			t.Errorf("meanwhile: %d, last on its connection %v", status, last)
		}
	}
	if status, _ := ask("/healthz"); status != http.StatusOK {
		t.Errorf("the process says that it is dead: %d", status)
	}
}

func TestServeFinishesWhatItHasBegun(t *testing.T) {
	s := newSite(t)
	begun, finish := make(chan bool), make(chan bool)
	inner := s.handler
	s.handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(begun)
		<-finish
		inner.ServeHTTP(w, r)
	})
	address, stop := s.listen()
	answered := make(chan int)
	go func() {
		resp, err := http.Get("http://" + address + "/shelter")
		if err != nil {
			t.Error(err)
			answered <- 0
			return
		}
		resp.Body.Close()
		answered <- resp.StatusCode
	}()
	<-begun
	stopped := make(chan error)
	go func() { stopped <- stop() }()
	for { // until the listener is closed
		conn, err := net.Dial("tcp", address)
		if err != nil {
			break
		}
		conn.Close()
	}
	close(finish)
	if status := <-answered; status != http.StatusOK {
		t.Errorf("the request that had begun got %d", status)
	}
	s.must(<-stopped)
	if !strings.Contains(s.visited.String(), "GET /{issue}") {
		t.Error("the access log was not written out")
	}
}

func TestHeadersThatAreTooLongAreRefused(t *testing.T) {
	s := newSite(t)
	address, stop := s.listen()
	conn, err := net.Dial("tcp", address)
	s.must(err)
	defer conn.Close()
	fmt.Fprintf(conn, "GET / HTTP/1.1\r\nHost: x\r\nX-Long: %s\r\n\r\n", strings.Repeat("a", 2*maxHeader))
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	s.must(err)
	resp.Body.Close()
	if resp.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("got %d", resp.StatusCode)
	}
	s.must(stop())
}

func TestFormThatIsOneTooManyIsRefused(t *testing.T) {
	s := newSite(t)
	form := s.form("/shelter/equality", "ana@mail.example")
	s.forms.Add(maxForms)
	w := s.post("/es/shelter/equality", form, "Accept-Encoding", "")
	wantStatus(t, w, http.StatusServiceUnavailable)
	wantWords(t, w, s.catalogue.Locale("es").T("error.overloaded"))
	if w.Header().Get("Retry-After") == "" || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("headers %v", w.Header())
	}
	wantStatus(t, s.get("/shelter/equality"), http.StatusOK) // reading goes on
	form.Set("comment", strings.Repeat("a", freeBody))       // it finds no place at its end either
	wantWords(t, s.post("/shelter/equality", form), s.catalogue.Locale("en").T("error.overloaded"))
	form.Del("comment")
	s.forms.Add(-1)
	wantStatus(t, s.post("/shelter/equality", form), http.StatusSeeOther)
	s.forms.Add(1 - maxForms)
	if n := s.forms.Load(); n != 0 {
		t.Errorf("%d forms are still under way", n)
	}
}
