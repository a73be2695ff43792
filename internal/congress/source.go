package congress

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// source is one public file that we download.
type source struct {
	name       string // as a report names it
	host, path string
	max        int64 // bytes; a larger file is refused
}

func (s source) url() string { return "https://" + s.host + "/" + s.path }

// What unitedstates/congress-legislators publishes (CC0). Each file is of the Congress that sits when it is made.
var (
	legislatorsSource = legislatorFile("legislators", "legislators-current.json", 16<<20)
	officesSource     = legislatorFile("offices", "legislators-district-offices.json", 8<<20)
	committeesSource  = legislatorFile("committees", "committees-current.json", 4<<20)
	membershipSource  = legislatorFile("committee members", "committee-membership-current.json", 8<<20)
)

func legislatorFile(name, file string, max int64) source {
	return source{name, "unitedstates.github.io", "congress-legislators/" + file, max}
}

// zipSource is the Census Bureau's relation of ZIP code tabulation areas to the districts of a Congress.
func zipSource(congress int) source {
	n := strconv.Itoa(congress)
	return source{"ZIP codes " + n, "www2.census.gov",
		"geo/docs/maps-data/data/rel2020/cd-sld/tab20_cd" + n + "20_zcta520_natl.txt", 32 << 20}
}

// boundarySource is the Census Bureau's cartographic boundary file, 1:500,000, of the districts of a Congress, which
// bears the year before the one in which that Congress first meets.
func boundarySource(congress int) source {
	n, year := strconv.Itoa(congress), strconv.Itoa(1786+2*congress)
	return source{"boundaries " + n, "www2.census.gov",
		"geo/tiger/GENZ" + year + "/shp/cb_" + year + "_us_cd" + n + "_500k.zip", 64 << 20}
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
