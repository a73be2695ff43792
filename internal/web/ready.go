package web

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/undersigned/undersigned"
)

// readyPages keeps the public pages of a node. A page is made when first asked for, by one request at a time and at
// most once a second; while the database cannot be read, old pages go on being served. Only pages that exist are kept.
type readyPages struct {
	now       func() time.Time
	revision  atomic.Int64
	published atomic.Int64
	made      atomic.Int64 // how many were made, for the metrics

	mu    sync.RWMutex
	slots map[pageKey]*slot
}

type pageKey struct{ lang, path string }

// buildFunc makes a page, and says when the clock alone makes it stale.
type buildFunc func() (*draft, time.Time, error)

type slot struct {
	page   atomic.Pointer[readyPage]
	tried  atomic.Int64  // when it was last made or could not be, in nanoseconds since 1970
	making chan struct{} // holds one: whoever makes the page
	err    error         // of the last try; under making
}

const (
	// maxReadyPages bounds the memory: a page in its three forms has some 30 KB. What is made beyond takes another's place.
	maxReadyPages = 4096
	remakeAfter   = time.Second
	roomLooks     = 8 // at how many pages we look for one that can go
)

func newReadyPages(now func() time.Time) *readyPages {
	return &readyPages{now: now, slots: map[pageKey]*slot{}}
}

// seen says what the database was last seen to hold. Pages made of something older are stale from now on.
func (c *readyPages) seen(revision, published int64) {
	c.revision.Store(revision)
	c.published.Store(published)
}

// get gives the page of key, building it where there is none that is fresh.
func (c *readyPages) get(key pageKey, build buildFunc) (*readyPage, error) {
	s := c.slot(key)
	arrived := c.now()
	if p := s.page.Load(); p != nil {
		if c.fresh(p, arrived) || s.justTried(arrived) {
			return p, nil
		}
		select {
		case s.making <- struct{}{}:
		default:
			return p, nil
		}
	} else {
		s.making <- struct{}{}
	}
	defer func() { <-s.making }()
	p := s.page.Load()
	if s.tried.Load() >= arrived.UnixNano() { // somebody tried while we waited
		if p == nil {
			return nil, s.err
		}
		return p, nil
	}
	next, err := c.make(build)
	s.tried.Store(c.now().UnixNano())
	s.err = err
	switch {
	case err == nil:
		s.page.Store(next)
		if p == nil {
			c.makeRoom(s)
		}
		return next, nil
	case p == nil || undersigned.KindOf(err) == undersigned.NotFound:
		c.drop(key, s)
		return nil, err
	}
	return p, nil
}

// peek gives the page of key where it is made and fresh, and makes none.
func (c *readyPages) peek(key pageKey) *readyPage {
	c.mu.RLock()
	s := c.slots[key]
	c.mu.RUnlock()
	if s == nil {
		return nil
	}
	if p := s.page.Load(); p != nil && c.fresh(p, c.now()) {
		return p
	}
	return nil
}

func (c *readyPages) fresh(p *readyPage, now time.Time) bool {
	return p.revision == c.revision.Load() && (!p.counts || p.published == c.published.Load()) && now.Before(p.until)
}

// justTried tells whether a page was made, or could not be, so shortly before that it is not made again.
func (s *slot) justTried(now time.Time) bool {
	return now.UnixNano()-s.tried.Load() < int64(remakeAfter)
}

// slot gives the place of a page, which it has before anybody knows whether there is such a page.
func (c *readyPages) slot(key pageKey) *slot {
	c.mu.RLock()
	s := c.slots[key]
	c.mu.RUnlock()
	if s != nil {
		return s
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if s = c.slots[key]; s == nil {
		s = &slot{making: make(chan struct{}, 1)}
		c.slots[key] = s
	}
	return s
}

// makeRoom drops a page where one too many has been made. It looks at a few, wherever Go begins with a map, which is anywhere:
// the first that has been stale for a while goes, for nobody has asked for it since, or else the last. So nothing is written down
// when a page is asked for, and whoever walks through names has thousands of pages drawn for each page in use that goes, and is
// drawn once more. Names without a page throw nothing out.
func (c *readyPages) makeRoom(made *slot) {
	now := c.now()
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.slots) <= maxReadyPages {
		return
	}
	var goes pageKey
	looks := 0
	for key, s := range c.slots {
		p := s.page.Load()
		if p == nil || s == made { // somebody waits for it
			continue
		}
		goes = key
		if looks++; looks == roomLooks || !c.fresh(p, now) && !s.justTried(now) {
			break
		}
	}
	delete(c.slots, goes)
}

func (c *readyPages) drop(key pageKey, s *slot) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.slots[key] == s {
		delete(c.slots, key)
	}
}

func (c *readyPages) len() int {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return len(c.slots)
}

// make makes a page. The revision is read first, and build reads the site itself, so that a change in between makes the page
// stale, not wrong.
func (c *readyPages) make(build buildFunc) (*readyPage, error) {
	c.made.Add(1)
	revision, published := c.revision.Load(), c.published.Load()
	d, until, err := build()
	if err != nil {
		return nil, err
	}
	p := newReadyPage(d)
	p.revision, p.published, p.until = revision, published, until
	return p, nil
}

// public serves a page that is the same to everyone from its ready bytes. Whoever asks for it first has it built for
// all, so the building does not end when that reader leaves.
func (s *Server) public(build func(ctx context.Context, v *visit, r *http.Request) (*draft, error)) http.Handler {
	return s.handle(func(v *visit, r *http.Request) error { return s.keep(v, r, v.path, build) })
}

// keep serves the page that is kept under a name: its path, and what of its query makes it another page. There must be few
// names, whatever is asked for.
func (s *Server) keep(v *visit, r *http.Request, name string, build func(ctx context.Context, v *visit, r *http.Request) (*draft, error)) error {
	p, err := s.ready.get(pageKey{v.lang, name}, func() (*draft, time.Time, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), 5*time.Second)
		defer cancel()
		// Before the page is built: what changes meanwhile makes it stale at once, not an hour later.
		until, err := s.staleAt(ctx)
		if err != nil {
			return nil, time.Time{}, err
		}
		d, err := build(ctx, v, r)
		if err != nil {
			return nil, time.Time{}, err
		}
		d.route = v.route
		if soon := s.now().Add(d.goodFor); d.goodFor > 0 && soon.Before(until) {
			until = soon
		}
		return d, until, nil
	})
	if err != nil {
		return err
	}
	p.send(v, r, noCache)
	return nil
}

// staleAt is when the clock alone changes a page: at the next hour (UTC), when form tokens change, or when something on
// the site closes or opens by its date or its bill.
func (s *Server) staleAt(ctx context.Context) (time.Time, error) {
	now := s.now()
	at := now.Truncate(time.Hour).Add(time.Hour)
	site, err := s.db.Site(ctx)
	if err != nil {
		return time.Time{}, err
	}
	for _, c := range site.Contents {
		for i := range c.Actions {
			a := &c.Actions[i]
			if until := a.Decide(c.Bill(a.Bill), now).Until; !until.IsZero() && until.Before(at) {
				at = until
			}
		}
		for i := range c.Facts {
			if until := c.Facts[i].FreshUntil(zoneOf(&c.Issue)); until.After(now) && until.Before(at) {
				at = until
			}
		}
	}
	return at, nil
}
