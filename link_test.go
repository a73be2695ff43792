package undersigned

import (
	"testing"
	"time"
)

var lookDay = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

// looked gives what is known of a link after looks, one each so many hours.
func looked(hours time.Duration, findings ...Finding) (l Link) {
	for i, f := range findings {
		l = l.After(Look{At: lookDay.Add(time.Duration(i) * hours * time.Hour), Finding: f})
	}
	return l
}

func TestLinkIsBrokenAfterThreeDaysOfFailing(t *testing.T) {
	for _, test := range []struct {
		name     string
		hours    time.Duration
		findings []Finding
		want     LinkState
	}{
		{"never looked at", 24, nil, LinkUnchecked},
		{"works", 24, []Finding{FoundWorking}, LinkWorks},
		{"moved", 24, []Finding{FoundMoved}, LinkMoved},
		{"one day", 24, []Finding{FoundNothing}, LinkFailing},
		{"two days", 24, []Finding{FoundNothing, FoundNoAnswer}, LinkFailing},
		{"three days", 24, []Finding{FoundNothing, FoundNoAnswer, FoundOtherName}, LinkBroken},
		{"three times in one day", 2, []Finding{FoundNothing, FoundNothing, FoundNothing}, LinkFailing},
		{"worked in between", 24, []Finding{FoundNothing, FoundNothing, FoundWorking, FoundNothing}, LinkFailing},
		{"offline in between", 24, []Finding{FoundNothing, FoundNothing, FoundOffline, FoundNothing}, LinkBroken},
		{"offline alone", 24, []Finding{FoundOffline, FoundOffline, FoundOffline}, LinkUnchecked},
		{"offline after working", 24, []Finding{FoundWorking, FoundOffline, FoundOffline, FoundOffline}, LinkWorks},
		{"refuses programs for ever", 24, []Finding{FoundWall, FoundWall, FoundWall, FoundWall}, LinkUnclear},
		{"a wall before it in between", 24, []Finding{FoundNothing, FoundNothing, FoundWall, FoundNothing}, LinkBroken},
		{"a wall after it failed", 24, []Finding{FoundNothing, FoundWall}, LinkUnclear},
		{"vanished, and then the front page", 24, []Finding{FoundNothing, FoundNothing, FoundNothing, FoundFrontPage}, LinkBroken},
		{"vanished, and then refuses programs", 24, []Finding{FoundNothing, FoundNothing, FoundNothing, FoundWall, FoundRobots}, LinkBroken},
		{"leads to the front page for ever", 24, []Finding{FoundFrontPage, FoundFrontPage, FoundFrontPage, FoundFrontPage}, LinkUnclear},
		{"moved after it failed", 24, []Finding{FoundNothing, FoundNothing, FoundNothing, FoundMoved}, LinkMoved},
		{"came back", 24, []Finding{FoundNothing, FoundNothing, FoundNothing, FoundWorking}, LinkWorks},
	} {
		if got := looked(test.hours, test.findings...); got.State != test.want {
			t.Errorf("%s: %q, want %q", test.name, got.State, test.want)
		}
	}
}

func TestLinkRemembersWhenItWorkedAndSinceWhenItFails(t *testing.T) {
	l := looked(24, FoundWorking, FoundNothing, FoundNothing, FoundNothing, FoundNothing)
	if !l.WorkedAt.Equal(lookDay) || !l.FailingSince.Equal(lookDay.Add(24*time.Hour)) || !l.Broken() {
		t.Errorf("%+v", l)
	}
	if l = l.After(Look{At: lookDay.AddDate(0, 0, 9), Finding: FoundWorking}); !l.FailingSince.IsZero() || l.Strikes != 0 {
		t.Errorf("after it came back: %+v", l)
	}
}

func TestAskWhosePageHasVanishedIsNotAskedFor(t *testing.T) {
	a := Action{Kind: Elsewhere, State: ActionOpen, URL: "https://example.org/pledge"}
	now := lookDay.AddDate(0, 0, 5)
	if a.Link = looked(24, FoundNothing, FoundNothing); !a.Decide(nil, now).Open() {
		t.Error("closed after two days")
	}
	a.Link = looked(24, FoundNothing, FoundNothing, FoundNothing)
	if d := a.Decide(nil, now); d.Open() || d.State != ActionPaused || d.Reason != ReasonLinkBroken || !d.Since.Equal(lookDay) {
		t.Errorf("after three days: %+v", d)
	}
	if a.Link = a.Link.After(Look{At: now.Add(-time.Hour), Finding: FoundWall}); a.Decide(nil, now).Open() || !a.Link.FailingSince.Equal(lookDay) {
		t.Error("asked for again because its host refuses programs")
	}
	if !a.Decide(nil, lookDay.Add(-time.Hour)).Open() {
		t.Error("closed on a day on which its page still answered")
	}
	if a.Link = a.Link.After(Look{At: now, Finding: FoundWorking}); !a.Decide(nil, now).Open() {
		t.Error("not asked for again when its page came back")
	}
	a.Link, a.State = looked(24, FoundNothing, FoundNothing, FoundNothing), ActionClosed
	if d := a.Decide(nil, now); d.Reason != ReasonOrganizer {
		t.Errorf("closed by hand: %+v", d)
	}
}

func TestAskWhosePageLeadsToTheFrontPageForThreeDaysIsNotAskedFor(t *testing.T) {
	a := Action{Kind: Elsewhere, State: ActionOpen, URL: "https://example.org/pledge"}
	for day := range LinkStrikes {
		at := lookDay.AddDate(0, 0, day)
		if !a.Decide(nil, at).Open() {
			t.Errorf("closed before day %d", day)
		}
		a.Link = a.Link.After(Look{At: at, Finding: FoundFrontPage, OfAsk: true, To: "https://example.org/"})
	}
	if d := a.Decide(nil, lookDay.AddDate(0, 0, 5)); d.Reason != ReasonLinkBroken || !d.Since.Equal(lookDay) {
		t.Errorf("after three days: %+v", d)
	}
}
