package web

import (
	"testing"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
	"github.com/undersigned/undersigned/internal/congress"
	"github.com/undersigned/undersigned/internal/locale"
	"github.com/undersigned/undersigned/internal/mail"
	"github.com/undersigned/undersigned/internal/store"
)

// sampleNow is before the end of the 119th Congress.
var sampleNow = time.Date(2026, time.November, 22, 17, 0, 0, 0, time.UTC)

var (
	deadBill = undersigned.BillID{Congress: 112, Type: "hr", Number: 1932}
	openBill = undersigned.BillID{Congress: 119, Type: "hr", Number: 6397}
)

// sampleContent has every kind of ask in every state, and entries with everything and with nothing. Some of it is in
// English alone.
func sampleContent() *undersigned.Content {
	words := func(en, es string) map[string]undersigned.ActionText {
		texts := map[string]undersigned.ActionText{"en": {Title: en, Ask: en + ", please.", Body: "Why **" + en + "** matters. [Read](https://example.org/a).",
			Subject: "About " + en, Words: "Dear Representative,\n\nI ask for " + en + ".\n\n[your name]", Outcome: "What became of " + en + "."}}
		if es != "" {
			texts["es"] = undersigned.ActionText{Title: es, Ask: es + ", por favor.", Body: "Por qué importa."}
		}
		return texts
	}
	ask := func(slug string, kind undersigned.ActionKind, state undersigned.ActionState, texts map[string]undersigned.ActionText) undersigned.Action {
		a := undersigned.Action{Issue: "detention", Slug: slug, Kind: kind, State: state, Texts: texts, Goal: 5000}
		if kind.Signable() {
			a.PID, a.Version = "00000000000000"+slug[:2], 1
		}
		return a
	}
	const open = undersigned.ActionOpen
	c := &undersigned.Content{
		Issue: undersigned.Issue{Slug: "detention", State: undersigned.IssueOpen, Languages: []string{"en", "es"},
			Timezone: "America/New_York", Publisher: "Center for Human Rights", Organizer: "The Center",
			Texts: map[string]undersigned.IssueText{
				"en": {Title: "Detention", Summary: "The last resort.", Body: "# One\n\nText with <b>HTML</b>.\n\n### Two\n\nMore.",
					Sections: []undersigned.Section{{ID: "learn", Title: "Learn first", Nav: "Learn", Intro: "Begin [here](#act)."}, {ID: "act", Title: "Act"}}},
				"es": {Title: "Detención", Summary: "El último recurso.", Body: "Texto.", Sections: []undersigned.Section{{ID: "help", Title: "Ayuda", Intro: "Aquí."}}}}},
		Actions: []undersigned.Action{
			ask("equality", undersigned.Petition, open, words("Equality", "Igualdad")),
			ask("promise", undersigned.Pledge, open, words("Promise", "")),
			ask("letter", undersigned.Letter, open, words("Letter", "Carta")),
			ask("dignity", undersigned.Call, open, words("Dignity", "Dignidad")),
			ask("theirs", undersigned.Elsewhere, open, words("Theirs", "Suyo")),
			ask("broken", undersigned.Elsewhere, open, words("Broken", "")),
			ask("volunteer", undersigned.Volunteer, open, words("Volunteer", "")),
			ask("later", undersigned.Petition, open, words("Later", "")),
			ask("paused", undersigned.Petition, undersigned.ActionPaused, words("Paused", "")),
			ask("oppose", undersigned.Petition, open, words("Oppose", "")),
			ask("overdue", undersigned.Pledge, open, words("Overdue", "")),
			ask("ended", undersigned.Letter, undersigned.ActionClosed, words("Ended", "")),
			ask("draft", undersigned.Petition, undersigned.ActionDraft, words("Draft", "")),
		},
		Bills: []undersigned.Bill{
			{BillID: deadBill, Title: "Keep Our Communities Safe Act", Stage: undersigned.OnCalendar, Introduced: "2011-05-23",
				Sponsor: "Lamar Smith", Cosponsors: 1, AsOf: "2026-11-22", Source: "https://www.congress.gov/bill/112th-congress/house-bill/1932",
				Events:     []undersigned.BillEvent{{Date: "2011-05-23", Texts: map[string]string{"en": "Introduced", "es": "Presentado"}}, {Date: "2011-07-14", Texts: map[string]string{"en": "Ordered reported"}}},
				Successors: []undersigned.BillSuccessor{{Bill: openBill, Title: "Another", Date: "2013-05-08"}, {PublicLaw: "119-1", Title: "Laken Riley Act", Date: "2025-01-29"}},
				Texts:      map[string]undersigned.BillText{"en": {Summary: "One sentence.", Body: "What it was."}}},
			{BillID: openBill, Title: "Dignity for Detained Immigrants Act", Stage: undersigned.InCommittee},
		},
		Organizations: []undersigned.Organization{
			{Slug: "mira", Name: "Massachusetts Coalition", Short: "MIRA", URL: "https://www.miracoalition.org/x", Kind: undersigned.Coalition, Region: "New England", Languages: []string{"en", "es"}, Phone: "1-617-555-0100", Email: "hello@mira.example", Address: "1 Some Street\nBoston, MA 02108", Founded: 1987, VerifiedOn: "2026-11-20", VerifiedBy: "Ana", AsOf: "2026-11-22",
				FormerNames: []undersigned.FormerName{{Name: "Old Name", Until: "2024-01-15"}, {Name: "Older Name"}},
				Campaigns:   []undersigned.OrganizationCampaign{{Slug: "dignity", Name: "Dignity", URL: "https://example.org/", Launched: "2010-02-25", Texts: map[string]undersigned.OrganizationCampaignText{"en": {Body: "Whether it still runs is unchecked."}}}},
				Texts:       map[string]undersigned.OrganizationText{"en": {Body: "The largest."}, "es": {Body: "La mayor."}}},
			{Slug: "bare", Name: "Bare", Kind: undersigned.LegalHelp, Region: "US", AsOf: "2026-11-22", Texts: map[string]undersigned.OrganizationText{"en": {Body: "Only a name."}}},
		},
		Resources: []undersigned.Resource{
			{Slug: "film", Shelf: undersigned.Learn, Kind: undersigned.Film, Publisher: "PBS", Published: "2011-10-18", Minutes: 54, Language: "en", AsOf: "2026-11-22",
				Links: []undersigned.ResourceLink{{URL: "https://www.pbs.org/film", Label: "Frontline", Link: undersigned.Link{State: undersigned.LinkWorks, CheckedAt: sampleNow}},
					{URL: "https://dead.example/film", Archived: "https://archive.example/film", Link: undersigned.Link{State: undersigned.LinkBroken, CheckedAt: sampleNow, FailingSince: sampleNow.AddDate(0, 0, -4), WorkedAt: sampleNow.AddDate(0, 0, -9)}},
					{URL: "https://wall.example/film", Link: undersigned.Link{State: undersigned.LinkUnclear, CheckedAt: sampleNow}},
					{URL: "https://failing.example/film", Link: undersigned.Link{State: undersigned.LinkFailing, CheckedAt: sampleNow}}},
				Texts: map[string]undersigned.ResourceText{"en": {Title: "Lost", Body: "A film."}}},
			{Slug: "locator", Shelf: undersigned.Help, Kind: undersigned.Service, Phone: "1-800-898-7180", AsOf: "2026-11-22",
				Links: []undersigned.ResourceLink{{URL: "https://locator.ice.gov", Link: undersigned.Link{State: undersigned.LinkMoved, CheckedAt: sampleNow}}},
				Texts: map[string]undersigned.ResourceText{"en": {Title: "Find them", Body: "How."}, "es": {Title: "Encontrar", Body: "Cómo."}}},
		},
	}
	c.Facts = sampleFacts()
	change := func(slug string, f func(*undersigned.Action)) { f(c.Action(slug)) }
	change("dignity", func(a *undersigned.Action) {
		a.Bill, a.Position, a.Targets = openBill, undersigned.Support, []string{"house", "senate", "president"}
	})
	change("oppose", func(a *undersigned.Action) {
		a.Bill, a.Position, a.Successor = deadBill, undersigned.Oppose, "equality"
	})
	change("letter", func(a *undersigned.Action) {
		a.Targets, a.Addressees = []string{"house"}, []undersigned.Addressee{
			{Slug: "governor", Name: "Ana Gómez", Role: "Governor", Email: "office@governor.example", Phone: "617-555-0100", Address: "State House, 24 Beacon Street, Boston, MA 02133", URL: "https://governor.example/contact"},
			{Slug: "bare", Name: "Field Office", Role: "Director", Address: "1 Main Street"}}
	})
	change("theirs", func(a *undersigned.Action) {
		a.Owner, a.URL = "American Civil Liberties Union", "https://www.aclu.org/pledge"
	})
	change("broken", func(a *undersigned.Action) {
		a.Owner, a.URL, a.Link = "Somebody", "https://example.org/", undersigned.Link{State: undersigned.LinkBroken, CheckedAt: sampleNow, FailingSince: sampleNow.AddDate(0, 0, -3)}
	})
	change("later", func(a *undersigned.Action) { a.Opens = sampleNow.AddDate(0, 1, 0) })
	change("overdue", func(a *undersigned.Action) { a.Closes = undersigned.Day("2026-06-30").End(undersigned.Eastern) })
	change("equality", func(a *undersigned.Action) { a.Closes = undersigned.Day("2027-06-30").End(undersigned.Eastern) })
	change("ended", func(a *undersigned.Action) { a.Ended = "2020-01-02" })
	return c
}

// sampleFacts are a line of two series with a gap, which is stale, and bars; the second in English alone.
func sampleFacts() []undersigned.Fact {
	row := func(period string, figures ...undersigned.Figure) undersigned.FactRow {
		return undersigned.FactRow{Period: period, Figures: figures}
	}
	return []undersigned.Fact{
		{Slug: "held", Chart: undersigned.LineChart, Section: "learn", Source: "ICE", SourceURL: "https://www.ice.gov/x", Licence: "Public domain",
			AsOf: "2026-04-02", FreshFor: 90, Step: undersigned.ByMonth, Series: []string{"ice", "cbp"},
			Rows: []undersigned.FactRow{row("2026-01", "12000", "8000.5"), row("2026-02", "", "9000"), row("2026-04", "15000", "7000")},
			Texts: map[string]undersigned.FactText{
				"en": {Title: "People held", Unit: "people on an average day", Series: []string{"Arrested by ICE", "=Arrested by CBP"}, Body: "Averages."},
				"es": {Title: "Personas detenidas", Unit: "personas en un día promedio", Series: []string{"Por ICE", "Por CBP"}, Body: "Promedios."}}},
		{Slug: "enrolled", Chart: undersigned.BarChart, Section: "learn", Source: "ICE", Licence: "Public domain", AsOf: "2026-04-04", FreshFor: 365,
			Step: undersigned.ByYear, Series: []string{"all"}, Rows: []undersigned.FactRow{row("2024", "179071"), row("2025", "0"), row("2026", "180701")},
			Texts: map[string]undersigned.FactText{"en": {Title: "Enrolled", Unit: "people", Series: []string{"Enrolled"}, Body: "On one day."}}},
	}
}

// pageState is one page in one state.
type pageState struct {
	name, template string
	view           any
}

// sampleEvents are events of every kind that the diary tells.
func sampleEvents() (events []undersigned.Event) {
	event := func(kind undersigned.EventKind, subject, detail string) {
		events = append(events, undersigned.Event{At: sampleNow.Add(-time.Hour), Kind: kind, Issue: "detention", Subject: subject, Detail: detail})
	}
	event(undersigned.AskOpened, "equality", "")
	event(undersigned.AskPaused, "equality", string(undersigned.ReasonPaused))
	event(undersigned.AskBraked, "equality", "")
	event(undersigned.AskUnbraked, "equality", "")
	event(undersigned.AskReworded, "equality", "2")
	event(undersigned.AskClosed, "oppose", string(undersigned.ReasonDied))
	event(undersigned.BillMoved, openBill.String(), string(undersigned.PassedHouse))
	event(undersigned.HandedOver, "equality", "C001101 Katherine M. Clark")
	event(undersigned.Answered, "equality", "C001101 Katherine M. Clark")
	event(undersigned.NameChanged, "Global Refuge", "LIRS")
	event(undersigned.LinkDied, "https://dead.example/film", string(undersigned.FoundNothing))
	event(undersigned.LinkBack, "https://www.miracoalition.org/x", "")
	event(undersigned.AskPaused, "broken", string(undersigned.ReasonLinkBroken))
	event(undersigned.SitePaused, "", "")
	event(undersigned.SiteResumed, "", "")
	return events
}

// pageStates is every page in every state that a reader can meet.
func pageStates(t *testing.T, v *views, lang string) []pageState {
	t.Helper()
	return pageStatesOf(t, v, lang, sampleContent())
}

// pageStatesOf is the same of another cause.
func pageStatesOf(t *testing.T, v *views, lang string, content *undersigned.Content) []pageState {
	t.Helper()
	site := &store.Site{Contents: []*undersigned.Content{content}}
	counts := map[string]store.Count{content.Action("equality").PID: {Counted: 1234, AsOf: sampleNow, TreeSize: 1300},
		content.Action("oppose").PID: {Counted: 3, AsOf: sampleNow}}
	at := func(path string) chrome { return v.chrome(lang, "https://example.org", path) }
	ofYear, _ := newDiaryYear(at("/diary/2011"), site, sampleEvents(), "2011", sampleNow)
	states := []pageState{
		{"home", "home", newHome(at("/"), site, counts, sampleNow)},
		{"home, paused", "home", newHome(at("/"), &store.Site{Contents: site.Contents, Paused: sampleNow}, counts, sampleNow)},
		{"home, empty", "home", newHome(at("/"), &store.Site{}, nil, sampleNow)},
		{"issue", "issue", newIssue(at("/detention"), content, counts, sampleNow)},
		{"issue, after its Congress", "issue", newIssue(at("/detention"), content, nil, sampleNow.AddDate(1, 0, 0))},
		{"issue, archived and empty", "issue", newIssue(at("/bare"), &undersigned.Content{Issue: undersigned.Issue{Slug: "bare",
			State: undersigned.IssueArchived, Languages: []string{"en"}, Texts: content.Issue.Texts}}, nil, sampleNow)},
		{"organizations", "organizations", newDirectory(at("/organizations"), directory(site), filter{}, false)},
		{"organizations, empty", "organizations", newDirectory(at("/organizations"), nil, filter{}, false)},
		{"organizations, chosen", "organizations", newDirectory(at("/organizations").chosen("region=New+England"), directory(site), filter{region: "New England"}, false)},
		{"organizations, nobody", "organizations", newDirectory(at("/organizations").chosen("kind=legal&region=US"), directory(site), filter{region: "US", kind: "legal"}, false)},
		{"organizations, unknown", "organizations", newDirectory(at("/organizations"), directory(site), filter{}, true)},
		{"organization", "organization", newOrganizationPage(at("/organizations/mira"), directory(site)[0])},
		{"organization, bare", "organization", newOrganizationPage(at("/organizations/bare"), directory(site)[1])},
		{"search", "search", newSearch(at("/search"), "", false)},
		{"search, empty", "search", newSearch(at("/search"), "", true)},
		{"search, found", "search", searched(at("/search"), site, "bill detention")},
		{"search, everything", "search", searched(at("/search"), site, "why it matters")},
		{"search, nothing", "search", searched(at("/search"), site, "zebra")},
		{"search, no words", "search", searched(at("/search"), site, "* OR (")},
		{"learn", "learn", newLearn(at("/learn"), site, sampleNow)},
		{"fact, a stale line of two series", "fact", newFactPage(at("/facts/held"), content, content.Fact("held"), sampleNow)},
		{"fact, bars", "fact", newFactPage(at("/facts/enrolled"), content, content.Fact("enrolled"), sampleNow)},
		{"past, both asks open", "past", newPast(at("/detention"), content, "2012-07-20", sampleNow)},
		{"past, before everything", "past", newPast(at("/detention"), content, "1999-01-01", sampleNow)},
		{"past, to come", "past", newPast(at("/detention"), content, "2027-01-04", sampleNow)},
		{"diary", "diary", newDiary(at("/diary"), site, sampleEvents(), sampleNow)},
		{"diary, a year", "diary", ofYear},
		{"diary, empty", "diary", newDiary(at("/diary"), &store.Site{}, nil, sampleNow)},
		{"help", "help", newHelp(at("/detention/help"), content, sampleNow)},
		{"privacy", "privacy", newPrivacy(at("/privacy"), site, sampleSeized(at("/privacy")))},
		{"privacy, of a new site", "privacy", newPrivacy(at("/privacy"), &store.Site{}, newSeized(at("/privacy"), &action.Seized{}, 3, sampleNow))},
		{"log", "log", newLog(at("/log"), site, counts, store.Checkpoint{Size: 1300, At: sampleNow}, "example.org/log+0+key")},
		{"log, empty", "log", newLog(at("/log"), &store.Site{}, nil, store.Checkpoint{}, "example.org/log+0+key")},
		{"bill, dead", "bill", newBill(at("/bills/112/hr/1932"), content, content.Bill(deadBill), sampleNow)},
		{"bill, open", "bill", newBill(at("/bills/119/hr/6397"), content, content.Bill(openBill), sampleNow)},
		{"log", "log", newLog(at("/log"), site, counts, store.Checkpoint{Size: 1300, At: sampleNow}, "example.org/log+1+x")},
		{"log, empty", "log", newLog(at("/log"), site, nil, store.Checkpoint{}, "example.org/log+1+x")},
		{"versions of a text", "wordings", newWordings(at("/detention/petition/versions"), content, &content.Actions[0], []store.ActionText{
			{Version: 3, Text: "f\nen\nT\nA\nB\n", At: sampleNow}, {Version: 2, Text: "f\nen\nT\nA\nB\n", At: sampleNow}, {Version: 1, Text: "f\nen\nT\nA\nC\n", At: sampleNow}})},
		{"correct an entry", "correct", correctSample(at("/organizations/dwn/correct"), content, nil)},
		{"correct an entry, wrong", "correct", correctSample(at("/organizations/dwn/correct"), content, &undersigned.Error{Kind: undersigned.Invalid, Key: "error.form",
			Fields: []undersigned.FieldError{{Field: "url", Key: "want.url"}, {Field: "sender", Key: "error.email.empty"}, {Field: "note", Key: "error.correction.nothing"}, {Field: "body", Key: "want.link", Args: []any{"link", "x"}}}})},
		{"correct an entry, mail", "correct_mail", newCorrectMail(at("/organizations/dwn/correct/check-mail"), correctListing(content))},
		{"correct an entry, confirm", "correct_confirm", newConfirmCorrection(at("/confirm/correction/x"), &action.ConfirmedCorrection{Name: "DWN", Correction: sampleCorrection})},
		{"correct an entry, done", "correct_confirm", newConfirmCorrection(at("/confirm/correction/x"), &action.ConfirmedCorrection{Name: "DWN", Done: true, Correction: sampleCorrection})},
		{"my link", "my_link", newMyLink(at("/my"), "token")},
		{"unsubscribe", "unsubscribe", newUnsubscribe(at("/unsubscribe/token"), "token", &action.Stop{Goes: true})},
		{"unsubscribe, trial", "unsubscribe", newUnsubscribe(at("/unsubscribe/token"), "token", &action.Stop{News: true, Trial: true})},
		{"unsubscribed", "unsubscribe", newUnsubscribe(at("/unsubscribe/token"), "token", &action.Stop{})},
		{"end the news", "unsubscribe", newUnsubscribe(at("/unsubscribe/token"), "token", &action.Stop{News: true, Goes: true, Content: content})},
		{"ended the news", "unsubscribe", newUnsubscribe(at("/unsubscribe/token"), "token", &action.Stop{News: true})},
		{"news, asked for", "news", newNews(at("/my/token/news/detention"), "token", &action.MySubscription{Content: content, On: true, Day: "2026-11-01",
			Consent: newsConsent(at("/"), &content.Issue)}, false)},
		{"news, not asked for", "news", newNews(at("/my/token/news/detention"), "token", &action.MySubscription{Content: content}, false)},
		{"news, ended", "news", newNews(at("/my/token/news/detention"), "token", &action.MySubscription{Content: content}, true)},
		{"my check mail", "my_check_mail", newMyCheckMail(at("/my/check-mail"))},
		{"dev mail", "dev_mail", newDevMail(at("/dev/mail"), []*mail.Kept{{Name: "a", From: "Us", To: "you@example.org", Subject: "Please confirm",
			Date: sampleNow, Text: "https://example.org/confirm/x", Links: []string{"https://example.org/confirm/x"}}})},
		{"dev mail, empty", "dev_mail", newDevMail(at("/dev/mail"), nil)},
	}
	wrongAddress := newMyLink(at("/my"), "token")
	wrongAddress.failed("a@b@c", &undersigned.Error{Kind: undersigned.Invalid, Key: "error.form", Fields: []undersigned.FieldError{{Field: "email", Key: "error.email.two_at"}}})
	states = append(states, pageState{"my link, wrong", "my_link", wrongAddress})
	for i := range content.Actions {
		if a := &content.Actions[i]; a.State != undersigned.ActionDraft {
			states = append(states, pageState{"action " + a.Slug, "action", newAction(at(actionPath(a)), content, a, counts[a.PID], "token", sampleNow)})
		}
	}
	states = append(states, sheetStates(t, v, at, content)...)
	braked := newAction(at("/detention/equality"), content, content.Action("equality"), counts[content.Action("equality").PID], "token", sampleNow)
	braked.brake(&store.Site{Brakes: map[string]store.Brake{content.Action("equality").PID: {Waiting: 1234}}}, content.Action("equality").PID)
	states = append(states, pageState{"action equality, braked", "action", braked})
	states = append(states, placeStates(at, content)...)
	states = append(states, letterStates(at, content)...)
	states = append(states, questionStates(at, content)...)
	states = append(states, failedForms(at, content)...)
	states = append(states, personalStates(at, content)...)
	states = append(states, sealedStates(at)...)
	states = append(states, officeStates(t, at, site, counts)...)
	states = append(states, volunteerStates(at)...)
	desk := func(path string, user *undersigned.User) deskChrome { return v.deskChrome(at(path), user) }
	states = append(states, writeStates(t, func(path string, user *undersigned.User) deskChrome { return v.deskChrome(at(path), user) })...)
	states = append(states, deskStates(desk)...)
	states = append(states, deskSetStates(desk, content)...)
	states = append(states, deskOutStates(desk, content, site)...)
	states = append(states, deskNewsStates(t, desk, site)...)
	states = append(states, deskSeeStates(desk, content, site)...)
	for _, status := range append([]int{418}, problems...) {
		states = append(states, pageState{"problem", "error", newProblem(at("/"), status, "", "abc123")})
	}
	return append(states, pageState{"problem with a key", "error", newProblem(at("/"), 410, "error.link_dead", "")})
}

func searched(c chrome, site *store.Site, query string) searchView {
	v := newSearch(c, query, true)
	v.find(newSiteIndex(c, sampleFindable(site)), sampleNow)
	return v
}

// sampleFindable has of everything one at least.
func sampleFindable(site *store.Site) findable {
	f := findable{site: site, now: sampleNow, table: congress.SampleTable(), events: sampleEvents()}
	if len(site.Contents) > 0 && site.Contents[0].Action("equality") != nil {
		gone := undersigned.Legislator{Bioguide: "K000001", Name: "Ted Kennewick", Term: undersigned.Term{Chamber: undersigned.Senate, State: "MA", Party: "Democrat"}}
		f.past = []undersigned.Legislator{gone}
		f.answers = []undersigned.Answer{{Issue: "detention", Action: "equality", Day: "2026-11-20", Lang: "en", Text: "The Senator shares your concern.", Member: gone},
			{Issue: "detention", Action: "draft", Day: "2026-11-20", Lang: "en", Text: "Unasked.", Member: gone}}
		f.texts = map[string][]store.ActionText{site.Contents[0].Action("equality").PID: {{Version: 2, Text: "f\nen\nEquality\n"}, {Version: 1, Text: "f\nen\nEvenhandedness\n"}}}
	}
	return f
}

// typedForm is a form that is wrong everywhere.
var typedForm = undersigned.SignatureForm{GivenName: `www.example.com "><script>`, Email: "a@b@c", PostalCode: "1", Country: "FR",
	Comment: "</textarea><b>", Deliver: true}

func failedForms(at func(string) chrome, content *undersigned.Content) []pageState {
	var states []pageState
	fail := func(name, slug string, problem *undersigned.Error) {
		a := content.Action(slug)
		page := newAction(at(actionPath(a)), content, a, store.Count{}, "token", sampleNow)
		page.failed(typedForm, problem)
		states = append(states, pageState{name, "action", page})
	}
	var wrong []undersigned.FieldError
	for _, field := range []string{"given_name", "family_name", "email", "postal_code", "country", "comment"} {
		wrong = append(wrong, undersigned.FieldError{Field: field, Key: "error.name.long", Args: []any{"max", 120}})
	}
	fail("form, wrong everywhere", "equality", &undersigned.Error{Kind: undersigned.Invalid, Key: "error.form", Fields: wrong})
	fail("form, stale token", "equality", undersigned.Fail(undersigned.Invalid, "error.form_token"))
	fail("form, overloaded", "equality", undersigned.Fail(undersigned.Unavailable, "error.overloaded"))
	fail("form, closed meanwhile", "oppose", undersigned.Fail(undersigned.Gone, "error.closed"))
	return states
}

func personalStates(at func(string) chrome, content *undersigned.Content) []pageState {
	petition := content.Action("equality")
	check := newCheckMail(at("/detention/equality/check-mail"), content, petition)
	check.DevMail = "/dev/mail"
	wait := newWait(at("/detention/equality"), "token", 15*time.Second)
	failed := newWait(at("/detention/equality"), "token", 0)
	failed.Problem = failed.T("error.overloaded")
	slow := check
	slow.Slow = true
	states := []pageState{{"check mail", "check_mail", check}, {"check mail, slow", "check_mail", slow}, {"wait", "wait", wait}, {"wait, overloaded", "wait", failed}}
	for _, outcome := range []action.Outcome{action.Unpressed, action.Counted, action.Held, action.Removed, action.Already, action.Withdrawn, action.Forgotten, action.Full, action.Closed, action.Paused} {
		c := &action.Confirmation{Content: content, Action: petition, Language: "en", GivenName: "Ana", Outcome: outcome}
		if outcome == action.Closed {
			c.Action = content.Action("oppose")
		} else if outcome != action.Unpressed {
			c.MyToken, c.ID = "token", "0f"
		}
		states = append(states, pageState{"confirm " + string(outcome), "confirm", newConfirm(at("/confirm/token"), c, sampleNow)})
	}
	for _, how := range []string{leftWithdrawn, leftErased, leftShredded, "nonsense"} {
		page := newMy(at("/my/token"), "token", &action.Mine{Email: "ana@example.org", Expires: sampleNow})
		page.left(how)
		states = append(states, pageState{"my, " + how, "my", page})
	}
	mine := &action.Mine{Email: "ana@example.org", Expires: sampleNow.AddDate(0, 0, 1)}
	states = append(states, pageState{"my, empty", "my", newMy(at("/my/token"), "token", mine)})
	for state := undersigned.SignatureWaiting; state <= undersigned.SignatureInvalidated; state++ {
		class := undersigned.Counted
		if state == undersigned.SignatureCounted {
			class = undersigned.Delivered
		}
		mine.Signatures = append(mine.Signatures, action.MySignature{ID: "0f", Content: content, Action: petition, Name: "Ana Gómez", Class: class, State: state, Day: "2026-11-22"})
	}
	return append(states, pageState{"my", "my", newMy(at("/my/token"), "token", mine)})
}

// sealedStates are the pages of a cause that is sealed, where they differ.
func sealedStates(at func(string) chrome) []pageState {
	content := sampleContent()
	content.Issue.SealTo = []string{"age1one", "age1two"}
	petition := content.Action("equality")
	site := &store.Site{Contents: []*undersigned.Content{content, sampleContent()}}
	confirmed := &action.Confirmation{Content: content, Action: petition, GivenName: "Ana", Outcome: action.Counted, MyToken: "token", ID: "0f"}
	mine := &action.Mine{Email: "ana@example.org", Expires: sampleNow.AddDate(0, 0, 1), Signatures: []action.MySignature{
		{ID: "0f", Content: content, Action: petition, State: undersigned.SignatureCounted, Sealed: true}}}
	return []pageState{
		{"privacy, sealed", "privacy", newPrivacy(at("/privacy"), site, sampleSeized(at("/privacy")))},
		{"action, sealed", "action", newAction(at(actionPath(petition)), content, petition, store.Count{}, "token", sampleNow)},
		{"confirm counted, sealed", "confirm", newConfirm(at("/confirm/token"), confirmed, sampleNow)},
		{"my, sealed", "my", newMy(at("/my/token"), "token", mine)},
	}
}

func testViews(t *testing.T) *views {
	t.Helper()
	v, err := newViews(locale.Load())
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func sampleSeized(c chrome) seizedView {
	return newSeized(c, &action.Seized{SealedRows: store.SealedRows{Signatures: 12345, Waiting: 17, Offers: 3, Letters: 1}, LastDestroyed: sampleNow,
		FormsEnd: sampleNow.AddDate(0, 0, 3), SignaturesEnd: sampleNow.AddDate(0, 4, 12)}, 0, sampleNow)
}
