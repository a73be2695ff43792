package web

import (
	"bytes"
	"io"
	"net/http"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// answerForm appends to out the answer to a form that has come whole, and tells whether it did. The form takes the same way
// as any request, through the middlewares and the routes; all that differs is who has read it and who sends the answer. What
// net/http does for a request costs as much as all of that together: it watches whether the client leaves, for one.
//
// Who sends a cookie is at work on the site, where an answer may be long: net/http's.
func (s *Server) answerForm(out *bytes.Buffer, h requestHead) bool {
	if h.whole == nil || h.target == nil || h.cookie {
		return false
	}
	answerBy(s.handler, out, h)
	return true
}

func answerBy(handler http.Handler, out *bytes.Buffer, h requestHead) {
	w := &formAnswer{header: make(http.Header, 14), out: out, before: out.Len()} // as many as a map of 16 places takes
	handler.ServeHTTP(w, h.post())
	w.end()
}

// appendHeaders writes headers as [http.Header.Write] does, in no order: to sort them takes as long as all the rest.
func appendHeaders(b []byte, headers http.Header) []byte {
	for name, values := range headers {
		for _, value := range values {
			if strings.ContainsAny(value, "\r\n") {
				value = oneLine.Replace(value)
			}
			b = append(append(b, name...), ": "...)
			b = append(append(b, value...), "\r\n"...)
		}
	}
	return b
}

// oneLine keeps a value from ending its header.
var oneLine = strings.NewReplacer("\r", " ", "\n", " ")

// httpDate is a moment as a Date header says it. It is made once a second: to format it takes as long as to find a page.
func httpDate(now time.Time) string {
	second := now.Unix()
	if last := lastDate.Load(); last != nil && last.second == second {
		return last.text
	}
	made := &dateText{second, now.UTC().Format(http.TimeFormat)}
	lastDate.Store(made)
	return made.text
}

type dateText struct {
	second int64
	text   string
}

var lastDate atomic.Pointer[dateText]

// post makes of a POST that has come whole what net/http makes of it.
func (h requestHead) post() *http.Request {
	target, head := string(h.target), string(h.whole[:h.size])
	lines := strings.Count(head, "\r\n") - 2 // without the first and the empty one
	path, query, asks := strings.Cut(target, "?")
	r := &http.Request{Method: http.MethodPost, URL: &url.URL{Path: path, RawQuery: query, ForceQuery: asks && query == ""}, RequestURI: target, RemoteAddr: h.from,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: make(http.Header, lines),
		Body: http.NoBody, ContentLength: int64(h.body)}
	if h.body > 0 {
		r.Body = io.NopCloser(bytes.NewReader(h.whole[h.size:]))
	}
	values := make([]string, 0, lines) // one array for all headers, as net/http has it
	_, rest, _ := strings.Cut(head, "\r\n")
	for {
		var line string
		if line, rest, _ = strings.Cut(rest, "\r\n"); line == "" {
			return r
		}
		name, value, _ := strings.Cut(line, ":")
		name, value = textproto.CanonicalMIMEHeaderKey(name), strings.Trim(value, " ")
		if name == "Host" {
			r.Host = value
			continue
		}
		if before := r.Header[name]; before != nil {
			r.Header[name] = append(before, value)
			continue
		}
		values = append(values, value)
		r.Header[name] = values[len(values)-1 : len(values) : len(values)]
	}
}

// formAnswer is an answer to a form, without net/http. Where its size is said before its first byte, it goes out as it comes;
// else it is kept until it is whole.
type formAnswer struct {
	header http.Header
	status int
	out    *bytes.Buffer
	before int  // bytes of out are answers to others
	begun  bool // the head is out
	owed   int  // bytes of the body that are still to come, once it is
	kept   bytes.Buffer
}

func (w *formAnswer) Header() http.Header { return w.header }

func (w *formAnswer) WriteHeader(status int) {
	if w.status != 0 {
		return
	}
	w.status = status
	if said := w.header["Content-Length"]; said != nil {
		size, _ := strconv.Atoi(said[0]) // it is our own
		w.begin(size)
	}
}

func (w *formAnswer) Write(b []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	if !w.begun {
		return w.kept.Write(b)
	}
	if len(b) > w.owed {
		return 0, http.ErrContentLength
	}
	w.owed -= len(b)
	return w.out.Write(b)
}

// begin writes the head of an answer of so many bytes.
func (w *formAnswer) begin(size int) {
	w.begun, w.owed = true, size
	delete(w.header, "Content-Length")
	b := w.out.AvailableBuffer()
	b = strconv.AppendInt(append(b, "HTTP/1.1 "...), int64(w.status), 10)
	b = append(append(b, ' '), http.StatusText(w.status)...)
	b = append(append(b, "\r\nDate: "...), httpDate(time.Now())...)
	b = strconv.AppendInt(append(b, "\r\nContent-Length: "...), int64(size), 10)
	b = appendHeaders(append(b, "\r\n"...), w.header)
	w.out.Write(append(b, "\r\n"...))
}

// end writes what was kept. An answer that falls short of its size ends the connection, as it does in net/http.
func (w *formAnswer) end() {
	w.WriteHeader(http.StatusOK)
	if !w.begun {
		w.begin(w.kept.Len())
		n, _ := w.kept.WriteTo(w.out) // neither fails
		w.owed -= int(n)
	}
	if w.owed > 0 {
		w.out.Truncate(w.before)
		panic(http.ErrAbortHandler)
	}
}
