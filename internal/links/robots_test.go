package links

import (
	"net/url"
	"strings"
	"testing"
)

func TestRobots(t *testing.T) {
	for _, test := range []struct {
		name, text, path string
		want             bool
	}{
		{"no file", "", "/x", true},
		{"everything for everybody", "User-agent: *\nDisallow: /", "/x", false},
		{"an empty rule", "User-agent: *\nDisallow:", "/x", true},
		{"for somebody else", "User-agent: other\nDisallow: /", "/x", true},
		{"for us", "User-agent: *\nAllow: /\n\nUser-agent: Undersigned # hello\nDisallow: /x", "/x/y", false},
		{"for us alone counts", "User-agent: *\nDisallow: /\n\nUser-agent: undersigned\nDisallow: /y", "/x", true},
		{"for us with nothing", "User-agent: *\nDisallow: /\nUser-agent: undersigned\nDisallow:", "/x", true},
		{"one group for two", "User-agent: other\nUser-agent: undersigned\nDisallow: /", "/x", false},
		{"the longest decides", "User-agent: *\nDisallow: /a\nAllow: /a/b", "/a/b/c", true},
		{"the same length allows", "User-agent: *\nDisallow: /a\nAllow: /a", "/a", true},
		{"anything in between", "User-agent: *\nDisallow: /*/private", "/a/b/private/c", false},
		{"the end", "User-agent: *\nDisallow: /*.pdf$", "/a.pdf", false},
		{"not the end", "User-agent: *\nDisallow: /*.pdf$", "/a.pdf?x", true},
		{"escaped in one and not in the other", "User-agent: *\nDisallow: /ñ%7ex", "/%C3%B1~x/y", false},
		{"Windows line ends and a mark", "\ufeffUser-agent: *\r\nDisallow: /x\r\n", "/x", false},
		{"rules of nobody", "Disallow: /", "/x", true},
	} {
		u, err := url.Parse("http://example.org" + test.path)
		if err != nil {
			t.Fatal(err)
		}
		if got := readRobots([]byte(test.text)).allows(u); got != test.want {
			t.Errorf("%s: %v", test.name, got)
		}
	}
}

func FuzzRobots(f *testing.F) {
	f.Add("User-agent: *\nDisallow: /*a*b$\nAllow: /%zz", "/x%41?y")
	f.Add("user-agent:undersigned\nallow:/\ndisallow:*$", "/")
	f.Add(strings.Repeat("User-agent: *\n", 100)+"Disallow: "+strings.Repeat("*a", 50), "/"+strings.Repeat("a", 100))
	f.Fuzz(func(t *testing.T, text, path string) {
		u, err := url.Parse("http://example.org/" + path)
		if err != nil {
			return
		}
		r := readRobots([]byte(text))
		if !(robots{}).allows(u) {
			t.Error("no rules forbid")
		}
		if !strings.Contains(strings.ToLower(text), "disallow") && !r.allows(u) {
			t.Error("forbidden by no rule")
		}
	})
}
