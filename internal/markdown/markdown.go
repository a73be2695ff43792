// Package markdown makes of what an organiser writes the HTML of a page, the two forms of a mail, or words alone. Raw HTML
// and pictures are left out; links lead to the web, to mail programs and telephones, and nowhere else.
package markdown

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

// markdown leaves raw HTML out; policy stands behind it, should it ever let something through.
var (
	markdown = goldmark.New()
	policy   = newPolicy()
)

func newPolicy() *bluemonday.Policy {
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

// HTML makes Markdown into HTML whose first headings are of level top (2 to 6) and whose deeper ones follow without a
// gap, so that the outline of the page around it stays whole.
func HTML(source string, top int) template.HTML {
	if source == "" {
		return ""
	}
	raw := []byte(source)
	doc := parse(raw)
	fitHeadings(doc, top)
	markOutsideLinks(doc)
	return render(raw, doc)
}

func parse(raw []byte) ast.Node {
	return markdown.Parser().Parse(text.NewReader(raw), parser.WithContext(parser.NewContext()))
}

func render(raw []byte, doc ast.Node) template.HTML {
	var buf bytes.Buffer
	if err := markdown.Renderer().Render(&buf, raw, doc); err != nil {
		return template.HTML(template.HTMLEscapeString(string(raw))) // a bytes.Buffer does not fail
	}
	return template.HTML(policy.SanitizeBytes(buf.Bytes()))
}

// Words is Markdown as words alone, in one line.
func Words(source string) string {
	if source == "" {
		return ""
	}
	raw := []byte(source)
	var b strings.Builder
	each(parse(raw), func(n ast.Node) {
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
