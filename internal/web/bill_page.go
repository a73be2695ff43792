package web

import (
	"fmt"
	"html/template"
	"slices"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
)

// billView is the page of a bill: where it stands, what happened, what came after.
type billView struct {
	chrome
	Name, Heading string // "H.R. 1932 (112th Congress)", its title
	Summary       string
	Body          template.HTML
	Lang          string
	Stage         string // in words, now
	Sponsor       string
	Cosponsors    string
	Introduced    string
	Way           []billStep
	Events        []billEvent
	Committees    []string
	Earlier       []billVersion // those it came after
	Successors    []billVersion // those that came after it, and laws that did the same another way
	Where         *whereView    // whose members' part in it the page tells
	AsOf          string
	Source        *linkView
	Asks          []actionCard // ours about it
}

// billStep is one stop on a bill's way.
type billStep struct {
	Label string
	State string // done, here, end or ahead: a class of the style sheet
	Word  string // the same in words
}

type billEvent struct {
	Day, Date, Text, Lang string
}

// billVersion is another bill that asks for the same, or a law.
type billVersion struct {
	Name, Title, Date, Link string
	Stage                   string // where it stands; empty where that is not known
}

func billName(c chrome, id undersigned.BillID) string {
	return c.T("bill.name", "bill", id.Name(), "congress", c.Ordinal(id.Congress))
}

func billPath(id undersigned.BillID) string {
	return fmt.Sprintf("/bills/%d/%s/%d", id.Congress, id.Type, id.Number)
}

func newBill(c chrome, content *undersigned.Content, bill *undersigned.Bill, now time.Time) billView {
	text, lang := textIn(bill.Texts, c.Lang(), content.Issue.Languages)
	stage, reached := bill.StageAt(now)
	name := billName(c, bill.BillID)
	c = c.inIssue(content).titled(name+": "+bill.Title, text.Summary)
	v := billView{chrome: c, Name: name, Heading: bill.Title, Summary: text.Summary, Body: prose(text.Body, 2),
		Lang: c.other(lang), Stage: stageSentence(c, bill, stage), Sponsor: bill.Sponsor, Introduced: c.Day(bill.Introduced),
		Way: newBillPath(c, bill.Type, stage, reached), Earlier: newEarlier(c, content, bill, now), Successors: newSuccessors(c, content, bill, now)}
	for _, committee := range bill.Committees {
		if len(committee.Code) == 4 { // subcommittees stand in the events
			v.Committees = append(v.Committees, committee.Name)
		}
	}
	if bill.Cosponsors > 0 {
		v.Cosponsors = c.N("bill.cosponsors", bill.Cosponsors)
	}
	if bill.AsOf != "" {
		v.AsOf = c.T("bill.as_of", "date", c.Day(bill.AsOf))
	}
	if bill.Source != "" {
		link := newLink(c, bill.Source, "", undersigned.Link{}, undersigned.Eastern)
		v.Source = &link
	}
	for _, e := range bill.Events {
		words, lang := textIn(e.Texts, c.Lang(), content.Issue.Languages)
		v.Events = append(v.Events, billEvent{Day: string(e.Date), Date: c.Day(e.Date), Text: words, Lang: c.other(lang)})
	}
	for i := range content.Actions {
		if a := &content.Actions[i]; a.Bill == bill.BillID && a.State != undersigned.ActionDraft {
			card := newActionCard(c, content, a, store.Count{}, now)
			card.Bill = nil // this page
			v.Asks = append(v.Asks, card)
		}
	}
	return v
}

// textIn picks the words in lang, or in the first of languages that has some, and says which that was.
func textIn[T any](texts map[string]T, lang string, languages []string) (T, string) {
	for _, l := range append([]string{lang}, languages...) {
		if text, ok := texts[l]; ok {
			return text, l
		}
	}
	var none T
	return none, lang
}

func stageSentence(c chrome, bill *undersigned.Bill, stage undersigned.Stage) string {
	if stage == undersigned.Died {
		return c.T("bill.died", "congress", c.Ordinal(bill.Congress), "date", c.Date(undersigned.CongressEnds(bill.Congress)))
	}
	if stage.Final() && bill.Decided != "" {
		return c.T("bill.stage_on", "stage", stageName(c, stage), "date", c.Day(bill.Decided))
	}
	return c.T("bill.stage", "stage", stageName(c, stage))
}

// newEarlier lists the bills that this one is named as a successor of.
func newEarlier(c chrome, content *undersigned.Content, bill *undersigned.Bill, now time.Time) []billVersion {
	var list []billVersion
	for i := range content.Bills {
		before := &content.Bills[i]
		if slices.ContainsFunc(before.Successors, func(s undersigned.BillSuccessor) bool { return s.Bill == bill.BillID }) {
			list = append(list, newVersion(c, content, before.BillID, before.Title, now))
		}
	}
	return list
}

// newVersion is another bill, with its stage where we have its facts.
func newVersion(c chrome, content *undersigned.Content, id undersigned.BillID, title string, now time.Time) billVersion {
	link := newBillLink(c, content, id)
	v := billVersion{Name: link.Name, Title: title, Link: link.Link}
	if bill := content.Bill(id); bill != nil {
		stage, reached := bill.StageAt(now)
		if v.Stage = stageName(c, stage); stage != reached {
			v.Stage = c.T("bill.died_at", "stage", stageName(c, reached))
		}
	}
	return v
}

// meet puts on the page what the reader's own members have to do with the bill, or the question who they are.
// It is asked only where the answer is known.
func (v *billView) meet(bill *undersigned.Bill, p place, geocoder bool) {
	if bill.SponsorID == "" && !p.asked {
		return
	}
	v.Where = newWhere(v.chrome, v.Path, p, members{part: func(l *undersigned.Legislator) (string, bool) {
		part, committee := bill.PartOf(l, p.serves(l))
		return partWords(v.chrome, "bill", bill, l, part, committee), false
	}}, geocoder)
	v.Where.Brief = true
	if p.choose() {
		v.Where.Members = nil // one list, once the choice is made
	} else {
		v.Where.Heading = ""
	}
	if p.problem != nil {
		v.Title = v.T("form.error_title", "title", v.Title)
	}
}

func newSuccessors(c chrome, content *undersigned.Content, bill *undersigned.Bill, now time.Time) []billVersion {
	var list []billVersion
	for _, s := range bill.Successors {
		v := billVersion{Title: s.Title}
		if s.PublicLaw != "" {
			v.Name = c.T("bill.public_law", "number", s.PublicLaw)
		} else {
			v = newVersion(c, content, s.Bill, s.Title, now)
		}
		v.Date = c.Day(s.Date)
		list = append(list, v)
	}
	return list
}

// newBillPath draws the way of a bill from committee to law, and where on it this one stands or ended.
func newBillPath(c chrome, billType string, stage, reached undersigned.Stage) []billStep {
	way := stagesOf(billType)
	at := slices.Index(way, reached)
	switch {
	case at >= 0:
	case reached == undersigned.PassedHouse || reached == undersigned.PassedSenate:
		at = 2 // it passed the second chamber before the first was recorded
	case reached == undersigned.Vetoed:
		at = slices.Index(way, undersigned.WithPresident)
	}
	var steps []billStep
	for i, s := range way {
		step := billStep{Label: stageName(c, s), State: "ahead", Word: c.T("bill.ahead")}
		switch {
		case i < at || i == at && stage != reached:
			step.State, step.Word = "done", c.T("bill.done")
		case i == at:
			step.State, step.Word = "here", c.T("bill.here")
		}
		steps = append(steps, step)
	}
	if stage == undersigned.Died || stage == undersigned.Failed || stage == undersigned.Vetoed {
		end := billStep{Label: stageName(c, stage), State: "end", Word: c.T("bill.end")}
		for i := range steps[:at+1] {
			steps[i].State, steps[i].Word = "done", c.T("bill.done")
		}
		steps = slices.Insert(steps, at+1, end)
	}
	return steps
}

// stagesOf is the way of a measure that succeeds. Resolutions of one chamber need only it, concurrent ones both, and
// neither needs the President.
func stagesOf(billType string) []undersigned.Stage {
	first := undersigned.PassedHouse
	if billType[0] == 's' {
		first = undersigned.PassedSenate
	}
	begin := []undersigned.Stage{undersigned.InCommittee, undersigned.OnCalendar}
	switch billType {
	case "hres", "sres":
		return append(begin, undersigned.AgreedTo)
	case "hconres", "sconres":
		return append(begin, first, undersigned.AgreedTo)
	}
	return append(begin, first, undersigned.PassedBoth, undersigned.WithPresident, undersigned.Enacted)
}

func stageName(c chrome, s undersigned.Stage) string { return c.T("stage." + string(s)) }
