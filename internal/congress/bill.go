package congress

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/undersigned/undersigned"
)

// readBill reads a file of GPO's bulk data BILLSTATUS, in the layout 3.0.0 or the one before it
// (https://github.com/usgpo/bill-status). A reserved number, which has a file but is no bill yet, is Gone with the key
// "error.bill_reserved".
func readBill(r io.Reader) (*undersigned.Bill, error) {
	data, err := readAll(r, maxBill)
	if err != nil {
		return nil, err
	}
	var f billFile
	if err := walkXML(data, f.element); err != nil {
		return nil, fmt.Errorf("read a bill status: %w", err)
	}
	id, err := undersigned.ParseBillID(f.congress + strings.ToLower(f.kind) + f.number)
	if err != nil {
		return nil, fmt.Errorf("read a bill status: %w", err)
	}
	if strings.EqualFold(f.reserved, "true") || f.sponsor.bioguide == "" && strings.HasPrefix(f.title, "Reserved ") {
		return nil, undersigned.Fail(undersigned.Gone, "error.bill_reserved")
	}
	if f.title == "" || len(f.actions) == 0 {
		return nil, fmt.Errorf("read a bill status: %s has no title or no actions", id)
	}
	return f.bill(id), nil
}

// billFile gathers what a file says. It is filled in any order: the layouts differ in that, too.
type billFile struct {
	congress, kind, number, title, introduced, updated, reserved string

	sponsor    sponsor
	cosponsors map[string]bool // by bioguide: whether they still are
	committees []undersigned.BillCommittee
	laws       []string
	actions    []billAction

	// The item that is being read.
	action    billAction
	member    sponsor
	committee undersigned.BillCommittee
	part      undersigned.BillCommittee // a subcommittee of it
}

// sponsor is a sponsor or a cosponsor.
type sponsor struct {
	bioguide, name string
	withdrawn      bool
}

// element takes what the walk has found. A path that both layouts share is named once.
func (f *billFile) element(path, text []byte) error {
	rest, ok := bytes.CutPrefix(path, []byte("billStatus/bill/"))
	if !ok {
		return nil
	}
	switch string(rest) {
	case "congress":
		f.congress = string(text)
	case "type", "billType":
		f.kind = string(text)
	case "number", "billNumber":
		f.number = string(text)
	case "title":
		f.title = string(text)
	case "introducedDate":
		f.introduced = string(text)
	case "updateDate":
		f.updated = string(text)
	case "isReserved":
		f.reserved = string(text)
	case "laws/item/number":
		f.laws = append(f.laws, string(text))
	default:
		if inner, ok := bytes.CutPrefix(rest, []byte("actions/item")); ok {
			f.actionElement(string(inner), text)
		} else if inner, ok := bytes.CutPrefix(rest, []byte("sponsors/item")); ok {
			f.sponsorElement(string(inner), text)
		} else if inner, ok := bytes.CutPrefix(rest, []byte("cosponsors/item")); ok {
			f.cosponsorElement(string(inner), text)
		} else if inner, ok := bytes.CutPrefix(rest, []byte("committees/item")); ok {
			f.committeeElement(string(inner), text)
		} else if inner, ok := bytes.CutPrefix(rest, []byte("committees/billCommittees/item")); ok {
			f.committeeElement(string(inner), text)
		}
	}
	return nil
}

func (f *billFile) actionElement(path string, text []byte) {
	switch path {
	case "/actionDate":
		f.action.date = undersigned.Day(text)
	case "/actionCode":
		f.action.code = string(text)
	case "/type":
		f.action.kind = string(text)
	case "/text":
		f.action.text = string(text)
	case "/sourceSystem/code":
		f.action.source = string(text)
	case "":
		if _, err := undersigned.ParseDay(string(f.action.date)); err == nil {
			f.actions = append(f.actions, f.action)
		}
		f.action = billAction{}
	}
}

func (f *billFile) memberElement(path string, text []byte) {
	switch path {
	case "/bioguideId":
		f.member.bioguide = string(text)
	case "/fullName":
		f.member.name = string(text)
	case "/sponsorshipWithdrawnDate":
		f.member.withdrawn = len(text) > 0
	}
}

func (f *billFile) sponsorElement(path string, text []byte) {
	f.memberElement(path, text)
	if path == "" {
		if f.sponsor.bioguide == "" {
			f.sponsor = f.member
		}
		f.member = sponsor{}
	}
}

// cosponsorElement counts each member once. Who withdrew and came back has two items, and is a cosponsor.
func (f *billFile) cosponsorElement(path string, text []byte) {
	f.memberElement(path, text)
	if path != "" {
		return
	}
	if f.cosponsors == nil {
		f.cosponsors = map[string]bool{}
	}
	if id := f.member.bioguide; id != "" {
		f.cosponsors[id] = f.cosponsors[id] || !f.member.withdrawn
	}
	f.member = sponsor{}
}

func (f *billFile) committeeElement(path string, text []byte) {
	switch path {
	case "/systemCode":
		f.committee.Code = committeeCode(string(text))
	case "/name":
		f.committee.Name = string(text)
	case "/chamber":
		f.committee.Chamber = undersigned.Chamber(strings.ToLower(string(text)))
	case "/subcommittees/item/systemCode":
		f.part.Code = committeeCode(string(text))
	case "/subcommittees/item/name":
		f.part.Name = string(text)
	case "/subcommittees/item":
		f.committees = append(f.committees, f.part)
		f.part = undersigned.BillCommittee{}
	case "":
		// Subcommittees come before the chamber is known, and have none of their own.
		for i := range f.committees {
			if f.committees[i].Chamber == "" {
				f.committees[i].Chamber = f.committee.Chamber
			}
		}
		f.committees = append(f.committees, f.committee)
		f.committee = undersigned.BillCommittee{}
	}
}

// committeeCode turns a code of the bill status ("hsju00", a subcommittee "hsju01") into that of the committee lists
// ("HSJU", "HSJU01").
func committeeCode(s string) string { return strings.TrimSuffix(strings.ToUpper(s), "00") }

// bill makes the facts out of what was gathered. Its order does not hang on that of the file.
func (f *billFile) bill(id undersigned.BillID) *undersigned.Bill {
	b := &undersigned.Bill{
		BillID:    id,
		Title:     f.title,
		Sponsor:   plainName(f.sponsor.name),
		SponsorID: f.sponsor.bioguide,
		Source:    billSource(id).url(),
	}
	b.Introduced, _ = undersigned.ParseDay(f.introduced)
	if len(f.updated) >= len("2006-01-02") {
		b.AsOf, _ = undersigned.ParseDay(f.updated[:10])
	}
	for bioguide, still := range f.cosponsors {
		if still {
			b.CosponsorIDs = append(b.CosponsorIDs, bioguide)
		}
	}
	slices.Sort(b.CosponsorIDs)
	b.Cosponsors = len(b.CosponsorIDs)
	slices.SortFunc(f.committees, func(a, b undersigned.BillCommittee) int { return strings.Compare(a.Code, b.Code) })
	b.Committees = slices.CompactFunc(f.committees, func(a, b undersigned.BillCommittee) bool { return a.Code == b.Code })
	slices.Sort(f.laws)
	b.Laws = slices.Compact(f.laws)
	stageBill(b, f.actions)
	return b
}

// plainName turns "Rep. Beyer, Donald S., Jr. [D-VA-8]" into "Donald S. Beyer Jr.".
func plainName(s string) string {
	s, _, _ = strings.Cut(s, " [")
	for _, office := range []string{"Rep. ", "Sen. ", "Del. ", "Resident Commissioner "} {
		s = strings.TrimPrefix(s, office)
	}
	parts := strings.Split(s, ", ")
	if len(parts) < 2 {
		return s
	}
	parts[0], parts[1] = parts[1], parts[0]
	return strings.Join(parts, " ")
}
