package sealed

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/packet"
)

func smallBundle(t testing.TB) []byte {
	t.Helper()
	var file bytes.Buffer
	log := fstest.MapFS{"checkpoint": {Data: []byte("x\n")}, "tile/0/000": {Data: []byte("tile")}}
	zips := maps.All(map[string][]undersigned.District{"02138": {{State: "MA", Number: 5}, {State: "MA", Number: 7}}})
	w, err := NewWriter(&file, Manifest{Origin: "cause.example/log", PID: "00000000000000aa", Size: 9, Day: "2026-11-22"}, log, zips, &packet.Ground{PID: "00000000000000aa"})
	if err == nil {
		err = errors.Join(w.Add(3, []byte("age one")), w.Add(7, []byte("age two")))
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// rows reads a bundle to its end.
func rows(file []byte, dir string) (n int, err error) {
	r, err := NewReader(bytes.NewReader(file), dir)
	for err == nil {
		if _, _, err = r.Next(); err == nil {
			n++
		}
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return n, err
}

func TestBundleIsReadBackAndNoPartOfItIsTakenForTheWhole(t *testing.T) {
	file, dir := smallBundle(t), t.TempDir()
	if n, err := rows(file, dir); n != 2 || err != nil {
		t.Errorf("%d rows, %v", n, err)
	}
	if text, err := os.ReadFile(filepath.Join(dir, "tile", "0", "000")); err != nil || string(text) != "tile" {
		t.Errorf("the log: %q, %v", text, err)
	}
	end := bytes.LastIndex(file, []byte(`{"rows":2}`))
	for n := 0; n < end; n += 101 {
		if _, err := rows(file[:n], t.TempDir()); err == nil {
			t.Fatalf("the first %d of %d bytes pass for a bundle", n, len(file))
		}
	}
}

func TestBundleWritesNothingOutsideItsFolder(t *testing.T) {
	for _, name := range []string{"log/../../evil", "log//evil", "log/a/../../../evil", "log/.."} {
		var file bytes.Buffer
		w := tar.NewWriter(&file)
		put := func(name, text string) {
			if err := w.WriteHeader(&tar.Header{Name: name, Typeflag: tar.TypeReg, Size: int64(len(text)), Mode: 0o600}); err == nil {
				_, _ = io.WriteString(w, text)
			}
		}
		put(manifestName, `{"format":"`+bundleFormat+`","petition":"00000000000000aa"}`)
		put(name, "x")
		put(endName, `{"rows":0}`)
		above := t.TempDir()
		if _, err := rows(file.Bytes(), filepath.Join(above, "a", "b")); err == nil {
			t.Errorf("%q is taken", name)
		}
		if found, _ := filepath.Glob(filepath.Join(above, "*evil")); found != nil {
			t.Errorf("%q leads outside", name)
		}
	}
}

func TestBundleOfANewerProgramIsToldApart(t *testing.T) {
	newer := bytes.Replace(smallBundle(t), []byte(bundleFormat), []byte("undersigned-sealed/v2"), 1)
	if _, err := rows(newer, t.TempDir()); err == nil || !strings.Contains(err.Error(), "newer") {
		t.Errorf("%v", err)
	}
}

func FuzzBundle(f *testing.F) {
	f.Add(smallBundle(f))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, file []byte) {
		if n, err := rows(file, dir); err == nil && n > len(file)/512 {
			t.Errorf("%d rows in %d bytes", n, len(file))
		}
	})
}

func FuzzSeats(f *testing.F) {
	f.Add([]byte(`{"format":"undersigned-seats/v1","origin":"o","petition":"00000000000000aa","day":"2026-11-22","seats":[{"seat":"MA-05","split":true,"zip":"02138","at_least":10}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		_, counts, err := ReadSeats(bytes.NewReader(text))
		if err != nil {
			return
		}
		for _, s := range counts.Seats {
			if s.AtLeast < 10 || s.AtLeast%10 != 0 {
				t.Errorf("it takes %+v", s)
			}
		}
	})
}
