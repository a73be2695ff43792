package web

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/undersigned/undersigned"
)

func TestTheLanguageSwitchKeepsThePage(t *testing.T) {
	v := testViews(t)
	for _, test := range []struct{ lang, path, link string }{
		{"en", "/", "/"}, {"es", "/", "/es"}, {"es", "/detention/equality", "/es/detention/equality"}, {"en", "/my", "/my"},
	} {
		if got := v.chrome(test.lang, "https://example.org", test.path).Link(test.path); got != test.link {
			t.Errorf("%s %s is at %s, want %s", test.lang, test.path, got, test.link)
		}
	}
	c := v.chrome("es", "https://example.org", "/learn")
	if len(c.Languages) != 3 || c.Languages[0].URL != "https://example.org/learn" || !c.Languages[1].Current {
		t.Errorf("the switch is %+v", c.Languages)
	}
}

func TestTheStatusOfAnAskInWords(t *testing.T) {
	v, content := testViews(t), sampleContent()
	c := v.chrome("en", "https://example.org", "/")
	for slug, want := range map[string]statusView{
		"equality": {Open: true, Label: "Open", Until: "Open until June 30, 2027."},
		"promise":  {Open: true, Label: "Open"},
		"dignity":  {Open: true, Label: "Open", Until: "Open until January 3, 2027 at 12:00 PM EST."},
		"later":    {Label: "Not open yet", Why: "It opens on December 22, 2026. Come back then."},
		"paused":   {Label: "Paused", Why: "The organizer has paused it for now. Names given before still count."},
		"oppose":   {Closed: true, Label: "Closed", Why: "H.R. 1932 died when the 112th Congress ended.", Since: "Closed on January 3, 2013."},
		"overdue":  {Closed: true, Label: "Closed", Why: "Its time was up.", Since: "Closed on June 30, 2026."},
		"ended":    {Closed: true, Label: "Closed", Why: "The organizer has closed it.", Since: "Closed on January 2, 2020."},
	} {
		if got := newStatus(c, content, content.Action(slug), sampleNow); got != want {
			t.Errorf("%s: %+v, want %+v", slug, got, want)
		}
	}
}

// An issue on Pacific time: its own dates are Pacific, what happened in Washington is not moved to the day before.
func TestDatesOfAnIssueInTheWest(t *testing.T) {
	v, content := testViews(t), sampleContent()
	content.Issue.Timezone = "America/Los_Angeles"
	pacific := zoneOf(&content.Issue)
	content.Action("overdue").Closes = undersigned.Day("2026-06-30").End(pacific)
	c := v.chrome("en", "https://example.org", "/")
	for slug, want := range map[string]string{"overdue": "Closed on June 30, 2026.", "ended": "Closed on January 2, 2020."} {
		if got := newStatus(c, content, content.Action(slug), sampleNow).Since; got != want {
			t.Errorf("%s: %s, want %s", slug, got, want)
		}
	}
}

func TestABillsWay(t *testing.T) {
	c := testViews(t).chrome("en", "https://example.org", "/")
	for _, test := range []struct {
		billType       string
		stage, reached undersigned.Stage
		want           string
	}{
		{"hr", undersigned.InCommittee, undersigned.InCommittee, "here ahead ahead ahead ahead ahead"},
		{"hr", undersigned.Died, undersigned.OnCalendar, "done done end ahead ahead ahead ahead"},
		{"s", undersigned.PassedSenate, undersigned.PassedSenate, "done done here ahead ahead ahead"},
		{"hr", undersigned.PassedSenate, undersigned.PassedSenate, "done done here ahead ahead ahead"},
		{"hr", undersigned.Enacted, undersigned.Enacted, "done done done done done here"},
		{"hr", undersigned.Vetoed, undersigned.Vetoed, "done done done done done end ahead"},
		{"s", undersigned.Died, undersigned.PassedBoth, "done done done done end ahead ahead"},
		{"hres", undersigned.AgreedTo, undersigned.AgreedTo, "done done here"},
		{"hconres", undersigned.Died, undersigned.InCommittee, "done end ahead ahead ahead"},
		{"hr", undersigned.Failed, undersigned.Failed, "end ahead ahead ahead ahead ahead ahead"},
	} {
		var states []string
		for _, step := range newBillPath(c, test.billType, test.stage, test.reached) {
			states = append(states, step.State)
		}
		if got := strings.Join(states, " "); got != test.want {
			t.Errorf("%s %s after %s: %s, want %s", test.billType, test.stage, test.reached, got, test.want)
		}
	}
}

func TestTheNextThingToDoIsOpen(t *testing.T) {
	v, content := testViews(t), sampleContent()
	c := v.chrome("en", "https://example.org", "/")
	for done, want := range map[string]string{
		"equality": "/detention/promise",  // the one after it
		"broken":   "/detention/equality", // no open one after it: from the top, past volunteers and closed ones
		"oppose":   "/detention/equality", // the one it names
	} {
		next := nextAsk(c, content, content.Action(done), sampleNow)
		if next == nil || next.Link != want {
			t.Errorf("after %s comes %+v, want %s", done, next, want)
		}
	}
	content.Actions = content.Actions[:1]
	if next := nextAsk(c, content, content.Action("equality"), sampleNow); next != nil {
		t.Errorf("after the only ask comes %s", next.Link)
	}
}

func TestEveryAskButDraftsIsOnThePageOnce(t *testing.T) {
	v, content := testViews(t), sampleContent()
	for _, now := range []time.Time{sampleNow, sampleNow.AddDate(2, 0, 0)} {
		var links []string
		for _, section := range newIssue(v.chrome("en", "https://example.org", "/detention"), content, nil, now).Sections {
			for _, card := range section.Actions {
				links = append(links, card.Link)
			}
		}
		for i := range content.Actions {
			a := &content.Actions[i]
			times := len(slices.DeleteFunc(slices.Clone(links), func(link string) bool { return link != actionPath(a) }))
			if draft := a.State == undersigned.ActionDraft; draft && times != 0 || !draft && times != 1 {
				t.Errorf("%s is on the page %d times", a.Slug, times)
			}
		}
	}
}

func TestCountriesBeginWithTheUnitedStatesInEveryLanguage(t *testing.T) {
	for lang, second := range map[string]string{"en": "Afghanistan", "es": "Afganistán"} {
		options := countryOptions(lang, "MX")
		if options[0].Value != "US" || options[1].Label != second || len(options) != 250 {
			t.Errorf("%s: %d countries, first %v", lang, len(options), options[:2])
		}
		if i := slices.IndexFunc(options, func(o formOption) bool { return o.Selected }); options[i].Value != "MX" {
			t.Errorf("%s: %v is selected", lang, options[i])
		}
	}
}

func TestPhoneNumbersCanBeDialled(t *testing.T) {
	for number, want := range map[string]string{"1-800-898-7180": "tel:+18008987180", switchboard: "tel:+12022243121"} {
		if got := string(newPhone(number).Link); got != want {
			t.Errorf("%s dials %s, want %s", number, got, want)
		}
	}
	if newPhone("") != nil {
		t.Error("an empty number can be dialled")
	}
}
