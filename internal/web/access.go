package web

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"sync"
	"time"
)

// accessLog writes one line of JSON for each request: the pattern of its route, status, milliseconds and id, and nothing
// else. Never the path, which may be a confirmation link, nor who asked.
type accessLog struct {
	log *slog.Logger // nil for no log

	mu  sync.Mutex
	out *bufio.Writer
}

func newAccessLog(w io.Writer) *accessLog {
	a := &accessLog{}
	if w != nil {
		a.out = bufio.NewWriterSize(w, 64<<10)
		a.log = slog.New(slog.NewJSONHandler(a, nil))
	}
	return a
}

// Write takes a whole line. The buffer is written out when it is full, and by flush.
func (a *accessLog) Write(line []byte) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.out.Write(line)
}

func (a *accessLog) flush() {
	if a.log == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.out.Flush() // a log that cannot be written stops nobody
}

func (a *accessLog) write(v *visit, took time.Duration) {
	if a.log == nil {
		return
	}
	a.log.LogAttrs(context.Background(), slog.LevelInfo, "request",
		slog.String("id", v.ID()),
		slog.String("route", v.route),
		slog.Int("status", v.status),
		slog.Float64("ms", float64(took.Microseconds())/1000))
}
