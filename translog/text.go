package translog

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/tlog"
)

// MaxTextSize is the most bytes that a petition's canonical text may have.
const MaxTextSize = 1 << 20

// Text is what signers of a petition read, in one language.
type Text struct {
	Language string // a code such as en or pt-BR
	Title    string // one line
	Ask      string // one line
	Body     string // as written; line breaks are LF
}

// CanonicalText returns the bytes whose SHA-256 an open entry carries, and
// which the log serves at text/<pid>/<version>: the line
// "undersigned-text/v1", then for each language, in the byte order of the
// codes, the lines code, title, ask and the body, each ended by LF. LFs at the
// end of a body are dropped first, so that an editor's last line end makes no
// new version.
//
// All of it is UTF-8 in Unicode normalisation form C, which the caller sees
// to. Carriage returns and other control characters but tab are refused, and
// so is a language that comes twice.
func CanonicalText(texts []Text) ([]byte, error) {
	if len(texts) == 0 {
		return nil, errors.New("write the canonical text: no language")
	}
	sorted := slices.SortedFunc(slices.Values(texts), func(a, b Text) int { return strings.Compare(a.Language, b.Language) })
	out := []byte("undersigned-text/v1\n")
	for i, t := range sorted {
		if !languageCode(t.Language) || i > 0 && t.Language == sorted[i-1].Language {
			return nil, errors.New("write the canonical text: a language code is malformed or comes twice")
		}
		body := strings.TrimRight(t.Body, "\n")
		if !cleanLine(t.Title) || !cleanLine(t.Ask) || !cleanBody(body) {
			return nil, fmt.Errorf("write the canonical text: the %s text is not clean UTF-8, title and ask on one line each", t.Language)
		}
		for _, part := range []string{t.Language, t.Title, t.Ask, body} {
			out = append(append(out, part...), '\n')
		}
	}
	if len(out) > MaxTextSize {
		return nil, errors.New("write the canonical text: it has more than 1 MiB")
	}
	return out, nil
}

// TextHash returns the hash of a canonical text, as an open entry carries it.
func TextHash(canonical []byte) tlog.Hash { return sha256.Sum256(canonical) }

// TextPath returns the path of a text below the log's prefix.
func TextPath(pid PID, version int64) string { return fmt.Sprintf("text/%s/%d", pid, version) }

func languageCode(code string) bool {
	return code != "" && len(code) <= 35 && !strings.ContainsFunc(code, func(r rune) bool {
		return r != '-' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	})
}

func cleanBody(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) && r != '\n' && r != '\t'
	})
}
