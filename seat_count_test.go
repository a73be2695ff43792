package undersigned

import (
	"fmt"
	"reflect"
	"testing"
)

func TestSeatsAreCountedInFullTensAndNeverBelow(t *testing.T) {
	ma5, ma7, nh2, vt := District{"MA", 5}, District{"MA", 7}, District{"NH", 2}, District{"VT", 0}
	var tally SeatTally
	add := func(n int, zip string, districts ...District) {
		for range n {
			tally.Add(zip, districts)
		}
	}
	add(129, "02148", ma5)
	add(9, "02119", ma7)       // too few to be told
	add(19, "02138", ma5, ma7) // split between districts, wholly in the state
	add(8, "02139", ma5, ma7)  // its ZIP code alone has too few
	add(10, "03449", nh2, ma5) // split between states
	add(11, "05401", vt)       // at large: district and state are the same people
	add(1000, "00000")         // nobody knows where
	want := []SeatCount{
		{Seat: "MA", AtLeast: 160}, {Seat: "MA", Split: true, AtLeast: 10}, {Seat: "MA", Split: true, ZIP: "03449", AtLeast: 10},
		{Seat: "MA-05", AtLeast: 120}, {Seat: "MA-05", Split: true, AtLeast: 30}, {Seat: "MA-05", Split: true, ZIP: "02138", AtLeast: 10}, {Seat: "MA-05", Split: true, ZIP: "03449", AtLeast: 10},
		{Seat: "MA-07", Split: true, AtLeast: 20}, {Seat: "MA-07", Split: true, ZIP: "02138", AtLeast: 10},
		{Seat: "NH", Split: true, AtLeast: 10}, {Seat: "NH", Split: true, ZIP: "03449", AtLeast: 10},
		{Seat: "NH-02", Split: true, AtLeast: 10}, {Seat: "NH-02", Split: true, ZIP: "03449", AtLeast: 10},
		{Seat: "VT", AtLeast: 10}, {Seat: "VT-00", AtLeast: 10},
	}
	if got := tally.Counts(); !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%v\nwant\n%v", got, want)
	}
	counts := SeatCounts{Seats: want}
	if whole, split, shared := counts.Of("MA-05"); whole != 120 || split != 30 || len(shared) != 2 {
		t.Error(whole, split, shared)
	}
	if whole, split, shared := counts.Of("MA-09"); whole+split != 0 || shared != nil {
		t.Error(whole, split, shared)
	}
	var none SeatTally
	if none.Counts() != nil {
		t.Error("nobody is counted somewhere")
	}
}

// Whatever is printed of a state with two districts, at least nine numbers of signers in the one that is hidden would have
// been printed in the same way.
func TestASmallNumberCannotBeHadBySubtraction(t *testing.T) {
	hides := map[string]map[int]bool{}
	for others := range 100 {
		for hidden := range 10 {
			var tally SeatTally
			for range others {
				tally.Add("02148", []District{{"MA", 5}})
			}
			for range hidden {
				tally.Add("02119", []District{{"MA", 7}})
			}
			printed := fmt.Sprint(tally.Counts())
			if hides[printed] == nil {
				hides[printed] = map[int]bool{}
			}
			hides[printed][hidden] = true
		}
	}
	for printed, numbers := range hides {
		if len(numbers) < 9 {
			t.Errorf("%s can only mean %v", printed, numbers)
		}
	}
}
