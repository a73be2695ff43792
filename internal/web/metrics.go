package web

import (
	"context"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
)

// unmatchedRoute stands for every path that no route fits, in the log and the metrics.
const unmatchedRoute = "unmatched"

// metrics are what /metrics shows: numbers by route, never by path or person.
type metrics struct {
	handler  http.Handler
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
	mails    *prometheus.CounterVec
}

func newMetrics(ready *readyPages, halted, slow, stopped func() bool) *metrics {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "undersigned_http_requests_total",
			Help: "Requests answered, by route and status."}, []string{"route", "status"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "undersigned_http_request_duration_seconds",
			Help:    "Time to answer a request, by route.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10}}, []string{"route"}),
		mails: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "undersigned_mails_total",
			Help: "Tries to hand a mail over, by what came of them."}, []string{"outcome"}),
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(m.requests, m.duration, m.mails, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "undersigned_ready_pages",
			Help: "Public pages kept as ready bytes."}, func() float64 { return float64(ready.len()) }),
		prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "undersigned_ready_pages_made_total",
			Help: "How often a public page was drawn."}, func() float64 { return float64(ready.made.Load()) }))
	flag := func(name, help string, on func() bool) {
		registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, func() float64 {
			if on() {
				return 1
			}
			return 0
		}))
	}
	flag("undersigned_mail_slow", "1 while mails wait for what the mail server takes in an hour.", slow)
	flag("undersigned_news_stopped", "1 while news are paused because too much of them came back, or a backup was restored.", stopped)
	if halted != nil {
		flag("undersigned_log_halted", "1 while the public log is not signed because a witness, or this node, has seen more of it than the database has.", halted)
	}
	m.handler = promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
	return m
}

// mailSlow tells whether the pages say that mails are slow.
func (s *Server) mailSlow() bool {
	site, err := s.db.Site(context.Background())
	return err == nil && site.MailSlow
}

// CountMail counts a try to hand a mail over: sent, refused, postponed and so on.
func (s *Server) CountMail(outcome string) { s.metrics.mails.WithLabelValues(outcome).Inc() }

// newsStopped tells whether an update has paused by itself.
func (s *Server) newsStopped() (stopped bool) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	err := s.db.View(ctx, func(tx *store.Tx) error {
		updates, err := tx.Updates()
		stopped = slices.ContainsFunc(updates, func(u *undersigned.Update) bool { return u.State == undersigned.UpdatePaused && u.Stop != "" })
		return err
	})
	return err == nil && stopped
}

func (m *metrics) observe(v *visit, took time.Duration) {
	m.requests.WithLabelValues(v.route, strconv.Itoa(v.status)).Inc()
	m.duration.WithLabelValues(v.route).Observe(took.Seconds())
}

func (s *Server) showMetrics(v *visit, r *http.Request) error {
	s.metrics.handler.ServeHTTP(v, r)
	return nil
}

// local is handle for what only a program or a person on this machine may see. A proxy on the same machine speaks for
// somebody else, and says so, or at least passes the site's public name on. The name also keeps out the page of another
// site whose own name was made to point to this machine.
func (s *Server) local(h handler) http.Handler {
	return s.personal(func(v *visit, r *http.Request) error {
		peer, err := netip.ParseAddrPort(r.RemoteAddr)
		if err != nil || !peer.Addr().Unmap().IsLoopback() || !loopbackName((&url.URL{Host: r.Host}).Hostname()) {
			return undersigned.Fail(undersigned.NotFound, "")
		}
		for _, forwarded := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Via"} {
			if r.Header[forwarded] != nil {
				return undersigned.Fail(undersigned.NotFound, "")
			}
		}
		return h(v, r)
	})
}

func loopbackName(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && address.IsLoopback()
}
