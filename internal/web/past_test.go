package web

import (
	"encoding/xml"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
)

func TestDiaryTellsEveryEventOnceTheLatestFirst(t *testing.T) {
	v := testViews(t)
	content := sampleContent()
	site := &store.Site{Contents: []*undersigned.Content{content}}
	events := append(sampleEvents(),
		undersigned.Event{At: sampleNow, Kind: undersigned.AskOpened, Issue: "detention", Subject: "gone"}, // no such ask any more
		undersigned.Event{At: sampleNow.Add(time.Hour), Kind: undersigned.AskOpened, Issue: "detention", Subject: "equality"})
	page := newDiary(v.chrome("en", "https://example.org", "/diary"), site, events, sampleNow)
	told := len(sampleEvents())
	for i := range content.Bills {
		told += len(content.Bills[i].Events)
	}
	if len(page.Entries) != told {
		t.Errorf("%d entries, want %d", len(page.Entries), told)
	}
	for i, e := range page.Entries {
		if e.What == "" || e.About == "" || i > 0 && e.At.After(page.Entries[i-1].At) {
			t.Errorf("entry %d: %+v", i, e)
		}
	}
}

func TestDiaryLeadsToTheOrganizationThatHasANewName(t *testing.T) {
	content := sampleContent()
	c := testViews(t).chrome("es", "https://example.org", "/diary")
	for name, want := range map[string]string{"Bare": "/es/organizations/bare", "Older Name": "/es/organizations/mira", "Nobody": "/es/organizations"} {
		events := []undersigned.Event{{At: sampleNow, Kind: undersigned.NameChanged, Issue: "detention", Subject: name, Detail: "Before"}}
		if got := newDiary(c, &store.Site{Contents: []*undersigned.Content{content}}, events, sampleNow).Entries[0]; got.Link != want {
			t.Errorf("%s: the entry leads to %s, want %s", name, got.Link, want)
		}
	}
}

func TestPastShowsTheAsksOfThatDayAndNothingToSubmit(t *testing.T) {
	v := testViews(t)
	content := sampleContent()
	c := v.chrome("en", "https://example.org", "/detention")
	page := newPast(c, content, "2013-01-02", sampleNow)
	dead := content.Action("oppose")
	find := func(cards []actionCard, title string) bool {
		for _, card := range cards {
			if card.Title == title {
				return true
			}
		}
		return false
	}
	title := dead.Texts["en"].Title
	if !find(page.Open, title) {
		t.Error("the day before its Congress ended, the ask is not open")
	}
	if page = newPast(c, content, "2013-01-03", sampleNow); !find(page.Closed, title) {
		t.Error("on the day its Congress ended, the ask is not closed")
	}
	var b strings.Builder
	if err := v.render(&b, "past", page); err != nil {
		t.Fatal(err)
	}
	for _, no := range []string{"<form", "<button", `class="button`, "<input"} {
		if strings.Contains(b.String(), no) {
			t.Errorf("the page of another day has %s", no)
		}
	}
}

func TestPastIsAskedForByDay(t *testing.T) {
	s := newSite(t)
	for query, want := range map[string]int{"on=2012-07-20": http.StatusOK, "on=2026-11-22": http.StatusOK, "on=": 422, "on=2012-02-30": 422,
		"on=20120720": 422, "on=0001-01-01": 422, "on=9999-01-01": 422, "on=%00": 422, "other=1": http.StatusOK} {
		response := s.get("/shelter?" + query)
		if response.Code != want {
			t.Errorf("%s: %d, want %d", query, response.Code, want)
		}
	}
	if response := s.get("/nothing?on=2012-07-20"); response.Code != http.StatusNotFound {
		t.Errorf("an issue that is not there: %d", response.Code)
	}
}

func TestDiaryFeedIsAtom(t *testing.T) {
	s := newSite(t)
	response := s.get("/diary.atom")
	var feed struct {
		XMLName xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
		ID      string   `xml:"id"`
		Updated string   `xml:"updated"`
	}
	if err := xml.Unmarshal(response.Body.Bytes(), &feed); err != nil || response.Code != http.StatusOK {
		t.Fatalf("%d, %v", response.Code, err)
	}
	if _, err := time.Parse(time.RFC3339, feed.Updated); err != nil || feed.ID == "" ||
		!strings.HasPrefix(response.Header().Get("Content-Type"), "application/atom+xml") {
		t.Errorf("feed %+v of type %s", feed, response.Header().Get("Content-Type"))
	}
}

func TestAskThatEndsWithinThirtyDaysSaysSoAndWhatGoesOn(t *testing.T) {
	v := testViews(t)
	content := sampleContent()
	a := content.Action("dignity")
	a.Bill = openBill
	a.Successor = "equality"
	for before, want := range map[time.Duration]bool{31 * 24 * time.Hour: false, 30*24*time.Hour - time.Second: true, time.Second: true} {
		page := newAction(v.chrome("en", "https://example.org", actionPath(a)), content, a, store.Count{}, "", undersigned.CongressEnds(119).Add(-before))
		if page.Status.Soon != want || (page.Successor != nil) != want {
			t.Errorf("%v before its end: warned %v, successor %v", before, page.Status.Soon, page.Successor)
		}
		var b strings.Builder
		if err := v.render(&b, "action", page); err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(b.String(), "Then it closes by itself."); got != want {
			t.Errorf("%v before its end: said %v", before, got)
		}
	}
}
