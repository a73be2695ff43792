package translog

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/tlog"
)

// Seed is the 32 random bytes from which a signature's salts come. Each
// signature has its own, drawn from crypto/rand and never used again: whoever
// holds it can test guesses of what was signed.
type Seed [32]byte

// Field names one of the four values that a signature commits to.
type Field string

// The fields, in the order in which their commitments are hashed.
const (
	FieldWho     Field = "who"
	FieldWhere   Field = "where"
	FieldContact Field = "contact"
	FieldSeat    Field = "seat"
)

var fields = [...]Field{FieldWho, FieldWhere, FieldContact, FieldSeat}

// Values are what a signature commits to: UTF-8 without control characters or
// line breaks, already in Unicode normalisation form C. This package cannot
// check the last and leaves it to the caller; two forms of one name are two
// names.
type Values struct {
	Who     string // as [Who] joins it
	Where   string // as [Where] joins it
	Contact string // the e-mail address, normalised as the site does to find duplicates
	Seat    string // as [Seat] writes it
}

// Who is the given name, one space, the family name. The space stays where one
// of them is empty.
func Who(given, family string) string { return given + " " + family }

// Where is the country, one space, the postal code, as the signer gave them.
// The space stays where one of them is empty.
func Where(country, postalCode string) string { return country + " " + postalCode }

// Seat is "class=counted" or, where the signer agreed that the name be handed
// to legislators' offices, "class=delivered"; then ";" and the codes of the
// districts (MA-05, DC-00), sorted, each once, joined by commas. Nothing follows the
// ";" where the district is unknown.
func Seat(delivered bool, districts []string) string {
	class := "class=counted;"
	if delivered {
		class = "class=delivered;"
	}
	return class + strings.Join(slices.Compact(slices.Sorted(slices.Values(districts))), ",")
}

func (v Values) of(f Field) string {
	switch f {
	case FieldWho:
		return v.Who
	case FieldWhere:
		return v.Where
	case FieldContact:
		return v.Contact
	}
	return v.Seat
}

// Commit returns what the sign entry of a signature carries:
//
//	salt_f     = HMAC-SHA256(seed, "undersigned-salt/v1 " + f)
//	C_f        = HMAC-SHA256(salt_f, "undersigned-field/v1 " + f + "\n" + pid + "\n" + version + "\n" + value_f)
//	commitment = SHA-256("undersigned-commit/v1\n" + C_who + C_where + C_contact + C_seat)
//
// where f is who, where, contact or seat, and each C is its 32 raw bytes. It
// refuses values that [Values] does not allow, and the zero seed.
func Commit(seed Seed, pid PID, version int64, values Values) (tlog.Hash, error) {
	opening, err := NewOpening(seed, pid, version, values)
	if err != nil {
		return tlog.Hash{}, err
	}
	return opening.Commitment(), nil
}

// Opening shows some of a signature's fields to somebody who has its sign
// entry, and proves them, while the others stay hidden. Its text is
//
//	undersigned-opening/v1
//	<pid> <version>
//	who open <salt-b64> <value>
//	where hidden <commitment-b64>
//	contact hidden <commitment-b64>
//	seat open <salt-b64> <value>
//
// with LF at the end of each line: always these four fields in this order,
// each either open or hidden.
type Opening struct {
	PID     PID
	Version int64
	fields  [len(fields)]openedField
}

// openedField has either a commitment (hidden) or a salt and a value (open).
type openedField struct {
	open  bool
	hash  tlog.Hash // the salt of an open field, the commitment of a hidden one
	value string
}

// NewOpening makes an opening that shows the given fields and hides the rest.
func NewOpening(seed Seed, pid PID, version int64, values Values, show ...Field) (Opening, error) {
	if seed == (Seed{}) {
		return Opening{}, errors.New("open a signature: the seed is zero")
	}
	if version < 1 || version > MaxSize {
		return Opening{}, errors.New("open a signature: versions begin at 1")
	}
	o := Opening{PID: pid, Version: version}
	for i, f := range fields {
		value := values.of(f)
		if !cleanLine(value) {
			return Opening{}, fmt.Errorf("open a signature: the %s field is not clean UTF-8 on one line", f)
		}
		salt := mac(tlog.Hash(seed), []byte("undersigned-salt/v1 "+string(f)))
		o.fields[i] = openedField{open: true, hash: salt, value: value}
		if !slices.Contains(show, f) {
			o.fields[i] = openedField{hash: o.fieldCommitment(i)}
		}
	}
	return o, nil
}

// Commitment returns what the opening leads to. It proves the open values
// where, and only where, it equals the hash of the sign entry of the same
// petition and version.
func (o Opening) Commitment() tlog.Hash {
	b := append(make([]byte, 0, 256), "undersigned-commit/v1\n"...)
	for i := range fields {
		c := o.fieldCommitment(i)
		b = append(b, c[:]...)
	}
	return sha256.Sum256(b)
}

// Opens reports whether the opening is that of the given sign entry.
func (o Opening) Opens(sign Entry) bool {
	return sign.Kind == KindSign && sign.PID == o.PID && sign.Version == o.Version && sign.Hash == o.Commitment()
}

// Value returns a field's value, and false where the field is hidden.
func (o Opening) Value(f Field) (string, bool) {
	i := slices.Index(fields[:], f)
	if i < 0 || !o.fields[i].open {
		return "", false
	}
	return o.fields[i].value, true
}

func (o *Opening) fieldCommitment(i int) tlog.Hash {
	f := &o.fields[i]
	if !f.open {
		return f.hash
	}
	b := append(make([]byte, 0, 512), "undersigned-field/v1 "...)
	b = append(append(b, fields[i]...), '\n')
	b = append(hex.AppendEncode(b, o.PID[:]), '\n')
	b = append(strconv.AppendInt(b, o.Version, 10), '\n')
	return mac(f.hash, append(b, f.value...))
}

const openingHeader = "undersigned-opening/v1\n"

// String returns the opening's text.
func (o Opening) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s%s %d\n", openingHeader, o.PID, o.Version)
	for i, f := range o.fields {
		if f.open {
			fmt.Fprintf(&b, "%s open %s %s\n", fields[i], f.hash, f.value)
		} else {
			fmt.Fprintf(&b, "%s hidden %s\n", fields[i], f.hash)
		}
	}
	return b.String()
}

// ParseOpening reads an opening's text, and no other form of it.
func ParseOpening(text string) (Opening, error) {
	malformed := errors.New("parse an opening: it is not an undersigned-opening/v1")
	rest, ok := strings.CutPrefix(text, openingHeader)
	lines := strings.Split(rest, "\n")
	if !ok || len(lines) != 2+len(fields) || lines[1+len(fields)] != "" {
		return Opening{}, malformed
	}
	head := line{rest: []byte(lines[0])}
	o := Opening{PID: head.pid(), Version: head.version()}
	for i, f := range fields {
		words := strings.SplitN(lines[1+i], " ", 4)
		if len(words) < 3 {
			return Opening{}, malformed
		}
		hash, ok := parseHash([]byte(words[2]))
		o.fields[i] = openedField{open: len(words) == 4, hash: hash}
		if len(words) == 4 {
			o.fields[i].value = words[3]
		}
		if !ok || words[0] != string(f) || !cleanLine(o.fields[i].value) {
			return Opening{}, malformed
		}
	}
	if head.wrong != "" || o.String() != text {
		return Opening{}, malformed
	}
	return o, nil
}

// mac is HMAC-SHA256 (RFC 2104). Each key here is for one text, and then the
// standard library's spends more time on its making than on hashing.
func mac(key tlog.Hash, text []byte) tlog.Hash {
	var inner, outer [sha256.BlockSize]byte
	copy(inner[:], key[:])
	copy(outer[:], key[:])
	for i := range inner {
		inner[i] ^= 0x36
		outer[i] ^= 0x5c
	}
	sum := sha256.Sum256(append(append(make([]byte, 0, 512), inner[:]...), text...))
	return sha256.Sum256(append(append(make([]byte, 0, len(outer)+len(sum)), outer[:]...), sum[:]...))
}

// cleanLine reports whether s is UTF-8 on one line: no control characters, and
// none of the two that Unicode calls line and paragraph separator.
func cleanLine(s string) bool {
	if asciiLine(s) {
		return true
	}
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) || r == '\u2028' || r == '\u2029'
	})
}

func asciiLine(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}
