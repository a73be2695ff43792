package web

import (
	"cmp"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/congress"
	"github.com/undersigned/undersigned/internal/store"
)

// handOversView lists petitions and pledges with what was handed over of each.
type handOversView struct {
	deskChrome
	Issues []handedIssue
}

type handedIssue struct {
	Title, Lang string
	Asks        []handedAsk
}

type handedAsk struct {
	Link, Title, Lang, Status string
	Handed, Waits             string // to how many offices, and how many of them owe an answer
}

func newHandOvers(c deskChrome, site *store.Site, passed map[string]map[string]*undersigned.Correspondence, now time.Time) handOversView {
	v := handOversView{deskChrome: c.named(c.T("desk.hand_over"))}
	for _, content := range site.Contents {
		text, lang := content.Issue.Text(c.Lang())
		issue := handedIssue{Title: text.Title, Lang: c.other(lang)}
		for i := range content.Actions {
			a := &content.Actions[i]
			if !a.Kind.Signable() || a.State == undersigned.ActionDraft || a.PID == "" {
				continue
			}
			text, lang := a.Text(c.Lang(), content.Issue.Languages)
			ask := handedAsk{Link: c.Link(handedPath(a)), Title: text.Title, Lang: c.other(lang), Status: newStatus(c.chrome, content, a, now).Label, Handed: c.T("desk.hand_over.nobody")}
			offices, waiting := passed[actionPath(a)], 0
			for _, p := range offices {
				if _, _, waits := p.Silence(dayIn(now, undersigned.Eastern)); waits {
					waiting++
				}
			}
			if len(offices) > 0 {
				ask.Handed, ask.Waits = c.N("desk.hand_over.offices", len(offices)), c.N("desk.hand_over.waiting", waiting)
			}
			issue.Asks = append(issue.Asks, ask)
		}
		if len(issue.Asks) > 0 {
			v.Issues = append(v.Issues, issue)
		}
	}
	return v
}

// handOverFacts is all that the page of an ask is made of.
type handOverFacts struct {
	content *undersigned.Content
	ask     *undersigned.Action
	passed  map[string]*undersigned.Correspondence // by bioguide id
	seats   *undersigned.SeatCounts
	table   *congress.Table
	now     time.Time
}

// handOverView is an ask on its way to the offices of Congress.
type handOverView struct {
	deskChrome
	Lang, Public, Status string
	Packet               deskLink // where it is made: from the server's rows, or from a bundle far from it
	Sealed               bool
	Commands             string // that are given far from the server
	Seats                string // when the numbers by district were last made; empty where they never were
	SeatsError           string
	Offices              []handedOffice
	Over                 overForm
	Answer               *answerForm // nil while nothing was handed over
	Problem              string
	Base                 string // the page's own path
}

// handedOffice is what passed with one office.
type handedOffice struct {
	ID, Name, Link string
	Handovers      []handedNote
	Answers        []handedNote
	Silence        string
}

// handedNote is one thing that was noted.
type handedNote struct {
	Day               undersigned.Day
	Words, Lang, Text string
	Correct           string // the page with this note in the form
}

type overForm struct {
	Office pickField
	Day    formInput
	How    pickField
	Paper  formInput
}

type answerForm struct {
	Office, Language pickField
	Day              formInput
	Text             textArea
}

// pickField is a list to choose from, in groups or without.
type pickField struct {
	formInput
	Groups []pickGroup
}

type pickGroup struct {
	Label   string // empty for none
	Options []formOption
}

func newHandOver(c deskChrome, f handOverFacts, languages []string, typed url.Values) handOverView {
	a := f.ask
	text, lang := a.Text(c.Lang(), f.content.Issue.Languages)
	status := newStatus(c.chrome, f.content, a, f.now)
	v := handOverView{deskChrome: c.named(text.Title), Lang: c.other(lang), Public: c.Link(actionPath(a)), Status: strings.TrimSpace(status.Label + " " + status.Why),
		Sealed: f.content.Issue.Sealed(), Base: c.Link(handedPath(a))}
	v.Packet = c.exportLink(undersigned.ExportPacket, a.Issue, a.Slug)
	if v.Sealed {
		v.Packet = c.exportLink(undersigned.ExportBundle, a.Issue, a.Slug)
		v.Commands = "undersigned open BUNDLE --identity key.txt --packet DIR\nundersigned open BUNDLE --identity key.txt --seats seats.json"
		if f.seats != nil {
			v.Seats = c.T("office.counted", "date", c.DateTime(f.seats.At.In(undersigned.Eastern)), "size", int(f.seats.LogSize), "congress", c.Ordinal(f.seats.Congress))
		}
	}
	for _, id := range slices.Sorted(maps.Keys(f.passed)) {
		v.Offices = append(v.Offices, newHandedOffice(c, f, id, v.Base))
	}
	v.Over = newOverForm(c, f, typed)
	if len(v.Offices) > 0 {
		v.Answer = newAnswerForm(c, f, languages, typed)
	}
	return v
}

// memberOf is a legislator as they were when something passed with them.
func memberOf(p *undersigned.Correspondence) *undersigned.Legislator {
	if len(p.Handovers) > 0 {
		return &p.Handovers[len(p.Handovers)-1].Member
	}
	return &p.Answers[len(p.Answers)-1].Member
}

func officeName(c chrome, l *undersigned.Legislator) string {
	return nameAndParty(c, l) + ", " + memberSeat(c, l)
}

func newHandedOffice(c deskChrome, f handOverFacts, id, base string) handedOffice {
	p := f.passed[id]
	o := handedOffice{ID: id, Name: officeName(c.chrome, memberOf(p)), Link: c.Link(officePath(id))}
	correct := func(form string, day undersigned.Day) string {
		return base + "?" + url.Values{"form": {form}, "bioguide": {id}, "day": {string(day)}}.Encode() + "#" + form
	}
	var shown officePetition
	shown.correspond(c.chrome, officeFacts{now: f.now, table: f.table, member: memberOf(p)}, p)
	for i, h := range p.Handovers {
		o.Handovers = append(o.Handovers, handedNote{Day: h.Day, Words: shown.Handovers[i], Correct: correct("handed_over", h.Day)})
	}
	for i, answer := range shown.Answers {
		o.Answers = append(o.Answers, handedNote{Day: p.Answers[i].Day, Words: answer.When, Lang: answer.Lang, Text: answer.Text, Correct: correct("answered", p.Answers[i].Day)})
	}
	o.Silence = shown.Silence
	return o
}

func newOverForm(c deskChrome, f handOverFacts, typed url.Values) overForm {
	form := overForm{
		Office: pickField{formInput: formInput{Of: "over", Name: "bioguide", Label: c.T("desk.hand_over.office")}},
		Day: formInput{Of: "over", Name: "day", Label: c.T("desk.hand_over.day"), Hint: c.T("desk.hand_over.day.hint"), Type: "date", Autocomplete: "off", Required: true,
			Value: string(dayIn(f.now, undersigned.Eastern))},
		How:   pickField{formInput: formInput{Of: "over", Name: "how", Label: c.T("desk.hand_over.how")}},
		Paper: formInput{Of: "over", Name: "paper", Label: c.T("desk.hand_over.paper"), Hint: c.T("desk.hand_over.paper.hint"), Type: "text", Autocomplete: "off", Value: "0"},
	}
	chosen, how := "", ""
	if typed.Get("form") == "handed_over" {
		chosen, how = typed.Get("bioguide"), typed.Get("how")
		retype(&form.Day.Value, typed, "day")
		retype(&form.Paper.Value, typed, "paper")
		if p := f.passed[chosen]; p != nil && !typed.Has("paper") { // a note that is to be corrected
			for _, h := range p.Handovers {
				if h.Day == undersigned.Day(typed.Get("day")) {
					how, form.Paper.Value = string(h.How), strconv.Itoa(h.Paper)
				}
			}
		}
	}
	form.Office.Groups = officeGroups(c.chrome, f, chosen)
	ways := pickGroup{Options: []formOption{{Label: c.T("handover.unsaid")}}}
	for _, way := range undersigned.HandoverWays {
		ways.Options = append(ways.Options, formOption{Value: string(way), Label: c.T("handover." + string(way)), Selected: string(way) == how})
	}
	form.How.Groups = []pickGroup{ways}
	return form
}

// retype puts what was typed in the place of what a field begins with.
func retype(value *string, typed url.Values, name string) {
	if typed.Has(name) {
		*value = validText(typed.Get(name))
	}
}

// officeGroups are the offices of Congress, state by state, and before them those to which something was handed already.
func officeGroups(c chrome, f handOverFacts, chosen string) []pickGroup {
	option := func(l *undersigned.Legislator) formOption {
		return formOption{Value: l.Bioguide, Label: officeName(c, l), Selected: l.Bioguide == chosen}
	}
	groups := []pickGroup{{Options: []formOption{{Label: c.T("desk.hand_over.choose")}}}}
	if len(f.passed) > 0 {
		groups = append(groups, pickGroup{Label: c.T("desk.hand_over.before"), Options: passedOptions(c, f, chosen)})
	}
	states := map[string]*pickGroup{}
	for _, l := range f.table.Legislators(f.now) {
		if f.passed[l.Bioguide] != nil || !f.table.Holds(l, f.now) {
			continue
		}
		if states[l.Term.State] == nil {
			states[l.Term.State] = &pickGroup{Label: stateName(c, l.Term.State)}
		}
		states[l.Term.State].Options = append(states[l.Term.State].Options, option(l))
	}
	sorted := slices.SortedFunc(maps.Values(states), func(a, b *pickGroup) int { return cmp.Compare(a.Label, b.Label) })
	for _, group := range sorted {
		groups = append(groups, *group)
	}
	return groups
}

// passedOptions are the offices to which something was handed.
func passedOptions(c chrome, f handOverFacts, chosen string) (options []formOption) {
	for _, id := range slices.Sorted(maps.Keys(f.passed)) {
		options = append(options, formOption{Value: id, Label: officeName(c, memberOf(f.passed[id])), Selected: id == chosen})
	}
	return options
}

func newAnswerForm(c deskChrome, f handOverFacts, languages []string, typed url.Values) *answerForm {
	form := &answerForm{
		Office:   pickField{formInput: formInput{Of: "answer", Name: "bioguide", Label: c.T("desk.hand_over.office")}},
		Language: pickField{formInput: formInput{Of: "answer", Name: "lang", Label: c.T("desk.answer.language")}},
		Day: formInput{Of: "answer", Name: "day", Label: c.T("desk.hand_over.day"), Type: "date", Autocomplete: "off", Required: true,
			Value: string(dayIn(f.now, undersigned.Eastern))},
		Text: textArea{Of: "answer", Name: "text", Label: c.T("desk.answer.text"), Hint: c.T("desk.answer.text.hint", "max", undersigned.MaxAnswer), Rows: 8},
	}
	chosen, lang := "", "en"
	if typed.Get("form") == "answered" {
		chosen, lang = typed.Get("bioguide"), cmp.Or(typed.Get("lang"), lang)
		retype(&form.Day.Value, typed, "day")
		retype(&form.Text.Value, typed, "text")
		if p := f.passed[chosen]; p != nil && !typed.Has("text") {
			for _, a := range p.Answers {
				if a.Day == undersigned.Day(typed.Get("day")) {
					lang, form.Text.Value = a.Lang, a.Text
				}
			}
		}
	}
	form.Office.Groups = []pickGroup{{Options: passedOptions(c.chrome, f, chosen)}}
	if !slices.Contains(languages, lang) && len(lang) <= 3 { // noted from the command line
		languages = append(slices.Clone(languages), validText(lang))
	}
	var tongues pickGroup
	for _, code := range languages {
		tongues.Options = append(tongues.Options, formOption{Value: code, Label: languageName(c.chrome, code), Selected: code == lang})
	}
	form.Language.Groups = []pickGroup{tongues}
	return form
}

// failed says what is wrong beside each field of the form that was sent.
func (v *handOverView) failed(typed url.Values, problem *undersigned.Error) {
	fields := map[string]*string{}
	switch typed.Get("form") {
	case "handed_over":
		fields = map[string]*string{"bioguide": &v.Over.Office.Error, "day": &v.Over.Day.Error, "how": &v.Over.How.Error, "paper": &v.Over.Paper.Error}
	case "answered":
		if v.Answer != nil {
			fields = map[string]*string{"bioguide": &v.Answer.Office.Error, "day": &v.Answer.Day.Error, "lang": &v.Answer.Language.Error, "text": &v.Answer.Text.Error}
		}
	case "seats":
		fields = map[string]*string{"seats": &v.SeatsError}
	}
	if len(problem.Fields) == 0 {
		v.Problem = v.T(problem.Key)
	}
	for _, e := range problem.Fields {
		if e.Field == "bioguide" { // it was chosen, not typed
			e.Key = "error.office"
		}
		if at := fields[e.Field]; at != nil {
			*at = v.T(e.Key, e.Args...)
		} else {
			v.Problem = v.T(e.Key, e.Args...)
		}
	}
}
