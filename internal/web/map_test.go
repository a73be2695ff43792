package web

import (
	"math"
	"net/url"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"github.com/undersigned/undersigned/internal/atlas"
	"github.com/undersigned/undersigned/internal/congress"
	"github.com/undersigned/undersigned/internal/testenv"
)

// circle is a ring of many corners.
func circle(lon, lat, radius float64) orb.Ring {
	var ring orb.Ring
	for i := range 20_000 {
		a := 2 * math.Pi * float64(i) / 20_000
		ring = append(ring, orb.Point{lon + radius*math.Cos(a), lat + radius*math.Sin(a)})
	}
	return append(ring, ring[0])
}

func TestAMapShowsWhereDistrictsMeet(t *testing.T) {
	for name, test := range map[string]struct {
		outlines [][]orb.Ring
		inside   orb.Point // is on the map
		outside  orb.Point // is not
	}{
		"side by side":      {[][]orb.Ring{square(-72, 42, 1), square(-71, 42, 1)}, orb.Point{-71, 42.5}, orb.Point{-72.5, 42.5}},
		"a city in a state": {[][]orb.Ring{square(-74, 40, 4), {circle(-71, 42, .2)}}, orb.Point{-71, 42}, orb.Point{-74, 40}},
		"apart":             {[][]orb.Ring{square(-72, 42, 1), square(-70, 44, 1)}, orb.Point{-71, 43.5}, orb.Point{-75, 43}},
		"a chain of three":  {[][]orb.Ring{square(-72, 42, 1), square(-71, 42, 1), square(-70, 42, 1)}, orb.Point{-70, 42.5}, orb.Point{-72, 42.5}},
	} {
		f, drawn := drawMap(test.outlines)
		if !f.Bound.Contains(test.inside) || f.Bound.Contains(test.outside) {
			t.Errorf("%s: the map shows %v", name, f.Bound)
		}
		if f.Height < minHeight-1 || f.Height > maxHeight+1 {
			t.Errorf("%s: the map is %d high", name, f.Height)
		}
		for i, rings := range drawn {
			if len(rings) == 0 {
				t.Errorf("%s: district %d is not on it", name, i)
				continue
			}
			if size := len(atlas.Path(rings)); size > 2000 {
				t.Errorf("%s: district %d takes %d bytes", name, i, size)
			}
			if x, y, room := f.Label(rings); room < 10 {
				t.Errorf("%s: the label of district %d stands at %d, %d, %.0f from a line", name, i, x, y, room)
			}
			for _, ring := range rings {
				for _, p := range ring {
					if p[0] < -1 || p[0] > mapWidth+1 || p[1] < -1 || p[1] > float64(f.Height)+1 {
						t.Fatalf("%s: %v is off the map", name, p)
					}
				}
			}
		}
	}
}

// realCongress is the table of the public files.
func realCongress(t *testing.T) *congress.Current {
	t.Helper()
	mirror, dir := filepath.Join(testenv.Data(t), "www"), t.TempDir()
	if _, err := congress.Update(t.Context(), congress.Options{Dir: dir, Mirror: mirror, Now: sampleNow}); err != nil {
		t.Fatal(err)
	}
	current := congress.NewCurrent(dir)
	if _, err := current.Reload(sampleNow); err != nil {
		t.Fatal(err)
	}
	if current.Table().Sample {
		t.Fatal("only the sample is loaded")
	}
	return current
}

func TestRealZIPCodesAreAnsweredOnThePage(t *testing.T) {
	s := newSite(t)
	s.congress = realCongress(t)
	for zip, want := range map[string][]string{
		"02138": {"Which district is yours?", "Massachusetts, 5th district", "Katherine M. Clark (Democrat)", "Ayanna Pressley (Democrat)", "Elizabeth Warren", "<svg"},
		"02861": {"02861 reaches into two states", "Massachusetts, 4th district", "Rhode Island, 1st district", "RI 1", "<svg"},
		"94541": {"The seat is vacant", "California, 14th district", "(202) 224-3121", "Alex Padilla"},
		"20001": {"Your Delegate", "Eleanor Holmes Norton", "District of Columbia elects no senators"},
		"00901": {"Your Resident Commissioner", "Puerto Rico elects no senators"},
		"82001": {"Wyoming, the whole state", "John Barrasso"},
		"09001": {"mail of the armed forces", "We name nobody rather than the wrong person"},
		"02137": {"post office boxes", "We name nobody rather than the wrong person"},
		"00000": {"There is no ZIP code 00000"},
		"02119": {"Ayanna Pressley (Democrat)", "Call 202-225-5111", "Cannon House Office Building", "pressley.house.gov", "617-850-0040", "Members as of November 22, 2026"},
	} {
		w := s.get("/legislators?zip=" + zip)
		wantStatus(t, w, 200)
		wantWords(t, w, want...)
		if two := zip == "02861"; two && strings.Contains(w.Body.String(), "Your senator") {
			t.Error("senators are named before the state is chosen")
		}
	}
}

// Each ZIP code that touches several districts is drawn with all of them, in a few thousand bytes.
func TestEveryRealChoiceHasAMapOfAFewKilobytes(t *testing.T) {
	v, table := testViews(t), realCongress(t).Table()
	c := v.chrome("en", "https://example.org", "/legislators")
	drawn, place := 0, regexp.MustCompile(`-?\d+`)
	for n := range 1000 { // of each three digits, the first that must choose
		for last := range 100 {
			zip := strconv.Itoa(100_000 + n*100 + last)[1:]
			p, err := readPlace(table, url.Values{"zip": {zip}}, sampleNow)
			if err != nil {
				t.Fatal(err)
			}
			if !p.choose() {
				continue
			}
			m := newWhere(c, "/legislators", p, members{}, false).Map
			if m == nil || len(m.Regions) != len(p.Answer.Seats) {
				t.Errorf("%s: not all of %d districts are on the map", zip, len(p.Answer.Seats))
				break
			}
			size := 0
			for _, region := range m.Regions {
				if size += len(region.Path); !place.MatchString(region.Path) || region.X == 0 {
					t.Errorf("%s: %s is not to be seen", zip, region.Title)
				}
			}
			if size > 12_000 {
				t.Errorf("%s: the map takes %d bytes", zip, size)
			}
			drawn++
			break
		}
	}
	if drawn < 500 {
		t.Errorf("%d maps were drawn", drawn)
	}
}

// A map that is kept is that of its own districts and of the tables in use.
func TestKeptMapIsTheOneThatWouldBeDrawn(t *testing.T) {
	var maps districtMaps
	table, again := realCongress(t).Table(), realCongress(t).Table()
	for _, test := range []struct {
		table *congress.Table
		zip   string
		kept  int
	}{{table, "02139", 1}, {table, "02138", 1}, {table, "02139", 1}, {table, "02861", 2}, {again, "02139", 1}, {congress.SampleTable(), "02139", 1}} {
		p, err := readPlace(test.table, url.Values{"zip": {test.zip}}, sampleNow)
		if err != nil {
			t.Fatal(err)
		}
		want := (*districtMaps)(nil).of(p)
		if got := maps.of(p); !reflect.DeepEqual(got, want) || len(maps.drawn) != test.kept {
			t.Errorf("%s: %d are kept; %+v, want %+v", test.zip, len(maps.drawn), got, want)
		}
	}
}
