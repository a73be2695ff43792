package packet

import (
	"cmp"
	"maps"
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
	State         string          `json:"state"`
	Width, Height int             // in its own units
	Districts     []districtShape `json:"districts"`
}

type districtShape struct {
	District string `json:"district"`
	Path     string `json:"path"` // of an SVG
	Label    string // empty where there is no room for it
	X, Y     int
	Shade    int `json:"-"` // 0 to 4
}

// newStateMaps draws each state of several districts whose boundaries are loaded.
func newStateMaps(table *congress.Table, now time.Time) (drawn []stateMap) {
	states := map[string]bool{}
	for _, l := range table.Legislators(now) {
		states[l.Term.State] = true
	}
	for _, state := range slices.Sorted(maps.Keys(states)) {
		if m, ok := newStateMap(table, state, now); ok {
			drawn = append(drawn, m)
		}
	}
	return drawn
}

// shaded gives the maps of the states in one of whose districts ten people or more have signed.
func shaded(all []stateMap, counts *undersigned.SeatCounts) (list []stateMap) {
	for _, m := range all {
		most := 0
		m.Districts = slices.Clone(m.Districts)
		for i := range m.Districts {
			whole, _, _ := counts.Of(m.Districts[i].District)
			m.Districts[i].Shade = shade(whole)
			most = max(most, m.Districts[i].Shade)
		}
		if most > 0 {
			list = append(list, m)
		}
	}
	return list
}

func newStateMap(table *congress.Table, state string, now time.Time) (m stateMap, ok bool) {
	districts := table.DistrictsIn(state, now)
	if len(districts) < 2 {
		return m, false
	}
	var all []orb.Ring
	for _, d := range districts {
		outline := table.Outline(d, now)
		if outline == nil {
			return m, false
		}
		all = append(all, outline...)
	}
	f := atlas.NewFrame(mainland(all), .02, stateWidth, leastHeight, mostHeight)
	m = stateMap{State: state, Width: f.Width, Height: f.Height}
	for _, d := range districts {
		rings := f.Draw(table.Outline(d, now))
		if rings == nil {
			continue
		}
		shape := districtShape{District: d.String(), Path: atlas.Path(rings)}
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
