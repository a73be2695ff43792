package web

import (
	"io"
	"strconv"
	"sync"
	"time"
)

// accessLog writes one line of JSON for each request: when it ended, its id, the pattern of its route, status and
// milliseconds, and nothing else. Never the path, which may be a confirmation link, nor who asked. The lines are written by
// hand: through slog they would cost as much as finding the page and sending its headers.
type accessLog struct {
	mu  sync.Mutex
	out io.Writer // nil for no log
	buf []byte    // lines that were not written out yet

	second int64  // since 1970, of the last line
	until  []byte // what its time begins with
}

// accessBuffer is how many bytes may wait to be written out.
const accessBuffer = 64 << 10

// write adds a line. Patterns are our own and hold nothing that JSON would escape.
func (a *accessLog) write(v *visit, begun time.Time, took time.Duration) {
	if a.out == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	ended := begun.Add(took)
	if second := ended.Unix(); second != a.second || a.until == nil {
		a.second, a.until = second, ended.UTC().AppendFormat(a.until[:0], `{"time":"2006-01-02T15:04:05.`)
	}
	b := append(a.buf, a.until...)
	thousandths := ended.Nanosecond() / 1e6
	b = append(b, byte('0'+thousandths/100), byte('0'+thousandths/10%10), byte('0'+thousandths%10))
	b = append(b, `Z","id":"`...)
	b = strconv.AppendUint(b, v.id, 36)
	b = append(b, `","route":"`...)
	b = append(b, v.route...)
	b = append(b, `","status":`...)
	b = strconv.AppendInt(b, int64(v.status), 10)
	b = append(b, `,"ms":`...)
	b = strconv.AppendFloat(b, float64(took.Microseconds())/1000, 'f', 3, 64)
	a.buf = append(b, "}\n"...)
	if len(a.buf) >= accessBuffer {
		a.writeOut()
	}
}

// flush writes out what waits. The follower of the database calls it each second.
func (a *accessLog) flush() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.buf) > 0 {
		a.writeOut()
	}
}

// writeOut may fail: a log that cannot be written stops nobody.
func (a *accessLog) writeOut() {
	_, _ = a.out.Write(a.buf)
	a.buf = a.buf[:0]
}
