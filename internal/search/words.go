package search

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// word is one word of a text: what is compared, and where it stands.
type word struct {
	folded     string
	start, end int // bytes
}

// maxWord is how many bytes of a word are compared.
const maxWord = 64

// split takes a text apart into words: runs of letters and marks, and runs of digits. In scripts that are written without
// spaces each character is a word. An apostrophe inside a word belongs to it, and so does a point between single letters:
// "hr1932" and "HR 1932" are the words of "H.R. 1932".
func split(text string, each func(word)) {
	start, digits := -1, false
	end := func(at int) {
		if start >= 0 {
			if f := fold(text[start:at]); f != "" {
				each(word{f, start, at})
			}
		}
		start = -1
	}
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case r < utf8.RuneSelf && plainLetter[r], r >= utf8.RuneSelf && r != utf8.RuneError && unicode.In(r, unicode.L, unicode.N, unicode.M):
			if r >= 0x0e00 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar) {
				end(i)
				start = i
				end(i + size)
				break
			}
			if digit := r >= '0' && r <= '9'; start < 0 || digit != digits {
				end(i)
				start, digits = i, digit
			}
		case (r == '\'' || r == '’') && start >= 0:
			next, _ := utf8.DecodeRuneInString(text[i+size:])
			if !unicode.IsLetter(next) {
				end(i)
			}
		case r == '.' && start >= 0 && !digits && initials(text[start:i]) && initials(text[i+1:]):
		default:
			end(i)
		}
		i += size
	}
	end(len(text))
}

// initials tells whether a text begins with a letter that stands by itself. Of a word that is being read it tells whether all
// that was read so far is such letters with points between them.
func initials(text string) bool {
	r, size := utf8.DecodeRuneInString(text)
	if !unicode.IsLetter(r) {
		return false
	}
	next, _ := utf8.DecodeRuneInString(text[size:])
	return !unicode.In(next, unicode.L, unicode.N, unicode.M)
}

var plainLetter = func() (t [utf8.RuneSelf]bool) {
	for c := range t {
		t[c] = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
	}
	return t
}()

// fold writes a word in the one form that is compared: small letters without accents, compatibility forms undone.
func fold(s string) string {
	plain := true
	for i := 0; i < len(s) && plain; i++ {
		plain = s[i] < utf8.RuneSelf && s[i] != '\'' && s[i] != '.'
	}
	if plain {
		return cut(strings.ToLower(s))
	}
	var b strings.Builder
	for _, r := range s {
		if int(r) >= len(latin) {
			return cut(decompose(s))
		}
		b.WriteString(latin[r])
	}
	return cut(b.String())
}

// latin is what becomes of each letter of the European alphabets of Latin script: most words need no more.
var latin = func() (t [0x250]string) {
	for r := range t {
		t[r] = decompose(string(rune(r)))
	}
	return t
}()

func decompose(s string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(s) {
		switch {
		case r == '\'' || r == '’' || r == '.' || unicode.Is(unicode.Mn, r) && r < 0x0900: // accents; in younger blocks marks are vowels
		case r == 'ß':
			b.WriteString("ss")
		case r == 'ø' || r == 'Ø':
			b.WriteByte('o')
		case r == 'ł' || r == 'Ł':
			b.WriteByte('l')
		case r == 'æ' || r == 'Æ':
			b.WriteString("ae")
		case r == 'œ' || r == 'Œ':
			b.WriteString("oe")
		case r == 'ı': // İ is an i with a mark
			b.WriteByte('i')
		default:
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}

func cut(s string) string {
	if len(s) <= maxWord {
		return s
	}
	end := maxWord
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end]
}
