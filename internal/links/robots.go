package links

import (
	"bufio"
	"bytes"
	"net/url"
	"strings"
)

// maxRobots is how much of a robots.txt is read, in bytes: what RFC 9309, 2.5 asks for at least.
const maxRobots = 500 << 10

// robotsName is what we are called in a robots.txt.
const robotsName = "undersigned"

// robots are the rules of one site for us (RFC 9309). The zero value allows everything.
type robots struct{ rules []robotsRule }

type robotsRule struct {
	path  string
	allow bool
}

// readRobots takes out of a robots.txt the rules of the groups that name us or, where none does, of those for everybody.
func readRobots(text []byte) robots {
	var ours, all robots
	var forUs, forAll, named, inRules bool
	lines := bufio.NewScanner(bytes.NewReader(bytes.TrimPrefix(text, []byte("\ufeff"))))
	lines.Buffer(nil, maxRobots+1)
	for lines.Scan() {
		line, _, _ := strings.Cut(lines.Text(), "#")
		key, value, found := strings.Cut(line, ":")
		if !found {
			continue
		}
		key, value = strings.ToLower(strings.TrimSpace(key)), strings.TrimSpace(value)
		switch key {
		case "user-agent":
			if inRules { // a new group begins
				forUs, forAll, inRules = false, false, false
			}
			if strings.EqualFold(value, robotsName) {
				forUs, named = true, true
			}
			forAll = forAll || value == "*"
		case "allow", "disallow":
			inRules = true
			if value == "" {
				continue
			}
			rule := robotsRule{path: normalPath(value), allow: key == "allow"}
			if forUs {
				ours.rules = append(ours.rules, rule)
			}
			if forAll {
				all.rules = append(all.rules, rule)
			}
		}
	}
	if named {
		return ours
	}
	return all
}

// allows tells whether we may ask for a page. The rule with the longest path decides; of two as long, the one that allows.
func (r robots) allows(u *url.URL) bool {
	path := u.EscapedPath()
	if path == "" {
		path = "/"
	}
	if u.RawQuery != "" {
		path += "?" + u.RawQuery
	}
	path = normalPath(path)
	longest, allowed := -1, true
	for _, rule := range r.rules {
		if n := len(rule.path); (n > longest || n == longest && rule.allow) && matches(rule.path, path) {
			longest, allowed = n, rule.allow
		}
	}
	return allowed
}

// normalPath writes a path in one way: what need not be escaped is not, and what must be is in capitals (RFC 9309, 2.2.2).
func normalPath(path string) string {
	var b strings.Builder
	const hex = "0123456789ABCDEF"
	for i := 0; i < len(path); i++ {
		c := path[i]
		if c == '%' && i+2 < len(path) {
			high, low := unhex(path[i+1]), unhex(path[i+2])
			if high >= 0 && low >= 0 {
				c, i = byte(high<<4|low), i+2
				if !unreserved(c) {
					b.Write([]byte{'%', hex[c>>4], hex[c&15]})
					continue
				}
			}
		} else if c >= 0x80 || c <= ' ' {
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}

// unhex is the value of a hexadecimal digit, below 0 where it is none.
func unhex(c byte) int {
	if c >= 'A' && c <= 'F' {
		c += 'a' - 'A'
	}
	return strings.IndexByte("0123456789abcdef", c)
}

func unreserved(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~", c) >= 0
}

// matches compares a rule, in which * stands for anything and a $ at its end for the end, with a path. It takes time in
// proportion to the product of their lengths, whatever the rule.
func matches(rule, path string) bool {
	rule, whole := strings.CutSuffix(rule, "$")
	parts := strings.Split(rule, "*")
	rest, ok := strings.CutPrefix(path, parts[0])
	if !ok {
		return false
	}
	parts = parts[1:]
	for i, part := range parts {
		if whole && i == len(parts)-1 {
			return strings.HasSuffix(rest, part)
		}
		at := strings.Index(rest, part)
		if at < 0 {
			return false
		}
		rest = rest[at+len(part):]
	}
	return !whole || rest == ""
}
