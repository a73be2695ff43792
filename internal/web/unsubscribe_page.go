package web

import "github.com/undersigned/undersigned/internal/action"

// unsubscribeView lets the reader of a mail have no more news of an issue, or no more mail of ours at all; the second can be
// taken back.
type unsubscribeView struct {
	chrome
	Action  string // where the button is posted
	Goes    bool   // mail still goes to the address
	News    bool   // of an issue, as against all mail
	Trial   bool   // of an update: it ends nothing
	Heading string // the issue
	Lang    string
}

// newUnsubscribe makes the page of one link. token is that of its own path.
func newUnsubscribe(c chrome, token string, stop *action.Stop) unsubscribeView {
	v := unsubscribeView{chrome: c.private(), Action: c.Link("/unsubscribe/" + token), Goes: stop.Goes, News: stop.News, Trial: stop.Trial}
	if stop.Content != nil {
		text, lang := stop.Content.Issue.Text(c.Lang())
		v.Heading, v.Lang = text.Title, c.other(lang)
	}
	switch {
	case v.Trial:
		v.Title = c.T("unsubscribe.trial.title")
	case v.News && v.Goes:
		v.Title = c.T("unsubscribe.news.title")
	case v.News:
		v.Title = c.T("unsubscribe.news.done.title")
	case v.Goes:
		v.Title = c.T("unsubscribe.title")
	default:
		v.Title = c.T("unsubscribe.done.title")
	}
	return v
}
