package web

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/undersigned/undersigned/internal/action"
)

// visitor says where a form came from, for the limits by address. What a header says counts only where a trusted proxy
// passes it on; from this machine, where no proxy is trusted, there is no limit.
func (s *Server) visitor(r *http.Request) action.Visitor {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return action.Visitor{}
	}
	addr := plainAddr(peer.Addr())
	if !s.proxies.contain(addr) {
		if addr.IsLoopback() {
			return action.Visitor{}
		}
		return action.Visitor{Addr: addr, Shared: s.exits.contain(addr)}
	}
	client, other := s.forwardedFor(r.Header)
	v := s.named(client)
	if v == nil {
		// A proxy that names nobody, or an onion service behind one on this machine: many share what it has.
		v = &action.Visitor{Addr: addr, Shared: true}
	}
	v.Other = s.named(other)
	return *v
}

// named is a visitor whom a proxy names; nil where that is nobody, or a proxy.
func (s *Server) named(addr netip.Addr) *action.Visitor {
	if !addr.IsValid() || s.proxies.contain(addr) {
		return nil
	}
	return &action.Visitor{Addr: addr, Shared: s.exits.contain(addr)}
}

// plainAddr is an address as it is compared: one of IPv4 is that, however it is written, and a zone says nothing to us.
func plainAddr(addr netip.Addr) netip.Addr { return addr.Unmap().WithZone("") }

// forwardedFor gives the client that the proxies name, in X-Forwarded-For or in Forwarded (RFC 7239); no address where
// they name none. Each proxy adds its peer at the end, so the client is the last that is no proxy of ours: what stands
// before it is whatever the client claims. Where both headers are there, and differ, one of them is the client's own, and
// which is not known: other is the one of Forwarded.
func (s *Server) forwardedFor(h http.Header) (client, other netip.Addr) {
	client = s.lastForeign(strings.Split(strings.Join(h["X-Forwarded-For"], ","), ","))
	if len(h["Forwarded"]) == 0 {
		return client, other
	}
	var named []string
	for _, element := range strings.Split(strings.Join(h["Forwarded"], ","), ",") {
		named = append(named, forParameter(element))
	}
	other = s.lastForeign(named)
	if len(h["X-Forwarded-For"]) == 0 || other == client {
		return other, netip.Addr{}
	}
	return client, other
}

// forParameter gives the for= of an element of Forwarded.
func forParameter(element string) string {
	for _, pair := range strings.Split(element, ";") {
		if name, value, _ := strings.Cut(pair, "="); strings.EqualFold(strings.TrimSpace(name), "for") {
			return strings.Trim(strings.TrimSpace(value), `"`)
		}
	}
	return ""
}

// lastForeign reads a chain from its end, and stops where one is no proxy of ours or cannot be read.
func (s *Server) lastForeign(chain []string) (client netip.Addr) {
	for _, text := range slices.Backward(chain) {
		addr := parseHop(strings.TrimSpace(text))
		if !addr.IsValid() {
			return netip.Addr{}
		}
		if client = addr; !s.proxies.contain(addr) {
			return client
		}
	}
	return client
}

// parseHop reads 192.0.2.1, 192.0.2.1:80, 2001:db8::1, [2001:db8::1] and [2001:db8::1]:80.
func parseHop(text string) netip.Addr {
	if addr, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(text, "["), "]")); err == nil {
		return plainAddr(addr)
	}
	hop, err := netip.ParseAddrPort(text)
	if err != nil {
		return netip.Addr{}
	}
	return plainAddr(hop.Addr())
}

// networks tells in the time of a few look-ups whether an address is in one of many networks.
type networks struct {
	lengths []int // of the prefixes that there are
	all     map[netip.Prefix]struct{}
}

func newNetworks(list []netip.Prefix) networks {
	n := networks{all: map[netip.Prefix]struct{}{}}
	for _, network := range list {
		n.all[network.Masked()] = struct{}{}
		if !slices.Contains(n.lengths, network.Bits()) {
			n.lengths = append(n.lengths, network.Bits())
		}
	}
	return n
}

func (n networks) contain(addr netip.Addr) bool {
	for _, length := range n.lengths {
		if network, err := addr.Prefix(length); err == nil {
			if _, found := n.all[network]; found {
				return true
			}
		}
	}
	return false
}
