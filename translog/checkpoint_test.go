package translog

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// testWitness signs as c2sp.org/tlog-cosignature says.
type testWitness struct {
	name string
	key  ed25519.PrivateKey
	at   time.Time
}

func newTestWitness(name string, seed byte) *testWitness {
	return &testWitness{name, ed25519.NewKeyFromSeed([]byte(strings.Repeat(string(rune(seed)), 32))), time.Unix(1679315147, 0).UTC()}
}

func (w *testWitness) raw() []byte {
	return append([]byte{0x04}, w.key.Public().(ed25519.PublicKey)...)
}

func (w *testWitness) vkey() string {
	return fmt.Sprintf("%s+%08x+%s", w.name, w.KeyHash(), base64.StdEncoding.EncodeToString(w.raw()))
}

func (w *testWitness) verifier(t testing.TB) *Key {
	t.Helper()
	key, err := ParseWitnessKey(w.vkey())
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func (w *testWitness) Name() string    { return w.name }
func (w *testWitness) KeyHash() uint32 { return keyHash(w.name, w.raw()) }
func (w *testWitness) Sign(text []byte) ([]byte, error) {
	sig := ed25519.Sign(w.key, fmt.Appendf(nil, "cosignature/v1\ntime %d\n%s", w.at.Unix(), text))
	return append(binary.BigEndian.AppendUint64(nil, uint64(w.at.Unix())), sig...), nil
}

// line returns the witness's signature line of a signed checkpoint.
func (w *testWitness) line(t testing.TB, signed []byte) []byte {
	t.Helper()
	text, _, _ := strings.Cut(string(signed), "\n\n")
	out, err := note.Sign(&note.Note{Text: text + "\n"}, w)
	if err != nil {
		t.Fatal(err)
	}
	_, lines, _ := strings.Cut(string(out), "\n\n")
	return []byte(lines)
}

func signedCheckpoint(t testing.TB) (signed []byte, key *Key) {
	t.Helper()
	signer, key := testKey(t, testOrigin, 1)
	signed, err := Checkpoint{testOrigin, tlog.Tree{N: 20852163, Hash: testHash(1)}}.Sign(signer)
	if err != nil {
		t.Fatal(err)
	}
	return signed, key
}

func TestCheckpointHasPinnedBytes(t *testing.T) {
	signed, key := signedCheckpoint(t)
	w := newTestWitness("witness.example/w1", 'a')
	policy := Policy{Log: key, Witnesses: []*Key{w.verifier(t)}, Quorum: 1}
	cosigned, err := policy.AddCosignatures(signed, w.line(t, signed))
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "checkpoint.golden", signed)
	golden(t, "checkpoint_cosigned.golden", cosigned)
	golden(t, "vkey.golden", []byte(key.String()+"\n"))
	c, cosignatures, err := policy.Open(cosigned)
	if err != nil {
		t.Fatal(err)
	}
	if c.Origin != testOrigin || c.N != 20852163 || c.Hash != testHash(1) {
		t.Errorf("the checkpoint comes back as %+v", c)
	}
	if len(cosignatures) != 1 || cosignatures[0] != (Cosignature{w.name, w.at}) {
		t.Errorf("the cosignatures are %+v", cosignatures)
	}
	if _, _, err := policy.Open(signed); err == nil {
		t.Error("the checkpoint is accepted without its witness")
	}
}

// The example of c2sp.org/tlog-cosignature was signed by somebody else; its
// keys are not published, so that it must be read and refused.
func TestCheckpointOfUnknownKeysIsRefused(t *testing.T) {
	example := "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n" +
		"— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
	_, key := testKey(t, "example.com/behind-the-sofa", 1)
	if _, _, err := (Policy{Log: key}).Open([]byte(example)); err == nil {
		t.Error("it is accepted")
	}
	text, _, _ := strings.Cut(example, "\n\n")
	if c, err := ParseCheckpoint(text + "\n"); err != nil || c.String() != text+"\n" {
		t.Errorf("its text comes back as %q, %v", c, err)
	}
}

func TestMalformedCheckpointIsRefused(t *testing.T) {
	h := testHash(1).String()
	for _, text := range []string{
		"", "\n", "example.org/log\n1\n", "example.org/log\n1\n" + h, "\n1\n" + h + "\n", "example.org/log\n\n" + h + "\n",
		"example.org/log\n01\n" + h + "\n", "example.org/log\n-1\n" + h + "\n", "example.org/log\n1 \n" + h + "\n",
		"example.org/log\n1152921504606846977\n" + h + "\n", "example.org/log\n1\n" + h[:40] + "\n", "example.org/log\n1\n" + h + "=\n",
		"example.org/log\n1\n" + h + "\nextension\n", "example.org/log\n1\n" + h + "\n\n", "example org\n1\n" + h + "\n",
		"example.org+log\n1\n" + h + "\n", "example.org/\xff\n1\n" + h + "\n", "example.org/log\r\n1\r\n" + h + "\r\n",
	} {
		if c, err := ParseCheckpoint(text); err == nil {
			t.Errorf("%q is taken for %+v", text, c)
		}
	}
}

func TestCheckpointOfWrongKeyOrOriginIsRefused(t *testing.T) {
	signed, key := signedCheckpoint(t)
	otherSigner, otherKey := testKey(t, testOrigin, 2)
	_, otherOrigin := testKey(t, "example.net/log", 1)
	if _, _, err := (Policy{Log: otherKey}).Open(signed); err == nil {
		t.Error("it is accepted by another key of that origin")
	}
	if _, _, err := (Policy{Log: otherOrigin}).Open(signed); err == nil {
		t.Error("it is accepted by the same key of another origin")
	}
	c := Checkpoint{"example.net/log", tlog.Tree{N: 1, Hash: testHash(1)}}
	if _, err := c.Sign(otherSigner); err == nil {
		t.Error("a key signs for an origin that is not its name")
	}
	// A key that signs what is of another origin, as Sign would not.
	foreign, err := note.Sign(&note.Note{Text: c.String()}, otherSigner)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := (Policy{Log: otherKey}).Open(foreign); err == nil {
		t.Error("a checkpoint whose origin is not its key's name is accepted")
	}
	if _, err := (Checkpoint{testOrigin, tlog.Tree{N: -1}}).Sign(otherSigner); err == nil {
		t.Error("a negative size is signed")
	}
	for i := range signed {
		flipped := append([]byte{}, signed...)
		flipped[i] ^= 1
		if _, _, err := (Policy{Log: key}).Open(flipped); err == nil {
			t.Errorf("it is accepted with byte %d flipped", i)
		}
	}
	if _, _, err := (Policy{Log: key}).Open(append(signed, make([]byte, maxCheckpointSize)...)); err == nil {
		t.Error("an endless checkpoint is accepted")
	}
}

func TestKeysComeBackAndMalformedOnesAreRefused(t *testing.T) {
	skey, vkey, err := GenerateKey(strings.NewReader(strings.Repeat("k", 32)), testOrigin)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := VerifierKey(skey); err != nil || got != vkey {
		t.Errorf("the secret key's verifier key is %q, %v; want %q", got, err, vkey)
	}
	if _, err := VerifierKey(vkey); err == nil {
		t.Error("a public key is taken for a secret one")
	}
	w := newTestWitness("witness.example", 'a')
	if _, err := ParseLogKey(w.vkey()); err == nil {
		t.Error("a witness's key is taken for a log's")
	}
	if _, err := ParseWitnessKey(vkey); err == nil {
		t.Error("a log's key is taken for a witness's")
	}
	for _, bad := range []string{
		"", "+", testOrigin, strings.Replace(vkey, testOrigin, "example.net/log", 1), vkey[:len(vkey)-4], vkey + "AAAA",
		strings.Replace(vkey, "+", "+0", 1), strings.Replace(vkey, "example", "exa mple", 1), vkey + "\n",
	} {
		if _, err := ParseLogKey(bad); err == nil {
			t.Errorf("%q is taken for a key", bad)
		}
	}
	if _, _, err := GenerateKey(strings.NewReader(strings.Repeat("k", 32)), "two words"); err == nil {
		t.Error("a key is made for an origin with a space")
	}
}

func TestOriginIsTheURLWithoutScheme(t *testing.T) {
	for url, want := range map[string]string{
		"https://example.org/log":   "example.org/log",
		"https://example.org/log//": "example.org/log",
		"http://localhost:8080/log": "localhost:8080/log",
		"example.org/log":           "",
		"https://":                  "",
		"https://example.org/a b":   "",
		"https://example.org/?q=1":  "",
		"https://u:p@example.org/":  "",
	} {
		if got, err := Origin(url); got != want || (err == nil) != (want != "") {
			if err == nil || want != "" {
				t.Errorf("Origin(%q) = %q, %v; want %q", url, got, err, want)
			}
		}
	}
}

func FuzzOpenCheckpoint(f *testing.F) {
	signed, key := signedCheckpoint(f)
	w := newTestWitness("witness.example/w1", 'a')
	policy := Policy{Log: key, Witnesses: []*Key{w.verifier(f)}}
	f.Add(signed)
	f.Add(append(signed, w.line(f, signed)...))
	f.Fuzz(func(t *testing.T, signed []byte) {
		if c, _, err := policy.Open(signed); err == nil && c.Hash != testHash(1) {
			t.Fatalf("%q is accepted", signed)
		}
		if c, err := ParseCheckpoint(string(signed)); err == nil && c.String() != string(signed) {
			t.Fatalf("%q comes back as %q", signed, c)
		}
	})
}
