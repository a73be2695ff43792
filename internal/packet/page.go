package packet

import (
	"bufio"
	"cmp"
	"embed"
	"fmt"
	"html/template"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/translog"
)

// What of a packet is for paper: one page about the petition, and a letter to each office. They hold everything they
// need and open from a folder, without a network, in English, as Congress reads.
const (
	pageFile    = "index.html"
	lettersFile = "letters.html"
)

//go:embed templates/*.html
var paperFiles embed.FS

var paper = template.Must(template.New("").Funcs(template.FuncMap{"n": thousands}).ParseFS(paperFiles, "templates/*.html"))

// paperView is what both are made of.
type paperView struct {
	Title, Ask, Body string
	Lang             string // of these words
	From             string // who organises it; may be empty
	Contact          string // an e-mail address; may be empty
	Site, Page       string // URLs without a slash at their end
	Date             string
	Congress         int
	Kind             string // petition or pledge
	Counted          int64  // all, by the log
	Named            int64  // of them, handed over by name
	Nowhere          int64  // of those, nobody knows to which office
	Withdrawn        int64
	PID              string
	Size             int64 // of the log
	Key              string
	States           []stateTile
	Maps             []stateMap
	Offices          []officePaper
}

// officePaper is an office with what is its share.
type officePaper struct {
	*officeList
	Address      string
	Salutation   string
	Name         string
	Where        string // "the 5th district of MA", "MA"
	AllWhole     int64  // full tens of all who count
	AllSplit     int64
	NamedInTens  int64 // what every other office may see of Whole and Split
	Page         string
	SharesZIP    bool
	DistrictLike string // "district" or "state"
}

// stateTile is a state on a map that gives each of them a square.
type stateTile struct {
	Code, Label string
	X, Y        int
	Shade       int // 0 to 4
}

// write makes both files.
func (p *paperView) write(folder translog.Folder) error {
	for name, file := range map[string]string{"packet.html": pageFile, "letters.html": lettersFile} {
		out := bufio.NewWriterSize(&appending{folder, file}, 64<<10)
		if err := cmp.Or(paper.ExecuteTemplate(out, name, p), out.Flush(), folder.Sync(file)); err != nil {
			return fmt.Errorf("write %s: %w", file, err)
		}
	}
	return nil
}

// appending writes a file of a folder.
type appending struct {
	folder translog.Folder
	name   string
}

func (a *appending) Write(b []byte) (int, error) {
	if err := a.folder.Append(a.name, b); err != nil {
		return 0, err
	}
	return len(b), nil
}

// paper gathers what the pages say. What every office reads has full tens; a letter has the exact number of the names that
// come with it.
func (g *Ground) paper(log *translog.Report, named int64, lists *officeLists) (*paperView, error) {
	p := &paperView{Title: g.Title, Ask: g.Ask, Body: g.Body, Lang: g.Language, Kind: string(g.Kind), From: g.From, Contact: g.Contact,
		Site: g.Site, Page: g.Page, Date: g.At.In(undersigned.Eastern).Format("January 2, 2006"),
		Congress: g.Congress, Named: named, Nowhere: lists.nowhere, PID: g.PID, Size: log.Checkpoint.N}
	for _, petition := range log.Petitions {
		if petition.PID.String() == g.PID {
			p.Counted, p.Withdrawn = petition.Counts.Counted, petition.Counts.Withdrawn+petition.Counts.Erased
		}
	}
	counts := undersigned.SeatCounts{Seats: lists.tally.Counts()}
	for _, code := range slices.Sorted(maps.Keys(tiles)) {
		place := tiles[code]
		whole, _, _ := counts.Of(code)
		tile := stateTile{Code: code, X: place[0] * tileSize, Y: place[1] * tileSize}
		if whole > 0 {
			tile.Label, tile.Shade = thousands(whole)+"+", shade(whole)
		}
		p.States = append(p.States, tile)
	}
	p.Maps = shaded(g.Maps, &counts)
	for _, c := range counts.Seats { // who has ten constituents gets a letter, and a list that may be empty
		if _, err := lists.of(c.Seat); err != nil {
			return nil, err
		}
	}
	for _, list := range lists.sorted() {
		p.Offices = append(p.Offices, newOfficePaper(list, &counts, g.Site))
	}
	return p, nil
}

func newOfficePaper(list *officeList, counts *undersigned.SeatCounts, site string) officePaper {
	o := officePaper{officeList: list, NamedInTens: undersigned.FullTens(list.Whole + list.Split), DistrictLike: "state"}
	o.AllWhole, o.AllSplit, _ = counts.Of(list.Seat)
	o.Where = list.Seat
	chamber := "United States Senate"
	if d, err := undersigned.ParseDistrict(list.Seat); err == nil {
		chamber, o.DistrictLike, o.SharesZIP = "United States House of Representatives", "district", !d.AtLarge()
		if o.Where = d.State + ", district " + strconv.Itoa(d.Number); d.AtLarge() {
			o.Where = d.State + ", at large"
		}
	}
	o.SharesZIP = o.SharesZIP || o.AllSplit > 0 || list.Split > 0
	if list.Holder == nil {
		o.Name, o.Salutation = "The office of "+o.Where, "To the staff of the office"
		o.Address = "The seat is vacant, or its holder is not known yet\nc/o Clerk of the House of Representatives\nWashington, DC 20515"
		return o
	}
	o.Name, o.Page = list.Holder.Name, site+"/offices/"+list.Holder.Bioguide
	title := "Representative"
	switch {
	case list.Holder.Term.Chamber == undersigned.Senate:
		title = "Senator"
	case list.Holder.Term.State == "PR":
		title = "Resident Commissioner"
	case list.Holder.Seat().Delegate():
		title = "Delegate"
	}
	o.Salutation = "Dear " + title + " " + list.Holder.Last
	o.Address = "The Honorable " + list.Holder.Name + "\n" + chamber + "\n" + cmp.Or(list.Holder.Term.Address, "Washington, DC")
	return o
}

// shade is how dark a place is that has so many, tenfold by tenfold: 0 for fewer than ten, 4 at most.
func shade(n int64) int { return min(4, len(strconv.FormatInt(n, 10))-1) }

// thousands writes a number as English does.
func thousands(n int64) string {
	digits := strconv.FormatInt(n, 10)
	var b strings.Builder
	for i, digit := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(digit)
	}
	return b.String()
}

// tileSize is the side of a state's square, in the units of the map.
const tileSize = 50

// tiles is where each state stands, in columns and rows, near its neighbours.
var tiles = map[string][2]int{
	"AK": {0, 0}, "ME": {10, 0}, "VT": {9, 1}, "NH": {10, 1},
	"WA": {0, 2}, "ID": {1, 2}, "MT": {2, 2}, "ND": {3, 2}, "MN": {4, 2}, "IL": {5, 2}, "WI": {6, 2}, "MI": {7, 2}, "NY": {8, 2}, "RI": {9, 2}, "MA": {10, 2},
	"OR": {0, 3}, "NV": {1, 3}, "WY": {2, 3}, "SD": {3, 3}, "IA": {4, 3}, "IN": {5, 3}, "OH": {6, 3}, "PA": {7, 3}, "NJ": {8, 3}, "CT": {9, 3},
	"CA": {0, 4}, "UT": {1, 4}, "CO": {2, 4}, "NE": {3, 4}, "MO": {4, 4}, "KY": {5, 4}, "WV": {6, 4}, "VA": {7, 4}, "MD": {8, 4}, "DE": {9, 4},
	"AZ": {1, 5}, "NM": {2, 5}, "KS": {3, 5}, "AR": {4, 5}, "TN": {5, 5}, "NC": {6, 5}, "SC": {7, 5}, "DC": {8, 5},
	"OK": {3, 6}, "LA": {4, 6}, "MS": {5, 6}, "AL": {6, 6}, "GA": {7, 6},
	"HI": {0, 7}, "TX": {3, 7}, "FL": {8, 7}, "PR": {10, 7},
}
