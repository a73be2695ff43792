// Package atlas draws places on small maps: it projects their outlines, leaves out what would not be seen, and writes them
// as SVG paths.
package atlas

import (
	"fmt"
	"math"
	"strings"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/clip"
	"github.com/paulmach/orb/simplify"
)

// coarse is how far a simplified line may lie from the true one, in units of the map.
const coarse = 1.2

// Frame is what a map shows, and how it is projected: degrees of longitude shrunk to what they measure in its middle.
type Frame struct {
	Bound         orb.Bound // degrees
	Width, Height int       // in the map's own units
	scale         float64   // units a degree of latitude
	shrink        float64
}

// NewFrame makes a map of a bound with room around it, a share of its longer side. It is as wide as asked for, and between
// least and most units high.
func NewFrame(b orb.Bound, room float64, width, least, most int) Frame {
	f := Frame{Width: width, shrink: math.Cos(b.Center().Lat() * math.Pi / 180)}
	high := b.Max[1] - b.Min[1]
	wide := (b.Max[0] - b.Min[0]) * f.shrink
	margin := math.Max(math.Max(high, wide)*room, .01)
	high, wide = high+2*margin, wide+2*margin
	wide = math.Max(wide, high*float64(width)/float64(most))
	high = math.Max(high, wide*float64(least)/float64(width))
	center := b.Center()
	f.Bound = orb.Bound{
		Min: orb.Point{center[0] - wide/f.shrink/2, center[1] - high/2},
		Max: orb.Point{center[0] + wide/f.shrink/2, center[1] + high/2}}
	f.scale = float64(width) / wide
	f.Height = int(math.Round(high * f.scale))
	return f
}

// Bound is what an outline covers, in degrees.
func Bound(outline []orb.Ring) orb.Bound {
	b := outline[0].Bound()
	for _, ring := range outline[1:] {
		b = b.Union(ring.Bound())
	}
	return b
}

func (f Frame) project(p orb.Point) orb.Point {
	return orb.Point{(p[0] - f.Bound.Min[0]) * f.shrink * f.scale, (f.Bound.Max[1] - p[1]) * f.scale}
}

// Draw gives what the frame shows of an outline, in its units; nothing where nothing would be seen.
func (f Frame) Draw(outline []orb.Ring) (drawn []orb.Ring) {
	for _, ring := range outline {
		if !ring.Bound().Intersects(f.Bound) {
			continue
		}
		ring = clip.Ring(f.Bound, ring.Clone())
		for j := range ring {
			ring[j] = f.project(ring[j])
		}
		ring = simplify.DouglasPeucker(coarse).Ring(ring)
		if box := ring.Bound(); len(ring) > 3 && (box.Max[0]-box.Min[0])*(box.Max[1]-box.Min[1]) > 12 {
			drawn = append(drawn, ring)
		}
	}
	return drawn
}

// Path writes rings that are drawn as the path of an SVG.
func Path(rings []orb.Ring) string {
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

// Label is the point inside rings that are drawn that is farthest from any line, among those of a grid, and how far that is.
func (f Frame) Label(rings []orb.Ring) (x, y int, room float64) {
	const cells = 20
	best := 0.
	middle := rings[0].Bound().Center() // of a sliver that no point of the grid hits
	x, y = int(middle[0]), int(middle[1])
	box := Bound(rings)
	for i := 1; i < cells; i++ {
		for j := 1; j < cells; j++ {
			p := orb.Point{box.Min[0] + (box.Max[0]-box.Min[0])*float64(i)/cells, box.Min[1] + (box.Max[1]-box.Min[1])*float64(j)/cells}
			if !inside(rings, p) {
				continue
			}
			if d := clearance(rings, p, best); d > best {
				best, x, y = d, int(math.Round(p[0])), int(math.Round(p[1]))
			}
		}
	}
	return x, y, math.Sqrt(best)
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
