package web

import (
	"html/template"
	"net/url"
	"strings"
	"time"

	"github.com/undersigned/undersigned"
)

// linkView is a link that leaves the site, with what we know of it.
type linkView struct {
	URL    string
	Label  string
	Lang   string // the label's, where it is not the page's
	Site   string // its host
	Host   string // the same, empty where the label says so already
	State  string // in words: whether it answers
	Broken bool
	// Copy is the address of an archived copy, where the link is broken and there is one.
	Copy, CopyLabel string
}

func newLink(c chrome, address, label string, known undersigned.Link, zone *time.Location) linkView {
	v := linkView{URL: address, Label: label, Broken: known.Broken()}
	host := siteOf(address)
	v.Site = host
	if label == "" {
		v.Label = host
	} else if label != host {
		v.Host = host
	}
	v.State = linkState(c, known, zone)
	return v
}

// siteOf is the host of an address, as readers see it.
func siteOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return strings.TrimPrefix(u.Host, "www.")
}

func maybeLink(c chrome, address string, known undersigned.Link, zone *time.Location) *linkView {
	if address == "" {
		return nil
	}
	link := newLink(c, address, "", known, zone)
	return &link
}

// linkState says what is known of a link, and when it last worked where it does not now.
func linkState(c chrome, known undersigned.Link, zone *time.Location) string {
	day := c.Date(known.CheckedAt.In(zone))
	var words string
	switch known.State {
	case undersigned.LinkWorks:
		return c.T("link.works", "date", day)
	case undersigned.LinkMoved:
		return c.T("link.moved", "date", day)
	case undersigned.LinkUnclear:
		words = c.T("link.unclear", "date", day)
	case undersigned.LinkFailing:
		words = c.T("link.failing", "date", day)
	case undersigned.LinkBroken:
		words = c.T("link.broken", "date", c.Date(known.FailingSince.In(zone)))
	default:
		return c.T("link.unchecked")
	}
	if !known.Broken() && known.Finding == undersigned.FoundFrontPage {
		words = c.T("link.front_page", "date", day)
	}
	if !known.WorkedAt.IsZero() {
		words += " " + c.T("link.worked", "date", c.Date(known.WorkedAt.In(zone)))
	}
	return words
}

// useOf gives the entry that a link stands in: where it is on the site, its name, and the name's language where that is not
// the page's.
func (c chrome) useOf(content *undersigned.Content, use undersigned.LinkUse) (path, name, lang string) {
	for i := range content.Organizations {
		if o := &content.Organizations[i]; use.Kind == "organization" && o.Slug == use.Slug {
			return c.Link(organizationPath(o)), o.Name, ""
		}
	}
	for i := range content.Resources {
		if r := &content.Resources[i]; use.Kind == "resource" && r.Slug == use.Slug {
			text, lang := r.Text(c.Lang(), content.Issue.Languages)
			return c.Link(resourcePath(content, r)), text.Title, c.other(lang)
		}
	}
	for i := range content.Facts {
		if f := &content.Facts[i]; use.Kind == "fact" && f.Slug == use.Slug {
			text, lang := f.Text(c.Lang(), content.Issue.Languages)
			return c.Link(factPath(f)), text.Title, c.other(lang)
		}
	}
	return "", "", ""
}

// phoneView is a number to call.
type phoneView struct {
	Number string       // as people write it
	Link   template.URL // tel:
}

// newPhone makes the link of a North American number; what is not a digit is left out of it.
func newPhone(number string) *phoneView {
	if number == "" {
		return nil
	}
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, number)
	return &phoneView{Number: number, Link: template.URL("tel:+1" + strings.TrimPrefix(digits, "1"))}
}

// shareView is the ways to pass a page on. None of them loads anything before it is pressed.
type shareView struct {
	URL      string
	Words    string // to copy
	Mail     string
	WhatsApp string
	QR       string // the path of its QR code, without .svg or .png
	Sheet    string // the path of the issue's sheet for paper
}

func newShare(c chrome, path, title string) *shareView {
	address := c.URL(path)
	words := c.T("share.words", "title", title, "url", address)
	issue, _, _ := strings.Cut(path[1:], "/")
	return &shareView{URL: address, Words: words, QR: c.Link(path + "/qr"), Sheet: c.Link("/" + issue + "/" + undersigned.SheetSlug),
		Mail:     "mailto:?subject=" + url.PathEscape(title) + "&body=" + url.PathEscape(words),
		WhatsApp: "https://wa.me/?text=" + url.QueryEscape(words)}
}

// step is one of learn, act and share: the way through an issue.
type step struct {
	Label, Link string
	Current     bool
}

type stage int

const (
	nowhere stage = iota
	learning
	acting
	sharing
)

func newSteps(c chrome, issue string, now stage) []step {
	page := c.Link("/" + issue)
	return []step{
		{c.T("step.learn"), page + "#learn", now == learning},
		{c.T("step.act"), page + "#act", now == acting},
		{c.T("step.share"), page + "#share", now == sharing},
	}
}
