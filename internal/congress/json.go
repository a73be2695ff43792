package congress

import (
	"time"

	"github.com/undersigned/undersigned"
)

// LookupJSON is what `congress lookup --json` prints and `/legislators` answers to programs. Its shape is promised.
type LookupJSON struct {
	Congress  int            `json:"congress"`
	Districts []DistrictJSON `json:"districts"`
	Senators  []SenatorJSON  `json:"senators"` // once all districts are in one state
}

// DistrictJSON is one district that a place may lie in.
type DistrictJSON struct {
	undersigned.District
	Representative *PersonJSON `json:"representative"` // null where the seat is vacant
}

// PersonJSON names a legislator.
type PersonJSON struct {
	Bioguide string `json:"bioguide"`
	Name     string `json:"name"`
}

// SenatorJSON names a senator.
type SenatorJSON struct {
	PersonJSON
	State string `json:"state"`
}

// JSON is the answer in the shape promised to programs.
func (a Answer) JSON() LookupJSON {
	j := LookupJSON{Congress: a.Congress, Districts: []DistrictJSON{}, Senators: []SenatorJSON{}}
	for _, seat := range a.Seats {
		d := DistrictJSON{District: seat.District}
		if l := seat.Representative; l != nil {
			d.Representative = &PersonJSON{l.Bioguide, l.Name}
		}
		j.Districts = append(j.Districts, d)
	}
	for _, l := range a.Senators {
		j.Senators = append(j.Senators, SenatorJSON{PersonJSON{l.Bioguide, l.Name}, l.Term.State})
	}
	return j
}

// BillJSON is what `congress bill --json` prints. Its shape is promised.
type BillJSON struct {
	undersigned.BillID
	Title      string            `json:"title"`
	Stage      undersigned.Stage `json:"stage"`
	Reached    undersigned.Stage `json:"reached"` // how far a bill that died had come; else the stage
	Sponsor    string            `json:"sponsor"`
	Cosponsors int               `json:"cosponsors"`
}

// DescribeBill is a bill at a moment, in the shape promised to programs.
func DescribeBill(b *undersigned.Bill, now time.Time) BillJSON {
	stage, reached := b.StageAt(now)
	return BillJSON{b.BillID, b.Title, stage, reached, b.Sponsor, b.Cosponsors}
}
