package congress

import (
	"math"

	"github.com/paulmach/orb"
	"github.com/tidwall/rtree"
	"github.com/undersigned/undersigned"
)

// bandHeight is how many degrees of latitude one band of a shape covers. The ring of Alaska's coast has tens of thousands
// of edges; a point meets only those of its band.
const bandHeight = 0.05

// shape is one ring of a district's boundary, its edges sorted into bands of latitude.
type shape struct {
	district undersigned.District
	ring     orb.Ring
	south    float64   // of the first band
	bands    [][]int32 // indices of the edges that cross each band; an edge runs from that point to the next
}

func newShape(district undersigned.District, ring orb.Ring) *shape {
	bound := ring.Bound()
	s := &shape{district: district, ring: ring, south: bound.Bottom()}
	s.bands = make([][]int32, s.band(bound.Top())+1)
	for i := range len(ring) - 1 {
		a, b := s.band(ring[i].Lat()), s.band(ring[i+1].Lat())
		for band := min(a, b); band <= max(a, b); band++ {
			s.bands[band] = append(s.bands[band], int32(i))
		}
	}
	return s
}

func (s *shape) band(lat float64) int { return int((lat - s.south) / bandHeight) }

// crossings counts the edges that a line from the point due east crosses. An edge owns its southern end only, so that a
// corner counts once.
func (s *shape) crossings(p orb.Point) int {
	n := 0
	band := s.band(p.Lat())
	if p.Lat() < s.south || band >= len(s.bands) {
		return 0
	}
	for _, i := range s.bands[band] {
		a, b := s.ring[i], s.ring[i+1]
		if (a.Lat() <= p.Lat()) == (b.Lat() <= p.Lat()) {
			continue
		}
		if east := a.Lon() + (p.Lat()-a.Lat())/(b.Lat()-a.Lat())*(b.Lon()-a.Lon()); p.Lon() < east {
			n++
		}
	}
	return n
}

// boundaries finds the district in which a point lies.
type boundaries struct {
	rings map[undersigned.District][]orb.Ring
	tree  rtree.RTreeG[*shape]
}

func newBoundaries(rings map[undersigned.District][]orb.Ring) *boundaries {
	b := &boundaries{rings: rings}
	for district, list := range rings {
		for _, ring := range list {
			box := ring.Bound()
			b.tree.Insert(box.Min, box.Max, newShape(district, ring))
		}
	}
	return b
}

// at gives the district of a point; false is the sea, or abroad. The files cut what crosses the antimeridian in two, so
// that a point on it is looked for on both its sides.
func (b *boundaries) at(p orb.Point) (undersigned.District, bool) {
	district, found := b.around(p)
	if !found && math.Abs(p.Lon()) == 180 {
		return b.around(orb.Point{-p.Lon(), p.Lat()})
	}
	return district, found
}

// around gives the district whose rings, taken together, lie around the point an odd number of times: holes need no
// mark.
func (b *boundaries) around(p orb.Point) (undersigned.District, bool) {
	inside := map[undersigned.District]int{}
	b.tree.Search(p, p, func(_, _ [2]float64, s *shape) bool {
		inside[s.district] += s.crossings(p)
		return true
	})
	for district, n := range inside {
		if n%2 == 1 {
			return district, true
		}
	}
	return undersigned.District{}, false
}
