package translog

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// answers is a transport that gives one answer after the other, the last one for ever.
type answers struct {
	list  []func() (*http.Response, error)
	asked int
}

func (a *answers) RoundTrip(r *http.Request) (*http.Response, error) {
	next := a.list[min(a.asked, len(a.list)-1)]
	a.asked++
	resp, err := next()
	if resp != nil {
		resp.Request = r
	}
	return resp, err
}

func answer(status int, body io.Reader) func() (*http.Response, error) {
	return func() (*http.Response, error) {
		return &http.Response{StatusCode: status, Status: http.StatusText(status), Body: io.NopCloser(body), Header: make(http.Header)}, nil
	}
}

func (a *answers) client() *Client {
	s := &server{prefix: "https://example.org/log", http: &http.Client{Transport: a}}
	return &Client{open: s.get, attempts: attempts, parallel: parallelRequests}
}

func TestFailingServerIsAskedAgain(t *testing.T) {
	broken := func() (*http.Response, error) { return nil, errors.New("connection reset") }
	busy := answer(http.StatusServiceUnavailable, strings.NewReader(""))
	good := answer(http.StatusOK, strings.NewReader("text"))
	for name, c := range map[string]struct {
		list  []func() (*http.Response, error)
		asked int
		took  time.Duration
		ok    bool
	}{
		"at once":  {[]func() (*http.Response, error){good}, 1, 0, true},
		"third":    {[]func() (*http.Response, error){broken, busy, good}, 3, 3 * time.Second, true},
		"never":    {[]func() (*http.Response, error){busy}, 4, 7 * time.Second, false},
		"missing":  {[]func() (*http.Response, error){answer(404, strings.NewReader(""))}, 1, 0, false},
		"refusing": {[]func() (*http.Response, error){answer(403, strings.NewReader(""))}, 1, 0, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			a, start := &answers{list: c.list}, time.Now()
			_, err := a.client().Text(t.Context(), pidA, 1)
			if (err == nil) != c.ok || a.asked != c.asked || time.Since(start) != c.took {
				t.Errorf("%s: %v after %d requests and %v", name, err, a.asked, time.Since(start))
			}
			if errors.Is(err, fs.ErrNotExist) != (name == "missing") {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
}

// endless gives bytes for ever and counts them.
type endless struct{ given int64 }

func (e *endless) Read(p []byte) (int, error) {
	e.given += int64(len(p))
	return len(p), nil
}

func TestEndlessAnswerIsCutOff(t *testing.T) {
	for name, read := range map[string]func(c *Client) error{
		"checkpoint": func(c *Client) error { _, err := c.Checkpoint(t.Context()); return err },
		"text":       func(c *Client) error { _, err := c.Text(t.Context(), pidA, 1); return err },
		"bundle":     func(c *Client) error { _, err := c.Bundle(t.Context(), 0, 256); return err },
		"tile": func(c *Client) error {
			_, err := c.Tile(t.Context(), tlog.Tile{H: 8, W: 256})
			return err
		},
	} {
		body := new(endless)
		a := &answers{list: []func() (*http.Response, error){answer(http.StatusOK, body)}}
		if err := read(a.client()); err == nil {
			t.Errorf("%s: it is accepted", name)
		}
		if body.given > 4*MaxTextSize {
			t.Errorf("%s: %d bytes were read", name, body.given)
		}
	}
}

func TestCompressedBombIsCutOff(t *testing.T) {
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	if _, err := io.CopyN(z, new(endless), 1<<23); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	unpacked, err := gzip.NewReader(&bomb) // as the transport would
	if err != nil {
		t.Fatal(err)
	}
	a := &answers{list: []func() (*http.Response, error){answer(http.StatusOK, unpacked)}}
	if _, err := a.client().Bundle(t.Context(), 0, 256); err == nil || !strings.Contains(err.Error(), "more than") {
		t.Errorf("got %v", err)
	}
}

func TestSilentServerIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &Client{attempts: 1, open: func(ctx context.Context, _ string) (io.ReadCloser, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}}
		start := time.Now()
		if _, err := c.Checkpoint(t.Context()); err == nil || time.Since(start) != requestTimeout {
			t.Errorf("got %v after %v", err, time.Since(start))
		}
	})
}

func TestClientNeedsURLOrDirectory(t *testing.T) {
	for _, location := range []string{"", "/no/such/directory", "ftp://example.org/log", "https://", "https://example.org/?q", "https://example.org/log#top", "https://%zz/"} {
		if _, err := NewClient(location); err == nil {
			t.Errorf("%q is taken for a log", location)
		}
	}
	if _, err := NewClient(t.TempDir()); err != nil {
		t.Error(err)
	}
}
