package web

import (
	"slices"
	"strings"

	"github.com/undersigned/undersigned"
)

// meet puts on the page of a letter or a call whom it is for: the question where the reader lives, or those who represent
// them and how each is spoken to.
func (v *actionView) meet(content *undersigned.Content, a *undersigned.Action, p place, geocoder bool) {
	if a.Kind != undersigned.Letter && a.Kind != undersigned.Call || !v.Status.Open {
		return
	}
	v.Here = v.Link(actionPath(a))
	if a.Kind == undersigned.Call && slices.ContainsFunc(v.Addressees, func(m memberView) bool { return m.Phone != nil }) {
		v.Called = v.Here + "?" + calledField + "=1#addressees-title"
	}
	defer v.write(a, p)
	if len(a.Chambers()) == 0 {
		return
	}
	v.Where = newWhere(v.chrome, actionPath(a), p, membersFor(v.chrome, content, a, p), geocoder)
	v.address(content.Bill(a.Bill))
	if a.Kind == undersigned.Call {
		v.hours(p)
	}
	if p.problem != nil {
		v.Title = v.T("form.error_title", "title", v.Title)
	}
}

// membersFor are those who are asked, and what each has to do with the ask's bill.
func membersFor(c chrome, content *undersigned.Content, a *undersigned.Action, p place) members {
	m := members{chambers: a.Chambers()}
	if bill := content.Bill(a.Bill); bill != nil && a.Position != "" {
		m.part = func(l *undersigned.Legislator) (string, bool) {
			part, committee := bill.PartOf(l, p.serves(l))
			return partWords(c, string(a.Position), bill, l, part, committee), a.Position.Thanks(part)
		}
	}
	return m
}

// hours says beside each office that is called when it answers.
func (v *actionView) hours(p place) {
	for i := range v.Where.Members {
		if m := &v.Where.Members[i]; m.ID != "" {
			m.Hours = officeHours(v.chrome, p.now, p.Answer.State)
		}
	}
}

// address divides the words between those who are asked and those who are thanked. Where all are thanked there is
// nothing left to ask.
func (v *actionView) address(bill *undersigned.Bill) {
	var thanked, asked []string
	for _, m := range v.Where.Members {
		to := strings.TrimSpace(v.T("words.to", "name", m.Name)+"\n"+m.Address) + "\n\n"
		switch {
		case m.Name == "":
		case m.Thanks:
			thanked = append(thanked, to)
		default:
			asked = append(asked, to)
		}
	}
	if len(thanked) > 0 {
		v.Thanks = &wordsView{chrome: v.chrome, ID: "thanks", Title: v.T("words.thank"), Subject: v.T("words.thanks.subject", "bill", bill.Name()),
			Text: v.T("words.thanks.text", "bill", bill.Name(), "title", bill.Title), Rows: 8}
		for _, l := range v.Languages {
			v.Thanks.inAll = append(v.Thanks.inAll, l.T("words.thanks.text", "bill", bill.Name(), "title", bill.Title))
		}
		v.Thanks.Letters = letters(thanked, v.Thanks.Text)
	}
	switch {
	case v.Words == nil:
	case len(thanked) > 0 && len(asked) == 0:
		v.Words = nil
	case len(asked) > 0: // their own numbers stand above
		v.Words.Phone, v.Words.Targets = nil, v.Words.President
		v.Words.Letters = letters(asked, v.Words.Text)
	}
}

func letters(to []string, text string) []string {
	for i := range to {
		to[i] += text
	}
	return to
}

// partWords says what a legislator has to do with a bill: beside an ask that supports or opposes it, or on its own page
// ("bill").
func partWords(c chrome, beside string, bill *undersigned.Bill, l *undersigned.Legislator, part undersigned.Part, by undersigned.BillCommittee) string {
	return c.T("part."+beside+"."+string(part), "name", l.Name, "bill", bill.Name(), "committee", by.Name,
		"chamber", c.T("chamber."+string(bill.Chamber())), "date", c.Day(bill.AsOf))
}
