package web

import (
	"html/template"
	"slices"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
)

// issueView is the page of a cause: everything about it, in the sections and the order that its pack gives.
type issueView struct {
	chrome
	Heading, Summary string
	Body             template.HTML
	Lang             string
	Publisher        string
	Archived         bool
	Paused           bool        // as the whole site is
	First            *actionCard // the first open petition or pledge: the one thing to do
	Steps            []step
	Sections         []sectionView
	Share            *shareView
	Days             []dayLink // shown below the closed asks
	Take             string    // the issue as a pack
}

// sectionView is one section; only what belongs to its ID is filled.
type sectionView struct {
	ID            string
	Title, Nav    string
	Lang          string
	Intro         template.HTML
	Actions       []actionCard
	Facts         []factView
	Resources     []resourceView
	Organizations []organizationView
	More          string // path of a page with the same in full
}

func newIssue(c chrome, content *undersigned.Content, counts map[string]store.Count, now time.Time) issueView {
	text, lang := content.Issue.Text(c.Lang())
	v := issueView{chrome: c.titled(text.Title, text.Summary).withPreview("/"+content.Issue.Slug, newIssuePreview(c, content)), Heading: text.Title, Summary: text.Summary,
		Body: prose(text.Body, 2), Lang: c.other(lang), Publisher: content.Issue.Publisher,
		Archived: content.Issue.State == undersigned.IssueArchived, Steps: newSteps(c, content.Issue.Slug, nowhere),
		Share: newShare(c, "/"+content.Issue.Slug, text.Title), Take: "/" + content.Issue.Slug + "/pack.zip",
		Days: newDays(c, content, dayIn(now, zoneOf(&content.Issue)), now)}
	open, closed, volunteer := sortActions(c, content, counts, now)
	for _, card := range open {
		if card.Status.Open && v.First == nil && card.Count != nil {
			v.First = &card
		}
	}
	for i, section := range sectionsOf(c, text) {
		s := sectionView{ID: section.ID, Title: section.Title, Nav: section.Nav, Intro: prose(section.Intro, 3),
			Facts: newFacts(c, content, section.ID, now)}
		if i < len(text.Sections) {
			s.Lang = v.Lang
		}
		if s.Nav == "" {
			s.Nav = s.Title
		}
		switch section.ID {
		case "act":
			s.Actions = open
		case "closed":
			s.Actions = closed
		case "volunteer":
			s.Actions = volunteer
		case "help":
			s.Resources = newResources(c, content, undersigned.Help, now)
			s.More = c.Link("/" + content.Issue.Slug + "/" + undersigned.HelpSlug)
		case "learn":
			s.Resources = newResources(c, content, undersigned.Learn, now)
		case "organizations":
			s.Organizations = newOrganizationViews(c, content)
		}
		if len(s.Facts)+len(s.Actions)+len(s.Resources)+len(s.Organizations) > 0 || s.ID == "act" {
			v.Sections = append(v.Sections, s)
		}
	}
	return v
}

// sortActions makes a card of every action but drafts, in three lists.
func sortActions(c chrome, content *undersigned.Content, counts map[string]store.Count, now time.Time) (open, closed, volunteer []actionCard) {
	for i := range content.Actions {
		a := &content.Actions[i]
		if a.State == undersigned.ActionDraft {
			continue
		}
		card := newActionCard(c, content, a, counts[a.PID], now)
		switch {
		case card.Status.Closed:
			closed = append(closed, card)
		case a.Kind == undersigned.Volunteer:
			volunteer = append(volunteer, card)
		default:
			open = append(open, card)
		}
	}
	return open, closed, volunteer
}

// sectionsOf is the sections in the pack's order, and after them those it does not mention under our own headings: an
// ask that closed is never hidden.
func sectionsOf(c chrome, text undersigned.IssueText) []undersigned.Section {
	sections := slices.Clone(text.Sections)
	ours := map[string]string{"act": c.T("section.act"), "help": c.T("section.help"),
		"organizations": c.T("page.organizations"), "learn": c.T("section.learn"),
		"volunteer": c.T("section.volunteer"), "closed": c.T("section.closed")}
	for _, id := range undersigned.SectionIDs {
		if !slices.ContainsFunc(sections, func(s undersigned.Section) bool { return s.ID == id }) {
			sections = append(sections, undersigned.Section{ID: id, Title: ours[id]})
		}
	}
	return sections
}

func newActionCard(c chrome, content *undersigned.Content, a *undersigned.Action, count store.Count, now time.Time) actionCard {
	text, lang := a.Text(c.Lang(), content.Issue.Languages)
	card := actionCard{Kind: kindName(c, a.Kind), Title: text.Title, Ask: text.Ask, Lang: c.other(lang),
		Link: c.Link(actionPath(a)), Button: kindButton(c, a.Kind), Owner: a.Owner, Quiet: !a.Kind.Signable(),
		Status: newStatus(c, content, a, now), Bill: newBillLink(c, content, a.Bill)}
	if a.Kind.Signable() && (card.Status.Open || count.Counted > 0) {
		card.Count = newCount(c, a, count, zoneOf(&content.Issue))
	}
	if card.Status.Closed {
		card.Outcome = prose(text.Outcome, 4)
	}
	switch {
	case content.TakesOffers(a):
		card.Button = c.T("offer.button")
	case a.Kind == undersigned.Volunteer:
		card.Note = c.T("volunteer.not_yet")
	}
	return card
}

func actionPath(a *undersigned.Action) string { return "/" + a.Issue + "/" + a.Slug }

func kindName(c chrome, kind undersigned.ActionKind) string {
	switch kind {
	case undersigned.Petition:
		return c.T("kind.petition")
	case undersigned.Pledge:
		return c.T("kind.pledge")
	case undersigned.Letter:
		return c.T("kind.letter")
	case undersigned.Call:
		return c.T("kind.call")
	case undersigned.Volunteer:
		return c.T("kind.volunteer")
	}
	return c.T("kind.elsewhere")
}

// kindButton says what the reader does next, as the words of a link or button.
func kindButton(c chrome, kind undersigned.ActionKind) string {
	switch kind {
	case undersigned.Petition:
		return c.T("kind.petition.do")
	case undersigned.Pledge:
		return c.T("kind.pledge.do")
	case undersigned.Letter:
		return c.T("kind.letter.do")
	case undersigned.Call:
		return c.T("kind.call.do")
	case undersigned.Volunteer:
		return c.T("kind.volunteer.do")
	}
	return c.T("kind.elsewhere.do")
}
