package undersigned

import (
	"net/netip"
	"strings"
)

// MaxEmail is the longest address there is, in bytes (RFC 5321, 4.5.3.1.3, less the angle brackets).
const MaxEmail = 254

// ValidEmail tells whether an address can be written to: one @, a local part of dot-separated atoms (RFC 5322, 3.2.3;
// letters beyond ASCII as RFC 6531 allows them), a domain of at least two labels. Quoted local parts, comments and
// addresses of a bare host or a number are refused: real people do not have them and attackers do.
func ValidEmail(s string) bool {
	local, domain, ok := strings.Cut(s, "@")
	if !ok || len(s) > MaxEmail || local == "" || len(local) > 64 || strings.Contains(domain, "@") {
		return false
	}
	for _, atom := range strings.Split(local, ".") {
		if atom == "" || strings.ContainsFunc(atom, func(r rune) bool { return !atext(r) }) {
			return false
		}
	}
	return validDomain(domain)
}

func atext(r rune) bool {
	return asciiAlnum(r) || r >= 0x80 && plain(r) || strings.ContainsRune("!#$%&'*+-/=?^_`{|}~", r)
}

func asciiAlnum(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
}

func validDomain(domain string) bool {
	labels := strings.Split(domain, ".")
	if _, err := netip.ParseAddr(domain); err == nil || len(labels) < 2 {
		return false
	}
	for _, label := range labels {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		if strings.ContainsFunc(label, func(r rune) bool {
			return !asciiAlnum(r) && r != '-' && (r < 0x80 || !plain(r))
		}) {
			return false
		}
	}
	last := labels[len(labels)-1]
	return len(last) >= 2 && strings.Trim(last, "0123456789") != ""
}
