package undersigned

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Stage is where a bill stands. The order of the list is the order of its life.
type Stage string

const (
	InCommittee   Stage = "in_committee"
	OnCalendar    Stage = "on_calendar"
	Failed        Stage = "failed" // lost a vote in a chamber
	PassedHouse   Stage = "passed_house"
	PassedSenate  Stage = "passed_senate"
	PassedBoth    Stage = "passed_both"
	WithPresident Stage = "with_president"
	AgreedTo      Stage = "agreed_to" // a resolution that needs no President
	Vetoed        Stage = "vetoed"
	Enacted       Stage = "enacted"
	Died          Stage = "died" // its Congress ended
)

// Stages are all stages, in the order of a bill's life.
var Stages = []Stage{InCommittee, OnCalendar, Failed, PassedHouse, PassedSenate, PassedBoth, WithPresident, AgreedTo,
	Vetoed, Enacted, Died}

// Final tells whether nothing more can become of a bill at this stage.
func (s Stage) Final() bool {
	return slices.Contains([]Stage{Failed, AgreedTo, Vetoed, Enacted, Died}, s)
}

// BillTypes are the types of measures, as congress.gov and BILLSTATUS name them.
var BillTypes = []string{"hr", "s", "hjres", "sjres", "hconres", "sconres", "hres", "sres"}

// BillID names a bill for ever: its Congress, type and number.
type BillID struct {
	Congress int    `json:"congress"`
	Type     string `json:"type"`
	Number   int    `json:"number"`
}

var billID = regexp.MustCompile(`^([1-9][0-9]{0,2})(hr|s|hjres|sjres|hconres|sconres|hres|sres)([1-9][0-9]{0,4})$`)

// ParseBillID reads the form "117hr2222".
func ParseBillID(s string) (BillID, error) {
	m := billID.FindStringSubmatch(s)
	if m == nil {
		return BillID{}, fmt.Errorf("%q is not a bill written like 117hr2222", s)
	}
	congress, _ := strconv.Atoi(m[1])
	number, _ := strconv.Atoi(m[3])
	return BillID{congress, m[2], number}, nil
}

func (id BillID) String() string { return fmt.Sprintf("%d%s%d", id.Congress, id.Type, id.Number) }

var billTypeNames = map[string]string{"hr": "H.R.", "s": "S.", "hjres": "H.J.Res.", "sjres": "S.J.Res.",
	"hconres": "H.Con.Res.", "sconres": "S.Con.Res.", "hres": "H.Res.", "sres": "S.Res."}

// Name is the bill as people cite it within its Congress: "H.R. 1932".
func (id BillID) Name() string { return fmt.Sprintf("%s %d", billTypeNames[id.Type], id.Number) }

// Chamber is where the bill began: only its members can put their name to it.
func (id BillID) Chamber() Chamber {
	if id.Type != "" && id.Type[0] == 's' {
		return Senate
	}
	return House
}

// CongressAt is the number of the Congress that sits at t.
func CongressAt(t time.Time) int {
	n := (t.In(Eastern).Year() - 1789) / 2
	for !t.Before(CongressEnds(n)) {
		n++
	}
	return n
}

// CongressEnds is the moment at which a Congress ends and every bill before it dies: noon in Washington on 3 January of
// 1789 + 2n (20th Amendment, section 1; true from the 74th Congress on).
func CongressEnds(n int) time.Time {
	return time.Date(1789+2*n, time.January, 3, 12, 0, 0, 0, Eastern)
}

// Bill is what is known of a bill: from a pack, with the day on which that was true, or from the updater.
type Bill struct {
	BillID
	Title      string `json:"title"` // official short title, in English
	Stage      Stage  `json:"stage"` // as the source says; a source never says Died
	Introduced Day    `json:"introduced,omitempty"`
	Presented  Day    `json:"presented,omitempty"` // to the President
	Decided    Day    `json:"decided,omitempty"`   // when a final stage was reached
	Sponsor    string `json:"sponsor,omitempty"`
	Cosponsors int    `json:"cosponsors,omitempty"` // withdrawn ones left out
	// Differ says that both chambers passed it in different words, and have not agreed on one text yet.
	Differ       bool                `json:"differ,omitempty"`
	SponsorID    string              `json:"sponsor_id,omitempty"`    // bioguide
	CosponsorIDs []string            `json:"cosponsor_ids,omitempty"` // bioguide, sorted
	Committees   []BillCommittee     `json:"committees,omitempty"`    // those it was ever sent to
	Laws         []string            `json:"laws,omitempty"`          // "119-1"
	Events       []BillEvent         `json:"events,omitempty"`
	Successors   []BillSuccessor     `json:"successors,omitempty"`
	AsOf         Day                 `json:"as_of,omitempty"`
	Source       string              `json:"source,omitempty"` // URL
	Texts        map[string]BillText `json:"texts,omitempty"`  // by language
}

// BillCommittee is a committee, or a subcommittee, that had a bill before it.
type BillCommittee struct {
	Code    string  `json:"code"` // as committee lists write it: HSJU, a subcommittee HSJU01
	Name    string  `json:"name"`
	Chamber Chamber `json:"chamber"`
}

// BillEvent is one step of a bill's life.
type BillEvent struct {
	Date  Day               `json:"date"`
	Stage Stage             `json:"stage,omitempty"` // to which it brought the bill; empty where that is not known
	Texts map[string]string `json:"texts"`           // by language
}

// BillSuccessor is a later bill that asks for the same, or a law that did the same another way.
type BillSuccessor struct {
	Bill      BillID `json:"bill,omitzero"`
	PublicLaw string `json:"public_law,omitempty"` // "119-1"
	Title     string `json:"title"`
	Date      Day    `json:"date,omitempty"`
}

// BillText is what a bill means, in one language.
type BillText struct {
	Summary string `json:"summary,omitempty"` // one sentence
	Body    string `json:"body,omitempty"`    // Markdown: what it was and what became of it
}

// StageAt is the bill's stage at now, and how far it had come: the same stage, unless the bill has died. No source ever
// says that a bill died; its Congress ends. For a moment of the past, what happened later is left out as far as the
// events say which stage they brought.
func (b *Bill) StageAt(now time.Time) (stage, reached Stage) {
	stage = b.stageBy(now)
	if stage.Final() || now.Before(b.diesAt()) {
		return stage, stage
	}
	return Died, stage
}

// stageBy is the stage that the last event on or before now brought, where a later one brought another.
func (b *Bill) stageBy(now time.Time) Stage {
	stage, later := InCommittee, false
	for _, e := range b.Events {
		switch {
		case e.Stage == "":
		case e.Date.Begin(Eastern).After(now):
			later = true
		default:
			stage = e.Stage
		}
	}
	if later {
		return stage
	}
	return cmp.Or(b.Stage, InCommittee)
}

// Follow takes over from a newer source what changes in a bill's life, and from an older one who stands behind the bill,
// where nobody has written that down. What was written by hand stays: the texts, the
// successors, and the events up to the last one that a person has put into words.
func (b *Bill) Follow(fresh *Bill) {
	if fresh == nil || fresh.BillID != b.BillID {
		return
	}
	if fresh.AsOf < b.AsOf {
		if b.SponsorID == "" && fresh.SponsorID != "" {
			b.SponsorID, b.CosponsorIDs, b.Cosponsors = fresh.SponsorID, fresh.CosponsorIDs, fresh.Cosponsors
			b.Committees = fresh.Committees
		}
		return
	}
	merged := *fresh
	merged.Texts, merged.Successors = b.Texts, b.Successors
	merged.Title = cmp.Or(b.Title, fresh.Title)
	merged.Sponsor = cmp.Or(b.Sponsor, fresh.Sponsor)
	merged.Source = cmp.Or(b.Source, fresh.Source)
	if len(b.Events) > 0 {
		merged.Events = slices.Clone(b.Events)
		last := b.Events[len(b.Events)-1].Date
		for _, e := range fresh.Events {
			if e.Date > last {
				merged.Events = append(merged.Events, e)
			}
		}
	}
	*b = merged
}

// diesAt is the moment from which the bill is dead if nothing more is heard of it: the end of its Congress. One that
// both chambers have passed, in the same words, still has the President's ten days, Sundays excepted (Constitution,
// I.7.2), from the day it was presented or, where that is not known, from the end.
func (b *Bill) diesAt() time.Time {
	end := CongressEnds(b.Congress)
	if b.Differ || b.Stage != PassedBoth && b.Stage != WithPresident {
		return end
	}
	from := b.Presented.Begin(Eastern)
	if from.IsZero() {
		from = time.Date(end.Year(), end.Month(), end.Day(), 0, 0, 0, 0, Eastern)
	}
	day := from
	for left := 10; left > 0; {
		day = day.AddDate(0, 0, 1)
		if day.Weekday() != time.Sunday {
			left--
		}
	}
	if last := day.AddDate(0, 0, 1); last.After(end) {
		return last
	}
	return end
}

var titleYear = regexp.MustCompile(`(?i)\s+of\s+\d{4}\s*$`)

// SameTitle tells whether two bills bear the same short title, the year at its end and capitals aside: "Help Separated
// Families Act of 2012" and "… of 2019". It is how a bill that came back is recognised; whether it truly is the same one, a
// person has to say.
func (b *Bill) SameTitle(other *Bill) bool {
	plain := func(title string) string {
		return strings.ToLower(titleYear.ReplaceAllString(strings.TrimSpace(title), ""))
	}
	return b.Title != "" && b.BillID != other.BillID && plain(b.Title) == plain(other.Title)
}

// Lineage suggests pairs of bills that bear the same title, the earlier first, where the earlier one does not name the
// later among its successors.
func (c *Content) Lineage() (pairs [][2]*Bill) {
	for i := range c.Bills {
		for j := range c.Bills {
			earlier, later := &c.Bills[i], &c.Bills[j]
			named := slices.ContainsFunc(earlier.Successors, func(s BillSuccessor) bool { return s.Bill == later.BillID })
			if earlier.Congress < later.Congress && !named && earlier.SameTitle(later) {
				pairs = append(pairs, [2]*Bill{earlier, later})
			}
		}
	}
	return pairs
}
