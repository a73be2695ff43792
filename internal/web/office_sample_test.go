package web

import (
	"testing"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/congress"
	"github.com/undersigned/undersigned/internal/store"
)

// officeStates are the pages of offices: nothing counted, few, many, handed over, answered, and a seat that is vacant now.
func officeStates(t *testing.T, at func(string) chrome, site *store.Site, counts store.Counts) (states []pageState) {
	t.Helper()
	table, pid := congress.SampleTable(), site.Contents[0].Action("equality").PID
	facts := func(bioguide string) officeFacts {
		return officeFacts{now: sampleNow, table: table, member: table.Legislator(bioguide, sampleNow), site: site, counts: counts,
			checkpoint: store.Checkpoint{Size: 1300, At: sampleNow}, key: "example.org/log+1+x"}
	}
	add := func(name string, o officeFacts) {
		states = append(states, pageState{"office, " + name, "office", newOffice(at(officePath(o.member.Bioguide)), o)})
	}
	clark := facts("C001101")
	add("nothing counted", clark)
	tally := func(seats ...undersigned.SeatCount) map[string]*undersigned.SeatCounts {
		return map[string]*undersigned.SeatCounts{pid: {PID: pid, At: sampleNow, LogSize: 1300, Congress: 119, Seats: seats}}
	}
	clark.seats = tally()
	add("few", clark)
	clark.seats = tally(undersigned.SeatCount{Seat: "MA-05", AtLeast: 1230}, undersigned.SeatCount{Seat: "MA-05", Split: true, AtLeast: 40},
		undersigned.SeatCount{Seat: "MA-05", Split: true, ZIP: "02138", AtLeast: 20})
	clark.heard([]store.DeliveryCount{{Issue: "detention", Action: "letter", Method: undersigned.ByPost, State: undersigned.DeliveryByHand, N: 1021},
		{Issue: "detention", Action: "letter", Method: undersigned.ByPhone, State: undersigned.DeliveryByHand, N: 12}},
		[]store.CallCount{{Issue: "detention", Action: "dignity", Outcome: undersigned.CallBusy, N: 33}})
	add("many", clark)
	passed := &undersigned.Correspondence{Handovers: []undersigned.Handover{
		{Issue: "detention", Action: "equality", Day: "2026-07-22", Paper: 120, Member: *clark.member}}}
	clark.passed = map[[2]string]*undersigned.Correspondence{{"detention", "equality"}: passed}
	add("handed over", clark)
	passed = &undersigned.Correspondence{Handovers: append(passed.Handovers, undersigned.Handover{Day: "2026-11-22", Member: *clark.member}),
		Answers: []undersigned.Answer{{Day: "2026-08-30", Lang: "en", Text: "Dear friends,\n\nthank you. <b>We</b> will look into it.\n\nThe office"}}}
	clark.passed = map[[2]string]*undersigned.Correspondence{{"detention", "equality"}: passed, {"detention", "letter"}: passed}
	add("answered", clark)
	warren := facts("W000817")
	warren.seats = tally(undersigned.SeatCount{Seat: "MA", AtLeast: 7000}, undersigned.SeatCount{Seat: "MA", Split: true, AtLeast: 10})
	add("of a senator", warren)
	left := facts("C001101")
	left.member = &undersigned.Legislator{Bioguide: "X000001", Name: "Nobody Now", Term: undersigned.Term{Chamber: undersigned.House,
		State: "MA", District: 5, Begin: "2023-01-03", End: "2025-01-03", Party: "Green"}}
	left.passed = map[[2]string]*undersigned.Correspondence{{"detention", "equality"}: {Handovers: passed.Handovers[:1]}}
	add("of who has left", left)
	empty := facts("C001101")
	empty.site = &store.Site{}
	add("nothing to sign", empty)
	return append(states,
		pageState{"offices", "offices", newOffices(at("/offices"), table, []undersigned.Legislator{*left.member}, sampleNow)},
		pageState{"offices, the Congress is over", "offices", newOffices(at("/offices"), table, nil, sampleNow.Add(90*24*time.Hour))})
}
