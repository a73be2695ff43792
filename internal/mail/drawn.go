package mail

import (
	"crypto/rand"
	"strings"
	"sync"
)

// drawn is a mail as its templates give it, cut where its two links stand: from one person to the next nothing else differs.
// Drawing it costs as much as all else that becomes of it together.
type drawn struct{ text, html []piece }

// piece is a part of a drawn mail, and which link follows it.
type piece struct {
	words string
	then  byte // 'L' or 'U'; 0 at the end
}

// drawnMails keeps those that are being sent, by name, language, site and title.
type drawnMails struct {
	mark string // stands for a link, with the letter behind it; random, so that no title can hold it

	mu   sync.RWMutex
	kept map[drawnKey]*drawn
}

type drawnKey struct{ name, lang, site, title string }

// maxDrawn bounds the memory to some 5 MB.
const maxDrawn = 1000

func newDrawnMails() *drawnMails {
	return &drawnMails{mark: "https://" + rand.Text() + ".", kept: map[drawnKey]*drawn{}}
}

// fill gives text and HTML of the mail that draw draws, with the links of p in their places. Links stand in both as they are:
// one with a character that HTML writes in another way is drawn each time.
func (d *drawnMails) fill(name string, p page, draw func(string, page) (text, html string, err error)) (text, html string, err error) {
	if !p.alike || !plainLink(p.Link) || !plainLink(p.Unsubscribe) {
		return draw(name, p)
	}
	key := drawnKey{name, p.Lang, p.Site, p.Title}
	d.mu.RLock()
	m := d.kept[key]
	d.mu.RUnlock()
	if m == nil {
		blank := p
		blank.Link, blank.Unsubscribe = d.mark+"L", d.mark+"U"
		if text, html, err = draw(name, blank); err != nil {
			return "", "", err
		}
		m = &drawn{d.cut(text), d.cut(html)}
		d.mu.Lock()
		if len(d.kept) >= maxDrawn {
			clear(d.kept)
		}
		d.kept[key] = m
		d.mu.Unlock()
	}
	return join(m.text, p), join(m.html, p), nil
}

func (d *drawnMails) cut(words string) (pieces []piece) {
	for {
		before, after, found := strings.Cut(words, d.mark)
		if !found {
			return append(pieces, piece{words: before})
		}
		pieces = append(pieces, piece{before, after[0]})
		words = after[1:]
	}
}

func join(pieces []piece, p page) string {
	words := make([]string, 0, 8)
	for _, one := range pieces {
		words = append(words, one.words)
		switch one.then {
		case 'L':
			words = append(words, p.Link)
		case 'U':
			words = append(words, p.Unsubscribe)
		}
	}
	return strings.Join(words, "")
}

// plainLink tells whether a link has only characters that stand for themselves wherever a template puts them.
func plainLink(link string) bool {
	for i := range len(link) {
		switch c := link[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_', c == '.', c == ':', c == '/':
		default:
			return false
		}
	}
	return true
}
