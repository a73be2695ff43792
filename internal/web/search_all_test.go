package web

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
)

// notFound are the texts of content that search does not look at, and why. A text that is added is looked for.
var notFound = map[string]string{
	"Issue.Slug": "a name for programs", "Issue.Timezone": "a name for programs", "Issue.Languages": "codes", "Issue.SealTo": "keys", "Issue.Coordinator": "shown to nobody",
	"Section.ID": "a name for programs", "Section.Nav": "the title, shorter",
	"Action.Issue": "a name for programs", "Action.Slug": "a name for programs", "Action.PID": "a name for programs", "Action.Successor": "a name for programs", "Action.Targets": "codes",
	"Opportunity.Languages": "codes", "Question.Slug": "a name for programs", "Addressee.Slug": "a name for programs", "Addressee.Email": "our mails go there, and no page shows it",
	"BillID.Type": "a code", "Bill.SponsorID": "a name for programs", "Bill.CosponsorIDs": "names for programs", "Bill.Laws": "told by its steps", "Bill.Source": "every bill has the same",
	"BillCommittee.Code": "a name for programs",
	"Organization.Slug":  "a name for programs", "Organization.Languages": "codes", "OrganizationCampaign.Slug": "a name for programs",
	"Resource.Slug": "a name for programs", "Resource.Language": "a code", "Resource.Prepares": "a name for programs", "ResourceLink.Archived": "the address of a copy",
	"Link.MovedTo": "what the checker saw", "Link.ETag": "what the checker saw", "Link.Modified": "what the checker saw",
	"ResourceText.Publisher": "in a translation", "OrganizationText.Region": "in a translation", "FactText.Source": "in a translation", "FactText.Licence": "in a translation",
	"Fact.Slug": "a name for programs", "Fact.Section": "a name for programs", "Fact.Series": "names for programs", "FactRow.Period": "a date",
}

// marker puts a word of its own into every text of content.
type marker struct {
	words map[string]string // to where it stands
}

func (m *marker) mark(v reflect.Value, at string) {
	switch v.Kind() {
	case reflect.Pointer:
		m.mark(v.Elem(), at)
	case reflect.Slice:
		for i := range v.Len() {
			m.mark(v.Index(i), at)
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			value := reflect.New(v.Type().Elem()).Elem()
			value.Set(v.MapIndex(key))
			if m.mark(value, at); key.String() == "en" {
				v.SetMapIndex(key, value)
			} else {
				v.SetMapIndex(key, reflect.Value{})
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			at := v.Type().Name() + "." + f.Name
			if f.IsExported() && notFound[at] == "" {
				m.mark(v.Field(i), at)
			}
		}
	case reflect.String:
		if v.Type() == reflect.TypeFor[string]() {
			word := fmt.Sprintf("zq%dx", len(m.words))
			m.words[word] = at
			if strings.Contains(at, "URL") {
				word = "https://" + word + ".example/"
			}
			v.SetString(word)
		}
	}
}

func TestSearchFindsEveryTextOfEveryNoun(t *testing.T) {
	content := sampleContent()
	content.Remove(undersigned.NounID{Issue: "detention", Kind: undersigned.ActionNoun, Slug: "draft"})
	volunteer := content.Action("volunteer")
	text := volunteer.Texts["en"]
	text.Opportunity = undersigned.OpportunityText{Questions: []undersigned.QuestionText{{Choices: []string{"one"}}}}
	volunteer.Texts["en"], volunteer.PID = text, "00000000000000vo"
	volunteer.Opportunity = undersigned.Opportunity{Coordinator: undersigned.Coordinator{ShowEmail: true}, Questions: []undersigned.Question{{Slug: "q"}}}
	content.Bills[0].Committees = []undersigned.BillCommittee{{}}
	content.Actions = slices.DeleteFunc(content.Actions, func(a undersigned.Action) bool { return a.Kind.Signable() && a.Slug != "equality" })

	m := &marker{words: map[string]string{}}
	m.mark(reflect.ValueOf(content), "")
	kinds := map[string]bool{}
	for _, at := range m.words {
		kind, _, _ := strings.Cut(at, ".")
		kinds[kind] = true
	}
	for _, kind := range []string{"Issue", "IssueText", "Section", "ActionText", "Addressee", "OpportunityText", "QuestionText", "Coordinator", "Bill", "BillText", "BillEvent", "BillCommittee",
		"BillSuccessor", "Organization", "FormerName", "OrganizationText", "OrganizationCampaignText", "Resource", "ResourceText", "ResourceLink", "Fact", "FactText"} {
		if !kinds[kind] {
			t.Errorf("the content has no %s", kind)
		}
	}
	c := testViews(t).chrome("en", "https://example.org", "/search")
	x := newSiteIndex(c, sampleFindable(&store.Site{Contents: []*undersigned.Content{content}}))
	found := map[string]bool{}
	for word, at := range m.words {
		found[at] = found[at] || x.Find(word, 1).Total > 0
	}
	for at, ok := range found {
		if !ok {
			t.Errorf("%s is not found", at)
		}
	}
}

func TestSearchFindsEveryKindOfEventAtItsPlaceInTheDiary(t *testing.T) {
	source, err := os.ReadFile("../../event.go")
	if err != nil {
		t.Fatal(err)
	}
	sampled := map[string]bool{}
	for _, e := range sampleEvents() {
		sampled[string(e.Kind)] = true
	}
	kinds := regexp.MustCompile(`EventKind = "(\w+)"`).FindAllStringSubmatch(string(source), -1)
	if len(kinds) < 10 {
		t.Fatalf("%d kinds of events", len(kinds))
	}
	for _, kind := range kinds {
		if !sampled[kind[1]] {
			t.Errorf("no sample of the event %s", kind[1])
		}
	}
	site := &store.Site{Contents: []*undersigned.Content{sampleContent()}}
	v := testViews(t)
	for _, lang := range v.cat.Languages() {
		c := v.chrome(lang, "https://example.org", "/search")
		x := newSiteIndex(c, sampleFindable(site))
		for _, entry := range newDiary(c, site, sampleEvents(), sampleNow).Entries {
			found := false
			f := x.Find(entry.About+" "+entry.What, len(x.things))
			for _, h := range f.Hits {
				found = found || x.things[h.Entry].link == c.Link(entry.path())
			}
			if !found || !f.All {
				t.Errorf("%s: not found: %s: %s", lang, entry.About, entry.What)
			}
		}
	}
}

// pagesNotFound are the pages that search leads nobody to, and why.
var pagesNotFound = map[string]string{
	"/":           "what it lists is found itself",
	"/search":     "itself",
	"/diary.atom": "the diary, for programs", "/robots.txt": "for programs", "/healthz": "for programs", "/readyz": "for programs", "/metrics": "for programs", "/legislators.json": "for programs",
	"/organizations/{organization}/correct": "a form, on the page of the organisation", "/organizations/{organization}/correct/check-mail": "after a form",
	"/confirm/{token}": "one person's", "/confirm/offer/{token}": "one person's", "/confirm/letter/{token}": "one person's", "/confirm/correction/{token}": "one person's",
	"/offers/{token}": "one person's", "/attend/{token}": "one person's", "/my/{token}": "one person's", "/my/{token}/news/{issue}": "one person's", "/unsubscribe/{token}": "one person's",
	"/my/check-mail": "after a form", "/{issue}/{action}/check-mail": "after a form",
	"/log/petitions.json": "for programs", "/log/checkpoint": "for programs", "/log/tile": "for programs", "/log/tile/{tile...}": "for programs", "/log/vkey": "for programs",
	"/log/policy": "for programs", "/log/spec": "for programmers, on the log's page", "/log/text/{pid}/{version}": "its words are found where it is explained",
	"/static/{hash}/{file}": "for programs", "/dev/mail": "of a site that is tried out",
	"/{issue}/sheet": "the issue's asks, on paper", "/{issue}/pack.zip": "the issue, for programs", "/{issue}/qr.svg": "a picture", "/{issue}/qr.png": "a picture", "/{issue}/card.png": "a picture",
	"/{issue}/{action}/qr.svg": "a picture", "/{issue}/{action}/qr.png": "a picture", "/{issue}/{action}/card.png": "a picture", "/{issue}/{action}/count.json": "for programs",
}

func TestSearchLeadsToEveryPublicPageOrSaysWhyNot(t *testing.T) {
	s := newSite(t)
	site := &store.Site{Contents: []*undersigned.Content{sampleContent()}}
	led := map[string]bool{}
	for _, thing := range newThings(s.views.chrome("en", "https://example.org", "/"), sampleFindable(site)) {
		u, err := url.Parse(thing.link)
		s.must(err)
		for _, mux := range s.muxes {
			if _, pattern := mux.Handler(httptest.NewRequest(http.MethodGet, u.Path, nil)); pattern != "/" {
				led[strings.TrimSuffix(strings.TrimPrefix(pattern, "GET "), "{$}")] = true
			}
		}
	}
	for _, route := range everyRoute(t, s) {
		method, path := route[0], route[1]
		if method != http.MethodGet || strings.HasPrefix(path, "/admin") {
			continue
		}
		switch why := pagesNotFound[path]; {
		case !led[path] && why == "":
			t.Errorf("nothing leads to %s", path)
		case led[path] && why != "":
			t.Errorf("search leads to %s: %s", path, why)
		}
	}
}
