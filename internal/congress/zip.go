package congress

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/undersigned/undersigned"
)

// Share is a district that a ZIP code touches.
type Share struct {
	District undersigned.District
	Land     float64 // the share of the ZIP code's land that lies in it, 0 to 1; 0 where that is not known
}

// maxDistrict is the highest number we take for a district. California has had 53.
const maxDistrict = 60

// The columns of the Census Bureau's relationship file of congressional districts and ZIP code tabulation areas
// (https://www.census.gov/geographies/reference-files/time-series/geo/relationship-files.2020.html): 17 columns between
// bars, UTF-8 with a byte order mark.
const (
	districtColumn = "GEOID_CD" // GEOID_CD119_20
	zipColumn      = "GEOID_ZCTA5_20"
	landColumn     = "AREALAND_ZCTA5_20"
	partColumn     = "AREALAND_PART"
)

// readZIPs reads the relationship file of a Congress: the districts of each ZIP code, the one with most land first.
// Rows without a ZIP code or a district, and those of water (district ZZ), say nothing and are passed over. Areas may be
// missing.
func readZIPs(r io.Reader, congress int) (map[string][]Share, error) {
	lines := bufio.NewScanner(io.LimitReader(r, maxZIPs))
	lines.Scan()
	header, ok := bytes.CutPrefix(lines.Bytes(), []byte("\xef\xbb\xbf"))
	names := strings.Split(string(header), "|")
	district := slices.Index(names, districtColumn+strconv.Itoa(congress)+"_20")
	zip, land, part := slices.Index(names, zipColumn), slices.Index(names, landColumn), slices.Index(names, partColumn)
	if !ok || len(names) != 17 || district < 0 || zip < 0 || land < 0 || part < 0 {
		return nil, fmt.Errorf("read the ZIP codes: not the relationship file of the %d. Congress", congress)
	}
	zips := map[string][]Share{}
	for n := 2; lines.Scan(); n++ {
		f := strings.Split(lines.Text(), "|")
		if len(f) != len(names) {
			return nil, fmt.Errorf("read the ZIP codes: line %d has %d columns", n, len(f))
		}
		if f[zip] == "" || f[district] == "" || strings.HasSuffix(f[district], "ZZ") {
			continue
		}
		d, err := censusDistrict(f[district])
		if err != nil {
			return nil, fmt.Errorf("read the ZIP codes: line %d: %w", n, err)
		}
		code, err := undersigned.ParseZIP(f[zip])
		if err != nil || code != f[zip] {
			return nil, fmt.Errorf("read the ZIP codes: line %d has no ZIP code", n)
		}
		// A copy: a piece of the line would keep the whole line in memory.
		code = strings.Clone(code)
		zips[code] = append(zips[code], Share{d, landShare(f[part], f[land])})
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read the ZIP codes: %w", err)
	}
	if len(zips) == 0 {
		return nil, fmt.Errorf("read the ZIP codes: there are none")
	}
	for code, shares := range zips {
		zips[code] = sortShares(shares)
	}
	return zips, nil
}

// landShare is part of whole; 0 where either is missing or they make no sense.
func landShare(part, whole string) float64 {
	p, err1 := strconv.ParseUint(part, 10, 63)
	w, err2 := strconv.ParseUint(whole, 10, 63)
	if err1 != nil || err2 != nil || p > w || w == 0 {
		return 0
	}
	return float64(p) / float64(w)
}

// sortShares puts the district with most land first and drops repetitions.
func sortShares(shares []Share) []Share {
	slices.SortFunc(shares, func(a, b Share) int { return compareDistricts(a.District, b.District) })
	shares = slices.CompactFunc(shares, func(a, b Share) bool { return a.District == b.District })
	slices.SortStableFunc(shares, func(a, b Share) int {
		switch {
		case a.Land > b.Land:
			return -1
		case a.Land < b.Land:
			return 1
		}
		return 0
	})
	return slices.Clip(shares)
}

func compareDistricts(a, b undersigned.District) int {
	if c := strings.Compare(a.State, b.State); c != 0 {
		return c
	}
	return a.Number - b.Number
}
