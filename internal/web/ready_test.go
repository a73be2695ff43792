package web

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/undersigned/undersigned"
)

// readyTest is a cache with a clock, and a builder that counts how often it was asked.
type readyTest struct {
	*readyPages
	at     time.Time
	built  int
	counts bool
	until  time.Duration
	err    error
}

func newReadyTest() *readyTest {
	rt := &readyTest{at: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC), until: time.Hour}
	rt.readyPages = newReadyPages(func() time.Time { return rt.at })
	return rt
}

func (rt *readyTest) ask(path string) (string, error) {
	p, err := rt.get(pageKey{"en", path}, func() (*draft, time.Time, error) {
		rt.built++
		return &draft{body: []byte(strings.Repeat("x", rt.built)), counts: rt.counts}, rt.at.Add(rt.until), rt.err
	})
	if err != nil {
		return "", err
	}
	return string(p.identity.body), nil
}

func (rt *readyTest) wants(t *testing.T, path, want string) {
	t.Helper()
	got, err := rt.ask(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != want {
		t.Fatalf("%s is %q, want %q", path, got, want)
	}
}

func TestReadyPageIsBuiltOnceWhileNothingChanges(t *testing.T) {
	rt := newReadyTest()
	rt.wants(t, "/a", "x")
	rt.at = rt.at.Add(59 * time.Minute)
	rt.wants(t, "/a", "x")
}

func TestReadyPageIsBuiltAnewWhenItIsStale(t *testing.T) {
	for name, test := range map[string]struct {
		counts bool
		change func(*readyTest)
		want   string
	}{
		"a new revision":                       {false, func(rt *readyTest) { rt.seen(1, 0) }, "xx"},
		"a longer log, with a count":           {true, func(rt *readyTest) { rt.seen(0, 1) }, "xx"},
		"a longer log, without a count":        {false, func(rt *readyTest) { rt.seen(0, 1) }, "x"},
		"the clock alone":                      {false, func(rt *readyTest) { rt.at = rt.at.Add(time.Hour) }, "xx"},
		"the clock, one moment before it does": {false, func(rt *readyTest) { rt.at = rt.at.Add(time.Hour - 3*time.Second) }, "x"},
	} {
		t.Run(name, func(t *testing.T) {
			rt := newReadyTest()
			rt.counts = test.counts
			rt.wants(t, "/a", "x")
			test.change(rt)
			rt.at = rt.at.Add(2 * time.Second)
			rt.wants(t, "/a", test.want)
		})
	}
}

func TestReadyPageIsBuiltAtMostOnceASecond(t *testing.T) {
	rt := newReadyTest()
	rt.counts = true
	rt.wants(t, "/a", "x")
	for i := range 3 {
		rt.seen(0, int64(i+1))
		rt.at = rt.at.Add(300 * time.Millisecond)
		rt.wants(t, "/a", "x")
	}
	rt.at = rt.at.Add(100 * time.Millisecond)
	rt.wants(t, "/a", "xx")
}

func TestOldPageIsServedWhileTheDatabaseCannotBeRead(t *testing.T) {
	rt := newReadyTest()
	rt.wants(t, "/a", "x")
	rt.seen(1, 0)
	rt.err = errors.New("the disk is on fire")
	for range 3 {
		rt.at = rt.at.Add(2 * time.Second)
		rt.wants(t, "/a", "x")
	}
	if _, err := rt.ask("/b"); !errors.Is(err, rt.err) {
		t.Fatalf("a page that never was: %v", err)
	}
	rt.err = nil
	rt.at = rt.at.Add(2 * time.Second)
	rt.wants(t, "/a", strings.Repeat("x", 6))
}

func TestOnlyPagesThatExistAreKept(t *testing.T) {
	rt := newReadyTest()
	rt.wants(t, "/a", "x")
	rt.err = undersigned.Fail(undersigned.NotFound, "")
	for _, path := range []string{"/b", "/c", "/b"} {
		if _, err := rt.ask(path); undersigned.KindOf(err) != undersigned.NotFound {
			t.Fatal(err)
		}
	}
	if rt.len() != 1 {
		t.Fatalf("%d pages are kept, want 1", rt.len())
	}
	rt.seen(1, 0)
	rt.at = rt.at.Add(2 * time.Second)
	if _, err := rt.ask("/a"); undersigned.KindOf(err) != undersigned.NotFound {
		t.Fatalf("a page that is gone was served: %v", err)
	}
	if rt.len() != 0 {
		t.Fatalf("%d pages are kept, want none", rt.len())
	}
}

func TestReadyPagesAreBounded(t *testing.T) {
	rt := newReadyTest()
	for i := range maxReadyPages + 10 {
		if _, err := rt.ask("/" + strings.Repeat("a", i)); err != nil {
			t.Fatal(err)
		}
		rt.built = 0
	}
	if rt.len() != maxReadyPages {
		t.Fatalf("%d pages are kept, want %d", rt.len(), maxReadyPages)
	}
}

// walked fills the places that are left with pages that nobody has asked for since they were made.
func (c *readyPages) walked() {
	page := newReadyPage(&draft{})
	page.revision, page.published, page.until = c.revision.Load(), c.published.Load(), c.now().Add(time.Hour)
	for i := 0; len(c.slots) < maxReadyPages; i++ {
		s := &slot{making: make(chan struct{}, 1)}
		s.page.Store(page)
		c.slots[pageKey{"en", fmt.Sprint("/walked/", i)}] = s
	}
}

func TestNewPageIsKeptAfterAllNamesWereWalkedThrough(t *testing.T) {
	s := newSite(t)
	s.ready.walked()
	for _, path := range []string{"/shelter/equality", "/shelter/equality/count.json"} {
		if n := s.made(func() {
			for range 3 {
				wantStatus(t, s.get(path), http.StatusOK)
			}
		}); n != 1 || s.readyAt(path) == nil {
			t.Errorf("%s was made %d times for 3 readers; it is ready: %v", path, n, s.readyAt(path) != nil)
		}
	}
	if n := s.ready.len(); n != maxReadyPages {
		t.Errorf("%d pages are kept, want %d", n, maxReadyPages)
	}
}

// The chance that a page in use goes is that of eight looks that find no other.
func TestPagesThatNobodyAsksForAnyMoreMakeRoom(t *testing.T) {
	rt := newReadyTest()
	const inUse = 200
	use := func(kind string) {
		for i := range inUse {
			rt.built = 0
			rt.wants(t, fmt.Sprint(kind, i), "x")
		}
	}
	use("/used/")
	rt.walked()
	rt.seen(1, 0)
	rt.at = rt.at.Add(2 * time.Second)
	use("/used/")
	made := rt.made.Load()
	use("/new/")
	use("/used/")
	if n := rt.made.Load() - made; n != inUse {
		t.Errorf("%d pages are made of %d new ones, and others that were in use", n, inUse)
	}
}

func TestNamesWithoutAPageThrowNothingOut(t *testing.T) {
	s := newSite(t)
	wantStatus(t, s.get("/nothing"), http.StatusNotFound) // of which there is one page
	s.ready.walked()
	for i := range 100 {
		wantStatus(t, s.get(fmt.Sprint("/nothing/", i)), http.StatusNotFound)
		wantStatus(t, s.get(fmt.Sprint("/organizations/o", i)), http.StatusNotFound)
	}
	if n := s.ready.len(); n != maxReadyPages {
		t.Errorf("%d pages are left of %d", n, maxReadyPages)
	}
}

func TestOneRequestBuildsForAllThatWait(t *testing.T) {
	for name, fail := range map[string]error{"a page": nil, "an error": errors.New("no")} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cache := newReadyPages(time.Now)
				built, release := 0, make(chan bool)
				var asked sync.WaitGroup
				for range 8 {
					asked.Go(func() {
						_, err := cache.get(pageKey{"en", "/a"}, func() (*draft, time.Time, error) {
							built++
							<-release
							return &draft{}, time.Now().Add(time.Hour), fail
						})
						if !errors.Is(err, fail) {
							t.Error(err)
						}
					})
				}
				synctest.Wait()
				close(release)
				asked.Wait()
				if built != 1 {
					t.Fatalf("built %d times", built)
				}
			})
		})
	}
}

func TestStalePageIsServedWhileOneRequestBuildsTheNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cache := newReadyPages(time.Now)
		build := func(body string, wait chan bool) func() (*draft, time.Time, error) {
			return func() (*draft, time.Time, error) {
				<-wait
				return &draft{body: []byte(body)}, time.Now().Add(time.Hour), nil
			}
		}
		open, release := make(chan bool), make(chan bool)
		close(open)
		if _, err := cache.get(pageKey{"en", "/a"}, build("old", open)); err != nil {
			t.Fatal(err)
		}
		cache.seen(1, 0)
		time.Sleep(2 * time.Second) // of the bubble's clock
		go cache.get(pageKey{"en", "/a"}, build("new", release))
		synctest.Wait()
		for _, want := range []string{"old", "new"} {
			p, err := cache.get(pageKey{"en", "/a"}, build("other", open))
			if err != nil || string(p.identity.body) != want {
				t.Fatalf("got %v, %v; want %s", p, err, want)
			}
			if want == "old" {
				close(release)
				synctest.Wait()
			}
		}
	})
}

func TestReadyPageIsSentAsTheBrowserCanReadIt(t *testing.T) {
	long := strings.Repeat("the same words ", 200)
	page := newReadyPage(&draft{body: []byte(long), contentType: htmlType})
	for _, test := range []struct{ accept, want string }{
		{"", ""},
		{"gzip, deflate, br, zstd", "br"},
		{"gzip, deflate", "gzip"},
		{"GZIP;q=0.5", "gzip"},
		{"br;q=0, gzip", "gzip"},
		{"br;q=0.000", ""},
		{"brotli", ""},
		{"*", ""},
		{"identity", ""},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Accept-Encoding", test.accept)
		w := httptest.NewRecorder()
		page.send(w, r, noCache)
		if got := w.Header().Get("Content-Encoding"); got != test.want {
			t.Errorf("Accept-Encoding %q got %q, want %q", test.accept, got, test.want)
		}
		if w.Header().Get("Vary") != "Accept-Encoding" || w.Code != 200 {
			t.Errorf("Accept-Encoding %q: %d %v", test.accept, w.Code, w.Header())
		}

		again := httptest.NewRequest("GET", "/", nil)
		again.Header.Set("Accept-Encoding", test.accept)
		again.Header.Set("If-None-Match", `"other", W/`+w.Header().Get("ETag"))
		w = httptest.NewRecorder()
		page.send(w, again, noCache)
		if w.Code != http.StatusNotModified || w.Body.Len() != 0 || w.Header().Get("ETag") == "" {
			t.Errorf("asked again with the ETag: %d, %d bytes, %v", w.Code, w.Body.Len(), w.Header())
		}
	}
}

func TestFewBytesAreNotCompressed(t *testing.T) {
	page := newReadyPage(&draft{body: []byte(`{"count":1}`)})
	if page.variant("br, gzip").encoding != nil {
		t.Error("an encoding that makes a page longer was chosen")
	}
}

func TestEachEncodingHasAnETagOfItsOwn(t *testing.T) {
	page := newReadyPage(&draft{body: []byte(strings.Repeat("words ", 500))})
	seen := map[string]bool{page.identity.etag[0]: true, page.gzip.etag[0]: true, page.brotli.etag[0]: true}
	if len(seen) != 3 {
		t.Error(seen)
	}
	other := newReadyPage(&draft{body: []byte("other")})
	if other.identity.etag[0] == page.identity.etag[0] {
		t.Error("two pages share an ETag")
	}
}
