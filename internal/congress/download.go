package congress

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Progress says how far one download is.
type Progress struct {
	Source string // "legislators", "boundaries 119", "bill 117hr2222"
	Done   int64  // bytes
	Total  int64  // bytes; 0 where the server does not say
}

// downloader brings sources into a folder: what is under way in part/, what is whole in files/.
type downloader struct {
	dir      string
	mirror   string // a folder or a URL; empty for the public sites
	client   *http.Client
	progress func(Progress)
}

// validator is what a server says of a file so that it need not send it twice (RFC 9110, 8.8).
type validator struct {
	ETag     string `json:"etag,omitempty"`
	Modified string `json:"modified,omitempty"`
}

var (
	errUnchanged    = errors.New("the file has not changed")
	errNotPublished = errors.New("there is no such file")
	errRefused      = errors.New("the server refused")
	errInterrupted  = errors.New("the download broke off")
)

// newClient makes a client that gives up on a server that does not answer. How long a whole file may take, the context
// says.
func newClient() *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			Proxy:                 http.ProxyFromEnvironment,
			DialContext:           (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
			TLSHandshakeTimeout:   10 * time.Second,
			ResponseHeaderTimeout: 30 * time.Second,
			MaxIdleConnsPerHost:   2,
			IdleConnTimeout:       30 * time.Second,
		},
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			if len(via) > 5 || r.URL.Scheme != via[0].URL.Scheme {
				return errRefused
			}
			return nil
		},
	}
}

// timeout is how long a file of this size may take, at 100 kB a second.
func (s source) timeout() time.Duration {
	return time.Minute + time.Duration(s.max/100_000)*time.Second
}

// download brings a source unless it is what old says, and gives the name of the whole file under files/. A download
// that breaks off leaves its part, and goes on from there next time.
func (d *downloader) download(ctx context.Context, s source, old validator) (name string, now validator, err error) {
	ctx, cancel := context.WithTimeout(ctx, s.timeout())
	defer cancel()
	part := filepath.Join(d.dir, "part", s.file())
	if d.mirror != "" && !strings.Contains(d.mirror, "://") {
		now, err = d.copyFile(s, part, old)
	} else {
		now, err = d.get(ctx, s, part, old)
	}
	if err != nil {
		return "", validator{}, err
	}
	name, err = d.keep(s, part)
	return name, now, err
}

// copyFile copies a source out of a mirror that is a folder. Its size and date stand for an ETag.
func (d *downloader) copyFile(s source, part string, old validator) (validator, error) {
	in, err := os.Open(filepath.Join(d.mirror, s.host, filepath.FromSlash(s.path)))
	if errors.Is(err, fs.ErrNotExist) {
		return validator{}, errNotPublished
	}
	if err != nil {
		return validator{}, fmt.Errorf("open a file of the mirror: %w", err)
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return validator{}, fmt.Errorf("open a file of the mirror: %w", err)
	}
	now := validator{ETag: fmt.Sprintf("%d-%d", info.Size(), info.ModTime().UnixNano())}
	if now == old {
		return validator{}, errUnchanged
	}
	out, err := openPart(part, 0, now)
	if err != nil {
		return validator{}, err
	}
	return now, d.copy(s, out, in, 0, info.Size())
}

// get downloads a source over HTTP, from where an earlier try broke off if the file is still the same.
func (d *downloader) get(ctx context.Context, s source, part string, old validator) (validator, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, d.url(s), nil)
	if err != nil {
		return validator{}, fmt.Errorf("ask for a file: %w", err)
	}
	r.Header.Set("User-Agent", "undersigned")
	r.Header.Set("Accept-Encoding", "identity") // ranges and sizes are of the file itself
	if old.ETag != "" {
		r.Header.Set("If-None-Match", old.ETag)
	} else if old.Modified != "" {
		r.Header.Set("If-Modified-Since", old.Modified)
	}
	had, begun := partBegun(part)
	if had > 0 {
		r.Header.Set("Range", "bytes="+strconv.FormatInt(had, 10)+"-")
		r.Header.Set("If-Range", begun)
	}
	resp, err := d.client.Do(r)
	if err != nil {
		return validator{}, fmt.Errorf("ask for a file: %w", err)
	}
	defer resp.Body.Close()
	now := validator{resp.Header.Get("ETag"), resp.Header.Get("Last-Modified")}
	switch resp.StatusCode {
	case http.StatusOK:
		had = 0
	case http.StatusPartialContent:
		if !strings.HasPrefix(resp.Header.Get("Content-Range"), "bytes "+strconv.FormatInt(had, 10)+"-") {
			return validator{}, d.forget(part, errRefused)
		}
	case http.StatusRequestedRangeNotSatisfiable:
		// The part is whole, or of something else: begin anew.
		if err := d.forget(part, nil); err != nil {
			return validator{}, err
		}
		return d.get(ctx, s, part, old)
	case http.StatusNotModified:
		return validator{}, errUnchanged
	case http.StatusNotFound, http.StatusGone:
		return validator{}, errNotPublished
	default:
		return validator{}, fmt.Errorf("%w: status %d", errRefused, resp.StatusCode)
	}
	out, err := openPart(part, had, now)
	if err != nil {
		return validator{}, err
	}
	total := had + resp.ContentLength
	if resp.ContentLength < 0 {
		total = 0
	}
	return now, d.copy(s, out, resp.Body, had, total)
}

func (d *downloader) url(s source) string {
	if d.mirror == "" {
		return s.url()
	}
	return strings.TrimSuffix(d.mirror, "/") + "/" + s.host + "/" + s.path
}

// partBegun tells how many bytes of a broken download are there, and the validator it began with. Only a strong ETag or
// a date lets a download go on (RFC 9110, 13.1.5).
func partBegun(part string) (had int64, begun string) {
	var v validator
	data, err := os.ReadFile(part + ".json")
	if err != nil || json.Unmarshal(data, &v) != nil {
		return 0, ""
	}
	begun = v.ETag
	if begun == "" || strings.HasPrefix(begun, "W/") {
		begun = v.Modified
	}
	info, err := os.Stat(part)
	if err != nil || begun == "" {
		return 0, ""
	}
	return info.Size(), begun
}

// openPart opens a part to write on at an offset. The validator is written first: a crash between the two leaves an
// empty part that any download may go on from.
func openPart(part string, at int64, v validator) (*os.File, error) {
	if at > 0 {
		return os.OpenFile(part, os.O_WRONLY|os.O_APPEND, 0o600)
	}
	if err := os.Remove(part); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("write a download: %w", err)
	}
	note, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("write a download: %w", err)
	}
	if err := os.WriteFile(part+".json", note, 0o600); err != nil {
		return nil, fmt.Errorf("write a download: %w", err)
	}
	return os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
}

// forget drops a part that cannot be gone on from.
func (d *downloader) forget(part string, why error) error {
	return errors.Join(why, os.Remove(part), os.Remove(part+".json"))
}

// copy writes what comes in behind what was there, and closes out. Too much drops the whole part.
func (d *downloader) copy(s source, out *os.File, in io.Reader, had, total int64) error {
	w := &counter{w: out, done: had, report: func(done int64) {
		if d.progress != nil {
			d.progress(Progress{s.name, done, total})
		}
	}}
	n, err := io.Copy(w, io.LimitReader(in, s.max+1-had))
	if failed := errors.Join(w.err, out.Close()); failed != nil {
		return fmt.Errorf("write a download: %w", failed)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", errInterrupted, err)
	}
	if had+n > s.max {
		return errors.Join(errTooLarge, os.Remove(out.Name()))
	}
	return nil
}

// counter reports each 256 kB that pass, and the end of small files by their first write.
type counter struct {
	w              io.Writer
	done, reported int64
	report         func(int64)
	err            error // of writing, apart from those of reading
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.err = err
	c.done += int64(n)
	if c.reported == 0 || c.done-c.reported >= 256<<10 {
		c.reported = c.done
		c.report(c.done)
	}
	return n, err
}

// keep moves a whole part under files/, named by its content, so that no file there ever changes.
func (d *downloader) keep(s source, part string) (string, error) {
	f, err := os.Open(part)
	if err != nil {
		return "", fmt.Errorf("keep a download: %w", err)
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", fmt.Errorf("keep a download: %w", err)
	}
	if err := f.Sync(); err != nil {
		return "", fmt.Errorf("keep a download: %w", err)
	}
	name := s.file() + "-" + hex.EncodeToString(h.Sum(nil)[:8])
	if err := os.Rename(part, filepath.Join(d.dir, "files", name)); err != nil {
		return "", fmt.Errorf("keep a download: %w", err)
	}
	if err := os.Remove(part + ".json"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("keep a download: %w", err)
	}
	return name, nil
}
