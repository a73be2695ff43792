package web

import (
	"context"
	"io"
	"net/http"
	"time"
)

// healthz says that the process lives, whatever becomes of the database.
func (s *Server) healthz(v *visit, _ *http.Request) error { return plainText(v, http.StatusOK, "ok\n") }

// readyz says whether to send us readers: the database answers, in a schema that this program can use (one that is newer is
// refused at the start), and nobody has told us to end.
func (s *Server) readyz(v *visit, r *http.Request) error {
	if s.draining.Load() {
		return plainText(v, http.StatusServiceUnavailable, "about to end\n")
	}
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	if err := s.db.Ping(ctx); err != nil {
		return plainText(v, http.StatusServiceUnavailable, "the database does not answer\n")
	}
	return plainText(v, http.StatusOK, "ready\n")
}

func plainText(v *visit, status int, text string) error {
	v.Header()["Cache-Control"] = noStore
	v.Header().Set("Content-Type", "text/plain; charset=utf-8")
	v.WriteHeader(status)
	_, _ = io.WriteString(v, text) // the reader may have gone
	return nil
}
