package web

import (
	"net/url"
	"reflect"
	"strings"
	"testing"
)

// FuzzParseForm compares our reader of forms with the standard library's.
func FuzzParseForm(f *testing.F) {
	for _, body := range []string{"", "&", "=", "a", "a=b&a=c", "a=%40&b=+", "a=%4", "a;b=c", "%zz=1", "a=b=c", "a=\x00\xff&é=ñ",
		"1&2&3&4&5&6&7&8&9&10&11&12&13&14&15&16&17&18&1=x"} {
		f.Add(body)
	}
	for _, fields := range []int{mostFields, mostFields + 1} {
		f.Add(strings.Repeat("a&", fields-1) + "a")
	}
	f.Fuzz(func(t *testing.T, body string) {
		want, err := url.ParseQuery(body)
		got, ok := parseForm(body)
		if ok != (err == nil) {
			t.Fatalf("taken: %v; ParseQuery says %v", ok, err)
		}
		if ok && !reflect.DeepEqual(got, want) {
			t.Fatalf("%q, not %q", got, want)
		}
	})
}
