package congress

import (
	"cmp"
	"slices"
	"strings"

	"github.com/undersigned/undersigned"
)

// billAction is one row of a bill's actions. Several rows often tell one event: the House's, the Senate's, and the
// Library of Congress's own, whose codes alone are used alike for all bills.
type billAction struct {
	date   undersigned.Day
	code   string
	kind   string // the type element, a group of actions
	source string // "9" is the Library of Congress
	text   string
}

// step is what an action did to its bill.
type step int

const (
	noStep step = iota
	introduced
	reported // or discharged: the committee no longer holds it
	failedHouse
	failedSenate
	passedHouse
	passedSenate
	amendedAgain // one chamber agreed to the other's words, but with words of its own
	conferenceHouse
	conferenceSenate
	agreed // one chamber agreed to the other's words
	presented
	signed
	vetoed
	becameLaw
)

// librarySteps are the Library of Congress action codes that decide a stage (BILLSTATUS user guide, table 3, and the
// files). E40000 is not among them: it stands beside any text.
var librarySteps = map[string]step{
	"1000": introduced, "10000": introduced,
	"5000": reported, "5500": reported, "14000": reported, "14500": reported,
	"8000": passedHouse, "9000": failedHouse, "17000": passedSenate, "18000": failedSenate,
	"19000": agreed, "19500": agreed, "20000": agreed, "20500": agreed,
	"21000": conferenceHouse, "23000": conferenceSenate,
	"28000": presented, "29000": signed, "31000": vetoed, "E30000": signed, "36000": becameLaw, "41000": becameLaw,
}

var stepStages = map[step]undersigned.Stage{
	introduced: undersigned.InCommittee, reported: undersigned.OnCalendar,
	failedHouse: undersigned.Failed, failedSenate: undersigned.Failed,
	passedHouse: undersigned.PassedHouse, passedSenate: undersigned.PassedSenate,
	presented: undersigned.WithPresident, vetoed: undersigned.Vetoed,
	signed: undersigned.Enacted, becameLaw: undersigned.Enacted,
}

// step reads an action. Texts are looked at only where one code says two things.
func (a billAction) step() step {
	text := strings.ToLower(a.text)
	if a.source != "9" {
		// A bill may be put on a calendar without ever being in committee; no Library code says so.
		if a.kind == "Calendars" {
			return reported
		}
		return noStep
	}
	s := librarySteps[a.code]
	switch {
	case s == signed && strings.Contains(text, "veto"):
		return vetoed // E30000 covers whatever the President did
	case s != agreed:
		return s
	case strings.Contains(text, "with an amendment"), strings.Contains(text, "with amendment"):
		return amendedAgain
	case strings.Contains(text, "disagree"), strings.Contains(text, "failed"), strings.Contains(text, "not agreed"),
		!strings.Contains(text, "agreed to"):
		return noStep
	}
	return agreed
}

// stageBill sets the stage of a bill, its days and its events from its actions, whose order and repetition do not
// matter: files repeat them, and days have no hours.
func stageBill(b *undersigned.Bill, actions []billAction) {
	type event struct {
		step step
		billAction
	}
	var events []event
	for _, a := range actions {
		if s := a.step(); s != noStep {
			events = append(events, event{s, a})
		}
	}
	slices.SortFunc(events, func(x, y event) int {
		return cmp.Or(cmp.Compare(x.date, y.date), cmp.Compare(x.step, y.step), cmp.Compare(x.text, y.text))
	})
	b.Stage = undersigned.InCommittee
	p := progress{bill: b}
	for _, e := range events {
		before := p.stage()
		p.take(e.step, e.billAction)
		if b.Stage = p.stage(); b.Stage != before && b.Stage.Final() {
			b.Decided = e.date
		}
		stage := stepStages[e.step]
		if stage == "" || e.source != "9" {
			continue
		}
		if n := len(b.Events); n > 0 && b.Events[n-1].Date == e.date && b.Events[n-1].Stage == stage {
			continue
		}
		b.Events = append(b.Events, undersigned.BillEvent{Date: e.date, Stage: stage, Texts: map[string]string{"en": e.text}})
	}
	// A law has a number. One that was vetoed, and passed over the veto, has one, too.
	if len(b.Laws) > 0 && b.Stage != undersigned.Enacted {
		b.Stage, b.Decided = undersigned.Enacted, ""
	}
	if !b.Stage.Final() {
		b.Decided = ""
	}
	b.Differ = b.Stage == undersigned.PassedBoth && p.differ()
}

// progress follows a bill through its steps in the order of days.
type progress struct {
	bill                   *undersigned.Bill
	reported               bool
	house, senate          vote
	amended                bool    // the chamber it came to second, or either one later, changed its words
	conference             [2]bool // House and Senate have agreed to the report of a conference
	presented, vetoed, law bool
}

// vote is how a chamber last voted on a bill.
type vote int

const (
	notYet vote = iota
	rejected
	passed
)

func (p *progress) take(s step, a billAction) {
	switch s {
	case reported:
		p.reported = true
	case failedHouse:
		p.house = rejected
	case failedSenate:
		p.senate = rejected
	case passedHouse:
		p.house = passed
		if p.bill.Type[0] == 's' {
			p.amended = amends(a.text)
		}
	case passedSenate:
		p.senate = passed
		if p.bill.Type[0] == 'h' {
			p.amended = amends(a.text)
		}
	case amendedAgain:
		p.amended = true
	case conferenceHouse:
		p.conference[0] = true
	case conferenceSenate:
		p.conference[1] = true
	case agreed:
		p.amended = false
	case presented:
		p.presented = true
		p.bill.Presented = a.date
	case vetoed:
		p.vetoed = true
	case signed, becameLaw:
		p.law = true
	}
}

// amends tells whether the text of a passage says that the chamber changed the bill.
func amends(text string) bool {
	text = strings.ToLower(text)
	return strings.Contains(text, "with an amendment") || strings.Contains(text, "with amendments") ||
		strings.Contains(text, "as amended")
}

// differ tells whether the chambers have passed different words and not yet agreed on some.
func (p *progress) differ() bool { return p.amended && !(p.conference[0] && p.conference[1]) }

// stage is how far the bill has come.
func (p *progress) stage() undersigned.Stage {
	simple := p.bill.Type == "hres" || p.bill.Type == "sres"
	concurrent := p.bill.Type == "hconres" || p.bill.Type == "sconres"
	both := p.house == passed && p.senate == passed
	switch {
	case p.law:
		return undersigned.Enacted
	case p.vetoed:
		return undersigned.Vetoed
	case p.presented:
		return undersigned.WithPresident
	case p.house == rejected || p.senate == rejected:
		return undersigned.Failed
	case simple && (p.house == passed || p.senate == passed), concurrent && both && !p.differ():
		return undersigned.AgreedTo
	case both:
		return undersigned.PassedBoth
	case p.house == passed:
		return undersigned.PassedHouse
	case p.senate == passed:
		return undersigned.PassedSenate
	case p.reported:
		return undersigned.OnCalendar
	}
	return undersigned.InCommittee
}
