package web

import (
	"slices"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
	"github.com/undersigned/undersigned/internal/store"
)

// deskLinksView lists the links of the site to others.
type deskLinksView struct {
	deskChrome
	Groups []deskLinkGroup
	Lead   string // how many there are
	Fine   string // that there is nothing to do; empty where there is
}

// deskLinkGroup are links in the same state.
type deskLinkGroup struct {
	Title, What string
	Folded      bool // there is nothing to do about them
	Links       []deskLinkEntry
}

type deskLinkEntry struct {
	URL, State, Why string
	Places          []crumb
	To              string // the address to take in its place
	Archive         string // where a copy might be
	Archived        bool   // readers are shown one already
}

// linkGroups are the groups, what is most pressing first.
var linkGroups = []undersigned.LinkState{undersigned.LinkBroken, undersigned.LinkMoved, undersigned.LinkFailing, undersigned.LinkUnclear,
	undersigned.LinkUnchecked, undersigned.LinkWorks}

func newDeskLinks(c deskChrome, site *store.Site, links []action.WatchedLink) deskLinksView {
	v := deskLinksView{deskChrome: c.named(c.T("desk.links")), Lead: c.N("desk.links.all", len(links))}
	places := map[string][]crumb{}
	for _, content := range site.Contents {
		for _, use := range content.Links() {
			if place := c.placeOf(content, use); !slices.Contains(places[use.URL], place) {
				places[use.URL] = append(places[use.URL], place)
			}
		}
	}
	pressing := false
	for _, state := range linkGroups {
		name := "unchecked"
		if state != undersigned.LinkUnchecked {
			name = string(state)
		}
		g := deskLinkGroup{What: c.T("desk.links.what." + name), Folded: state == undersigned.LinkWorks || state == undersigned.LinkUnchecked}
		for _, l := range links {
			if l.State == state {
				g.Links = append(g.Links, newDeskLink(c, l, places[l.URL]))
			}
		}
		if g.Title = c.T("desk.with_number", "what", c.T("desk.links."+name), "n", len(g.Links)); len(g.Links) > 0 {
			v.Groups = append(v.Groups, g)
			pressing = pressing || !g.Folded
		}
	}
	if !pressing && len(links) > 0 {
		v.Fine = c.T("desk.links.fine")
	}
	return v
}

// placeOf is where a link stands on the site: for who may write, where it is written.
func (c deskChrome) placeOf(content *undersigned.Content, use undersigned.LinkUse) (place crumb) {
	if a := content.Action(use.Slug); use.Kind == "action" && a != nil {
		text, lang := a.Text(c.Lang(), content.Issue.Languages)
		place = crumb{Title: text.Title, Lang: c.other(lang), Link: c.Link(actionPath(a))}
	} else {
		place.Link, place.Title, place.Lang = c.useOf(content, use)
	}
	if c.May(string(undersigned.MayWrite)) {
		place.Link = c.Link(nounPath(undersigned.NounID{Issue: content.Issue.Slug, Kind: undersigned.NounKind(use.Kind), Slug: use.Slug}))
	}
	return place
}

func newDeskLink(c deskChrome, l action.WatchedLink, places []crumb) deskLinkEntry {
	v := deskLinkEntry{URL: l.URL, State: linkState(c.chrome, l.Link, undersigned.Eastern), Places: places, Archived: l.Archived != ""}
	if key := "desk.links.why." + string(l.Finding); c.Has(key) {
		v.Why = c.T(key)
	}
	switch {
	case l.State == undersigned.LinkMoved && c.May(string(undersigned.MayWrite)):
		v.To = l.MovedTo
	case l.State == undersigned.LinkBroken && l.Archived == "":
		at := l.FailingSince
		if !l.WorkedAt.IsZero() {
			at = l.WorkedAt
		}
		v.Archive = "https://web.archive.org/web/" + at.UTC().Format("20060102") + "/" + l.URL
	}
	return v
}
