package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"

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
	text, _ := content.Issue.Text(c.Lang())
	return newPreview(c, content.Issue.Publisher, text.Title)
}

func newActionPreview(c chrome, content *undersigned.Content, a *undersigned.Action) preview {
	text, _ := a.Text(c.Lang(), content.Issue.Languages)
	issue, _ := content.Issue.Text(c.Lang())
	return newPreview(c, kindName(c, a.Kind)+" · "+issue.Title, text.Title)
}

func newPreview(c chrome, above, title string) preview {
	_, host, _ := strings.Cut(c.BaseURL, "://")
	return preview{Lang: c.Lang(), Dir: c.Dir(), Above: above, Title: title, Below: host, design: c.design}
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
