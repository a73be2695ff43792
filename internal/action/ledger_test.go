package action

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/undersigned/undersigned"
)

var rowA, rowB = undersigned.SignatureID{0xaa, 1}, undersigned.SignatureID{0xbb, 2}

const (
	lineA = "aa010000000000000000000000000000 withdrawn\n"
	lineB = "bb020000000000000000000000000000 shredded\n"
	lineC = "cc030000000000000000000000000000cc030000000000000000000000000000 never\n"
	lineD = "cc030000000000000000000000000000cc030000000000000000000000000000 again\n"
)

// readLedger writes what was read as a ledger.
func readLedger(text string) (string, error) {
	var read []byte
	err := ReadLedger(strings.NewReader(text), func(id undersigned.SignatureID, state undersigned.SignatureState) error {
		read = append(read, ledgerLine(id, state)...)
		return nil
	}, func(hash [32]byte, again bool) error {
		read = append(read, mailLine(hash, again)...)
		return nil
	})
	return string(read), err
}

func TestLedgerIsReadStrictlyButForATornLastLine(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"empty", "", ""},
		{"whole", lineA + lineB, lineA + lineB},
		{"with addresses", lineC + lineA + lineD + lineB, lineC + lineA + lineD + lineB},
		{"torn in a hash", lineC + lineD[:60], lineC},
		{"a hash torn where an id would end", lineC + lineD[:32], lineC},
		{"a hash torn before LF", lineA + strings.TrimSuffix(lineC, "\n"), lineA},
		{"torn in the word", lineA + lineB[:40], lineA},
		{"torn in the id", lineA + lineB[:7], lineA},
		{"torn before LF", lineA + strings.TrimSuffix(lineB, "\n"), lineA},
	} {
		if got, err := readLedger(test.text); err != nil || got != test.want {
			t.Errorf("%s: %q, %v", test.name, got, err)
		}
	}
	for name, text := range map[string]string{
		"a torn line in the middle":  lineA[:20] + lineB,
		"an unknown word":            strings.Replace(lineA, "withdrawn", "forgotten", 1),
		"capital digits":             strings.ToUpper(lineA[:32]) + lineA[32:],
		"two spaces":                 strings.Replace(lineA, " ", "  ", 1),
		"CRLF":                       strings.Replace(lineA, "\n", "\r\n", 1),
		"an empty line":              lineA + "\n" + lineB,
		"another word of an address": strings.Replace(lineC, "never", "maybe", 1),
		"capitals in a hash":         strings.ToUpper(lineC[:64]) + lineC[64:],
		"a row's word of an address": strings.Replace(lineC, "never", "erased", 1),
		"an address's word of a row": strings.Replace(lineA, "withdrawn", "never", 1),
		"a short id":                 lineA[2:],
		"no line at all":             strings.Repeat("x", 10000),
		"a tail that is no line":     lineA + strings.Repeat("y", 100),
	} {
		if got, err := readLedger(text + lineA); err == nil {
			t.Errorf("%s: read as %q", name, got)
		}
	}
	stop := errors.New("stop")
	err := ReadLedger(strings.NewReader(lineA), func(undersigned.SignatureID, undersigned.SignatureState) error { return stop }, nil)
	if !errors.Is(err, stop) {
		t.Errorf("the caller's error became %v", err)
	}
}

func TestLedgerRemovesATornLineBeforeTheNext(t *testing.T) {
	for name, torn := range map[string]string{"nothing": "", "a byte": lineB[:1], "all but LF": strings.TrimSuffix(lineB, "\n"), "an address": strings.TrimSuffix(lineC, "\n")} {
		dir := t.TempDir()
		path := filepath.Join(dir, LedgerName)
		must(t, os.WriteFile(path, []byte(lineA+torn), 0o600))
		l, err := OpenLedger(dir)
		must(t, err)
		must(t, l.Append(rowB, undersigned.SignatureShredded))
		must(t, l.Append(rowA, undersigned.SignatureWithdrawn))
		must(t, l.Close())
		text, err := os.ReadFile(path)
		must(t, err)
		if want := lineA + lineB + lineA; string(text) != want {
			t.Errorf("%s: the ledger is %q", name, text)
		}
	}
}

func FuzzReadLedger(f *testing.F) {
	for _, seed := range []string{"", lineA, lineA + lineB, lineA[:40], lineC + lineD, lineC[:70], "\n", lineA[:33] + "erased\nx"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		read, err := readLedger(string(text))
		if !bytes.HasPrefix(text, []byte(read)) {
			t.Errorf("%q is read as %q", text, read)
		}
		if rest := len(text) - len(read); err == nil && (rest >= maxLedgerLine || bytes.IndexByte(text[len(read):], '\n') >= 0) {
			t.Errorf("%d bytes of %q are passed over", rest, text)
		}
	})
}
