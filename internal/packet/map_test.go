package packet

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/congress"
	"github.com/undersigned/undersigned/internal/testenv"
)

// realTable is the table of the public files.
func realTable(t *testing.T) *congress.Table {
	t.Helper()
	dir := t.TempDir()
	_, err := congress.Update(t.Context(), congress.Options{Dir: dir, Mirror: filepath.Join(testenv.Data(t), "www"), Now: noon})
	noError(t, err)
	current := congress.NewCurrent(dir)
	_, err = current.Reload(noon)
	noError(t, err)
	return current.Table()
}

// Forty-four states have several districts. Each is drawn whole, and all maps together are lighter than a photograph.
func TestPacketShowsTheDistrictsOfEachStateThatHasSeveral(t *testing.T) {
	table := realTable(t)
	counts := &undersigned.SeatCounts{}
	several := map[string]int{}
	for _, l := range table.Legislators(noon) {
		several[l.Term.State] = len(table.DistrictsIn(l.Term.State, noon))
	}
	for _, state := range slices.Sorted(maps.Keys(several)) {
		for i, d := range table.DistrictsIn(state, noon) {
			if i%5 > 0 { // the others have fewer than ten
				counts.Seats = append(counts.Seats, undersigned.SeatCount{Seat: d.String(), AtLeast: []int64{10, 120, 3400, 560_000}[i%4]},
					undersigned.SeatCount{Seat: d.String(), Split: true, AtLeast: 20})
			}
		}
	}
	drawn := shaded(newStateMaps(table, noon), counts)
	labels, shades := 0, map[int]int{}
	for _, m := range drawn {
		if len(m.Districts) != several[m.State] || several[m.State] < 2 {
			t.Errorf("%s is drawn with %d districts of %d", m.State, len(m.Districts), several[m.State])
		}
		for _, d := range m.Districts {
			shades[d.Shade]++
			if d.Label != "" {
				labels++
			}
		}
	}
	if len(drawn) != 44 || labels < 300 || len(shades) != 5 {
		t.Errorf("%d states, %d districts with their number, shades %v", len(drawn), labels, shades)
	}
	var page bytes.Buffer
	noError(t, paper.ExecuteTemplate(&page, "packet.html", &paperView{Title: "A petition", Kind: "petition", Maps: drawn, States: []stateTile{{Code: "MA"}}}))
	if page.Len() > 600<<10 {
		t.Errorf("the page has %d bytes", page.Len())
	}
	if dir := os.Getenv("UNDERSIGNED_TEST_PICTURES"); dir != "" {
		noError(t, os.WriteFile(filepath.Join(dir, "packet.html"), page.Bytes(), 0o644))
	}
	if maps := newStateMaps(congress.SampleTable(), noon); maps != nil {
		t.Error("states are drawn whose boundaries are not loaded")
	}
	if maps := shaded(newStateMaps(table, noon), &undersigned.SeatCounts{Seats: []undersigned.SeatCount{{Seat: "MA-05", Split: true, AtLeast: 10}, {Seat: "MA", AtLeast: 30}, {Seat: "WY-00", AtLeast: 10}}}); maps != nil {
		t.Errorf("%d states are drawn in which no district is known to have ten", len(maps))
	}
}
