package undersigned

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

var bioguide = regexp.MustCompile(`^[A-Z][0-9]{6}$`)

// ValidBioguide tells whether s has the form of an id in the Biographical Directory of Congress.
func ValidBioguide(s string) bool { return bioguide.MatchString(s) }

// Chamber is a house of Congress, as the targets of an [Action] name it.
type Chamber string

const (
	House  Chamber = "house"
	Senate Chamber = "senate"
)

// District is a seat of the House of Representatives. Its lines hold for one Congress; its name does not say which.
type District struct {
	State  string `json:"state"`  // two capital letters: a state, DC or a territory
	Number int    `json:"number"` // 0 is at large, or a delegate
}

// ParseDistrict reads the form "MA-05".
func ParseDistrict(s string) (District, error) {
	state, digits, _ := strings.Cut(s, "-")
	number, err := strconv.ParseUint(digits, 10, 8)
	if len(state) != 2 || strings.Trim(state, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" || len(digits) != 2 || err != nil {
		return District{}, fmt.Errorf("%q is not a district written like MA-05", s)
	}
	return District{state, int(number)}, nil
}

func (d District) String() string { return fmt.Sprintf("%s-%02d", d.State, d.Number) }

// AtLarge tells whether the district is the whole of its state or territory.
func (d District) AtLarge() bool { return d.Number == 0 }

// Delegate tells whether the seat is held by a delegate, or Puerto Rico's Resident Commissioner, who has no vote on the
// floor. Such places elect no senators.
func (d District) Delegate() bool { return !HasSenators(d.State) }

// HasSenators tells whether a place is one of the fifty states.
func HasSenators(state string) bool {
	return state != "" && !slices.Contains([]string{"DC", "PR", "GU", "VI", "AS", "MP"}, state)
}

// Term is the time for which somebody holds a seat.
type Term struct {
	Chamber     Chamber `json:"chamber"`
	State       string  `json:"state"`
	District    int     `json:"district,omitempty"` // House: 0 is at large, or a delegate
	Class       int     `json:"class,omitempty"`    // Senate: 1, 2 or 3
	Begin       Day     `json:"begin"`
	End         Day     `json:"end"`
	Party       string  `json:"party"`
	Caucus      string  `json:"caucus,omitempty"` // with whom an independent sits
	Phone       string  `json:"phone,omitempty"`  // in Washington
	Address     string  `json:"address,omitempty"`
	URL         string  `json:"url,omitempty"`
	ContactForm string  `json:"contact_form,omitempty"` // URL; few members publish one
}

// RunsAt tells whether the dates of the term include now. Terms of Congress change at noon in Washington (20th
// Amendment); the others are taken to do so too.
func (t Term) RunsAt(now time.Time) bool {
	const noon = 12 * time.Hour
	return !now.Before(t.Begin.Begin(Eastern).Add(noon)) && now.Before(t.End.Begin(Eastern).Add(noon))
}

// Legislator is a member of Congress, a delegate, or Puerto Rico's Resident Commissioner.
type Legislator struct {
	Bioguide string   `json:"bioguide"` // the key of the Biographical Directory of Congress: one letter, six digits
	Name     string   `json:"name"`     // as they sign themselves
	Last     string   `json:"last"`
	Term     Term     `json:"term"` // the latest
	Offices  []Office `json:"offices,omitempty"`
}

// Seat is the district a member of the House holds; the zero District for a senator.
func (l *Legislator) Seat() District {
	if l.Term.Chamber != House {
		return District{}
	}
	return District{l.Term.State, l.Term.District}
}

// SeatName names the seat as [SeatCount] does: MA-05 for a member of the House, MA for a senator.
func (l *Legislator) SeatName() string {
	if l.Term.Chamber == House {
		return l.Seat().String()
	}
	return l.Term.State
}

// Office is where a legislator's staff can be reached at home.
type Office struct {
	Address   string  `json:"address,omitempty"`
	Building  string  `json:"building,omitempty"`
	Suite     string  `json:"suite,omitempty"`
	City      string  `json:"city"`
	State     string  `json:"state"`
	ZIP       string  `json:"zip,omitempty"`
	Phone     string  `json:"phone,omitempty"`
	Fax       string  `json:"fax,omitempty"`
	Hours     string  `json:"hours,omitempty"`
	Latitude  float64 `json:"latitude,omitempty"` // degrees; 0 where unknown
	Longitude float64 `json:"longitude,omitempty"`
}

// ParseZIP reads a ZIP code of five digits, or one with its four more, which are dropped. Anything else is Invalid, with
// the key "error.zip".
func ParseZIP(s string) (string, error) {
	s = strings.TrimSpace(s)
	five, four, plus := strings.Cut(s, "-")
	if len(five) != 5 || strings.Trim(five, "0123456789") != "" ||
		plus && (len(four) != 4 || strings.Trim(four, "0123456789") != "") {
		return "", Fail(Invalid, "error.zip")
	}
	return five, nil
}
