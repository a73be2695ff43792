package web

import (
	"encoding/xml"
	"fmt"
	"hash/crc32"
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
	Entries []diaryEntry
}

type diaryEntry struct {
	At         time.Time
	Date, Day  string
	What, Lang string // Lang where the words are in another language
	Link       string // of what it is about; empty where we have no page
	About      string // the words of that link
	AboutLang  string
}

// maxDiary is how many entries the diary shows.
const maxDiary = 200

// newDiary tells the events that were stored and the steps of the bills that content knows.
func newDiary(c chrome, site *store.Site, events []undersigned.Event, now time.Time) diaryView {
	v := diaryView{chrome: c.titled(c.T("page.diary"), c.T("diary.lead")), Feed: c.Link("/diary.atom")}
	for _, e := range events {
		if entry, ok := tellEvent(c, site, e); ok {
			v.Entries = append(v.Entries, entry)
		}
	}
	told := map[undersigned.BillID]bool{}
	for _, content := range site.Contents {
		for i := range content.Bills {
			if bill := &content.Bills[i]; !told[bill.BillID] {
				told[bill.BillID] = true
				v.Entries = append(v.Entries, tellBill(c, content, bill)...)
			}
		}
	}
	v.Entries = slices.DeleteFunc(v.Entries, func(e diaryEntry) bool { return e.At.After(now) })
	slices.SortStableFunc(v.Entries, func(a, b diaryEntry) int { return b.At.Compare(a.At) })
	v.Entries = v.Entries[:min(len(v.Entries), maxDiary)]
	return v
}

// tellEvent puts an event into words; what it is about may be gone from the site, and then it is not told.
func tellEvent(c chrome, site *store.Site, e undersigned.Event) (entry diaryEntry, ok bool) {
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
		return entry, true
	case undersigned.SitePaused, undersigned.SiteResumed:
		entry.What, entry.Link, entry.About = c.T("diary."+string(e.Kind)), c.Link("/"), c.T("page.home")
		return entry, true
	}
	if content == nil {
		return entry, false
	}
	if e.Kind == undersigned.LinkDied || e.Kind == undersigned.LinkBack {
		return tellLink(c, content, e, entry)
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

// tellLink tells of a link by the first entry that has it.
func tellLink(c chrome, content *undersigned.Content, e undersigned.Event, entry diaryEntry) (diaryEntry, bool) {
	for _, use := range content.Links() {
		if use.URL != e.Subject || use.Kind == "action" {
			continue
		}
		entry.Link, entry.About, entry.AboutLang = c.useOf(content, use)
		if entry.What = c.T("diary.link_back"); e.Kind == undersigned.LinkDied {
			entry.What = c.T("diary.link_died")
		}
		return entry, true
	}
	return entry, false
}

func tellBill(c chrome, content *undersigned.Content, bill *undersigned.Bill) (entries []diaryEntry) {
	for _, e := range bill.Events {
		words, lang := textIn(e.Texts, c.Lang(), content.Issue.Languages)
		if words == "" {
			continue
		}
		entries = append(entries, diaryEntry{At: e.Date.Begin(undersigned.Eastern), Day: string(e.Date), Date: c.Day(e.Date),
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
