package web

import (
	"html/template"
	"net/url"
	"slices"
	"strings"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
	"github.com/undersigned/undersigned/internal/mail"
	"github.com/undersigned/undersigned/internal/store"
)

func updatePath(u *undersigned.Update) string { return "/admin/news/" + u.ID.String() }

// deskNewsView lists who hears of what, and all updates.
type deskNewsView struct {
	deskChrome
	Issues  []newsIssue
	Updates []newsEntry
}

// newsIssue is an issue with the number of those who hear of it.
type newsIssue struct {
	Title, Lang, Readers, New string
}

type newsEntry struct {
	Title, Lang, Link, Issue, State, When, Sent string
}

func newDeskNews(c deskChrome, site *store.Site, counts map[string]map[undersigned.SubscriberState]int64, updates []*undersigned.Update) deskNewsView {
	v := deskNewsView{deskChrome: c.named(c.T("desk.news"))}
	titles := map[string]string{}
	for _, content := range site.Contents {
		text, lang := content.Issue.Text(c.Lang())
		n := counts[content.Issue.Slug]
		titles[content.Issue.Slug] = text.Title
		v.Issues = append(v.Issues, newsIssue{Title: text.Title, Lang: c.other(lang), Readers: c.T("desk.news.of", "readers", n[undersigned.SubscriberActive],
			"left", n[undersigned.SubscriberUnsubscribed], "dead", n[undersigned.SubscriberSuppressed]),
			New: c.Link("/admin/news/new?issue=" + content.Issue.Slug)})
	}
	for _, u := range updates {
		title, lang := c.updateTitle(u)
		v.Updates = append(v.Updates, newsEntry{Title: title, Lang: lang, Link: c.Link(updatePath(u)), Issue: titles[u.Issue], State: c.updateState(u),
			When: c.updateWhen(u), Sent: c.Number(int(u.Tally.Sent))})
	}
	return v
}

// updateTitle is the subject of an update, in the language of the page where it has that; of one that we write what it tells of.
func (c deskChrome) updateTitle(u *undersigned.Update) (title, lang string) {
	if text, in, ok := u.Text(c.Lang(), nil); ok {
		return text.Subject, c.other(in)
	}
	if u.Cause == undersigned.ByHand {
		return c.T("desk.news.new"), ""
	}
	return c.T("mail.news." + string(u.Cause) + ".subject"), ""
}

func (c deskChrome) updateState(u *undersigned.Update) string {
	if u.Stop != "" {
		return c.T("desk.news.stop." + string(u.Stop))
	}
	return c.T("desk.news.state." + string(u.State))
}

func (c deskChrome) updateWhen(u *undersigned.Update) string {
	at := u.Made
	switch {
	case !u.Ended.IsZero():
		at = u.Ended
	case !u.Begun.IsZero():
		at = u.Begun
	case !u.At.IsZero():
		at = u.At
	}
	return c.DateTime(at.In(undersigned.Eastern))
}

// updateView is an update: its words and how they read, where it stands, and what can be made of it.
type updateView struct {
	deskChrome
	Problem  string
	Mistakes []mistake
	Cause    string // the title of the issue
	Ref      string // its slug
	Is       string // where it stands
	Why      string // what to do about that
	Facts    []fact
	Written  bool // its words can be changed
	Write    string
	Unsends  string // what saving other words does to one that waits for its time
	Version  string
	Keep     string // names what the browser keeps while it is typed
	Sent     bool   // the page gives back what was sent
	ID       string // of an update that is not there yet: sent twice, it becomes one
	Clash    *clashView
	Words    []updateWords
	Previews []updatePreview
	New      bool // it is not there yet
	At       *formInput
	Without  string // the languages that are missing, in words
	Moves    []formOption
	Move     string
	Try      string
	Tries    []formOption // languages to try it in
	Email    string
}

// updateWords is the form of one language.
type updateWords struct {
	Language string
	Subject  formInput
	Body     textArea
}

// updatePreview is the update as the readers of one language get it.
type updatePreview struct {
	Language, Lang, Subject string
	First                   string // words that show on a locked screen
	HTML                    template.HTML
	Instead                 string // in words, where another language stands in
}

func newUpdateView(c deskChrome, post action.Post, u *undersigned.Update, content *undersigned.Content) *updateView {
	text, _ := content.Issue.Text(c.Lang())
	title, _ := c.updateTitle(u)
	v := &updateView{deskChrome: c.named(title), Cause: text.Title, Ref: u.Issue, Is: c.updateState(u), Written: u.State.Written(),
		New: u.ID == undersigned.UpdateID{}, Write: c.Link("/admin/news"), Version: u.Version(), Keep: "update " + u.Issue}
	if v.New {
		v.ID = undersigned.NewUpdateID().String()
	} else {
		v.Write, v.Keep = c.Link(updatePath(u)), "update "+u.ID.String()
		v.Move, v.Try = c.Link(updatePath(u)+"/move"), c.Link(updatePath(u)+"/try")
		v.steps(u, content)
		v.facts(u)
	}
	if key := "desk.news.why." + string(u.Stop); u.Stop != "" {
		v.Why = c.T(key)
	} else if u.Cause != undersigned.ByHand && len(u.Texts) == 0 && u.State.Written() {
		v.Why = c.T("desk.news.by_itself")
	}
	for i, lang := range content.Issue.Languages {
		v.Words = append(v.Words, newUpdateWords(c, lang, u.Texts[lang], i == 0))
		if len(u.Texts) > 0 || u.Cause != undersigned.ByHand {
			v.Previews = append(v.Previews, newUpdatePreview(c, lang, u, action.ReadyUpdate(post, u, content, lang)))
		}
	}
	if c.user != nil {
		v.Email = c.user.Email
	}
	if u.State == undersigned.UpdateScheduled && u.Cause == undersigned.ByHand {
		v.Unsends = c.T("desk.news.unsends")
	}
	v.Tries = languageOptions(c.chrome, content.Issue.Languages[0])
	return v
}

func newUpdateWords(c deskChrome, lang string, text undersigned.UpdateText, first bool) updateWords {
	name := languageName(c.chrome, lang)
	return updateWords{Language: name,
		Subject: formInput{Name: "subject_" + lang, Label: c.T("desk.news.subject", "language", name), Hint: c.T("desk.news.subject.hint"), Type: "text",
			Autocomplete: "off", Required: first, Value: text.Subject},
		Body: textArea{Name: "body_" + lang, Label: c.T("desk.news.body", "language", name), Hint: c.T("desk.news.body.hint"), Lang: c.other(lang), Rows: 12,
			Value: text.Body}}
}

func newUpdatePreview(c deskChrome, lang string, u *undersigned.Update, ready *mail.News) updatePreview {
	p := updatePreview{Language: languageName(c.chrome, lang), Lang: c.other(ready.Language), Subject: ready.Subject, HTML: ready.HTML(),
		First: firstWords(strings.Join(strings.Fields(ready.Text()), " "))}
	if ready.Language != lang {
		p.Instead = c.T("desk.news.instead", "language", languageName(c.chrome, ready.Language))
	}
	return p
}

// steps are what can be made of it now.
func (v *updateView) steps(u *undersigned.Update, content *undersigned.Content) {
	for _, to := range u.State.Steps() {
		if to == undersigned.UpdateScheduled {
			v.At = &formInput{Name: "at", Label: v.T("desk.news.at"), Hint: v.T("desk.news.at.hint", "zone", zoneOf(&content.Issue).String()),
				Type: "datetime-local", Autocomplete: "off"}
			if u.State == undersigned.UpdateScheduled {
				v.At.Value = u.At.In(zoneOf(&content.Issue)).Format(momentForm)
			}
			continue
		}
		v.Moves = append(v.Moves, formOption{Value: string(to), Label: v.T("desk.news.move." + string(to))})
	}
	var missing []string
	for _, lang := range u.Missing(content.Issue.Languages) {
		missing = append(missing, languageName(v.chrome, lang))
	}
	if len(missing) > 0 {
		v.Without = v.T("desk.news.without", "languages", strings.Join(missing, ", "), "first", languageName(v.chrome, content.Issue.Languages[0]))
	}
}

// facts are how it went.
func (v *updateView) facts(u *undersigned.Update) {
	add := func(key string, n int64) {
		v.Facts = append(v.Facts, fact{Label: v.T(key), Value: v.Number(int(n))})
	}
	v.Facts = append(v.Facts, fact{Label: v.T("desk.news.when"), Value: v.updateWhen(u)})
	if u.Begun.IsZero() {
		return
	}
	add("desk.news.sent", u.Tally.Sent)
	add("desk.news.refused", u.Tally.Refused)
	add("desk.news.bounced", u.Tally.Bounced)
	add("desk.news.complained", u.Tally.Complained)
	add("desk.news.left", u.Tally.Left)
}

// failed shows the page again with what was typed, and what is wrong with it.
func (v *updateView) failed(form url.Values, problem *undersigned.Error) {
	v.Problem = v.T(problem.Key)
	if form.Has("version") {
		v.Version = form.Get("version")
	}
	for i := range v.Words {
		w := &v.Words[i]
		if form.Has(w.Subject.Name) {
			v.Sent = true
			w.Subject.Value, w.Body.Value = validText(form.Get(w.Subject.Name)), validText(form.Get(w.Body.Name))
		}
	}
	if v.At != nil && form.Has("at") {
		v.At.Value = validText(form.Get("at"))
	}
	for _, e := range problem.Fields {
		v.place(e.Field, v.wanted(e))
	}
	v.Title = v.T("form.error_title", "title", v.Title)
}

// clashes shows both texts of what two have written at the same time.
func (v *updateView) clashes(clash *action.UpdateClash) {
	mine, theirs := undersigned.UpdateFields(clash.Merged), undersigned.UpdateFields(clash.Update.Texts)
	v.Clash, v.Sent = &clashView{What: v.T("desk.news.clash"), Mine: v.T("write.clash.mine"), Take: v.T("write.clash.take_mine")}, true
	for i := range v.Words {
		w := &v.Words[i]
		w.Subject.Value, w.Body.Value = mine[w.Subject.Name], mine[w.Body.Name]
		for name, label := range map[string]string{w.Subject.Name: w.Subject.Label, w.Body.Name: w.Body.Label} {
			if slices.Contains(clash.Fields, name) {
				v.Clash.Items = append(v.Clash.Items, clashItem{Group: name, ID: fieldElement("take." + name), Label: label,
					Parts: []compared{newCompared("", w.Body.Lang, theirs[name], mine[name])}})
			}
		}
	}
	slices.SortFunc(v.Clash.Items, func(a, b clashItem) int { return strings.Compare(b.Group, a.Group) }) // subjects first
	v.Title = v.T("form.error_title", "title", v.Title)
}

// place puts a message beside its field, and above the form.
func (v *updateView) place(field, said string) {
	label := ""
	for i := range v.Words {
		switch w := &v.Words[i]; field {
		case w.Subject.Name:
			w.Subject.Error, label = said, w.Subject.Label
		case w.Body.Name:
			w.Body.Error, label = said, w.Body.Label
		}
	}
	if v.At != nil && field == v.At.Name {
		v.At.Error, label = said, v.At.Label
	}
	if label != "" && !slices.ContainsFunc(v.Mistakes, func(m mistake) bool { return m.Field == field }) {
		v.Mistakes = append(v.Mistakes, mistake{Field: field, Label: label, Text: said})
	}
}
