package web

import (
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
)

// homeView is the list of issues.
type homeView struct {
	chrome
	Paused bool // the whole site
	Issues []issueCard
}

type issueCard struct {
	Title, Summary, Lang, Link string
	Publisher                  string
	Archived                   bool
	Asks                       string // "5 things to do"; empty where there are none
	Signed                     string // "1,234 names in all"; empty where there are none
}

func newHome(c chrome, site *store.Site, counts map[string]store.Count, now time.Time) homeView {
	v := homeView{chrome: c.titled(c.T("home.title"), c.T("home.lead")), Paused: !site.Paused.IsZero()}
	for _, content := range site.Contents {
		text, lang := content.Issue.Text(c.Lang())
		card := issueCard{Title: text.Title, Summary: text.Summary, Lang: c.other(lang), Link: c.Link("/" + content.Issue.Slug),
			Publisher: content.Issue.Publisher, Archived: content.Issue.State == undersigned.IssueArchived}
		asks, signed := 0, 0
		for i := range content.Actions {
			a := &content.Actions[i]
			if a.Decide(content.Bill(a.Bill), now).Open() && a.Kind != undersigned.Volunteer {
				asks++
			}
			if a.PID != "" {
				signed += int(counts[a.PID].Counted)
			}
		}
		if asks > 0 {
			card.Asks = c.N("home.asks", asks)
		}
		if signed > 0 {
			card.Signed = c.N("home.signed", signed)
		}
		v.Issues = append(v.Issues, card)
	}
	return v
}
