package web

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
	"github.com/undersigned/undersigned/internal/store"
)

func TestSearchFindsEverythingPublic(t *testing.T) {
	s := newSite(t)
	for query, want := range map[string]string{
		"roof":           `<a href="/shelter">Shelter</a>`,
		"judge":          `<a href="/shelter/equality">`,
		"watch":          `<a href="/organizations/dwn">Detention <mark>Watch</mark> Network</a>`,
		"lost detention": `<a href="/learn#resource-shelter/film"><mark>Lost</mark> in <mark>Detention</mark></a>`,
		"locator":        `<a href="/shelter/help#resource-shelter/locator">`,
		"h.r. 1932":      `<a href="/bills/112/hr/1932">`,
		"encrypted":      `<a href="/privacy">Privacy</a>`,
	} {
		w := s.get("/search?q=" + url.QueryEscape(query))
		wantStatus(t, w, http.StatusOK)
		wantWords(t, w, want)
	}
	wantWords(t, s.get("/search?q=ROOF"), "A <mark>roof</mark> for everyone.")
	wantWords(t, s.get("/es/search?q=declaracion"), `<a href="/es/shelter">Refugio</a>`, "Una <mark>declaración</mark>.")
	wantWords(t, s.get("/search?q=stop"), "· <strong>Closed</strong>", `<a href="/shelter/old"><mark>Stop</mark>`)
	if body := s.get("/search?q=not+yet").Body.String(); strings.Contains(body, "/shelter/hidden") {
		t.Error("a draft was found")
	}
}

func TestSearchFindsWhatStandsInTheDetailsOfAnEntry(t *testing.T) {
	content := sampleContent()
	text := content.Action("volunteer").Texts["en"]
	text.Opportunity = undersigned.OpportunityText{Place: "Springfield", Hours: "Saturdays", Skills: "Plumbing", Questions: []undersigned.QuestionText{{Question: "Driving licence?", Choices: []string{"Motorbike", "Lorry"}}}}
	content.Action("volunteer").Texts["en"] = text
	content.Action("volunteer").Opportunity.Questions = []undersigned.Question{{Slug: "licence", Kind: undersigned.ChoiceQuestion}}
	content.Resources[0].Texts["en"] = undersigned.ResourceText{Title: "Lost", Body: "A film.", Why: "Unforgettable."}
	site := &store.Site{Contents: []*undersigned.Content{content}}
	c := testViews(t).chrome("en", "https://example.org", "/search")
	for query, want := range map[string]string{"springfield": "/detention/volunteer", "saturdays": "/detention/volunteer", "plumbing": "/detention/volunteer",
		"driving": "/detention/volunteer", "motorbike": "/detention/volunteer", "Gómez": "/detention/letter", "governor": "/detention/letter",
		"unforgettable": "/learn#resource-detention/film", "arrested": "/facts/held"} {
		if hits := searched(c, site, query).Hits; len(hits) != 1 || hits[0].Link != want {
			t.Errorf("%s is found in %+v, want %s", query, hits, want)
		}
	}
}

// What becomes of an ask may be written before it ends, and who takes offers is named no longer once they are not taken.
func TestSearchFindsOfAnAskWhatItsPageSays(t *testing.T) {
	content := sampleContent()
	volunteer := content.Action("volunteer")
	volunteer.PID, volunteer.Opportunity.Coordinator = "00000000000000vo", undersigned.Coordinator{Name: "Mr. Ocelot", Email: "secret@ocelot.example"}
	c := testViews(t).chrome("en", "https://example.org", "/search")
	links := func(query string) (links []string) {
		for _, h := range searched(c, &store.Site{Contents: []*undersigned.Content{content}}, query).Hits {
			links = append(links, h.Link)
		}
		return links
	}
	if got := links("became"); len(got) == 0 || slices.Contains(got, "/detention/equality") || !slices.Contains(got, "/detention/ended") {
		t.Errorf("what became of them is found at %v", got)
	}
	if got := links("mr ocelot"); !slices.Equal(got, []string{"/detention/volunteer"}) {
		t.Errorf("the coordinator is found at %v", got)
	}
	if got := links("secret"); len(got) > 0 {
		t.Errorf("an address that nobody is shown is found at %v", got)
	}
	volunteer.State = undersigned.ActionClosed
	if got := links("mr ocelot"); len(got) > 0 {
		t.Errorf("the coordinator of what is over is found at %v", got)
	}
}

func TestSearchTakesWhateverIsTyped(t *testing.T) {
	s := newSite(t)
	for query, want := range map[string]struct {
		status int
		words  string
	}{
		"":                                     {http.StatusOK, "Accents and capitals make no difference."},
		"?q=":                                  {http.StatusOK, "Type a word to look for."},
		"?q=+%09%0a":                           {http.StatusOK, "Type a word to look for."},
		"?q=zebra":                             {http.StatusOK, "Nothing here has any of these words."},
		"?q=***":                               {http.StatusOK, "There is no word in that."},
		"?q=AND+OR+NEAR":                       {http.StatusOK, "There is no word in that."},
		"?q=%22judge%22+AND+-roof*+NEAR/3+(":   {http.StatusOK, "Nothing has all of these words."},
		"?q=judge%00roof":                      {http.StatusOK, "Nothing has all of these words."},
		"?q=%ff%fe%c3":                         {http.StatusOK, "Type a word to look for."},
		"?q=%zz":                               {http.StatusOK, "Accents and capitals make no difference."},
		"?q=judge;drop+table":                  {http.StatusOK, "Accents and capitals make no difference."},
		"?q=%3Cscript%3Ealert(1)%3C/script%3E": {http.StatusOK, "Nothing has all of these words."},
		"?q=" + strings.Repeat("x", 10000):     {http.StatusUnprocessableEntity, "Type 200 characters at most"},
		"?q=" + strings.Repeat("roof+", 2000):  {http.StatusUnprocessableEntity, "Type 200 characters at most"},
		"?q=" + strings.Repeat("%C3%B1", 200):  {http.StatusOK, "Nothing here has any of these words."},
	} {
		w := s.get("/search" + query)
		if w.Code != want.status {
			t.Errorf("%.40s: status %d, want %d", query, w.Code, want.status)
		}
		wantWords(t, w, want.words)
		if strings.Contains(w.Body.String(), "<script>alert") {
			t.Errorf("%s is a script on the page", query)
		}
		if got := w.Header().Get("Cache-Control"); got != "no-store" {
			t.Errorf("%.40s: Cache-Control %q", query, got)
		}
	}
	s.access.flush()
	if logged := s.visited.String() + s.logged.String(); strings.Contains(logged, "zebra") || strings.Contains(logged, "judge") {
		t.Errorf("what was looked for is logged: %s", logged)
	}
}

func TestSearchFollowsTheContent(t *testing.T) {
	s := newSite(t)
	wantWords(t, s.get("/search?q=okapi"), "Nothing here has any of these words.")
	content := testContent()
	content.Organizations[0].FormerNames = []undersigned.FormerName{{Name: "The Okapis"}}
	_, err := s.actions.Import(t.Context(), undersigned.UserID{}, content, true)
	s.must(err)
	s.tick()
	wantWords(t, s.get("/search?q=okapi"), "Formerly The <mark>Okapis</mark>.")
}

func TestSearchFollowsTheDiaryAndNotEachSignature(t *testing.T) {
	s := newSite(t)
	index := func() *siteIndex { s.indexes.mu.Lock(); defer s.indexes.mu.Unlock(); return s.indexes.of["es"] }
	wantWords(t, s.get("/es/search?q=quokka"), "Nada aquí contiene")
	before := index()
	s.confirmed("/shelter/equality", "ana@mail.example")
	s.tick()
	s.get("/es/search?q=quokka")
	if count, _ := s.counted("/shelter/equality"); count == 0 || index() != before {
		t.Errorf("%d signatures counted; the index was made anew: %v", count, index() != before)
	}
	s.happened(undersigned.Event{At: s.now(), Kind: undersigned.NameChanged, Issue: "shelter", Subject: "Los Quokkas", Detail: "Los Canguros"})
	page := s.get("/es/search?q=QUOKKAS+canguros")
	wantWords(t, page, "Cronología, 22 de noviembre de 2026", "<mark>Canguros</mark>", "<mark>Quokkas</mark>")
	link := s.between(page, `<a href="/es/diary/2026#`, `"`)
	wantWords(t, s.get("/es/diary/2026"), `<li id="`+link+`">`, "Los Quokkas")
	for _, path := range []string{"/diary/2025", "/diary/02026", "/diary/x", "/diary/-1"} {
		wantStatus(t, s.get(path), http.StatusNotFound)
	}
}

func TestSearchFindsAnAnswerOfAnOfficeAndAnEarlierText(t *testing.T) {
	s := newSite(t)
	wantWords(t, s.get("/search?q=clark"), `<a href="/offices/C001101">Katherine M. <mark>Clark</mark>`)
	wantWords(t, s.get("/search?q=wombats"), "Nothing here has any of these words.")
	passed := action.Passed{Bioguide: "C001101", Issue: "shelter", Action: "equality", Day: "2026-11-21"}
	_, err := s.actions.HandOver(t.Context(), undersigned.UserID{}, passed, "", 0)
	s.must(err)
	_, err = s.actions.Answered(t.Context(), undersigned.UserID{}, passed, "en", "I stand with the wombats.")
	s.must(err)
	s.tick()
	wantWords(t, s.get("/es/search?q=wombats"), `<p lang="en" dir="ltr">I stand with the <mark>wombats</mark>.`, `href="/es/offices/C001101"`)

	content := testContent()
	text := content.Action("equality").Texts["en"]
	text.Ask = "Nobody is to be held without bail."
	content.Action("equality").Texts["en"] = text
	_, err = s.actions.Import(t.Context(), undersigned.UserID{}, content, true)
	s.must(err)
	s.tick()
	s.tick()
	wantWords(t, s.get("/search?q=judge"), `<a href="/shelter/equality/versions#version-1">`)
}

// happened adds to the diary.
func (s *testSite) happened(events ...undersigned.Event) {
	s.t.Helper()
	s.must(s.db.Update(s.t.Context(), store.Client, func(tx *store.Tx) error {
		for _, e := range events {
			if err := tx.AddEvent(e); err != nil {
				return err
			}
		}
		return nil
	}))
	s.tick()
}

// BenchmarkSearch asks a site of 10,000 organisations, with 10,000 events in its diary, page and all.
func BenchmarkSearch(b *testing.B) {
	content := testContent()
	words := strings.Fields("detention judge family shelter court hearing release bond lawyer visit phone child border asylum rights petition Boston Texas")
	for i := range 10000 {
		var body strings.Builder
		for n := range 100 {
			fmt.Fprintf(&body, "%s%d ", words[(i*31+n*n)%len(words)], (i*7+n*13)%300)
		}
		content.Organizations = append(content.Organizations, undersigned.Organization{Slug: fmt.Sprint("o", i), Name: fmt.Sprint("Organization ", i), Order: i,
			AsOf: "2026-11-22", Texts: map[string]undersigned.OrganizationText{"en": {Body: body.String()}}})
	}
	s := newSiteOf(b, content, &url.URL{Scheme: "https", Host: testHost})
	var events []undersigned.Event
	for i := range 10000 {
		events = append(events, undersigned.Event{At: s.now().Add(-time.Duration(i) * time.Hour), Kind: undersigned.HandedOver, Issue: "shelter", Subject: "equality", Detail: fmt.Sprintf("C%06d Member %d", i, i)})
	}
	s.happened(events...)
	for _, query := range []string{"judge17", "judge", "detention+family+shelter", "zebra", "office", "handed+over+member+77"} {
		wantStatus(b, s.get("/search?q="+query), http.StatusOK)
		b.Run(query, func(b *testing.B) {
			for b.Loop() {
				s.get("/search?q=" + query)
			}
		})
	}
}
