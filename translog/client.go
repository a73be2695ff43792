package translog

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

const (
	maxKeySize    = 1 << 10
	maxTileSize   = TileWidth * tlog.HashSize
	maxBundleSize = TileWidth * (2 + MaxEntrySize)

	// How many files are read at a time: enough to hide the way to a server, and
	// that a disk has no rest. Behind a directory may be a database that keeps a
	// cache for each who reads.
	parallelRequests = 16
	parallelFiles    = 4

	requestTimeout = 30 * time.Second
	attempts       = 4
	firstPause     = time.Second // doubled before each further attempt
)

// Client reads the files of one log, from its server, from a mirror or from a
// directory. It believes nothing of what it reads; [Verify], [Mirror] and the
// functions that take a [ReadTile] check it. A file that is larger than its
// kind can be is an error, before or after decompression, so that memory stays
// bounded whatever a server sends. A Client is safe for concurrent use.
type Client struct {
	open     func(ctx context.Context, path string) (io.ReadCloser, error)
	attempts int
	parallel int // files read at a time
}

// NewClient returns a client for a log at an http or https URL (the log's
// prefix, such as https://example.org/log), or in a directory. Each request
// ends after 30 seconds at most, and is tried four times where the network or
// the server (429 or 5xx) failed, with pauses of 1, 2 and 4 seconds.
func NewClient(location string) (*Client, error) {
	if !strings.Contains(location, "://") {
		if info, err := os.Stat(location); err != nil || !info.IsDir() {
			return nil, errors.New("open a log: it is neither a URL nor a directory")
		}
		return NewDirClient(os.DirFS(location)), nil
	}
	u, err := url.Parse(location)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
		return nil, errors.New("open a log: the URL must be http or https, without query or fragment")
	}
	server := &server{prefix: strings.TrimRight(u.String(), "/"), http: &http.Client{
		Transport: &http.Transport{
			Proxy:                  http.ProxyFromEnvironment,
			MaxIdleConnsPerHost:    parallelRequests,
			IdleConnTimeout:        requestTimeout,
			ResponseHeaderTimeout:  requestTimeout,
			TLSHandshakeTimeout:    requestTimeout,
			MaxResponseHeaderBytes: 1 << 16,
			ForceAttemptHTTP2:      true,
		},
	}}
	return &Client{open: server.get, attempts: attempts, parallel: parallelRequests}, nil
}

// NewDirClient returns a client for a log whose files are in fsys.
func NewDirClient(fsys fs.FS) *Client {
	open := func(_ context.Context, path string) (io.ReadCloser, error) { return fsys.Open(path) }
	return &Client{open: open, attempts: 1, parallel: parallelFiles}
}

// Checkpoint returns the log's signed checkpoint, for [Policy.Open].
func (c *Client) Checkpoint(ctx context.Context) ([]byte, error) {
	return c.read(ctx, "checkpoint", maxCheckpointSize)
}

// Key returns the vkey that the log says is its own. Whoever believes it learns
// only that the log agrees with itself: another log behind the same URL would
// bring its own key.
func (c *Client) Key(ctx context.Context) (string, error) {
	vkey, err := c.read(ctx, "vkey", maxKeySize)
	return strings.TrimSuffix(string(vkey), "\n"), err
}

// Text returns the canonical text of a petition's version; its hash is in the
// open entry. Its error is fs.ErrNotExist where the log does not have it.
func (c *Client) Text(ctx context.Context, pid PID, version int64) ([]byte, error) {
	return c.read(ctx, TextPath(pid, version), MaxTextSize)
}

// Tile is a [ReadTile]. Where a partial tile is gone, it reads the full one
// and cuts it, as c2sp.org/tlog-tiles has it.
func (c *Client) Tile(ctx context.Context, t tlog.Tile) ([]byte, error) {
	data, err := c.read(ctx, TilePath(t), maxTileSize)
	if t.W < TileWidth && errors.Is(err, fs.ErrNotExist) {
		full := t
		full.W = TileWidth
		data, err = c.Tile(ctx, full)
		data = data[:min(len(data), t.W*tlog.HashSize)]
	}
	if err != nil {
		return nil, err
	}
	if len(data) != t.W*tlog.HashSize {
		return nil, fmt.Errorf("read %s: it does not have %d hashes", TilePath(t), t.W)
	}
	return data, nil
}

// Bundle returns the first width entries of entry bundle n. They are not
// checked.
func (c *Client) Bundle(ctx context.Context, n int64, width int) ([][]byte, error) {
	t := tlog.Tile{H: tileHeight, L: EntriesLevel, N: n, W: width}
	data, err := c.read(ctx, TilePath(t), maxBundleSize)
	if width < TileWidth && errors.Is(err, fs.ErrNotExist) {
		entries, err := c.Bundle(ctx, n, TileWidth)
		return entries[:min(len(entries), width)], err
	}
	if err != nil {
		return nil, err
	}
	entries, err := SplitBundle(data, width)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", TilePath(t), err)
	}
	return entries, nil
}

// read returns a whole file of at most limit bytes.
func (c *Client) read(ctx context.Context, path string, limit int64) ([]byte, error) {
	pause := firstPause
	for attempt := 1; ; attempt++ {
		data, err := c.readOnce(ctx, path, limit)
		var failed *transientError
		if err == nil || attempt == c.attempts || !errors.As(err, &failed) {
			return data, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(pause):
			pause *= 2
		}
	}
}

func (c *Client) readOnce(ctx context.Context, path string, limit int64) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	body, err := c.open(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	defer body.Close()
	data, err := io.ReadAll(io.LimitReader(body, limit+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, &transientError{err})
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("read %s: it has more than %d bytes", path, limit)
	}
	return data, nil
}

// transientError is one that another attempt may not meet.
type transientError struct{ err error }

func (e *transientError) Error() string { return e.err.Error() }
func (e *transientError) Unwrap() error { return e.err }

type server struct {
	prefix string
	http   *http.Client
}

// get asks for one file. The transport asks for gzip and undoes it; the reader
// above counts what comes out.
func (s *server) get(ctx context.Context, path string) (io.ReadCloser, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.prefix+"/"+path, nil)
	if err != nil {
		return nil, err
	}
	resp, err := s.http.Do(req)
	if err != nil {
		return nil, &transientError{err}
	}
	if resp.StatusCode == http.StatusOK {
		return resp.Body, nil
	}
	resp.Body.Close()
	switch {
	case resp.StatusCode == http.StatusNotFound || resp.StatusCode == http.StatusGone:
		return nil, fs.ErrNotExist
	case resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode >= 500:
		return nil, &transientError{errors.New("the server answered " + resp.Status)}
	}
	return nil, errors.New("the server answered " + resp.Status)
}
