package web

import (
	"cmp"
	"slices"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/congress"
	"github.com/undersigned/undersigned/internal/store"
)

// officeFacts is all that the page of an office is made of.
type officeFacts struct {
	now        time.Time
	table      *congress.Table
	member     *undersigned.Legislator
	site       *store.Site
	counts     store.Counts
	seats      map[string]*undersigned.SeatCounts        // by pid, of the member's seat
	passed     map[[2]string]*undersigned.Correspondence // by issue and slug, with the member
	letters    map[[2]string]int64                       // to the member, by issue and slug
	calls      map[[2]string]int64
	checkpoint store.Checkpoint
	key        string // of the public log
}

// heard adds up the letters and calls that the member's office is said to have had.
func (o *officeFacts) heard(deliveries []store.DeliveryCount, calls []store.CallCount) {
	o.letters, o.calls = map[[2]string]int64{}, map[[2]string]int64{}
	for _, d := range deliveries {
		key := [2]string{d.Issue, d.Action}
		switch {
		case d.Method == undersigned.ByPhone:
			o.calls[key] += d.N
		case d.State == undersigned.DeliveryByHand || d.State == undersigned.DeliveryAccepted:
			o.letters[key] += d.N
		}
	}
	for _, c := range calls {
		o.calls[[2]string{c.Issue, c.Action}] += c.N
	}
}

// find gives the member: as the tables know them or, where those have forgotten them, as they were when something was
// handed to them.
func (o *officeFacts) find(bioguide string) *undersigned.Legislator {
	if l := o.table.Legislator(bioguide, o.now); l != nil {
		return l
	}
	if l := o.table.Former(bioguide, o.now); l != nil {
		return l
	}
	for _, c := range o.passed {
		for i := range c.Handovers {
			return &c.Handovers[i].Member
		}
	}
	return nil
}

// officePage is a page for the staff of a member of Congress, who may only be able to read and print it.
type officePage struct {
	chrome
	Role, Of  string // Representative; Massachusetts, 5th district
	Heading   string
	Left      string // that they no longer hold the seat
	Now       *crumb // who holds it; nil where they do, or nobody does
	Petitions []officePetition
	Contacts  []officeContact
	Size      string // of the log
	AsOf      string
	AsOfTime  string
	Command   string
	Source    string
}

// officePetition is what a petition has to say to an office.
type officePetition struct {
	Heading, Ask, Lang, Link string
	Kind, Status             string
	Total                    string // of all who signed; empty for an ask that nobody signs
	Here, How                string // how many constituents, and by which method
	Shared                   string // those of whom that is not certain
	ZIPs                     []string
	Counted                  string // when, from how much of the log, by which districts
	Handovers                []string
	Silence                  string
	Answers                  []officeAnswer
}

type officeAnswer struct{ When, Lang, Text string }

// officeContact is whom to write to about an issue.
type officeContact struct {
	Issue, Lang, Link string
	Who               string
	Email             string // empty where the organiser has published none
}

func newOffice(c chrome, o officeFacts) officePage {
	l := o.member
	c = c.titled(c.T("office.title", "name", l.Name), c.T("office.lead", "name", l.Name))
	v := officePage{chrome: c, Heading: nameAndParty(c, l), Role: memberRole(c, l), Of: memberSeat(c, l),
		Size: c.N("log.size", int(o.checkpoint.Size)), Command: "undersigned verify " + c.BaseURL + " --vkey '" + o.key + "'",
		Source: tableSource(c, o.table)}
	if !o.checkpoint.At.IsZero() {
		v.AsOf, v.AsOfTime = c.DateTime(o.checkpoint.At.In(undersigned.Eastern)), o.checkpoint.At.UTC().Format(time.RFC3339)
	}
	if !o.table.Holds(l, o.now) {
		v.left(o)
	}
	for _, content := range o.site.Contents {
		n := len(v.Petitions)
		for i := range content.Actions {
			if p, ok := newOfficePetition(c, o, content, &content.Actions[i]); ok {
				v.Petitions = append(v.Petitions, p)
			}
		}
		if len(v.Petitions) > n {
			v.Contacts = append(v.Contacts, newOfficeContact(c, content))
		}
	}
	return v
}

// left says that the member holds the seat no longer, and who does.
func (v *officePage) left(o officeFacts) {
	l := o.member
	if !o.table.KnowsMembers(o.now) {
		v.Left = v.T("office.left.unknown", "date", v.Day(l.Term.End), "congress", v.Ordinal(undersigned.CongressAt(o.now)))
		return
	}
	v.Left = v.T("office.left", "name", l.Name)
	for _, other := range o.table.Legislators(o.now) {
		same := other.Term.Chamber == l.Term.Chamber && other.Term.State == l.Term.State &&
			other.Term.District == l.Term.District && other.Term.Class == l.Term.Class
		if same && other.Bioguide != l.Bioguide && o.table.Holds(other, o.now) {
			v.Now = &crumb{Title: nameAndParty(v.chrome, other), Link: v.Link(officePath(other.Bioguide))}
			return
		}
	}
	if slices.Contains(o.table.Vacancies(o.now), l.Seat()) {
		v.Left += " " + v.T("member.vacant")
	}
}

func newOfficeContact(c chrome, content *undersigned.Content) officeContact {
	text, lang := content.Issue.Text(c.Lang())
	return officeContact{Issue: text.Title, Lang: c.other(lang), Link: c.Link("/" + content.Issue.Slug),
		Who: cmp.Or(content.Issue.Organizer, content.Issue.Publisher), Email: content.Issue.Contact}
}

// newOfficePetition shows what people can sign, and what was handed over. What is over and concerns nobody here is left out.
func newOfficePetition(c chrome, o officeFacts, content *undersigned.Content, a *undersigned.Action) (p officePetition, ok bool) {
	key := [2]string{a.Issue, a.Slug}
	passed, counted := o.passed[key], o.seats[a.PID]
	written := (a.Kind == undersigned.Letter || a.Kind == undersigned.Call) && slices.Contains(a.Chambers(), o.member.Term.Chamber)
	if a.State == undersigned.ActionDraft || passed == nil && !a.Kind.Signable() && !written {
		return p, false
	}
	text, lang := a.Text(c.Lang(), content.Issue.Languages)
	status := newStatus(c, content, a, o.now)
	p = officePetition{Heading: text.Title, Ask: text.Ask, Lang: c.other(lang), Link: c.Link(actionPath(a)), Kind: kindName(c, a.Kind)}
	if !status.Open {
		p.Status = status.Why
	}
	heard := false
	switch {
	case a.Kind.Signable():
		p.Total = c.N("office.total", int(o.counts[a.PID].Counted))
		p.count(c, o, counted)
		heard = counted != nil && len(counted.Seats) > 0
	case written:
		heard = p.hear(c, undersigned.FullTens(o.letters[key]), undersigned.FullTens(o.calls[key]), a.Kind)
	}
	p.correspond(c, o, passed)
	return p, status.Open || passed != nil || heard
}

// hear says how many letters or calls there were. Where one kind was asked for and the other came too, both are told.
func (p *officePetition) hear(c chrome, letters, calls int64, kind undersigned.ActionKind) (any bool) {
	p.Here, p.How = c.T("office.letters.few"), c.T("office.letters.how")
	if letters > 0 {
		p.Here = c.T("office.letters", "n", int(letters))
	}
	called := c.T("office.calls.few")
	if calls > 0 {
		called = c.T("office.calls", "n", int(calls))
	}
	switch {
	case kind == undersigned.Call:
		p.Here, p.How = called, c.T("office.calls.how")
	case calls > 0:
		p.Shared = called
	}
	return letters+calls > 0
}

// count says how many constituents have signed. A number below ten is never shown, nor whether it is zero.
func (p *officePetition) count(c chrome, o officeFacts, counted *undersigned.SeatCounts) {
	if counted == nil {
		p.How = c.T("office.uncounted")
		return
	}
	where := string(o.member.Term.Chamber)
	whole, split, shared := counted.Of(o.member.SeatName())
	p.Here, p.How = c.T("office.few"), c.T("office.how."+where)
	if whole > 0 {
		p.Here = c.T("office.here", "n", int(whole))
	}
	switch {
	case split > 0:
		p.Shared = c.T("office.shared."+where, "n", int(split))
	case o.member.Term.Chamber == undersigned.House && !o.member.Seat().AtLarge():
		p.Shared = c.T("office.shared_few")
	}
	for _, s := range shared {
		p.ZIPs = append(p.ZIPs, c.T("office.zip", "zip", s.ZIP, "n", int(s.AtLeast)))
	}
	p.Counted = c.T("office.counted", "date", c.DateTime(counted.At.In(undersigned.Eastern)), "size", int(counted.LogSize),
		"congress", c.Ordinal(counted.Congress))
}

// correspond says what was handed over, and what was answered or for how long nothing was.
func (p *officePetition) correspond(c chrome, o officeFacts, passed *undersigned.Correspondence) {
	if passed == nil {
		return
	}
	for _, h := range passed.Handovers {
		key := "office.handed_over"
		if h.How != "" {
			key = "office.handed." + string(h.How)
		}
		words := c.T(key, "date", c.Day(h.Day))
		if h.Paper > 0 {
			words += " " + c.N("office.paper", h.Paper)
		}
		p.Handovers = append(p.Handovers, words)
	}
	for _, a := range passed.Answers {
		p.Answers = append(p.Answers, officeAnswer{When: c.T("office.answer", "date", c.Day(a.Day)), Lang: a.Lang, Text: a.Text})
	}
	since, days, waits := passed.Silence(dayIn(o.now, undersigned.Eastern))
	switch {
	case !waits:
	case o.table.KnowsMembers(o.now) && !o.table.Holds(o.member, o.now):
		p.Silence = c.T("office.silence.left")
	case days == 0:
		p.Silence = c.T("office.silence.today")
	case len(passed.Answers) > 0:
		p.Silence = c.N("office.silence.since", days, "date", c.Day(since))
	default:
		p.Silence = c.N("office.silence", days)
	}
}

// memberRole is what somebody in Congress is, whoever reads.
func memberRole(c chrome, l *undersigned.Legislator) string {
	switch {
	case l.Term.Chamber == undersigned.Senate:
		return c.T("office.role.senator")
	case l.Term.State == "PR":
		return c.T("office.role.commissioner")
	case l.Seat().Delegate():
		return c.T("office.role.delegate")
	}
	return c.T("office.role.representative")
}

func memberSeat(c chrome, l *undersigned.Legislator) string {
	if l.Term.Chamber == undersigned.House {
		return districtName(c, l.Seat())
	}
	return stateName(c, l.Term.State)
}
