package congress

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/testenv"
)

// match is an address match of the geocoder.
func match(layer, session, geoid string) string {
	return fmt.Sprintf(`{"matchedAddress":"1 MAIN ST","geographies":{"States":[{"GEOID":"25"}],%q:[{"GEOID":%q,"CDSESSN":%q}]}}`, layer, geoid, session)
}

func geocoderAnswer(matches ...string) string {
	return `{"result":{"input":{},"addressMatches":[` + strings.Join(matches, ",") + `]}}`
}

var secret = Address{"1 Hidden Lane", "Cambridge", "MA", "02138"}

// geocode asks a geocoder that answers so.
func geocode(t *testing.T, contentType, body string, now time.Time) (undersigned.District, url.Values, error) {
	t.Helper()
	var asked url.Values
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r.URL.Query()
		w.Header().Set("Content-Type", contentType)
		_, _ = w.Write([]byte(body))
	}))
	defer server.Close()
	d, err := Geocoder{URL: server.URL}.District(t.Context(), secret, now)
	return d, asked, err
}

func TestTheGeocoderIsBelievedOnlyAboutTheSittingCongress(t *testing.T) {
	const layer = "119th Congressional Districts"
	after := undersigned.CongressEnds(119)
	for name, c := range map[string]struct {
		body string
		now  time.Time
		want string
		kind undersigned.Kind
	}{
		"the sitting one":      {geocoderAnswer(match(layer, "119", "2505")), testNow, "MA-05", 0},
		"two of one district":  {geocoderAnswer(match(layer, "119", "2505"), match(layer, "119", "2505")), testNow, "MA-05", 0},
		"a delegate":           {geocoderAnswer(match(layer, "119", "1198")), testNow, "DC-00", 0},
		"two districts":        {geocoderAnswer(match(layer, "119", "2505"), match(layer, "119", "2507")), testNow, "", undersigned.NotFound},
		"no match":             {geocoderAnswer(), testNow, "", undersigned.NotFound},
		"the next Congress":    {geocoderAnswer(match("120th Congressional Districts", "120", "2505")), testNow, "", undersigned.Unavailable},
		"a layer mislabelled":  {geocoderAnswer(match(layer, "120", "2505")), testNow, "", undersigned.Unavailable},
		"no such district":     {geocoderAnswer(match(layer, "119", "25ZZ")), testNow, "", undersigned.Unavailable},
		"the last one, after":  {geocoderAnswer(match(layer, "119", "2505")), after, "", undersigned.Unavailable},
		"the next one, after":  {geocoderAnswer(match("120th Congressional Districts", "120", "2505")), after, "MA-05", 0},
		"HTML":                 {"<html>busy</html>", testNow, "", undersigned.Unavailable},
		"more than we read":    {strings.Repeat(" ", maxGeocoded+1), testNow, "", undersigned.Unavailable},
		"JSON of another form": {`[1]`, testNow, "", undersigned.Unavailable},
	} {
		d, asked, err := geocode(t, "application/json;charset=UTF-8", c.body, c.now)
		if c.want != "" && (err != nil || d.String() != c.want) || c.want == "" && undersigned.KindOf(err) != c.kind {
			t.Errorf("%s: %s, %v", name, d, err)
		}
		if err != nil && strings.Contains(err.Error(), "Hidden") {
			t.Errorf("%s: the error holds the address: %v", name, err)
		}
		if vintage := asked.Get("vintage"); c.now == testNow && vintage != "ACS2024_Current" || asked.Get("street") != secret.Street {
			t.Errorf("%s: asked for %v", name, asked)
		}
	}
	if _, _, err := geocode(t, "text/html", geocoderAnswer(match(layer, "119", "2505")), testNow); undersigned.KindOf(err) != undersigned.Unavailable {
		t.Errorf("what calls itself HTML: %v", err)
	}
}

func TestASilentGeocoderIsGivenFiveSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		client := &http.Client{Transport: &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
			ours, theirs := net.Pipe()
			go io.Copy(io.Discard, theirs) // reads the question and says nothing
			return ours, nil
		}}}
		_, err := Geocoder{URL: "http://geocoder.invalid/", Client: client}.District(t.Context(), secret, testNow)
		if undersigned.KindOf(err) != undersigned.Unavailable || strings.Contains(err.Error(), "Hidden") {
			t.Errorf("no answer: %v", err)
		}
		if waited := time.Since(began); waited != geocoderTimeout {
			t.Errorf("waited %s", waited)
		}
	})
}

func TestRecordedGeocoderAnswersAreReadRightly(t *testing.T) {
	for name, want := range map[string]string{"texas-capitol-acs2024_119th.json": "TX-37", "missouri-capitol-current_120th.json": ""} {
		data, err := os.ReadFile(filepath.Join(testenv.Data(t), "samples/census_geocoder", name))
		if err != nil {
			t.Fatal(err)
		}
		d, _, err := geocode(t, "application/json", string(data), testNow)
		if want == "" && undersigned.KindOf(err) != undersigned.Unavailable || want != "" && (err != nil || d.String() != want) {
			t.Errorf("%s: %s, %v", name, d, err)
		}
	}
}

func TestOrdinalsAreWrittenAsTheLayersAre(t *testing.T) {
	for n, want := range map[int]string{119: "119th", 120: "120th", 121: "121st", 122: "122nd", 123: "123rd", 111: "111th", 112: "112th"} {
		if got := ordinal(n); got != want {
			t.Errorf("%d: %s", n, got)
		}
	}
}

func FuzzGeocoded(f *testing.F) {
	f.Add([]byte(geocoderAnswer(match("119th Congressional Districts", "119", "2505"))))
	f.Fuzz(func(t *testing.T, data []byte) {
		var g geocoded
		if json.Unmarshal(data, &g) != nil {
			return
		}
		if d, err := g.district(119); err == nil && !isState(d.State) {
			t.Errorf("a district of %q", d.State)
		}
	})
}
