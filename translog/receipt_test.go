package translog

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
)

// testReceipt is for the third sign of a log of ten; the seed and values are testSeed's.
func testReceipt(t testing.TB, full bool) (*testLog, Receipt) {
	t.Helper()
	l := newSignedLog(t, 2)
	hash, err := Commit(testSeed, pidA, 1, testValues)
	if err != nil {
		t.Fatal(err)
	}
	sign := Entry{Kind: KindSign, PID: pidA, Version: 1, Hash: hash}
	l.add(sign)
	for i := range 6 {
		l.add(Entry{Kind: KindSign, PID: pidA, Version: 1, Hash: testHash(100 + i)})
	}
	proof, err := ProveInclusion(t.Context(), l.tree(), 3, l.client().Tile)
	if err != nil {
		t.Fatal(err)
	}
	r := Receipt{Entry: sign, Index: 3, Proof: proof, Checkpoint: l.signed}
	if full {
		r.Seed = &testSeed
	}
	return l, r
}

func TestReceiptHasPinnedBytesAndVerifies(t *testing.T) {
	for name, full := range map[string]bool{"receipt.golden": false, "receipt_full.golden": true} {
		l, r := testReceipt(t, full)
		text, err := r.Text()
		if err != nil {
			t.Fatal(err)
		}
		golden(t, name, text)
		back, err := ParseReceipt(text)
		if err != nil {
			t.Fatal(err)
		}
		if back.Entry != r.Entry || back.Index != 3 || (back.Seed != nil) != full || full && *back.Seed != testSeed {
			t.Errorf("it comes back as %+v", back)
		}
		if head, _, err := back.Verify(l.policy); err != nil || head.N != 10 {
			t.Errorf("it verifies to %+v, %v", head, err)
		}
		if back.Opens(testValues) != full {
			t.Errorf("full is %v, and it opens: %v", full, back.Opens(testValues))
		}
		other := testValues
		if other.Who = "Somebody Else"; back.Opens(other) {
			t.Error("it opens other values")
		}
		if strings.Contains(string(text), base64.StdEncoding.EncodeToString(testSeed[:])) || strings.Contains(string(text), "Zoë") {
			t.Error("the text shows the seed or a name in plain")
		}
	}
}

func TestReceiptOfSomethingElseDoesNotVerify(t *testing.T) {
	for name, change := range map[string]func(*Receipt){
		"index":      func(r *Receipt) { r.Index = 4 },
		"outside":    func(r *Receipt) { r.Index = 10 },
		"entry":      func(r *Receipt) { r.Entry.Hash = testHash(7) },
		"petition":   func(r *Receipt) { r.Entry.PID = pidB },
		"version":    func(r *Receipt) { r.Entry.Version = 2 },
		"proof":      func(r *Receipt) { r.Proof[0] = testHash(7) },
		"short":      func(r *Receipt) { r.Proof = r.Proof[1:] },
		"long":       func(r *Receipt) { r.Proof = append(r.Proof, testHash(7)) },
		"checkpoint": func(r *Receipt) { r.Checkpoint, _ = signedCheckpoint(t) },
		"unsigned":   func(r *Receipt) { r.Checkpoint = []byte("example.org/log\n10\n") },
		"no sign":    func(r *Receipt) { r.Entry = Entry{Kind: KindClose, PID: pidA} },
	} {
		l, r := testReceipt(t, false)
		change(&r)
		if _, _, err := r.Verify(l.policy); err == nil {
			t.Errorf("%s: it verifies", name)
		}
	}
	_, r := testReceipt(t, false)
	_, otherKey := testKey(t, testOrigin, 9)
	if _, _, err := r.Verify(Policy{Log: otherKey}); err == nil {
		t.Error("it verifies by another key")
	}
}

func TestMalformedReceiptIsRefused(t *testing.T) {
	_, r := testReceipt(t, true)
	good, err := r.Text()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitN(string(good), "\n", 3)
	raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(lines[1], "extra "))
	if err != nil {
		t.Fatal(err)
	}
	extra := string(raw)
	withExtra := func(s string) string {
		return lines[0] + "\nextra " + base64.StdEncoding.EncodeToString([]byte(s)) + "\n" + lines[2]
	}
	if withExtra(extra) != string(good) {
		t.Fatal("the receipt that all others are made from is not put together again")
	}
	hash := r.Proof[0].String()
	for name, text := range map[string]string{
		"empty":           "",
		"header":          strings.Replace(string(good), "@v1", "@v2", 1),
		"no extra":        lines[0] + "\n" + lines[2],
		"extra base64":    strings.Replace(string(good), "extra ", "extra *", 1),
		"extra other":     withExtra("something else"),
		"no seed LF":      withExtra(strings.TrimSuffix(extra, "\n")),
		"more extra":      withExtra(extra + "more\n"),
		"seed":            withExtra(strings.Replace(extra, "seed ", "seed A", 1)),
		"seed word":       withExtra(strings.Replace(extra, "seed ", "Seed ", 1)),
		"entry":           withExtra(strings.Replace(extra, "sign ", "sing ", 1)),
		"entry no sign":   withExtra(receiptHeader + "close " + pidA.String() + "\n"),
		"entry no LF":     withExtra(receiptHeader + "sign " + pidA.String() + " 1 " + testHash(1).String()),
		"index zeros":     strings.Replace(string(good), "index 3", "index 03", 1),
		"index negative":  strings.Replace(string(good), "index 3", "index -3", 1),
		"index missing":   strings.Replace(string(good), "index 3\n", "", 1),
		"hash short":      strings.Replace(string(good), hash, hash[4:], 1),
		"hash spaces":     strings.Replace(string(good), hash, " "+hash, 1),
		"hashes too many": strings.Replace(string(good), hash+"\n", strings.Repeat(hash+"\n", 64), 1),
		"CRLF":            strings.ReplaceAll(string(good), "\n", "\r\n"),
		"no checkpoint":   strings.SplitAfter(string(good), "\n\n")[0],
		"only head":       lines[0] + "\n" + lines[1] + "\n",
		"too long":        string(good) + strings.Repeat("x", MaxReceiptSize),
	} {
		if r, err := ParseReceipt([]byte(text)); err == nil {
			t.Errorf("%s: it is taken for %+v", name, r)
		}
	}
	if _, err := (Receipt{Entry: Entry{Kind: KindClose, PID: pidA}}).Text(); err == nil {
		t.Error("a receipt for a close is written")
	}
}

func TestHolderOfReceiptLearnsWhatBecameOfIt(t *testing.T) {
	l, r := testReceipt(t, false)
	check := func() (SignState, error) {
		report, err := Verify(t.Context(), l.client(), l.policy)
		if err != nil {
			t.Fatal(err)
		}
		return report.CheckReceipt(t.Context(), l.client(), l.policy, r)
	}
	if got, err := check(); err != nil || got != (SignState{PID: pidA}) {
		t.Errorf("counted: %+v, %v", got, err)
	}
	l.add(Entry{Kind: KindVoid, PID: pidA, Index: 3, Reason: ReasonBot})
	if got, err := check(); err != nil || got != (SignState{PID: pidA, Voided: ReasonBot}) {
		t.Errorf("voided: %+v, %v", got, err)
	}
	l.add(Entry{Kind: KindShred, PID: pidA, Index: 3})
	if got, err := check(); err != nil || got != (SignState{PID: pidA, Voided: ReasonBot, Shredded: true}) {
		t.Errorf("shredded: %+v, %v", got, err)
	}
}

func TestReceiptOfForkedLogIsFound(t *testing.T) {
	_, r := testReceipt(t, false)
	for n, want := range map[int]error{30: ErrForked, 5: ErrShrunk} {
		other := newSignedLog(t, n)
		report, err := Verify(t.Context(), other.client(), other.policy)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := report.CheckReceipt(t.Context(), other.client(), other.policy, r); !errors.Is(err, want) {
			t.Errorf("a log of %d: %v, want %v", n+1, err, want)
		}
	}
}

func FuzzParseReceipt(f *testing.F) {
	for _, full := range []bool{false, true} {
		_, r := testReceipt(f, full)
		text, err := r.Text()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	_, key := signedCheckpoint(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := ParseReceipt(text)
		if err != nil {
			return
		}
		if back, err := r.Text(); err != nil || string(back) != string(text) {
			t.Fatalf("%q comes back as %q, %v", text, back, err)
		}
		if head, _, err := r.Verify(Policy{Log: key}); err == nil && tlog.CheckRecord(r.Proof, head.N, head.Hash, r.Index, leaf(t, r.Entry)) != nil {
			t.Fatalf("%q verifies", text)
		}
	})
}

func leaf(t *testing.T, e Entry) tlog.Hash {
	b, err := e.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return tlog.RecordHash(b)
}
