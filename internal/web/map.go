package web

import (
	"math"
	"strconv"
	"sync"

	"github.com/paulmach/orb"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/atlas"
	"github.com/undersigned/undersigned/internal/congress"
)

// mapView is a small map of the districts that a ZIP code touches, drawn where they meet. Each district leads to the
// same place as its name in the list beside it.
type mapView struct {
	Width, Height        int
	Title, Desc, Caption string
	Regions              []regionView
}

// regionView is the part of a district that the map shows.
type regionView struct {
	Path  string // of an SVG path
	Label string
	X, Y  int // of the label
	Link  string
	Title string
	Shade int // which of the fills it has, so that neighbours differ
}

// The size of a map, in its own units.
const (
	mapWidth  = 600
	maxHeight = 480
	minHeight = 300
)

// newDistrictMap shows the districts of a choice; nil where not all of them can be shown.
func newDistrictMap(c chrome, p place, choices []choiceView) *mapView {
	return newMap(c, p, choices, p.maps.of(p))
}

func newMap(c chrome, p place, choices []choiceView, drawn *drawnMap) *mapView {
	if drawn == nil {
		return nil
	}
	v := &mapView{Width: mapWidth, Height: drawn.height,
		Title:   c.T("map.title", "zip", p.Answer.ZIP),
		Desc:    c.T("map.desc", "n", len(choices)),
		Caption: c.T("map.caption", "congress", c.Ordinal(p.Answer.Congress))}
	for i, seat := range p.Answer.Seats {
		r := drawn.regions[i]
		v.Regions = append(v.Regions, regionView{Path: r.path, Label: shortName(p, seat.District), X: r.x, Y: r.y,
			Link: choices[i].Link, Title: choices[i].District + ": " + choices[i].Name, Shade: i % 4})
	}
	return v
}

// drawnMap is what a map has of its districts, the same for every ZIP code that touches them.
type drawnMap struct {
	height  int
	regions []drawnRegion
}

type drawnRegion struct {
	path string
	x, y int // of the label
}

// districtMaps keeps maps: drawing one takes longer than all else of its page, and many people ask for the same.
type districtMaps struct {
	mu    sync.Mutex
	table *congress.Table // whose districts they show
	drawn map[string]*drawnMap
}

// maxMaps bounds the memory to some 5 MB.
const maxMaps = 1000

// of gives the map of the districts of an answer; nil where not all of them can be shown.
func (m *districtMaps) of(p place) *drawnMap {
	var outlines [][]orb.Ring
	name := strconv.Itoa(undersigned.CongressAt(p.now))
	for _, seat := range p.Answer.Seats {
		outline := p.table.Outline(seat.District, p.now)
		if len(outline) == 0 {
			return nil
		}
		outlines = append(outlines, outline)
		name += " " + seat.District.String()
	}
	if m == nil {
		return drawDistricts(outlines)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.table != p.table || len(m.drawn) >= maxMaps {
		m.table, m.drawn = p.table, map[string]*drawnMap{}
	}
	drawn, kept := m.drawn[name]
	if !kept {
		drawn = drawDistricts(outlines)
		m.drawn[name] = drawn
	}
	return drawn
}

func drawDistricts(outlines [][]orb.Ring) *drawnMap {
	frame, rings := drawMap(outlines)
	drawn := &drawnMap{height: frame.Height}
	for i := range rings {
		if len(rings[i]) == 0 {
			return nil // a choice that is not to be seen would mislead
		}
		x, y, _ := frame.Label(rings[i])
		drawn.regions = append(drawn.regions, drawnRegion{atlas.Path(rings[i]), x, y})
	}
	return drawn
}

// shortName is what stands on the map: the number, with the state where there are two.
func shortName(p place, d undersigned.District) string {
	switch {
	case d.AtLarge():
		return d.State
	case p.Answer.State == "":
		return d.State + " " + strconv.Itoa(d.Number)
	}
	return strconv.Itoa(d.Number)
}

// drawMap draws what a map shows of each district.
func drawMap(outlines [][]orb.Ring) (atlas.Frame, [][]orb.Ring) {
	bounds := make([]orb.Bound, len(outlines))
	for i, outline := range outlines {
		bounds[i] = atlas.Bound(outline)
	}
	f := atlas.NewFrame(meeting(bounds), .15, mapWidth, minHeight, maxHeight)
	drawn := make([][]orb.Ring, len(outlines))
	for i, outline := range outlines {
		drawn[i] = f.Draw(outline)
	}
	return f, drawn
}

// meeting is where districts that one ZIP code touches can meet: what lies within the bounds of two of them.
func meeting(bounds []orb.Bound) orb.Bound {
	var met *orb.Bound
	for i, a := range bounds {
		for _, b := range bounds[i+1:] {
			if !a.Intersects(b) {
				continue
			}
			both := orb.Bound{
				Min: orb.Point{math.Max(a.Min[0], b.Min[0]), math.Max(a.Min[1], b.Min[1])},
				Max: orb.Point{math.Min(a.Max[0], b.Max[0]), math.Min(a.Max[1], b.Max[1])}}
			if met != nil {
				both = both.Union(*met)
			}
			met = &both
		}
	}
	if met != nil {
		return *met
	}
	all := bounds[0]
	for _, b := range bounds[1:] {
		all = all.Union(b)
	}
	return all
}
