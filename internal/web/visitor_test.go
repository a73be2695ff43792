package web

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"syscall"
	"testing"

	"github.com/undersigned/undersigned/internal/action"
)

func TestVisitorIsWhomTheTrustedProxyNames(t *testing.T) {
	s := &Server{
		proxies: newNetworks([]netip.Prefix{netip.MustParsePrefix("127.0.0.1/32"), netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")}),
		exits:   newNetworks([]netip.Prefix{netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("2001:db8:7::/48")}),
	}
	const xff, rfc7239 = "X-Forwarded-For", "Forwarded"
	for name, test := range map[string]struct {
		peer   string
		header []string
		want   string // with + where it is shared
	}{
		"whoever connects":                  {"203.0.113.5:999", nil, "203.0.113.5"},
		"a peer that claims another":        {"203.0.113.5:999", []string{xff, "192.0.2.1"}, "203.0.113.5"},
		"a peer that claims to be us":       {"203.0.113.5:999", []string{xff, "127.0.0.1"}, "203.0.113.5"},
		"IPv6":                              {"[2001:db8::1]:999", nil, "2001:db8::1"},
		"IPv6 with a zone":                  {"[fe80::1%eth0]:999", nil, "fe80::1"},
		"IPv4 in IPv6":                      {"[::ffff:203.0.113.5]:999", nil, "203.0.113.5"},
		"a shared exit":                     {"198.51.100.7:999", nil, "198.51.100.7+"},
		"through the proxy":                 {"127.0.0.1:999", []string{xff, "192.0.2.1"}, "192.0.2.1"},
		"through two proxies":               {"127.0.0.1:999", []string{xff, "192.0.2.1, 10.1.2.3"}, "192.0.2.1"},
		"what a client claims is before it": {"127.0.0.1:999", []string{xff, "6.6.6.6, 10.9.9.9, 192.0.2.1"}, "192.0.2.1"},
		"and in a header of its own":        {"127.0.0.1:999", []string{xff, "6.6.6.6", xff, "192.0.2.1"}, "192.0.2.1"},
		"with a port":                       {"127.0.0.1:999", []string{xff, "192.0.2.1:4711"}, "192.0.2.1"},
		"IPv6 through the proxy":            {"[::1]:999", []string{xff, "[2001:db8::1]:4711"}, "2001:db8::1"},
		"IPv6 in brackets":                  {"[::1]:999", []string{xff, "[2001:db8::1]"}, "2001:db8::1"},
		"an exit through the proxy":         {"127.0.0.1:999", []string{xff, "2001:db8:7:1::1"}, "2001:db8:7:1::1+"},
		"an onion through the proxy":        {"127.0.0.1:999", []string{xff, "127.0.0.1"}, "127.0.0.1+"},
		"a proxy that names nobody":         {"10.1.2.3:999", nil, "10.1.2.3+"},
		"noise":                             {"127.0.0.1:999", []string{xff, "192.0.2.1, unknown"}, "127.0.0.1+"},
		"nothing":                           {"127.0.0.1:999", []string{xff, ""}, "127.0.0.1+"},
		"RFC 7239":                          {"127.0.0.1:999", []string{rfc7239, `for=6.6.6.6, For="[2001:db8::1]:4711";proto=https;by=10.1.2.3`}, "2001:db8::1"},
		"RFC 7239, hidden":                  {"127.0.0.1:999", []string{rfc7239, `for=_hidden`}, "127.0.0.1+"},
		"both, of one mind":                 {"127.0.0.1:999", []string{xff, "192.0.2.1", rfc7239, "for=192.0.2.1"}, "192.0.2.1"},
		"both, one of them a lie":           {"127.0.0.1:999", []string{xff, "192.0.2.1", rfc7239, "for=6.6.6.6"}, "192.0.2.1 or 6.6.6.6"},
		"both, the lie is an exit":          {"127.0.0.1:999", []string{xff, "192.0.2.1", rfc7239, "for=198.51.100.7"}, "192.0.2.1 or 198.51.100.7+"},
		"both, the lie is no address":       {"127.0.0.1:999", []string{xff, "192.0.2.1", rfc7239, "for=_x"}, "192.0.2.1"},
		"both, the lie is a proxy":          {"127.0.0.1:999", []string{xff, "192.0.2.1", rfc7239, "for=10.1.2.3"}, "192.0.2.1"},
		"no address":                        {"@", nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest("POST", "/", nil)
			r.RemoteAddr = test.peer
			for i := 0; i < len(test.header); i += 2 {
				r.Header.Add(test.header[i], test.header[i+1])
			}
			if got := told(s.visitor(r)); got != test.want {
				t.Errorf("the visitor is %q, want %q", got, test.want)
			}
		})
	}
	r := httptest.NewRequest("POST", "/", nil)
	r.RemoteAddr = "127.0.0.1:999"
	r.Header.Set(xff, "192.0.2.1")
	if got := told((&Server{}).visitor(r)); got != "" {
		t.Errorf("without a trusted proxy, the visitor from this machine is %q", got)
	}
}

func told(v action.Visitor) string {
	switch {
	case !v.Addr.IsValid():
		return ""
	case v.Other != nil:
		other := *v.Other
		v.Other = nil
		return told(v) + " or " + told(other)
	case v.Shared:
		return v.Addr.String() + "+"
	}
	return v.Addr.String()
}

func FuzzForwardedFor(f *testing.F) {
	for _, seed := range []string{"192.0.2.1", "6.6.6.6, [::1]:80", `for="[2001:db8::1]:4711";by=x`, ",,;=", "fe80::1%eth0"} {
		f.Add(seed, seed)
	}
	s := &Server{proxies: newNetworks([]netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")})}
	f.Fuzz(func(t *testing.T, xff, forwarded string) {
		client, other := s.forwardedFor(map[string][]string{"X-Forwarded-For": {xff}, "Forwarded": {forwarded}})
		for _, addr := range []netip.Addr{client, other} {
			if addr.IsValid() && (addr.Zone() != "" || addr.Is4In6()) {
				t.Errorf("%v has two spellings", addr)
			}
		}
	})
}

func TestErrorOfTheNetworkIsLoggedWithoutWhoWasAtItsEnds(t *testing.T) {
	s := newSite(t)
	s.handler = s.chain(s.handle(func(*visit, *http.Request) error {
		return fmt.Errorf("send a packet: %w", &net.OpError{Op: "write", Net: "tcp", Addr: &net.TCPAddr{IP: net.IPv4(192, 0, 2, 77), Port: 4711}, Err: syscall.EPIPE})
	}))
	wantStatus(t, s.get("/x"), http.StatusInternalServerError)
	if logged := s.logged.String(); strings.Contains(logged, "192.0.2.77") || !strings.Contains(logged, "broken pipe") {
		t.Errorf("the log says %s", logged)
	}
}
