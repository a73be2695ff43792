package web

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/clip"
	"github.com/paulmach/orb/simplify"
	"github.com/undersigned/undersigned"
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

// The size of a map, in its own units. A district's outline is drawn to one unit.
const (
	mapWidth  = 600
	maxHeight = 480
	minHeight = 300
	coarse    = 1.2 // how far a simplified line may lie from the true one
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
	v := &mapView{Width: mapWidth, Height: frame.height,
		Title:   c.T("map.title", "zip", p.Answer.ZIP),
		Desc:    c.T("map.desc", "n", len(choices)),
		Caption: c.T("map.caption", "congress", c.Ordinal(p.Answer.Congress))}
	for i, seat := range p.Answer.Seats {
		if len(rings[i]) == 0 {
			return nil // a choice that is not to be seen would mislead
		}
		x, y := labelPoint(rings[i], frame)
		v.Regions = append(v.Regions, regionView{Path: svgPath(rings[i]), Label: shortName(p, seat.District), X: x, Y: y,
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

// frame is what a map shows, and how it is projected: degrees of longitude shrunk to what they measure in its middle.
type frame struct {
	bound  orb.Bound // degrees
	scale  float64   // units a degree of latitude
	shrink float64
	height int
}

// drawMap projects what a frame shows of each district, and leaves out what would not be seen.
func drawMap(outlines [][]orb.Ring) (frame, [][]orb.Ring) {
	bounds := make([]orb.Bound, len(outlines))
	for i, outline := range outlines {
		bounds[i] = outline[0].Bound()
		for _, ring := range outline[1:] {
			bounds[i] = bounds[i].Union(ring.Bound())
		}
	}
	f := newFrame(meeting(bounds))
	drawn := make([][]orb.Ring, len(outlines))
	for i, outline := range outlines {
		for _, ring := range outline {
			if !ring.Bound().Intersects(f.bound) {
				continue
			}
			ring = clip.Ring(f.bound, ring.Clone())
			for j := range ring {
				ring[j] = f.project(ring[j])
			}
			ring = simplify.DouglasPeucker(coarse).Ring(ring)
			if box := ring.Bound(); len(ring) > 3 && (box.Max[0]-box.Min[0])*(box.Max[1]-box.Min[1]) > 12 {
				drawn[i] = append(drawn[i], ring)
			}
		}
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

// newFrame makes room around a bound, to the shape of a map.
func newFrame(b orb.Bound) frame {
	f := frame{shrink: math.Cos(b.Center().Lat() * math.Pi / 180)}
	high := b.Max[1] - b.Min[1]
	wide := (b.Max[0] - b.Min[0]) * f.shrink
	margin := math.Max(math.Max(high, wide)*.15, .01)
	high, wide = high+2*margin, wide+2*margin
	wide = math.Max(wide, high*mapWidth/maxHeight)
	high = math.Max(high, wide*minHeight/mapWidth)
	center := b.Center()
	f.bound = orb.Bound{
		Min: orb.Point{center[0] - wide/f.shrink/2, center[1] - high/2},
		Max: orb.Point{center[0] + wide/f.shrink/2, center[1] + high/2}}
	f.scale = mapWidth / wide
	f.height = int(math.Round(high * f.scale))
	return f
}

func (f frame) project(p orb.Point) orb.Point {
	return orb.Point{(p[0] - f.bound.Min[0]) * f.shrink * f.scale, (f.bound.Max[1] - p[1]) * f.scale}
}

func svgPath(rings []orb.Ring) string {
	var b strings.Builder
	for _, ring := range rings {
		x, y := int(math.Round(ring[0][0])), int(math.Round(ring[0][1]))
		fmt.Fprintf(&b, "M%d %d", x, y)
		for _, p := range ring[1:] {
			nx, ny := int(math.Round(p[0])), int(math.Round(p[1]))
			if nx != x || ny != y {
				fmt.Fprintf(&b, "l%d %d", nx-x, ny-y)
				x, y = nx, ny
			}
		}
		b.WriteByte('z')
	}
	return b.String()
}

// labelPoint is the point inside the rings that is farthest from any line, among those of a grid.
func labelPoint(rings []orb.Ring, f frame) (x, y int) {
	const cells = 20
	best := 0.
	middle := rings[0].Bound().Center() // of a sliver that no point of the grid hits
	x, y = int(middle[0]), int(middle[1])
	for i := 1; i < cells; i++ {
		for j := 1; j < cells; j++ {
			p := orb.Point{mapWidth * float64(i) / cells, float64(f.height*j) / cells}
			if !inside(rings, p) {
				continue
			}
			if d := clearance(rings, p, best); d > best {
				best, x, y = d, int(math.Round(p[0])), int(math.Round(p[1]))
			}
		}
	}
	return x, y
}

// inside tells whether a line from the point due east crosses the rings an odd number of times.
func inside(rings []orb.Ring, p orb.Point) (odd bool) {
	for _, ring := range rings {
		for i := range len(ring) - 1 {
			a, b := ring[i], ring[i+1]
			if (a[1] <= p[1]) != (b[1] <= p[1]) && p[0] < a[0]+(p[1]-a[1])/(b[1]-a[1])*(b[0]-a[0]) {
				odd = !odd
			}
		}
	}
	return odd
}

// clearance is how far a point lies from the nearest line, squared; it stops looking at what is no more than enough.
func clearance(rings []orb.Ring, p orb.Point, enough float64) float64 {
	nearest := math.Inf(1)
	for _, ring := range rings {
		for i := range len(ring) - 1 {
			a, b := ring[i], ring[i+1]
			dx, dy := b[0]-a[0], b[1]-a[1]
			t := 0.
			if length := dx*dx + dy*dy; length > 0 {
				t = max(0, min(1, ((p[0]-a[0])*dx+(p[1]-a[1])*dy)/length))
			}
			x, y := p[0]-a[0]-t*dx, p[1]-a[1]-t*dy
			if nearest = min(nearest, x*x+y*y); nearest <= enough {
				return nearest
			}
		}
	}
	return nearest
}
