package translog

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

func TestVerifiedLogTellsItsCounts(t *testing.T) {
	l := newSignedLog(t, 700)
	l.add(Entry{Kind: KindVoid, PID: pidA, Index: 9, Reason: ReasonDup}, l.addText(pidB, 1, "Another"), l.addText(pidA, 2, "Changed"))
	want := []Petition{
		{
			PID: pidA, Counts: Counts{Counted: 699, Fraud: 1}, Voided: map[Reason]int64{ReasonDup: 1},
			Versions: []Version{{Text: TextHash(l.files[TextPath(pidA, 1)].Data)}, {Text: TextHash(l.files[TextPath(pidA, 2)].Data)}},
		},
		{PID: pidB, Voided: map[Reason]int64{}, Versions: []Version{{Text: TextHash(l.files[TextPath(pidB, 1)].Data)}}},
	}
	server := httptest.NewServer(compressed(http.FileServerFS(l.files)))
	defer server.Close()
	overHTTP, err := NewClient(server.URL + "/")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []*Client{l.client(), overHTTP} {
		report, err := Verify(t.Context(), c, l.policy)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(report.Petitions, want) {
			t.Errorf("got  %+v\nwant %+v", report.Petitions, want)
		}
		if report.Checkpoint.Tree != l.tree() || report.TextsChecked != 3 || report.TextsMissing != nil {
			t.Errorf("the report is %+v", report)
		}
	}
}

// TestFilesOfADirectoryAreReadAFewAtATime: behind it may be a database that keeps a cache for each who reads.
func TestFilesOfADirectoryAreReadAFewAtATime(t *testing.T) {
	l := newSignedLog(t, 20*TileWidth)
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var now, most int
		count := func(n int) {
			mu.Lock()
			defer mu.Unlock()
			now += n
			most = max(most, now)
		}
		c := l.client()
		open := c.open
		c.open = func(ctx context.Context, path string) (io.ReadCloser, error) {
			count(1)
			defer count(-1)
			time.Sleep(time.Second) // of the test's clock: until all who would read do so
			return open(ctx, path)
		}
		if _, err := Verify(t.Context(), c, l.policy); err != nil {
			t.Fatal(err)
		}
		// One more is what is folded next, and one reads the tiles above.
		if most < 2 || most > parallelFiles+2 {
			t.Errorf("%d files were read at a time", most)
		}
	})
}

// compressed sends gzip without being asked, as c2sp.org/tlog-tiles allows.
func compressed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := httptest.NewRecorder()
		next.ServeHTTP(rec, r)
		w.Header().Set("Content-Encoding", "gzip")
		w.WriteHeader(rec.Code)
		z := gzip.NewWriter(w)
		z.Write(rec.Body.Bytes())
		z.Close()
	})
}

func TestEmptyLogVerifies(t *testing.T) {
	l := newTestLog(t)
	l.add()
	report, err := Verify(t.Context(), l.client(), l.policy)
	if err != nil || report.Checkpoint.N != 0 || len(report.Petitions) != 0 {
		t.Errorf("got %+v, %v", report, err)
	}
}

func TestLogsOfManySizesVerify(t *testing.T) {
	for _, n := range []int{1, 2, 255, 256, 257, 511, 512, 66000} {
		l := newSignedLog(t, n-1)
		report, err := Verify(t.Context(), l.client(), l.policy)
		if err != nil || report.Petitions[0].Counts.Counted != int64(n-1) {
			t.Errorf("size %d: %v", n, err)
		}
	}
}

func TestTamperedLogFails(t *testing.T) {
	flip := func(files fstest.MapFS, path string, at int) {
		data := []byte(string(files[path].Data))
		data[(at+len(data))%len(data)] ^= 1
		files[path] = &fstest.MapFile{Data: data}
	}
	for name, tamper := range map[string]func(files fstest.MapFS){
		"flipped entry":          func(f fstest.MapFS) { flip(f, "tile/entries/001", 100) },
		"flipped length":         func(f fstest.MapFS) { flip(f, "tile/entries/001", 1) },
		"flipped last entry":     func(f fstest.MapFS) { flip(f, "tile/entries/002.p/189", -3) },
		"flipped leaf tile":      func(f fstest.MapFS) { flip(f, "tile/0/001", 0) },
		"flipped partial tile":   func(f fstest.MapFS) { flip(f, "tile/0/002.p/189", 0) },
		"flipped upper tile":     func(f fstest.MapFS) { flip(f, "tile/1/000.p/2", 40) },
		"flipped checkpoint":     func(f fstest.MapFS) { flip(f, "checkpoint", len(testOrigin)+1) },
		"flipped text":           func(f fstest.MapFS) { flip(f, TextPath(pidA, 1), 30) },
		"missing bundle":         func(f fstest.MapFS) { delete(f, "tile/entries/000") },
		"missing partial bundle": func(f fstest.MapFS) { delete(f, "tile/entries/002.p/189") },
		"missing tile":           func(f fstest.MapFS) { delete(f, "tile/0/000") },
		"missing upper tile":     func(f fstest.MapFS) { delete(f, "tile/1/000.p/2") },
		"missing checkpoint":     func(f fstest.MapFS) { delete(f, "checkpoint") },
		"short tile":             func(f fstest.MapFS) { f["tile/0/001"] = &fstest.MapFile{Data: f["tile/0/001"].Data[32:]} },
		"long tile":              func(f fstest.MapFS) { f["tile/0/001"] = &fstest.MapFile{Data: make([]byte, 8193)} },
		"swapped bundles":        func(f fstest.MapFS) { f["tile/entries/000"] = f["tile/entries/001"] },
		"swapped tiles":          func(f fstest.MapFS) { f["tile/0/000"] = f["tile/0/001"] },
		"long bundle":            func(f fstest.MapFS) { f["tile/entries/000"] = &fstest.MapFile{Data: make([]byte, 1<<20)} },
	} {
		l := newSignedLog(t, 700)
		tamper(l.files)
		if report, err := Verify(t.Context(), l.client(), l.policy); err == nil {
			t.Errorf("%s: it verifies: %+v", name, report)
		}
	}
}

func TestForgedSizeFails(t *testing.T) {
	for _, size := range []int64{0, 1, 300, 700, 702, 100000, MaxSize} {
		l := newSignedLog(t, 700)
		forged, err := Checkpoint{testOrigin, tlog.Tree{N: size, Hash: l.root}}.Sign(l.signer)
		if err != nil {
			t.Fatal(err)
		}
		l.publish("checkpoint", forged)
		if _, err := Verify(t.Context(), l.client(), l.policy); err == nil {
			t.Errorf("%d instead of 701: it verifies", size)
		}
	}
}

func TestInvalidEntryIsNamed(t *testing.T) {
	l := newSignedLog(t, 600)
	l.add(Entry{Kind: KindVoid, PID: pidA, Index: 0, Reason: ReasonDup})
	l.addRaw([]byte("undersigned-log/v1\nvote\n"))
	_, err := Verify(t.Context(), l.client(), l.policy)
	var invalid *InvalidError
	if !errors.As(err, &invalid) || invalid.Index != 601 {
		t.Errorf("got %v", err)
	}
}

func TestMissingTextIsReported(t *testing.T) {
	l := newSignedLog(t, 1)
	delete(l.files, TextPath(pidA, 1))
	report, err := Verify(t.Context(), l.client(), l.policy)
	if err != nil || report.TextsChecked != 0 || !reflect.DeepEqual(report.TextsMissing, []TextName{{pidA, 1}}) {
		t.Errorf("got %+v, %v", report, err)
	}
}

func TestWrongKeyOrQuorumFails(t *testing.T) {
	l := newSignedLog(t, 1)
	_, otherKey := testKey(t, testOrigin, 9)
	_, otherOrigin := testKey(t, "example.net/log", 1)
	witness := newTestWitness("a.example", 'a')
	for name, p := range map[string]Policy{
		"key": {Log: otherKey}, "origin": {Log: otherOrigin}, "none": {},
		"quorum": {Log: l.policy.Log, Witnesses: []*Key{witness.verifier(t)}, Quorum: 1},
	} {
		if _, err := Verify(t.Context(), l.client(), p); err == nil {
			t.Errorf("%s: it verifies", name)
		}
	}
	l.publish("checkpoint", append(l.signed, witness.line(t, l.signed)...))
	report, err := Verify(t.Context(), l.client(), Policy{Log: l.policy.Log, Witnesses: []*Key{witness.verifier(t)}, Quorum: 1})
	if err != nil || len(report.Cosignatures) != 1 {
		t.Errorf("with its witness: %+v, %v", report, err)
	}
}

func TestFullTilesServeForPartialOnesThatAreGone(t *testing.T) {
	l := newSignedLog(t, 299)
	old := l.files["checkpoint"]
	for i := range 300 {
		l.add(Entry{Kind: KindSign, PID: pidA, Version: 1, Hash: testHash(1000 + i)})
	}
	for path := range l.files {
		if at, err := ParseTilePath(path); err == nil && at.W < TileWidth && at.N == 1 && at.L <= 0 {
			delete(l.files, path)
		}
	}
	l.files["checkpoint"] = old
	report, err := Verify(t.Context(), l.client(), l.policy)
	if err != nil || report.Petitions[0].Counts.Counted != 299 {
		t.Errorf("got %+v, %v", report, err)
	}
}

func TestErrorsTellWhichFile(t *testing.T) {
	l := newSignedLog(t, 700)
	l.files["tile/0/001"] = l.files["tile/0/000"]
	if _, err := Verify(t.Context(), l.client(), l.policy); err == nil || !strings.Contains(err.Error(), "tile/0/001") {
		t.Errorf("got %v", err)
	}
}
