package action

import (
	"bytes"
	"reflect"
	"testing"

	"github.com/undersigned/undersigned"
)

func pending() *opening {
	return &opening{signature: undersigned.Signature{ID: undersigned.SignatureID{1, 2, 3}, PID: "00000000000000aa", Version: 300,
		Class: undersigned.Delivered, Language: "es", Day: "2026-11-22", Person: undersigned.Person{GivenName: "Ana", FamilyName: "",
			Email: "ana@example.org", PostalCode: "02139", Country: "US", Comment: "línea\notra"}}, seed: "seed", seat: "seat"}
}

func TestFormComesBackAsItWas(t *testing.T) {
	for _, half := range []bool{true, false} {
		want := pending()
		b, err := want.encode(half)
		must(t, err)
		got, err := decode(b, half)
		must(t, err)
		if half {
			want.seed, want.seat = "", ""
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v", got)
		}
		if _, err := decode(b, !half); err == nil {
			t.Error("a pending form and a row's are taken for each other")
		}
		for i := range b {
			if _, err := decode(b[:i], half); err == nil {
				t.Fatalf("cut at %d it still decodes", i)
			}
		}
	}
	sourced := pending()
	sourced.source, sourced.seed, sourced.seat = "may-letter", "", ""
	for _, doubts := range []undersigned.Doubt{0, undersigned.DoubtTrap} {
		sourced.signature.Doubts = doubts
		b, err := sourced.encode(true)
		must(t, err)
		if got, err := decode(b, true); err != nil || !reflect.DeepEqual(got, sourced) {
			t.Errorf("got %+v, %v", got, err)
		}
		for i := range b {
			if _, err := decode(b[:i], true); err == nil {
				t.Fatalf("cut at %d it still decodes", i)
			}
		}
		if b, err = sourced.encode(false); err != nil || bytes.Contains(b, []byte("may-letter")) {
			t.Errorf("a row holds the tag, or %v", err)
		}
	}
	wrong := pending()
	wrong.signature.PID = "aa"
	if _, err := wrong.encode(true); err == nil {
		t.Error("encoded without a pid")
	}
}

// FuzzDecode: what decodes is spelled in one way only, up to the lengths of its numbers, and never panics.
func FuzzDecode(f *testing.F) {
	for _, half := range []bool{true, false} {
		b, err := pending().encode(half)
		must(f, err)
		f.Add(b, half)
		f.Add(b[:30], half)
	}
	sourced := pending()
	sourced.source = "may-letter"
	b, err := sourced.encode(true)
	must(f, err)
	f.Add(b, true)
	f.Add(append(append([]byte{1}, make([]byte, 24)...), 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1), true)
	f.Fuzz(func(t *testing.T, b []byte, half bool) {
		o, err := decode(b, half)
		if err != nil {
			return
		}
		again, err := o.encode(half)
		must(t, err)
		second, err := decode(again, half)
		must(t, err)
		if !reflect.DeepEqual(o, second) || len(again) > len(b) {
			t.Errorf("%x decodes, and comes back as %x", b, again)
		}
		if len(again) == len(b) && !bytes.Equal(again, b) {
			t.Errorf("%x has two spellings", b)
		}
	})
}
