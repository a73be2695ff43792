package web

import (
	"strconv"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/congress"
)

// whereView asks a reader's ZIP code, asks once more where it touches several districts, and shows who represents them.
type whereView struct {
	chrome
	Action  string // where the forms lead: the page they stand on
	ZIP     formInput
	Heading string // what the answer is; empty before it
	Note    string // what must be said about the answer
	Finder  *linkView
	Choices []choiceView
	Map     *mapView
	Address *addressForm
	Members []memberView
	Brief   bool   // of the members, only what they did
	Told    bool   // the reader has told where they live
	Found   bool   // and somebody represents them there: what follows is for another ZIP code
	Source  string // of when, and from whom
	// AnsweredZIP and AnsweredDistrict are the reader's, for forms that lead on from here.
	AnsweredZIP, AnsweredDistrict string
}

// choiceView is one of several districts.
type choiceView struct {
	Link, District, Name, Share string
}

// addressForm takes the street address that decides between districts. Only where an organiser has switched it on.
type addressForm struct {
	Title, Warning, Button string
	Action, Back           string
	Inputs                 []formInput
	Mistakes               []mistake
}

// members says whom of those who represent a reader a page is about, and what each has to do with its bill.
type members struct {
	chambers []undersigned.Chamber // empty: both
	part     func(*undersigned.Legislator) (words string, thanks bool)
}

func (m members) wants(chamber undersigned.Chamber) bool {
	for _, c := range m.chambers {
		if c == chamber {
			return true
		}
	}
	return len(m.chambers) == 0
}

// finder is where the House itself tells a district by street address.
const finder = "https://www.house.gov/representatives/find-your-representative"

// newWhere makes that part of the page at path.
func newWhere(c chrome, path string, p place, m members, geocoder bool) *whereView {
	v := &whereView{chrome: c, Action: c.Link(path), Told: p.asked && p.problem == nil, ZIP: newZIPInput(c, p)}
	if !v.Told {
		return v
	}
	v.Source = tableSource(c, p.table)
	if note := p.Answer.Note; note != "" {
		v.Note = c.T("where.note."+string(note), "zip", p.Answer.ZIP, "n", len(p.Answer.Seats), "congress", c.Ordinal(p.Answer.Congress))
	}
	if p.choose() {
		v.choose(p)
	}
	v.represent(p, m)
	v.AnsweredZIP = p.Answer.ZIP
	if seat := p.seat(); seat != nil {
		v.AnsweredDistrict = seat.District.String()
	}
	v.Found = len(v.Choices)+len(v.Members) > 0
	v.Heading = v.answered(p)
	if p.choose() || len(p.Answer.Seats) == 0 && p.Answer.Note != congress.UnknownZIP {
		if v.Finder = newPlainLink(c, finder, c.T("where.finder")); geocoder {
			v.Address = newAddressForm(c, path, "")
			if p.choose() {
				v.Address = newAddressForm(c, path, p.Answer.ZIP)
			}
		}
	}
	return v
}

// newZIPInput asks for the ZIP code; what is wrong with one that was typed stands beside it.
func newZIPInput(c chrome, p place) formInput {
	input := formInput{Name: "zip", Label: c.T("where.zip"), Hint: c.T("where.zip.hint"), Type: "text", Autocomplete: "postal-code", Value: validText(p.ZIP)}
	if p.problem != nil {
		input.Error = c.T(p.problem.Fields[0].Key)
	}
	return input
}

// tableSource says whose word the answers are, and of when.
func tableSource(c chrome, table *congress.Table) string {
	if table.Sample {
		return c.T("where.sample", "date", c.Day(table.AsOf))
	}
	return c.T("where.as_of", "date", c.Day(table.AsOf))
}

func (v *whereView) answered(p place) string {
	switch {
	case p.choose():
		return v.T("where.choose")
	case p.seat() != nil || len(p.Answer.Senators) > 0:
		return v.T("where.members")
	}
	return v.T("where.nobody")
}

// choose offers the districts, the one with most of the ZIP code's land first.
func (v *whereView) choose(p place) {
	for _, seat := range p.Answer.Seats {
		choice := choiceView{Link: v.Action + p.query(seat.District.String()) + "#where", District: districtName(v.chrome, seat.District)}
		switch l := seat.Representative; {
		case l != nil:
			choice.Name = nameAndParty(v.chrome, l)
		case seat.Vacant:
			choice.Name = v.T("where.vacant")
		}
		if percent := int(seat.Land*100 + .5); percent > 0 {
			choice.Share = v.T("where.share", "percent", strconv.Itoa(percent))
		} else if seat.Land > 0 {
			choice.Share = v.T("where.share_small")
		}
		v.Choices = append(v.Choices, choice)
	}
	v.Map = newDistrictMap(v.chrome, p, v.Choices)
}

// represent shows those who certainly represent the reader.
func (v *whereView) represent(p place, m members) {
	if seat := p.seat(); seat != nil && m.wants(undersigned.House) {
		member := newSeat(v.chrome, seat, &p)
		if m.part != nil && seat.Representative != nil {
			member.Part, member.Thanks = m.part(seat.Representative)
		}
		v.Members = append(v.Members, member)
	}
	if !m.wants(undersigned.Senate) {
		return
	}
	senators := newSenators(v.chrome, &p)
	for i, l := range p.Answer.Senators {
		if m.part != nil {
			senators[i].Part, senators[i].Thanks = m.part(l)
		}
	}
	v.Members = append(v.Members, senators...)
}

func newAddressForm(c chrome, path, zip string) *addressForm {
	return &addressForm{Title: c.T("where.street.title"), Warning: c.T("where.street.warning"), Button: c.T("where.street.button"),
		Action: c.Link("/legislators"), Back: path, Inputs: []formInput{
			{Name: "address_lines", Label: c.T("where.street"), Hint: c.T("where.street.hint"), Type: "text", Autocomplete: "street-address", Required: true},
			{Name: "postal_code", Label: c.T("where.zip"), Type: "text", Autocomplete: "postal-code", Required: true, Value: zip},
		}}
}

// failed shows what is wrong with an address, and what was typed.
func (f *addressForm) failed(c chrome, typed map[string]string, problem *undersigned.Error) {
	for i := range f.Inputs {
		input := &f.Inputs[i]
		input.Value = validText(typed[input.Name])
		for _, e := range problem.Fields {
			if e.Field == input.Name {
				input.Error = c.T(e.Key, e.Args...)
				f.Mistakes = append(f.Mistakes, mistake{Field: input.Name, Label: input.Label, Text: input.Error})
			}
		}
	}
}
