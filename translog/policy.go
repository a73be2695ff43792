package translog

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// The signature types of c2sp.org/signed-note that are read here.
const (
	algorithmEd25519     = 0x01
	algorithmCosignature = 0x04
)

// Key is a public key of a log or of a witness. It is a note.Verifier.
type Key struct {
	vkey      string
	name      string
	hash      uint32
	algorithm byte
	public    ed25519.PublicKey
}

// ParseLogKey reads the vkey of a log (signature type 0x01, Ed25519).
func ParseLogKey(vkey string) (*Key, error) { return newKey(vkey, algorithmEd25519) }

// ParseWitnessKey reads the vkey of a witness (signature type 0x04,
// cosignature/v1 of c2sp.org/tlog-cosignature).
func ParseWitnessKey(vkey string) (*Key, error) { return newKey(vkey, algorithmCosignature) }

func newKey(vkey string, algorithm byte) (*Key, error) {
	name, hash, got, public, err := parseKey(vkey)
	if err != nil {
		return nil, err
	}
	if got != algorithm {
		return nil, fmt.Errorf("parse a verifier key: it is of signature type 0x%02x, not 0x%02x", got, algorithm)
	}
	return &Key{vkey, name, hash, algorithm, public}, nil
}

// Name returns the key's name: a log's origin, or a witness's name.
func (k *Key) Name() string { return k.name }

// KeyHash returns the key's ID in a signature line.
func (k *Key) KeyHash() uint32 { return k.hash }

// String returns the vkey.
func (k *Key) String() string { return k.vkey }

// Verify reports whether sig, without its key ID, signs the text of a note.
func (k *Key) Verify(text, sig []byte) bool {
	if k.algorithm == algorithmEd25519 {
		return ed25519.Verify(k.public, text, sig)
	}
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	seconds := binary.BigEndian.Uint64(sig)
	if seconds > 1<<63-1 {
		return false
	}
	signed := fmt.Appendf(nil, "cosignature/v1\ntime %d\n%s", seconds, text)
	return ed25519.Verify(k.public, signed, sig[8:])
}

func keyHash(name string, typeAndKey []byte) uint32 {
	sum := sha256.Sum256(slices.Concat([]byte(name), []byte("\n"), typeAndKey))
	return binary.BigEndian.Uint32(sum[:])
}

// Policy says whose word is needed for a checkpoint: the log's signature, and
// cosignatures of at least Quorum of the Witnesses. Its keys must come from
// somewhere else than the log that it judges.
type Policy struct {
	Log       *Key
	Witnesses []*Key
	Quorum    int // 0 to len(Witnesses)
}

// Cosignature is a witness's statement that, at a time, the checkpoint was the
// largest it had seen of this log, and consistent with all before.
type Cosignature struct {
	Witness string
	Time    time.Time // UTC, to the second; the witness's clock
}

// Check reports what is wrong with the policy itself. A public key that comes
// twice under two names is refused: a cosignature does not say its name, so one
// witness could count as two.
func (p Policy) Check() error {
	if p.Log == nil || p.Log.algorithm != algorithmEd25519 {
		return errors.New("check a policy: it names no log")
	}
	if p.Quorum < 0 || p.Quorum > len(p.Witnesses) {
		return errors.New("check a policy: the quorum is larger than the number of witnesses")
	}
	for i, w := range p.Witnesses {
		if w == nil || w.algorithm != algorithmCosignature {
			return errors.New("check a policy: a witness has no key, or that of a log")
		}
		for _, other := range append(p.Witnesses[:i:i], p.Log) {
			if w.public.Equal(other.public) {
				return errors.New("check a policy: two of its keys are the same")
			}
		}
	}
	return nil
}

// Open verifies a signed checkpoint: the origin is the name of the log's key,
// the log has signed it, and enough witnesses have. Signature lines of unknown
// keys are ignored; a bad one of a known key is an error.
func (p Policy) Open(signed []byte) (Checkpoint, []Cosignature, error) {
	n, c, err := p.open(signed)
	if err != nil {
		return Checkpoint{}, nil, fmt.Errorf("verify a checkpoint: %w", err)
	}
	var cosigned []Cosignature
	for _, sig := range n.Sigs {
		if p.Log.signed(sig) {
			continue
		}
		raw, err := base64.StdEncoding.DecodeString(sig.Base64)
		if err != nil || len(raw) < 12 {
			return Checkpoint{}, nil, errors.New("verify a checkpoint: a cosignature is malformed")
		}
		at := time.Unix(int64(binary.BigEndian.Uint64(raw[4:])), 0).UTC()
		cosigned = append(cosigned, Cosignature{sig.Name, at})
	}
	if len(cosigned) < p.Quorum {
		return Checkpoint{}, nil, fmt.Errorf("verify a checkpoint: %d of the witnesses have signed it, %d are needed", len(cosigned), p.Quorum)
	}
	return c, cosigned, nil
}

// open is Open without the quorum.
func (p Policy) open(signed []byte) (*note.Note, Checkpoint, error) {
	if err := p.Check(); err != nil {
		return nil, Checkpoint{}, err
	}
	if len(signed) > maxCheckpointSize {
		return nil, Checkpoint{}, errors.New("it has more than 64 KiB")
	}
	known := []note.Verifier{p.Log}
	for _, w := range p.Witnesses {
		known = append(known, w)
	}
	n, err := note.Open(signed, note.VerifierList(known...))
	if err != nil {
		return nil, Checkpoint{}, err
	}
	if !slices.ContainsFunc(n.Sigs, p.Log.signed) {
		return nil, Checkpoint{}, errors.New("the log has not signed it")
	}
	c, err := ParseCheckpoint(n.Text)
	if err != nil {
		return nil, Checkpoint{}, err
	}
	if c.Origin != p.Log.Name() {
		return nil, Checkpoint{}, errors.New("it is of another log: the origin is not the name of the key")
	}
	return n, c, nil
}

func (k *Key) signed(sig note.Signature) bool { return sig.Name == k.name && sig.Hash == k.hash }

// AddCosignatures adds the signature lines that a witness answered
// (c2sp.org/tlog-witness) to a signed checkpoint. Lines of unknown keys are
// dropped, and a bad one of a known witness is an error; the quorum is not
// looked at.
func (p Policy) AddCosignatures(signed, lines []byte) ([]byte, error) {
	if !bytes.HasSuffix(signed, []byte("\n")) {
		return nil, errors.New("add cosignatures: the checkpoint does not end with LF")
	}
	n, _, err := p.open(slices.Concat(signed, lines))
	if err != nil {
		return nil, fmt.Errorf("add cosignatures: %w", err)
	}
	n.UnverifiedSigs = nil
	return note.Sign(n)
}

// String returns the policy as c2sp.org/tlog-policy. The group that stands for
// the quorum is called quorum-of-witnesses, the witnesses by their keys' names,
// with a number behind a name that is taken.
func (p Policy) String() string {
	names := []string{"none", "quorum-of-witnesses"}
	var b strings.Builder
	fmt.Fprintf(&b, "log %s\n", p.Log)
	for _, w := range p.Witnesses {
		name := w.name
		for n := 2; slices.Contains(names, name); n++ {
			name = fmt.Sprintf("%s-%d", w.name, n)
		}
		names = append(names, name)
		fmt.Fprintf(&b, "witness %s %s\n", name, w)
	}
	if p.Quorum == 0 {
		b.WriteString("quorum none\n")
	} else {
		fmt.Fprintf(&b, "group quorum-of-witnesses %d %s\nquorum quorum-of-witnesses\n", p.Quorum, strings.Join(names[2:], " "))
	}
	return b.String()
}

// policyReader holds what the lines read so far have named.
type policyReader struct {
	policy    Policy
	all       []*Key // every witness, in the order of the lines
	witnesses map[string]*Key
	groups    map[string]Policy // only Witnesses and Quorum
	done      bool
}

// ParsePolicy reads a c2sp.org/tlog-policy with exactly one log, and a quorum
// that is none, one witness, or one group of witnesses; groups within groups
// are refused. URLs are ignored. Witnesses outside the quorum are left out,
// except where there is none.
func ParsePolicy(text string) (Policy, error) {
	r := policyReader{witnesses: make(map[string]*Key), groups: make(map[string]Policy)}
	for i, l := range strings.Split(text, "\n") {
		words := strings.FieldsFunc(l, func(c rune) bool { return c == ' ' || c == '\t' })
		if len(words) == 0 || strings.HasPrefix(words[0], "#") {
			continue
		}
		if err := r.line(words); err != nil {
			return Policy{}, fmt.Errorf("parse a policy: line %d: %w", i+1, err)
		}
	}
	if !r.done {
		return Policy{}, errors.New("parse a policy: it has no quorum line")
	}
	if err := (Policy{Log: r.policy.Log, Witnesses: r.all}).Check(); err != nil {
		return Policy{}, fmt.Errorf("parse a policy: %w", err)
	}
	return r.policy, nil
}

func (r *policyReader) line(words []string) (err error) {
	switch {
	case words[0] == "log" && (len(words) == 2 || len(words) == 3):
		if r.policy.Log != nil {
			return errors.New("a second log")
		}
		r.policy.Log, err = ParseLogKey(words[1])
		return err
	case words[0] == "witness" && (len(words) == 3 || len(words) == 4):
		if !r.free(words[1]) {
			return errors.New("the name is taken")
		}
		w, err := ParseWitnessKey(words[2])
		r.witnesses[words[1]], r.all = w, append(r.all, w)
		return err
	case words[0] == "group" && len(words) >= 4:
		return r.group(words[1], words[2], words[3:])
	case words[0] == "quorum" && len(words) == 2:
		return r.quorum(words[1])
	}
	return errors.New("it is none of log, witness, group and quorum, or has too few or too many words")
}

func (r *policyReader) group(name, threshold string, members []string) error {
	if !r.free(name) {
		return errors.New("the name is taken")
	}
	var g Policy
	for i, member := range members {
		w := r.witnesses[member]
		if w == nil || slices.Contains(members[:i], member) {
			return errors.New("a member is not a witness named before, or comes twice")
		}
		g.Witnesses = append(g.Witnesses, w)
	}
	k, ok := parseNumber([]byte(threshold))
	switch {
	case threshold == "any":
		k = 1
	case threshold == "all":
		k = int64(len(members))
	case !ok || k < 1 || k > int64(len(members)):
		return errors.New("the threshold is not any, all, or a number from 1 to that of the members")
	}
	g.Quorum = int(k)
	r.groups[name] = g
	return nil
}

func (r *policyReader) quorum(name string) error {
	if r.done {
		return errors.New("a second quorum")
	}
	r.done = true
	g, isGroup := r.groups[name]
	w, isWitness := r.witnesses[name]
	switch {
	case isGroup:
		r.policy.Witnesses, r.policy.Quorum = g.Witnesses, g.Quorum
	case isWitness:
		r.policy.Witnesses, r.policy.Quorum = []*Key{w}, 1
	case name == "none":
		r.policy.Witnesses = r.all
	default:
		return errors.New("the quorum is not named before")
	}
	return nil
}

func (r *policyReader) free(name string) bool {
	_, witness := r.witnesses[name]
	_, group := r.groups[name]
	return !witness && !group && name != "none"
}
