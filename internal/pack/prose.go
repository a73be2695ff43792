package pack

import (
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// The longest texts, in characters: a line, a text of a field, and the Markdown below a front matter, some 50 pages.
const (
	maxLine = 2000
	maxText = 20_000
	maxBody = 100_000
)

// tooLong notes a text that is longer than most.
func (m *mapping) tooLong(key, s string, most int) {
	if utf8.RuneCountInString(s) > most {
		m.fault(key, "want.text_long", "n", most)
	}
}

// markdown takes a text of any length that is shown as Markdown.
func (m *mapping) markdown(key string) string {
	s := m.text(key)
	m.checkLinks(key, s)
	return s
}

// checkLinks refuses what no page would show, so that its writer hears of it.
func (m *mapping) checkLinks(key, s string) {
	if fault, arg, said := CheckProse(s); fault != "" {
		m.fault(key, fault, arg, said)
	}
}

// CheckProse finds what a Markdown text holds that no page would show as it was meant: a link that leads nowhere, HTML that
// stands for itself, as a paste from a page's source has it. It gives the key of a fault with its one argument; empty is none.
func CheckProse(source string) (fault, arg, said string) {
	if link, bad := badLink(source); bad {
		return "want.link", "link", link
	}
	if tag := htmlBlock(source); tag != "" {
		return "want.markdown", "tag", tag
	}
	return "", "", ""
}

// htmlBlock gives the beginning of the first piece of HTML whose words would not be seen; a comment is meant not to be.
func htmlBlock(source string) (tag string) {
	raw := []byte(source)
	_ = ast.Walk(goldmark.DefaultParser().Parse(text.NewReader(raw)), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		block, ok := n.(*ast.HTMLBlock)
		if !ok || block.HTMLBlockType == ast.HTMLBlockType2 || block.Lines().Len() == 0 {
			return ast.WalkContinue, nil
		}
		line := block.Lines().At(0)
		begins := strings.TrimSpace(string(line.Value(raw)))
		tag = strings.ToValidUTF8(begins[:min(len(begins), 60)], "")
		return ast.WalkStop, nil
	})
	return tag
}

// linkSchemes are those that pages make links of.
var linkSchemes = []string{"https", "http", "mailto", "tel", ""}

// badLink finds the first link in a Markdown text that leads nowhere a page would send anybody: javascript:, data: and
// the like. Whatever is not Markdown's idea of a link is words, and shown as such.
func badLink(source string) (link string, bad bool) {
	raw := []byte(source)
	_ = ast.Walk(goldmark.DefaultParser().Parse(text.NewReader(raw)), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		var to []byte
		switch n := n.(type) {
		case *ast.Link:
			to = n.Destination
		case *ast.AutoLink:
			to = n.URL(raw)
		default:
			return ast.WalkContinue, nil
		}
		u, err := url.Parse(string(util.URLEscape(to, true)))
		if bad = err != nil || !slices.Contains(linkSchemes, strings.ToLower(u.Scheme)); bad {
			link = string(to[:min(len(to), 60)])
			return ast.WalkStop, nil
		}
		return ast.WalkContinue, nil
	})
	return strings.ToValidUTF8(link, ""), bad
}
