package web

import (
	"cmp"
	"slices"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/congress"
)

// officesView lists the offices of Congress, state by state.
type officesView struct {
	chrome
	States []officeState
	Past   []officeLink // who was handed something and no longer sits, or is not known to
	// PastTitle says which of the two.
	PastTitle string
	Source    string
}

type officeState struct {
	Name    string
	Offices []officeLink
}

type officeLink struct {
	Of, Name string
	Link     string // empty for a seat that nobody holds
}

func newOffices(c chrome, table *congress.Table, handed []undersigned.Legislator, now time.Time) officesView {
	v := officesView{chrome: c.titled(c.T("offices.title"), c.T("offices.lead")), Source: tableSource(c, table)}
	if v.PastTitle = c.T("offices.past"); !table.KnowsMembers(now) {
		v.PastTitle = c.T("where.unknown")
	}
	states := map[string]*officeState{}
	of := func(code string) *officeState {
		if states[code] == nil {
			states[code] = &officeState{Name: stateName(c, code)}
		}
		return states[code]
	}
	for _, l := range table.Legislators(now) {
		if !table.Holds(l, now) {
			continue
		}
		link := officeLink{Of: memberRole(c, l), Name: nameAndParty(c, l), Link: c.Link(officePath(l.Bioguide))}
		if l.Term.Chamber == undersigned.House && !l.Seat().AtLarge() {
			link.Of = c.T("offices.district", "district", c.Ordinal(l.Term.District))
		}
		of(l.Term.State).Offices = append(of(l.Term.State).Offices, link)
	}
	for _, d := range table.Vacancies(now) {
		link := officeLink{Of: districtName(c, d), Name: c.T("where.vacant")}
		of(d.State).Offices = append(of(d.State).Offices, link)
	}
	for _, l := range handed {
		if !table.Holds(&l, now) {
			v.Past = append(v.Past, officeLink{Of: memberSeat(c, &l), Name: nameAndParty(c, &l), Link: c.Link(officePath(l.Bioguide))})
		}
	}
	for _, state := range states {
		v.States = append(v.States, *state)
	}
	slices.SortFunc(v.States, func(a, b officeState) int { return cmp.Compare(a.Name, b.Name) })
	return v
}
