package mail

import (
	"net/url"
	"strings"
	"testing"

	"github.com/undersigned/undersigned"
)

var base = &url.URL{Scheme: "https", Host: "act.example.org"}

// allNews are updates of each cause; what somebody wrote is in Spanish, whatever the reader's language.
func allNews(c *Composer, lang string) map[string]*News {
	bill := undersigned.BillID{Congress: 119, Type: "hr", Number: 6397}
	content := &undersigned.Content{Issue: undersigned.Issue{Slug: "detention", Languages: []string{"en"}},
		Bills: []undersigned.Bill{{BillID: bill, Title: "Dignity for Detained Immigrants Act"}},
		Actions: []undersigned.Action{
			{Issue: "detention", Slug: "equality", Kind: undersigned.Petition, Bill: bill, Successor: "again",
				Texts: map[string]undersigned.ActionText{"en": {Title: title, Outcome: "The committee *has heard* us."}}},
			{Issue: "detention", Slug: "again", Kind: undersigned.Petition, Texts: map[string]undersigned.ActionText{"en": {Title: "Once more"}}},
		}}
	all := map[string]*News{"hand": NewNews(undersigned.UpdateText{Subject: "Hay novedades",
		Body: "Hola:\n\nla [ley](/bills/119/hr/6397) se vota **mañana**.\n\n- Llame\n- Venga"}, "es", title, base)}
	link := func(path string) string { return "https://act.example.org" + path }
	for _, u := range []*undersigned.Update{
		{Issue: "detention", Cause: undersigned.BillChanged, About: bill.String(), Detail: string(undersigned.PassedHouse)},
		{Issue: "detention", Cause: undersigned.AskEnded, About: "equality again gone", Detail: "bill_enacted organizer date"},
		{Issue: "detention", Cause: undersigned.EraseSoon, About: "equality", Detail: "2026-12-24"},
	} {
		all[string(u.Cause)] = NewNews(c.Words(lang, u, content, link), lang, title, base)
	}
	return all
}

func TestNewsCarryTheirWaysOutAndTellTheEnvelopeWhomToTell(t *testing.T) {
	c := composer(t)
	links := NewsLinks{Stop: "https://act.example.org/unsubscribe/a", Never: "https://act.example.org/unsubscribe/b", Bounce: "bounces+x@example.org"}
	m, err := c.News(letterhead("pt"), allNews(c, "pt")["hand"], "2026-11-01", links)
	if err != nil {
		t.Fatal(err)
	}
	for _, form := range []string{m.Text, m.HTML} {
		if !strings.Contains(form, links.Stop) || !strings.Contains(form, links.Never) {
			t.Errorf("a way out is missing in %s", form)
		}
	}
	e, err := m.encode()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"List-Unsubscribe: <" + links.Stop + ">\r\n", "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n", "Content-Language: es\r\n"} {
		if !strings.Contains(string(e.text), want) {
			t.Errorf("the header lacks %q", want)
		}
	}
	if e.bounce != links.Bounce || e.from != "notices@example.org" || strings.Contains(string(e.text), "bounces+") {
		t.Errorf("the envelope is from %s, the mail from %s", e.bounce, e.from)
	}
	for _, bad := range []NewsLinks{{}, {Stop: links.Stop}, {Never: links.Never}, {Stop: "javascript:x", Never: links.Never}, {Stop: links.Stop, Never: links.Never, Bounce: "a\r\nb@c.example"}} {
		m, err := c.News(letterhead("en"), allNews(c, "en")["hand"], "2026-11-01", bad)
		if err == nil {
			_, err = m.encode()
		}
		if err == nil {
			t.Errorf("%+v is sent", bad)
		}
	}
}

func TestNewsInALanguageThatWeLackAreReadInEnglishAroundTheirOwnWords(t *testing.T) {
	c := composer(t)
	links := NewsLinks{Stop: "https://act.example.org/unsubscribe/a", Never: "https://act.example.org/unsubscribe/b"}
	m, err := c.News(letterhead("xx"), allNews(c, "en")["hand"], "2026-11-01", links)
	if err != nil {
		t.Fatal(err)
	}
	if m.Language != "es" || !strings.Contains(m.HTML, `<html lang="en"`) || !strings.Contains(m.HTML, `<div lang="es" dir="ltr">`) {
		t.Errorf("in %s: %s", m.Language, m.HTML)
	}
}

// What leads to a page of ours is the same for everybody, so that nobody learns who has followed it.
func TestNewsDifferFromOneReaderToTheNextInTheirWaysOutAlone(t *testing.T) {
	c := composer(t)
	for cause, news := range allNews(c, "en") {
		read := func(who string) string {
			links := NewsLinks{Stop: "https://act.example.org/unsubscribe/stop-" + who, Never: "https://act.example.org/unsubscribe/never-" + who}
			m, err := c.News(letterhead("en"), news, "2026-11-01", links)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(m.Text, who) || !strings.Contains(m.HTML, who) {
				t.Fatalf("%s has no way out for %s", cause, who)
			}
			return strings.NewReplacer(links.Stop, "", links.Never, "").Replace(m.Subject + m.Text + m.HTML)
		}
		if ana, rui := read("ana"), read("rui"); ana != rui {
			t.Errorf("%s:\n%s\n\n%s", cause, ana, rui)
		}
	}
}
