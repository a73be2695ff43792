package web

import (
	"context"
	_ "embed"
	"net/http"
	"strconv"
	"sync"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/translog"
)

// PublicLog is what outsiders are told of the log besides its content.
type PublicLog struct {
	Key    string      // the public key, as golang.org/x/mod/sumdb/note writes it
	Policy string      // c2sp.org/tlog-policy: the key and the witnesses
	Halted func() bool // tells whether signing has stopped because more was seen than we have; may be nil
}

//go:embed log_spec.txt
var logSpec string

const (
	plainType = "text/plain; charset=utf-8"
	bytesType = "application/octet-stream"
)

var errNoTile = undersigned.Fail(undersigned.NotFound, "error.not_found")

// logFiles keeps the full tiles and bundles of the log that were asked for last. They never change, so that a mirror that
// reads the whole log, or a thousand at once, costs the database one read a tile.
type logFiles struct {
	mu    sync.Mutex
	kept  map[string]*readyPage
	order []string // the ring of what is kept; the next one takes the oldest's place
	next  int
}

// maxLogFiles bounds the memory: a bundle of 256 entries has some 40 KB in its three forms.
const maxLogFiles = 512

func (f *logFiles) get(path string) *readyPage {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.kept[path]
}

func (f *logFiles) put(path string, p *readyPage) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.kept == nil {
		f.kept = map[string]*readyPage{}
	}
	if f.kept[path] != nil {
		return
	}
	if len(f.order) < maxLogFiles {
		f.order = append(f.order, path)
	} else {
		delete(f.kept, f.order[f.next])
		f.order[f.next] = path
		f.next = (f.next + 1) % maxLogFiles
	}
	f.kept[path] = p
}

// logCheckpoint is the signed head of the log (c2sp.org/tlog-tiles). It is stale when more is published, like a count.
func (s *Server) logCheckpoint(ctx context.Context, _ *visit, _ *http.Request) (*draft, error) {
	var c store.Checkpoint
	err := s.db.View(ctx, func(tx *store.Tx) (err error) { c, err = tx.Checkpoint(); return err })
	if err == nil && c.Note == "" {
		err = errNoTile // nothing is published yet
	}
	return &draft{body: []byte(c.Note), contentType: plainType, counts: true}, err
}

// logTile serves tiles of hashes and bundles of entries, as far as the log is published.
func (s *Server) logTile(v *visit, r *http.Request) error {
	path := "tile/" + r.PathValue("tile")
	if p := s.logFiles.get(path); p != nil {
		p.send(v, r, forEver)
		return nil
	}
	tile, err := translog.ParseTilePath(path)
	if err != nil {
		return errNoTile
	}
	body, err := s.actions.LogTile(r.Context(), tile)
	if err != nil {
		return err
	}
	p := newReadyPage(&draft{body: body, contentType: bytesType})
	if tile.W == translog.TileWidth {
		s.logFiles.put(path, p)
	}
	p.send(v, r, forEver)
	return nil
}

// logText is the text that people signed, whose hash the log holds.
func (s *Server) logText(v *visit, r *http.Request) error {
	pid, err := translog.ParsePID(r.PathValue("pid"))
	version, e := strconv.Atoi(r.PathValue("version"))
	if err != nil || e != nil || strconv.Itoa(version) != r.PathValue("version") {
		return errNoTile
	}
	var text string
	err = s.db.View(r.Context(), func(tx *store.Tx) (err error) {
		found := false
		text, found, err = tx.ActionVersion(pid.String(), version)
		if err == nil && !found {
			err = errNoTile
		}
		return err
	})
	if err != nil {
		return err
	}
	newReadyPage(&draft{body: []byte(text), contentType: plainType}).send(v, r, forEver)
	return nil
}

// logFixed serves what is the same as long as the program runs.
func (s *Server) logFixed(text string) http.Handler {
	p := newReadyPage(&draft{body: []byte(text), contentType: plainType})
	return s.handle(func(v *visit, r *http.Request) error {
		p.send(v, r, noCache)
		return nil
	})
}
