package web

import (
	"strings"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/search"
	"github.com/undersigned/undersigned/internal/store"
)

// thing is something on the site that can be found.
type thing struct {
	kind, link     string
	title, text    string
	lang, textLang string // where they are not the page's
	last           bool   // it tells of something else that is found by the same words
	content        *undersigned.Content
	action         *undersigned.Action // of an ask: whether it is open changes with the clock
}

// in puts title and text into a language.
func (t thing) in(lang string) thing {
	t.lang, t.textLang = lang, lang
	return t
}

func entriesOf(things []thing) (entries []search.Entry) {
	for _, t := range things {
		entries = append(entries, search.Entry{Title: t.title, Text: t.text, Last: t.last})
	}
	return entries
}

// newThings lists everything public, in the order in which it is found where the words decide nothing: causes, what can be
// done, whom to turn to, what to learn, what Congress does, and the pages of the site itself; after all of them what
// happened, and what was said before.
func newThings(c chrome, f findable) (things []thing) {
	site := f.site
	for _, content := range site.Contents {
		things = append(things, issueThing(c, content))
	}
	for _, content := range site.Contents {
		things = append(things, actionThings(c, content, f.now)...)
	}
	for _, l := range directory(site) {
		things = append(things, organizationThing(c, l))
	}
	for _, content := range site.Contents {
		things = append(things, resourceThings(c, content)...)
	}
	told := map[undersigned.BillID]bool{}
	for _, content := range site.Contents {
		for i := range content.Bills {
			if b := &content.Bills[i]; !told[b.BillID] {
				told[b.BillID] = true
				things = append(things, billThing(c, content, b))
			}
		}
	}
	for _, content := range site.Contents {
		for i := range content.Facts {
			things = append(things, factThing(c, content, &content.Facts[i]))
		}
	}
	things = append(things, officeThings(c, f)...)
	things = append(things, pageThings(c, site)...)
	things = append(things, wordingThings(c, f)...)
	return append(things, diaryThings(c, f)...)
}

// together joins what is not empty into one text, as sentences.
func together(parts ...string) string {
	var b strings.Builder
	for _, p := range parts {
		p = strings.Join(strings.Fields(p), " ")
		if p == "" {
			continue
		}
		if b.Len() > 0 {
			if !strings.ContainsAny(b.String()[b.Len()-1:], ".!?:;") {
				b.WriteByte('.')
			}
			b.WriteByte(' ')
		}
		b.WriteString(p)
	}
	return b.String()
}

func joined(phrases []phrase) string {
	var words []string
	for _, p := range phrases {
		words = append(words, p.Words)
	}
	return strings.Join(words, " · ")
}

func issueThing(c chrome, content *undersigned.Content) thing {
	text, lang := content.Issue.Text(c.Lang())
	parts := []string{text.Summary, plainWords(text.Body)}
	for _, s := range text.Sections {
		parts = append(parts, s.Title, plainWords(s.Intro))
	}
	parts = append(parts, content.Issue.Publisher, content.Issue.Organizer, content.Issue.Contact)
	return thing{kind: c.T("search.kind.issue"), link: c.Link("/" + content.Issue.Slug), title: text.Title, text: together(parts...)}.in(c.other(lang))
}

func actionThings(c chrome, content *undersigned.Content, now time.Time) (things []thing) {
	for i := range content.Actions {
		a := &content.Actions[i]
		if a.State == undersigned.ActionDraft {
			continue
		}
		text, lang := a.Text(c.Lang(), content.Issue.Languages)
		parts := []string{text.Ask, plainWords(text.Body)}
		if a.Bill != (undersigned.BillID{}) {
			parts = append(parts, billName(c, a.Bill))
		}
		status := newStatus(c, content, a, now)
		if status.Closed || status.Soon {
			parts = append(parts, plainWords(text.Outcome))
		}
		if !status.Closed {
			parts = append(parts, toDo(c, content, a)...)
		}
		things = append(things, thing{kind: kindName(c, a.Kind), link: c.Link(actionPath(a)), title: text.Title,
			text: together(parts...), content: content, action: a}.in(c.other(lang)))
	}
	return things
}

// toDo is what the page of an ask says for as long as somebody can do it, or soon can.
func toDo(c chrome, content *undersigned.Content, a *undersigned.Action) (parts []string) {
	text, _ := a.Text(c.Lang(), content.Issue.Languages)
	said, _ := wordsOf(content, a, c.Lang())
	parts = []string{said.Subject, said.Words, a.Owner, siteOf(a.URL), text.Opportunity.Place, text.Opportunity.Hours, text.Opportunity.Skills}
	for i := range a.Opportunity.Questions {
		question, _ := a.QuestionText(i, c.Lang(), content.Issue.Languages)
		parts = append(append(parts, question.Question), question.Choices...)
	}
	for _, to := range a.Addressees {
		parts = append(parts, to.Name, to.Role, to.Address, to.Phone, siteOf(to.URL))
	}
	if content.TakesOffers(a) {
		to := content.CoordinatorOf(a)
		if parts = append(parts, to.Name); to.ShowEmail {
			parts = append(parts, to.Email)
		}
	}
	return parts
}

func organizationThing(c chrome, l listing) thing {
	text, lang := l.Text(c.Lang(), l.content.Issue.Languages)
	title := l.Name
	if l.Short != "" {
		title += " (" + l.Short + ")"
	}
	parts := []string{plainWords(text.Body), formerly(c, l.Organization), joined(aboutOrganization(c, l))}
	for i := range l.Campaigns {
		words, _ := l.Campaigns[i].Text(c.Lang(), l.content.Issue.Languages)
		parts = append(parts, l.Campaigns[i].Name, plainWords(words.Body), siteOf(l.Campaigns[i].URL))
	}
	parts = append(parts, l.Address, l.Phone, l.Email, siteOf(l.URL), l.VerifiedBy)
	return thing{kind: c.T("search.kind.organization"), link: c.Link(organizationPath(l.Organization)), title: title,
		text: together(parts...), textLang: c.other(lang)}
}

func resourceThings(c chrome, content *undersigned.Content) (things []thing) {
	for i := range content.Resources {
		r := &content.Resources[i]
		text, lang := r.Text(c.Lang(), content.Issue.Languages)
		parts := []string{plainWords(text.Body), text.Why, joined(about(c, content, r)), r.Phone}
		for i := range r.Links {
			label, _ := r.Links[i].LabelIn(c.Lang(), content.Issue.Languages)
			parts = append(parts, label, siteOf(r.Links[i].URL))
		}
		things = append(things, thing{kind: c.T("resource.kind." + string(r.Kind)), link: c.Link(resourcePath(content, r)),
			title: text.Title, text: together(parts...)}.in(c.other(lang)))
	}
	return things
}

func billThing(c chrome, content *undersigned.Content, b *undersigned.Bill) thing {
	words, lang := textIn(b.Texts, c.Lang(), content.Issue.Languages)
	parts := []string{words.Summary, plainWords(words.Body), b.Sponsor}
	for _, e := range b.Events {
		step, _ := textIn(e.Texts, c.Lang(), content.Issue.Languages)
		parts = append(parts, step)
	}
	for _, s := range b.Successors {
		parts = append(parts, s.Title, s.PublicLaw)
	}
	for _, committee := range b.Committees {
		parts = append(parts, committee.Name)
	}
	return thing{kind: c.T("search.kind.bill"), link: c.Link(billPath(b.BillID)), title: billName(c, b.BillID) + ": " + b.Title,
		text: together(parts...), textLang: c.other(lang)}
}

func factThing(c chrome, content *undersigned.Content, f *undersigned.Fact) thing {
	text, lang := f.Text(c.Lang(), content.Issue.Languages)
	source, _ := f.SourceIn(c.Lang(), content.Issue.Languages)
	licence, _ := f.LicenceIn(c.Lang(), content.Issue.Languages)
	parts := append([]string{text.Unit, plainWords(text.Body), source, licence, siteOf(f.SourceURL)}, text.Series...)
	return thing{kind: c.T("search.kind.fact"), link: c.Link(factPath(f)), title: text.Title, text: together(parts...)}.in(c.other(lang))
}

// officeThings are the offices of Congress that have a page, and what they answered.
func officeThings(c chrome, f findable) (things []thing) {
	told := map[string]bool{}
	add := func(l *undersigned.Legislator) {
		if !told[l.Bioguide] {
			told[l.Bioguide] = true
			things = append(things, thing{kind: c.T("search.kind.office"), link: c.Link(officePath(l.Bioguide)), title: nameAndParty(c, l),
				text: together(memberRole(c, l), memberSeat(c, l))})
		}
	}
	for _, l := range f.table.Legislators(f.now) {
		if f.table.Holds(l, f.now) {
			add(l)
		}
	}
	for i := range f.past {
		add(&f.past[i])
	}
	for _, a := range f.answers {
		content := f.site.Issue(a.Issue)
		if content == nil || content.Action(a.Action) == nil || content.Action(a.Action).State == undersigned.ActionDraft {
			continue
		}
		things = append(things, thing{kind: c.T("search.kind.answer", "date", c.Day(a.Day)), link: c.Link(officePath(a.Member.Bioguide)), title: nameAndParty(c, &a.Member),
			text: a.Text, textLang: c.other(a.Lang)})
	}
	return things
}

// wordingThings are the texts that petitions and pledges had before. Each is in all its languages at once, as it was signed.
func wordingThings(c chrome, f findable) (things []thing) {
	for _, content := range f.site.Contents {
		for i := range content.Actions {
			a := &content.Actions[i]
			texts := f.texts[a.PID]
			if a.State == undersigned.ActionDraft || len(texts) < 2 {
				continue
			}
			text, lang := a.Text(c.Lang(), content.Issue.Languages)
			for _, t := range texts[1:] {
				things = append(things, thing{kind: c.T("search.kind.wording", "n", t.Version), link: c.Link(wordingPath(a, t.Version)), title: text.Title, lang: c.other(lang),
					text: together(readable(t.Text)), last: true})
			}
		}
	}
	return things
}

// diaryThings are what the diary tells, each where it stands there.
func diaryThings(c chrome, f findable) (things []thing) {
	for _, e := range tellDiary(c, f.site, f.events, f.until()) {
		things = append(things, thing{kind: c.T("search.kind.diary", "date", e.Date), link: c.Link(e.path()), title: e.About, lang: e.AboutLang,
			text: e.What, textLang: e.Lang, last: true})
	}
	return things
}

// pageThings are the site's own pages. What the privacy page says of this minute is nothing to look for.
func pageThings(c chrome, site *store.Site) (things []thing) {
	page := func(path, title string, parts ...string) {
		things = append(things, thing{kind: c.T("search.kind.page"), link: c.Link(path), title: title, text: together(parts...)})
	}
	for _, content := range site.Contents {
		if len(content.On(undersigned.Help)) > 0 {
			things = append(things, helpThing(c, content))
		}
	}
	page("/organizations", c.T("page.organizations"), c.T("organizations.intro"))
	page("/learn", c.T("learn.title"), c.T("learn.intro"))
	page("/legislators", c.T("where.title"), c.T("where.lead"))
	page("/offices", c.T("offices.title"), c.T("offices.lead"))
	page("/diary", c.T("page.diary"), c.T("diary.lead"))
	words := []string{c.T("log.lead")}
	for _, key := range logWords {
		words = append(words, c.T(key))
	}
	page("/log", c.T("log.title"), words...)
	page("/my", c.T("my_link.title"), c.T("my_link.lead"))
	privacy := newPrivacy(c, site, seizedView{})
	words = []string{c.T("privacy.lead")}
	for _, s := range privacy.Sections {
		words = append(append(words, s.Heading), s.Words...)
	}
	page("/privacy", privacy.Title, words...)
	return things
}

func helpThing(c chrome, content *undersigned.Content) thing {
	help := thing{kind: c.T("search.kind.page"), link: c.Link("/" + content.Issue.Slug + "/" + undersigned.HelpSlug), title: c.T("section.help")}
	text, lang := content.Issue.Text(c.Lang())
	for _, s := range text.Sections {
		if s.ID == "help" {
			help.title, help.text = s.Title, plainWords(s.Intro)
			help = help.in(c.other(lang))
		}
	}
	return help
}

// logWords are what the page of the public log says.
var logWords = []string{"log.what.1", "log.what.2", "log.what.3", "log.what.4", "log.check", "log.check.what", "log.check.trust", "log.command", "log.command.what",
	"log.key.what", "log.limits", "log.limits.1", "log.limits.2", "log.limits.3"}
