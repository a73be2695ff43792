package congress

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/paulmach/orb"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/testenv"
)

func office(city, zip string, lat, lon float64) undersigned.Office {
	return undersigned.Office{City: city, ZIP: zip, Latitude: lat, Longitude: lon}
}

func cities(offices []undersigned.Office) (list []string) {
	for _, o := range offices {
		list = append(list, o.City)
	}
	return list
}

func TestNearestOfficeIsByDistanceAndNotByDigits(t *testing.T) {
	boston, springfield, worcester := office("Boston", "02203", 42.361, -71.059), office("Springfield", "01103", 42.103, -72.592), office("Worcester", "01608", 42.263, -71.802)
	nobody := office("Nowhere", "", 0, 0)
	moved := office("Framingham", "01701", 0, 0) // its place is not in the file: the nearest code's is taken
	table := &Table{members: map[int]*members{119: {anchors: newAnchors(map[string]*undersigned.Legislator{
		"A": {Offices: []undersigned.Office{boston, springfield, worcester, nobody}},
		"B": {Offices: []undersigned.Office{office("Lawrence", "01840", 42.707, -71.163), office("Natick", "01760", 42.284, -71.347), office("no ZIP code", "x", 1, 1)}}})}}}
	for _, test := range []struct {
		zip  string
		of   []undersigned.Office
		want []string
	}{
		{"01841", []undersigned.Office{springfield, boston}, []string{"Boston", "Springfield"}}, // by digits it would be Springfield
		{"01841", []undersigned.Office{boston, springfield, worcester}, []string{"Boston", "Worcester", "Springfield"}},
		{"01609", []undersigned.Office{boston, springfield, worcester}, []string{"Worcester", "Boston", "Springfield"}},
		{"01702", []undersigned.Office{boston, moved}, []string{"Framingham", "Boston"}},
		{"01103", []undersigned.Office{nobody, springfield}, []string{"Springfield", "Nowhere"}},
		{"", []undersigned.Office{springfield, boston}, []string{"Springfield", "Boston"}},
		{"99999", []undersigned.Office{boston}, []string{"Boston"}},
	} {
		before := slices.Clone(test.of)
		if got := cities(table.NearestFirst(test.of, test.zip, testNow)); !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", test.zip, got, test.want)
		}
		if !slices.Equal(before, test.of) {
			t.Error("the legislator's own list was turned round")
		}
	}
	if got := (&Table{}).NearestFirst([]undersigned.Office{springfield, boston}, "01841", testNow); got[0].City != "Springfield" {
		t.Error("a table without offices moves them")
	}
}

// Where ZIP codes truly lie, the Census Bureau says in a file that the program does not have; so it is known how often the
// first office is not the nearest one.
func TestFirstOfficeIsMostlyTheNearestOnRealData(t *testing.T) {
	table := realTables(t)
	f, err := os.Open(filepath.Join(testenv.Data(t), "samples", "zcta_points.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	type tally struct{ all, wrong, digits int }
	house, senate := &tally{}, &tally{}
	for _, row := range rows[1:] {
		lat, err1 := strconv.ParseFloat(row[1], 64)
		lon, err2 := strconv.ParseFloat(row[2], 64)
		a, err := table.ZIP(row[0], testNow)
		if err1 != nil || err2 != nil || err != nil {
			t.Fatal(row, err)
		}
		count := func(n *tally, l *undersigned.Legislator) {
			if l == nil {
				return
			}
			known := slices.DeleteFunc(slices.Clone(l.Offices), func(o undersigned.Office) bool { return o.Latitude == 0 })
			if len(known) < 2 {
				return
			}
			far := func(o undersigned.Office) float64 {
				return apart(orb.Point{lon, lat}, orb.Point{o.Longitude, o.Latitude})
			}
			nearest := slices.MinFunc(known, func(a, b undersigned.Office) int { return compareFloat(far(a), far(b)) })
			digits := slices.MinFunc(known, func(a, b undersigned.Office) int { return unlike(a.ZIP, row[0]) - unlike(b.ZIP, row[0]) })
			n.all++
			if far(table.NearestFirst(known, row[0], testNow)[0]) > far(nearest) {
				n.wrong++
			}
			if far(digits) > far(nearest) {
				n.digits++
			}
		}
		for _, seat := range a.Seats {
			count(house, seat.Representative)
		}
		for _, l := range a.Senators {
			count(senate, l)
		}
	}
	for name, n := range map[string]*tally{"Representatives": house, "senators": senate} {
		percent := func(k int) float64 { return 100 * float64(k) / float64(n.all) }
		t.Logf("%s: of %d first offices %.1f %% are not the nearest, by digits %.1f %%", name, n.all, percent(n.wrong), percent(n.digits))
		if n.all < 20_000 || percent(n.wrong) > 24 || n.wrong > n.digits*9/10 {
			t.Errorf("%s: %.1f %% of the first offices are not the nearest", name, percent(n.wrong))
		}
	}
	// Known from any map. By digits it would be Springfield, Fort Myers, Las Vegas and Chicago.
	for _, test := range []struct{ place, zip, senator, want string }{
		{"Lowell", "01852", "Warren", "Boston"}, {"Miami Beach", "33139", "Moody", "Miami"}, {"Reno", "89501", "Rosen", "Reno"},
		{"Peoria", "61602", "Duckworth", "Springfield"}, {"Juneau", "99801", "Murkowski", "Juneau"}, {"Duluth", "55802", "Smith", "Duluth"},
	} {
		a, _ := table.ZIP(test.zip, testNow)
		for _, l := range a.Senators {
			if first := table.NearestFirst(l.Offices, test.zip, testNow)[0]; l.Last == test.senator && first.City != test.want {
				t.Errorf("%s: %s's nearest office is in %s, not %s", test.place, l.Last, first.City, test.want)
			}
		}
	}
}

func compareFloat(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
