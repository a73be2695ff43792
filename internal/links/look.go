package links

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"time"

	"github.com/undersigned/undersigned"
)

// answer is what one request brought.
type answer struct {
	status   int
	location *url.URL // of a redirect
	etag     string
	modified string
}

// visit is one look under way.
type visit struct {
	*Checker
	client   http.Client // with the cookies of this look: some sites redirect for ever who keeps none
	target   Target
	left     time.Duration // for requests; to wait for a host's turn takes nothing of it
	answered bool          // some host has answered over HTTP: we have a connection
}

// look looks at one link, and tells whether any host answered.
func (c *Checker) look(ctx context.Context, t Target) (undersigned.Look, bool) {
	v := &visit{Checker: c, client: *c.client, target: t, left: lookTime}
	v.client.Jar, _ = cookiejar.New(nil) // fails never
	look := v.follow(ctx)
	look.URL, look.At = t.URL, c.Now()
	if len(look.To) > maxURL || len(look.ETag)+len(look.Modified) > maxURL {
		look.To, look.ETag, look.Modified = "", "", ""
	}
	return look, v.answered
}

// follow asks for the link and for what it leads to.
func (v *visit) follow(ctx context.Context) (look undersigned.Look) {
	at, err := url.Parse(v.target.URL)
	if err != nil || !webAddress(at) {
		return undersigned.Look{Finding: undersigned.FoundNoHost}
	}
	first, forGood := at, true
	for range maxRedirects {
		a, finding := v.ask(ctx, at, at == first)
		if finding != "" {
			return undersigned.Look{Finding: finding, To: elsewhere(first, at)}
		}
		if a.location == nil {
			return v.conclude(first, at, a, forGood)
		}
		if !webAddress(a.location) {
			return undersigned.Look{Finding: undersigned.FoundError}
		}
		forGood = forGood && (a.status == http.StatusMovedPermanently || a.status == http.StatusPermanentRedirect)
		at = a.location
		if at.Fragment == "" { // as a browser does
			at.Fragment, at.RawFragment = first.Fragment, first.RawFragment
		}
	}
	return undersigned.Look{Finding: undersigned.FoundLoop}
}

// conclude makes a finding of the answer at the end of all redirects.
func (v *visit) conclude(first, at *url.URL, a answer, forGood bool) undersigned.Look {
	to := elsewhere(first, at)
	switch {
	case a.status == http.StatusNotModified && at == first:
		return undersigned.Look{Finding: undersigned.FoundWorking, ETag: v.target.ETag, Modified: v.target.Modified}
	case a.status == http.StatusNotFound || a.status == http.StatusGone:
		return undersigned.Look{Finding: undersigned.FoundNothing, To: to}
	case wall(a.status):
		return undersigned.Look{Finding: undersigned.FoundWall, To: to}
	case a.status >= 400 || a.status < 200 || a.status >= 300:
		return undersigned.Look{Finding: undersigned.FoundError, To: to}
	case to != "" && frontPage(at) && !frontPage(first):
		return undersigned.Look{Finding: undersigned.FoundFrontPage, To: to}
	case to != "" && forGood:
		return undersigned.Look{Finding: undersigned.FoundMoved, To: to}
	case to != "":
		return undersigned.Look{Finding: undersigned.FoundWorking}
	}
	return undersigned.Look{Finding: undersigned.FoundWorking, ETag: a.etag, Modified: a.modified}
}

// wall are the answers that keep programs out, or ask everybody to wait. 999 is one large network's own.
func wall(status int) bool {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests, http.StatusUnavailableForLegalReasons,
		http.StatusServiceUnavailable, 999:
		return true
	}
	return false
}

func frontPage(u *url.URL) bool { return strings.Trim(u.Path, "/") == "" && u.RawQuery == "" }

// elsewhere is where a link leads that does not lead to itself.
func elsewhere(first, at *url.URL) string {
	if to := at.String(); to != first.String() {
		return to
	}
	return ""
}

func webAddress(u *url.URL) bool {
	return (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" && u.User == nil
}

// ask asks a host for a page when it is our turn: by HEAD, and by GET where that is not answered well, since many servers
// know no HEAD. A finding says why there is no answer.
func (v *visit) ask(ctx context.Context, u *url.URL, conditional bool) (answer, undersigned.Finding) {
	h := v.host(u)
	select {
	case h.turn <- struct{}{}:
	case <-ctx.Done():
		return answer{}, undersigned.FoundNoAnswer
	}
	defer func() { <-h.turn }()
	ctx, cancel := context.WithTimeout(ctx, v.left)
	defer cancel()
	began := time.Now()
	defer func() { v.left -= time.Since(began) }()
	m := v.manners(ctx, h, u)
	if m.why != "" {
		return answer{}, m.why
	}
	if !m.allows(u) {
		return answer{}, undersigned.FoundRobots
	}
	a, finding := v.request(ctx, h, http.MethodHead, u, conditional, nil)
	if finding == "" && a.status < 400 || finding != "" && finding != undersigned.FoundNoAnswer {
		return a, finding
	}
	return v.request(ctx, h, http.MethodGet, u, conditional, nil)
}

// host gives what is known of a URL's host.
func (c *Checker) host(u *url.URL) *host {
	c.mu.Lock()
	defer c.mu.Unlock()
	name := strings.ToLower(u.Hostname())
	h := c.hosts[name]
	if h == nil {
		h = &host{turn: make(chan struct{}, 1), rules: map[string]*manners{}}
		c.hosts[name] = h
	}
	return h
}

// manners gives the rules of a host, from its robots.txt where that was not read today. Where there is none, everything is
// allowed; where it cannot be had, that is what is found of each of the host's pages, and it is left alone for half an hour.
func (v *visit) manners(ctx context.Context, h *host, u *url.URL) *manners {
	key := u.Scheme + " " + u.Port()
	if m := h.rules[key]; m != nil && v.Now().Before(m.until) {
		return m
	}
	m := &manners{until: v.Now().Add(robotsLife)}
	v.readRobots(ctx, h, u, m)
	if m.why != "" {
		m.until = v.Now().Add(robotsLater)
	}
	if ctx.Err() == nil {
		h.rules[key] = m
	}
	return m
}

func (v *visit) readRobots(ctx context.Context, h *host, u *url.URL, m *manners) {
	at := &url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/robots.txt"}
	for range maxRedirects {
		var text []byte
		a, finding := v.request(ctx, h, http.MethodGet, at, false, &text)
		switch {
		case finding != "":
			m.why = finding
		case a.location != nil && strings.EqualFold(a.location.Host, u.Host) && webAddress(a.location):
			at = a.location
			continue
		case a.status == http.StatusTooManyRequests || a.status == http.StatusServiceUnavailable:
			m.why = undersigned.FoundWall
		case a.status >= 500: // RFC 9309, 2.3.1.4: as if everything were forbidden; its pages may well work
			m.why = undersigned.FoundRobots
		case a.status >= 200 && a.status < 300:
			m.robots = readRobots(text)
		}
		return
	}
}

// request sends one request, a moment after the last one to the host. Of the body it reads what fits into text, and none
// without one.
func (v *visit) request(ctx context.Context, h *host, method string, u *url.URL, conditional bool, text *[]byte) (answer, undersigned.Finding) {
	if wait := pause - v.Now().Sub(h.asked); wait > 0 && !h.asked.IsZero() {
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return answer{}, undersigned.FoundNoAnswer
		}
	}
	defer func() { h.asked = v.Now() }()
	ctx, cancel := context.WithTimeout(ctx, requestTime)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, u.String(), nil)
	if err != nil {
		return answer{}, undersigned.FoundNoHost
	}
	v.setHeaders(r, conditional)
	resp, err := v.client.Do(r)
	if err != nil {
		return answer{}, why(err)
	}
	defer resp.Body.Close()
	v.answered = true
	if text != nil {
		// A body that breaks off is as good as one that ends there.
		*text, _ = io.ReadAll(io.LimitReader(resp.Body, maxRobots))
	}
	a := answer{status: resp.StatusCode, etag: resp.Header.Get("ETag"), modified: resp.Header.Get("Last-Modified")}
	if resp.StatusCode >= 300 && resp.StatusCode < 400 {
		a.location, _ = resp.Location() // none, or one that is no address, leaves the status to speak
	}
	return a, ""
}

func (v *visit) setHeaders(r *http.Request, conditional bool) {
	agent := "Mozilla/5.0 (compatible; " + robotsName + "; looks whether links still work"
	if v.Site != "" {
		agent += "; +" + v.Site
	}
	r.Header.Set("User-Agent", agent+")")
	r.Header.Set("Accept", "*/*")
	if !conditional {
		return
	}
	if v.target.ETag != "" {
		r.Header.Set("If-None-Match", v.target.ETag)
	} else if v.target.Modified != "" {
		r.Header.Set("If-Modified-Since", v.target.Modified)
	}
}

// why says what it means that a request was not answered.
func why(err error) undersigned.Finding {
	var (
		noName   *net.DNSError
		badName  x509.HostnameError
		badCert  *tls.CertificateVerificationError
		badTrust x509.UnknownAuthorityError
	)
	switch {
	case errors.Is(err, errPrivate):
		return undersigned.FoundPrivate
	case errors.As(err, &noName) && noName.IsNotFound:
		return undersigned.FoundNoHost
	case errors.As(err, &badName):
		return undersigned.FoundOtherName
	case errors.As(err, &badCert), errors.As(err, &badTrust):
		return undersigned.FoundCertificate
	}
	return undersigned.FoundNoAnswer
}
