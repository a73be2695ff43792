package undersigned

import "testing"

func TestCongressEndsAtNoonInWashington(t *testing.T) {
	for n, want := range map[int]string{112: "2013-01-03T17:00:00Z", 119: "2027-01-03T17:00:00Z", 120: "2029-01-03T17:00:00Z"} {
		if got := CongressEnds(n); !got.Equal(at(want)) {
			t.Errorf("the %dth ends at %v", n, got.UTC())
		}
	}
	for moment, want := range map[string]int{"2026-11-22T12:00:00Z": 119, "2027-01-03T16:59:59Z": 119, "2027-01-03T17:00:00Z": 120,
		"2013-01-03T16:59:59Z": 112, "2013-12-31T00:00:00Z": 113} {
		if got := CongressAt(at(moment)); got != want {
			t.Errorf("at %s the %dth sits", moment, got)
		}
	}
}

func TestBillStageAtAMoment(t *testing.T) {
	for name, c := range map[string]struct {
		bill           Bill
		now            string
		stage, reached Stage
	}{
		"dies with its Congress":               {*hr1932, "2013-01-03T17:00:00Z", Died, OnCalendar},
		"lives until then":                     {*hr1932, "2013-01-03T16:59:59Z", OnCalendar, OnCalendar},
		"a law does not die":                   {*laken, "2030-01-01T00:00:00Z", Enacted, Enacted},
		"a law was a bill":                     {*laken, "2025-01-21T00:00:00Z", PassedSenate, PassedSenate},
		"before its first event":               {*laken, "2025-01-01T00:00:00Z", InCommittee, InCommittee},
		"of unknown stage":                     {Bill{BillID: BillID{119, "s", 1}}, "2026-01-01T00:00:00Z", InCommittee, InCommittee},
		"passed both, within the ten days":     {Bill{BillID: BillID{119, "s", 1}, Stage: PassedBoth}, "2027-01-14T04:59:59Z", PassedBoth, PassedBoth},
		"passed both, after the ten days":      {Bill{BillID: BillID{119, "s", 1}, Stage: PassedBoth}, "2027-01-15T05:00:00Z", Died, PassedBoth},
		"presented, ten days without Sundays":  {Bill{BillID: BillID{119, "s", 1}, Stage: WithPresident, Presented: "2026-12-28"}, "2027-01-09T04:59:59Z", WithPresident, WithPresident},
		"presented, after them":                {Bill{BillID: BillID{119, "s", 1}, Stage: WithPresident, Presented: "2026-12-28"}, "2027-01-09T05:00:00Z", Died, WithPresident},
		"passed both in different words":       {Bill{BillID: BillID{119, "s", 1}, Stage: PassedBoth, Differ: true}, "2027-01-03T17:00:00Z", Died, PassedBoth},
		"presented long ago in a Congress yet": {Bill{BillID: BillID{119, "s", 1}, Stage: WithPresident, Presented: "2026-03-01"}, "2026-06-01T00:00:00Z", WithPresident, WithPresident},
	} {
		t.Run(name, func(t *testing.T) {
			if stage, reached := c.bill.StageAt(at(c.now)); stage != c.stage || reached != c.reached {
				t.Errorf("%s, reached %s", stage, reached)
			}
		})
	}
}

func TestBillIDsAreReadAndWritten(t *testing.T) {
	for _, s := range []string{"117hr2222", "112hr1932", "119s5", "116hconres1", "118sjres99"} {
		id, err := ParseBillID(s)
		if err != nil || id.String() != s {
			t.Errorf("%s: %v, %v", s, id, err)
		}
	}
	for _, s := range []string{"", "hr2222", "117hr", "117hr0", "117hr02", "117xr1", "0117hr1", "117hr222222", "117HR1", "117hr1 "} {
		if id, err := ParseBillID(s); err == nil {
			t.Errorf("%q was read as %v", s, id)
		}
	}
	if got := (BillID{112, "hr", 1932}).Name(); got != "H.R. 1932" {
		t.Errorf("named %q", got)
	}
}

func TestBillFollowsANewerSource(t *testing.T) {
	b := Bill{BillID: hr6397.BillID, Title: "By hand", Stage: InCommittee, AsOf: "2025-12-04", Sponsor: "Pramila Jayapal",
		Events: []BillEvent{{Date: "2025-12-03", Texts: map[string]string{"es": "Presentado"}}},
		Texts:  map[string]BillText{"es": {Summary: "por mano"}}}
	older := Bill{BillID: b.BillID, Stage: OnCalendar, AsOf: "2025-12-01"}
	b.Follow(&older)
	if b.Stage != InCommittee {
		t.Error("followed an older source")
	}
	b.Follow(&Bill{BillID: BillID{119, "s", 1}, Stage: OnCalendar, AsOf: "2026-01-01"})
	if b.Stage != InCommittee {
		t.Error("followed another bill")
	}
	b.Follow(&Bill{BillID: b.BillID, Title: "Official", Stage: OnCalendar, AsOf: "2026-05-01", Cosponsors: 130,
		Events: []BillEvent{{Date: "2025-12-03"}, {Date: "2026-04-30", Stage: OnCalendar}}})
	if b.Stage != OnCalendar || b.Cosponsors != 130 || b.Title != "By hand" || b.Sponsor != "Pramila Jayapal" ||
		len(b.Events) != 2 || b.Events[0].Texts["es"] == "" || b.Events[1].Stage != OnCalendar || b.Texts["es"].Summary == "" {
		t.Errorf("became %+v", b)
	}
}

func TestLineageIsSuggestedByEqualTitles(t *testing.T) {
	first := Bill{BillID: BillID{112, "hr", 6128}, Title: "Help Separated Families Act of 2012"}
	again := Bill{BillID: BillID{116, "hr", 3452}, Title: "help separated families act of 2019"}
	other := Bill{BillID: BillID{117, "hr", 1}, Title: "Help Separated Families and Pets Act"}
	c := Content{Bills: []Bill{again, other, first}}
	if pairs := c.Lineage(); len(pairs) != 1 || pairs[0][0].BillID != first.BillID || pairs[0][1].BillID != again.BillID {
		t.Errorf("suggested %v", pairs)
	}
	first.Successors = []BillSuccessor{{Bill: again.BillID}}
	c.Bills[2] = first
	if pairs := c.Lineage(); len(pairs) != 0 {
		t.Errorf("suggested what is said already: %v", pairs)
	}
	if (&Bill{}).SameTitle(&Bill{BillID: BillID{1, "s", 1}}) {
		t.Error("two bills without a title bear the same one")
	}
}
