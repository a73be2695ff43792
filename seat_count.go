package undersigned

import (
	"cmp"
	"slices"
	"time"
)

// SeatCount is how many of a petition's signers live where a seat's people live, by their ZIP codes. It is a lower bound in
// full tens and never less than ten: nobody can be found in it, and no difference between two of them tells of one person.
type SeatCount struct {
	Seat string // a district of the House as String writes it (MA-05), or a state (MA) for its senators
	// Split tells that the ZIP codes of these signers touch other seats too: each of them may be this seat's constituent,
	// and is counted under each seat where they may be.
	Split   bool
	ZIP     string // the one ZIP code, where Split; empty for all
	AtLeast int64
}

// SeatCounts are those of one petition or pledge, counted at one moment.
type SeatCounts struct {
	PID      string
	At       time.Time
	LogSize  int64 // entries of the public log that were counted
	Congress int   // whose districts these are
	AsOf     Day   // of the table that knows them; empty for the sample
	Seats    []SeatCount
}

// Of gives what is known of a seat: signers whose ZIP code lies wholly in it, those whose ZIP code it shares, and of the
// latter each ZIP code that has ten.
func (c *SeatCounts) Of(seat string) (whole, split int64, shared []SeatCount) {
	for _, s := range c.Seats {
		switch {
		case s.Seat != seat:
		case s.ZIP != "":
			shared = append(shared, s)
		case s.Split:
			split = s.AtLeast
		default:
			whole = s.AtLeast
		}
	}
	return whole, split, shared
}

// FullTens is the lower bound that is told of a number of people: its full tens, 0 for fewer than ten.
func FullTens(n int64) int64 { return n - n%10 }

// SeatTally counts signers by the seats they may be represented by. What it holds tells of single people; what Counts gives
// does not. Its memory depends on the number of seats and ZIP codes alone.
type SeatTally struct{ n map[SeatCount]int64 }

// Add counts a signer by the districts that their ZIP code touches; with none, they are counted nowhere.
func (t *SeatTally) Add(zip string, districts []District) {
	if t.n == nil {
		t.n = map[SeatCount]int64{}
	}
	states := map[string]bool{}
	for _, d := range districts {
		t.count(d.String(), zip, len(districts) > 1)
		states[d.State] = true
	}
	for state := range states {
		t.count(state, zip, len(states) > 1)
	}
}

func (t *SeatTally) count(seat, zip string, split bool) {
	t.n[SeatCount{Seat: seat, Split: split}]++
	if split {
		t.n[SeatCount{Seat: seat, Split: true, ZIP: zip}]++
	}
}

// Counts gives what may be told, in the order of seats.
func (t *SeatTally) Counts() []SeatCount {
	var counts []SeatCount
	for c, n := range t.n {
		if c.AtLeast = FullTens(n); c.AtLeast > 0 {
			counts = append(counts, c)
		}
	}
	slices.SortFunc(counts, func(a, b SeatCount) int {
		if a.Seat == b.Seat && a.Split != b.Split {
			return map[bool]int{false: -1, true: 1}[a.Split]
		}
		return cmp.Or(cmp.Compare(a.Seat, b.Seat), cmp.Compare(a.ZIP, b.ZIP))
	})
	return counts
}
