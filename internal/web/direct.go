package web

import (
	"bytes"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"
)

// answerDirectly appends to out the answer to a request, where that needs no net/http, and tells whether it did.
func (s *Server) answerDirectly(out *bytes.Buffer, h requestHead) bool {
	if s.draining.Load() { // each answer is the last on its connection, which net/http has to close
		return false
	}
	if h.get {
		return s.answerReady(out, h)
	}
	return s.answerForm(out, h)
}

// answerReady answers a request for a public page that is ready. It is the same answer that net/http would send through the
// routes and the middlewares, without either: they take three times as long. Whatever is not simply such a page is left to
// them.
func (s *Server) answerReady(out *bytes.Buffer, h requestHead) bool {
	if h.target == nil {
		return false
	}
	p := s.readyAt(string(h.target))
	if p == nil {
		return false
	}
	begun := time.Now()
	v := visit{id: rand.Uint64(), route: p.route, status: http.StatusOK}
	e := p.variant(string(h.acceptEncoding))
	unchanged := matches(string(h.ifNoneMatch), e.etag[0])
	if unchanged {
		v.status = http.StatusNotModified
	}
	b := out.AvailableBuffer()
	b = append(b, "HTTP/1.1 "...)
	b = strconv.AppendInt(b, int64(v.status), 10)
	b = append(append(b, ' '), http.StatusText(v.status)...)
	b = append(append(b, "\r\n"...), s.views.design.Load().commonLines...)
	b = append(append(b, "Date: "...), httpDate(begun)...)
	b = append(append(b, "\r\nCache-Control: no-cache\r\nVary: Accept-Encoding\r\nEtag: "...), e.etag[0]...)
	if unchanged {
		out.Write(append(b, "\r\n\r\n"...))
	} else {
		b = append(append(b, "\r\nContent-Type: "...), p.contentType[0]...)
		b = append(append(b, "\r\nContent-Length: "...), e.length[0]...)
		if e.encoding != nil {
			b = append(append(b, "\r\nContent-Encoding: "...), e.encoding[0]...)
		}
		out.Write(append(b, "\r\n\r\n"...))
		out.Write(e.body)
	}
	took := time.Since(begun)
	s.access.write(&v, begun, took)
	s.metrics.observe(&v, took)
	return true
}

// readyAt gives the page with that address, where it is public, made and fresh.
func (s *Server) readyAt(target string) *readyPage {
	lang, path := s.splitLanguage(target)
	if LocalPath(lang, path) != target {
		return nil // the page has another address
	}
	if s.offered(lang) != lang {
		return nil // it leads elsewhere
	}
	if p := s.ready.peek(pageKey{lang, path}); p != nil && p.route != "" {
		return p
	}
	return nil
}

// lines are headers as they stand in an answer.
func lines(headers []header) []byte {
	var b []byte
	for _, h := range headers {
		b = append(b, h.name+": "+h.values[0]+"\r\n"...)
	}
	return b
}
