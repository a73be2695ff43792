package undersigned

import (
	"slices"
	"strings"
)

// MaxSlug is the longest slug, in bytes.
const MaxSlug = 80

// reserved are the first words of paths that belong to the site itself, so that no issue can take them.
var reserved = []string{
	"admin", "api", "bills", "bounces", "confirm", "dev", "diary", "embed", "facts", "healthz", "learn", "legislators", "log",
	"metrics", "my", "offers", "offices", "organizations", "privacy", "readyz", "search", "static", "unsubscribe", "robots.txt",
	"favicon.ico", "attend",
}

// HelpSlug is the page "if someone you love is detained" of every issue that has one; no action may take it.
const HelpSlug = "help"

// SheetSlug is the sheet for paper of every issue; no action may take it.
const SheetSlug = "sheet"

// ValidSlug tells whether s may name an issue, an action, an organisation or a resource: lower-case ASCII letters,
// digits and single hyphens, at most [MaxSlug] bytes, beginning and ending with a letter or a digit.
func ValidSlug(s string) bool {
	if s == "" || len(s) > MaxSlug || s[0] == '-' || s[len(s)-1] == '-' || strings.Contains(s, "--") {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}

// ReservedSlug tells whether s cannot be an issue's slug because the site, or a language (two or three letters), lives
// under that first word.
func ReservedSlug(s string) bool {
	return slices.Contains(reserved, s) || len(s) <= 3
}
