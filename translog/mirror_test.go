package translog

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"sync/atomic"
	"testing"
	"testing/fstest"
)

// countingClient counts what is read of a log, and fails after so many files
// where most is not negative.
func countingClient(l *testLog, count *atomic.Int64, most int64) *Client {
	dir := l.client()
	open := dir.open
	dir.open = func(ctx context.Context, path string) (io.ReadCloser, error) {
		if n := count.Add(1); most >= 0 && n > most {
			return nil, errors.New("the line is cut")
		}
		return open(ctx, path)
	}
	return dir
}

// mirrored returns the files of a directory.
func mirrored(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := make(map[string]string)
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			data, err := os.ReadFile(filepath.Join(dir, path))
			files[path] = string(data)
			return err
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestMirrorServedAsFilesVerifiesTheSame(t *testing.T) {
	l := newSignedLog(t, 900)
	l.add(l.addText(pidB, 1, "Another"))
	dir := filepath.Join(t.TempDir(), "new", "mirror")
	copied, err := Mirror(t.Context(), l.client(), dir, l.policy)
	if err != nil {
		t.Fatal(err)
	}
	if got := mirrored(t, dir)["vkey"]; got != l.policy.Log.String()+"\n" {
		t.Errorf("its vkey is %q", got)
	}
	server := httptest.NewServer(http.FileServer(http.Dir(dir)))
	defer server.Close()
	for _, location := range []string{dir, server.URL} {
		c, err := NewClient(location)
		if err != nil {
			t.Fatal(err)
		}
		report, err := Verify(t.Context(), c, l.policy)
		if err != nil || !reflect.DeepEqual(report, copied) {
			t.Errorf("%s: got %+v, %v; copied %+v", location, report, err, copied)
		}
	}
}

func TestMirrorFollowsLogAndReadsOnlyWhatIsNew(t *testing.T) {
	l := newSignedLog(t, 255+1024)
	dir := t.TempDir()
	var count atomic.Int64
	if _, err := Mirror(t.Context(), countingClient(l, &count, -1), dir, l.policy); err != nil {
		t.Fatal(err)
	}
	for range 3 { // repeats, and grows
		count.Store(0)
		report, err := Mirror(t.Context(), countingClient(l, &count, -1), dir, l.policy)
		if err != nil || report.Checkpoint.Tree != l.tree() {
			t.Fatal(err)
		}
		if count.Load() > 12 {
			t.Errorf("%d files were read", count.Load())
		}
		for i := range 100 {
			l.add(Entry{Kind: KindSign, PID: pidA, Version: 1, Hash: testHash(int(report.Checkpoint.N) + i)})
		}
	}
	for path := range mirrored(t, dir) {
		if at, err := ParseTilePath(path); err == nil && at.W < TileWidth && at.L <= 0 && at.N < 5 {
			t.Errorf("%s is kept beside the full tile", path)
		}
	}
}

func TestInterruptedMirrorGoesOnAndServesTheOlderCheckpoint(t *testing.T) {
	l := newSignedLog(t, 100)
	dir := t.TempDir()
	if _, err := Mirror(t.Context(), l.client(), dir, l.policy); err != nil {
		t.Fatal(err)
	}
	older := l.tree()
	var more []Entry
	for i := range 5000 {
		more = append(more, Entry{Kind: KindSign, PID: pidA, Version: 1, Hash: testHash(1000 + i)})
	}
	l.add(more...)
	var whole, count atomic.Int64
	if _, err := Mirror(t.Context(), countingClient(l, &whole, -1), t.TempDir(), l.policy); err != nil {
		t.Fatal(err)
	}
	for cut := int64(1); cut < 20; cut += 6 {
		count.Store(0)
		if _, err := Mirror(t.Context(), countingClient(l, &count, cut), dir, l.policy); err == nil {
			t.Fatal("it ends well although the line is cut")
		}
		report, err := Verify(t.Context(), NewDirClient(os.DirFS(dir)), l.policy)
		if err != nil || report.Checkpoint.Tree != older {
			t.Errorf("cut after %d files, the mirror does not verify: %v", cut, err)
		}
	}
	count.Store(0)
	report, err := Mirror(t.Context(), countingClient(l, &count, -1), dir, l.policy)
	if err != nil || report.Checkpoint.Tree != l.tree() || count.Load() >= whole.Load() {
		t.Errorf("it does not go on: %v, %d files of %d", err, count.Load(), whole.Load())
	}
	if names := slices.Sorted(maps.Keys(mirrored(t, dir))); slices.Contains(names, nextCheckpointFile) {
		t.Errorf("something is left over: %v", names)
	}
}

func TestMirrorRefusesLogThatShrinksOrForks(t *testing.T) {
	other := newTestLog(t)
	other.add(other.addText(pidB, 1, "Forged"))
	for range 400 {
		other.add(Entry{Kind: KindSign, PID: pidB, Version: 1, Hash: testHash(1)})
	}
	sameSize := newTestLog(t)
	sameSize.add(sameSize.addText(pidB, 1, "Forged"))
	for range 300 {
		sameSize.add(Entry{Kind: KindSign, PID: pidB, Version: 1, Hash: testHash(1)})
	}
	for name, c := range map[string]struct {
		log  *testLog
		want error
	}{"shrunk": {newSignedLog(t, 299), ErrShrunk}, "forked": {other, ErrForked}, "forked, same size": {sameSize, ErrForked}} {
		l := newSignedLog(t, 300)
		dir := t.TempDir()
		if _, err := Mirror(t.Context(), l.client(), dir, l.policy); err != nil {
			t.Fatal(err)
		}
		before := mirrored(t, dir)
		if _, err := Mirror(t.Context(), c.log.client(), dir, l.policy); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v", name, err)
		}
		if !reflect.DeepEqual(mirrored(t, dir), before) {
			t.Errorf("%s: the mirror has changed", name)
		}
	}
}

func TestForkDuringInterruptedCopyIsFound(t *testing.T) {
	l := newSignedLog(t, 300)
	dir := t.TempDir()
	var count atomic.Int64
	if _, err := Mirror(t.Context(), countingClient(l, &count, 2), dir, l.policy); err == nil {
		t.Fatal("it ends well although the line is cut")
	}
	if _, err := Mirror(t.Context(), newSignedLog(t, 200).client(), dir, l.policy); !errors.Is(err, ErrShrunk) {
		t.Errorf("got %v", err)
	}
}

func TestMirrorOfAnotherLogIsNotTouched(t *testing.T) {
	l := newSignedLog(t, 3)
	dir := t.TempDir()
	if _, err := Mirror(t.Context(), l.client(), dir, l.policy); err != nil {
		t.Fatal(err)
	}
	before := mirrored(t, dir)
	other := newSignedLog(t, 5)
	other.signer, other.policy.Log = testKey(t, testOrigin, 9)
	other.add()
	if _, err := Mirror(t.Context(), other.client(), dir, other.policy); err == nil {
		t.Error("it is overwritten with a log of another key")
	}
	if !reflect.DeepEqual(mirrored(t, dir), before) {
		t.Error("the mirror has changed")
	}
}

func TestMirrorKeepsNothingThatDoesNotVerify(t *testing.T) {
	l := newSignedLog(t, 700)
	bad := append([]byte{}, l.files["tile/entries/001"].Data...)
	bad[300] ^= 1
	l.files["tile/entries/001"] = &fstest.MapFile{Data: bad}
	dir := t.TempDir()
	if _, err := Mirror(t.Context(), l.client(), dir, l.policy); err == nil {
		t.Fatal("it is copied")
	}
	files := mirrored(t, dir)
	if _, ok := files["tile/entries/001"]; ok {
		t.Error("the flipped bundle is kept")
	}
	if _, ok := files["checkpoint"]; ok {
		t.Error("the checkpoint promises what is not there")
	}
}

func TestDamagedMirrorIsMended(t *testing.T) {
	l := newSignedLog(t, 700)
	dir := t.TempDir()
	if _, err := Mirror(t.Context(), l.client(), dir, l.policy); err != nil {
		t.Fatal(err)
	}
	whole := mirrored(t, dir)
	for _, path := range []string{"tile/entries/000", "tile/0/001", "tile/1/000.p/2", "tile/0/002.p/189", "tile/entries/002.p/189", TextPath(pidA, 1)} {
		if err := os.WriteFile(filepath.Join(dir, path), nil, 0o644); err != nil { // as after a power cut
			t.Fatal(err)
		}
	}
	if _, err := Mirror(t.Context(), l.client(), dir, l.policy); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(mirrored(t, dir), whole) {
		t.Error("it is not what it was")
	}
}
