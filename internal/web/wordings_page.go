package web

import (
	"strconv"
	"strings"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
)

// wordingsView is what a petition or pledge has asked at each time.
type wordingsView struct {
	chrome
	Heading string
	Lang    string
	Back    string
	Texts   []wordingView
}

// wordingView is one version of what people put their name under, in all its languages.
type wordingView struct {
	Number  int
	Now     bool // who signs now signs this
	Date    string
	Log     string   // the text whose hash the public log holds
	Changes []change // since the version before; none for the first
	Closing bool     // only the closing day is another
}

func newWordings(c chrome, content *undersigned.Content, a *undersigned.Action, texts []store.ActionText) wordingsView {
	text, lang := a.Text(c.Lang(), content.Issue.Languages)
	v := wordingsView{chrome: c.inIssue(content).titled(c.T("wording.title", "title", text.Title), c.T("wording.what")), Heading: text.Title, Lang: c.other(lang), Back: c.Link(actionPath(a))}
	for i, t := range texts {
		w := wordingView{Number: t.Version, Now: i == 0, Date: c.Date(t.At.In(zoneOf(&content.Issue))), Log: logTextPath(a.PID, t.Version)}
		if i+1 < len(texts) {
			before := texts[i+1].Text
			if w.Closing = before == t.Text; !w.Closing {
				w.Changes = diff(readable(before), readable(t.Text))
			}
		}
		v.Texts = append(v.Texts, w)
	}
	return v
}

// readable is a canonical text without its first line, which names the format.
func readable(canonical string) string {
	_, text, _ := strings.Cut(canonical, "\n")
	return text
}

func logTextPath(pid string, version int) string {
	return "/log/text/" + pid + "/" + strconv.Itoa(version)
}

// wordingLink says on the page of a petition which version of its text stands there.
type wordingLink struct {
	Number    int
	All, Text string // where all versions are, and where this one is as the public log has it
}

func newWordingLink(c chrome, a *undersigned.Action) *wordingLink {
	if !a.Kind.Signable() || a.PID == "" || a.Version == 0 {
		return nil
	}
	return &wordingLink{Number: a.Version, All: c.Link(wordingsPath(a)), Text: logTextPath(a.PID, a.Version)}
}
