package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"github.com/undersigned/undersigned"
)

// preview is the picture that other sites show beside a link to us.
type preview struct {
	Lang, Dir string
	Above     string // what kind of page it is
	Title     string
	Below     string // where it is
	design    *design
}

// previewLink leads to the card of a page.
type previewLink struct {
	URL, Alt      string
	Width, Height int // pixels
}

func (s *Server) issuePreview(ctx context.Context, v *visit, r *http.Request) (*draft, error) {
	site, err := s.db.Site(ctx)
	if err != nil {
		return nil, err
	}
	content, err := findIssue(site, r)
	if err != nil {
		return nil, err
	}
	return s.drawPreview(newIssuePreview(s.chrome(v), content))
}

func (s *Server) actionPreview(ctx context.Context, v *visit, r *http.Request) (*draft, error) {
	site, err := s.db.Site(ctx)
	if err != nil {
		return nil, err
	}
	content, a, err := findAction(site, r)
	if err != nil {
		return nil, err
	}
	return s.drawPreview(newActionPreview(s.chrome(v), content, a))
}

func (s *Server) drawPreview(k preview) (*draft, error) {
	if !s.views.faces.has(k.Title) {
		return nil, undersigned.Fail(undersigned.NotFound, "")
	}
	picture, err := k.draw(s.views.faces)
	return &draft{contentType: "image/png", body: picture}, err
}

func newIssuePreview(c chrome, content *undersigned.Content) preview {
	text, lang := content.Issue.Text(c.Lang())
	return newPreview(c, lang, text.Title, content.Issue.Publisher)
}

func newActionPreview(c chrome, content *undersigned.Content, a *undersigned.Action) preview {
	text, lang := a.Text(c.Lang(), content.Issue.Languages)
	issue, _ := content.Issue.Text(c.Lang())
	return newPreview(c, lang, text.Title, kindName(c, a.Kind), issue.Title)
}

// newPreview draws a title in its own language, in the direction in which that runs. Of what stands above, a part with letters
// that we do not have is left out.
func newPreview(c chrome, lang, title string, above ...string) preview {
	_, host, _ := strings.Cut(c.BaseURL, "://")
	above = slices.DeleteFunc(above, func(part string) bool { return !c.faces.has(part) })
	return preview{Lang: lang, Dir: directionOf(title), Above: strings.Join(above, " · "), Title: title, Below: host, design: c.design}
}

// directionOf is the direction of the first letter of a text.
func directionOf(text string) string {
	for _, r := range text {
		switch {
		case unicode.In(r, unicode.Arabic, unicode.Hebrew, unicode.Syriac, unicode.Thaana, unicode.Nko):
			return "rtl"
		case unicode.IsLetter(r):
			return "ltr"
		}
	}
	return "ltr"
}

// withPreview gives the page at path a card, where every letter of its title can be drawn. The address changes with what is
// on the card, since other sites keep what they have once fetched.
func (c chrome) withPreview(path string, k preview) chrome {
	if !c.faces.has(k.Title) {
		return c
	}
	sum := sha256.Sum256([]byte(k.Lang + "\n" + k.Above + "\n" + k.Title + "\n" + k.Below + "\n" + c.design.settings.Accent))
	query := url.Values{"v": {hex.EncodeToString(sum[:4])}}
	c.Preview = &previewLink{URL: c.URL(path+"/card.png") + "?" + query.Encode(), Alt: k.Title, Width: previewWidth, Height: previewHeight}
	return c
}
