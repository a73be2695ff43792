package seal

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
)

func TestScratchGivesBackWhatItWasGivenAndLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	s, err := NewScratch(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]*bytes.Buffer{"rows.csv": {}, "offices/MA/rows.csv": {}, "empty": {}}
	var all sync.WaitGroup
	for name, buf := range want {
		all.Go(func() {
			for i := range 200 {
				data := bytes.Repeat([]byte("canary "+name), i*13%90)
				if name == "empty" {
					data = nil
				}
				buf.Write(data)
				if err := s.Append(name, data); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if got := s.Names(); !slices.Equal(got, []string{"empty", "offices/MA/rows.csv", "rows.csv"}) {
		t.Errorf("files %v", got)
	}
	for name, buf := range want {
		f, err := s.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(f); err != nil || !bytes.Equal(got, buf.Bytes()) {
			t.Errorf("%s: %d bytes, want %d: %v", name, len(got), buf.Len(), err)
		}
	}
	if _, err := s.Open("nothing"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("of a file that is not there: %v", err)
	}
	onDisk := make([]byte, s.end)
	if _, err := s.file.ReadAt(onDisk, 0); err != nil || strings.Contains(string(onDisk), "canary") {
		t.Errorf("the disk can be read: %v", err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
		t.Errorf("the folder has %v, %v", entries, err)
	}
	f, err := s.Open("rows.csv")
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Close(), s.Close()); err != nil {
		t.Error(err)
	}
	if _, err := f.Read(make([]byte, 10)); !errors.Is(err, os.ErrClosed) {
		t.Errorf("after its end: %v", err)
	}
	if err := s.Append("rows.csv", nil); !errors.Is(err, os.ErrClosed) {
		t.Errorf("after its end: %v", err)
	}
}

func TestScratchThatWasDamagedIsNotRead(t *testing.T) {
	s, err := NewScratch(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Append("a", []byte("some rows")); err != nil {
		t.Fatal(err)
	}
	if _, err := s.file.WriteAt([]byte{0}, 2); err != nil {
		t.Fatal(err)
	}
	f, _ := s.Open("a")
	if data, err := io.ReadAll(f); err == nil {
		t.Errorf("it gives %q", data)
	}
}
