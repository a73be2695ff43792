package translog

import (
	"math/rand/v2"
	"testing"
)

func TestMarksAreThoseThatWereSetLast(t *testing.T) {
	for _, kinds := range []uint32{1, 2, 256, 257, 5000} {
		random := rand.New(rand.NewPCG(1, 2))
		var m marks
		var want []mark
		for range 3*marksPerPage + 5 {
			v := mark(random.Uint32N(kinds))
			m.add(v)
			want = append(want, v)
		}
		for range marksPerPage {
			i, v := random.Int64N(m.size), mark(random.Uint32N(kinds))
			m.set(i, v)
			want[i] = v
		}
		if m.size != int64(len(want)) {
			t.Fatalf("%d kinds: %d marks, want %d", kinds, m.size, len(want))
		}
		for i, v := range want {
			if m.at(int64(i)) != v {
				t.Fatalf("%d kinds: mark %d is %d, want %d", kinds, i, m.at(int64(i)), v)
			}
		}
	}
}

func TestMarksOfOnePetitionTakeNoRoomUntilOneOfThemChanges(t *testing.T) {
	var m marks
	for range 3 * marksPerPage {
		m.add(markCounted)
	}
	m.set(marksPerPage+7, markCounted+1)
	m.set(2*marksPerPage+7, markCounted)
	for i, p := range m.pages {
		if took := len(p.which) + 4*len(p.each); took != 0 && i != 1 || took > marksPerPage {
			t.Errorf("page %d takes %d bytes", i, took)
		}
	}
}
