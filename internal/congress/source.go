package congress

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/undersigned/undersigned"
)

// source is one public file that we download.
type source struct {
	name       string // as a report names it
	host, path string
	max        int64 // bytes; a larger file is refused
	read       func(*os.File) (found, error)
}

// found is what a new file was seen to hold.
type found struct {
	count    int               // of whatever a file of its kind holds; 0 where it is one thing
	congress int               // of legislators: which Congress they are of
	bill     *undersigned.Bill // of a bill's status
}

func (s source) url() string { return "https://" + s.host + "/" + s.path }

// file is the name of the source as part of a file name.
func (s source) file() string { return strings.ReplaceAll(s.name, " ", "-") }

// The sizes of the largest files we read, in bytes: some ten times what they were in 2026.
const (
	maxLegislators = 16 << 20
	maxOffices     = 8 << 20
	maxCommittees  = 4 << 20
	maxMembership  = 8 << 20
	maxZIPs        = 64 << 20
	maxBoundaries  = 64 << 20
	maxBill        = 16 << 20
)

// What unitedstates/congress-legislators publishes (CC0). Each file is of the Congress that sits when it is made.
var (
	legislatorsSource = peopleSource("legislators", "legislators-current.json", maxLegislators, func(f *os.File) (found, error) {
		m, err := readLegislators(f)
		if err != nil {
			return found{}, err
		}
		return found{count: len(m.all), congress: m.congress}, nil
	})
	officesSource = peopleSource("offices", "legislators-district-offices.json", maxOffices, func(f *os.File) (found, error) {
		offices, err := readOffices(f)
		return found{count: len(offices)}, err
	})
	committeesSource = peopleSource("committees", "committees-current.json", maxCommittees, func(f *os.File) (found, error) {
		committees, err := readCommittees(f)
		return found{count: len(committees)}, err
	})
	membershipSource = peopleSource("committee members", "committee-membership-current.json", maxMembership, func(f *os.File) (found, error) {
		membership, err := readMembership(f)
		return found{count: len(membership)}, err
	})
)

func peopleSource(name, file string, max int64, read func(*os.File) (found, error)) source {
	return source{name, "unitedstates.github.io", "congress-legislators/" + file, max, read}
}

// zipSource is the Census Bureau's relation of ZIP code tabulation areas to the districts of a Congress.
func zipSource(congress int) source {
	n := strconv.Itoa(congress)
	return source{
		name: "ZIP codes " + n,
		host: "www2.census.gov",
		path: "geo/docs/maps-data/data/rel2020/cd-sld/tab20_cd" + n + "20_zcta520_natl.txt",
		max:  maxZIPs,
		read: func(f *os.File) (found, error) {
			zips, err := readZIPs(f, congress)
			return found{count: len(zips)}, err
		},
	}
}

// boundarySource is the Census Bureau's cartographic boundary file, 1:500,000, of the districts of a Congress. It bears
// the year before the one in which that Congress first meets.
func boundarySource(congress int) source {
	n, year := strconv.Itoa(congress), strconv.Itoa(1786+2*congress)
	return source{
		name: "boundaries " + n,
		host: "www2.census.gov",
		path: "geo/tiger/GENZ" + year + "/shp/cb_" + year + "_us_cd" + n + "_500k.zip",
		max:  maxBoundaries,
		read: func(f *os.File) (found, error) {
			rings, err := readBoundaries(f, congress)
			return found{count: len(rings)}, err
		},
	}
}

// billSource is the status of a bill in GPO's bulk data.
func billSource(id undersigned.BillID) source {
	return source{
		name: "bill " + id.String(),
		host: "www.govinfo.gov",
		path: "bulkdata/BILLSTATUS/" + strconv.Itoa(id.Congress) + "/" + id.Type + "/BILLSTATUS-" + id.String() + ".xml",
		max:  maxBill,
		read: func(f *os.File) (found, error) {
			b, err := readBill(f)
			if err == nil && b.BillID != id {
				err = fmt.Errorf("the file is about %s", b.BillID)
			}
			return found{bill: b}, err
		},
	}
}

var errTooLarge = errors.New("the file is larger than any we read")

// readAll reads a file of at most max bytes.
func readAll(r io.Reader, max int64) ([]byte, error) {
	var b bytes.Buffer
	n, err := b.ReadFrom(io.LimitReader(r, max+1))
	if err != nil {
		return nil, fmt.Errorf("read a file: %w", err)
	}
	if n > max {
		return nil, errTooLarge
	}
	return b.Bytes(), nil
}
