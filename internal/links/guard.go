package links

import (
	"errors"
	"fmt"
	"net/netip"
	"syscall"
)

// errPrivate is an address that no link may lead to.
var errPrivate = errors.New("an address of a private network")

// special are the networks that are not the public internet, beyond those that netip knows by name: the registries of
// special-purpose addresses (RFC 6890 and what was added since), without those that are reached like any other.
var special = prefixes(
	"0.0.0.0/8",       // this network
	"100.64.0.0/10",   // carriers' NAT
	"192.0.0.0/24",    // protocol assignments
	"192.0.2.0/24",    // documentation
	"192.88.99.0/24",  // 6to4 relays
	"198.18.0.0/15",   // benchmarks
	"198.51.100.0/24", // documentation
	"203.0.113.0/24",  // documentation
	"240.0.0.0/4",     // reserved, and broadcast
	"2001::/23",       // protocol assignments, Teredo among them
	"2001:db8::/32",   // documentation
	"2002::/16",       // 6to4: an IPv4 address, perhaps a private one
	"3fff::/20",       // documentation
)

var (
	// global is all that has been given out of IPv6 for anybody to be reached at (RFC 4291, 2.4, and IANA since).
	global = netip.MustParsePrefix("2000::/3")
	// nat64 holds IPv4 addresses, by which a machine that has IPv6 alone reaches everybody else (RFC 6052).
	nat64 = netip.MustParsePrefix("64:ff9b::/96")
)

func prefixes(all ...string) (list []netip.Prefix) {
	for _, s := range all {
		list = append(list, netip.MustParsePrefix(s))
	}
	return list
}

// public tells whether an address is one of the public internet.
func public(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if nat64.Contains(a) {
		b := a.As16()
		a = netip.AddrFrom4([4]byte(b[12:]))
	}
	if a.Is6() && !global.Contains(a) {
		return false
	}
	if !a.IsGlobalUnicast() || a.IsPrivate() {
		return false
	}
	for _, p := range special {
		if p.Contains(a) {
			return false
		}
	}
	return true
}

// guard refuses a connection to what is not public. A [net.Dialer] calls it with the very address that it is about to
// connect to, after the name was looked up: whatever the name server answers, now or a second later, goes through here.
func guard(_, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%w: %s is no address", errPrivate, address)
	}
	if !public(to.Addr()) {
		return errPrivate
	}
	return nil
}
