package main

import (
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// balancer is a proxy before several nodes: it looks at /readyz again and again, and gives an address to the same node for as
// long as that one is ready. It tries no other where that fails, as some would: what a node does not answer is lost. Who does not say where they come from (X-Test-Address) comes from an address that nobody else has.
type balancer struct {
	*visitor
	nodes     []*program
	ready     []atomic.Bool
	taken     []atomic.Int64 // requests, by node
	strangers atomic.Uint32
}

// newBalancer begins to look, and waits until all are ready.
func newBalancer(t *testing.T, nodes ...*program) *balancer {
	t.Helper()
	b := &balancer{nodes: nodes, ready: make([]atomic.Bool, len(nodes)), taken: make([]atomic.Int64, len(nodes))}
	server := httptest.NewServer(&httputil.ReverseProxy{Rewrite: b.name, Transport: b, ErrorLog: log.New(io.Discard, "", 0)})
	t.Cleanup(server.Close)
	b.visitor = newVisitor(strings.TrimPrefix(server.URL, "http://"))
	for i := range nodes {
		go b.watch(t, i)
		eventually(t, "a node is ready", b.ready[i].Load)
	}
	return b
}

// asProgram lets a crowd come to all nodes.
func (b *balancer) asProgram(t *testing.T) *program { return &program{t: t, visitor: b.visitor} }

func (b *balancer) watch(t *testing.T, i int) {
	asking := &http.Client{Timeout: time.Second}
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		r, err := asking.Get("http://" + b.nodes[i].addr + "/readyz")
		if err == nil {
			r.Body.Close()
		}
		b.ready[i].Store(err == nil && r.StatusCode == http.StatusOK)
		select {
		case <-tick.C:
		case <-t.Context().Done():
			return
		}
	}
}

// name says in X-Forwarded-For who a request is from.
func (b *balancer) name(r *httputil.ProxyRequest) {
	from := r.In.Header.Get("X-Test-Address")
	if from == "" {
		n := b.strangers.Add(1)
		from = fmt.Sprintf("10.%d.%d.%d", n>>16&0xff, n>>8&0xff, n&0xff)
	}
	r.Out.Host = r.In.Host
	r.Out.Header.Set("X-Forwarded-For", from)
}

// RoundTrip sends a request to the node of its address.
func (b *balancer) RoundTrip(r *http.Request) (*http.Response, error) {
	address := fnv.New32a()
	io.WriteString(address, r.Header.Get("X-Forwarded-For"))
	for k := range b.nodes {
		i := (int(address.Sum32()>>1) + k) % len(b.nodes)
		if b.ready[i].Load() {
			b.taken[i].Add(1)
			r.URL.Scheme, r.URL.Host = "http", b.nodes[i].addr
			return http.DefaultTransport.RoundTrip(r)
		}
	}
	return nil, errors.New("no node is ready")
}
