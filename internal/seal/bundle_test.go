package seal

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

func exported(t *testing.T, h house) []byte {
	t.Helper()
	ring := h.open(t)
	defer ring.Close()
	bundle, err := ring.Export(t.Context())
	must(t, err)
	return bundle
}

func TestABundleCarriesEveryKeyButThePendingOnes(t *testing.T) {
	f := furnish(t)
	bundle := exported(t, f.house)
	if strings.Contains(string(bundle), "pending") {
		t.Error("a pending key is in the bundle")
	}
	to := newHouse(t)
	for range 2 { // again, as after a crash
		must(t, Import(t.Context(), to.vault(t), to.root, bundle))
	}
	f.check(t, to, false)
	if !bytes.Equal(exported(t, to), bundle) {
		t.Error("exported again, the bundle differs")
	}
	from, err := ReadRoots(f.root)
	must(t, err)
	now, err := ReadRoots(to.root)
	must(t, err)
	if now[0].site != from[0].site || now[0].raw == from[0].raw {
		t.Error("the restored site has not the same id and a new root")
	}
}

func TestAnImportThatWasCutShortDoesNotOpenUntilItIsFinished(t *testing.T) {
	f := furnish(t)
	bundle := exported(t, f.house)
	whole := newHouse(t)
	must(t, Import(t.Context(), whole.vault(t), whole.root, bundle))
	for _, missing := range [][]string{{"site.key"}, {"site.key", "log.key", aKey + ".key"}} {
		left := whole.copy(t)
		for _, name := range missing {
			must(t, os.Remove(left.file(name)))
		}
		_, err := left.tryOpen(t)
		wantErr(t, err, ErrNoKeyring)
		must(t, Import(t.Context(), left.vault(t), left.root, bundle))
		f.check(t, left, false)
	}
}

func TestABundleDoesNotMixWithOtherKeys(t *testing.T) {
	f, other := furnish(t), furnish(t)
	bundle := exported(t, f.house)
	wantErr(t, Import(t.Context(), other.vault(t), other.root, bundle), ErrOtherSite)
	other.check(t, other.house, true)

	must(t, os.Remove(f.file(aKey+".key")))
	ring := f.open(t)
	must(t, ring.MakeAction(t.Context(), pid))
	must(t, ring.Close())
	if err := Import(t.Context(), f.vault(t), f.root, bundle); err == nil {
		t.Error("a different key of the same name was taken for the same")
	}
}

func TestABrokenBundleIsRefusedWhole(t *testing.T) {
	bundle := string(exported(t, furnish(t).house))
	lines := strings.SplitAfter(bundle, "\n")
	for name, bad := range map[string]string{
		"empty":               "",
		"cut in a line":       bundle[:len(bundle)-10],
		"without its end":     bundle[:len(bundle)-1],
		"without a line":      strings.Join(lines[:len(lines)-2], ""),
		"with a line twice":   strings.Replace(bundle, lines[1], lines[1]+lines[1], 1),
		"with a pending key":  strings.Replace(bundle, "log ", "pending-2026-11-22 ", 1),
		"with a strange name": strings.Replace(bundle, "log ", "../log ", 1),
		"of another version":  strings.Replace(bundle, "/v1", "/v2", 1),
		"more at the end":     bundle + "x",
	} {
		t.Run(name, func(t *testing.T) {
			to := newHouse(t)
			wantErr(t, Import(t.Context(), to.vault(t), to.root, []byte(bad)), ErrDamaged)
			if entries, _ := os.ReadDir(to.dir); len(entries) != 0 {
				t.Error("something was imported")
			}
		})
	}
}
