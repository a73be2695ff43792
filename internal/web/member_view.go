package web

import (
	"cmp"
	"strings"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/congress"
)

// memberView is who holds a seat in Congress, and how to reach them.
type memberView struct {
	chrome
	ID      string // bioguide, or the slug of an addressee; empty where nobody is there
	Custom  bool   // an addressee of the ask's own, not a member of Congress
	Role    string // Your Representative
	Of      string // Massachusetts, 5th district
	Heading string // the name and party; or that nobody holds the seat, or that we do not know who does
	Name    string
	Note    string // why there is no name, or what a delegate may not do
	Phone   *phoneView
	Address string // in Washington
	Email   string // an addressee's; a member of Congress has none
	Mail    string // where a letter on paper goes, lines parted by commas
	Contact *linkView
	Office  string // our page for their staff
	Site    *linkView
	Offices []officeView
	// OfficesTitle says how many there are.
	OfficesTitle string
	Part         string    // what they have to do with the bill at hand, and how to speak to them
	Thanks       bool      // they are thanked, not asked
	Hours        string    // whether the office in Washington answers now
	Call         *callForm // to tell how a call ended
}

// RoleOf is the role with what it is of.
func (v memberView) RoleOf() string {
	if v.Of == "" {
		return v.Role
	}
	return v.Role + " · " + v.Of
}

// officeView is an office at home.
type officeView struct {
	Address, Hours string
	Phone          *phoneView
}

// newSeat shows a seat of the House.
func newSeat(c chrome, seat *congress.Seat, p *place) memberView {
	d, v := seat.District, memberView{chrome: c}
	role := "member.representative"
	switch {
	case d.State == "PR":
		role = "member.commissioner"
	case d.Delegate():
		role = "member.delegate"
	}
	switch l := seat.Representative; {
	case l != nil:
		v = newMember(c, l, p)
		if d.Delegate() {
			v.Note = c.T("member.no_vote", "state", stateName(c, d.State))
		}
	case seat.Vacant:
		v.Heading, v.Note = c.T("where.vacant"), c.T("member.vacant")
		v.Phone = newPhone(switchboard)
	default:
		v.Heading, v.Note = c.T("where.unknown"), c.T("member.unknown", "congress", c.Ordinal(p.Answer.Congress))
	}
	v.Role, v.Of = c.T(role), districtName(c, d)
	return v
}

// newSenators shows the senators of a state, and where one seat is empty, that.
func newSenators(c chrome, p *place) []memberView {
	var list []memberView
	state := p.Answer.State
	for _, l := range p.Answer.Senators {
		v := newMember(c, l, p)
		v.Role, v.Of = c.T("member.senator"), stateName(c, state)
		list = append(list, v)
	}
	if undersigned.HasSenators(state) && len(list) < 2 {
		v := memberView{chrome: c, Role: c.T("member.senator"), Of: stateName(c, state),
			Heading: c.T("where.vacant"), Note: c.T("member.senate_vacant")}
		if p.Answer.Note == congress.NotLoaded {
			v.Heading, v.Note = c.T("where.unknown"), c.T("member.senate_unknown", "congress", c.Ordinal(p.Answer.Congress))
		}
		list = append(list, v)
	}
	return list
}

// chamberMail is where mail reaches a member of whom no room is known.
var chamberMail = map[undersigned.Chamber]string{
	undersigned.House:  "U.S. House of Representatives, Washington, DC 20515",
	undersigned.Senate: "United States Senate, Washington, DC 20510",
}

func newMember(c chrome, l *undersigned.Legislator, p *place) memberView {
	v := memberView{chrome: c, ID: l.Bioguide, Name: l.Name, Office: c.Link(officePath(l.Bioguide)), Heading: nameAndParty(c, l),
		Phone: newPhone(l.Term.Phone), Address: l.Term.Address, Mail: cmp.Or(l.Term.Address, chamberMail[l.Term.Chamber]),
		Site: newPlainLink(c, l.Term.URL, ""), Contact: newPlainLink(c, l.Term.ContactForm, c.T("member.contact"))}
	for _, o := range p.table.NearestFirst(l.Offices, p.Answer.ZIP, p.now) {
		office := officeView{Phone: newPhone(o.Phone), Hours: o.Hours}
		var lines []string
		for _, line := range []string{o.Building, o.Address, o.Suite, strings.TrimSpace(o.City + ", " + o.State + " " + o.ZIP)} {
			if line != "" {
				lines = append(lines, line)
			}
		}
		office.Address = strings.Join(lines, ", ")
		v.Offices = append(v.Offices, office)
	}
	if len(v.Offices) > 0 {
		v.OfficesTitle = c.N("member.offices", len(v.Offices))
	}
	return v
}

// newAddressees shows the targets of an ask that sit in no seat of Congress.
func newAddressees(c chrome, content *undersigned.Content, a *undersigned.Action) (list []memberView) {
	for _, t := range a.Addressees {
		list = append(list, memberView{chrome: c, ID: t.Slug, Custom: true, Role: t.Role, Heading: t.Name, Name: t.Name,
			Phone: newPhone(t.Phone), Address: t.Address, Mail: t.Address, Email: t.Email, Site: newPlainLink(c, t.URL, "")})
	}
	return list
}

// newPlainLink is a link that nobody checks: it comes from the files of Congress, anew each day.
func newPlainLink(c chrome, address, label string) *linkView {
	if address == "" {
		return nil
	}
	link := newLink(c, address, label, undersigned.Link{}, undersigned.Eastern)
	return &link
}

func districtName(c chrome, d undersigned.District) string {
	switch {
	case d.Delegate():
		return stateName(c, d.State)
	case d.AtLarge():
		return c.T("member.at_large", "state", stateName(c, d.State))
	}
	return c.T("member.district", "state", stateName(c, d.State), "district", c.Ordinal(d.Number))
}

func stateName(c chrome, code string) string {
	if key := "state." + strings.ToLower(code); c.Has(key) {
		return c.T(key)
	}
	return code
}

func nameAndParty(c chrome, l *undersigned.Legislator) string {
	return c.T("member.name", "name", l.Name, "party", partyName(c, l.Term.Party))
}

// partyName is a party in the reader's language; one that we do not know as its members write it.
func partyName(c chrome, party string) string {
	if key := "party." + strings.ToLower(party); c.Has(key) {
		return c.T(key)
	}
	return party
}
