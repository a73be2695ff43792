package congress

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/testenv"
)

// publicSite serves files at /HOST/PATH as the public sites would, and counts what it sends.
type publicSite struct {
	mutex sync.Mutex
	files map[string]string // by HOST/PATH
	sent  map[string]string // what each path was last answered with: the status, and the range asked for
	cut   string            // a path whose answer breaks off half way
}

func (p *publicSite) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	path := strings.TrimPrefix(r.URL.Path, "/")
	body, ok := p.files[path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	recorder := &statusRecorder{ResponseWriter: w, status: http.StatusOK}
	w.Header().Set("ETag", fmt.Sprintf("%q", fmt.Sprintf("%x", sha256.Sum256([]byte(body)))))
	if path == p.cut {
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write([]byte(body[:len(body)/2]))
		return
	}
	http.ServeContent(recorder, r, "", time.Time{}, strings.NewReader(body))
	p.sent[path] = strconv.Itoa(recorder.status) + r.Header.Get("Range")
}

type statusRecorder struct {
	http.ResponseWriter
	status int
}

func (r *statusRecorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

func (s source) at() string { return s.host + "/" + s.path }

var breadAndRoses = undersigned.BillID{Congress: 119, Type: "hr", Number: 7}

// newPublicSite publishes a small country: one state with two districts, and Puerto Rico.
func newPublicSite() *publicSite {
	return &publicSite{sent: map[string]string{}, files: map[string]string{
		legislatorsSource.at(): people(
			person("A000001", "East", house("MA", 1, "2027-01-03")), person("A000002", "West", house("MA", 2, "2027-01-03")),
			person("A000003", "Commissioner", house("PR", 0, "2027-01-03")), person("A000004", "Senior", senate("MA", 1, "senior", "2031-01-03"))),
		officesSource.at():             `[{"id":{"bioguide":"A000001"},"offices":[{"city":"Boston","state":"MA","phone":"617-555-0100"}]}]`,
		committeesSource.at():          `[{"type":"house","name":"House Committee on the Judiciary","thomas_id":"HSJU"}]`,
		membershipSource.at():          `{"HSJU":[{"bioguide":"A000001","title":"Chair"}]}`,
		zipSource(119).at():            zipFile(119, "2501 02138 25 100", "2502 02138 75 100", "2501 02139 1 1", "7298 00901 - -"),
		boundarySource(119).at():       string(boundaryFile(119, []string{"2501", "2502"}, [][]orb.Ring{{square(-72, 42, 1)}, {square(-71, 42, 1)}})),
		billSource(breadAndRoses).at(): billXML("HR", "", "2025-01-10 1000 Introduced in House"),
	}}
}

// updateFrom updates a folder from the site, which is closed again.
func updateFrom(t *testing.T, dir string, site *publicSite, now time.Time, bills ...undersigned.BillID) Report {
	t.Helper()
	server := httptest.NewServer(site)
	defer server.Close()
	report, err := Update(t.Context(), Options{Dir: dir, Mirror: server.URL, Now: now, Bills: bills})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func (r Report) source(name string) Source {
	i := slices.IndexFunc(r.Sources, func(s Source) bool { return s.Name == name })
	if i < 0 {
		return Source{}
	}
	return r.Sources[i]
}

func loaded(t *testing.T, dir string, now time.Time) *Table {
	t.Helper()
	table, err := Load(dir, now)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func zipAnswer(t *testing.T, table *Table, zip string, now time.Time) string {
	t.Helper()
	a, err := table.ZIP(zip, now)
	if err != nil {
		t.Fatal(err)
	}
	return describe(a)
}

func TestAnUpdateBringsAllOnceAndThenOnlyWhatChanged(t *testing.T) {
	site, dir := newPublicSite(), t.TempDir()
	report := updateFrom(t, dir, site, testNow, breadAndRoses)
	if !report.Changed || report.Offline || len(report.Bills) != 1 || report.Bills[0].BillID != breadAndRoses {
		t.Errorf("the first update: %+v", report)
	}
	table := loaded(t, dir, testNow)
	if got := zipAnswer(t, table, "02138", testNow); got != "MA-02 West, MA-01 East, senators Senior, choose" || table.Sample {
		t.Errorf("02138: %s", got)
	}
	if a, _ := table.Point(42.5, -71.5, testNow); describe(a) != "MA-01 East, senators Senior" {
		t.Errorf("a point: %s", describe(a))
	}
	for place, want := range map[string]string{"42.5,-71.5": "MA-01 East, senators Senior", " 42.5 , -70.5 ": "MA-02 West, senators Senior",
		"02139": "MA-01 East, senators Senior", "42.5,": "", "north,west": "", "1e999,0": "", "NaN,0": "", "42.5": ""} {
		a, err := table.Lookup(place, testNow)
		if want != "" && describe(a) != want || (want == "") != (undersigned.KindOf(err) == undersigned.Invalid) {
			t.Errorf("%q: %s, %v", place, describe(a), err)
		}
	}
	if l := table.Legislator("A000001", testNow); len(l.Offices) != 1 || len(table.Assignments("A000001", testNow)) != 1 {
		t.Errorf("offices or committees are missing: %+v", l)
	}
	if rings := table.Outline(undersigned.District{State: "MA", Number: 1}, testNow); len(rings) != 1 || table.AsOf != "2026-11-22" {
		t.Errorf("outline %v, as of %s", rings, table.AsOf)
	}

	report = updateFrom(t, dir, site, testNow.AddDate(0, 0, 1), breadAndRoses)
	if report.Changed || len(report.Bills) != 0 {
		t.Errorf("an update with nothing new: %+v", report)
	}
	for path, status := range site.sent {
		if status != "304" {
			t.Errorf("%s was answered with %s", path, status)
		}
	}

	site.files[billSource(breadAndRoses).at()] = billXML("HR", "", "2025-01-10 1000 Introduced in House", "2025-02-01 8000 Passed")
	report = updateFrom(t, dir, site, testNow.AddDate(0, 0, 2), breadAndRoses)
	if report.Changed || len(report.Bills) != 1 || report.Bills[0].Stage != undersigned.PassedHouse {
		t.Errorf("an update with a changed bill: %+v", report)
	}
	if b, err := Bill(dir, breadAndRoses); err != nil || b.Stage != undersigned.PassedHouse {
		t.Errorf("the bill in the folder: %v, %v", b, err)
	}
	if files, _ := os.ReadDir(filepath.Join(dir, "files")); len(files) != 7 {
		t.Errorf("%d files are kept, want 7", len(files))
	}
}

func TestWhatIsBrokenOrImplausibleLeavesTheOldInUse(t *testing.T) {
	for name, c := range map[string]struct {
		source source
		body   string
		want   Trouble
	}{
		"HTML for legislators":      {legislatorsSource, "<html>", Broken},
		"a third fewer legislators": {legislatorsSource, people(person("A000001", "East", house("MA", 1, "2027-01-03"))), Implausible},
		"far fewer ZIP codes":       {zipSource(119), zipFile(119, "2501 02138 25 100"), Implausible},
		"ZIP codes of another":      {zipSource(119), zipFile(120, "2501 02138 25 100"), Broken},
		"half the districts":        {boundarySource(119), string(boundaryFile(119, []string{"2501"}, [][]orb.Ring{{square(-72, 42, 1)}})), Implausible},
		"a zip file cut short":      {boundarySource(119), newPublicSite().files[boundarySource(119).at()][:200], Broken},
		"a giant":                   {committeesSource, strings.Repeat(" ", maxCommittees+1), TooLarge},
		"another bill":              {billSource(breadAndRoses), strings.Replace(newPublicSite().files[billSource(breadAndRoses).at()], "<number>7<", "<number>8<", 1), Broken},
	} {
		t.Run(name, func(t *testing.T) {
			site, dir := newPublicSite(), t.TempDir()
			updateFrom(t, dir, site, testNow, breadAndRoses)
			site.files[c.source.at()] = c.body
			later := testNow.AddDate(0, 0, 1)
			report := updateFrom(t, dir, site, later, breadAndRoses)
			if s := report.source(c.source.name); s.Trouble != c.want || !s.Since.Equal(later) || !s.Fetched.Equal(testNow) {
				t.Errorf("%+v, want %s", s, c.want)
			}
			if report.Changed || len(report.Bills) != 0 {
				t.Errorf("something changed: %+v", report)
			}
			if got := zipAnswer(t, loaded(t, dir, later), "02138", later); got != "MA-02 West, MA-01 East, senators Senior, choose" {
				t.Errorf("02138: %s", got)
			}
			report = updateFrom(t, dir, site, later.AddDate(0, 0, 1), breadAndRoses)
			if s := report.source(c.source.name); !s.Since.Equal(later) {
				t.Errorf("the trouble is said to be new: %+v", s)
			}
			report = updateFrom(t, dir, newPublicSite(), later.AddDate(0, 0, 2), breadAndRoses)
			if s := report.source(c.source.name); s.Trouble != "" || !s.Since.IsZero() {
				t.Errorf("mended, yet %+v", s)
			}
		})
	}
}

func TestADownloadThatBrokeOffGoesOnWhereItWas(t *testing.T) {
	site, dir := newPublicSite(), t.TempDir()
	site.cut = zipSource(119).at()
	report := updateFrom(t, dir, site, testNow)
	if s := report.source(zipSource(119).name); s.Trouble != Interrupted {
		t.Errorf("broken off: %+v", s)
	}
	if !loaded(t, dir, testNow).Sample {
		t.Error("without ZIP codes the sample should serve")
	}
	path, half := site.cut, len(site.files[site.cut])/2
	site.cut = ""
	updateFrom(t, dir, site, testNow)
	if want := fmt.Sprintf("206bytes=%d-", half); site.sent[path] != want {
		t.Errorf("answered with %q, want %q", site.sent[path], want)
	}
	if got := zipAnswer(t, loaded(t, dir, testNow), "02139", testNow); got != "MA-01 East, senators Senior" {
		t.Errorf("02139: %s", got)
	}
	if parts, _ := os.ReadDir(filepath.Join(dir, "part")); len(parts) != 0 {
		t.Errorf("left behind: %v", parts)
	}
}

func TestAPartOfAnotherEditionIsNotGoneOnWith(t *testing.T) {
	site, dir := newPublicSite(), t.TempDir()
	site.cut = legislatorsSource.at()
	updateFrom(t, dir, site, testNow)
	site.cut = ""
	site.files[legislatorsSource.at()] = strings.ReplaceAll(people(person("A000009", "Changed", house("MA", 1, "2027-01-03"))), "[{", "[ {")
	updateFrom(t, dir, site, testNow)
	if got := zipAnswer(t, loaded(t, dir, testNow), "02139", testNow); got != "MA-01 Changed, senators" {
		t.Errorf("02139: %s", got)
	}
}

func TestOfflineIsNoError(t *testing.T) {
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	dir := t.TempDir()
	report, err := Update(t.Context(), Options{Dir: dir, Mirror: closed.URL, Now: testNow})
	if err != nil || !report.Offline || report.Changed {
		t.Errorf("offline: %+v, %v", report, err)
	}
	if !loaded(t, dir, testNow).Sample {
		t.Error("the sample does not serve")
	}
	updateFrom(t, dir, newPublicSite(), testNow)
	if report, err = Update(t.Context(), Options{Dir: dir, Mirror: closed.URL, Now: testNow}); err != nil || !report.Offline {
		t.Errorf("offline again: %+v, %v", report, err)
	}
	if got := zipAnswer(t, loaded(t, dir, testNow), "02139", testNow); got != "MA-01 East, senators Senior" {
		t.Errorf("02139: %s", got)
	}
	if list, err := Sources(dir); err != nil || len(list) != 8 || list[0].Trouble != Offline {
		t.Errorf("what doctor would read: %+v, %v", list, err)
	}
}

func TestTheNextCongressIsLoadedEarlyAndUsedAtNoon(t *testing.T) {
	site, dir := newPublicSite(), t.TempDir()
	report := updateFrom(t, dir, site, testNow)
	if s := report.source(zipSource(120).name); s.Trouble != NotPublished {
		t.Errorf("the lines of the 120th: %+v", s)
	}
	eve := undersigned.CongressEnds(119).Add(-time.Hour)
	site.files[zipSource(120).at()] = zipFile(120, "2502 02139 1 1", "2502 02138 1 1", "7298 00901 - -")
	site.files[legislatorsSource.at()] = people(
		person("A000002", "West", house("MA", 1, "2029-01-03")), person("A000007", "New", house("MA", 2, "2029-01-03")),
		person("A000003", "Commissioner", house("PR", 0, "2029-01-03")), person("A000004", "Senior", senate("MA", 1, "senior", "2031-01-03")))
	updateFrom(t, dir, site, eve)
	table := loaded(t, dir, eve)
	if got := zipAnswer(t, table, "02139", eve); got != "MA-01 East, senators Senior" {
		t.Errorf("before noon: %s", got)
	}
	if got := zipAnswer(t, table, "02139", eve.Add(time.Hour)); got != "MA-02 New, senators Senior" {
		t.Errorf("at noon: %s", got)
	}
}

func TestOneBillIsFetchedWhateverElseThereIs(t *testing.T) {
	site, dir := newPublicSite(), t.TempDir()
	reserved := undersigned.BillID{Congress: 119, Type: "hr", Number: 10}
	shell := strings.Replace(site.files[billSource(breadAndRoses).at()], "<number>7<", "<isReserved>True</isReserved><number>10<", 1)
	site.files[billSource(reserved).at()] = shell
	server := httptest.NewServer(site)
	defer server.Close()
	o := Options{Dir: dir, Mirror: server.URL, Now: testNow}
	if b, err := FetchBill(t.Context(), o, breadAndRoses); err != nil || b.Title != "Bread & Roses" {
		t.Errorf("%v, %v", b, err)
	}
	if _, err := FetchBill(t.Context(), o, reserved); undersigned.KindOf(err) != undersigned.Gone {
		t.Errorf("reserved: %v", err)
	}
	if _, err := FetchBill(t.Context(), o, undersigned.BillID{Congress: 120, Type: "hr", Number: 1}); undersigned.KindOf(err) != undersigned.NotFound {
		t.Errorf("of the next Congress: %v", err)
	}
	server.Close()
	if b, err := FetchBill(t.Context(), o, breadAndRoses); err != nil || b.BillID != breadAndRoses {
		t.Errorf("offline, from the folder: %v, %v", b, err)
	}
	if _, err := FetchBill(t.Context(), o, undersigned.BillID{Congress: 119, Type: "s", Number: 1}); undersigned.KindOf(err) != undersigned.Unavailable {
		t.Errorf("offline, never seen: %v", err)
	}
}

func TestOnlyOneUpdateRunsInAFolder(t *testing.T) {
	dir := t.TempDir()
	u, err := newUpdate(Options{Dir: dir, Now: testNow})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Update(t.Context(), Options{Dir: dir, Now: testNow}); !errors.Is(err, ErrRunning) {
		t.Errorf("a second update: %v", err)
	}
	u.lock.Close()
}

func TestACancelledUpdateKeepsWhatIsWhole(t *testing.T) {
	site, dir := newPublicSite(), t.TempDir()
	server := httptest.NewServer(site)
	defer server.Close()
	ctx, cancel := context.WithCancel(t.Context())
	_, err := Update(ctx, Options{Dir: dir, Mirror: server.URL, Now: testNow, Progress: func(p Progress) {
		if p.Source == zipSource(119).name {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	updateFrom(t, dir, site, testNow)
	if site.sent[legislatorsSource.at()] != "304" {
		t.Errorf("the legislators came twice: %s", site.sent[legislatorsSource.at()])
	}
}

func TestAMirrorThatIsNotThereIsAnError(t *testing.T) {
	if _, err := Update(t.Context(), Options{Dir: t.TempDir(), Mirror: filepath.Join(t.TempDir(), "none"), Now: testNow}); err == nil {
		t.Error("a missing mirror was taken")
	}
}

func TestTheTableInUseIsReplacedOnlyByANewerOne(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "congress")
	current := NewCurrent(dir)
	if changed, err := current.Reload(testNow); changed || err != nil || !current.Table().Sample {
		t.Errorf("without a folder: %v, %v", changed, err)
	}
	updateFrom(t, dir, newPublicSite(), testNow)
	if changed, err := current.Reload(testNow); !changed || err != nil || current.Table().Sample {
		t.Errorf("after an update: %v, %v", changed, err)
	}
	if changed, err := current.Reload(testNow); changed || err != nil {
		t.Errorf("with nothing new: %v, %v", changed, err)
	}
	if err := os.WriteFile(filepath.Join(dir, "current.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if changed, err := current.Reload(testNow); changed || err == nil || current.Table().Sample {
		t.Errorf("with a broken folder: %v, %v", changed, err)
	}
}

func TestTheRealMirrorIsTakenInAtOnce(t *testing.T) {
	dir := t.TempDir()
	o := Options{Dir: dir, Mirror: filepath.Join(testenv.Data(t), "www"), Now: testNow,
		Bills: []undersigned.BillID{{Congress: 117, Type: "hr", Number: 2222}, {Congress: 117, Type: "hr", Number: 10}, {Congress: 119, Type: "hr", Number: 6397}}}
	report, err := Update(t.Context(), o)
	if err != nil || !report.Changed || len(report.Bills) != 2 {
		t.Fatalf("%+v, %v", report, err)
	}
	for _, s := range report.Sources {
		want := Trouble("")
		if strings.HasSuffix(s.Name, " 120") {
			want = NotPublished
		} else if s.Name == "bill 117hr10" {
			want = Reserved
		}
		if s.Trouble != want {
			t.Errorf("%s: %q %s, want %q", s.Name, s.Trouble, s.Detail, want)
		}
	}
	if got := zipAnswer(t, loaded(t, dir, testNow), "02138", testNow); got != "MA-05 Clark, MA-07 Pressley, senators Warren Markey, choose" {
		t.Errorf("02138: %s", got)
	}
	if report, err = Update(t.Context(), o); err != nil || report.Changed || len(report.Bills) != 0 {
		t.Errorf("again: %+v, %v", report, err)
	}
}
