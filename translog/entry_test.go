package translog

import (
	"bytes"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
)

// goldenEntries has every kind, every reason and the largest numbers.
func goldenEntries() []Entry {
	const most = MaxSize
	entries := []Entry{
		{Kind: KindOpen, PID: pidA, Version: 1, Hash: testHash(1)},
		{Kind: KindOpen, PID: pidA, Version: 2, Hash: testHash(2), Closes: "2028-02-29"},
		{Kind: KindSign, PID: pidA, Version: 1, Hash: testHash(3)},
		{Kind: KindSign, PID: PID{}, Version: most, Hash: tlog.Hash{}},
		{Kind: KindRestore, PID: pidA, Index: 12},
		{Kind: KindShred, PID: pidA, Index: 0},
		{Kind: KindTally, PID: pidA, Size: 10, Counts: Counts{1, 2, 3, 4, 5}},
		{Kind: KindTally, PID: pidB, Size: most, Counts: Counts{most, most, most, most, most}},
		{Kind: KindClose, PID: pidA},
		{Kind: KindDestroy, PID: pidB},
	}
	for r := ReasonWithdrawn; r <= ReasonError; r++ {
		entries = append(entries, Entry{Kind: KindVoid, PID: pidB, Index: int64(r), Reason: r})
	}
	return entries
}

func TestEntriesHavePinnedBytes(t *testing.T) {
	var all, hashes bytes.Buffer
	for _, e := range goldenEntries() {
		b, err := e.Bytes()
		if err != nil {
			t.Fatalf("%+v: %v", e, err)
		}
		back, err := ParseEntry(b)
		if err != nil || back != e {
			t.Errorf("%q comes back as %+v, %v", b, back, err)
		}
		all.Write(b)
		if LeafHash(b) != tlog.RecordHash(b) {
			t.Errorf("%q: the leaf hash is not that of RFC 6962", b)
		}
		hashes.WriteString(LeafHash(b).String() + "\n")
	}
	golden(t, "entries.golden", all.Bytes())
	golden(t, "leaf_hashes.golden", hashes.Bytes())
}

func TestMalformedEntryIsRefused(t *testing.T) {
	const (
		pid  = "a10000000000000a"
		hash = "4GC5AWZ0mXwNN5Uix/ZVuHQEX0SqrHeO0Vr/hgFUZXg="
		h    = "undersigned-log/v1\n"
	)
	if _, err := ParseEntry([]byte(h + "sign " + pid + " 1 " + hash + "\n")); err != nil {
		t.Fatalf("the entry that all others are made from: %v", err)
	}
	for _, entry := range []string{
		"",
		h,
		h + "\n",
		"undersigned-log/v2\nclose " + pid + "\n",
		"close " + pid + "\n",
		h + "close " + pid,                           // no LF
		h + "close " + pid + "\n\n",                  // a blank line
		h + "close " + pid + "\nclose " + pid + "\n", // two entries
		h + "close " + pid + "\r\n",
		h + "close  " + pid + "\n",
		h + "close " + pid + " \n",
		h + " close " + pid + "\n",
		h + "close\t" + pid + "\n",
		h + "close\n",
		h + "close " + pid + " 1\n",
		h + "Close " + pid + "\n",
		h + "reopen " + pid + "\n",
		h + " " + pid + "\n",
		h + "close A10000000000000a\n",
		h + "close a10000000000000\n",
		h + "close a10000000000000aa\n",
		h + "close g10000000000000a\n",
		h + "sign " + pid + " 0 " + hash + "\n",
		h + "sign " + pid + " 01 " + hash + "\n",
		h + "sign " + pid + " +1 " + hash + "\n",
		h + "sign " + pid + " -1 " + hash + "\n",
		h + "sign " + pid + " 1_0 " + hash + "\n",
		h + "sign " + pid + " 1\n",
		h + "sign " + pid + " 1 " + hash + " x\n",
		h + "sign " + pid + " 1152921504606846977 " + hash + "\n", // 2^60 + 1
		h + "sign " + pid + " 9999999999999999999 " + hash + "\n",
		h + "sign " + pid + " 18446744073709551617 " + hash + "\n", // 2^64 + 1
		h + "sign " + pid + " 1 " + strings.TrimSuffix(hash, "=") + "\n",
		h + "sign " + pid + " 1 " + strings.Replace(hash, "g=", "h=", 1) + "\n", // unused bits set
		h + "sign " + pid + " 1 " + strings.ReplaceAll(hash, "/", "_") + "\n",
		h + "sign " + pid + " 1 " + hash[4:] + "\n",
		h + "sign " + pid + " 1 AAAA" + hash + "\n",
		h + "sign " + pid + " 1 \r" + hash[1:] + "\n",
		h + "open " + pid + " 1 " + hash + "\n",
		h + "open " + pid + " 1 " + hash + " \n",
		h + "open " + pid + " 1 " + hash + " 2027-02-29\n",
		h + "open " + pid + " 1 " + hash + " 2027-2-9\n",
		h + "open " + pid + " 1 " + hash + " 27-02-09\n",
		h + "open " + pid + " 1 " + hash + " never\n",
		h + "void " + pid + " 3\n",
		h + "void " + pid + " 3 spam\n",
		h + "void " + pid + " 3 \n",
		h + "void " + pid + " x dup\n",
		h + "restore " + pid + " 3 dup\n",
		h + "shred " + pid + "\n",
		h + "tally " + pid + " 3 1 0 0 0\n",
		h + "tally " + pid + " 3 1 0 0 0 0 0\n",
		h + "tally " + pid + " 3 1 0 0 00 0\n",
		h + "close " + pid + strings.Repeat(" x", 120) + "\n", // 277 bytes
		h + "close \xff10000000000000a\n",
	} {
		if e, err := ParseEntry([]byte(entry)); err == nil {
			t.Errorf("%q is taken for %+v", entry, e)
		}
	}
}

func TestEntryWithFieldOfAnotherKindIsRefused(t *testing.T) {
	for _, e := range []Entry{
		{},
		{Kind: 99, PID: pidA},
		{Kind: KindClose, PID: pidA, Version: 1},
		{Kind: KindSign, PID: pidA, Version: 0, Hash: testHash(1)},
		{Kind: KindSign, PID: pidA, Version: 1, Closes: "2027-01-01"},
		{Kind: KindVoid, PID: pidA, Index: 1},
		{Kind: KindVoid, PID: pidA, Index: 1, Reason: 99},
		{Kind: KindVoid, PID: pidA, Index: -1, Reason: ReasonDup},
		{Kind: KindRestore, PID: pidA, Index: 1, Reason: ReasonDup},
		{Kind: KindOpen, PID: pidA, Version: 1, Closes: "-"},
		{Kind: KindOpen, PID: pidA, Version: 1, Closes: "2027-01-01\nclose"},
		{Kind: KindTally, PID: pidA, Size: MaxSize + 1},
	} {
		if b, err := e.Bytes(); err == nil {
			t.Errorf("%+v is written as %q", e, b)
		}
	}
}

func TestWordsOfPIDsAndReasonsComeBack(t *testing.T) {
	if pid, err := ParsePID(pidA.String()); err != nil || pid != pidA {
		t.Errorf("ParsePID(%s) = %s, %v", pidA, pid, err)
	}
	if _, err := ParsePID("A10000000000000A"); err == nil {
		t.Error("upper-case digits are taken for a pid")
	}
	for r := ReasonWithdrawn; r <= ReasonError; r++ {
		if back, err := ParseReason(r.String()); err != nil || back != r {
			t.Errorf("ParseReason(%s) = %v, %v", r, back, err)
		}
	}
	if _, err := ParseReason(""); err == nil {
		t.Error("the empty word is taken for a reason")
	}
}

func TestParsingAllocatesNothing(t *testing.T) {
	b, err := Entry{Kind: KindSign, PID: pidA, Version: 1, Hash: testHash(1)}.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	allocs := testing.AllocsPerRun(100, func() {
		if _, err := ParseEntry(b); err != nil {
			t.Fatal(err)
		}
		LeafHash(b)
	})
	if allocs != 0 {
		t.Errorf("%v allocations an entry", allocs)
	}
}

func FuzzParseEntry(f *testing.F) {
	for _, e := range goldenEntries() {
		b, err := e.Bytes()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
		f.Add(bytes.Replace(b, []byte(" "), []byte("  "), 1))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if reason, err := ParseReason(string(b)); err == nil && reason.String() != string(b) {
			t.Fatalf("%q is read as the reason %s", b, reason)
		}
		e, err := ParseEntry(b)
		if second := readEntry(b); (second != nil) != (err == nil) {
			t.Fatalf("%q: the parsers disagree: %v and %v", b, err, second)
		}
		if err != nil {
			return
		}
		if back, err := e.Bytes(); err != nil || !bytes.Equal(back, b) {
			t.Fatalf("%q comes back as %q, %v", b, back, err)
		}
		if LeafHash(b) != tlog.RecordHash(b) {
			t.Fatalf("%q: the leaf hash is not that of RFC 6962", b)
		}
	})
}
