package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/undersigned/undersigned"
)

// handler answers a request, or says why it cannot; [Server.fail] makes an answer of that.
type handler func(v *visit, r *http.Request) error

func (s *Server) handle(h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := w.(*visit)
		v.route = r.Pattern
		if err := h(v, r); err != nil {
			s.fail(v, r, err)
		}
	})
}

// personal is handle for pages about one person: nobody keeps them, no search engine knows them.
func (s *Server) personal(h handler) http.Handler {
	return s.handle(func(v *visit, r *http.Request) error {
		private(v)
		return h(v, r)
	})
}

func private(v *visit) {
	v.Header()["Cache-Control"] = noStore
	v.Header().Set("X-Robots-Tag", "noindex")
}

var statuses = map[undersigned.Kind]int{
	undersigned.Internal:    http.StatusInternalServerError,
	undersigned.Invalid:     http.StatusUnprocessableEntity,
	undersigned.NotFound:    http.StatusNotFound,
	undersigned.Gone:        http.StatusGone,
	undersigned.TooMany:     http.StatusTooManyRequests,
	undersigned.TooLarge:    http.StatusRequestEntityTooLarge,
	undersigned.Forbidden:   http.StatusForbidden,
	undersigned.Unavailable: http.StatusServiceUnavailable,
}

// fail answers with the page of an error, in the reader's language. What is our fault is logged under the id that the
// page shows.
func (s *Server) fail(v *visit, r *http.Request, err error) {
	kind, key := undersigned.KindOf(err), ""
	var e *undersigned.Error
	if errors.As(err, &e) {
		key = e.Key
	}
	left := errors.Is(err, context.Canceled) && r.Context().Err() != nil // the reader has gone; that is no failure
	flood := errors.Is(err, errNoRoom)                                   // a line for each would fill the log, and the metrics count them
	if (kind == undersigned.Internal || kind == undersigned.Unavailable) && !left && !flood {
		s.log.Error("request failed", "id", v.ID(), "route", v.route, "err", withoutAddress(err))
	}
	if v.status != 0 {
		return // too late for another answer
	}
	s.problem(v, r, statuses[kind], key)
}

// withoutAddress leaves out of an error of the network who was at its ends: a reader who hangs up is one.
func withoutAddress(err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		return fmt.Errorf("%s: %w", op.Op, op.Err)
	}
	return err
}

// retryAfter is what somebody who is asked to wait is told, in seconds.
const retryAfter = "15"

// overloaded is why a form was refused before anything was done for it.
const overloaded = "error.overloaded"

// problem answers with the page of a status. The page of a path that does not exist is one for all such paths, kept like
// any public page: asking for many costs nothing. So is the one of too many forms.
func (s *Server) problem(v *visit, r *http.Request, status int, key string) {
	private(v)
	askToWait(v, status)
	if status == http.StatusNotFound || key == overloaded {
		if key != overloaded {
			key = ""
		}
		p, err := s.ready.get(pageKey{v.lang, key}, func() (*draft, time.Time, error) {
			page := newProblem(s.views.chrome(v.lang, s.baseURL, "/"), status, key, "")
			if key != "" {
				page.NextLink = "" // the page that the form stands on, whatever it is
			}
			d, err := s.html("error", page)
			return d, s.now().Add(time.Hour), err
		})
		if err == nil {
			v.Header()["Vary"] = varyEncoding
			p.write(v, r, p.variant(headerValue(r.Header, "Accept-Encoding")), status)
			return
		}
	}
	err := s.show(v, status, "error", newProblem(s.chrome(v), status, key, v.ID()))
	if err != nil {
		s.log.Error("draw the page of an error", "id", v.ID(), "err", err)
		http.Error(v, strconv.Itoa(status)+" "+http.StatusText(status)+"\n"+v.ID(), status)
	}
}

// showProblem draws a page again with what was typed, and says what is wrong: with that, or with us.
func (s *Server) showProblem(v *visit, problem *undersigned.Error, name string, page any) error {
	if problem.Kind == undersigned.Unavailable {
		s.log.Warn("request put off", "id", v.ID(), "route", v.route, "err", problem)
	}
	status := statuses[problem.Kind]
	askToWait(v, status)
	return s.show(v, status, name, page)
}

// askToWait says when to try again.
func askToWait(v *visit, status int) {
	if status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable {
		v.Header().Set("Retry-After", retryAfter)
	}
}

// unmatched answers where no route fits: with 405 where another method would have found one.
func (s *Server) unmatched(v *visit, r *http.Request) {
	probe := r.Clone(context.Background())
	probe.URL.Path, probe.URL.RawPath = v.path, ""
	var allowed []string
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost} {
		probe.Method = method
		if s.matches(probe) {
			allowed = append(allowed, method)
		}
	}
	if len(allowed) == 0 || slices.Contains(allowed, r.Method) {
		s.problem(v, r, http.StatusNotFound, "")
		return
	}
	v.Header().Set("Allow", strings.Join(allowed, ", "))
	s.problem(v, r, http.StatusMethodNotAllowed, "")
}

// chrome is what surrounds the page of this visit.
func (s *Server) chrome(v *visit) chrome { return s.views.chrome(v.lang, s.baseURL, v.path) }

const htmlType = "text/html; charset=utf-8"

// html draws a page that may be kept.
func (s *Server) html(name string, p any) (*draft, error) {
	var buf bytes.Buffer
	if err := s.views.render(&buf, name, p); err != nil {
		return nil, err
	}
	return &draft{body: buf.Bytes(), contentType: htmlType}, nil
}

// show draws a page for this visit alone. It is not compressed: what somebody typed and what is ours would stand side by
// side, and the length would tell of both.
func (s *Server) show(w http.ResponseWriter, status int, name string, p any) error {
	d, err := s.html(name, p)
	if err != nil {
		return err
	}
	return s.send(w, status, d)
}

// send sends a page that nobody keeps.
func (s *Server) send(w http.ResponseWriter, status int, d *draft) error {
	return s.sendAll(w, status, d.contentType, net.Buffers{d.body})
}

// sendAll sends a page that lies in parts.
func (s *Server) sendAll(w http.ResponseWriter, status int, contentType string, parts net.Buffers) error {
	size := 0
	for _, part := range parts {
		size += len(part)
	}
	h := w.Header()
	h["Cache-Control"] = noStore
	h.Set("Content-Type", contentType)
	h.Set("Content-Length", strconv.Itoa(size))
	w.WriteHeader(status)
	parts.WriteTo(w) // the reader may have gone
	return nil
}

// seeOther sends the reader to another page of ours, in the language of this one.
func seeOther(v *visit, path string) error {
	v.Header().Set("Location", LocalPath(v.lang, path))
	v.Header()["Cache-Control"] = noStore
	v.WriteHeader(http.StatusSeeOther)
	return nil
}
