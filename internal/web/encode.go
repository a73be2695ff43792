package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
)

// draft is a public page as a builder made it, before it is compressed and kept.
type draft struct {
	body        []byte
	contentType string
	counts      bool          // shows a count, so that it is stale when the published log grows
	goodFor     time.Duration // at most; zero is until something that it shows has changed
	route       string        // where it is a page with an address, the same for whoever asks: the pattern of its route
}

// readyPage is a public page as bytes to send, the same to everyone. It never changes once made.
type readyPage struct {
	identity, gzip, brotli variant
	contentType            []string
	route                  string
	counts                 bool
	revision, published    int64     // of the site, when it was made
	until                  time.Time // when the clock alone makes it stale
}

// variant is one encoding of a page, with its headers as net/http wants them.
type variant struct {
	body                   []byte
	etag, length, encoding []string
}

func newReadyPage(d *draft) *readyPage {
	sum := sha256.Sum256(d.body)
	tag := base64.RawURLEncoding.EncodeToString(sum[:12])
	p := &readyPage{contentType: []string{d.contentType}, route: d.route, counts: d.counts}
	p.identity = newVariant(d.body, tag, "")
	p.gzip = smaller(p.identity, newVariant(gzipped(d.body), tag, "gzip"))
	p.brotli = smaller(p.gzip, newVariant(brotlied(d.body), tag, "br"))
	return p
}

// newVariant gives each encoding an ETag of its own: they are different bytes.
func newVariant(body []byte, tag, encoding string) variant {
	v := variant{body: body, length: []string{strconv.Itoa(len(body))}}
	if encoding == "" {
		v.etag = []string{`"` + tag + `"`}
		return v
	}
	v.etag = []string{`"` + tag + "-" + encoding + `"`}
	v.encoding = []string{encoding}
	return v
}

// smaller prefers an encoding only where it saves something, which for a few bytes of JSON it does not.
func smaller(plain, encoded variant) variant {
	if len(encoded.body) < len(plain.body) {
		return encoded
	}
	return plain
}

func gzipped(body []byte) []byte {
	var buf bytes.Buffer
	w, _ := gzip.NewWriterLevel(&buf, gzip.BestCompression) // the level is a valid one
	w.Write(body)                                           // a bytes.Buffer does not fail
	w.Close()
	return buf.Bytes()
}

func brotlied(body []byte) []byte {
	var buf bytes.Buffer
	w := brotli.NewWriterOptions(&buf, brotli.WriterOptions{Quality: 5, LGWin: 17}) // 128 KB: a window that holds a page
	w.Write(body)
	w.Close()
	return buf.Bytes()
}

// variant picks what the browser can read.
func (p *readyPage) variant(acceptEncoding string) *variant {
	switch {
	case accepts(acceptEncoding, "br"):
		return &p.brotli
	case accepts(acceptEncoding, "gzip"):
		return &p.gzip
	}
	return &p.identity
}

// accepts reads an Accept-Encoding header: RFC 9110, section 12.5.3. "*" is not taken at its word.
func accepts(header, coding string) bool {
	for header != "" {
		var item string
		item, header, _ = strings.Cut(header, ",")
		name, weight, weighted := strings.Cut(item, ";")
		if !strings.EqualFold(strings.TrimSpace(name), coding) {
			continue
		}
		if !weighted {
			return true
		}
		q, found := strings.CutPrefix(strings.TrimSpace(weight), "q=")
		return !found || strings.Trim(q, "0.") != ""
	}
	return false
}

// The values of headers that all public pages share, made once.
var (
	noCache      = []string{"no-cache"}
	noStore      = []string{"no-store"}
	varyEncoding = []string{"Accept-Encoding"}
)

// send answers with the page, or with 304 where the browser has it already.
func (p *readyPage) send(w http.ResponseWriter, r *http.Request, cacheControl []string) {
	e := p.variant(headerValue(r.Header, "Accept-Encoding"))
	h := w.Header()
	h["Etag"] = e.etag
	h["Cache-Control"] = cacheControl
	h["Vary"] = varyEncoding
	if matches(headerValue(r.Header, "If-None-Match"), e.etag[0]) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	p.write(w, r, e, http.StatusOK)
}

func (p *readyPage) write(w http.ResponseWriter, r *http.Request, e *variant, status int) {
	h := w.Header()
	h["Content-Type"] = p.contentType
	h["Content-Length"] = e.length
	if e.encoding != nil {
		h["Content-Encoding"] = e.encoding
	}
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		w.Write(e.body) // the reader may have gone
	}
}

// matches compares as RFC 9110, section 13.1.2 wants it: weakly, against a list.
func matches(ifNoneMatch, etag string) bool {
	for ifNoneMatch != "" {
		var item string
		item, ifNoneMatch, _ = strings.Cut(ifNoneMatch, ",")
		item = strings.TrimSpace(item)
		if item == "*" || strings.TrimPrefix(item, "W/") == etag {
			return true
		}
	}
	return false
}

// headerValue is Header.Get for a name that is already canonical.
func headerValue(h http.Header, name string) string {
	if values := h[name]; len(values) > 0 {
		return values[0]
	}
	return ""
}
