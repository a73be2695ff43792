package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/undersigned/undersigned/translog"
)

// progress is a line on a terminal that is written over and over; elsewhere it writes nothing.
type progress struct {
	to   io.Writer // nil where nobody looks
	what string
	last time.Time
}

func newProgress(to io.Writer, what string) *progress {
	file, ok := to.(*os.File)
	if !ok {
		return &progress{}
	}
	if info, err := file.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return &progress{}
	}
	return &progress{to: to, what: what}
}

// watch shows how far the reading of a log has come.
func (p *progress) watch(f *translog.Fold, _ []byte, size int64) error {
	if p.to != nil && f.Size()%1024 == 0 && time.Since(p.last) > 100*time.Millisecond {
		p.last = time.Now()
		fmt.Fprintf(p.to, "\r%s %d of %d entries, %d %% ", p.what, f.Size(), size, f.Size()*100/size)
	}
	return nil
}

// end clears the line.
func (p *progress) end() {
	if p.to != nil {
		fmt.Fprint(p.to, "\r\x1b[K")
	}
}
