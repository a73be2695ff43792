package action

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"github.com/paulmach/orb"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/atlas"
	"github.com/undersigned/undersigned/internal/congress"
)

// The size of a state's map in a packet, in its own units.
const (
	stateWidth  = 400
	leastHeight = 160
	mostHeight  = 440
	labelRoom   = 7 // around a district's number; where there is less, the table alone has it
)

// stateMap shows the districts of a state, darker where more people signed.
type stateMap struct {
	State         string
	Width, Height int
	Districts     []districtShape
}

type districtShape struct {
	Path  string // of an SVG
	Label string // empty where there is no room for it
	X, Y  int
	Shade int // 0 to 4
}

// newStateMaps draws each state of several districts in one of which ten people or more have signed. Where the boundaries are
// not loaded there are no maps.
func newStateMaps(table *congress.Table, counts *undersigned.SeatCounts, now time.Time) (maps []stateMap) {
	seen := map[string]bool{}
	for _, c := range counts.Seats {
		d, err := undersigned.ParseDistrict(c.Seat)
		if err != nil || d.AtLarge() || c.Split || seen[d.State] {
			continue
		}
		seen[d.State] = true
		if m, ok := newStateMap(table, d.State, counts, now); ok {
			maps = append(maps, m)
		}
	}
	return maps
}

func newStateMap(table *congress.Table, state string, counts *undersigned.SeatCounts, now time.Time) (m stateMap, ok bool) {
	districts := table.DistrictsIn(state, now)
	var all []orb.Ring
	for _, d := range districts {
		outline := table.Outline(d, now)
		if outline == nil {
			return m, false
		}
		all = append(all, outline...)
	}
	if all == nil {
		return m, false
	}
	f := atlas.NewFrame(mainland(all), .02, stateWidth, leastHeight, mostHeight)
	m = stateMap{State: state, Width: f.Width, Height: f.Height}
	for _, d := range districts {
		rings := f.Draw(table.Outline(d, now))
		if rings == nil {
			continue
		}
		whole, _, _ := counts.Of(d.String())
		shape := districtShape{Path: atlas.Path(rings), Shade: shade(whole)}
		if x, y, room := f.Label(rings); room >= labelRoom {
			shape.Label, shape.X, shape.Y = strconv.Itoa(d.Number), x, y
		}
		m.Districts = append(m.Districts, shape)
	}
	return m, true
}

// mainland is what the larger rings of a state cover: Hawaii's rocks reach a thousand miles beyond its islands.
func mainland(rings []orb.Ring) orb.Bound {
	size := func(r orb.Ring) float64 { b := r.Bound(); return (b.Max[0] - b.Min[0]) * (b.Max[1] - b.Min[1]) }
	largest := slices.MaxFunc(rings, func(a, b orb.Ring) int { return cmp.Compare(size(a), size(b)) })
	return atlas.Bound(slices.DeleteFunc(slices.Clone(rings), func(r orb.Ring) bool { return size(r)*200 < size(largest) }))
}
