package congress

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/undersigned/undersigned"
)

// members are the people of one Congress, as one edition of the legislators file names them.
type members struct {
	congress   int
	all        map[string]*undersigned.Legislator // by bioguide
	seats      map[undersigned.District]*undersigned.Legislator
	senators   map[string][]*undersigned.Legislator // by state, the senior one first
	committees map[string]Committee                 // by code
	serves     map[string][]Assignment              // by bioguide
	anchors    []anchor                             // in the order of their ZIP codes
}

// legislatorRecord is a person in legislators-current.json, whose last term is the current one
// (https://github.com/unitedstates/congress-legislators).
type legislatorRecord struct {
	ID struct {
		Bioguide string `json:"bioguide"`
	} `json:"id"`
	Name struct {
		First  string `json:"first"`
		Middle string `json:"middle"`
		Last   string `json:"last"`
		Suffix string `json:"suffix"`
		Full   string `json:"official_full"`
	} `json:"name"`
	Terms []termRecord `json:"terms"`
}

type termRecord struct {
	Type        string `json:"type"`
	Start       string `json:"start"`
	End         string `json:"end"`
	State       string `json:"state"`
	District    int    `json:"district"`
	Class       int    `json:"class"`
	StateRank   string `json:"state_rank"`
	Party       string `json:"party"`
	Caucus      string `json:"caucus"`
	Phone       string `json:"phone"`
	Address     string `json:"address"`
	URL         string `json:"url"`
	ContactForm string `json:"contact_form"`
}

// readLegislators reads legislators-current.json. Everybody in it counts, whatever the dates say: an appointed senator
// stays after the day set for the election of another. Two people in one seat make the whole file doubtful: an error.
func readLegislators(r io.Reader) (*members, error) {
	m := &members{
		all:      map[string]*undersigned.Legislator{},
		seats:    map[undersigned.District]*undersigned.Legislator{},
		senators: map[string][]*undersigned.Legislator{},
	}
	ends := map[string]int{} // of terms in the House: how often each year
	err := eachRecord(io.LimitReader(r, maxLegislators), func(record legislatorRecord) error {
		l, err := record.legislator()
		if err != nil {
			return err
		}
		if m.all[l.Bioguide] != nil {
			return fmt.Errorf("%s is there twice", l.Bioguide)
		}
		m.all[l.Bioguide] = l
		if l.Term.Chamber == undersigned.House {
			ends[record.Terms[len(record.Terms)-1].End[:4]]++
		}
		return m.sit(l, record.Terms[len(record.Terms)-1].StateRank == "senior")
	})
	if err != nil {
		return nil, fmt.Errorf("read the legislators: %w", err)
	}
	most := ""
	for year, n := range ends {
		if n > ends[most] || n == ends[most] && year > most {
			most = year
		}
	}
	if most == "" {
		return nil, fmt.Errorf("read the legislators: there are no representatives")
	}
	year, _ := strconv.Atoi(most)
	m.congress = (year - 1789) / 2
	return m, nil
}

// sit gives a legislator their seat.
func (m *members) sit(l *undersigned.Legislator, senior bool) error {
	if l.Term.Chamber == undersigned.House {
		if m.seats[l.Seat()] != nil {
			return fmt.Errorf("%s has two representatives", l.Seat())
		}
		m.seats[l.Seat()] = l
		return nil
	}
	state := m.senators[l.Term.State]
	if len(state) == 2 || len(state) == 1 && state[0].Term.Class == l.Term.Class {
		return fmt.Errorf("%s has a senator too many", l.Term.State)
	}
	if senior {
		m.senators[l.Term.State] = append([]*undersigned.Legislator{l}, state...)
	} else {
		m.senators[l.Term.State] = append(state, l)
	}
	return nil
}

func (r legislatorRecord) legislator() (*undersigned.Legislator, error) {
	if !undersigned.ValidBioguide(r.ID.Bioguide) || r.Name.Last == "" || len(r.Terms) == 0 {
		return nil, fmt.Errorf("somebody has no bioguide id, no name or no term")
	}
	term, err := r.Terms[len(r.Terms)-1].term()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.ID.Bioguide, err)
	}
	name := r.Name.Full
	if name == "" {
		name = strings.Join(strings.Fields(r.Name.First+" "+r.Name.Middle+" "+r.Name.Last+" "+r.Name.Suffix), " ")
	}
	return &undersigned.Legislator{Bioguide: r.ID.Bioguide, Name: name, Last: r.Name.Last, Term: term}, nil
}

func (r termRecord) term() (undersigned.Term, error) {
	t := undersigned.Term{State: r.State, Party: r.Party, Caucus: r.Caucus, Phone: r.Phone, Address: r.Address,
		URL: r.URL, ContactForm: r.ContactForm}
	switch {
	case !isState(r.State):
		return t, fmt.Errorf("%q is no state", r.State)
	case r.Type == "rep" && r.District >= 0 && r.District <= maxDistrict:
		t.Chamber, t.District = undersigned.House, r.District
	case r.Type == "sen" && r.Class >= 1 && r.Class <= 3 && undersigned.HasSenators(r.State):
		t.Chamber, t.Class = undersigned.Senate, r.Class
	default:
		return t, fmt.Errorf("a term of type %q, district %d, class %d", r.Type, r.District, r.Class)
	}
	var begin, end error
	t.Begin, begin = undersigned.ParseDay(r.Start)
	t.End, end = undersigned.ParseDay(r.End)
	if begin != nil || end != nil || t.End < t.Begin {
		return t, fmt.Errorf("a term from %q to %q", r.Start, r.End)
	}
	// Puerto Rico elects its Commissioner for four years, with the President; the file ends every term after two.
	if year, _ := strconv.Atoi(r.End[:4]); r.State == "PR" && year%4 == 3 {
		t.End = undersigned.Day(strconv.Itoa(year+2) + r.End[4:])
	}
	return t, nil
}

// eachRecord reads a JSON array, one element at a time.
func eachRecord[T any](r io.Reader, take func(T) error) error {
	d := json.NewDecoder(r)
	if token, err := d.Token(); err != nil || token != json.Delim('[') {
		return fmt.Errorf("not a JSON array")
	}
	for d.More() {
		var record T
		if err := d.Decode(&record); err != nil {
			return fmt.Errorf("not the JSON we know: %w", err)
		}
		if err := take(record); err != nil {
			return err
		}
	}
	if _, err := d.Token(); err != nil {
		return fmt.Errorf("the JSON is cut short")
	}
	return nil
}

// officeRecord is a legislator's offices in legislators-district-offices.json.
type officeRecord struct {
	ID struct {
		Bioguide string `json:"bioguide"`
	} `json:"id"`
	Offices []struct {
		Address   text    `json:"address"`
		Building  text    `json:"building"`
		Suite     text    `json:"suite"`
		City      text    `json:"city"`
		State     text    `json:"state"`
		ZIP       text    `json:"zip"`
		Phone     text    `json:"phone"`
		Fax       text    `json:"fax"`
		Hours     text    `json:"hours"`
		Latitude  float64 `json:"latitude"`
		Longitude float64 `json:"longitude"`
	} `json:"offices"`
}

// text is a string that the file, made from YAML, writes as a number where it looks like one: suite 104.
type text string

func (t *text) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] != '"' && b[0] != 'n' {
		var n json.Number
		err := json.Unmarshal(b, &n)
		*t = text(n)
		return err
	}
	return json.Unmarshal(b, (*string)(t))
}

// readOffices reads legislators-district-offices.json: by bioguide id, the offices in the order of their towns.
func readOffices(r io.Reader) (map[string][]undersigned.Office, error) {
	offices := map[string][]undersigned.Office{}
	err := eachRecord(io.LimitReader(r, maxOffices), func(record officeRecord) error {
		id := record.ID.Bioguide
		if !undersigned.ValidBioguide(id) {
			return fmt.Errorf("an office without a bioguide id")
		}
		for _, o := range record.Offices {
			offices[id] = append(offices[id], undersigned.Office{Address: string(o.Address), Building: string(o.Building),
				Suite: string(o.Suite), City: string(o.City), State: string(o.State), ZIP: string(o.ZIP), Phone: string(o.Phone),
				Fax: string(o.Fax), Hours: string(o.Hours), Latitude: o.Latitude, Longitude: o.Longitude})
		}
		slices.SortStableFunc(offices[id], func(a, b undersigned.Office) int { return cmp.Compare(a.City, b.City) })
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the offices: %w", err)
	}
	return offices, nil
}
