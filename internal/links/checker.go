// Package links looks whether the pages that content links to are still there. It asks politely: one request at a time of
// each host, no body where the headers say enough, nothing that robots.txt asks programs to leave alone; and never an
// address of a private network, whatever a name server or a redirect says.
package links

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/undersigned/undersigned"
)

// Limits of one look.
const (
	maxRedirects = 8
	maxHeaders   = 64 << 10 // bytes
	connectTime  = 10 * time.Second
	requestTime  = 20 * time.Second // until the headers are here
	lookTime     = time.Minute      // with all redirects, without what is waited for one's turn
	pause        = time.Second      // between two requests to a host
	robotsLife   = 24 * time.Hour   // RFC 9309, 2.4
	robotsLater  = 30 * time.Minute // before a host that failed is asked again
	maxURL       = 2000             // bytes of an address that is kept
	atOnce       = 4                // hosts
)

// Options are what a checker works with.
type Options struct {
	Now  func() time.Time // the clock; nil is time.Now
	Site string           // our address, which those whom we ask may want to know; empty tells nobody
	// Witnesses are addresses that answer whenever we have a connection. They are asked only where nothing else answers.
	Witnesses []string
}

// Target is a link to look at, with what is known of it.
type Target struct {
	URL string
	undersigned.Link
}

// Checker looks at links. It may be used from many goroutines at once.
type Checker struct {
	Options
	client *http.Client

	mu    sync.Mutex
	hosts map[string]*host
}

// host is one that we have asked for something.
type host struct {
	turn  chan struct{}       // holds one: whoever asks the host, and may change what follows
	asked time.Time           // the end of the last request
	rules map[string]*manners // by scheme and port
}

// manners are what a host's robots.txt said.
type manners struct {
	robots
	why   undersigned.Finding // not empty where it could not be had
	until time.Time           // when it is to be read again
}

// New makes a checker.
func New(o Options) *Checker {
	dialer := &net.Dialer{Timeout: connectTime, Control: guard}
	return newChecker(o, dialer.DialContext, nil)
}

// newChecker makes one that connects by dial, which must refuse what is not public, and trusts the roots of trust, the
// system's where it is nil.
func newChecker(o Options, dial func(ctx context.Context, network, address string) (net.Conn, error), trust *tls.Config) *Checker {
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Checker{Options: o, hosts: map[string]*host{}, client: &http.Client{
		// No proxy: it would connect for us, and to where we cannot see.
		Transport: &http.Transport{
			DialContext:            dial,
			TLSClientConfig:        trust,
			TLSHandshakeTimeout:    connectTime,
			ResponseHeaderTimeout:  requestTime,
			MaxResponseHeaderBytes: maxHeaders,
			DisableKeepAlives:      true, // a body that we do not want ends with its connection
			DisableCompression:     true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Look looks at links, several hosts at a time, and tells what was found as soon as it is certain. Where nothing answered
// at all, and no other host that is known to work does either, it is we who have no connection: every look that failed is
// then told as [undersigned.FoundOffline]. It returns early where ctx ends.
func (c *Checker) Look(ctx context.Context, targets []Target, others []Target) []undersigned.Look {
	queue := make(chan []Target)
	var mu sync.Mutex
	var looks []undersigned.Look
	heard := false
	var all sync.WaitGroup
	for range atOnce {
		all.Go(func() {
			for one := range queue {
				for _, t := range one {
					look, answered := c.look(ctx, t)
					if ctx.Err() != nil {
						return
					}
					mu.Lock()
					looks, heard = append(looks, look), heard || answered
					mu.Unlock()
				}
			}
		})
	}
	for _, one := range byHost(targets) {
		select {
		case queue <- one:
		case <-ctx.Done():
		}
	}
	close(queue)
	all.Wait()
	if !heard && failed(looks) && !c.online(ctx, targets, others) {
		for i := range looks {
			if looks[i].Finding.Strike() {
				looks[i].Finding = undersigned.FoundOffline
			}
		}
	}
	return looks
}

// byHost puts the links of a host together, in the order in which the hosts first come.
func byHost(targets []Target) (groups [][]Target) {
	at := map[string]int{}
	for _, t := range targets {
		name := t.URL
		if u, err := url.Parse(t.URL); err == nil {
			name = u.Host
		}
		i, known := at[name]
		if !known {
			i = len(groups)
			at[name], groups = i, append(groups, nil)
		}
		groups[i] = append(groups[i], t)
	}
	return groups
}

func failed(looks []undersigned.Look) bool {
	for _, l := range looks {
		if l.Finding.Strike() {
			return true
		}
	}
	return false
}

// maxWitnesses is how many hosts are asked before we believe that it is we who are offline.
const maxWitnesses = 3

// online tells whether any other host answers: links that worked, of hosts that were not just asked, then the witnesses.
func (c *Checker) online(ctx context.Context, targets, others []Target) bool {
	asked := map[string]bool{}
	for _, t := range targets {
		asked[hostOf(t.URL)] = true
	}
	left := maxWitnesses
	ask := func(t Target) bool {
		name := hostOf(t.URL)
		if asked[name] || ctx.Err() != nil {
			return false
		}
		asked[name] = true
		_, answered := c.look(ctx, t)
		return answered
	}
	for _, t := range others {
		if left > 0 && !t.WorkedAt.IsZero() && !asked[hostOf(t.URL)] {
			left--
			if ask(t) {
				return true
			}
		}
	}
	for _, w := range c.Witnesses {
		if ask(Target{URL: w}) {
			return true
		}
	}
	return false
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}
