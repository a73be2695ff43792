package web

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"path"
	"strings"
	"unicode"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/congress"
)

// forPlace answers with the page that is the same to everyone or, where the query says where its reader lives, with one
// for them alone; also where they say that they called.
func (s *Server) forPlace(all http.Handler, one handler) http.Handler {
	personal := s.personal(one)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.RawQuery != "" {
			if query := r.URL.Query(); tellsPlace(query) || query.Has(calledField) {
				personal.ServeHTTP(w, r)
				return
			}
		}
		all.ServeHTTP(w, r)
	})
}

func (s *Server) place(r *http.Request) (place, error) { return s.placeOf(r.URL.Query()) }

func (s *Server) placeOf(told url.Values) (place, error) {
	p, err := readPlace(s.congress.Table(), told, s.now())
	p.maps = &s.maps
	return p, err
}

// nowhereTold is the place of a reader who has told nothing yet.
func (s *Server) nowhereTold() place {
	return place{table: s.congress.Table(), maps: &s.maps, now: s.now()}
}

// legislators says who represents a ZIP code, or a district of it.
func (s *Server) legislators(v *visit, r *http.Request) error {
	v.Header().Set("Vary", "Accept")
	if strings.HasPrefix(r.Header.Get("Accept"), jsonType) {
		private(v)
		return s.legislatorsJSON(v, r)
	}
	p, err := s.place(r)
	if err != nil {
		return err
	}
	c := s.chrome(v)
	if p.asked {
		c = s.placeChrome(v, r)
		private(v)
	}
	return s.showPlace(v, p, "legislators", newLegislators(c, p, s.geocodes()))
}

// showPlace shows a page for the place of its reader; what is wrong with what they typed stands in it.
func (s *Server) showPlace(v *visit, p place, name string, page any) error {
	if p.problem != nil {
		return s.showProblem(v, p.problem, name, page)
	}
	return s.show(v, http.StatusOK, name, page)
}

// placeChrome is the chrome of a page for one reader's place, which a switch of the language keeps.
func (s *Server) placeChrome(v *visit, r *http.Request) chrome {
	c := s.chrome(v).private()
	for i := range c.Languages {
		c.Languages[i].Link += "?" + r.URL.Query().Encode()
	}
	return c
}

const jsonType = "application/json"

// legislatorsJSON is the same for programs, in the shape of congress.LookupJSON. What is wrong with the query is told as
// {"error": "…"}, in the language of the path.
func (s *Server) legislatorsJSON(v *visit, r *http.Request) error {
	p, err := s.place(r)
	if err != nil {
		return err
	}
	status, answer := http.StatusOK, any(p.Answer.JSON())
	if !p.asked {
		p.problem = wrongZIP("error.zip.empty")
	}
	if p.problem != nil {
		status, answer = statuses[p.problem.Kind], map[string]string{"error": s.chrome(v).T(p.problem.Fields[0].Key)}
	}
	body, err := json.Marshal(answer)
	if err != nil {
		return err
	}
	v.Header().Set("Content-Type", jsonType)
	v.WriteHeader(status)
	v.Write(append(body, '\n')) // the reader may have gone
	return nil
}

// findDistrict asks the Census Bureau in which district a street address lies, and leads back to the page that asked,
// with the district. The address is kept nowhere.
func (s *Server) findDistrict(v *visit, r *http.Request) error {
	if !s.geocodes() {
		v.Header().Set("Allow", "GET, HEAD")
		s.problem(v, r, http.StatusMethodNotAllowed, "")
		return nil
	}
	form, err := readForm(r)
	if err != nil {
		return err
	}
	back := form.Get("back")
	if back == "" || back[0] != '/' || path.Clean(back) != back {
		back = "/legislators"
	}
	district, err := s.geocode(r, form)
	var problem *undersigned.Error
	switch {
	case err == nil:
		to := url.URL{Path: back} // escaped, so that it cannot become the address of another site
		return seeOther(v, to.EscapedPath()+"?district="+district.String()+"#where")
	case !errors.As(err, &problem) || problem.Kind != undersigned.Invalid && problem.Kind != undersigned.Unavailable && problem.Kind != undersigned.TooMany:
		return err
	}
	c := s.chrome(v).private()
	page := newLegislators(c, s.nowhereTold(), true)
	page.Title = c.T("form.error_title", "title", page.Title)
	page.Where.Address = newAddressForm(c, back, "")
	page.Where.Address.failed(c, map[string]string{"address_lines": form.Get("address_lines"), "postal_code": form.Get("postal_code")}, problem)
	page.Mistakes = page.Where.Address.Mistakes
	if len(problem.Fields) == 0 {
		page.Problem = c.T(problem.Key)
	}
	return s.showProblem(v, problem, "legislators", page)
}

// maxStreet is the longest street address we pass on, in bytes.
const maxStreet = 200

func (s *Server) geocode(r *http.Request, form url.Values) (undersigned.District, error) {
	street, none := strings.TrimSpace(form.Get("address_lines")), undersigned.District{}
	wrong := &undersigned.Error{Kind: undersigned.Invalid, Key: "error.form"}
	// The Census Bureau places a house by its number; a street alone may run through several districts.
	if !strings.ContainsAny(street, "0123456789") || len(street) > maxStreet || strings.ContainsFunc(street, unicode.IsControl) || validText(street) != street {
		wrong.Fields = append(wrong.Fields, undersigned.FieldError{Field: "address_lines", Key: "error.street"})
	}
	zip, err := undersigned.ParseZIP(form.Get("postal_code"))
	if err != nil {
		wrong.Fields = append(wrong.Fields, undersigned.FieldError{Field: "postal_code", Key: "error.zip.form"})
	}
	if len(wrong.Fields) > 0 {
		return none, wrong
	}
	if err := s.actions.MayAsk(s.visitor(r), "geocoder"); err != nil {
		return none, err
	}
	select {
	case s.geocoding <- struct{}{}:
		defer func() { <-s.geocoding }()
	default:
		return none, undersigned.Fail(undersigned.Unavailable, "error.geocoder")
	}
	district, err := s.geocoder.District(r.Context(), congress.Address{Street: street, ZIP: zip}, s.now())
	if undersigned.KindOf(err) == undersigned.NotFound {
		wrong.Fields = []undersigned.FieldError{{Field: "address_lines", Key: "error.address"}}
		return none, wrong
	}
	return district, err
}
