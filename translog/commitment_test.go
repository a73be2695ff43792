package translog

import (
	"bytes"
	"crypto/sha256"
	"slices"
	"strings"
	"testing"
)

var (
	testSeed   = Seed(sha256.Sum256([]byte("a seed for tests")))
	testValues = Values{
		Who:     Who("Zoë", "O'Brien"),
		Where:   Where("US", "02139"),
		Contact: "zoe@example.org",
		Seat:    Seat(true, []string{"MA-07", "MA-05"}),
	}
)

// The file was computed once by another program, in another language, from the
// formula alone.
func TestCommitmentHasPinnedBytes(t *testing.T) {
	var out bytes.Buffer
	for _, v := range []Values{testValues, {Who: Who("", "李"), Where: Where("DE", ""), Contact: "", Seat: Seat(false, nil)}} {
		for version := range int64(2) {
			c, err := Commit(testSeed, pidA, version+1, v)
			if err != nil {
				t.Fatal(err)
			}
			out.WriteString(c.String() + "\n")
		}
	}
	golden(t, "commitments.golden", out.Bytes())
}

func TestOpeningHasPinnedBytesAndProvesItsFields(t *testing.T) {
	commitment, err := Commit(testSeed, pidA, 3, testValues)
	if err != nil {
		t.Fatal(err)
	}
	sign := Entry{Kind: KindSign, PID: pidA, Version: 3, Hash: commitment}
	var all bytes.Buffer
	for _, show := range [][]Field{{FieldWho}, {FieldWhere}, {FieldContact}, {FieldSeat}, {FieldWho, FieldWhere, FieldSeat}, fields[:], nil} {
		o, err := NewOpening(testSeed, pidA, 3, testValues, show...)
		if err != nil {
			t.Fatal(err)
		}
		all.WriteString(o.String())
		back, err := ParseOpening(o.String())
		if err != nil || back != o || !back.Opens(sign) {
			t.Errorf("%v: the opening comes back as %+v, %v; opens %v", show, back, err, back.Opens(sign))
		}
		for _, f := range fields {
			value, open := back.Value(f)
			if open != slices.Contains(show, f) || open && value != testValues.of(f) {
				t.Errorf("%v: %s is %q, %v", show, f, value, open)
			}
			if !open && strings.Contains(o.String(), testValues.of(f)) {
				t.Errorf("%v: the text shows %s", show, f)
			}
		}
	}
	golden(t, "openings.golden", all.Bytes())
}

func TestOpeningOfSomethingElseDoesNotOpen(t *testing.T) {
	o, err := NewOpening(testSeed, pidA, 3, testValues, FieldWho, FieldSeat)
	if err != nil {
		t.Fatal(err)
	}
	sign := Entry{Kind: KindSign, PID: pidA, Version: 3, Hash: o.Commitment()}
	for _, change := range [][2]string{
		{"Zoë", "Zoe"}, {"class=delivered", "class=counted"}, {pidA.String() + " 3", pidB.String() + " 3"},
		{pidA.String() + " 3", pidA.String() + " 2"},
	} {
		text := strings.Replace(o.String(), change[0], change[1], 1)
		forged, err := ParseOpening(text)
		if err != nil {
			t.Fatal(err)
		}
		if text == o.String() || forged.Opens(sign) {
			t.Errorf("with %q for %q it still opens the entry", change[1], change[0])
		}
	}
	other := sign
	if other.Kind = KindOpen; o.Opens(other) {
		t.Error("it opens an entry that is not a sign")
	}
	if _, open := o.Value("city"); open {
		t.Error("it opens a field that does not exist")
	}
}

func TestSeatIsSortedAndHasEachDistrictOnce(t *testing.T) {
	districts := []string{"MA-07", "DC-00", "MA-07"}
	if got, want := Seat(false, districts), "class=counted;DC-00,MA-07"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if districts[0] != "MA-07" {
		t.Error("the caller's slice was sorted")
	}
}

func TestCommitmentToUncleanValueIsRefused(t *testing.T) {
	bad := []string{"a\nb", "a\rb", "a\x00b", "a\tb", "a\x7fb", "\u0085", "\u2028", "\u2029", "\xff"}
	for _, s := range bad {
		for _, v := range []Values{{Who: s}, {Where: s}, {Contact: s}, {Seat: s}} {
			if _, err := Commit(testSeed, pidA, 1, v); err == nil {
				t.Errorf("%q is committed to", s)
			} else if strings.Contains(err.Error(), s) {
				t.Errorf("the error tells the value: %v", err)
			}
		}
	}
	if _, err := Commit(Seed{}, pidA, 1, testValues); err == nil {
		t.Error("the zero seed is used")
	}
	for _, version := range []int64{0, -1, MaxSize + 1} {
		if _, err := Commit(testSeed, pidA, version, testValues); err == nil {
			t.Errorf("version %d is committed to", version)
		}
	}
}

func FuzzParseOpening(f *testing.F) {
	for _, show := range [][]Field{nil, fields[:], {FieldWhere}} {
		o, err := NewOpening(testSeed, pidA, 3, testValues, show...)
		if err != nil {
			f.Fatal(err)
		}
		text := o.String()
		f.Add(text)
		for _, change := range [][2]string{{"\n", "\r\n"}, {"open", "hidden"}, {"hidden", "open"}, {" 3", " 03"}, {"seat", "who"}, {"Zoë", "Zo\xff"}} {
			f.Add(strings.Replace(text, change[0], change[1], 1))
		}
		f.Add(text + "\n")
		f.Add(strings.TrimSuffix(text, "\n"))
	}
	f.Fuzz(func(t *testing.T, text string) {
		if o, err := ParseOpening(text); err == nil && o.String() != text {
			t.Fatalf("%q comes back as %q", text, o.String())
		}
	})
}

func BenchmarkCommit(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Commit(testSeed, pidA, 1, testValues); err != nil {
			b.Fatal(err)
		}
	}
}
