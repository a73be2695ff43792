package mail

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"net/url"
	"strings"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/locale"
	"github.com/undersigned/undersigned/internal/markdown"
)

// News is an update in one language, ready to be mailed to many.
type News struct {
	Subject  string
	Language string // of subject and body
	Title    string // of the issue, in the language of the reader
	html     template.HTML
	text     string
}

// NewNews makes an update ready. Links within the site get base before them.
func NewNews(text undersigned.UpdateText, language, title string, base *url.URL) *News {
	n := &News{Subject: oneLine(text.Subject), Language: language, Title: oneLine(title)}
	n.html, n.text = markdown.Mail(text.Body, base)
	return n
}

// NewsLinks are the ways out of the news, in each mail for its own reader.
type NewsLinks struct {
	Stop   string // ends the news of the issue; a mail program may press it by itself (RFC 8058)
	Never  string // ends all mail
	Bounce string // who is told that the mail did not arrive; empty for the sender
}

// News writes an update to one subscriber, who asked for it on a day. The letterhead's language is the reader's, in which
// all that is not the organiser's own is said.
func (c *Composer) News(h Letterhead, n *News, asked undersigned.Day, links NewsLinks) (*Message, error) {
	l := c.catalogue.Locale(h.Language)
	if !webAddress(links.Stop) || !webAddress(links.Never) {
		return nil, errors.New("write a mail: a link is malformed")
	}
	p := page{Lang: l.Lang(), Dir: l.Dir(), Site: c.siteNow(), Subject: n.Subject, Title: n.Title, Day: l.Day(asked), Unsubscribe: links.Never,
		News: n, Stop: links.Stop}
	if n.Language != l.Lang() {
		p.BodyLang, p.BodyDir = n.Language, c.catalogue.Locale(n.Language).Dir()
	}
	var text, html bytes.Buffer
	if err := c.text[l.Lang()].ExecuteTemplate(&text, "news.txt", p); err != nil {
		return nil, fmt.Errorf("write a mail: %w", err)
	}
	if err := c.html[l.Lang()].ExecuteTemplate(&html, "news.html", p); err != nil {
		return nil, fmt.Errorf("write a mail: %w", err)
	}
	return &Message{ID: h.ID, From: c.from, To: h.To, Date: h.Date, Language: n.Language, Subject: n.Subject,
		Text: text.String(), HTML: html.String(), Unsubscribe: links.Stop, Bounce: links.Bounce}, nil
}

// UpdateStopped tells the owner that an update has stopped by itself, since too much of it did not arrive.
func (c *Composer) UpdateStopped(h Letterhead, link, title string, tally undersigned.UpdateTally) (*Message, error) {
	return c.compose("update-stopped", h, page{Subject: c.catalogue.Locale(h.Language).T("mail.update_stopped.subject"), Link: link, Title: oneLine(title),
		Tally: &tally, Staff: true})
}

// Speaks gives the language in which we write to somebody who reads that one: English where we lack it.
func (c *Composer) Speaks(language string) string { return c.catalogue.Locale(language).Lang() }

// Text and HTML are the body's two forms.
func (n *News) Text() string        { return n.text }
func (n *News) HTML() template.HTML { return n.html }

// Words writes in a language the update that tells of something by itself. link gives the address of a page of ours. What
// it is about stands behind the first link: others may see the beginning of a mail on the reader's screen.
func (c *Composer) Words(language string, u *undersigned.Update, content *undersigned.Content, link func(path string) string) undersigned.UpdateText {
	l, key := c.catalogue.Locale(language), "mail.news."+string(u.Cause)
	text := undersigned.UpdateText{Subject: l.T(key + ".subject")}
	if u.Cause == undersigned.BillChanged {
		text.Body = billWords(l, u, content, link)
		return text
	}
	parts := []string{l.T(key+".body", "page", link("/"+u.Issue), "my", link("/my"))}
	details := strings.Fields(u.Detail)
	for i, slug := range strings.Fields(u.About) {
		a := content.Action(slug)
		if a == nil || len(details) == 0 {
			continue
		}
		about, _ := a.Text(language, content.Issue.Languages)
		detail := details[min(i, len(details)-1)]
		args := []any{"title", about.Title, "link", link("/" + a.Issue + "/" + a.Slug), "day", l.Day(undersigned.Day(detail))}
		if u.Cause == undersigned.AskEnded {
			args = append(args, "why", l.T("closed."+detail, "bill", a.Bill.Name(), "congress", l.Ordinal(a.Bill.Congress)))
		}
		parts = append(parts, l.T(key+".ask", args...))
		if u.Cause == undersigned.AskEnded && about.Outcome != "" {
			parts = append(parts, about.Outcome)
		}
		if next := content.Action(a.Successor); next != nil {
			after, _ := next.Text(language, content.Issue.Languages)
			parts = append(parts, l.T("mail.news.next", "title", after.Title, "link", link("/"+next.Issue+"/"+next.Slug)))
		}
	}
	text.Body = strings.Join(parts, "\n\n")
	return text
}

func billWords(l *locale.Locale, u *undersigned.Update, content *undersigned.Content, link func(path string) string) string {
	id, err := undersigned.ParseBillID(u.About)
	if err != nil {
		return ""
	}
	title := ""
	if bill := content.Bill(id); bill != nil {
		title = bill.Title
	}
	return l.T("mail.news.bill.body", "bill", l.T("bill.name", "bill", id.Name(), "congress", l.Ordinal(id.Congress)), "title", title,
		"stage", l.T("stage."+u.Detail), "link", link(fmt.Sprintf("/bills/%d/%s/%d", id.Congress, id.Type, id.Number)))
}
