package sealed

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/packet"
)

// zips.csv of a bundle has the line of its columns, then each ZIP code with the districts that it touches, joined by spaces.
const (
	zipsName   = "zips.csv"
	zipsHeader = "zip,districts"
	maxZIPs    = 4 << 20 // bytes
)

// zipDistricts are the districts of each ZIP code.
type zipDistricts map[string][]undersigned.District

func zipsText(zips iter.Seq2[string, []undersigned.District]) []byte {
	var b strings.Builder
	b.WriteString(zipsHeader + "\n")
	for zip, districts := range zips {
		b.WriteString(zip + ",")
		for i, d := range districts {
			b.WriteString(strings.Repeat(" ", min(i, 1)) + d.String())
		}
		b.WriteString("\n")
	}
	return []byte(b.String())
}

func readZIPs(from io.Reader) (zipDistricts, error) {
	lines := bufio.NewScanner(io.LimitReader(from, maxZIPs))
	if !lines.Scan() || lines.Text() != zipsHeader {
		return nil, errCutShort
	}
	zips := zipDistricts{}
	for lines.Scan() {
		zip, codes, ok := strings.Cut(lines.Text(), ",")
		if !ok {
			return nil, errCutShort
		}
		for code := range strings.FieldsSeq(codes) {
			d, err := undersigned.ParseDistrict(code)
			if err != nil {
				return nil, errCutShort
			}
			zips[zip] = append(zips[zip], d)
		}
	}
	return zips, lines.Err()
}

// add counts the signer of a record.
func (z zipDistricts) add(tally *undersigned.SeatTally, r *Record) {
	tally.Add(packet.PlacesOf(&r.Signature.Person, z.of))
}

func (z zipDistricts) of(zip string) []undersigned.District { return z[zip] }

// seatsFormat names the form of the file that carries the numbers of a sealed petition by seat back to its site. They are
// full tens: nobody can be found in them.
const seatsFormat = "undersigned-seats/v1"

type seatsText struct {
	Format   string          `json:"format"`
	Origin   string          `json:"origin"`
	PID      string          `json:"petition"`
	Size     int64           `json:"size"`
	Day      undersigned.Day `json:"day"`
	Congress int             `json:"congress"`
	AsOf     undersigned.Day `json:"as_of"`
	Seats    []seatText      `json:"seats"`
}

type seatText struct {
	Seat    string `json:"seat"`
	Split   bool   `json:"split,omitempty"`
	ZIP     string `json:"zip,omitempty"`
	AtLeast int64  `json:"at_least"`
}

// ErrNoDistricts is a bundle that was written while the site did not know the districts of the Congress that sat.
var ErrNoDistricts = errors.New("the bundle has no districts: the site had not loaded them. Run undersigned congress update there, and write it again")

// WriteSeats writes the numbers by seat of what was opened.
func (r *Reader) WriteSeats(to io.Writer, done *Opened) error {
	if r.Congress == 0 {
		return ErrNoDistricts
	}
	t := seatsText{Format: seatsFormat, Origin: r.Origin, PID: r.PID, Size: r.Size, Day: r.Day, Congress: r.Congress, AsOf: r.AsOf,
		Seats: []seatText{}}
	for _, s := range done.seats.Counts() {
		t.Seats = append(t.Seats, seatText(s))
	}
	out := json.NewEncoder(to)
	out.SetIndent("", " ")
	return out.Encode(t)
}

// ReadSeats reads what WriteSeats wrote, and the origin of the log that was counted.
func ReadSeats(from io.Reader) (origin string, counts *undersigned.SeatCounts, err error) {
	var t seatsText
	in := json.NewDecoder(io.LimitReader(from, maxZIPs))
	if err := in.Decode(&t); err != nil || t.Format != seatsFormat {
		return "", nil, errors.New("these are no numbers by seat: undersigned open --seats writes them")
	}
	counts = &undersigned.SeatCounts{PID: t.PID, At: t.Day.Begin(time.UTC).Add(12 * time.Hour), LogSize: t.Size, Congress: t.Congress, AsOf: t.AsOf}
	for _, s := range t.Seats {
		if err := s.check(); err != nil {
			return "", nil, err
		}
		counts.Seats = append(counts.Seats, undersigned.SeatCount(s))
	}
	return t.Origin, counts, nil
}

func (s seatText) check() error {
	_, err := undersigned.ParseDistrict(s.Seat)
	state := len(s.Seat) == 2
	if state {
		_, err = undersigned.ParseDistrict(s.Seat + "-00")
	}
	_, noZIP := undersigned.ParseZIP(s.ZIP)
	if err != nil || s.ZIP != "" && (noZIP != nil || !s.Split) || s.AtLeast <= 0 || s.AtLeast != undersigned.FullTens(s.AtLeast) {
		return fmt.Errorf("the numbers by seat: %.20q is no seat with a number in full tens", s.Seat)
	}
	return nil
}
