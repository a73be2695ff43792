package congress

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/undersigned/undersigned"
)

// geocoderTimeout is how long a reader is kept waiting for the Census Bureau.
const geocoderTimeout = 5 * time.Second

// maxGeocoded is the size of the largest answer we read, in bytes. All layers of one address are some 40 kB.
const maxGeocoded = 1 << 20

// Address is a street address in the United States.
type Address struct{ Street, City, State, ZIP string }

// Geocoder asks the Census Bureau in which district an address lies. The address leaves this site, as part of a URL: an
// organiser must have switched it on, and the page must say so beside the field.
type Geocoder struct {
	// URL is https://geocoding.geo.census.gov/geocoder/geographies/address, or a test's stand-in; empty is the former.
	URL    string
	Client *http.Client // nil is one of its own
}

// geocoded is an answer of the geocoder, as far as we read it
// (https://geocoding.geo.census.gov/geocoder/Geocoding_Services_API.html).
type geocoded struct {
	Result struct {
		Matches []struct {
			Geographies map[string][]struct {
				GEOID   string `json:"GEOID"`
				Session string `json:"CDSESSN"`
			} `json:"geographies"`
		} `json:"addressMatches"`
	} `json:"result"`
}

// District gives the district of an address, in the lines of the Congress that sits at now and no other: the geocoder
// names the next one's as soon as they are drawn. An address it does not know, or knows in two districts, is NotFound,
// with the key "error.address". An answer that is late, broken or of another Congress is Unavailable, with the key
// "error.geocoder". No error holds any part of the address.
func (g Geocoder) District(ctx context.Context, a Address, now time.Time) (undersigned.District, error) {
	ctx, cancel := context.WithTimeout(ctx, geocoderTimeout)
	defer cancel()
	sits := undersigned.CongressAt(now)
	answer, err := g.ask(ctx, a, sits)
	if err != nil {
		return undersigned.District{}, refuse(err)
	}
	return answer.district(sits)
}

// vintages are the editions of the geocoder's maps that hold the lines of a Congress. For others the current one is
// asked, and refused if it is of another Congress.
var vintages = map[int]string{119: "ACS2024_Current"}

func (g Geocoder) ask(ctx context.Context, a Address, sits int) (*geocoded, error) {
	vintage := vintages[sits]
	if vintage == "" {
		vintage = "Current_Current"
	}
	at := g.URL
	if at == "" {
		at = "https://geocoding.geo.census.gov/geocoder/geographies/address"
	}
	query := url.Values{"street": {a.Street}, "city": {a.City}, "state": {a.State}, "zip": {a.ZIP},
		"benchmark": {"Public_AR_Current"}, "vintage": {vintage}, "layers": {"all"}, "format": {"json"}}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, at+"?"+query.Encode(), nil)
	if err != nil {
		return nil, errors.New("the geocoder's URL cannot be used") // err would hold the address
	}
	client := g.Client
	if client == nil {
		client = newClient()
		defer client.CloseIdleConnections()
	}
	resp, err := client.Do(r)
	if err != nil {
		var asked *url.Error
		if errors.As(err, &asked) {
			err = asked.Err // its own text holds the URL, and so the address
		}
		return nil, fmt.Errorf("ask the geocoder: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK || !strings.HasPrefix(resp.Header.Get("Content-Type"), "application/json") {
		return nil, fmt.Errorf("the geocoder answered with status %d, %q", resp.StatusCode, resp.Header.Get("Content-Type"))
	}
	data, err := readAll(resp.Body, maxGeocoded)
	if err != nil {
		return nil, err
	}
	var answer geocoded
	if json.Unmarshal(data, &answer) != nil {
		return nil, errors.New("the geocoder's answer is not the JSON we know") // the error could hold the address
	}
	return &answer, nil
}

// district is the one that all matches lie in.
func (g *geocoded) district(sits int) (undersigned.District, error) {
	var one undersigned.District
	for _, match := range g.Result.Matches {
		layer := match.Geographies[ordinal(sits)+" Congressional Districts"]
		if len(layer) != 1 || layer[0].Session != strconv.Itoa(sits) {
			return undersigned.District{}, refuse(fmt.Errorf("the geocoder has no district of Congress %d", sits))
		}
		d, err := censusDistrict(layer[0].GEOID)
		if err != nil {
			return undersigned.District{}, refuse(errors.New("the geocoder named no district that we know"))
		}
		if one != (undersigned.District{}) && one != d {
			return undersigned.District{}, undersigned.Fail(undersigned.NotFound, "error.address")
		}
		one = d
	}
	if one == (undersigned.District{}) {
		return one, undersigned.Fail(undersigned.NotFound, "error.address")
	}
	return one, nil
}

func refuse(why error) error {
	return &undersigned.Error{Kind: undersigned.Unavailable, Key: "error.geocoder", Err: why}
}

// ordinal writes 119 as "119th", 121 as "121st".
func ordinal(n int) string {
	ending := "th"
	if n%100 < 11 || n%100 > 13 {
		switch n % 10 {
		case 1:
			ending = "st"
		case 2:
			ending = "nd"
		case 3:
			ending = "rd"
		}
	}
	return strconv.Itoa(n) + ending
}
