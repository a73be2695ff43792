package undersigned

import (
	"testing"
	"time"
)

func TestPetitionThatNothingEndsClosesWhereNobodyAnswers(t *testing.T) {
	now := time.Date(2027, 11, 22, 12, 0, 0, 0, time.UTC)
	asked := Attention{Asked: now.Add(-AttentionWithin)}
	bill := &Bill{BillID: BillID{119, "hr", 1}, Stage: InCommittee}
	for name, test := range map[string]struct {
		action Action
		at     time.Time
		state  ActionState
		reason Reason
		ends   bool // the clock alone changes it
	}{
		"nobody is asked":             {Action{State: ActionOpen}, now, ActionOpen, "", false},
		"asked":                       {Action{State: ActionOpen, Attention: asked}, now.Add(-time.Second), ActionOpen, "", true},
		"no answer":                   {Action{State: ActionOpen, Attention: asked}, now, ActionClosed, ReasonUnattended, false},
		"no answer, paused":           {Action{State: ActionPaused, Attention: asked}, now, ActionClosed, ReasonUnattended, false},
		"asked while paused":          {Action{State: ActionPaused, Attention: asked}, now.Add(-time.Second), ActionPaused, ReasonPaused, true},
		"a day was set meanwhile":     {Action{State: ActionOpen, Attention: asked, Closes: now.Add(time.Hour)}, now, ActionOpen, "", true},
		"its bill ends it":            {Action{State: ActionOpen, Attention: asked, Bill: bill.BillID}, time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC), ActionOpen, "", true},
		"it is over, says its owner":  {Action{State: ActionOpen, Attention: Attention{Ended: now}, Closes: now.Add(time.Hour)}, now, ActionClosed, ReasonOrganizer, false},
		"a draft is nobody's trouble": {Action{State: ActionDraft, Attention: asked}, now, ActionDraft, ReasonDraft, false},
	} {
		d := test.action.Decide(bill, test.at)
		if d.State != test.state || d.Reason != test.reason || d.Until.IsZero() == test.ends {
			t.Errorf("%s: %+v", name, d)
		}
	}
	for name, test := range map[string]struct {
		action Action
		want   bool
	}{
		"open":          {Action{Kind: Petition, State: ActionOpen, Attention: asked}, true},
		"paused":        {Action{Kind: Pledge, State: ActionPaused}, true},
		"with a day":    {Action{Kind: Petition, State: ActionPaused, Closes: now.Add(time.Hour)}, false},
		"closed":        {Action{Kind: Petition, State: ActionClosed}, false},
		"a draft":       {Action{Kind: Petition, State: ActionDraft}, false},
		"not signed":    {Action{Kind: Call, State: ActionOpen}, false},
		"not yet":       {Action{Kind: Petition, State: ActionOpen, Opens: now.Add(time.Hour)}, false},
		"about a bill":  {Action{Kind: Petition, State: ActionOpen, Bill: BillID{121, "hr", 1}}, false},
		"past its day":  {Action{Kind: Petition, State: ActionOpen, Closes: now.Add(-time.Hour)}, false},
		"bill has died": {Action{Kind: Petition, State: ActionOpen, Bill: BillID{112, "hr", 1}}, false},
	} {
		if got := test.action.Endless(nil, now); got != test.want {
			t.Errorf("%s: endless %v", name, got)
		}
	}
}

func TestOwnerIsWrittenToThreeTimes(t *testing.T) {
	asked := time.Date(2027, 11, 22, 12, 0, 0, 0, time.UTC)
	for days, want := range map[int]int{-1: 0, 0: 1, 29: 1, 30: 2, 49: 2, 50: 3, 60: 3, 400: 3} {
		if got := (Attention{Asked: asked}).MailsDue(asked.AddDate(0, 0, days)); got != want {
			t.Errorf("after %d days %d mails, want %d", days, got, want)
		}
	}
	if got := (Attention{}).MailsDue(asked); got != 0 {
		t.Errorf("%d mails where nobody is asked", got)
	}
	if (&Action{}).KeepsFor() != 90*24*time.Hour || (&Action{KeepDays: 7}).KeepsFor() != 7*24*time.Hour {
		t.Error("what is kept, and for how long")
	}
}
