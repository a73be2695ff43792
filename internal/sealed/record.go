// Package sealed holds what sealed mode writes, and what is made of it far from the site. In sealed mode a signature is kept
// as an age file (age-encryption.org/v1) that only offline identities open. A [Record] is what such a file says; a bundle
// carries many of them with the public log to where the identities are, and becomes a spreadsheet or a packet there.
// Nothing here knows a database or a network.
package sealed

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"filippo.io/age"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/seal"
	"github.com/undersigned/undersigned/translog"
)

// Record is a signature with what opens its commitment.
type Record struct {
	Signature undersigned.Signature
	Seed      translog.Seed
	Seat      string // as [translog.Seat] writes it
}

// recordFormat names the form of a record's text: one line of JSON, then spaces up to a multiple of recordStep bytes, so
// that the length of a file says little about a name.
const (
	recordFormat = "undersigned-signature/v1"
	recordStep   = 512
	maxRecord    = 64 << 10 // bytes of an age file; a real one has at most 4,000 with two recipients
)

type recordText struct {
	Format     string          `json:"format"`
	ID         string          `json:"id"`
	PID        string          `json:"petition"`
	Version    int             `json:"version"`
	Class      string          `json:"class"`
	Language   string          `json:"language"`
	Day        undersigned.Day `json:"day"`
	GivenName  string          `json:"given_name"`
	FamilyName string          `json:"family_name"`
	Email      string          `json:"email"`
	PostalCode string          `json:"postal_code"`
	Country    string          `json:"country"`
	Comment    string          `json:"comment"`
	Seat       string          `json:"seat"`
	Seed       []byte          `json:"seed"`
}

// Seal makes the age file of a record.
func (r *Record) Seal(recipients []age.Recipient) ([]byte, error) {
	var file bytes.Buffer
	w, err := age.Encrypt(&file, recipients...)
	if err != nil {
		return nil, fmt.Errorf("seal a signature: %w", err)
	}
	if _, err := w.Write(r.text()); err != nil {
		return nil, fmt.Errorf("seal a signature: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("seal a signature: %w", err)
	}
	return file.Bytes(), nil
}

func (r *Record) text() []byte {
	s, p := &r.Signature, &r.Signature.Person
	var text bytes.Buffer
	out := json.NewEncoder(&text)
	out.SetEscapeHTML(false)
	if err := out.Encode(recordText{Format: recordFormat, ID: hex.EncodeToString(s.ID[:]), PID: s.PID, Version: s.Version,
		Class: string(s.Class), Language: s.Language, Day: s.Day, GivenName: p.GivenName, FamilyName: p.FamilyName, Email: p.Email,
		PostalCode: p.PostalCode, Country: p.Country, Comment: p.Comment, Seat: r.Seat, Seed: r.Seed[:]}); err != nil {
		panic(err) // texts and numbers alone
	}
	line := bytes.TrimSuffix(text.Bytes(), []byte("\n"))
	short := recordStep - 1 - len(line)%recordStep
	return append(append(line, bytes.Repeat([]byte(" "), short)...), '\n')
}

// IsSealed tells a row of sealed mode from one that the server can open: it begins as every age file does.
func IsSealed(row []byte) bool { return bytes.HasPrefix(row, []byte("age-encryption.org/")) }

var (
	// ErrOthers is a row that none of the identities opens: it was sealed for others.
	ErrOthers = errors.New("it was sealed for other identities")
	// ErrDamaged is a row that is not what the site wrote.
	ErrDamaged = errors.New("it is damaged, or no sealed signature")
)

// Open opens an age file. The errors are ErrOthers and ErrDamaged.
func Open(file []byte, identities []age.Identity) (*Record, error) {
	in, err := age.Decrypt(bytes.NewReader(file), identities...)
	var others *age.NoIdentityMatchError
	if errors.As(err, &others) {
		return nil, ErrOthers
	}
	if err != nil {
		return nil, ErrDamaged
	}
	text, err := io.ReadAll(io.LimitReader(in, maxRecord))
	if err != nil {
		return nil, ErrDamaged
	}
	return parse(text)
}

func parse(text []byte) (*Record, error) {
	var t recordText
	in := json.NewDecoder(bytes.NewReader(text))
	in.DisallowUnknownFields()
	id, r := []byte(nil), &Record{}
	err := in.Decode(&t)
	if err == nil {
		id, err = hex.DecodeString(t.ID)
	}
	if err != nil || t.Format != recordFormat || len(id) != len(r.Signature.ID) || len(t.Seed) != len(r.Seed) ||
		len(bytes.TrimSpace(text[in.InputOffset():])) > 0 {
		return nil, ErrDamaged
	}
	r.Seat, r.Seed = t.Seat, translog.Seed(t.Seed)
	r.Signature = undersigned.Signature{ID: undersigned.SignatureID(id), PID: t.PID, Version: t.Version,
		Class: undersigned.Class(t.Class), Language: t.Language, Day: t.Day, Person: undersigned.Person{GivenName: t.GivenName,
			FamilyName: t.FamilyName, Email: t.Email, PostalCode: t.PostalCode, Country: t.Country, Comment: t.Comment}}
	return r, nil
}

// Opening opens the commitment of the record, showing some of its fields.
func (r *Record) Opening(show ...translog.Field) (translog.Opening, error) {
	pid, err := translog.ParsePID(r.Signature.PID)
	if err != nil {
		return translog.Opening{}, err
	}
	return translog.NewOpening(r.Seed, pid, int64(r.Signature.Version), Values(&r.Signature, r.Seat), show...)
}

// Values are what a signature commits to in the public log, in either mode.
func Values(s *undersigned.Signature, seat string) translog.Values {
	p := &s.Person
	return translog.Values{
		Who:     translog.Who(seal.NFC(p.GivenName), seal.NFC(p.FamilyName)),
		Where:   translog.Where(p.Country, seal.NFC(p.PostalCode)),
		Contact: seal.NormalizeEmail(p.Email),
		Seat:    seat,
	}
}

// delivered tells whether the signer agreed to be handed over, as the commitment has it.
func (r *Record) delivered() bool { return strings.HasPrefix(r.Seat, "class=delivered;") }

// districts are the codes that a seat ends with, sorted.
func (r *Record) districts() string {
	_, codes, _ := strings.Cut(r.Seat, ";")
	return codes
}
