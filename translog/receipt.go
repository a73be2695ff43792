package translog

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// MaxReceiptSize is the most bytes that a receipt may have.
const MaxReceiptSize = 2 * maxCheckpointSize

// Receipt proves to anybody that a sign entry is in the log; it does not say
// whose. Its text is a c2sp.org/tlog-proof, so that tools which know nothing of
// petitions can check it against the entry:
//
//	c2sp.org/tlog-proof@v1
//	extra <base64 of the extra text>
//	index <index>
//	<base64 hash, one a line>
//
//	<signed checkpoint>
//
// The extra text says which entry that is. Every line ends with LF:
//
//	undersigned-receipt/v1
//	sign <pid> <version> <hash>
//	seed <base64>
//
// Its second line is the entry's. The third is there only in a full receipt;
// whoever has it can test guesses of who signed, and together with the signed
// values can prove to others that they did. Whatever the extra text says is
// believed only as far as the proof leads from it to the checkpoint.
type Receipt struct {
	Entry      Entry // of KindSign
	Index      int64
	Proof      tlog.RecordProof
	Checkpoint []byte // signed, as it was published
	Seed       *Seed  // nil but in a full receipt
}

const (
	proofHeader   = "c2sp.org/tlog-proof@v1\n"
	receiptHeader = "undersigned-receipt/v1\n"
)

// Text returns the receipt's bytes. It does not check the proof.
func (r Receipt) Text() ([]byte, error) {
	text, err := r.format()
	if err != nil {
		return nil, fmt.Errorf("write a receipt: %w", err)
	}
	if _, err := ParseReceipt(text); err != nil {
		return nil, fmt.Errorf("write a receipt: %w", err)
	}
	return text, nil
}

func (r Receipt) format() ([]byte, error) {
	entry, err := r.Entry.Bytes()
	if err != nil {
		return nil, err
	}
	extra := receiptHeader + strings.TrimPrefix(string(entry), entryHeader)
	if r.Seed != nil {
		extra += "seed " + base64.StdEncoding.EncodeToString(r.Seed[:]) + "\n"
	}
	b := fmt.Appendf(nil, "%sextra %s\nindex %d\n", proofHeader, base64.StdEncoding.EncodeToString([]byte(extra)), r.Index)
	for _, h := range r.Proof {
		b = append(b, h.String()+"\n"...)
	}
	return append(append(b, '\n'), r.Checkpoint...), nil
}

// ParseReceipt reads a receipt's bytes, and no other form of them. It checks
// nothing but the form.
func ParseReceipt(text []byte) (Receipt, error) {
	if len(text) > MaxReceiptSize {
		return Receipt{}, errors.New("parse a receipt: it has more than 128 KiB")
	}
	rest, ok := strings.CutPrefix(string(text), proofHeader)
	if !ok {
		return Receipt{}, errors.New("parse a receipt: it is not a c2sp.org/tlog-proof@v1")
	}
	head, checkpoint, ok := strings.Cut(rest, "\n\n")
	lines := strings.Split(head, "\n")
	if !ok || checkpoint == "" || len(lines) < 2 {
		return Receipt{}, errors.New("parse a receipt: the extra line, the index line or the checkpoint is missing")
	}
	r := Receipt{Checkpoint: []byte(checkpoint)}
	if err := r.parseExtra(lines[0]); err != nil {
		return Receipt{}, fmt.Errorf("parse a receipt: %w", err)
	}
	index, found := strings.CutPrefix(lines[1], "index ")
	if r.Index, ok = parseNumber([]byte(index)); !ok || !found {
		return Receipt{}, errors.New("parse a receipt: the index line is malformed")
	}
	if len(lines) > 2+63 {
		return Receipt{}, errors.New("parse a receipt: the proof has more than 63 hashes")
	}
	for _, l := range lines[2:] {
		h, ok := parseHash([]byte(l))
		if !ok {
			return Receipt{}, errors.New("parse a receipt: a hash is not 32 bytes in standard, padded base64")
		}
		r.Proof = append(r.Proof, h)
	}
	if back, err := r.format(); err != nil || string(back) != string(text) {
		return Receipt{}, errors.New("parse a receipt: it is not in the one form that a receipt has")
	}
	return r, nil
}

func (r *Receipt) parseExtra(l string) error {
	encoded, ok := strings.CutPrefix(l, "extra ")
	raw, err := strictBase64.DecodeString(encoded)
	extra, ok2 := strings.CutPrefix(string(raw), receiptHeader)
	if !ok || err != nil || !ok2 {
		return errors.New("its extra data is not an undersigned-receipt/v1")
	}
	entry, seed, _ := strings.Cut(extra, "\n")
	if r.Entry, err = ParseEntry([]byte(entryHeader + entry + "\n")); err != nil {
		return err
	}
	if r.Entry.Kind != KindSign {
		return errors.New("its entry is not a sign")
	}
	if seed == "" {
		return nil
	}
	word, ok := strings.CutPrefix(seed, "seed ")
	h, ok2 := parseHash([]byte(strings.TrimSuffix(word, "\n")))
	if !ok || !ok2 {
		return errors.New("its seed is not 32 bytes in standard, padded base64")
	}
	r.Seed = (*Seed)(&h)
	return nil
}

// Verify checks the receipt as far as it goes without a network: the checkpoint
// is as the policy wants it, and has the entry at the index. Whether the
// signature still counts is for [Report.CheckReceipt].
func (r Receipt) Verify(policy Policy) (Checkpoint, []Cosignature, error) {
	c, cosigned, err := policy.Open(r.Checkpoint)
	if err != nil {
		return Checkpoint{}, nil, fmt.Errorf("verify a receipt: %w", err)
	}
	entry, err := r.Entry.Bytes()
	if err != nil {
		return Checkpoint{}, nil, fmt.Errorf("verify a receipt: %w", err)
	}
	if err := tlog.CheckRecord(r.Proof, c.N, c.Hash, r.Index, LeafHash(entry)); err != nil {
		return Checkpoint{}, nil, errors.New("verify a receipt: the entry is not in the log at that index")
	}
	return c, cosigned, nil
}

// Opens reports whether a full receipt's seed and the values that its holder
// tells are what the entry commits to.
func (r Receipt) Opens(values Values) bool {
	if r.Seed == nil {
		return false
	}
	hash, err := Commit(*r.Seed, r.Entry.PID, r.Entry.Version, values)
	return err == nil && hash == r.Entry.Hash
}
