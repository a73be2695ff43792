package congress

import (
	"fmt"
	"strconv"

	"github.com/undersigned/undersigned"
)

// stateCodes are the states, the District of Columbia and the territories that send somebody to Congress, by the code
// that the Census Bureau gives them (FIPS 5-2, now INCITS 38).
var stateCodes = map[string]string{
	"01": "AL", "02": "AK", "04": "AZ", "05": "AR", "06": "CA", "08": "CO", "09": "CT", "10": "DE", "11": "DC", "12": "FL",
	"13": "GA", "15": "HI", "16": "ID", "17": "IL", "18": "IN", "19": "IA", "20": "KS", "21": "KY", "22": "LA", "23": "ME",
	"24": "MD", "25": "MA", "26": "MI", "27": "MN", "28": "MS", "29": "MO", "30": "MT", "31": "NE", "32": "NV", "33": "NH",
	"34": "NJ", "35": "NM", "36": "NY", "37": "NC", "38": "ND", "39": "OH", "40": "OK", "41": "OR", "42": "PA", "44": "RI",
	"45": "SC", "46": "SD", "47": "TN", "48": "TX", "49": "UT", "50": "VT", "51": "VA", "53": "WA", "54": "WV", "55": "WI",
	"56": "WY", "60": "AS", "66": "GU", "69": "MP", "72": "PR", "78": "VI",
}

var states = func() map[string]bool {
	set := map[string]bool{}
	for _, state := range stateCodes {
		set[state] = true
	}
	return set
}()

// isState tells whether s is the postal abbreviation of a place that sends somebody to Congress.
func isState(s string) bool { return states[s] }

// censusDistrict reads a GEOID of a congressional district: two digits of the state and two of the district, of which 00
// is at large and 98 a delegate; both are 0 here.
func censusDistrict(geoid string) (undersigned.District, error) {
	if len(geoid) != 4 || stateCodes[geoid[:2]] == "" {
		return undersigned.District{}, fmt.Errorf("%q is no district", geoid)
	}
	n, err := strconv.ParseUint(geoid[2:], 10, 8)
	if n == 98 {
		n = 0
	}
	if err != nil || n > maxDistrict {
		return undersigned.District{}, fmt.Errorf("%q is no district", geoid)
	}
	return undersigned.District{State: stateCodes[geoid[:2]], Number: int(n)}, nil
}
