package web

import (
	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/locale"
)

// chrome is what every page has around its content: each view struct embeds one. T, N, Number, Date and the like are the
// locale's.
type chrome struct {
	*locale.Locale
	Path         string    // without the language prefix
	BaseURL      string    // without a slash at its end
	Site         string    // how the site is called
	Logo         *logoLink // in place of that, where there is one
	Title        string
	Description  string
	Private      bool   // about one person, or about nothing: not for search engines
	Paper        bool   // printed, it is letters and nothing around them
	Draft        string // said above a page that is not published, which only its writer sees; empty on all others
	Issue        *crumb
	Languages    []languageLink
	LanguageForm string       // what is in this form goes along to another language; empty where there is nothing to lose
	Preview      *previewLink // the picture beside a link to the page

	faces  *previewFaces
	design *design
}

// crumb leads back to the issue that a page belongs to.
type crumb struct {
	Title, Lang, Link string
}

// languageLink is the same page in one language.
type languageLink struct {
	*locale.Locale
	Link, URL string
	Current   bool
}

// chrome makes the surroundings of the page at path (without its language prefix) in a language. The page's builder adds
// title and description.
func (v *views) chrome(lang, baseURL, path string) chrome {
	l := v.design.Load()
	c := chrome{Locale: v.cat.Locale(lang), Path: path, BaseURL: baseURL, Site: l.settings.SiteName(), Logo: l.logo, design: l, faces: v.faces}
	c.Languages = v.languageLinks(c, v.shown())
	return c
}

// languageLinks are the same page in some languages.
func (v *views) languageLinks(c chrome, languages []string) (links []languageLink) {
	for _, other := range languages {
		link := LocalPath(other, c.Path)
		links = append(links, languageLink{Locale: v.cat.Locale(other), Link: link, URL: c.BaseURL + link, Current: other == c.Lang()})
	}
	return links
}

// LocalPath puts the prefix of a language before a path of the site; English has none.
func LocalPath(lang, path string) string {
	if lang == locale.English {
		return path
	}
	if path == "/" {
		return "/" + lang
	}
	return "/" + lang + path
}

// Link is a path of ours in the page's language.
func (c chrome) Link(path string) string { return LocalPath(c.Lang(), path) }

// URL is the whole address of a path of ours in the page's language, for sharing.
func (c chrome) URL(path string) string { return c.BaseURL + c.Link(path) }

// inIssue puts the page under an issue.
func (c chrome) inIssue(content *undersigned.Content) chrome {
	text, lang := content.Issue.Text(c.Lang())
	c.Issue = &crumb{Title: text.Title, Lang: c.other(lang), Link: c.Link("/" + content.Issue.Slug)}
	return c
}

// other is lang where it is not the page's language, else empty: what the lang attribute of a fallback needs.
func (c chrome) other(lang string) string {
	if lang == c.Lang() {
		return ""
	}
	return lang
}

// phrase is words in a language; an empty one is the page's.
type phrase struct{ Words, Lang string }

// ours are phrases in the page's language.
func ours(words ...string) (list []phrase) {
	for _, w := range words {
		list = append(list, phrase{Words: w})
	}
	return list
}

// theirs is a phrase of content in some language.
func (c chrome) theirs(words, lang string) phrase { return phrase{words, c.other(lang)} }

// titled names the page.
func (c chrome) titled(title, description string) chrome {
	c.Title, c.Description = title, description
	return c
}

// private marks a page that is about one person.
func (c chrome) private() chrome {
	c.Private = true
	return c
}
