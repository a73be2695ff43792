package atlas

import (
	"math"
	"testing"

	"github.com/paulmach/orb"
)

func TestNorthIsUpAndADegreeOfLongitudeIsShort(t *testing.T) {
	f := NewFrame(orb.Bound{Min: orb.Point{-72, 60}, Max: orb.Point{-71, 61}}, .15, 600, 300, 480)
	north, south := f.project(orb.Point{-71.5, 61}), f.project(orb.Point{-71.5, 60})
	west, east := f.project(orb.Point{-72, 60.5}), f.project(orb.Point{-71, 60.5})
	if north[1] >= south[1] || west[0] >= east[0] {
		t.Error("the map is upside down")
	}
	if ratio := (east[0] - west[0]) / (south[1] - north[1]); math.Abs(ratio-math.Cos(60.5*math.Pi/180)) > .001 {
		t.Errorf("a degree of longitude is %.3f of one of latitude", ratio)
	}
}

func TestLabelStandsInsideAndOnlyWhatIsSeenIsDrawn(t *testing.T) {
	// A ring with a hole in its middle, and a speck.
	outline := []orb.Ring{
		{{0, 0}, {4, 0}, {4, 4}, {0, 4}, {0, 0}},
		{{1, 1}, {1, 3}, {3, 3}, {3, 1}, {1, 1}},
		{{3.5, 3.5}, {3.501, 3.5}, {3.501, 3.501}, {3.5, 3.501}, {3.5, 3.5}},
	}
	f := NewFrame(Bound(outline), .05, 300, 100, 400)
	drawn := f.Draw(outline)
	if len(drawn) != 2 {
		t.Fatalf("%d rings are drawn", len(drawn))
	}
	x, y, room := f.Label(drawn)
	if !inside(drawn, orb.Point{float64(x), float64(y)}) || room < 25 {
		t.Errorf("the label stands at %d, %d, with room for %.0f", x, y, room)
	}
	if elsewhere := f.Draw([]orb.Ring{{{10, 10}, {11, 10}, {11, 11}, {10, 10}}}); elsewhere != nil {
		t.Error("what is elsewhere is drawn")
	}
	if got := Path([]orb.Ring{{{0, 0}, {0.2, 0.2}, {10, 0}, {10, 5}, {0, 0}}}); got != "M0 0l10 0l0 5l-10 -5z" {
		t.Errorf("the path is %s", got)
	}
}
