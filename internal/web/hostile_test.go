package web

import (
	"bytes"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/undersigned/undersigned/internal/store"
)

// hostile is what nobody types.
var hostile = []string{
	"\x00", "\xff\xfe\xfd", "\u202eevil\u2066", "a\r\nBcc: everybody", "=HYPERLINK(\"x\")", "' or 1=1 --", "%00%ff", "../../../etc/passwd",
	"<script>alert(1)</script>", "{{.}}", "javascript:alert(1)", strings.Repeat("9", 400), strings.Repeat("é", 3000), "-1", "NaN", "\u0000\ufffe", "a b\tc\vd",
}

// What stands in routes.go, and what the templates' forms send: a route or a field that is added is tried too.
var (
	routeIn = regexp.MustCompile(`Handle(?:Func)?\("(GET|POST) ([^"]+)"`)
	paramIn = regexp.MustCompile(`\{[^}]+\}`)
	fieldIn = regexp.MustCompile(`name="([a-z_]+)"`)
)

func routesAndFields(t *testing.T) (routes [][2]string, fields []string) {
	t.Helper()
	source, err := os.ReadFile("routes.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range routeIn.FindAllStringSubmatch(string(source), -1) {
		routes = append(routes, [2]string{m[1], strings.TrimSuffix(m[2], "{$}")})
	}
	err = fs.WalkDir(os.DirFS("templates"), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile("templates/" + path)
		for _, m := range fieldIn.FindAllStringSubmatch(string(text), -1) {
			fields = append(fields, m[1])
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(fields)
	return routes, slices.Compact(fields)
}

func TestHostileInputOnEveryRouteIsNeverOurFaultAndNeverStored(t *testing.T) {
	s := newSite(t)
	routes, fields := routesAndFields(t)
	if len(routes) < 30 || len(fields) < 8 {
		t.Fatalf("%d routes, %d fields", len(routes), len(fields))
	}
	var real []*strings.Replacer
	for _, a := range testContent().Actions {
		real = append(real, strings.NewReplacer("{issue}", a.Issue, "{action}", a.Slug))
	}
	before := s.dump()
	for _, route := range routes {
		method, pattern := route[0], route[1]
		for i, evil := range hostile {
			escaped := url.PathEscape(evil)
			path := paramIn.ReplaceAllString(pattern, escaped)
			if i%2 == 1 { // as much of the address as may be is real
				path = paramIn.ReplaceAllString(real[i%len(real)].Replace(pattern), escaped)
			}
			query := url.Values{}
			for _, name := range append(fields, "zip", "district", "on", "lang", "s", "q") {
				query.Set(name, evil)
			}
			s.tryHostile(method, path, "", nil)
			s.tryHostile(method, path+"?"+query.Encode(), query.Encode(), nil)
			s.tryHostile(method, path, "a="+escaped, []string{"Content-Type", "multipart/form-data; boundary=" + strings.Repeat("b", 90)})
		}
		path := paramIn.ReplaceAllString(real[0].Replace(pattern), "x")
		s.tryHostile(method, path, strings.Repeat("a=b&", 40_000), nil)
		s.tryHostile(method, path, "%zz=%", nil)
		s.tryHostile("SIGN", path, "a=b", nil)
		s.tryHostile(http.MethodGet, path, "", []string{"Accept-Language", strings.Repeat("*;q=,", 2000), "Accept-Encoding", "br;q=NaN,,;", "If-None-Match", "\"\xff"})
	}
	if after := s.dump(); !bytes.Equal(before, after) {
		t.Errorf("something was stored:\n%.2000s", after)
	}
	if len(s.mail) > 0 {
		t.Errorf("%d mails were sent", len(s.mail))
	}
	if log := s.logged.String(); strings.Contains(log, "level=ERROR") {
		t.Errorf("the log says %.500s", log)
	}
}

// tryHostile sends a request that must be answered with no word about a fault of ours.
func (s *testSite) tryHostile(method, path, body string, header []string) {
	s.t.Helper()
	defer func() {
		if p := recover(); p != nil {
			s.t.Errorf("%s %.100q: %v", method, path, p)
		}
	}()
	w := s.do(method, path, body, header...)
	if w.Code >= 500 {
		s.t.Errorf("%s %.100q with %.60q: %d", method, path, body, w.Code)
	}
	for name, values := range w.Header() {
		if slices.ContainsFunc(values, func(v string) bool { return strings.ContainsAny(v, "\r\n\x00") }) {
			s.t.Errorf("%s %.100q: the header %s is split", method, path, name)
		}
	}
	if strings.Contains(w.Body.String(), "<script>alert") {
		s.t.Errorf("%s %.100q: what was sent comes back as a script", method, path)
	}
}

// dump is every row that a backup holds, and how many jobs wait.
func (s *testSite) dump() []byte {
	s.t.Helper()
	var b bytes.Buffer
	s.must(s.db.View(s.t.Context(), func(tx *store.Tx) error {
		jobs, _, err := tx.QueueState("mail")
		fmt.Fprintln(&b, jobs, "mails wait")
		if err != nil {
			return err
		}
		return tx.Dump(&b)
	}))
	return b.Bytes()
}
