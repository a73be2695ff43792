package web

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// slowBody gives a form of some size and then nothing more until it is let go.
type slowBody struct {
	rest int
	gave chan struct{}
	end  chan struct{}
}

func (b *slowBody) Read(p []byte) (int, error) {
	if b.rest == 0 {
		if b.gave != nil {
			close(b.gave)
			b.gave = nil
		}
		<-b.end
		return 0, io.ErrUnexpectedEOF
	}
	n := min(len(p), b.rest)
	b.rest -= n
	return copy(p[:n], strings.Repeat("a", n)), nil
}

// A flood of slow bodies, each as large as may be, takes no more memory than is set aside, and a form of usual size is taken
// meanwhile. What could not be read is told to come again; when the flood is over there is room again.
func TestFloodOfLargeBodiesLeavesRoomForForms(t *testing.T) {
	s := newSite(t)
	end := make(chan struct{})
	statuses := make(chan int, 200)
	most := allBodies/(maxBody-1-freeBody) + 1
	for i := range most + 20 {
		gave := make(chan struct{})
		r := httptest.NewRequest(http.MethodPost, "https://"+testHost+"/shelter/equality", &slowBody{rest: maxBody - 1, gave: gave, end: end})
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.RemoteAddr = fmt.Sprintf("192.0.2.%d:1", i%200)
		go func() {
			w := httptest.NewRecorder()
			s.Handler().ServeHTTP(w, r)
			if w.Code == http.StatusServiceUnavailable && w.Header().Get("Retry-After") == "" {
				t.Error("it does not say when to come again")
			}
			statuses <- w.Code
		}()
		select {
		case <-gave:
		case got := <-statuses:
			if got != http.StatusServiceUnavailable {
				t.Fatalf("a body was answered %d", got)
			}
		case <-time.After(20 * time.Second):
			t.Fatal("a body is neither read nor refused")
		}
	}
	if left := s.room.left.Load(); left < 0 || left > maxBody {
		t.Errorf("%d bytes are left", left)
	}
	wantStatus(t, s.post("/shelter/equality", s.form("/shelter/equality", "ana@mail.example")), http.StatusSeeOther)
	<-s.mail
	close(end)
	for s.room.left.Load() != allBodies {
		select {
		case <-statuses:
		case <-time.After(20 * time.Second):
			t.Fatalf("%d bytes are given back", s.room.left.Load())
		}
	}
}

// Whoever is not signed in gets back what a lost session may have cost, and no more is read of what they send: also where it does
// not say how long it is.
func TestOfWhatAStrangerSendsToTheDeskNoMoreIsReadThanIsGivenBack(t *testing.T) {
	s := newSite(t)
	send := func(size int) (w *httptest.ResponseRecorder, read int) {
		body := &slowBody{rest: size, end: make(chan struct{})}
		close(body.end)
		r := httptest.NewRequest(http.MethodPost, "https://"+testHost+"/admin/me", io.MultiReader(strings.NewReader("text="), io.LimitReader(body, int64(size))))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w = httptest.NewRecorder()
		s.Handler().ServeHTTP(w, r)
		return w, size - body.rest
	}
	w, _ := send(maxGivenBack / 2)
	wantStatus(t, w, http.StatusUnauthorized)
	wantWords(t, w, "<textarea", strings.Repeat("a", maxGivenBack/2))
	w, read := send(maxDeskBody / 2)
	wantStatus(t, w, http.StatusUnauthorized)
	if read > maxGivenBack+freeBody || strings.Contains(w.Body.String(), "aaaa") {
		t.Errorf("%d bytes are read, and %d answered", read, w.Body.Len())
	}
}

// Forms that dribble in, short ones and long ones, take no place from one that has come.
func TestFormsThatAreSlowToComeTakeNoPlace(t *testing.T) {
	s := newSite(t)
	form := s.form("/shelter/equality", "ana@mail.example")
	end := make(chan struct{})
	var slow sync.WaitGroup
	for i := range maxForms + 2 {
		gave := make(chan struct{})
		r := httptest.NewRequest(http.MethodPost, "https://"+testHost+"/shelter/equality", &slowBody{rest: 10 + i%2*freeBody, gave: gave, end: end})
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		answered := make(chan struct{})
		slow.Go(func() { s.Handler().ServeHTTP(httptest.NewRecorder(), r); close(answered) })
		select {
		case <-gave:
		case <-answered:
			close(end)
			t.Fatalf("the slow form %d is refused", i)
		}
	}
	wantStatus(t, s.post("/shelter/equality", form), http.StatusSeeOther)
	close(end)
	slow.Wait()
	if n := s.forms.Load(); n != 0 {
		t.Errorf("%d forms are still under way", n)
	}
}
