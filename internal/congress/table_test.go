package congress

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/testenv"
)

// realTable is read from the copy of the public files, once.
var realTable = sync.OnceValues(func() (*Table, error) { return readMirror(realData) })

var realData string

func realTables(t testing.TB) *Table {
	t.Helper()
	realData = filepath.Join(testenv.Data(t), "www")
	table, err := realTable()
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// readMirror makes a table of a mirror's files, without the updater.
func readMirror(dir string) (*Table, error) {
	file := func(s source) string { return filepath.Join(dir, s.host, filepath.FromSlash(s.path)) }
	m, err := loadMembers(file(legislatorsSource), file(officesSource), file(committeesSource), file(membershipSource))
	if err != nil {
		return nil, err
	}
	l, err := loadLines(119, file(zipSource(119)), file(boundarySource(119)))
	if err != nil {
		return nil, err
	}
	return &Table{lines: map[int]*lines{119: l}, members: map[int]*members{m.congress: m}}, nil
}

// describe writes an answer in one line: seats with their holders, senators, the note.
func describe(a Answer) string {
	var b strings.Builder
	for _, seat := range a.Seats {
		holder := "unknown"
		if seat.Representative != nil {
			holder = seat.Representative.Last
		} else if seat.Vacant {
			holder = "vacant"
		}
		fmt.Fprintf(&b, "%s %s, ", seat.District, holder)
	}
	b.WriteString("senators")
	for _, l := range a.Senators {
		b.WriteString(" " + l.Last)
	}
	if a.Note != "" {
		b.WriteString(", " + string(a.Note))
	}
	return b.String()
}

func TestRealZIPsHaveTheirLegislators(t *testing.T) {
	table := realTables(t)
	for zip, want := range map[string]string{
		"02138":      "MA-05 Clark, MA-07 Pressley, senators Warren Markey, choose",
		"02138-1234": "MA-05 Clark, MA-07 Pressley, senators Warren Markey, choose",
		"02139":      "MA-05 Clark, MA-07 Pressley, senators Warren Markey, choose",
		"02458":      "MA-04 Auchincloss, senators Warren Markey",
		"20001":      "DC-00 Norton, senators",
		"00901":      "PR-00 Hernández Rivera, senators",
		"96910":      "GU-00 Moylan, senators",
		"96950":      "MP-00 King-Hinds, senators",
		"96799":      "AS-00 Radewagen, senators",
		"00802":      "VI-00 Plaskett, senators",
		"82001":      "WY-00 Hageman, senators Barrasso Lummis",
		"05401":      "VT-00 Balint, senators Sanders Welch",
		"09001":      "senators, military",
		"34002":      "senators, military",
		"96201":      "senators, military",
		"02137":      "senators, no_area",
		"00000":      "senators, unknown_zip",
	} {
		a, err := table.ZIP(zip, testNow)
		if got := describe(a); err != nil || got != want || a.Congress != 119 {
			t.Errorf("%s: %s (%v), want %s", zip, got, err, want)
		}
	}
}

func TestEveryRealSeatIsHeldOrOneOfFourVacancies(t *testing.T) {
	table := realTables(t)
	m, vacant, named := table.members[119], map[string]bool{}, map[undersigned.District]bool{}
	for _, shares := range table.lines[119].zips {
		for _, share := range shares {
			named[share.District] = true
			if m.seats[share.District] == nil {
				vacant[share.District.String()] = true
			}
		}
	}
	want := []string{"CA-14", "FL-20", "GA-13", "TX-23"}
	if got := slices.Sorted(maps.Keys(vacant)); !slices.Equal(got, want) {
		t.Errorf("vacant: %v, want %v", got, want)
	}
	for d, l := range m.seats {
		if !named[d] {
			t.Errorf("%s holds %s, in which no ZIP code lies", l.Bioguide, d)
		}
	}
	if len(named) != 441 || len(table.lines[119].rings) != 441 {
		t.Errorf("%d districts with ZIP codes, %d with boundaries; want 441", len(named), len(table.lines[119].rings))
	}
	states := 0
	for state := range states50(t) {
		if states++; len(m.senators[state]) != 2 {
			t.Errorf("%s has %d senators", state, len(m.senators[state]))
		}
	}
	if states != 50 {
		t.Errorf("%d states", states)
	}
}

func states50(t *testing.T) map[string]bool {
	t.Helper()
	set := map[string]bool{}
	for _, s := range stateCodes {
		if undersigned.HasSenators(s) {
			set[s] = true
		}
	}
	return set
}

func TestSplitZIPsAreCountedAndNeverDecided(t *testing.T) {
	table := realTables(t)
	several, states := 0, 0
	for zip := range table.lines[119].zips {
		a, err := table.ZIP(zip, testNow)
		if err != nil {
			t.Fatal(err)
		}
		if len(a.Seats) > 1 {
			several++
			if a.Note != Choose && a.Note != ChooseState {
				t.Errorf("%s has %d seats and the note %q", zip, len(a.Seats), a.Note)
			}
		}
		if a.State == "" {
			states++
			if len(a.Senators) != 0 || a.Note != ChooseState {
				t.Errorf("%s lies in two states and has senators", zip)
			}
		}
	}
	if states != 124 || several < 5000 || several > 6500 {
		t.Errorf("%d ZIP codes touch two states (124 are known), %d several districts (one in six is known)", states, several)
	}
}

func TestKnownPointsLieInTheirDistricts(t *testing.T) {
	table := realTables(t)
	file, err := os.Open(filepath.Join(testenv.Data(t), "samples/known_points.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows[1:] {
		lat, _ := strconv.ParseFloat(row[1], 64)
		lon, _ := strconv.ParseFloat(row[2], 64)
		number, _ := strconv.Atoi(row[4])
		a, err := table.Point(lat, lon, testNow)
		want := undersigned.District{State: row[3], Number: number}
		if err != nil || len(a.Seats) != 1 || a.Seats[0].District != want {
			t.Errorf("%s: %s, %v; want %s", row[0], describe(a), err, want)
		}
	}
	for name, p := range map[string][3]string{
		"Attu, beyond the antimeridian": {"52.90", "172.90", "AK-00"},
		"Adak, before it":               {"51.88", "-176.65", "AK-00"},
		"Boston":                        {"42.3601", "-71.0589", "MA-08"},
		"Pago Pago":                     {"-14.2756", "-170.7020", "AS-00"},
		"Charlotte Amalie":              {"18.3419", "-64.9307", "VI-00"},
	} {
		lat, _ := strconv.ParseFloat(p[0], 64)
		lon, _ := strconv.ParseFloat(p[1], 64)
		if a, _ := table.Point(lat, lon, testNow); len(a.Seats) != 1 || a.Seats[0].District.String() != p[2] {
			t.Errorf("%s: %s", name, describe(a))
		}
	}
	for name, p := range map[string][2]float64{"the Atlantic": {40, -60}, "Toronto": {43.65, -79.38}, "the pole": {90, 0},
		"the antimeridian": {0, 180}, "its other side": {0, -180}} {
		if a, err := table.Point(p[0], p[1], testNow); err != nil || a.Note != Outside || len(a.Seats) != 0 {
			t.Errorf("%s: %s, %v", name, describe(a), err)
		}
	}
}

func TestRealCensusPointsAgreeWithTheirZIP(t *testing.T) {
	table := realTables(t)
	file, err := os.Open(filepath.Join(testenv.Data(t), "samples/zcta_points.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	other, nowhere := 0, 0
	for _, row := range rows[1:] {
		lat, _ := strconv.ParseFloat(row[1], 64)
		lon, _ := strconv.ParseFloat(row[2], 64)
		a, err := table.Point(lat, lon, testNow)
		if err != nil {
			t.Fatal(err)
		}
		byZIP, _ := table.ZIP(row[0], testNow)
		switch {
		case len(a.Seats) == 0:
			nowhere++
		case !slices.ContainsFunc(byZIP.Seats, func(s Seat) bool { return s.District == a.Seats[0].District }):
			other++
		}
	}
	t.Logf("%d points: %d in none of their ZIP code's districts, %d in no district", len(rows)-1, other, nowhere)
	if other > 10 || nowhere > 100 {
		t.Errorf("%d of %d points in another district, %d in none", other, len(rows)-1, nowhere)
	}
}

func TestAppointedSenatorsAreNotDroppedForTheirDates(t *testing.T) {
	table := realTables(t)
	for zip, want := range map[string]string{"43215": "Husted", "32301": "Moody"} {
		a, _ := table.ZIP(zip, testNow)
		if !strings.Contains(describe(a), want) {
			t.Errorf("%s: %s, without %s", zip, describe(a), want)
		}
	}
}

func TestTheSampleAgreesWithThePublicFiles(t *testing.T) {
	real, sample := realTables(t), SampleTable()
	for zip := range sample.lines[119].zips {
		a, _ := sample.ZIP(zip, testNow)
		b, _ := real.ZIP(zip, testNow)
		if describe(a) != describe(b) {
			t.Errorf("%s: %s, really %s", zip, describe(a), describe(b))
		}
	}
	for id, l := range sample.members[119].all {
		r := *real.members[119].all[id]
		r.Offices, r.Term.Address = nil, ""
		if want, got := fmt.Sprint(r), fmt.Sprint(*l); got != want {
			t.Errorf("%s, really %s", got, want)
		}
	}
	if len(sample.members[119].seats) != 9 || len(sample.members[119].senators["MA"]) != 2 {
		t.Error("the sample is not all of Massachusetts")
	}
}

func TestTheSampleSaysThatItIsOne(t *testing.T) {
	table := SampleTable()
	if a, err := table.ZIP("90210", testNow); err != nil || a.Note != InSample {
		t.Errorf("90210: %s, %v", describe(a), err)
	}
	if a, err := table.Point(42.36, -71.06, testNow); err != nil || a.Note != InSample {
		t.Errorf("a point: %s, %v", describe(a), err)
	}
	if a, _ := table.ZIP("02138", testNow); describe(a) != "MA-05 Clark, MA-07 Pressley, senators Warren Markey, choose" {
		t.Errorf("02138: %s", describe(a))
	}
	if !table.Sample || table.AsOf == "" {
		t.Error("the sample does not say that it is one, or of when")
	}
}

func TestNoonOnTheThirdOfJanuaryChangesEverySeat(t *testing.T) {
	table := realTables(t)
	noon := undersigned.CongressEnds(119)
	for _, c := range []struct {
		zip, before, after string
	}{
		{"02458", "MA-04 Auchincloss, senators Warren Markey", "senators Warren, not_loaded"},
		{"82001", "WY-00 Hageman, senators Barrasso Lummis", "WY-00 unknown, senators Barrasso, not_loaded"},
		{"43215", "OH-03 Beatty, OH-15 Carey, senators Moreno Husted, choose", "senators Moreno, not_loaded"},
		{"00901", "PR-00 Hernández Rivera, senators", "PR-00 Hernández Rivera, senators, not_loaded"},
	} {
		before, _ := table.ZIP(c.zip, noon.Add(-time.Second))
		after, _ := table.ZIP(c.zip, noon.Add(time.Second))
		if describe(before) != c.before || before.Congress != 119 {
			t.Errorf("%s before noon: %s, want %s", c.zip, describe(before), c.before)
		}
		if describe(after) != c.after || after.Congress != 120 {
			t.Errorf("%s after noon: %s, want %s", c.zip, describe(after), c.after)
		}
	}
}

// twoCongresses is a state with two districts, whose lines and members change with the 120th Congress.
func twoCongresses() *Table {
	people := func(congress int, begin, end undersigned.Day, names ...string) *members {
		m := &members{congress: congress, all: map[string]*undersigned.Legislator{}, seats: map[undersigned.District]*undersigned.Legislator{},
			senators: map[string][]*undersigned.Legislator{}}
		for i, name := range names {
			m.seats[undersigned.District{State: "NH", Number: i + 1}] = &undersigned.Legislator{Last: name,
				Term: undersigned.Term{Chamber: undersigned.House, State: "NH", District: i + 1, Begin: begin, End: end}}
		}
		return m
	}
	zips := func(number int) map[string][]Share {
		return map[string][]Share{"03301": {{District: undersigned.District{State: "NH", Number: number}}}}
	}
	return &Table{
		lines: map[int]*lines{119: newLines(zips(1), nil), 120: newLines(zips(2), nil)},
		members: map[int]*members{119: people(119, "2025-01-03", "2027-01-03", "Old", "Elder"),
			120: people(120, "2027-01-03", "2029-01-03", "New", "Newer")},
	}
}

func TestTheNextCongressWaitsForTheClock(t *testing.T) {
	table, noon := twoCongresses(), undersigned.CongressEnds(119)
	before, _ := table.ZIP("03301", noon.Add(-time.Second))
	after, _ := table.ZIP("03301", noon.Add(time.Second))
	if describe(before) != "NH-01 Old, senators" || describe(after) != "NH-02 Newer, senators" {
		t.Errorf("before noon %s, after %s", describe(before), describe(after))
	}
	// The new members are known, the new lines are not: nobody is named by the old ones.
	delete(table.lines, 120)
	if after, _ = table.ZIP("03301", noon); describe(after) != "senators, not_loaded" {
		t.Errorf("without the new lines: %s", describe(after))
	}
	if a, err := table.District(undersigned.District{State: "NH", Number: 2}, noon); err != nil || describe(a) != "NH-02 Newer, senators" {
		t.Errorf("a district by its name: %s, %v", describe(a), err)
	}
	if _, err := table.District(undersigned.District{State: "NH", Number: 3}, noon); undersigned.KindOf(err) != undersigned.NotFound {
		t.Errorf("a district that is not: %v", err)
	}
	// Two years on, nothing that is loaded says anything.
	if a, _ := table.ZIP("03301", undersigned.CongressEnds(121)); describe(a) != "senators, not_loaded" {
		t.Errorf("long after: %s", describe(a))
	}
}

func TestWhatIsNoZIPOrPlaceIsInvalid(t *testing.T) {
	table := SampleTable()
	for _, zip := range []string{"", "2138", "02138-", "o2138", "021380"} {
		if _, err := table.ZIP(zip, testNow); undersigned.KindOf(err) != undersigned.Invalid {
			t.Errorf("%q: %v", zip, err)
		}
	}
	nan := 0.0
	nan /= nan
	for _, p := range [][2]float64{{91, 0}, {0, 181}, {nan, 0}, {0, nan}} {
		if _, err := table.Point(p[0], p[1], testNow); undersigned.KindOf(err) != undersigned.Invalid {
			t.Errorf("%v: %v", p, err)
		}
	}
}

func TestAnswersHaveThePromisedShape(t *testing.T) {
	a, _ := SampleTable().ZIP("02458", testNow)
	a.Seats = append(a.Seats, Seat{Share: Share{District: undersigned.District{State: "MA", Number: 9}}, Vacant: true})
	got, _ := json.Marshal(a.JSON())
	want := `{"congress":119,"districts":[{"state":"MA","number":4,"representative":{"bioguide":"A000148","name":"Jake Auchincloss"}},` +
		`{"state":"MA","number":9,"representative":null}],"senators":[{"bioguide":"W000817","name":"Elizabeth Warren","state":"MA"},` +
		`{"bioguide":"M000133","name":"Edward J. Markey","state":"MA"}]}`
	if string(got) != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	if got, _ = json.Marshal((Answer{Congress: 119}).JSON()); string(got) != `{"congress":119,"districts":[],"senators":[]}` {
		t.Errorf("an empty answer: %s", got)
	}
	b, err := readBill(bytes.NewReader([]byte(billXML("HR", "", "2025-01-10 1000 Introduced in House"))))
	if err != nil {
		t.Fatal(err)
	}
	got, _ = json.Marshal(DescribeBill(b, undersigned.CongressEnds(119)))
	want = `{"congress":119,"type":"hr","number":7,"title":"Bread \u0026 Roses","stage":"died","reached":"in_committee","sponsor":"Jane B. Doe Jr.","cosponsors":0}`
	if string(got) != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

func BenchmarkZIP(b *testing.B) {
	table := realTables(b)
	zips := slices.Sorted(maps.Keys(table.lines[119].zips))
	random := rand.New(rand.NewPCG(1, 2))
	for b.Loop() {
		_, _ = table.ZIP(zips[random.IntN(len(zips))], testNow)
	}
}

// BenchmarkPoint looks up places all over the country and reports the 99th percentile, and the memory of the tables.
func BenchmarkPoint(b *testing.B) {
	table := realTables(b)
	random := rand.New(rand.NewPCG(1, 2))
	var took []time.Duration
	for b.Loop() {
		lat, lon := 24+random.Float64()*47, -165+random.Float64()*98
		began := time.Now()
		_, _ = table.Point(lat, lon, testNow)
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
	b.ReportMetric(float64(took[len(took)-1].Microseconds()), "max-µs")
}

func BenchmarkLoad(b *testing.B) {
	realTables(b)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var table *Table
	for b.Loop() {
		table, _ = readMirror(realData)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/(1<<20), "MB-held")
	runtime.KeepAlive(table)
}
