// Package web is the site as a browser sees it: every URL, header, form field, status code and page. It reads from the
// store and leaves everything that changes something to package action.
//
// routes.go is the whole site on one screen. A file named for a page holds its handlers, and the file of the same name
// with _page its view: what the template shows.
package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"reflect"
	"strings"
	"sync/atomic"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
	"github.com/undersigned/undersigned/internal/congress"
	"github.com/undersigned/undersigned/internal/locale"
	"github.com/undersigned/undersigned/internal/mail"
	"github.com/undersigned/undersigned/internal/store"
)

// Options are what a site is made of. All but Now, AccessLog, Outbox, Congress, Geocoder, Given, BounceSecret, Proxies and
// Exits must be given.
type Options struct {
	DB        *store.DB
	Actions   *action.Service
	Catalogue *locale.Catalogue
	BaseURL   *url.URL         // scheme and host, under which the site is known; links are built from it, never from Host
	Now       func() time.Time // the clock; nil is time.Now
	Log       *slog.Logger
	Composer  *mail.Composer // shows how news will read
	AccessLog io.Writer      // gets a line of JSON a request, at most a second late; nil for none
	Outbox    *mail.Outbox   // shown at /dev/mail; nil but in development
	PublicLog PublicLog
	Congress  *congress.Current  // nil is the sample
	Geocoder  *congress.Geocoder // asked for the district of a street address, where that is switched on
	Given     Given              // settings that the program was started with
	Proxies   []netip.Prefix     // whose X-Forwarded-For is believed
	Exits     []netip.Prefix     // from each of whose addresses many people come
	// BounceSecret is the end of the path at which mail services report what did not arrive; empty takes none.
	BounceSecret string
	// DrainDelay is how long the site goes on after it was told to end, while /readyz tells a proxy to send nobody any more.
	DrainDelay time.Duration
}

// Given are the settings that the program was started with and owners could set otherwise: what is given wins.
type Given struct {
	Geocoder string // on or off
	Notices  string // an address
}

// Server serves one site.
type Server struct {
	db           *store.DB
	actions      *action.Service
	catalogue    *locale.Catalogue
	base         *url.URL
	baseURL      string // base without a slash at its end
	now          func() time.Time
	log          *slog.Logger
	outbox       *mail.Outbox
	publicLog    PublicLog
	congress     *congress.Current
	geocoder     *congress.Geocoder
	given        Given
	proxies      networks
	exits        networks
	delay        time.Duration
	draining     atomic.Bool  // told to end: who asks is answered, and comes back to another node
	forms        atomic.Int64 // under way
	bounceSecret string
	composer     *mail.Composer
	geocoding    chan struct{} // holds a place for each question to the geocoder under way

	views     *views
	ready     *readyPages
	blanks    blanks
	maps      districtMaps
	indexes   indexes
	logFiles  logFiles
	files     map[string]staticFile
	access    *accessLog
	metrics   *metrics
	room      bodyRoom
	origins   http.CrossOriginProtection
	muxes     [2]*mux
	handler   http.Handler
	pollFails bool
}

// New makes the server of a site. It reads nothing from the database yet.
func New(o Options) (*Server, error) {
	s := &Server{db: o.DB, actions: o.Actions, catalogue: o.Catalogue, base: o.BaseURL, now: o.Now, log: o.Log,
		outbox: o.Outbox, publicLog: o.PublicLog, congress: o.Congress, geocoder: o.Geocoder, given: o.Given, proxies: newNetworks(o.Proxies), exits: newNetworks(o.Exits), bounceSecret: o.BounceSecret, composer: o.Composer, delay: o.DrainDelay,
		geocoding: make(chan struct{}, 4), access: &accessLog{out: o.AccessLog}}
	if s.now == nil {
		s.now = time.Now
	}
	if s.congress == nil {
		s.congress = congress.NewCurrent("")
	}
	origin := o.BaseURL.Scheme + "://" + o.BaseURL.Host
	if err := s.origins.AddTrustedOrigin(origin); err != nil {
		return nil, fmt.Errorf("use the base URL: %w", err)
	}
	s.baseURL = origin
	var err error
	if s.views, err = newViews(o.Catalogue); err != nil {
		return nil, err
	}
	s.ready = newReadyPages(s.now)
	s.blanks = newBlanks()
	s.indexes.of = map[string]*siteIndex{}
	s.files = newStaticFiles(s.views.assets)
	s.metrics = newMetrics(s.ready, s.publicLog.Halted, s.mailSlow, s.newsStopped)
	s.dress(&undersigned.Settings{})
	s.room.left.Store(allBodies)
	s.handler = s.chain(s.routes())
	return s, nil
}

// Handler answers the site's requests. Pages follow the database only while Serve runs.
func (s *Server) Handler() http.Handler { return s.handler }

// How long a client may take. A phone on a bad line sends a form of 4 KB in far less than bodyTime.
const (
	headerTime = 5 * time.Second
	bodyTime   = 15 * time.Second
	answerTime = 30 * time.Second
	idleTime   = 60 * time.Second
	drainTime  = 20 * time.Second
	maxHeader  = 16 << 10 // bytes
)

// Serve answers requests on a listener until ctx ends. Then it is not ready any more, and goes on for the time that a proxy
// needs to notice, each answer being the last on its connection. At its end it accepts no more, finishes what it has begun
// and returns nil; what takes longer than 20 seconds is cut off, which is an error.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	srv := &http.Server{
		Handler:           s.handler,
		ReadHeaderTimeout: headerTime,
		ReadTimeout:       bodyTime,
		WriteTimeout:      answerTime,
		IdleTimeout:       idleTime,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          log.New(quietLog{s.log}, "", 0),
		ConnState:         betweenRequests,
	}
	if err := s.poll(ctx); err != nil {
		return err
	}
	following, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer s.access.flush()
	defer stop()
	go s.follow(following)

	whole := newWholeAnswers(listener, s.answerDirectly)
	drained := make(chan error, 1)
	go func() {
		select {
		case <-ctx.Done():
		case <-following.Done():
			return
		}
		s.draining.Store(true)
		delay := time.NewTimer(s.delay)
		defer delay.Stop()
		select {
		case <-delay.C:
		case <-following.Done():
		}
		deadline, cancel := context.WithTimeout(following, drainTime)
		defer cancel()
		drained <- errors.Join(srv.Shutdown(deadline), whole.finish(deadline))
	}()
	if err := srv.Serve(whole); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve: %w", err)
	}
	if err := <-drained; err != nil {
		srv.Close()
		return fmt.Errorf("finish the last requests: %w", err)
	}
	return nil
}

// follow keeps up with the database, and writes the access log out, once a second.
func (s *Server) follow(ctx context.Context) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		s.access.flush()
		err := s.poll(ctx)
		if err != nil && !s.pollFails && ctx.Err() == nil {
			s.log.Error("the database cannot be read; pages are served as they were", "err", err)
		}
		if err == nil && s.pollFails {
			s.log.Info("the database can be read again")
		}
		s.pollFails = err != nil
	}
}

// poll looks at the one row that says whether anything public has changed.
func (s *Server) poll(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	revision, published, err := s.db.Poll(ctx)
	if err != nil {
		return err
	}
	site, err := s.db.Site(ctx)
	if err != nil {
		return err
	}
	if !reflect.DeepEqual(site.Settings, s.views.design.Load().settings) {
		s.dress(site.Settings) // before any page is drawn anew
	}
	s.ready.seen(revision, published)
	return nil
}

// quietLog passes on of net/http's own complaints only what is about the listener: the rest names clients' addresses.
type quietLog struct{ log *slog.Logger }

func (q quietLog) Write(line []byte) (int, error) {
	if message := strings.TrimSpace(string(line)); strings.HasPrefix(message, "http: Accept error") {
		q.log.Warn(message)
	}
	return len(line), nil
}
