package pack

import (
	"encoding/csv"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/testenv"
	"github.com/undersigned/undersigned/packs"
)

// The figures of the starter are those of ICE's own workbooks: each month and each year, rounded to whole people.
func TestStarterFiguresAreThoseOfTheirSource(t *testing.T) {
	content, err := Read(packs.Starter)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		fact, file string
		key, value int // columns
		cut        int // of the key, in bytes
		of         map[int]string
		least      int
	}{
		{"people-held", "ice_adp_monthly.csv", 1, 4, 7, map[int]string{2: "All", 3: "All"}, 80},
		{"alternatives-enrolment", "ice_atd_population.csv", 1, 4, 4, map[int]string{2: "family_unit_status", 3: "Total"}, 8},
	} {
		want := map[string]float64{}
		for _, row := range rows(t, filepath.Join(testenv.Data(t), "samples", "detention", test.file)) {
			takes := true
			for column, word := range test.of {
				takes = takes && row[column] == word
			}
			if n, err := strconv.ParseFloat(row[test.value], 64); takes && err == nil {
				want[row[test.key][:test.cut]] = n
			}
		}
		fact := content.Fact(test.fact)
		if len(fact.Rows) < test.least || len(want) < test.least || fact.Step != map[int]undersigned.Step{7: undersigned.ByMonth, 4: undersigned.ByYear}[test.cut] {
			t.Errorf("%s has %d figures, its source %d", test.fact, len(fact.Rows), len(want))
		}
		for _, row := range fact.Rows {
			n, err := strconv.ParseFloat(string(row.Figures[0]), 64)
			if source, known := want[row.Period]; err != nil || !known || math.Abs(n-source) > .5 {
				t.Errorf("%s, %s: %s, and the source says %v", test.fact, row.Period, row.Figures[0], source)
			}
		}
	}
}

func rows(t *testing.T, path string) [][]string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows[1:]
}
