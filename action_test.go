package undersigned

import (
	"testing"
	"time"
)

func at(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t
}

var (
	hr1932 = &Bill{BillID: BillID{112, "hr", 1932}, Stage: OnCalendar, Introduced: "2011-05-23"}
	hr6397 = &Bill{BillID: BillID{119, "hr", 6397}, Stage: InCommittee, Introduced: "2025-12-03"}
	laken  = &Bill{BillID: BillID{119, "s", 5}, Stage: Enacted, Decided: "2025-01-29", Introduced: "2025-01-06",
		Events: []BillEvent{{Date: "2025-01-06", Stage: InCommittee}, {Date: "2025-01-20", Stage: PassedSenate},
			{Date: "2025-01-29", Stage: Enacted}}}
)

func TestActionDecides(t *testing.T) {
	june := at("2026-06-30T00:00:00-04:00")
	for name, c := range map[string]struct {
		action Action
		bill   *Bill
		now    string
		want   Decision
	}{
		"a draft is nothing yet": {Action{State: ActionDraft, Closes: june}, nil, "2026-01-01T00:00:00Z",
			Decision{State: ActionDraft, Reason: ReasonDraft}},
		"open for ever": {Action{State: ActionOpen}, nil, "2026-01-01T00:00:00Z", Decision{State: ActionOpen}},
		"open until its date": {Action{State: ActionOpen, Closes: june}, nil, "2026-06-30T03:59:59Z",
			Decision{State: ActionOpen, Until: june}},
		"closed at its date": {Action{State: ActionOpen, Closes: june}, nil, "2026-06-30T04:00:00Z",
			Decision{State: ActionClosed, Reason: ReasonDate, Since: june}},
		"not open before its date": {Action{State: ActionOpen, Opens: june}, nil, "2026-06-30T03:59:59Z",
			Decision{State: ActionDraft, Reason: ReasonNotYet, Until: june}},
		"paused": {Action{State: ActionPaused, Closes: june}, nil, "2026-01-01T00:00:00Z",
			Decision{State: ActionPaused, Reason: ReasonPaused, Until: june}},
		"paused and past its date": {Action{State: ActionPaused, Closes: june}, nil, "2027-01-01T00:00:00Z",
			Decision{State: ActionClosed, Reason: ReasonDate, Since: june}},
		"closed by its organiser": {Action{State: ActionClosed, Ended: "2026-02-03"}, nil, "2026-03-01T00:00:00Z",
			Decision{State: ActionClosed, Reason: ReasonOrganizer, Since: at("2026-02-03T00:00:00-05:00")}},
		"its bill died": {Action{State: ActionOpen, Bill: hr1932.BillID, Position: Oppose}, hr1932, "2026-11-22T12:00:00Z",
			Decision{State: ActionClosed, Reason: ReasonDied, Since: at("2013-01-03T12:00:00-05:00")}},
		"its bill lived then": {Action{State: ActionOpen, Bill: hr1932.BillID}, hr1932, "2012-07-20T12:00:00Z",
			Decision{State: ActionOpen, Until: at("2013-01-03T12:00:00-05:00")}},
		"its bill was not there yet": {Action{State: ActionOpen, Bill: hr1932.BillID}, hr1932, "2011-05-22T12:00:00Z",
			Decision{State: ActionDraft, Reason: ReasonNotYet, Until: at("2011-05-23T00:00:00-04:00")}},
		"a second before the Congress ends": {Action{State: ActionOpen, Bill: hr6397.BillID}, hr6397, "2027-01-03T16:59:59Z",
			Decision{State: ActionOpen, Until: at("2027-01-03T12:00:00-05:00")}},
		"when the Congress ends": {Action{State: ActionOpen, Bill: hr6397.BillID}, hr6397, "2027-01-03T17:00:00Z",
			Decision{State: ActionClosed, Reason: ReasonDied, Since: at("2027-01-03T12:00:00-05:00")}},
		"nothing known of its bill, before the end": {Action{State: ActionOpen, Bill: hr6397.BillID}, nil, "2027-01-03T16:59:59Z",
			Decision{State: ActionOpen, Until: at("2027-01-03T12:00:00-05:00")}},
		"nothing known of its bill, after the end": {Action{State: ActionOpen, Bill: hr6397.BillID}, nil, "2027-01-03T17:00:01Z",
			Decision{State: ActionClosed, Reason: ReasonDied, Since: at("2027-01-03T12:00:00-05:00")}},
		"its date comes before its bill's end": {Action{State: ActionOpen, Bill: hr6397.BillID, Closes: june}, hr6397, "2028-01-01T00:00:00Z",
			Decision{State: ActionClosed, Reason: ReasonDate, Since: june}},
		"its bill became law": {Action{State: ActionOpen, Bill: laken.BillID}, laken, "2025-02-01T00:00:00Z",
			Decision{State: ActionClosed, Reason: ReasonEnacted, Since: at("2025-01-29T00:00:00-05:00")}},
		"its bill was not law yet": {Action{State: ActionOpen, Bill: laken.BillID}, laken, "2025-01-25T00:00:00Z",
			Decision{State: ActionOpen, Until: at("2027-01-03T12:00:00-05:00")}},
	} {
		t.Run(name, func(t *testing.T) {
			got := c.action.Decide(c.bill, at(c.now))
			if got.State != c.want.State || got.Reason != c.want.Reason || !got.Since.Equal(c.want.Since) || !got.Until.Equal(c.want.Until) {
				t.Errorf("got  %+v\nwant %+v", got, c.want)
			}
		})
	}
}

// TestDecisionHoldsUntilItSays walks over the moments at which a decision says that it will change.
func TestDecisionHoldsUntilItSays(t *testing.T) {
	a := Action{State: ActionOpen, Bill: hr6397.BillID, Opens: at("2026-01-01T00:00:00Z"), Closes: at("2026-12-01T00:00:00Z")}
	now := at("2020-01-01T00:00:00Z")
	var states []ActionState
	for !now.IsZero() {
		d := a.Decide(hr6397, now)
		states = append(states, d.State)
		if before := d.Until.Add(-time.Nanosecond); !d.Until.IsZero() && a.Decide(hr6397, before).State != d.State {
			t.Errorf("%v changes before %v", d.State, d.Until)
		}
		now = d.Until
	}
	if len(states) != 3 || states[0] != ActionDraft || states[1] != ActionOpen || states[2] != ActionClosed {
		t.Errorf("went through %v", states)
	}
}
