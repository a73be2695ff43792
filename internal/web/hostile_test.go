package web

import (
	"bytes"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/congress"
	"github.com/undersigned/undersigned/internal/mail"
	"github.com/undersigned/undersigned/internal/store"
)

// hostile is what nobody types.
var hostile = []string{
	"\x00", "\xff\xfe\xfd", "\u202eevil\u2066", "a\r\nBcc: everybody", "=HYPERLINK(\"x\")", "' or 1=1 --", "%00%ff", "../../../etc/passwd",
	"<script>alert(1)</script>", "{{.}}", "javascript:alert(1)", strings.Repeat("9", 400), strings.Repeat("é", 3000), "-1", "NaN", "\u0000\ufffe", "a b\tc\vd",
}

// hostileJSON and hostileFiles are what no script and no file of anybody's holds.
var (
	hostileJSON = []string{"", "null", "[]", `{"token":"\u0000","name":"\u202e","answer":{"id":1}}`, `{"token":["x"],"answer":"x"}`, `{"token":"x","answer":`,
		strings.Repeat("[", 100_000), `[{"message_id":"\ud800","event":"hard"}]`}
	hostileFiles = []string{"", "PK\x03\x04" + strings.Repeat("\xff", 100), "PK\x05\x06" + strings.Repeat("\x00", 18), "PK\x05\x06" + strings.Repeat("\xff", 18), "GIF89a\xff\xff\xff\xff",
		"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\xff\xff\xff\xff", "RIFF\xff\xff\xff\xffWEBPVP8 ", `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 NaN 1e999">`,
		"<!DOCTYPE svg [<!ENTITY a \"&a;&a;\">]><svg>&a;</svg>", "<svg" + strings.Repeat("<g>", 50_000)}
)

// The fields are those that the templates' forms send: one that is added is tried too.
var (
	paramIn = regexp.MustCompile(`\{[^}]+\}`)
	fieldIn = regexp.MustCompile(`name="([a-z_]+)"`)
)

// everyRoute is every route that a site can have, method and pattern, the desk's too: one that is added is tried too. What
// is switched off by itself is switched on.
func everyRoute(t *testing.T, s *testSite) (routes [][2]string) {
	t.Helper()
	var err error
	s.outbox, err = mail.OpenOutbox(t.TempDir())
	s.must(err)
	s.geocoder = &congress.Geocoder{URL: "http://127.0.0.1:0", Client: http.DefaultClient}
	s.handler = s.chain(s.routes())
	for _, mux := range s.muxes {
		for _, pattern := range mux.patterns {
			if method, path, ok := strings.Cut(pattern, " "); ok {
				routes = append(routes, [2]string{method, strings.TrimSuffix(path, "{$}")})
			}
		}
	}
	if len(routes) < 70 || !slices.ContainsFunc(routes, func(r [2]string) bool { return strings.HasPrefix(r[1], "/admin/") }) {
		t.Fatalf("%d routes", len(routes))
	}
	return routes
}

// everyField is the name of every field of a form of ours.
func everyField(t *testing.T) (fields []string) {
	t.Helper()
	err := fs.WalkDir(os.DirFS("templates"), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile("templates/" + path)
		for _, m := range fieldIn.FindAllStringSubmatch(string(text), -1) {
			fields = append(fields, m[1])
		}
		return err
	})
	if err != nil || len(fields) < 20 {
		t.Fatal(len(fields), err)
	}
	fields = append(fields, "website", "zip", "district", "on", "lang", "s", "q", "to")
	slices.Sort(fields)
	return slices.Compact(fields)
}

func TestHostileInputOnEveryRouteIsNeverOurFaultAndNeverStored(t *testing.T) {
	s := newSite(t)
	routes := everyRoute(t, s)
	before := s.dump()
	tryHostile(t, s, routes, s.do)
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

// What comes from an owner's browser is no better than what comes from anybody's: that session may be stolen.
func TestHostileInputOfAnOwnerIsNeverOurFaultAndStoresNothingThatHides(t *testing.T) {
	s := newSite(t)
	routes := everyRoute(t, s)
	s.hire(undersigned.RoleOwner, "another@staff.example")
	c := s.hire(undersigned.RoleOwner, "owner@staff.example")
	tryHostile(t, s, routes, func(method, path, body string, header ...string) *httptest.ResponseRecorder {
		w := c.take(s.do(method, path, body, append([]string{"Cookie", c.cookie}, header...)...))
		if c.cookie == "" {
			c.signIn()
		}
		return w
	})
	for _, hidden := range []string{`\u0000`, "\u202e", "\u2066", `\u202e`, `\ufffd`} {
		if bytes.Contains(s.dump(), []byte(hidden)) {
			t.Errorf("%q was stored", hidden)
		}
	}
	if log := s.logged.String(); strings.Contains(log, "level=ERROR") {
		t.Errorf("the log says %.500s", log)
	}
}

// tryHostile sends what is hostile to every route, in every part of a request.
func tryHostile(t *testing.T, s *testSite, routes [][2]string, send func(method, path, body string, header ...string) *httptest.ResponseRecorder) {
	t.Helper()
	var real []*strings.Replacer
	for _, a := range testContent().Actions {
		real = append(real, strings.NewReplacer("{issue}", a.Issue, "{action}", a.Slug))
	}
	fields := everyField(t)
	for _, route := range routes {
		method, pattern := route[0], route[1]
		for i, evil := range hostile {
			escaped := url.PathEscape(evil)
			path := paramIn.ReplaceAllString(pattern, escaped)
			if i%2 == 1 { // as much of the address as may be is real
				path = paramIn.ReplaceAllString(real[i%len(real)].Replace(pattern), escaped)
			}
			query := url.Values{}
			for _, name := range fields {
				query.Set(name, evil)
			}
			if method == http.MethodGet && path != pattern {
				wantNoFault(t, send, method, path, "")
			}
			wantNoFault(t, send, method, path+"?"+query.Encode(), query.Encode())
		}
		path := paramIn.ReplaceAllString(real[0].Replace(pattern), "x")
		wantNoFault(t, send, method, path, strings.Repeat("a=b&", 40_000))
		wantNoFault(t, send, method, path, "--b\r\n\x00", "Content-Type", "multipart/form-data; boundary="+strings.Repeat("b", 90))
		wantNoFault(t, send, method, path, "%zz=%")
		if method == http.MethodPost {
			for _, body := range hostileJSON {
				wantNoFault(t, send, method, path, body, "Content-Type", "application/json")
			}
			for _, file := range hostileFiles {
				wantNoFault(t, send, method, path, "--b\r\nContent-Disposition: form-data; name=\"replace\"\r\n\r\n1\r\n"+
					"--b\r\nContent-Disposition: form-data; name=\"pack\"; filename=\"../../x\"\r\n\r\n"+file+
					"\r\n--b\r\nContent-Disposition: form-data; name=\"logo\"; filename=\"\x00.svg\"\r\n\r\n"+file+"\r\n--b--\r\n", "Content-Type", "multipart/form-data; boundary=b")
			}
		}
		wantNoFault(t, send, "SIGN", path, "a=b")
		wantNoFault(t, send, http.MethodGet, path, "", "Accept-Language", strings.Repeat("*;q=,", 2000), "Accept-Encoding", "br;q=NaN,,;", "If-None-Match", "\"\xff")
	}
}

// wantNoFault sends a request that must be answered with no word about a fault of ours.
func wantNoFault(t *testing.T, send func(method, path, body string, header ...string) *httptest.ResponseRecorder, method, path, body string, header ...string) {
	t.Helper()
	defer func() {
		if p := recover(); p != nil {
			t.Errorf("%s %.100q: %v", method, path, p)
		}
	}()
	w := send(method, path, body, header...)
	if w.Code >= 500 {
		t.Errorf("%s %.100q with %.60q: %d", method, path, body, w.Code)
	}
	for name, values := range w.Header() {
		if slices.ContainsFunc(values, func(v string) bool { return strings.ContainsAny(v, "\r\n\x00") }) {
			t.Errorf("%s %.100q: the header %s is split", method, path, name)
		}
	}
	if strings.Contains(w.Body.String(), "<script>alert") {
		t.Errorf("%s %.100q: what was sent comes back as a script", method, path)
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
