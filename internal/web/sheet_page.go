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
	Heading string
	Lang    string
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
	Script         []string   // paragraphs
	Opening        string     // what everybody begins with
	Numbers, Scan  string
	Paper, Careful string
}

type sheetText struct{ Title, Ask, Lang string }

// sheetNumber is somebody to call.
type sheetNumber struct {
	Roles []string // in each language
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
	text, lang := content.Issue.Text(c.Lang())
	c = c.inIssue(content).titled(c.T("sheet.title", "title", text.Title), c.T("sheet.lead"))
	c.Paper = true
	code, err := newQR(c.T("qr.title"), c.URL(path))
	v := sheetView{chrome: c, Heading: text.Title, Lang: c.other(lang), QR: code, Action: c.Link(path + "/" + undersigned.SheetSlug),
		Lines: make([]int, sheetLines), ZIP: newZIPInput(c, p)}
	_, v.Address, _ = strings.Cut(c.URL(path), "://")
	speakers := []*chrome{&c}
	if other != nil {
		speakers, v.With = append(speakers, other), other.Lang()
	}
	petition, call := sheetAsks(content, p)
	for _, speaker := range speakers {
		v.Sides = append(v.Sides, newSheetSide(speaker, content, petition, call))
	}
	if petition != nil {
		for _, key := range []string{"sheet.name", "sheet.town", "sheet.signature"} {
			v.Heads = append(v.Heads, bothWords(speakers, key))
		}
	}
	if call != nil {
		v.numbers(speakers, call, p)
	}
	for _, l := range c.Languages {
		if l.Lang != c.Lang() && l.Lang != v.With {
			query := url.Values{"with": {l.Lang}}
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

func newSheetSide(c *chrome, content *undersigned.Content, petition, call *undersigned.Action) sheetSide {
	text, lang := content.Issue.Text(c.Lang())
	side := sheetSide{chrome: c, TextLang: c.other(lang), Heading: text.Title, Summary: text.Summary, Scan: c.T("sheet.scan")}
	if petition != nil {
		side.Ask = newSheetText(c, content, petition)
		side.Paper, side.Careful = c.T("sheet.apart"), c.T("sheet.careful")
	}
	if call != nil {
		side.Call, side.Numbers = newSheetText(c, content, call), c.T("sheet.call")
		words, _ := call.Text(c.Lang(), content.Issue.Languages)
		side.Script = shorten(words.Words, longScript)
	}
	return side
}

func newSheetText(c *chrome, content *undersigned.Content, a *undersigned.Action) *sheetText {
	text, lang := a.Text(c.Lang(), content.Issue.Languages)
	return &sheetText{Title: text.Title, Ask: text.Ask, Lang: c.other(lang)}
}

// numbers are those who certainly represent the readers, and the switchboard, which connects to all.
func (v *sheetView) numbers(speakers []*chrome, call *undersigned.Action, p place) {
	m := members{chambers: chambersOf(call)}
	add := func(member func(c chrome) memberView) {
		first := member(*speakers[0])
		if first.Name == "" || first.Phone == nil {
			return
		}
		number := sheetNumber{Name: first.Name, Phone: first.Phone}
		for _, c := range speakers {
			number.Roles = append(number.Roles, member(*c).Role)
		}
		v.Numbers = append(v.Numbers, number)
	}
	if seat := p.seat(); seat != nil && m.wants(undersigned.House) {
		add(func(c chrome) memberView { return newSeat(c, seat, &p) })
	}
	if m.wants(undersigned.Senate) {
		for i := range p.Answer.Senators {
			add(func(c chrome) memberView { return newSenators(c, &p)[i] })
		}
	}
	if p.asked && p.problem == nil && len(v.Numbers) == 0 {
		v.Note = v.T("sheet.nobody", "zip", p.ZIP)
	}
	all := sheetNumber{Phone: newPhone(switchboard)}
	for _, c := range speakers {
		all.Roles = append(all.Roles, c.T("sheet.switchboard"))
	}
	v.Numbers = append(v.Numbers, all)
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
