package translog

import (
	"reflect"
	"strings"
	"testing"
)

func TestQuorumNeedsThatManyWitnesses(t *testing.T) {
	signed, key := signedCheckpoint(t)
	a, b, c := newTestWitness("a.example", 'a'), newTestWitness("b.example", 'b'), newTestWitness("c.example", 'c')
	stranger := newTestWitness("d.example", 'd')
	policy := Policy{Log: key, Witnesses: []*Key{a.verifier(t), b.verifier(t), c.verifier(t)}, Quorum: 2}
	cosigned := signed
	for _, step := range []struct {
		by   *testWitness
		want bool
	}{{stranger, false}, {a, false}, {a, false}, {c, true}, {b, true}} {
		var err error
		if cosigned, err = policy.AddCosignatures(cosigned, step.by.line(t, signed)); err != nil {
			t.Fatal(err)
		}
		if _, _, err := policy.Open(cosigned); (err == nil) != step.want {
			t.Errorf("after the cosignature of %s: %v", step.by.name, err)
		}
	}
	if strings.Contains(string(cosigned), stranger.name) || strings.Count(string(cosigned), a.name) != 1 {
		t.Errorf("a stranger's line was kept, or one line twice:\n%s", cosigned)
	}
}

func TestBadCosignatureIsRefused(t *testing.T) {
	signed, key := signedCheckpoint(t)
	w := newTestWitness("a.example", 'a')
	policy := Policy{Log: key, Witnesses: []*Key{w.verifier(t)}, Quorum: 1}
	signer, _ := testKey(t, testOrigin, 1)
	other, err := Checkpoint{Origin: testOrigin}.Sign(signer)
	if err != nil {
		t.Fatal(err)
	}
	good := w.line(t, signed)
	for name, lines := range map[string][]byte{
		"of another checkpoint": w.line(t, other),
		"half a line":           good[:len(good)/2],
		"a blank line":          append([]byte("\n"), good...),
		"another note":          append(append([]byte{}, other...), good...),
		"no signature":          []byte("— a.example \n"),
	} {
		if _, err := policy.AddCosignatures(signed, lines); err == nil {
			t.Errorf("%s: it is added", name)
		}
	}
	if _, err := policy.AddCosignatures(signed[:len(signed)-1], good); err == nil {
		t.Error("lines are added to half a line")
	}
	later := w.verifier(t)
	if later.Verify([]byte("text\n"), make([]byte, 71)) {
		t.Error("a short cosignature is accepted")
	}
	beyond := append([]byte{0x80}, make([]byte, 71)...)
	if later.Verify([]byte("text\n"), beyond) {
		t.Error("a time beyond 2^63 is accepted")
	}
	// The log's signature alone is needed even where a witness has signed.
	_, rest, _ := strings.Cut(string(signed), "\n\n")
	if _, _, err := policy.Open([]byte(strings.Replace(string(signed)+string(good), rest, "", 1))); err == nil {
		t.Error("a checkpoint that only a witness signed is accepted")
	}
}

func TestUnsoundPolicyIsRefused(t *testing.T) {
	_, key := signedCheckpoint(t)
	a, renamed := newTestWitness("a.example", 'a'), newTestWitness("b.example", 'a')
	asLog := &testWitness{name: "c.example", key: a.key}
	asLog.key = newTestWitness("", 1).key // the log's own
	for name, p := range map[string]Policy{
		"no log":             {},
		"witness as log":     {Log: a.verifier(t)},
		"log as witness":     {Log: key, Witnesses: []*Key{key}},
		"the log's key":      {Log: key, Witnesses: []*Key{asLog.verifier(t)}},
		"one key, two names": {Log: key, Witnesses: []*Key{a.verifier(t), renamed.verifier(t)}, Quorum: 2},
		"nil witness":        {Log: key, Witnesses: []*Key{nil}},
		"quorum of none":     {Log: key, Quorum: 1},
		"negative quorum":    {Log: key, Quorum: -1},
	} {
		if p.Check() == nil {
			t.Errorf("%s: it passes", name)
		}
		if _, _, err := p.Open(nil); err == nil {
			t.Errorf("%s: it opens a checkpoint", name)
		}
	}
}

func TestPolicyHasPinnedBytesAndComesBack(t *testing.T) {
	_, key := signedCheckpoint(t)
	witnesses := []*Key{newTestWitness("a.example", 'a').verifier(t), newTestWitness("b.example", 'b').verifier(t)}
	var all string
	for quorum := range 3 {
		p := Policy{Log: key, Witnesses: witnesses, Quorum: quorum}
		all += p.String()
		if back, err := ParsePolicy(p.String()); err != nil || !reflect.DeepEqual(back, p) {
			t.Errorf("%s\ncomes back as %+v, %v", p, back, err)
		}
	}
	golden(t, "policy.golden", []byte(all))
}

func TestPolicyWrittenByOthersIsRead(t *testing.T) {
	_, key := signedCheckpoint(t)
	a, b := newTestWitness("a.example", 'a'), newTestWitness("b.example", 'b')
	head := "# trust\n\n\tlog " + key.String() + " https://example.org/log\n witness A  " + a.vkey() + "\thttps://a.example\nwitness B " + b.vkey() + "\n"
	for tail, want := range map[string]Policy{
		"quorum none":               {Log: key, Witnesses: []*Key{a.verifier(t), b.verifier(t)}},
		"quorum B":                  {Log: key, Witnesses: []*Key{b.verifier(t)}, Quorum: 1},
		"group G any B A\nquorum G": {Log: key, Witnesses: []*Key{b.verifier(t), a.verifier(t)}, Quorum: 1},
		"group G all A B\nquorum G": {Log: key, Witnesses: []*Key{a.verifier(t), b.verifier(t)}, Quorum: 2},
	} {
		if got, err := ParsePolicy(head + tail); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v", tail, got, err)
		}
	}
	renamed := newTestWitness("c.example", 'a')
	for _, bad := range []string{
		"", "quorum C", "quorum A\nquorum A", "quorum A B", "group G 0 A\nquorum G", "group G 3 A B\nquorum G", "group G x A\nquorum G",
		"group G any A A\nquorum G", "group G any C\nquorum G", "group A any B\nquorum A", "group none any B\nquorum none",
		"group G any A\ngroup H any G\nquorum H", "witness A " + b.vkey() + "\nquorum A", "witness C " + renamed.vkey() + "\nquorum A",
		"log " + key.String() + "\nquorum A", "witness C " + key.String() + "\nquorum A", "mirror X\nquorum A", "log\nquorum A", "group G any\nquorum A",
	} {
		if p, err := ParsePolicy(head + bad); err == nil {
			t.Errorf("%q is taken for %+v", bad, p)
		}
	}
	if _, err := ParsePolicy("quorum none\n"); err == nil {
		t.Error("a policy without a log is read")
	}
}

func FuzzParsePolicy(f *testing.F) {
	_, key := signedCheckpoint(f)
	a := newTestWitness("a.example", 'a')
	f.Add("log " + key.String() + "\nquorum none\n")
	f.Add("log " + key.String() + "\nwitness A " + a.vkey() + "\nwitness B " + newTestWitness("a.example", 'b').vkey() +
		"\nwitness C " + newTestWitness("none", 'c').vkey() + "\ngroup G 1 A B C\nquorum G\n")
	f.Add("log " + key.String() + "\nwitness A " + a.vkey() + "\ngroup G 1 A\nquorum G\n")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ParsePolicy(text)
		if err != nil {
			return
		}
		if back, err := ParsePolicy(p.String()); err != nil || back.String() != p.String() {
			t.Fatalf("%q comes back as %q, %v", text, back, err)
		}
	})
}
