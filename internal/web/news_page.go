package web

import (
	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
)

// newsBox asks whether somebody wants to hear what comes of an issue. Pressing its button is the consent, in the words that
// stand above it.
type newsBox struct {
	chrome
	Action  string // where the button is posted
	Consent string // names the words
	Words   string
}

func newsPath(token, issue string) string { return "/my/" + token + "/news/" + issue }

// newsConsent is what the box's words mean to us, in the language of the page.
func newsConsent(c chrome, issue *undersigned.Issue) undersigned.Consent {
	text, _ := issue.Text(c.Lang())
	return undersigned.Consent{Issue: issue.Slug, Language: c.Lang(), Words: c.T("news.consent", "title", text.Title)}
}

// newNewsBox makes the box of a page whose reader has proved that a mailbox is theirs; nil where they have not.
func newNewsBox(c chrome, token string, issue *undersigned.Issue) *newsBox {
	if token == "" {
		return nil
	}
	consent := newsConsent(c, issue)
	return &newsBox{chrome: c, Action: c.Link(newsPath(token, issue.Slug)), Consent: consent.ID().String(), Words: consent.Words}
}

// newsView tells the owner of an address whether they hear what comes of an issue, and changes it.
type newsView struct {
	chrome
	On     bool
	Left   bool // they have just ended it
	Action string
	Since  string
	Words  string // that they agreed to
	Lang   string // of these
	Box    *newsBox
	Mine   string
}

func newNews(c chrome, token string, found *action.MySubscription, left bool) newsView {
	issue := &found.Content.Issue
	v := newsView{chrome: c.inIssue(found.Content).private(), On: found.On, Left: left && !found.On, Action: c.Link(newsPath(token, issue.Slug)),
		Mine: c.Link("/my/" + token)}
	switch {
	case found.On:
		v.Title = c.T("news.on.title")
		v.Since, v.Words, v.Lang = c.Day(found.Day), found.Consent.Words, c.other(found.Consent.Language)
		return v
	case v.Left:
		v.Title = c.T("news.left.title")
	default:
		v.Title = c.T("news.title")
	}
	v.Box = newNewsBox(c, token, issue)
	return v
}

// myNews is whether somebody hears of an issue, in the list of all that is theirs.
type myNews struct{ Title, Lang, Since, Link string }

// newMyNews lists the issues that somebody hears of, and those that they have something in and do not hear of.
func newMyNews(c chrome, token string, mine *action.Mine) (on, off []myNews) {
	has := map[string]bool{}
	for _, s := range mine.Signatures {
		has[s.Content.Issue.Slug] = true
	}
	for _, o := range mine.Offers {
		has[o.Content.Issue.Slug] = true
	}
	for _, l := range mine.Letters {
		has[l.Content.Issue.Slug] = true
	}
	for _, n := range mine.News {
		issue := &n.Content.Issue
		text, lang := issue.Text(c.Lang())
		item := myNews{Title: text.Title, Lang: c.other(lang), Since: c.Day(n.Day), Link: c.Link(newsPath(token, issue.Slug))}
		switch {
		case n.On:
			on = append(on, item)
		case has[issue.Slug] && issue.State != undersigned.IssueDraft:
			off = append(off, item)
		}
	}
	return on, off
}
