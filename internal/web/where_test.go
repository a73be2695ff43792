package web

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/congress"
	"github.com/undersigned/undersigned/internal/store"
)

func district(state string, number int) congress.Share {
	return congress.Share{District: undersigned.District{State: state, Number: number}}
}

// samplePlaces are all sorts of places a reader can tell.
func samplePlaces() map[string]place {
	table := congress.SampleTable()
	at := func(a congress.Answer) place {
		a.Congress = 119
		return place{table: table, now: sampleNow, ZIP: a.ZIP, asked: true, Answer: a}
	}
	pressley := *table.Legislator("P000617", sampleNow)
	pressley.Term.Address = "402 Cannon House Office Building Washington DC 20515-2107"
	pressley.Offices = []undersigned.Office{{Address: "1295 River Street", Suite: "Suite 102", City: "Hyde Park", State: "MA", ZIP: "02136",
		Phone: "617-850-0040", Hours: "9 to 5"}, {City: "Boston", State: "MA"}}
	clark, warren := table.Legislator("C001101", sampleNow), table.Legislator("W000817", sampleNow)
	markey := table.Legislator("M000133", sampleNow)
	senators := []*undersigned.Legislator{warren, markey}
	note := func(zip string, n congress.Note) place { return at(congress.Answer{ZIP: zip, Note: n}) }
	wrong := place{table: table, now: sampleNow, asked: true, ZIP: `0213"><b>`, problem: wrongZIP("error.zip.form")}
	return map[string]place{
		"nothing": {table: table, now: sampleNow},
		"wrong":   wrong,
		"one":     at(congress.Answer{ZIP: "02119", State: "MA", Seats: []congress.Seat{{Share: district("MA", 7), Representative: &pressley}}, Senators: senators}),
		"choose": at(congress.Answer{ZIP: "02138", State: "MA", Note: congress.Choose, Senators: senators, Seats: []congress.Seat{
			{Share: congress.Share{District: undersigned.District{State: "MA", Number: 5}, Land: .996}, Representative: clark},
			{Share: congress.Share{District: undersigned.District{State: "MA", Number: 7}, Land: .004}, Representative: &pressley},
			{Share: district("MA", 9), Vacant: true}}}),
		"choose_state": at(congress.Answer{ZIP: "02861", Note: congress.ChooseState, Seats: []congress.Seat{
			{Share: district("MA", 4), Representative: clark}, {Share: district("RI", 1), Representative: &pressley}}}),
		"vacant":         at(congress.Answer{ZIP: "94501", State: "CA", Seats: []congress.Seat{{Share: district("CA", 14), Vacant: true}}, Senators: senators}),
		"one senator":    at(congress.Answer{ZIP: "82001", State: "WY", Seats: []congress.Seat{{Share: district("WY", 0), Representative: clark}}, Senators: senators[:1]}),
		"delegate":       at(congress.Answer{ZIP: "20001", State: "DC", Seats: []congress.Seat{{Share: district("DC", 0), Representative: clark}}}),
		"commissioner":   at(congress.Answer{ZIP: "00901", State: "PR", Seats: []congress.Seat{{Share: district("PR", 0), Representative: clark}}}),
		"no_area":        note("02137", congress.NoArea),
		"unknown_zip":    note("00000", congress.UnknownZIP),
		"military":       note("09001", congress.Military),
		"outside":        note("", congress.Outside),
		"sample":         note("90001", congress.InSample),
		"not_loaded":     at(congress.Answer{ZIP: "02138", State: "MA", Note: congress.NotLoaded, Senators: senators[:1]}),
		"not_loaded one": at(congress.Answer{ZIP: "82001", State: "WY", Note: congress.NotLoaded, Seats: []congress.Seat{{Share: district("WY", 0)}}}),
		"not_loaded two": at(congress.Answer{ZIP: "59001", Note: congress.NotLoaded, Seats: []congress.Seat{{Share: district("WY", 0), Representative: clark}}}),
	}
}

func square(west, south, size float64) []orb.Ring {
	return []orb.Ring{{{west, south}, {west + size, south}, {west + size, south + size}, {west, south + size}, {west, south}}}
}

func placeStates(at func(string) chrome, content *undersigned.Content) (states []pageState) {
	for name, p := range samplePlaces() {
		geocoder := name == "choose" || name == "military"
		page := newLegislators(at("/legislators"), p, geocoder)
		if name == "choose" {
			page.Where.Map = newMap(page.chrome, p, page.Where.Choices, drawDistricts([][]orb.Ring{square(-71.5, 42, .5), square(-71, 42, .5), square(-71, 41.5, .5)}))
		}
		states = append(states, pageState{"legislators, " + name, "legislators", page})
		for _, slug := range []string{"letter", "dignity"} {
			a := content.Action(slug)
			ask := newAction(at(actionPath(a)), content, a, store.Count{}, "", sampleNow)
			ask.meet(content, a, p, geocoder)
			states = append(states, pageState{slug + ", " + name, "action", ask})
		}
		bill := newBill(at("/bills/112/hr/1932"), content, content.Bill(deadBill), sampleNow)
		bill.meet(content.Bill(deadBill), p, geocoder)
		states = append(states, pageState{"bill, " + name, "bill", bill})
	}
	thanked := thankingContent()
	a := thanked.Action("dignity")
	ask := newAction(at(actionPath(a)), thanked, a, store.Count{}, "", sampleNow)
	ask.meet(thanked, a, samplePlaces()["one"], false)
	states = append(states, pageState{"dignity, thanks", "action", ask})
	wrong := newLegislators(at("/legislators"), place{table: congress.SampleTable(), now: sampleNow}, true)
	wrong.Where.Address = newAddressForm(wrong.chrome, "/legislators", "")
	wrong.Where.Address.failed(wrong.chrome, map[string]string{"address_lines": `"><b>`, "postal_code": "1"}, &undersigned.Error{Kind: undersigned.Invalid,
		Fields: []undersigned.FieldError{{Field: "address_lines", Key: "error.address"}, {Field: "postal_code", Key: "error.zip.form"}}})
	wrong.Mistakes = wrong.Where.Address.Mistakes
	return append(states, pageState{"legislators, wrong address", "legislators", wrong})
}

// thankingContent is sampleContent where Ayanna Pressley and Elizabeth Warren have put their names to the bill.
func thankingContent() *undersigned.Content {
	c := sampleContent()
	b := c.Bill(openBill)
	b.SponsorID, b.CosponsorIDs, b.Cosponsors, b.AsOf = "J000298", []string{"P000617", "W000817"}, 2, "2026-11-22"
	b.Committees = []undersigned.BillCommittee{{Code: "HSJU", Name: "Judiciary Committee", Chamber: undersigned.House}}
	return c
}

func TestEveryNoteIsSaidPlainly(t *testing.T) {
	v := testViews(t)
	c := v.chrome("en", "https://example.org", "/legislators")
	for name, want := range map[string]struct{ heading, note string }{
		"one":          {"Who represents you", ""},
		"choose":       {"Which district is yours?", "02138 touches 3 districts. Choose yours by its member’s name."},
		"choose_state": {"Which district is yours?", "02861 reaches into two states. Choose your district; your senators follow from it."},
		"no_area":      {"We name nobody rather than the wrong person", "No district goes with 02137: it is a ZIP code of post office boxes or of one organization, or it does not exist. Enter the ZIP code of the street where you live."},
		"unknown_zip":  {"We name nobody rather than the wrong person", "There is no ZIP code 00000. Please check its digits."},
		"military":     {"We name nobody rather than the wrong person", "09001 is mail of the armed forces or of an embassy. You are represented at your home address in the United States: enter its ZIP code."},
		"outside":      {"We name nobody rather than the wrong person", "This place lies in no district of Congress."},
		"sample":       {"We name nobody rather than the wrong person", "Only the sample of Massachusetts is loaded here, and 90001 is not in it."},
		"not_loaded":   {"Who represents you", "The 119th Congress has begun, and we do not fully know its districts and members yet. We name only those who are certain."},
	} {
		got := newWhere(c, "/legislators", samplePlaces()[name], members{}, false)
		if got.Heading != want.heading || got.Note != want.note {
			t.Errorf("%s: %q, %q; want %q, %q", name, got.Heading, got.Note, want.heading, want.note)
		}
	}
}

func TestNobodyIsNamedWhoIsNotCertain(t *testing.T) {
	v := testViews(t)
	c := v.chrome("en", "https://example.org", "/legislators")
	for name, want := range map[string]string{
		"nothing":        "",
		"wrong":          "",
		"one":            "Your Representative, Massachusetts, 7th district: Ayanna Pressley (Democrat). Your senator, Massachusetts: Elizabeth Warren (Democrat). Your senator, Massachusetts: Edward J. Markey (Democrat). ",
		"choose":         "Your senator, Massachusetts: Elizabeth Warren (Democrat). Your senator, Massachusetts: Edward J. Markey (Democrat). ",
		"choose_state":   "",
		"vacant":         "Your Representative, California, 14th district: The seat is vacant. Your senator, California: Elizabeth Warren (Democrat). Your senator, California: Edward J. Markey (Democrat). ",
		"one senator":    "Your Representative, Wyoming, the whole state: Katherine M. Clark (Democrat). Your senator, Wyoming: Elizabeth Warren (Democrat). Your senator, Wyoming: The seat is vacant. ",
		"delegate":       "Your Delegate, District of Columbia: Katherine M. Clark (Democrat). ",
		"commissioner":   "Your Resident Commissioner, Puerto Rico: Katherine M. Clark (Democrat). ",
		"not_loaded":     "Your senator, Massachusetts: Elizabeth Warren (Democrat). Your senator, Massachusetts: Not known yet. ",
		"not_loaded one": "Your Representative, Wyoming, the whole state: Not known yet. Your senator, Wyoming: Not known yet. ",
		"not_loaded two": "",
	} {
		got := ""
		for _, m := range newWhere(c, "/legislators", samplePlaces()[name], members{}, false).Members {
			got += m.Role + ", " + m.Of + ": " + m.Heading + ". "
		}
		if got != want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, want)
		}
	}
}

func TestWhereAReaderLivesIsReadFromTheQuery(t *testing.T) {
	table := congress.SampleTable()
	for query, want := range map[string]string{
		"":                              "",
		"on=2012-07-20":                 "",
		"zip=02119":                     "MA-07",
		"zip=02119-1234":                "MA-07",
		"zip=+02119+":                   "MA-07",
		"zip=02138":                     "MA-05 MA-07 choose",
		"zip=02138&district=MA-05":      "MA-05",
		"zip=02138&district=MA-09":      "MA-05 MA-07 choose", // not one of its districts: no answer to the question
		"zip=02138&district=nonsense":   "MA-05 MA-07 choose",
		"district=MA-05":                "MA-05",
		"district=MA-99":                "error.district",
		"district=nonsense":             "error.zip.empty",
		"zip=":                          "error.zip.empty",
		"zip=0213":                      "error.zip.form",
		"zip=02138-12":                  "error.zip.form",
		"zip=abcde":                     "error.zip.form",
		"zip=%00%ff":                    "error.zip.form",
		"zip=0213&district=MA-05":       "error.zip.form",
		"zip=90001":                     "sample",
		"zip=90001&district=MA-05":      "sample",
		"zip=09001":                     "military",
		"zip=02138&zip=90001":           "MA-05 MA-07 choose",
		"zip=" + strings.Repeat("0", 9): "error.zip.form",
	} {
		values, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		p, err := readPlace(table, values, sampleNow)
		var got []string
		for _, seat := range p.Answer.Seats {
			got = append(got, seat.District.String())
		}
		if p.Answer.Note != "" {
			got = append(got, string(p.Answer.Note))
		}
		if p.problem != nil {
			got = append(got, p.problem.Fields[0].Key)
		}
		if err != nil {
			got = append(got, err.Error())
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v, want %s", query, got, want)
		}
	}
}

func TestACosponsorIsThankedNotAsked(t *testing.T) {
	v := testViews(t)
	c := v.chrome("en", "https://example.org", "/")
	content := thankingContent()
	a := content.Action("dignity")
	meet := func(change func()) actionView {
		change()
		page := newAction(c, content, a, store.Count{}, "", sampleNow)
		page.meet(content, a, samplePlaces()["one"], false)
		return page
	}
	page := meet(func() { a.Targets = []string{"house"} })
	rep := page.Where.Members[0]
	if !rep.Thanks || rep.Part != "Ayanna Pressley already cosponsors H.R. 6397. There is nothing to ask: say thank you." {
		t.Errorf("she is told %q", rep.Part)
	}
	if page.Words != nil || page.Thanks == nil || len(page.Thanks.Letters) != 1 ||
		!strings.HasPrefix(page.Thanks.Letters[0], "The Honorable Ayanna Pressley\n402 Cannon House Office Building Washington DC 20515-2107\n\nI am one") {
		t.Errorf("words %+v, thanks %+v", page.Words, page.Thanks)
	}
	page = meet(func() { a.Targets = []string{"house", "senate", "president"} })
	if page.Words == nil || len(page.Words.Letters) != 1 || len(page.Thanks.Letters) != 2 || len(page.Words.Targets) != 1 || page.Words.Phone != nil {
		t.Errorf("of three, one is to be asked: %+v", page.Words)
	}
	page = meet(func() { a.Targets, a.Position = []string{"house"}, undersigned.Oppose })
	if rep = page.Where.Members[0]; rep.Thanks || page.Thanks != nil || rep.Part != "Ayanna Pressley cosponsors H.R. 6397. Ask for that name to be taken off it." {
		t.Errorf("a cosponsor of what we oppose is told %q", rep.Part)
	}
}

func TestEveryPartInABillHasItsWords(t *testing.T) {
	v := testViews(t)
	l := &undersigned.Legislator{Name: "Ana"}
	for _, lang := range v.cat.Languages() {
		c := v.chrome(lang, "https://example.org", "/")
		for _, beside := range []string{"support", "oppose", "bill"} {
			for _, part := range []undersigned.Part{undersigned.PartSponsor, undersigned.PartCosponsor, undersigned.PartCommittee, undersigned.PartNone, undersigned.PartOther, undersigned.PartUnknown} {
				words := partWords(c, beside, &undersigned.Bill{BillID: openBill, AsOf: "2026-11-22"}, l, part, undersigned.BillCommittee{Name: "Judiciary"})
				if !strings.Contains(words, "Ana") || strings.Contains(words, "{") {
					t.Errorf("%s %s %s: %q", lang, beside, part, words)
				}
			}
		}
	}
}

func TestAnAskThatIsClosedOrSignedAsksForNoZIPCode(t *testing.T) {
	v, content := testViews(t), sampleContent()
	c := v.chrome("en", "https://example.org", "/")
	for slug, want := range map[string]bool{"letter": true, "dignity": true, "ended": false, "equality": false, "theirs": false} {
		a := content.Action(slug)
		page := newAction(c, content, a, store.Count{}, "", sampleNow)
		page.meet(content, a, samplePlaces()["one"], false)
		if got := page.Where != nil; got != want {
			t.Errorf("%s: %v", slug, got)
		}
	}
}

// At noon on 3 January 2027 the tables of the 119th Congress name no Representative any more; senators whose terms run
// on are named.
func TestAfterTheEndOfACongressItsRepresentativesAreNotNamed(t *testing.T) {
	v := testViews(t)
	c := v.chrome("en", "https://example.org", "/")
	for at, want := range map[time.Duration]string{-time.Second: "Ayanna Pressley Elizabeth Warren Edward J. Markey ", time.Second: " Elizabeth Warren  "} {
		p, err := readPlace(congress.SampleTable(), url.Values{"zip": {"02119"}}, undersigned.CongressEnds(119).Add(at))
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, m := range newWhere(c, "/legislators", p, members{}, false).Members {
			got += m.Name + " "
		}
		if strings.Join(strings.Fields(got), " ") != strings.Join(strings.Fields(want), " ") {
			t.Errorf("%v: %q, want %q (%s)", at, got, want, p.Answer.Note)
		}
	}
}
