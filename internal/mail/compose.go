package mail

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	htmltemplate "html/template"
	"net/mail"
	"strings"
	texttemplate "text/template"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/locale"
)

//go:embed templates
var templates embed.FS

// Composer writes the mails of a site. Subjects, senders and whatever a notification shows of the text do not name the
// site or the cause: others may see the reader's screen. Both stand below the link.
type Composer struct {
	from, site string
	catalogue  *locale.Catalogue
	text       map[string]*texttemplate.Template // by language
	html       map[string]*htmltemplate.Template
	drawn      *drawnMails
	// Name gives the name that the site has now, beside its address; empty or nil is none.
	Name func() string
}

// NewComposer writes as from, an address with or without a name, about the site at that address.
func NewComposer(catalogue *locale.Catalogue, from, site string) (*Composer, error) {
	c := &Composer{from: from, site: oneLine(site), catalogue: catalogue, drawn: newDrawnMails(),
		text: map[string]*texttemplate.Template{}, html: map[string]*htmltemplate.Template{}}
	for _, lang := range catalogue.Languages() {
		words := map[string]any{"t": catalogue.Locale(lang).T, "quoted": Quoted}
		var err error
		if c.text[lang], err = texttemplate.New("").Funcs(words).ParseFS(templates, "templates/*.txt"); err != nil {
			return nil, fmt.Errorf("read the mail templates: %w", err)
		}
		if c.html[lang], err = htmltemplate.New("").Funcs(words).ParseFS(templates, "templates/*.html"); err != nil {
			return nil, fmt.Errorf("read the mail templates: %w", err)
		}
	}
	return c, nil
}

// Letterhead is what every mail needs: the ID of its job's message, the address, the language of the site, the moment.
type Letterhead struct {
	ID, To, Language string
	Date             time.Time
}

// page is what the templates see.
type page struct {
	Lang, Dir         string
	Subject           string
	Site, Title       string
	Link, Unsubscribe string // no link to unsubscribe stands in a mail to somebody whose work it is
	Day               string
	Offer             *Offer
	Staff             bool // it goes to one of the staff
	Exported          *Exported
	News              *News
	Stop              string // ends the news
	Tally             *undersigned.UpdateTally
	BodyLang, BodyDir string // of subject and body, where they are in another language than the mail
	alike             bool   // but for its two links, all who get it in a language get the same
}

// Confirm asks the owner of an address to press the button behind link, which works for three days. title is the
// action's; unsubscribe is the page that stops all mail to this address.
func (c *Composer) Confirm(h Letterhead, link, title, unsubscribe string) (*Message, error) {
	return c.compose("confirm", h, page{Subject: c.catalogue.Locale(h.Language).T("mail.confirm.subject"),
		Link: link, Title: oneLine(title), Unsubscribe: unsubscribe, alike: true})
}

// ConfirmCorrection asks who wants an organisation's entry corrected to press the button behind link, which works for three days.
func (c *Composer) ConfirmCorrection(h Letterhead, link, name, unsubscribe string) (*Message, error) {
	return c.compose("correction", h, page{Subject: c.catalogue.Locale(h.Language).T("mail.confirm.subject"), Link: link, Title: oneLine(name), Unsubscribe: unsubscribe})
}

// MyLink sends the link, good for 24 hours, to the page of what the owner of the address has signed.
func (c *Composer) MyLink(h Letterhead, link, unsubscribe string) (*Message, error) {
	return c.compose("my-link", h, page{Subject: c.catalogue.Locale(h.Language).T("mail.my_link.subject"),
		Link: link, Unsubscribe: unsubscribe})
}

// ConfirmLetter asks the owner of an address to press the button behind link, which sends a letter and works for three
// days. title is the action's; unsubscribe is the page that stops all mail to this address.
func (c *Composer) ConfirmLetter(h Letterhead, link, title, unsubscribe string) (*Message, error) {
	return c.compose("letter", h, page{Subject: c.catalogue.Locale(h.Language).T("mail.confirm.subject"),
		Link: link, Title: oneLine(title), Unsubscribe: unsubscribe})
}

// Attend asks an owner whether a petition goes on that nothing would ever end; without an answer it closes on that day.
func (c *Composer) Attend(h Letterhead, link, title string, closes undersigned.Day) (*Message, error) {
	l := c.catalogue.Locale(h.Language)
	return c.compose("attend", h, page{Subject: l.T("mail.attend.subject"), Link: link, Title: oneLine(title), Day: l.Day(closes), Staff: true})
}

// SignIn sends one of the staff the link, good for an hour, with which they sign in; to somebody who was just added, as
// invited, it is good for three days. Nobody can stop these.
func (c *Composer) SignIn(h Letterhead, link string, invited bool) (*Message, error) {
	name := "sign-in"
	if invited {
		name = "invitation"
	}
	return c.compose(name, h, page{Subject: c.catalogue.Locale(h.Language).T("mail.sign_in.subject"), Link: link, Staff: true})
}

// Letter is somebody's letter to an office, in plain text. It comes from our address under the writer's name, since a mail
// server speaks for its own addresses alone, and answers go to the writer.
func (c *Composer) Letter(h Letterhead, m undersigned.Message, writer *undersigned.Writer) (*Message, error) {
	from, err := mail.ParseAddress(c.from)
	if err != nil {
		return nil, fmt.Errorf("write a letter: %w", err)
	}
	l := c.catalogue.Locale(h.Language)
	from.Name = oneLine(writer.Name())
	signed := []string{m.Text, "", writer.Name()}
	if writer.Locality != "" {
		signed = append(signed, writer.Locality)
	}
	signed = append(signed, writer.Email, "", "-- ", l.T("mail.letter.foot", "site", c.siteNow()))
	return &Message{ID: h.ID, From: from.String(), To: h.To, Date: h.Date, Language: l.Lang(), Subject: oneLine(m.Subject),
		Text: strings.Join(signed, "\n"), ReplyTo: writer.Email, Personal: true}, nil
}

func (c *Composer) compose(name string, h Letterhead, p page) (*Message, error) {
	if !webAddress(p.Link) || p.Offer == nil && !p.Staff && !webAddress(p.Unsubscribe) {
		return nil, errors.New("write a mail: a link is malformed")
	}
	l := c.catalogue.Locale(h.Language)
	p.Lang, p.Dir, p.Site = l.Lang(), l.Dir(), c.siteNow()
	text, html, err := c.drawn.fill(name, p, c.draw)
	if err != nil {
		return nil, fmt.Errorf("write a mail: %w", err)
	}
	return &Message{ID: h.ID, From: c.from, To: h.To, Date: h.Date, Language: l.Lang(), Subject: p.Subject,
		Text: text, HTML: html, Unsubscribe: p.Unsubscribe}, nil
}

func (c *Composer) draw(name string, p page) (text, html string, err error) {
	var t, h bytes.Buffer
	err = errors.Join(c.text[p.Lang].ExecuteTemplate(&t, name+".txt", p), c.html[p.Lang].ExecuteTemplate(&h, name+".html", p))
	return t.String(), h.String(), err
}

// siteNow is how mails call the site.
func (c *Composer) siteNow() string {
	if c.Name == nil {
		return c.site
	}
	if name := oneLine(c.Name()); name != "" {
		return name + " (" + c.site + ")"
	}
	return c.site
}

// oneLine makes a title fit into a line of plain text, whatever was typed into it.
func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || breaksLine(r) }), " ")
}
