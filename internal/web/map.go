package web

import (
	"math"
	"strconv"

	"github.com/paulmach/orb"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/atlas"
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

// newDistrictMap draws the districts of a choice; nil where not all of them can be shown.
func newDistrictMap(c chrome, p place, choices []choiceView) *mapView {
	var outlines [][]orb.Ring
	for _, seat := range p.Answer.Seats {
		outline := p.table.Outline(seat.District, p.now)
		if len(outline) == 0 {
			return nil
		}
		outlines = append(outlines, outline)
	}
	return newMap(c, p, choices, outlines)
}

func newMap(c chrome, p place, choices []choiceView, outlines [][]orb.Ring) *mapView {
	frame, rings := drawMap(outlines)
	v := &mapView{Width: mapWidth, Height: frame.Height,
		Title:   c.T("map.title", "zip", p.Answer.ZIP),
		Desc:    c.T("map.desc", "n", len(choices)),
		Caption: c.T("map.caption", "congress", c.Ordinal(p.Answer.Congress))}
	for i, seat := range p.Answer.Seats {
		if len(rings[i]) == 0 {
			return nil // a choice that is not to be seen would mislead
		}
		x, y, _ := frame.Label(rings[i])
		v.Regions = append(v.Regions, regionView{Path: atlas.Path(rings[i]), Label: shortName(p, seat.District), X: x, Y: y,
			Link: choices[i].Link, Title: choices[i].District + ": " + choices[i].Name, Shade: i % 4})
	}
	return v
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
