package web

import (
	"strconv"
	"time"

	"github.com/undersigned/undersigned"
)

// callForm takes how a call to one office ended.
type callForm struct {
	Action, Outreach, ZIP, District string
	Question, Name, Hint            string
	Outcomes                        []formOption
	Noted                           string // in place of the buttons, once one was pressed
}

// calledField is in the query of the page for one reader who has called and need not tell where they live.
const calledField = "called"

// calls puts below each office of a call the buttons for how it ended, with a token of this reader's page.
func (v *actionView) calls(token string) {
	if v.Kind != undersigned.Call || !v.Status.Open {
		return
	}
	form := callForm{Action: v.Here, Outreach: token}
	var members []memberView
	if v.Where != nil {
		members, form.ZIP, form.District = v.Where.Members, v.Where.AnsweredZIP, v.Where.AnsweredDistrict
	}
	v.Called = ""
	give := func(m *memberView) {
		if m.ID == "" || m.Phone == nil {
			return
		}
		call := form
		m.Call = &call
		m.Call.Question, m.Call.Name, m.Call.Hint = v.T("call.how"), m.Name, v.T("call.kept")
		for _, outcome := range undersigned.CallOutcomes {
			m.Call.Outcomes = append(m.Call.Outcomes, formOption{Value: m.ID + "/" + string(outcome), Label: v.T("call.outcome." + string(outcome))})
		}
	}
	for i := range members {
		give(&members[i])
	}
	for i := range v.Addressees {
		give(&v.Addressees[i])
	}
}

// called says that a call was counted.
func (v *actionView) called(target, token string) {
	v.calls(token)
	lists := [][]memberView{v.Addressees}
	if v.Where != nil {
		lists = append(lists, v.Where.Members)
	}
	for _, list := range lists {
		for i := range list {
			if list[i].ID == target && list[i].Call != nil {
				list[i].Call.Noted = v.T("call.noted")
			}
		}
	}
}

// officeHours says whether the offices in Washington answer now, in the reader's own time.
func officeHours(c chrome, now time.Time, state string) string {
	hours, zone := undersigned.OfficesAt(now), undersigned.ZoneOf(state)
	args := []any{"now", c.Clock(now.In(undersigned.Eastern)), "then", c.Clock(hours.Changes.In(undersigned.Eastern)),
		"here", c.Clock(hours.Changes.In(zone)), "day", c.T("weekday." + strconv.Itoa(int(hours.Changes.Weekday())))}
	key := "call.hours.closed"
	switch {
	case hours.Open:
		key = "call.hours.open"
	case hours.Changes.Sub(now) > 12*time.Hour:
		key = "call.hours.later"
	}
	if _, there := hours.Changes.Zone(); sameOffset(hours.Changes, zone, there) {
		return c.T(key, args...)
	}
	return c.T(key, args...) + " " + c.T("call.hours.here", args...)
}

func sameOffset(t time.Time, zone *time.Location, offset int) bool {
	_, here := t.In(zone).Zone()
	return here == offset
}
