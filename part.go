package undersigned

import "slices"

// Part is what a legislator has to do with a bill, and so how they are to be spoken to.
type Part string

const (
	PartSponsor   Part = "sponsor"   // introduced it
	PartCosponsor Part = "cosponsor" // put their name to it
	PartCommittee Part = "committee" // sits on a committee that has it
	PartNone      Part = "none"      // could have put their name to it, and has not
	PartOther     Part = "other"     // sits in the other chamber, whose members cannot cosponsor it
	PartUnknown   Part = "unknown"   // nobody has told us the names under the bill
)

// PartOf says what part a legislator has in the bill, given the codes of the committees they sit on. With PartCommittee
// comes the committee.
func (b *Bill) PartOf(l *Legislator, serves []string) (Part, BillCommittee) {
	if b.SponsorID == l.Bioguide && l.Bioguide != "" {
		return PartSponsor, BillCommittee{}
	}
	if slices.Contains(b.CosponsorIDs, l.Bioguide) {
		return PartCosponsor, BillCommittee{}
	}
	for _, committee := range b.Committees {
		if b.before(committee.Chamber) && slices.Contains(serves, committee.Code) {
			return PartCommittee, committee
		}
	}
	switch {
	case l.Term.Chamber != b.Chamber():
		return PartOther, BillCommittee{}
	case b.SponsorID == "" || b.Cosponsors > 0 && len(b.CosponsorIDs) == 0:
		return PartUnknown, BillCommittee{}
	}
	return PartNone, BillCommittee{}
}

// before tells whether the bill lies before the committees of a chamber: at first those of its own, then the other's.
func (b *Bill) before(chamber Chamber) bool {
	switch b.Stage {
	case InCommittee, "":
		return chamber == b.Chamber()
	case PassedHouse:
		return chamber == Senate
	case PassedSenate:
		return chamber == House
	}
	return false
}

// Thanks tells whether somebody with that part is thanked, not asked: who has put their name to a bill that we support.
// Whoever put it to one that we oppose is asked the harder.
func (p Position) Thanks(part Part) bool {
	return p == Support && (part == PartSponsor || part == PartCosponsor)
}
