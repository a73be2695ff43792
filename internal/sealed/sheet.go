package sealed

import (
	"encoding/csv"
	"io"
	"strconv"

	"github.com/undersigned/undersigned/translog"
)

// sheetHeader names the columns of a spreadsheet in OSDI's words, where it has one. index is the place in the public log.
var sheetHeader = []string{"index", "version", "given_name", "family_name", "email", "postal_code", "country", "districts",
	"class", "day", "language", "comment"}

// Sheet writes records as a spreadsheet: CSV in UTF-8 with a byte order mark, which the usual programs open as it is. Texts
// that they would take for formulas get an apostrophe before them.
type Sheet struct{ csv *csv.Writer }

// NewSheet writes the line of the columns.
func NewSheet(to io.Writer) (*Sheet, error) {
	if _, err := io.WriteString(to, "\ufeff"); err != nil {
		return nil, err
	}
	s := &Sheet{csv.NewWriter(to)}
	return s, s.csv.Write(sheetHeader)
}

// Add writes a record.
func (s *Sheet) Add(index int64, r *Record) error {
	p := &r.Signature.Person
	line := []string{strconv.FormatInt(index, 10), strconv.Itoa(r.Signature.Version), p.GivenName, p.FamilyName, p.Email, p.PostalCode,
		p.Country, r.districts(), string(r.Signature.Class), string(r.Signature.Day), r.Signature.Language, p.Comment}
	for i := range line {
		line[i] = translog.Cell(line[i])
	}
	return s.csv.Write(line)
}

// Close writes what is left.
func (s *Sheet) Close() error {
	s.csv.Flush()
	return s.csv.Error()
}
