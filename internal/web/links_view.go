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
	Site   string // its host
	Host   string // the same, empty where the label says so already
	State  string // in words: whether it answers
	Broken bool
}

func newLink(c chrome, address, label string, known undersigned.Link, zone *time.Location) linkView {
	v := linkView{URL: address, Label: label, Broken: known.State == undersigned.LinkBroken}
	host := address
	if u, err := url.Parse(address); err == nil {
		host = strings.TrimPrefix(u.Host, "www.")
	}
	v.Site = host
	if label == "" {
		v.Label = host
	} else if label != host {
		v.Host = host
	}
	day := c.Date(known.CheckedAt.In(zone))
	switch known.State {
	case undersigned.LinkWorks:
		v.State = c.T("link.works", "date", day)
	case undersigned.LinkMoved:
		v.State = c.T("link.moved", "date", day)
	case undersigned.LinkBroken:
		v.State = c.T("link.broken", "date", day)
	default:
		v.State = c.T("link.unchecked")
	}
	return v
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
	Mail     string
	WhatsApp string
}

func newShare(c chrome, path, title string) *shareView {
	address := c.URL(path)
	words := c.T("share.words", "title", title, "url", address)
	return &shareView{URL: address,
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
