package web

import (
	"html/template"
	"strings"

	"github.com/undersigned/undersigned/internal/markdown"
)

// prose makes Markdown into HTML whose first headings are of level top (2 to 6).
func prose(source string, top int) template.HTML { return markdown.HTML(source, top) }

// plainWords is Markdown as words alone, in one line.
func plainWords(source string) string { return markdown.Words(source) }

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
