package web

import (
	"encoding/xml"
	"fmt"
	"hash/crc32"
	"hash/fnv"
	"slices"
	"strings"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
)

// diaryView tells what changed and when, the latest first.
type diaryView struct {
	chrome
	Feed    string
	Latest  bool   // the page of the latest entries, not of one year
	Years   []year // those that have entries, the latest first
	Entries []diaryEntry
}

// year leads to the page of a year.
type year struct {
	Name, Link string
	Current    bool
}

type diaryEntry struct {
	At         time.Time
	ID         string // where a link can point on the page of its year
	Date, Day  string
	What, Lang string // Lang where the words are in another language
	Link       string // of what it is about; empty where we have no page
	About      string // the words of that link
	AboutLang  string
}

// maxDiary is how many entries the page of the latest shows; each year has a page of its own with all of them.
const maxDiary = 200

// newDiary tells the latest of the events that were stored and the steps of the bills that content knows.
func newDiary(c chrome, site *store.Site, events []undersigned.Event, now time.Time) diaryView {
	v := newDiaryPage(c.titled(c.T("page.diary"), c.T("diary.lead")), tellDiary(c, site, events, now), "")
	v.Latest, v.Entries = true, v.Entries[:min(len(v.Entries), maxDiary)]
	return v
}

// newDiaryYear tells those of a year; false where it has none.
func newDiaryYear(c chrome, site *store.Site, events []undersigned.Event, name string, now time.Time) (diaryView, bool) {
	v := newDiaryPage(c.titled(c.T("diary.year", "year", name), c.T("diary.lead")), tellDiary(c, site, events, now), name)
	v.Entries = slices.DeleteFunc(v.Entries, func(e diaryEntry) bool { return e.year() != name })
	return v, len(v.Entries) > 0
}

func newDiaryPage(c chrome, entries []diaryEntry, current string) diaryView {
	v := diaryView{chrome: c, Feed: c.Link("/diary.atom"), Entries: entries}
	for _, e := range entries {
		if n := len(v.Years); n == 0 || v.Years[n-1].Name != e.year() {
			v.Years = append(v.Years, year{Name: e.year(), Link: c.Link(diaryPath(e.year())), Current: e.year() == current})
		}
	}
	return v
}

// year is the one that the entry's day is in.
func (e *diaryEntry) year() string {
	name, _, _ := strings.Cut(e.Day, "-")
	return name
}

// path is where the entry stands for good.
func (e *diaryEntry) path() string { return diaryPath(e.year()) + "#" + e.ID }

func diaryPath(year string) string { return "/diary/" + year }

// tellDiary puts into words what was stored and what content knows of bills, up to now, the latest first.
func tellDiary(c chrome, site *store.Site, events []undersigned.Event, now time.Time) (entries []diaryEntry) {
	links := newLinkUses(c, site, events)
	for _, e := range events {
		if entry, ok := tellEvent(c, site, links, e); ok {
			entry.ID = diaryID(e.At.UTC(), e.Kind, e.Issue, e.Subject, e.Detail)
			entries = append(entries, entry)
		}
	}
	told := map[undersigned.BillID]bool{}
	for _, content := range site.Contents {
		for i := range content.Bills {
			if bill := &content.Bills[i]; !told[bill.BillID] {
				told[bill.BillID] = true
				entries = append(entries, tellBill(c, content, bill)...)
			}
		}
	}
	entries = slices.DeleteFunc(entries, func(e diaryEntry) bool { return e.At.After(now) })
	slices.SortStableFunc(entries, func(a, b diaryEntry) int { return b.At.Compare(a.At) })
	return entries
}

// diaryID names an entry by what it tells, the same in each language.
func diaryID(parts ...any) string {
	h := fnv.New64a()
	for _, p := range parts {
		fmt.Fprintf(h, "%v\x00", p)
	}
	return fmt.Sprintf("e%016x", h.Sum64())
}

// tellEvent puts an event into words; what it is about may be gone from the site, and then it is not told.
func tellEvent(c chrome, site *store.Site, links linkUses, e undersigned.Event) (entry diaryEntry, ok bool) {
	day := dayIn(e.At, undersigned.Eastern)
	entry = diaryEntry{At: e.At, Day: string(day), Date: c.Day(day)}
	content := site.Issue(e.Issue)
	switch e.Kind {
	case undersigned.BillMoved:
		id, err := undersigned.ParseBillID(e.Subject)
		if err != nil {
			return entry, false
		}
		entry.What = c.T("diary.bill", "bill", billName(c, id), "stage", stageName(c, undersigned.Stage(e.Detail)))
		entry.Link, entry.About = c.Link(billPath(id)), billName(c, id)
		return entry, true
	case undersigned.NameChanged:
		entry.What = c.T("diary.name", "before", e.Detail, "after", e.Subject)
		entry.Link, entry.About = c.Link("/organizations"), c.T("page.organizations")
		if o := calledOnce(content, e.Subject); o != nil {
			entry.Link, entry.About = c.Link(organizationPath(o)), o.Name
		}
		return entry, true
	case undersigned.SitePaused, undersigned.SiteResumed:
		entry.What, entry.Link, entry.About = c.T("diary."+string(e.Kind)), c.Link("/"), c.T("page.home")
		return entry, true
	}
	if content == nil {
		return entry, false
	}
	if e.Kind == undersigned.LinkDied || e.Kind == undersigned.LinkBack {
		use, ok := links[[2]string{e.Issue, e.Subject}]
		entry.Link, entry.About, entry.AboutLang = use.path, use.name, use.lang
		entry.What = c.T("diary." + string(e.Kind))
		return entry, ok
	}
	a := content.Action(e.Subject)
	if a == nil || a.State == undersigned.ActionDraft {
		return entry, false
	}
	text, lang := a.Text(c.Lang(), content.Issue.Languages)
	entry.Link, entry.About, entry.AboutLang = c.Link(actionPath(a)), text.Title, c.other(lang)
	switch e.Kind {
	case undersigned.AskOpened:
		entry.What = c.T("diary.opened")
	case undersigned.AskPaused:
		entry.What = c.T("diary.paused")
		if e.Detail == string(undersigned.ReasonLinkBroken) {
			entry.What = c.T("diary.paused_link")
		}
	case undersigned.AskBraked:
		entry.What = c.T("diary.braked")
	case undersigned.AskUnbraked:
		entry.What = c.T("diary.unbraked")
	case undersigned.AskReworded:
		entry.What, entry.Link = c.T("diary.version"), c.Link(wordingsPath(a))
	case undersigned.AskClosed:
		entry.What = c.T("diary.closed", "why", c.T("closed."+e.Detail, "bill", a.Bill.Name(), "congress", c.Ordinal(a.Bill.Congress)))
	case undersigned.HandedOver, undersigned.Answered:
		bioguide, name, _ := strings.Cut(e.Detail, " ")
		entry.What = c.T("diary."+string(e.Kind), "name", name)
		entry.Link, entry.About = c.Link(officePath(bioguide)), text.Title
	default:
		return entry, false
	}
	return entry, true
}

// calledOnce finds the organisation that has a name, or had it; nil where there is none.
func calledOnce(content *undersigned.Content, name string) *undersigned.Organization {
	if content == nil {
		return nil
	}
	for i := range content.Organizations {
		o := &content.Organizations[i]
		if o.Name == name || slices.ContainsFunc(o.FormerNames, func(f undersigned.FormerName) bool { return f.Name == name }) {
			return o
		}
	}
	return nil
}

// linkUses are the entries that links of the diary stand in, by issue and URL: of several the first.
type linkUses map[[2]string]struct{ path, name, lang string }

func newLinkUses(c chrome, site *store.Site, events []undersigned.Event) linkUses {
	uses, wanted := linkUses{}, map[[2]string]bool{}
	for _, e := range events {
		if e.Kind == undersigned.LinkDied || e.Kind == undersigned.LinkBack {
			wanted[[2]string{e.Issue, e.Subject}] = true
		}
	}
	for _, content := range site.Contents {
		for _, use := range content.Links() {
			key := [2]string{content.Issue.Slug, use.URL}
			if use.Kind == "action" || !wanted[key] {
				continue
			}
			at := uses[key]
			at.path, at.name, at.lang = c.useOf(content, use)
			uses[key], wanted[key] = at, false
		}
	}
	return uses
}

func tellBill(c chrome, content *undersigned.Content, bill *undersigned.Bill) (entries []diaryEntry) {
	for i, e := range bill.Events {
		words, lang := textIn(e.Texts, c.Lang(), content.Issue.Languages)
		if words == "" {
			continue
		}
		entries = append(entries, diaryEntry{At: e.Date.Begin(undersigned.Eastern), ID: diaryID(bill.BillID, i), Day: string(e.Date), Date: c.Day(e.Date),
			What: words, Lang: c.other(lang), Link: c.Link(billPath(bill.BillID)), About: billName(c, bill.BillID)})
	}
	return entries
}

// atomFeed is the diary as RFC 4287 has it.
type atomFeed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Lang    string      `xml:"xml:lang,attr"`
	ID      string      `xml:"id"`
	Title   string      `xml:"title"`
	Updated string      `xml:"updated"`
	Links   []atomLink  `xml:"link"`
	Entries []atomEntry `xml:"entry"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Href string `xml:"href,attr"`
}

type atomEntry struct {
	ID      string   `xml:"id"`
	Title   string   `xml:"title"`
	Updated string   `xml:"updated"`
	Link    atomLink `xml:"link"`
	Author  string   `xml:"author>name"`
}

func (v diaryView) feed() ([]byte, error) {
	f := atomFeed{Lang: v.Lang(), ID: v.BaseURL + v.Feed, Title: v.Title, Links: []atomLink{
		{"self", v.BaseURL + v.Feed}, {"alternate", v.URL("/diary")}}, Updated: time.Unix(0, 0).UTC().Format(time.RFC3339)}
	for i, e := range v.Entries {
		at := e.At.UTC().Format(time.RFC3339)
		if i == 0 {
			f.Updated = at
		}
		f.Entries = append(f.Entries, atomEntry{ID: v.BaseURL + e.Link + fmt.Sprintf("#%s-%08x", at, crc32.ChecksumIEEE([]byte(e.What))), Title: e.About + ": " + e.What,
			Updated: at, Link: atomLink{"alternate", v.BaseURL + e.Link}, Author: v.BaseURL})
	}
	text, err := xml.Marshal(f)
	return append([]byte(xml.Header), text...), err
}
