package web

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/congress"
)

// place is what a reader has told of where they live, and who represents them there. It comes from a query
// (?zip=02138&district=MA-05) and is kept nowhere.
type place struct {
	table   *congress.Table
	maps    *districtMaps // nil keeps none
	now     time.Time
	ZIP     string // as it was typed
	asked   bool   // anything was told
	Answer  congress.Answer
	problem *undersigned.Error // with what was typed
}

// tellsPlace tells whether a query says where its reader lives, so that the answer is for them alone.
func tellsPlace(query url.Values) bool { return query.Has("zip") || query.Has("district") }

// readPlace reads a query. A district that the ZIP code does not touch is no answer to which of its districts it is.
func readPlace(table *congress.Table, query url.Values, now time.Time) (place, error) {
	p := place{table: table, now: now, ZIP: strings.TrimSpace(query.Get("zip")), asked: tellsPlace(query)}
	district, err := undersigned.ParseDistrict(query.Get("district"))
	chosen := err == nil
	switch {
	case !p.asked:
		return p, nil
	case p.ZIP == "" && !chosen:
		p.problem = wrongZIP("error.zip.empty")
		return p, nil
	case p.ZIP != "":
		p.Answer, err = table.ZIP(p.ZIP, now)
		if undersigned.KindOf(err) == undersigned.Invalid {
			p.problem = wrongZIP("error.zip.form")
			return p, nil
		}
		chosen = chosen && slices.ContainsFunc(p.Answer.Seats, func(s congress.Seat) bool { return s.District == district })
	}
	if err == nil && chosen {
		zip := p.Answer.ZIP
		p.Answer, err = table.District(district, now)
		p.Answer.ZIP = zip
	}
	return p, err
}

func wrongZIP(key string) *undersigned.Error {
	return &undersigned.Error{Kind: undersigned.Invalid, Key: "error.form", Fields: []undersigned.FieldError{{Field: "zip", Key: key}}}
}

// choose tells whether the reader must say which of several districts is theirs.
func (p *place) choose() bool {
	return p.Answer.Note == congress.Choose || p.Answer.Note == congress.ChooseState
}

// seat is the one district the reader lives in; nil where that is not certain. While a Congress is not fully known, one
// district may be all we have of several.
func (p *place) seat() *congress.Seat {
	if p.choose() || len(p.Answer.Seats) != 1 || p.Answer.State == "" {
		return nil
	}
	return &p.Answer.Seats[0]
}

// serves are the codes of the committees that a legislator sits on.
func (p *place) serves(l *undersigned.Legislator) (codes []string) {
	for _, a := range p.table.Assignments(l.Bioguide, p.now) {
		codes = append(codes, a.Code)
	}
	return codes
}

// query is how another page is told the same place.
func (p *place) query(district string) string {
	q := url.Values{}
	if p.Answer.ZIP != "" {
		q.Set("zip", p.Answer.ZIP)
	}
	if district != "" {
		q.Set("district", district)
	}
	return "?" + q.Encode()
}
