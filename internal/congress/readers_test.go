package congress

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/testenv"
)

// person is one element of legislators-current.json, with one term.
func person(id, last, term string) string {
	return fmt.Sprintf(`{"id":{"bioguide":%q,"fec":["X"]},"name":{"first":"A","last":%q},"terms":[{"type":"rep","start":"2001-01-03","end":"2003-01-03","state":"OH","district":1},{%s}]}`, id, last, term)
}

func house(state string, district int, end string) string {
	return fmt.Sprintf(`"type":"rep","start":"2025-01-03","end":%q,"state":%q,"district":%d,"party":"X"`, end, state, district)
}

func senate(state string, class int, rank, end string) string {
	return fmt.Sprintf(`"type":"sen","start":"2025-01-03","end":%q,"state":%q,"class":%d,"state_rank":%q,"party":"X"`, end, state, class, rank)
}

func people(list ...string) string { return "[" + strings.Join(list, ",") + "]" }

func TestTheLastTermOfEachPersonCounts(t *testing.T) {
	m, err := readLegislators(strings.NewReader(people(
		person("A000001", "Member", house("MA", 5, "2027-01-03")),
		person("A000002", "Commissioner", house("PR", 0, "2027-01-03")),
		person("A000003", "Junior", senate("OH", 3, "junior", "2026-11-03")),
		person("A000004", "Senior", senate("OH", 1, "senior", "2031-01-03")))))
	if err != nil {
		t.Fatal(err)
	}
	if m.congress != 119 || len(m.all) != 4 {
		t.Errorf("Congress %d, %d people", m.congress, len(m.all))
	}
	if l := m.seats[undersigned.District{State: "MA", Number: 5}]; l == nil || l.Name != "A Member" {
		t.Errorf("MA-05: %v", l)
	}
	if l := m.seats[undersigned.District{State: "PR"}]; l.Term.End != "2029-01-03" {
		t.Errorf("the Commissioner's term ends %s", l.Term.End)
	}
	if s := m.senators["OH"]; len(s) != 2 || s[0].Last != "Senior" || s[1].Last != "Junior" {
		t.Errorf("senators of Ohio: %v", s)
	}
}

func TestDoubtfulLegislatorsAreRefused(t *testing.T) {
	member := person("A000001", "Member", house("MA", 5, "2027-01-03"))
	for name, s := range map[string]string{
		"HTML":            "<html>",
		"an object":       "{}",
		"nobody":          "[]",
		"cut short":       people(member)[:100],
		"cut at the end":  "[" + member,
		"twice":           people(member, member),
		"two in one seat": people(member, person("A000002", "Other", house("MA", 5, "2027-01-03"))),
		"three senators": people(member, person("A000002", "B", senate("OH", 1, "", "2031-01-03")),
			person("A000003", "C", senate("OH", 2, "", "2031-01-03")), person("A000004", "D", senate("OH", 3, "", "2031-01-03"))),
		"senators of DC":   people(member, person("A000002", "B", senate("DC", 1, "", "2031-01-03"))),
		"no bioguide id":   people(person("", "Member", house("MA", 5, "2027-01-03"))),
		"no such state":    people(person("A000001", "Member", house("ZZ", 5, "2027-01-03"))),
		"no such district": people(person("A000001", "Member", house("MA", 99, "2027-01-03"))),
		"no day":           people(person("A000001", "Member", house("MA", 5, "2027-02-30"))),
		"no term":          `[{"id":{"bioguide":"A000001"},"name":{"last":"X"},"terms":[]}]`,
	} {
		if _, err := readLegislators(strings.NewReader(s)); err == nil {
			t.Errorf("%s was read", name)
		}
	}
}

func TestOfficesAndCommitteesAreRead(t *testing.T) {
	offices, err := readOffices(strings.NewReader(`[{"id":{"bioguide":"A000001"},"offices":[
		{"id":"x","city":"Woburn","state":"MA","zip":"01801","suite":104,"latitude":null},{"city":"Boston","state":"MA","phone":"617-555-0100"}]}]`))
	if err != nil || len(offices["A000001"]) != 2 || offices["A000001"][0].City != "Boston" || offices["A000001"][1].Suite != "104" {
		t.Errorf("offices %v, %v", offices, err)
	}
	committees, err := readCommittees(strings.NewReader(`[{"type":"house","name":"House Committee on the Judiciary","thomas_id":"HSJU",
		"subcommittees":[{"name":"Immigration","thomas_id":"01"}]},{"type":"joint","name":"Joint Library","thomas_id":"JSLC"}]`))
	if err != nil || committees["HSJU01"] != (Committee{"HSJU01", "Immigration", undersigned.House}) || committees["JSLC"].Chamber != "" {
		t.Errorf("committees %v, %v", committees, err)
	}
	membership, err := readMembership(strings.NewReader(`{"HSJU":[{"name":"A","bioguide":"A000001","title":"Chairman","rank":1}]}`))
	if err != nil || membership["HSJU"][0] != (memberRecord{"A000001", "Chairman"}) {
		t.Errorf("members %v, %v", membership, err)
	}
	if _, err := readOffices(strings.NewReader(`[{"offices":[]}]`)); err == nil {
		t.Error("an office of nobody was read")
	}
	if _, err := readCommittees(strings.NewReader(`[{"name":"No code"}]`)); err == nil {
		t.Error("a committee without a code was read")
	}
	if _, err := readMembership(strings.NewReader(`{}`)); err == nil {
		t.Error("no committees were read")
	}
}

// zipFile is a relationship file of a Congress with these rows: "GEOID ZIP part whole", areas "-" where missing.
func zipFile(congress int, rows ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\ufeffOID_CD%[1]d_20|GEOID_CD%[1]d_20|NAMELSAD_CD%[1]d_20|AREALAND_CD%[1]d_20|AREAWATER_CD%[1]d_20|MTFCC_CD%[1]d_20|FUNCSTAT_CD%[1]d_20|"+
		"OID_ZCTA5_20|GEOID_ZCTA5_20|NAMELSAD_ZCTA5_20|AREALAND_ZCTA5_20|AREAWATER_ZCTA5_20|MTFCC_ZCTA5_20|CLASSFP_ZCTA5_20|FUNCSTAT_ZCTA5_20|AREALAND_PART|AREAWATER_PART\n", congress)
	for _, row := range rows {
		f := strings.Fields(strings.ReplaceAll(row, "-", "\x00"))
		for i := range f {
			f[i] = strings.Trim(f[i], "\x00")
		}
		fmt.Fprintf(&b, "1|%s|District|||G5200|N|2|%s|ZCTA5|%s||G6350|B5|S|%s|\n", f[0], f[1], f[3], f[2])
	}
	return b.String()
}

func TestZIPsAreReadWithAndWithoutAreas(t *testing.T) {
	zips, err := readZIPs(strings.NewReader(zipFile(119,
		"2507 02138 25 100", "2505 02138 75 100", "25ZZ 02138 0 100", "1198 20001 - -", "5600 82001 - -",
		"3301 03579 - -", "2301 03579 - -", "0101 - 5 -", "- 99999 - -", "3301 03579 - -")), 119)
	if err != nil {
		t.Fatal(err)
	}
	for zip, want := range map[string]string{
		"02138": "[{MA-05 0.75} {MA-07 0.25}]", "20001": "[{DC-00 0}]", "82001": "[{WY-00 0}]", "03579": "[{ME-01 0} {NH-01 0}]", "99999": "[]",
	} {
		if got := fmt.Sprint(zips[zip]); got != want {
			t.Errorf("%s: %s, want %s", zip, got, want)
		}
	}
}

func TestZIPFilesThatAreNotSoundAreRefused(t *testing.T) {
	sound := zipFile(119, "2505 02138 75 100")
	for name, s := range map[string]string{
		"nothing":          "",
		"of the 118th":     zipFile(118, "2505 02138 75 100"),
		"no mark":          strings.TrimPrefix(sound, "\ufeff"),
		"no rows":          zipFile(119),
		"only water":       zipFile(119, "25ZZ 02138 0 100"),
		"a column short":   sound + "1|2|3\n",
		"no such state":    zipFile(119, "9905 02138 75 100"),
		"no such district": zipFile(119, "2597 02138 75 100"),
		"half a ZIP code":  zipFile(119, "2505 0213 75 100"),
		"a long line":      sound + strings.Repeat("x", 1<<17),
		"HTML":             "<html>",
	} {
		if _, err := readZIPs(strings.NewReader(s), 119); err == nil {
			t.Errorf("%s was read", name)
		}
	}
}

func TestTheGenuineRowsOfTheCensusFileAreRead(t *testing.T) {
	f, err := os.Open(filepath.Join(testenv.Data(t), "samples/census_cd119_zcta520_sample.txt"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	zips, err := readZIPs(f, 119)
	if err != nil {
		t.Fatal(err)
	}
	hills := zips["90210"]
	if len(hills) != 3 || hills[0].District.Number != 32 || hills[1].District.Number != 36 || hills[2].District.Number != 30 {
		t.Errorf("90210: %v", hills)
	}
	if sum := hills[0].Land + hills[1].Land + hills[2].Land; sum < 0.999 || sum > 1.001 {
		t.Errorf("the shares of 90210 make %v", sum)
	}
	if len(zips) != 3 || fmt.Sprint(zips["06437"]) != "[{CT-03 1}]" || fmt.Sprint(zips["20001"]) != "[{DC-00 1}]" {
		t.Errorf("%v", zips)
	}
}

func FuzzReadLegislators(f *testing.F) {
	f.Add([]byte(people(person("A000001", "Member", house("MA", 5, "2027-01-03")), person("A000002", "B", senate("OH", 1, "senior", "2031-01-03")))))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := readLegislators(bytes.NewReader(data))
		if err == nil && (len(m.seats) == 0 || len(m.all) < len(m.seats)) {
			t.Errorf("%d people in %d seats", len(m.all), len(m.seats))
		}
	})
}

func FuzzReadOfficesAndCommittees(f *testing.F) {
	f.Add([]byte(`[{"id":{"bioguide":"A000001"},"offices":[{"suite":104}]}]`))
	f.Add([]byte(`[{"type":"house","name":"x","thomas_id":"HSJU","subcommittees":[{"name":"y","thomas_id":"01"}]}]`))
	f.Add([]byte(`{"HSJU":[{"bioguide":"A000001"}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		offices, err := readOffices(bytes.NewReader(data))
		for id := range offices {
			if err == nil && !undersigned.ValidBioguide(id) {
				t.Errorf("offices of %q", id)
			}
		}
		committees, err := readCommittees(bytes.NewReader(data))
		for code, c := range committees {
			if err == nil && c.Code != code {
				t.Errorf("%q is %v", code, c)
			}
		}
		if membership, err := readMembership(bytes.NewReader(data)); err == nil && len(membership) == 0 {
			t.Error("no members, and no error")
		}
	})
}

func FuzzReadZIPs(f *testing.F) {
	f.Add([]byte(zipFile(119, "2507 02138 25 100", "2505 02138 75 100", "1198 20001 - -")))
	f.Fuzz(func(t *testing.T, data []byte) {
		zips, err := readZIPs(bytes.NewReader(data), 119)
		for zip, shares := range zips {
			if err == nil && (len(zip) != 5 || len(shares) == 0) {
				t.Errorf("%q: %v", zip, shares)
			}
		}
	})
}

// FuzzReadManifest reads what an update has left, as a broken disk may give it back: no file outside its folder is named.
func FuzzReadManifest(f *testing.F) {
	f.Add([]byte(`{"sources":{"zips119":{"name":"zips119","file":"zips119-1","count":3}},"legislators":{"119":"legislators-1"}}`))
	f.Add([]byte(`{"sources":{"x":null}}`))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text []byte) {
		if err := os.WriteFile(filepath.Join(dir, "current.json"), text, 0o600); err != nil {
			t.Fatal(err)
		}
		m, err := readManifest(dir)
		if err != nil {
			return
		}
		for _, s := range m.list() {
			m.path(dir, source{name: s.Name})
		}
	})
}
