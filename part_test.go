package undersigned

import "testing"

func TestTheRightPartInABill(t *testing.T) {
	house := &Legislator{Bioguide: "P000617", Term: Term{Chamber: House}}
	senator := &Legislator{Bioguide: "W000817", Term: Term{Chamber: Senate}}
	judiciary := BillCommittee{Code: "HSJU", Name: "Judiciary", Chamber: House}
	inSenate := BillCommittee{Code: "SSJU", Name: "Judiciary", Chamber: Senate}
	bill := func(change func(*Bill)) *Bill {
		b := &Bill{BillID: BillID{119, "hr", 6397}, Stage: InCommittee, SponsorID: "J000298", Cosponsors: 1,
			CosponsorIDs: []string{"S000510"}, Committees: []BillCommittee{judiciary, inSenate}}
		change(b)
		return b
	}
	as := func(*Bill) {}
	for name, test := range map[string]struct {
		bill   *Bill
		who    *Legislator
		serves []string
		want   Part
		by     string // the committee
	}{
		"sponsor": {bill(func(b *Bill) { b.SponsorID = "P000617" }), house, nil, PartSponsor, ""},
		"a sponsor on the committee is the sponsor": {bill(func(b *Bill) { b.SponsorID = "P000617" }), house, []string{"HSJU"}, PartSponsor, ""},
		"cosponsor":                                     {bill(func(b *Bill) { b.CosponsorIDs = []string{"A000001", "P000617"} }), house, []string{"HSJU"}, PartCosponsor, ""},
		"committee":                                     {bill(as), house, []string{"HSED", "HSJU"}, PartCommittee, "HSJU"},
		"a stage not known is the first":                {bill(func(b *Bill) { b.Stage = "" }), house, []string{"HSJU"}, PartCommittee, "HSJU"},
		"another committee":                             {bill(as), house, []string{"HSED"}, PartNone, ""},
		"a committee that has reported it":              {bill(func(b *Bill) { b.Stage = OnCalendar }), house, []string{"HSJU"}, PartNone, ""},
		"a committee of the chamber that has passed it": {bill(func(b *Bill) { b.Stage = PassedHouse }), house, []string{"HSJU"}, PartNone, ""},
		"a committee of the chamber it came to":         {bill(func(b *Bill) { b.Stage = PassedHouse }), senator, []string{"SSJU"}, PartCommittee, "SSJU"},
		"a committee of the chamber it comes to later":  {bill(as), senator, []string{"SSJU"}, PartOther, ""},
		"a House committee gets a Senate bill": {bill(func(b *Bill) { b.Type, b.Stage = "s", PassedSenate }), house, []string{"HSJU"},
			PartCommittee, "HSJU"},
		"the other chamber":        {bill(as), senator, nil, PartOther, ""},
		"none":                     {bill(as), house, nil, PartNone, ""},
		"none, with no cosponsors": {bill(func(b *Bill) { b.Cosponsors, b.CosponsorIDs = 0, nil }), house, nil, PartNone, ""},
		"only how many are known":  {bill(func(b *Bill) { b.Cosponsors, b.CosponsorIDs = 100, nil }), house, nil, PartUnknown, ""},
		"facts written by hand":    {&Bill{BillID: BillID{119, "hr", 1}, Sponsor: "Somebody"}, house, nil, PartUnknown, ""},
		"nobody":                   {&Bill{BillID: BillID{119, "hr", 1}}, &Legislator{Term: Term{Chamber: House}}, nil, PartUnknown, ""},
	} {
		got, committee := test.bill.PartOf(test.who, test.serves)
		if got != test.want || committee.Code != test.by {
			t.Errorf("%s: %s %q, want %s %q", name, got, committee.Code, test.want, test.by)
		}
	}
}

func TestWhoStandsBehindABillIsTakenFromAnOlderSourceToo(t *testing.T) {
	b := Bill{BillID: BillID{119, "hr", 6397}, Stage: OnCalendar, AsOf: "2026-11-22", Cosponsors: 120}
	older := Bill{BillID: b.BillID, Stage: InCommittee, AsOf: "2026-10-01", Cosponsors: 3}
	if b.Follow(&older); b.Cosponsors != 120 {
		t.Error("an older number without names was taken")
	}
	older.SponsorID, older.CosponsorIDs, older.Cosponsors = "J000298", []string{"P000617"}, 1
	if b.Follow(&older); b.SponsorID != "J000298" || len(b.CosponsorIDs) != 1 || b.Cosponsors != 1 || b.Stage != OnCalendar {
		t.Errorf("became %+v", b)
	}
}

func TestOnlyThoseWhoStandWithUsAreThanked(t *testing.T) {
	for _, test := range []struct {
		position Position
		part     Part
		want     bool
	}{
		{Support, PartSponsor, true}, {Support, PartCosponsor, true}, {Support, PartCommittee, false}, {Support, PartNone, false},
		{Support, PartOther, false}, {Support, PartUnknown, false}, {Oppose, PartSponsor, false}, {Oppose, PartCosponsor, false},
		{Oppose, PartNone, false}, {"", PartSponsor, false},
	} {
		if got := test.position.Thanks(test.part); got != test.want {
			t.Errorf("%q thanks %q: %v", test.position, test.part, got)
		}
	}
}
