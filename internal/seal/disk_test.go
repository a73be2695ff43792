package seal

import (
	"bytes"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/undersigned/undersigned/internal/testenv"
)

const aKey = dataPrefix + pid

// crashing runs do and gives the folder as a crash between each two of its steps would leave it.
func crashing(t *testing.T, h house, do func(f *folder, disk disk) error) []house {
	t.Helper()
	var left []house
	d := disk{step: func() { left = append(left, h.copy(t)) }}
	must(t, do(&folder{dir: h.dir, disk: d}, d))
	if len(left) == 0 {
		t.Fatal("no step was seen")
	}
	return append(left, h)
}

func TestFilesAreOpenToNobodyElse(t *testing.T) {
	h := newHouse(t)
	must(t, h.init(t).MakeAction(t.Context(), pid))
	for name, want := range map[string]os.FileMode{
		"": 0o700, "root.key": 0o400, "site.key": 0o600, "log.key": 0o600, aKey + ".key": 0o600, dupPrefix + pid + ".key": 0o600,
	} {
		info, err := os.Stat(h.file(name))
		must(t, err)
		if info.Mode().Perm() != want {
			t.Errorf("%q has mode %o, want %o", name, info.Mode().Perm(), want)
		}
	}
	if entries, _ := os.ReadDir(h.dir); len(entries) != 5 {
		t.Errorf("%d files, want 5", len(entries))
	}
}

// Root rotates the keys of a service that runs as somebody else.
func TestWhatRootMakesBelongsToTheOwnerOfItsFolder(t *testing.T) {
	if os.Geteuid() != 0 {
		testenv.LeaveOut(t, "root", "Nobody else may give files away.")
	}
	f := furnish(t)
	const service = 65534
	must(t, os.Chown(f.dir, service, service))
	must(t, Rotate(t.Context(), f.vault(t), f.root))
	must(t, f.open(t).MakeAction(t.Context(), "fedcba9876543210"))
	entries, err := os.ReadDir(f.dir)
	must(t, err)
	for _, e := range entries {
		info, err := e.Info()
		must(t, err)
		if owner := info.Sys().(*syscall.Stat_t); owner.Uid != service || owner.Gid != service {
			t.Errorf("%s belongs to %d:%d", e.Name(), owner.Uid, owner.Gid)
		}
	}
}

func TestAFolderOpenToOthersIsRefused(t *testing.T) {
	dir := t.TempDir()
	must(t, os.Chmod(dir, 0o750))
	if _, err := Folder(dir); err == nil {
		t.Error("a folder with mode 0750 was taken")
	}
}

func TestACrashWhileCreatingLeavesNothingOrTheWholeKey(t *testing.T) {
	h := newHouse(t)
	h.vault(t)
	value := bytes.Repeat([]byte{1}, wrappedSize)
	for i, left := range crashing(t, h, func(f *folder, _ disk) error {
		_, err := f.Create(t.Context(), aKey, value)
		return err
	}) {
		got, err := left.vault(t).Get(t.Context(), aKey)
		if i == 0 {
			wantErr(t, err, ErrKeyDestroyed)
		} else if err != nil || !bytes.Equal(got, value) {
			t.Errorf("step %d: %x, %v", i, got, err)
		}
		// The next that comes creates it, or finds it; and a rotation sweeps up.
		if _, err := left.vault(t).Create(t.Context(), aKey, value); err != nil {
			t.Errorf("step %d: %v", i, err)
		}
		release, err := left.vault(t).Hold(t.Context(), true)
		must(t, err)
		must(t, release())
		if entries, _ := os.ReadDir(left.dir); len(entries) != 1 {
			t.Errorf("step %d: %d files, want 1", i, len(entries))
		}
	}
}

func TestACrashWhileReplacingLeavesTheOldKeyOrTheNew(t *testing.T) {
	h := newHouse(t)
	before, after := bytes.Repeat([]byte{1}, wrappedSize), bytes.Repeat([]byte{2}, wrappedSize)
	_, err := h.vault(t).Create(t.Context(), aKey, before)
	must(t, err)
	for i, left := range crashing(t, h, func(f *folder, _ disk) error { return f.Replace(t.Context(), aKey, after) }) {
		got, err := left.vault(t).Get(t.Context(), aKey)
		if err != nil || !bytes.Equal(got, before) && !bytes.Equal(got, after) {
			t.Errorf("step %d: %x, %v", i, got, err)
		}
		// Whatever lies about, destroying the key leaves neither value, and replacing again works.
		again := left.copy(t)
		must(t, again.vault(t).Replace(t.Context(), aKey, after))
		must(t, left.vault(t).Destroy(t.Context(), aKey))
		release, err := left.vault(t).Hold(t.Context(), true)
		must(t, err)
		must(t, release())
		if entries, _ := os.ReadDir(left.dir); len(entries) != 0 {
			t.Errorf("step %d: %v is left", i, entries)
		}
	}
}

func TestACrashWhileDestroyingLeavesNoUsableKey(t *testing.T) {
	h := newHouse(t)
	value := bytes.Repeat([]byte{1}, wrappedSize)
	_, err := h.vault(t).Create(t.Context(), aKey, value)
	must(t, err)
	for _, left := range crashing(t, h, func(f *folder, _ disk) error { return f.Destroy(t.Context(), aKey) }) {
		_, err := left.vault(t).Get(t.Context(), aKey)
		wantErr(t, err, ErrKeyDestroyed)
		must(t, left.vault(t).Destroy(t.Context(), aKey))
		if names, err := left.vault(t).List(t.Context(), ""); err != nil || len(names) != 0 {
			t.Errorf("left: %v, %v", names, err)
		}
	}
}

func TestANameWhoseDestructionWasCutShortIsNotMadeAnew(t *testing.T) {
	h := newHouse(t)
	vault := h.vault(t)
	must(t, os.WriteFile(h.file(aKey+keySuffix), []byte{wiped, 1, 2}, 0o600))
	_, err := vault.Create(t.Context(), aKey, bytes.Repeat([]byte{1}, wrappedSize))
	wantErr(t, err, ErrKeyDestroyed)
}

// A crash inside create can leave a second name of a key's file: the bytes must die under both.
func TestDestroyingOverwritesTheBytesInPlace(t *testing.T) {
	h := newHouse(t)
	vault := h.vault(t)
	value := bytes.Repeat([]byte{1}, wrappedSize)
	_, err := vault.Create(t.Context(), aKey, value)
	must(t, err)
	second := filepath.Join(t.TempDir(), "second")
	must(t, os.Link(h.file(aKey+keySuffix), second))
	must(t, vault.Destroy(t.Context(), aKey))
	got, err := os.ReadFile(second)
	must(t, err)
	if len(got) != len(value) || bytes.Contains(got, value[:8]) {
		t.Errorf("the bytes are %x", got)
	}
}
