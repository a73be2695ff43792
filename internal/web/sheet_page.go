package web

import (
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/undersigned/undersigned"
)

// sheetView is an issue on one page of paper, for people who will never see it on a screen: in two languages side by
// side, with a code to scan, the numbers to call and what to say, and lines to sign.
type sheetView struct {
	chrome
	Sides   []sheetSide
	QR      qrView
	Address string // of the page that the code leads to, as it is typed
	Numbers []sheetNumber
	Note    string // why there are no names among the numbers
	Heads   []string
	Lines   []int // to sign; the paper shows as many as have room
	ZIP     formInput
	Action  string
	Others  []languageLink // in which else it can be had beside the page's
	With    string
}

// sheetSide is what stands in one language.
type sheetSide struct {
	*chrome
	TextLang       string // where the issue has not this language
	Heading        string
	Summary        string
	Ask            *sheetText // what is signed
	Call           *sheetText // what is called for
	Script         []string   // paragraphs of what to say
	ScriptLang     string
	Numbers, Scan  string
	Paper, Careful string
}

type sheetText struct{ Title, Ask, Lang string }

// sheetNumber is somebody to call, or a seat that nobody holds.
type sheetNumber struct {
	Roles []phrase // who that is, in each language
	Name  string
	Phone *phoneView
}

const (
	sheetLines = 30
	// longScript is how many letters of the words a sheet has room for.
	longScript = 620
)

func newSheet(c chrome, other *chrome, content *undersigned.Content, p place) (sheetView, error) {
	path := "/" + content.Issue.Slug
	text, _ := content.Issue.Text(c.Lang())
	c = c.inIssue(content).titled(c.T("sheet.title", "title", text.Title), c.T("sheet.lead"))
	c.Paper = true
	code, err := newQR(c.T("qr.title"), c.URL(path))
	v := sheetView{chrome: c, QR: code, Action: c.Link(path + "/" + undersigned.SheetSlug),
		Lines: make([]int, sheetLines), ZIP: newZIPInput(c, p)}
	_, v.Address, _ = strings.Cut(c.URL(path), "://")
	speakers := []*chrome{&c}
	if other != nil {
		speakers, v.With = append(speakers, other), other.Lang()
	}
	petition, call := sheetAsks(content, p)
	if call != nil {
		v.numbers(speakers, content, call, p)
	}
	for _, speaker := range speakers {
		v.Sides = append(v.Sides, newSheetSide(speaker, content, petition, call, len(v.Numbers) > 0))
	}
	if petition != nil {
		for _, key := range []string{"sheet.name", "sheet.town", "sheet.signature"} {
			v.Heads = append(v.Heads, bothWords(speakers, key))
		}
	}
	for _, l := range c.Languages {
		if l.Lang() != c.Lang() && l.Lang() != v.With {
			query := url.Values{"with": {l.Lang()}}
			if p.Answer.ZIP != "" {
				query.Set("zip", p.Answer.ZIP)
			}
			l.Link = v.Action + "?" + query.Encode()
			v.Others = append(v.Others, l)
		}
	}
	return v, err
}

// sheetAsks are the first open petition or pledge, and the first open call or, where there is none, letter.
func sheetAsks(content *undersigned.Content, p place) (petition, call *undersigned.Action) {
	for i := range content.Actions {
		a := &content.Actions[i]
		if !a.Decide(content.Bill(a.Bill), p.now).Open() {
			continue
		}
		switch {
		case a.Kind.Signable() && petition == nil:
			petition = a
		case a.Kind == undersigned.Call && (call == nil || call.Kind != undersigned.Call), a.Kind == undersigned.Letter && call == nil:
			call = a
		}
	}
	return petition, call
}

func newSheetSide(c *chrome, content *undersigned.Content, petition, call *undersigned.Action, numbers bool) sheetSide {
	text, lang := content.Issue.Text(c.Lang())
	side := sheetSide{chrome: c, TextLang: c.other(lang), Heading: text.Title, Summary: text.Summary, Scan: c.T("sheet.scan")}
	if petition != nil {
		side.Ask = newSheetText(c, content, petition)
		side.Paper, side.Careful = c.T("sheet.apart"), c.T("sheet.careful")
	}
	if call != nil {
		side.Call = newSheetText(c, content, call)
		words, lang := wordsOf(content, call, c.Lang())
		side.Script, side.ScriptLang = shorten(words.Words, longScript), c.other(lang)
		switch {
		case numbers && side.Script != nil:
			side.Numbers = c.T("sheet.call")
		case numbers:
			side.Numbers = c.T("sheet.call_freely")
		}
	}
	return side
}

func newSheetText(c *chrome, content *undersigned.Content, a *undersigned.Action) *sheetText {
	text, lang := a.Text(c.Lang(), content.Issue.Languages)
	return &sheetText{Title: text.Title, Ask: text.Ask, Lang: c.other(lang)}
}

// numbers are the ask's own addressees and, where it is for members of Congress, those who certainly represent the readers
// and the switchboard, which connects to all of these.
func (v *sheetView) numbers(speakers []*chrome, content *undersigned.Content, call *undersigned.Action, p place) {
	for _, t := range call.Addressees {
		if t.Phone != "" {
			v.Numbers = append(v.Numbers, sheetNumber{Name: t.Name, Phone: newPhone(t.Phone), Roles: []phrase{{t.Role, content.Issue.Languages[0]}}})
		}
	}
	if len(call.Chambers()) == 0 {
		return
	}
	said := make([][]memberView, len(speakers)) // the same people, in each language
	for i, c := range speakers {
		where := whereView{chrome: *c}
		where.represent(p, membersFor(*c, content, call, p))
		said[i] = where.Members
	}
	known := false
	for i, m := range said[0] {
		if m.Phone == nil {
			continue
		}
		known = true
		number := sheetNumber{Name: m.Name, Phone: m.Phone}
		if m.Name == "" { // its line is the switchboard, which stands below
			number.Phone = nil
		}
		for j, c := range speakers {
			number.Roles = append(number.Roles, newSheetRole(c, said[j][i]))
		}
		v.Numbers = append(v.Numbers, number)
	}
	if p.asked && p.problem == nil && !known {
		v.Note = v.T("sheet.nobody", "zip", p.ZIP)
	}
	all, ask := sheetNumber{Phone: newPhone(switchboard)}, "sheet.switchboard"
	if chambers := call.Chambers(); len(chambers) == 1 {
		ask = "sheet.switchboard." + string(chambers[0])
	}
	for _, c := range speakers {
		all.Roles = append(all.Roles, phrase{c.T(ask), c.Lang()})
	}
	v.Numbers = append(v.Numbers, all)
}

func newSheetRole(c *chrome, m memberView) phrase {
	role := phrase{m.Role, c.Lang()}
	switch {
	case m.Name == "":
		role.Words = m.Heading + " · " + m.Of
	case m.Thanks:
		role.Words = c.T("sheet.thanks", "role", m.Role)
	}
	return role
}

// bothWords is a message in each language, once where they are the same.
func bothWords(speakers []*chrome, key string) string {
	var words []string
	for _, c := range speakers {
		if word := c.T(key); len(words) == 0 || words[0] != word {
			words = append(words, word)
		}
	}
	return strings.Join(words, " · ")
}

// shorten gives the paragraphs of a text that have room in so many letters; of the first, if need be, its beginning.
func shorten(text string, letters int) (kept []string) {
	if text == "" {
		return nil
	}
	for paragraph := range strings.SplitSeq(text, "\n\n") {
		n := utf8.RuneCountInString(paragraph)
		switch {
		case n <= letters:
			kept = append(kept, paragraph)
			letters -= n
			continue
		case len(kept) == 0:
			cut := string([]rune(paragraph)[:letters])
			if word := strings.LastIndexByte(cut, ' '); word > 0 {
				cut = cut[:word]
			}
			kept = append(kept, cut+" …")
		}
		return kept
	}
	return kept
}
