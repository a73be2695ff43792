package web

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"path"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/locale"
)

// visit is what the middlewares and the handlers know of one request, and how its answer is written. Every
// ResponseWriter inside the chain is one.
type visit struct {
	http.ResponseWriter
	id     uint64
	lang   string // of the page, from the path alone
	path   string // without the language
	route  string // the pattern that matched
	status int    // 0 until the answer has begun
}

func (v *visit) WriteHeader(status int) {
	if v.status == 0 {
		v.status = status
	}
	v.ResponseWriter.WriteHeader(status)
}

func (v *visit) Write(b []byte) (int, error) {
	if v.status == 0 {
		v.status = http.StatusOK
	}
	return v.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (v *visit) Unwrap() http.ResponseWriter { return v.ResponseWriter }

// ID names the request for a person who writes to us and for the log. It says nothing about who asked.
func (v *visit) ID() string { return strconv.FormatUint(v.id, 36) }

// chain is what every request passes, outermost first. Whatever refuses comes after the language, so that it can say so.
func (s *Server) chain(next http.Handler) http.Handler {
	return s.observe(s.recover(s.headers(s.language(s.limit(s.protect(s.admit(next)))))))
}

// observe gives the request its id, and when it is over a line in the access log and its place in the metrics.
func (s *Server) observe(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begun := time.Now()
		v := &visit{ResponseWriter: w, id: rand.Uint64(), lang: locale.English, path: "/", route: unmatchedRoute}
		defer func() {
			took := time.Since(begun)
			s.access.write(v, begun, took)
			s.metrics.observe(v, took)
		}()
		next.ServeHTTP(v, r)
	})
}

// recover turns a panic into a page. What the panic said is logged only where the runtime said it: anything else might
// hold what somebody typed.
func (s *Server) recover(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if p == http.ErrAbortHandler {
				panic(p)
			}
			err := fmt.Errorf("panic: %T", p)
			if e, ok := p.(runtime.Error); ok {
				err = fmt.Errorf("panic: %w", e)
			}
			v := w.(*visit)
			s.log.Error("panic", "id", v.ID(), "route", v.route, "stack", string(debug.Stack()))
			s.fail(v, r, err)
		}()
		next.ServeHTTP(w, r)
	})
}

// maxForms is how many forms may be worked on in this node at once. One that is more is refused at once, and at a tenth of what
// it would cost: were all taken in, each would take as long as all of them, until readers give up whom we then thank for
// nothing. Two cores work on so many for a fifth of a second.
const maxForms = 1024

// admit gives a form its place once it has come. One that dribbles in takes a connection, and no place from anybody.
func (s *Server) admit(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			next.ServeHTTP(w, r)
			return
		}
		v := w.(*visit)
		body := &placedBody{ReadCloser: r.Body, places: &s.forms}
		defer body.leave()
		if !body.begin(r.ContentLength) {
			v.route = admitRoute
			s.problem(v, r, http.StatusServiceUnavailable, overloaded)
			return
		}
		if r.Body != http.NoBody {
			r.Body = body
		}
		next.ServeHTTP(w, r)
	})
}

// admitRoute stands in the access log and the metrics for forms that were refused before anything was done for them.
const admitRoute = "too many forms"

// maxBody is the most that is read of a request's body, in bytes: room for a letter that is five times too long, so that it
// comes back with a word of advice.
const maxBody = 256 << 10

// maxDeskBody is the most that is read of what comes to the desk, in bytes: texts in several languages, a picture, a pack.
const maxDeskBody = 8 << 20

// limit refuses bodies that are too large, at once where they say so.
func (s *Server) limit(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v, most := w.(*visit), int64(maxBody)
		if strings.HasPrefix(v.path, "/admin/") && !strings.HasPrefix(v.path, "/admin/sign-in") {
			most = maxDeskBody
		}
		if v.path == logoPath {
			most = maxPicture
		}
		if r.ContentLength > most {
			v.Header().Set("Connection", "close")
			s.fail(v, r, undersigned.Fail(undersigned.TooLarge, ""))
			return
		}
		if r.Body != http.NoBody && v.path == logoPath { // no more than a logo's part of it is kept
			r.Body = http.MaxBytesReader(v.ResponseWriter, r.Body, most)
		} else if r.Body != http.NoBody {
			// The connection's own writer: it closes the connection when the limit is passed.
			body := &countedBody{ReadCloser: http.MaxBytesReader(v.ResponseWriter, r.Body, most), visit: v, room: &s.room, free: freeBody}
			defer body.giveBack()
			r.Body = body
		}
		next.ServeHTTP(w, r)
	})
}

// protect refuses what another site makes a browser send. The standard library decides wherever the browser says where
// the request comes from. An old one (no Sec-Fetch-Site) may send no Origin with a form, or "null"; then the Referer
// decides, which a page elsewhere cannot forge. Where there is neither, it is no browser that could be abused.
func (s *Server) protect(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := s.checkOrigin(r); err != nil {
			s.fail(w.(*visit), r, &undersigned.Error{Kind: undersigned.Forbidden, Err: err})
			return
		}
		next.ServeHTTP(w, r)
	})
}

var errReferer = errors.New("the Referer is another site's")

func (s *Server) checkOrigin(r *http.Request) error {
	origin, referer := r.Header.Get("Origin"), r.Header.Get("Referer")
	if r.Method == http.MethodPost && r.Header.Get("Sec-Fetch-Site") == "" && referer != "" &&
		(origin == "" || origin == "null") {
		if u, err := url.Parse(referer); err == nil && (u.Host == r.Host || u.Host == s.base.Host) {
			return nil
		}
		return errReferer
	}
	return s.origins.Check(r)
}

// language takes the language off the path: /es/learn is /learn in Spanish. Each page has one address: the first
// language needs no prefix, and doubled slashes, dots and a slash at the end are redirected away. Inside, paths are
// compared decoded.
func (s *Server) language(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := w.(*visit)
		asked := r.URL.Path
		if asked == "" || asked[0] != '/' {
			asked = "/" + asked
		}
		clean := path.Clean(asked)
		lang, rest := s.splitLanguage(clean)
		v.lang, v.path = lang, rest
		if s.sendOffered(v, r) {
			return
		}
		public := LocalPath(lang, rest)
		if public != r.URL.Path {
			if r.Method != http.MethodGet && r.Method != http.MethodHead {
				s.unmatched(v, r)
				return
			}
			// Clean and escaped, so that it cannot become the address of another site ("//example.org").
			to := url.URL{Path: public, RawQuery: r.URL.RawQuery}
			v.Header()["Location"] = []string{to.String()}
			v.WriteHeader(http.StatusMovedPermanently)
			return
		}
		if rest != r.URL.Path || r.URL.RawPath != "" {
			r2, u := *r, *r.URL
			u.Path, u.RawPath = rest, ""
			r2.URL = &u
			r = &r2
		}
		next.ServeHTTP(w, r)
	})
}

// splitLanguage parts a clean path into its language and the rest, which begins with a slash.
func (s *Server) splitLanguage(clean string) (lang, rest string) {
	first, _, _ := strings.Cut(clean[1:], "/")
	if !s.catalogue.Has(first) {
		return locale.English, clean
	}
	if rest = clean[1+len(first):]; rest == "" {
		rest = "/"
	}
	return first, rest
}
