package action

import (
	"encoding/binary"
	"encoding/hex"
	"errors"

	"github.com/undersigned/undersigned"
)

// What a job, a link and a row hold of a signature is sealed in this form: a version byte, the id, the pid, the version
// of the text, then each text behind its length. With every field as long as it may be, a link stays under 1,500
// characters.
const formVersion = 1

// doubtedVersion is the form of a pending signature that somebody should look at: its doubts are one more byte, the last.
const doubtedVersion = 2

// sourcedVersion is the form of a pending signature that came by a tag: after its doubts stand the tag and, last, how long that is.
// No row has one.
const sourcedVersion = 3

var errForm = errors.New("not a signature")

// opening is what a sealed row says beyond the pending signature: what it takes to open its commitment.
type opening struct {
	signature undersigned.Signature
	seed      string // 32 bytes
	seat      string
	source    string // pending: the tag that it came by; empty where there was none
}

// texts lists the texts of an opening in the order of the form; a pending signature ends before seed and seat.
func (o *opening) texts(pending bool) []*string {
	s := &o.signature
	p := &s.Person
	all := []*string{(*string)(&s.Class), &s.Language, (*string)(&s.Day), &p.GivenName, &p.FamilyName, &p.Email, &p.PostalCode,
		&p.Country, &p.Comment, &o.seed, &o.seat}
	if pending {
		return all[:len(all)-2]
	}
	return all
}

func (o *opening) encode(pending bool) ([]byte, error) {
	s := &o.signature
	pid, err := hex.DecodeString(s.PID)
	if err != nil || len(pid) != 8 {
		return nil, errForm
	}
	b := append(make([]byte, 0, 512), formVersion)
	b = append(b, s.ID[:]...)
	b = append(b, pid...)
	b = binary.AppendUvarint(b, uint64(s.Version))
	for _, text := range o.texts(pending) {
		b = binary.AppendUvarint(b, uint64(len(*text)))
		b = append(b, *text...)
	}
	switch {
	case pending && o.source != "":
		b[0] = sourcedVersion
		b = append(append(b, byte(s.Doubts)), o.source...)
		b = append(b, byte(len(o.source)))
	case pending && s.Doubts != 0:
		b[0] = doubtedVersion
		b = append(b, byte(s.Doubts))
	}
	return b, nil
}

func decode(b []byte, pending bool) (*opening, error) {
	var o opening
	s := &o.signature
	switch {
	case len(b) == 0 || !pending && b[0] != formVersion:
		return nil, errForm
	case b[0] == sourcedVersion:
		end := len(b) - 1
		begin := end - int(b[end])
		if begin < 2 || !undersigned.IsSourceTag(string(b[begin:end])) {
			return nil, errForm
		}
		o.source, s.Doubts, b = string(b[begin:end]), undersigned.Doubt(b[begin-1]), b[:begin-1]
	case b[0] == doubtedVersion:
		s.Doubts, b = undersigned.Doubt(b[len(b)-1]), b[:len(b)-1]
	case b[0] != formVersion:
		return nil, errForm
	}
	if len(b) < 1+16+8 {
		return nil, errForm
	}
	copy(s.ID[:], b[1:])
	s.PID = hex.EncodeToString(b[17:25])
	b = b[25:]
	version, n := binary.Uvarint(b)
	if n <= 0 || version > 1<<31 {
		return nil, errForm
	}
	s.Version, b = int(version), b[n:]
	for _, text := range o.texts(pending) {
		size, n := binary.Uvarint(b)
		if n <= 0 || size > uint64(len(b)-n) {
			return nil, errForm
		}
		*text, b = string(b[n:n+int(size)]), b[n+int(size):]
	}
	if len(b) != 0 {
		return nil, errForm
	}
	return &o, nil
}
