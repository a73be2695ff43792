package congress

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/testenv"
)

// testNow is after the 118th Congress and before the end of the 119th.
var testNow = time.Date(2026, time.November, 22, 12, 0, 0, 0, time.UTC)

// golden is a line of testdata/bills.tsv: what a person reads in a bill's actions.
type golden struct {
	id             undersigned.BillID
	stage, reached string
	cosponsors     int
	sponsor        string
}

func goldenBills(t testing.TB) []golden {
	t.Helper()
	file, err := os.Open("testdata/bills.tsv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var list []golden
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), "#") {
			continue
		}
		f := strings.Split(lines.Text(), "\t")
		congress, _ := strconv.Atoi(f[0])
		number, _ := strconv.Atoi(f[2])
		cosponsors, _ := strconv.Atoi(f[5])
		list = append(list, golden{undersigned.BillID{Congress: congress, Type: f[1], Number: number}, f[3], f[4], cosponsors, f[6]})
	}
	return list
}

func billData(t testing.TB, id undersigned.BillID) []byte {
	t.Helper()
	s := billSource(id)
	data, err := os.ReadFile(filepath.Join(testenv.Data(t), "www", s.host, filepath.FromSlash(s.path)))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestEveryRealBillHasTheStageThatAPersonReadsInIt(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(testenv.Data(t), "www/www.govinfo.gov/bulkdata/BILLSTATUS/*/*/*.xml"))
	if list := goldenBills(t); err != nil || len(files) != len(list) {
		t.Errorf("%d files, %d lines in the golden list (%v)", len(files), len(list), err)
	}
	for _, want := range goldenBills(t) {
		data := billData(t, want.id)
		b, err := readBill(bytes.NewReader(data))
		if want.stage == "reserved" {
			if undersigned.KindOf(err) != undersigned.Gone {
				t.Errorf("%s is reserved: %v", want.id, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", want.id, err)
			continue
		}
		stage, reached := b.StageAt(testNow)
		if string(stage) != want.stage || string(reached) != want.reached {
			t.Errorf("%s: %s, reached %s; want %s, %s", want.id, stage, reached, want.stage, want.reached)
		}
		if b.BillID != want.id || b.Cosponsors != want.cosponsors || b.SponsorID != want.sponsor || b.Title == "" {
			t.Errorf("%s: %s %q, %d cosponsors, sponsor %q", want.id, b.BillID, b.Title, b.Cosponsors, b.SponsorID)
		}
		if final := reached.Final(); final != (b.Decided != "") {
			t.Errorf("%s: %s, decided %q", want.id, reached, b.Decided)
		}
	}
}

func TestShuffledAndRepeatedActionsGiveTheSameBill(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, want := range goldenBills(t) {
		if want.stage == "reserved" {
			continue
		}
		var f billFile
		if err := walkXML(billData(t, want.id), f.element); err != nil {
			t.Fatal(err)
		}
		first, _ := json.Marshal(f.bill(want.id))
		f.actions = append(f.actions, f.actions...)
		random.Shuffle(len(f.actions), func(i, j int) { f.actions[i], f.actions[j] = f.actions[j], f.actions[i] })
		if again, _ := json.Marshal(f.bill(want.id)); !bytes.Equal(first, again) {
			t.Errorf("%s: %s\nshuffled: %s", want.id, first, again)
		}
	}
}

// billXML is a bill status of the newer layout with these actions of the Library of Congress: "DATE CODE TEXT".
func billXML(kind string, laws string, actions ...string) string {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0"?><billStatus><version>3.0.0</version><bill><number>7</number><type>` + kind +
		`</type><congress>119</congress><title>Bread &amp; Roses</title>` + laws +
		`<sponsors><item><bioguideId>A000001</bioguideId><fullName>Rep. Doe, Jane B., Jr. [D-MA-5]</fullName></item></sponsors><actions>`)
	for _, a := range actions {
		f := strings.SplitN(a, " ", 3)
		b.WriteString("<item><actionDate>" + f[0] + "</actionDate><actionCode>" + f[1] + "</actionCode><text>" + f[2] +
			"</text><sourceSystem><code>9</code></sourceSystem></item>")
	}
	return b.String() + "</actions></bill></billStatus>"
}

func TestStagesFollowTheLibraryOfCongressCodes(t *testing.T) {
	const (
		in        = "2025-01-10 1000 Introduced in House"
		house     = "2025-02-01 8000 Passed/agreed to in House: On passage Passed"
		senate    = "2025-03-01 17000 Passed/agreed to in Senate: Passed Senate without amendment"
		amended   = "2025-03-01 17000 Passed/agreed to in Senate: Passed Senate with an amendment"
		president = "2025-04-01 28000 Presented to President."
		law       = "<laws><item><number>119-9</number></item></laws>"
	)
	for name, c := range map[string]struct {
		kind, laws string
		actions    []string
		want       undersigned.Stage
		differ     bool
	}{
		"introduced":                 {"HR", "", []string{in}, "in_committee", false},
		"reported":                   {"HR", "", []string{in, "2025-01-20 5000 Reported"}, "on_calendar", false},
		"passed one":                 {"HR", "", []string{in, house}, "passed_house", false},
		"reported by the other":      {"HR", "", []string{in, house, "2025-02-20 14000 Reported"}, "passed_house", false},
		"passed both":                {"HR", "", []string{in, house, senate}, "passed_both", false},
		"passed both, otherwise":     {"HR", "", []string{in, house, amended}, "passed_both", true},
		"both on one day":            {"S", "", []string{"2025-03-01 17000 Passed/agreed to in Senate: Passed Senate with an amendment", "2025-03-01 8000 On motion to suspend the rules and pass the bill, as amended Agreed to"}, "passed_both", true},
		"other words agreed to":      {"HR", "", []string{in, house, amended, "2025-03-09 19500 Resolving differences: On motion that the House agree to the Senate amendment Agreed to by voice vote."}, "passed_both", false},
		"other words changed again":  {"HR", "", []string{in, house, amended, "2025-03-09 19500 Resolving differences: On motion that the House agree with an amendment to the Senate amendment Agreed to."}, "passed_both", true},
		"other words refused":        {"HR", "", []string{in, house, amended, "2025-03-09 19500 Resolving differences: On motion that the House agree to the Senate amendment Failed"}, "passed_both", true},
		"a conference agreed to":     {"HR", "", []string{in, house, amended, "2025-03-09 21000 Conference report agreed to in House", "2025-03-10 23000 Conference report agreed to in Senate"}, "passed_both", false},
		"a conference half way":      {"HR", "", []string{in, house, amended, "2025-03-09 21000 Conference report agreed to in House"}, "passed_both", true},
		"with the President":         {"HR", "", []string{in, house, senate, president}, "with_president", false},
		"signed":                     {"HR", "", []string{in, house, senate, president, "2025-04-02 E30000 Signed by President."}, "enacted", false},
		"vetoed under the same code": {"HR", "", []string{in, house, senate, president, "2025-04-02 E30000 Vetoed by President."}, "vetoed", false},
		"vetoed":                     {"HR", "", []string{in, house, senate, president, "2025-04-02 31000 Vetoed by President."}, "vetoed", false},
		"passed over the veto":       {"HR", law, []string{in, house, senate, president, "2025-04-02 31000 Vetoed by President."}, "enacted", false},
		"a law by its number":        {"HR", law, []string{in}, "enacted", false},
		"E40000 says nothing":        {"HR", "", []string{in, "2025-02-02 E40000 Placed on Senate Legislative Calendar"}, "in_committee", false},
		"lost":                       {"HR", "", []string{in, "2025-02-01 9000 Failed of passage/not agreed to in House"}, "failed", false},
		"lost, then won":             {"HR", "", []string{in, "2025-01-30 9000 Failed of passage", house}, "passed_house", false},
		"lost in the other chamber":  {"HR", "", []string{in, house, "2025-03-01 18000 Failed of passage/not agreed to in Senate"}, "failed", false},
		"a simple resolution":        {"HRES", "", []string{in, house}, "agreed_to", false},
		"half a concurrent one":      {"HCONRES", "", []string{in, house}, "passed_house", false},
		"a concurrent resolution":    {"HCONRES", "", []string{in, house, senate}, "agreed_to", false},
	} {
		b, err := readBill(strings.NewReader(billXML(c.kind, c.laws, c.actions...)))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if b.Stage != c.want || b.Differ != c.differ {
			t.Errorf("%s: %s (differ %v), want %s (%v)", name, b.Stage, b.Differ, c.want, c.differ)
		}
		if b.Title != "Bread & Roses" || b.Sponsor != "Jane B. Doe Jr." {
			t.Errorf("%s: title %q, sponsor %q", name, b.Title, b.Sponsor)
		}
	}
}

func TestABillPassedInTwoVersionsDiesWithItsCongress(t *testing.T) {
	for differ, want := range map[bool]undersigned.Stage{true: undersigned.Died, false: undersigned.PassedBoth} {
		b := undersigned.Bill{BillID: undersigned.BillID{Congress: 119, Type: "hr", Number: 7}, Stage: undersigned.PassedBoth, Differ: differ}
		if got, _ := b.StageAt(undersigned.CongressEnds(119)); got != want {
			t.Errorf("differ %v: %s, want %s", differ, got, want)
		}
	}
}

func TestBothLayoutsTellOfTheSameBill(t *testing.T) {
	var bills [2]*undersigned.Bill
	for i, name := range []string{"testdata/bill-3.0.0.xml", "testdata/bill-1.0.0.xml"} {
		file, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		if bills[i], err = readBill(file); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	newer, _ := json.Marshal(bills[0])
	older, _ := json.Marshal(bills[1])
	if !bytes.Equal(newer, older) {
		t.Errorf("the layouts differ:\n%s\n%s", newer, older)
	}
	b := bills[0]
	if b.Cosponsors != 2 || strings.Join(b.CosponsorIDs, " ") != "B000002 C000003" {
		t.Errorf("cosponsors %v: one withdrew, one withdrew and came back", b.CosponsorIDs)
	}
	if len(b.Committees) != 2 || b.Committees[1] != (undersigned.BillCommittee{Code: "HSJU01", Name: "Immigration Subcommittee", Chamber: undersigned.House}) {
		t.Errorf("committees %v", b.Committees)
	}
	if b.AsOf != "2025-03-26" || b.Introduced != "2025-01-17" || len(b.Events) != 2 || b.Events[1].Stage != undersigned.OnCalendar {
		t.Errorf("as of %s, introduced %s, events %v", b.AsOf, b.Introduced, b.Events)
	}
}

func TestBillFilesThatAreNotSoundAreRefused(t *testing.T) {
	sound := billXML("HR", "", "2025-01-10 1000 Introduced in House")
	for name, s := range map[string]string{
		"nothing":          "",
		"HTML":             "<!DOCTYPE html><html><body>404</body></html>",
		"an entity":        strings.Replace(sound, `<billStatus>`, `<!DOCTYPE billStatus [<!ENTITY a "b">]><billStatus>`, 1),
		"an unknown one":   strings.Replace(sound, "&amp;", "&a;", 1),
		"cut short":        sound[:len(sound)/2],
		"a zero byte":      strings.Replace(sound, "Bread", "Br\x00ad", 1),
		"]]> in text":      strings.Replace(sound, "Bread", "]]>", 1),
		"a bell":           strings.Replace(sound, "Bread", "&#7;", 1),
		"not UTF-8":        strings.Replace(sound, "Bread", "Br\xffad", 1),
		"no such type":     strings.Replace(sound, "<type>HR<", "<type>HX<", 1),
		"number zero":      strings.Replace(sound, "<number>7<", "<number>0<", 1),
		"no actions":       billXML("HR", ""),
		"two roots":        sound + sound[strings.Index(sound, "<billStatus>"):],
		"elements crossed": strings.Replace(sound, "</title>", "</tilte>", 1),
		"too deep":         strings.Repeat("<a>", 100) + strings.Repeat("</a>", 100),
	} {
		if b, err := readBill(strings.NewReader(s)); err == nil {
			t.Errorf("%s: read as %v", name, b)
		}
	}
	if _, err := readBill(strings.NewReader(strings.Repeat(" ", maxBill+1))); !errors.Is(err, errTooLarge) {
		t.Errorf("a file too large: %v", err)
	}
}

func TestAReservedNumberIsNoBill(t *testing.T) {
	shell := strings.Replace(billXML("HR", "", "2025-01-10 1000 Introduced in House"), "<bioguideId>A000001</bioguideId>", "", 1)
	shell = strings.Replace(shell, "Bread &amp; Roses", "Reserved for the Speaker.", 1)
	if _, err := readBill(strings.NewReader(shell)); undersigned.KindOf(err) != undersigned.Gone {
		t.Errorf("a reserved number: %v", err)
	}
}

func FuzzReadBill(f *testing.F) {
	f.Add([]byte(billXML("HR", "", "2025-01-10 1000 Introduced in House")))
	f.Add([]byte("<a b='>'><![CDATA[<c>]]>&#x41;&lt;<!-- d --><e/></a>"))
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := readBill(bytes.NewReader(data))
		if err == nil && (b.Title == "" || b.Stage == "" || b.Stage == undersigned.Died) {
			t.Errorf("a bill without its facts: %+v", b)
		}
	})
}

func BenchmarkReadBill(b *testing.B) {
	var files [][]byte
	size := 0
	for _, g := range goldenBills(b) {
		data := billData(b, g.id)
		files, size = append(files, data), size+len(data)
	}
	b.SetBytes(int64(size))
	for b.Loop() {
		for _, data := range files {
			_, _ = readBill(bytes.NewReader(data))
		}
	}
}
