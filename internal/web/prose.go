package web

import (
	"bytes"
	"html/template"
	"net/url"
	"regexp"
	"strings"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// markdown leaves raw HTML out; prosePolicy stands behind it, should it ever let something through.
var (
	markdown    = goldmark.New()
	prosePolicy = newProsePolicy()
)

func newProsePolicy() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "hr", "em", "strong", "ul", "ol", "li", "blockquote", "code", "pre", "h2", "h3", "h4", "h5", "h6")
	p.AllowURLSchemes("https", "http", "mailto", "tel")
	p.AllowRelativeURLs(true)
	p.RequireParseableURLs(true)
	p.AllowAttrs("href").OnElements("a")
	p.AllowAttrs("rel").Matching(regexp.MustCompile(`^external noopener$`)).OnElements("a")
	p.AllowAttrs("start").Matching(bluemonday.Integer).OnElements("ol")
	return p
}

// prose makes Markdown into HTML whose first headings are of level top (2 to 6) and whose deeper ones follow without a
// gap, so that the outline of the page around it stays whole.
func prose(source string, top int) template.HTML {
	if source == "" {
		return ""
	}
	raw := []byte(source)
	doc := markdown.Parser().Parse(text.NewReader(raw), parser.WithContext(parser.NewContext()))
	fitHeadings(doc, top)
	markOutsideLinks(doc)
	var buf bytes.Buffer
	if err := markdown.Renderer().Render(&buf, raw, doc); err != nil {
		return template.HTML(template.HTMLEscapeString(source)) // a bytes.Buffer does not fail
	}
	return template.HTML(prosePolicy.SanitizeBytes(buf.Bytes()))
}

// plainWords is Markdown as words alone, in one line.
func plainWords(source string) string {
	if source == "" {
		return ""
	}
	raw := []byte(source)
	var b strings.Builder
	each(markdown.Parser().Parse(text.NewReader(raw)), func(n ast.Node) {
		switch n := n.(type) {
		case *ast.Text:
			b.Write(n.Segment.Value(raw))
			if n.SoftLineBreak() || n.HardLineBreak() {
				b.WriteByte(' ')
			}
		case *ast.String:
			b.Write(n.Value)
		default:
			if n.Type() == ast.TypeBlock {
				b.WriteByte(' ')
			}
		}
	})
	return strings.Join(strings.Fields(b.String()), " ")
}

// firstWords is the beginning of a text, as long as a preview shows.
func firstWords(text string) string {
	const most = 200 // bytes
	if len(text) <= most {
		return text
	}
	if space := strings.LastIndexByte(text[:most], ' '); space > 0 {
		return text[:space] + " …"
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}

func fitHeadings(doc ast.Node, top int) {
	var open []int // the author's levels around the heading at hand
	each(doc, func(n ast.Node) {
		h, ok := n.(*ast.Heading)
		if !ok {
			return
		}
		for len(open) > 0 && open[len(open)-1] >= h.Level {
			open = open[:len(open)-1]
		}
		open = append(open, h.Level)
		h.Level = min(top+len(open)-1, 6)
	})
}

func markOutsideLinks(doc ast.Node) {
	each(doc, func(n ast.Node) {
		switch n := n.(type) {
		case *ast.Link:
			if outside(string(n.Destination)) {
				n.SetAttributeString("rel", []byte("external noopener"))
			}
		case *ast.AutoLink:
			n.SetAttributeString("rel", []byte("external noopener"))
		}
	})
}

func outside(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Host != ""
}

func each(doc ast.Node, visit func(ast.Node)) {
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			visit(n)
		}
		return ast.WalkContinue, nil
	})
}
