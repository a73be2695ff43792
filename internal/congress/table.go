// Package congress knows who represents a place and where a bill stands. It reads what the Census Bureau, the Library
// of Congress and unitedstates/congress-legislators publish, keeps the last good copy in a folder, and answers from
// memory. It never guesses: where several districts are possible it names them all, and where a seat is vacant or the
// new Congress is not known yet it says so.
package congress

import (
	"cmp"
	"iter"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/paulmach/orb"
	"github.com/undersigned/undersigned"
)

// Table answers who represents a place. It holds one or more Congresses; the clock says which one counts. It never
// changes once it is made, so that any number of readers may share it.
type Table struct {
	Sample bool            // the small sample of Massachusetts that comes with the program
	AsOf   undersigned.Day // when its newest members were downloaded

	lines   map[int]*lines   // by Congress
	members map[int]*members // by Congress
}

// lines are the districts of one Congress.
type lines struct {
	zips      map[string][]Share
	prefixes  map[string]bool // the first three digits of every ZIP code in zips
	districts map[undersigned.District]bool
	*boundaries
}

// Note says what a reader must be told about an answer. It ends the message key "where.note.".
type Note string

const (
	Choose      Note = "choose"       // several districts in one state: ask which
	ChooseState Note = "choose_state" // several districts in two states: no senators before the choice
	NoArea      Note = "no_area"      // the ZIP code has no area (post office boxes, one organisation) or does not exist
	UnknownZIP  Note = "unknown_zip"  // no ZIP code begins like this one
	Military    Note = "military"     // mail of the armed forces and embassies: the home address decides
	Outside     Note = "outside"      // the point lies in no district: the sea, or abroad
	InSample    Note = "sample"       // only the sample is loaded, and this is not in it
	NotLoaded   Note = "not_loaded"   // the Congress that sits now is not fully known yet; what is given is right
)

// Answer is who represents a place.
type Answer struct {
	Congress int    // the one that sits
	ZIP      string // five digits; empty where a point or a district was asked for
	State    string // of all the seats; empty where there are none, or in two states
	// Seats are the districts it can be, the one with most of the ZIP code's land first. One seat is the answer; of
	// several the reader must choose.
	Seats    []Seat
	Senators []*undersigned.Legislator // of State, the senior one first; a vacant seat leaves one, or none
	Note     Note
}

// Seat is a seat of the House in an [Answer].
type Seat struct {
	Share
	Representative *undersigned.Legislator // nil where Vacant, or not known
	Vacant         bool
}

// Lookup answers for what somebody types on a command line: a ZIP code, or degrees as in "42.37,-71.11".
func (t *Table) Lookup(place string, now time.Time) (Answer, error) {
	north, east, comma := strings.Cut(place, ",")
	if !comma {
		return t.ZIP(place, now)
	}
	lat, err1 := strconv.ParseFloat(strings.TrimSpace(north), 64)
	lon, err2 := strconv.ParseFloat(strings.TrimSpace(east), 64)
	if err1 != nil || err2 != nil {
		return Answer{}, undersigned.Fail(undersigned.Invalid, "error.position")
	}
	return t.Point(lat, lon, now)
}

// ZIP answers for a ZIP code of five digits, or of nine. What is not one is Invalid, with the key "error.zip".
func (t *Table) ZIP(zip string, now time.Time) (Answer, error) {
	zip, err := undersigned.ParseZIP(zip)
	if err != nil {
		return Answer{}, err
	}
	sits := undersigned.CongressAt(now)
	of, lines := t.linesOf(sits)
	if lines == nil {
		return Answer{Congress: sits, ZIP: zip, Note: t.missing(NotLoaded)}, nil
	}
	shares := lines.zips[zip]
	a := t.answer(shares, of, sits, now)
	a.ZIP = zip
	switch {
	case len(shares) > 0:
	case military(zip):
		a.Note = Military
	case lines.prefixes[zip[:3]]:
		a.Note = t.missing(NoArea)
	default:
		a.Note = t.missing(UnknownZIP)
	}
	return a, nil
}

// Point answers for a place given in degrees. What is no place on Earth is Invalid, with the key "error.position".
func (t *Table) Point(lat, lon float64, now time.Time) (Answer, error) {
	if !(math.Abs(lat) <= 90 && math.Abs(lon) <= 180) {
		return Answer{}, undersigned.Fail(undersigned.Invalid, "error.position")
	}
	sits := undersigned.CongressAt(now)
	of, lines := t.linesOf(sits)
	if lines == nil || lines.boundaries == nil {
		return Answer{Congress: sits, Note: t.missing(NotLoaded)}, nil
	}
	district, found := lines.at(orb.Point{lon, lat})
	if !found {
		return Answer{Congress: sits, Note: Outside}, nil
	}
	return t.answer([]Share{{District: district}}, of, sits, now), nil
}

// District answers for a district of the Congress that sits: what a reader chose, or the geocoder found. One that is not
// known is NotFound, with the key "error.district".
func (t *Table) District(d undersigned.District, now time.Time) (Answer, error) {
	sits := undersigned.CongressAt(now)
	l, m := t.lines[sits], t.members[sits]
	if (l == nil || !l.districts[d]) && (m == nil || m.seats[d] == nil) {
		return Answer{}, undersigned.Fail(undersigned.NotFound, "error.district")
	}
	return t.answer([]Share{{District: d}}, sits, sits, now), nil
}

// missing is note, unless only the sample is loaded: what that does not have, it cannot speak of.
func (t *Table) missing(note Note) Note {
	if t.Sample {
		return InSample
	}
	return note
}

// military tells whether a ZIP code is one of APO, FPO and DPO mail (states AE, AA, AP), which have no district.
func military(zip string) bool {
	switch prefix := zip[:3]; {
	case prefix >= "090" && prefix <= "098", prefix == "340", prefix >= "962" && prefix <= "966":
		return true
	}
	return false
}

// ZIPs gives each ZIP code in order, with the districts that ZIP answers for it.
func (t *Table) ZIPs(now time.Time) iter.Seq2[string, []undersigned.District] {
	return func(yield func(string, []undersigned.District) bool) {
		_, l := t.linesOf(undersigned.CongressAt(now))
		if l == nil {
			return
		}
		for _, zip := range slices.Sorted(maps.Keys(l.zips)) {
			var districts []undersigned.District
			if answer, err := t.ZIP(zip, now); err == nil {
				for _, seat := range answer.Seats {
					districts = append(districts, seat.District)
				}
			}
			if !yield(zip, districts) {
				return
			}
		}
	}
}

// linesOf gives the lines of the Congress that sits or, where they are not loaded, those of the one before, and which
// Congress they are of.
func (t *Table) linesOf(sits int) (of int, l *lines) {
	if t.lines[sits] == nil {
		sits--
	}
	return sits, t.lines[sits]
}

// answer fills in who holds the seats, named by the lines of one Congress while another may sit.
func (t *Table) answer(shares []Share, of, sits int, now time.Time) Answer {
	a := Answer{Congress: sits}
	if len(shares) == 0 {
		return a
	}
	a.State = shares[0].District.State
	a.Seats = make([]Seat, 0, len(shares))
	for _, share := range shares {
		if share.District.State != a.State {
			a.State = ""
			a.Note = ChooseState
		}
		if of == sits || keepsLines(share.District, of, sits) {
			a.Seats = append(a.Seats, t.seat(share, sits, now))
		}
	}
	// Whatever became of the lines, a ZIP code stays in its states.
	a.Senators = t.senators(a.State, sits, now)
	switch {
	case len(a.Seats) < len(shares) || t.members[sits] == nil:
		a.Note = NotLoaded
	case len(a.Seats) > 1 && a.Note == "":
		a.Note = Choose
	}
	return a
}

// keepsLines tells whether a district of one Congress is the same in the next: only those that are a whole state or
// territory are, and only until the seats are shared out anew, as they last were for the 118th.
func keepsLines(d undersigned.District, congress, next int) bool {
	return d.AtLarge() && (congress-3)/5 == (next-3)/5
}

// seat says who holds a seat. Where the sitting Congress is not loaded, only those members of the last one are given
// whose term still runs: Puerto Rico's Commissioner has four years.
func (t *Table) seat(share Share, sits int, now time.Time) Seat {
	if m := t.members[sits]; m != nil {
		holder := m.seats[share.District]
		return Seat{Share: share, Representative: holder, Vacant: holder == nil}
	}
	seat := Seat{Share: share}
	if m := t.members[sits-1]; m != nil && m.seats[share.District] != nil && m.seats[share.District].Term.RunsAt(now) {
		seat.Representative = m.seats[share.District]
	}
	return seat
}

// senators are those of a state. While their Congress sits the file's word is taken; after it, the dates of their terms.
func (t *Table) senators(state string, sits int, now time.Time) []*undersigned.Legislator {
	if m := t.members[sits]; m != nil {
		return m.senators[state]
	}
	if t.members[sits-1] == nil {
		return nil
	}
	var still []*undersigned.Legislator
	for _, l := range t.members[sits-1].senators[state] {
		if l.Term.RunsAt(now) {
			still = append(still, l)
		}
	}
	return still
}

// membersAt are the members of the Congress that sits or, where they are not loaded, of the one before.
func (t *Table) membersAt(now time.Time) *members {
	sits := undersigned.CongressAt(now)
	if t.members[sits] == nil {
		sits--
	}
	if t.members[sits] == nil {
		return &members{}
	}
	return t.members[sits]
}

// Legislator finds somebody by their bioguide id, with their offices; nil if nobody now in Congress has it.
func (t *Table) Legislator(bioguide string, now time.Time) *undersigned.Legislator {
	return t.membersAt(now).all[bioguide]
}

// Former finds somebody by their bioguide id who sat in a Congress that is loaded and is not in Congress now; nil if nobody
// has it.
func (t *Table) Former(bioguide string, now time.Time) *undersigned.Legislator {
	if t.Legislator(bioguide, now) != nil {
		return nil
	}
	for _, m := range t.members {
		if l := m.all[bioguide]; l != nil {
			return l
		}
	}
	return nil
}

// Legislators are all who are now in Congress: state by state, senators first, then by district.
func (t *Table) Legislators(now time.Time) []*undersigned.Legislator {
	return slices.SortedFunc(maps.Values(t.membersAt(now).all), func(a, b *undersigned.Legislator) int {
		return cmp.Or(cmp.Compare(a.Term.State, b.Term.State), -cmp.Compare(a.Term.Chamber, b.Term.Chamber),
			cmp.Compare(a.Term.District, b.Term.District), cmp.Compare(a.Term.Class, b.Term.Class))
	})
}

// Holds tells whether somebody sits in Congress now: by the file while its Congress sits, after it by the dates of the term.
func (t *Table) Holds(l *undersigned.Legislator, now time.Time) bool {
	if m := t.members[undersigned.CongressAt(now)]; m != nil {
		return m.all[l.Bioguide] != nil
	}
	return l.Term.RunsAt(now)
}

// KnowsMembers tells whether the members of the Congress that sits are loaded: before, nobody knows who has left.
func (t *Table) KnowsMembers(now time.Time) bool {
	return t.members[undersigned.CongressAt(now)] != nil
}

// Vacancies are the districts of the Congress that sits whose seat nobody holds; none where that is not known.
func (t *Table) Vacancies(now time.Time) (vacant []undersigned.District) {
	l, m := t.lines[undersigned.CongressAt(now)], t.members[undersigned.CongressAt(now)]
	if l == nil || m == nil {
		return nil
	}
	for d := range l.districts {
		if m.seats[d] == nil {
			vacant = append(vacant, d)
		}
	}
	slices.SortFunc(vacant, compareDistricts)
	return vacant
}

// Sits tells whether the districts of the Congress that sits are loaded.
func (t *Table) Sits(now time.Time) bool { return t.lines[undersigned.CongressAt(now)] != nil }

// Assignments are the committees and subcommittees on which somebody sits.
func (t *Table) Assignments(bioguide string, now time.Time) []Assignment {
	return t.membersAt(now).serves[bioguide]
}

// DistrictsIn gives the districts of a state in the Congress that sits, in order; none where its lines are not loaded.
func (t *Table) DistrictsIn(state string, now time.Time) (list []undersigned.District) {
	if l := t.lines[undersigned.CongressAt(now)]; l != nil {
		for d := range l.districts {
			if d.State == state {
				list = append(list, d)
			}
		}
	}
	slices.SortFunc(list, compareDistricts)
	return list
}

// Outline gives the rings of a district of the Congress that sits, outer ones and holes alike, in degrees of longitude
// and latitude; nil where they are not loaded.
func (t *Table) Outline(d undersigned.District, now time.Time) []orb.Ring {
	if l := t.lines[undersigned.CongressAt(now)]; l != nil && l.boundaries != nil {
		return l.rings[d]
	}
	return nil
}

// newLines makes the lines of a Congress; boundaries may be missing.
func newLines(zips map[string][]Share, b *boundaries) *lines {
	l := &lines{zips: zips, prefixes: map[string]bool{}, districts: map[undersigned.District]bool{}, boundaries: b}
	for zip, shares := range zips {
		l.prefixes[zip[:3]] = true
		for _, share := range shares {
			l.districts[share.District] = true
		}
	}
	return l
}
