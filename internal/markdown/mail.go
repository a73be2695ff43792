package markdown

import (
	"html/template"
	"net/url"
	"strconv"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/util"
)

// Mail makes Markdown into the two forms of a mail: HTML whose headings begin at level 2, and plain text in which each link
// stands behind its words. A link within the site gets the site's address, base, before it.
func Mail(source string, base *url.URL) (html template.HTML, plain string) {
	raw := []byte(source)
	doc := parse(raw)
	fitHeadings(doc, 2)
	each(doc, func(n ast.Node) {
		if link, ok := n.(*ast.Link); ok {
			link.Destination = []byte(absolute(string(link.Destination), base))
		}
	})
	t := &plainText{raw: raw}
	t.blocks(doc, "")
	return render(raw, doc), strings.Trim(t.b.String(), "\n")
}

// absolute is an address for somebody who is elsewhere; empty where it is none.
func absolute(address string, base *url.URL) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	if u.Scheme != "" {
		return address
	}
	return base.ResolveReference(u).String()
}

// plainText writes a document as people write plain text.
type plainText struct {
	raw []byte
	b   strings.Builder
}

// blocks writes the blocks within n, each line behind a prefix, with an empty line between two blocks.
func (t *plainText) blocks(n ast.Node, prefix string) {
	mark := func() string { return "- " }
	if list, ok := n.(*ast.List); ok && list.IsOrdered() {
		number := list.Start - 1
		mark = func() string { number++; return strconv.Itoa(number) + ". " }
	}
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		switch c := c.(type) {
		case *ast.Heading, *ast.Paragraph, *ast.TextBlock:
			t.lines(t.inline(c), prefix)
		case *ast.ThematicBreak:
			t.lines("* * *", prefix)
		case *ast.CodeBlock, *ast.FencedCodeBlock:
			var code strings.Builder
			for i := range c.Lines().Len() {
				line := c.Lines().At(i)
				code.Write(line.Value(t.raw))
			}
			t.lines(strings.TrimRight(code.String(), "\n"), prefix+"    ")
		case *ast.Blockquote:
			t.blocks(c, prefix+"> ")
		case *ast.List:
			t.blocks(c, prefix)
		case *ast.ListItem:
			t.item(c, prefix, mark())
			continue
		default: // raw HTML
			continue
		}
		if c.NextSibling() != nil && c.Kind() != ast.KindTextBlock {
			t.b.WriteString(strings.TrimRight(prefix, " ") + "\n")
		}
	}
}

func (t *plainText) item(item *ast.ListItem, prefix, mark string) {
	inner := &plainText{raw: t.raw}
	inner.blocks(item, "")
	for i, line := range strings.Split(strings.TrimRight(inner.b.String(), "\n"), "\n") {
		if i == 0 {
			t.lines(line, prefix+mark)
		} else {
			t.lines(line, prefix+strings.Repeat(" ", len(mark)))
		}
	}
}

func (t *plainText) lines(text, prefix string) {
	for line := range strings.SplitSeq(text, "\n") {
		t.b.WriteString(strings.TrimRight(prefix+line, " ") + "\n")
	}
}

// inline is what stands in a block, as text.
func (t *plainText) inline(n ast.Node) string {
	var b strings.Builder
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		switch c := c.(type) {
		case *ast.Text:
			words := c.Segment.Value(t.raw)
			if !c.IsRaw() {
				words = util.ResolveEntityNames(util.ResolveNumericReferences(util.UnescapePunctuations(words)))
			}
			b.Write(words)
			if c.HardLineBreak() {
				b.WriteByte('\n')
			} else if c.SoftLineBreak() {
				b.WriteByte(' ')
			}
		case *ast.String:
			b.Write(c.Value)
		case *ast.AutoLink:
			b.Write(c.URL(t.raw))
		case *ast.Link:
			words, to := t.inline(c), strings.TrimPrefix(string(c.Destination), "mailto:")
			b.WriteString(words)
			if to != words && leads(string(c.Destination)) {
				b.WriteString(" <" + to + ">")
			}
		case *ast.RawHTML, *ast.Image:
		default: // emphasis and code
			b.WriteString(t.inline(c))
		}
	}
	return b.String()
}

// leads tells whether the policy lets a link stand.
func leads(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http" || u.Scheme == "mailto" || u.Scheme == "tel")
}
