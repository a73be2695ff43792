package seal

import (
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// dotless are the domains whose mailboxes ignore dots, with the one name that stands for all of a provider's.
var dotless = map[string]string{
	"gmail.com":      "gmail.com",
	"googlemail.com": "gmail.com",
}

// NormalizeEmail gives the one spelling that stands for all addresses of a mailbox, as far as can be told from outside:
// lower case, the domain in ASCII, without a +tag, without dots where the provider ignores them. It is for comparing, never
// for sending. Anything goes in; normalising twice changes nothing.
func NormalizeEmail(email string) string {
	at := strings.LastIndexByte(email, '@')
	if at < 0 {
		return lower(email)
	}
	local, domain := lower(email[:at]), asciiDomain(email[at+1:])
	if name, _, _ := strings.Cut(local, "+"); name != "" {
		local = name
	}
	if one, ok := dotless[domain]; ok {
		domain = one
		if name := strings.ReplaceAll(local, ".", ""); name != "" {
			local = lower(name) // a letter and its accent may have met
		}
	}
	return local + "@" + domain
}

// DomainOf gives the domain of an address, normalised.
func DomainOf(email string) string {
	email = NormalizeEmail(email)
	return email[strings.LastIndexByte(email, '@')+1:]
}

// asciiDomain is the domain in lower case and punycode, or only in lower case where it has no such form.
func asciiDomain(domain string) string {
	domain = lower(domain)
	if isASCII(domain) {
		return domain
	}
	if ascii, err := idna.Lookup.ToASCII(domain); err == nil {
		return ascii
	}
	return domain
}

func lower(s string) string {
	if isASCII(s) {
		return strings.ToLower(s)
	}
	return norm.NFC.String(strings.ToLower(norm.NFC.String(s)))
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// NormalizeName gives the one spelling that stands for a name: NFKC, case folded, each run of white space one space.
// Anything goes in; normalising twice changes nothing.
func NormalizeName(name string) string {
	if isASCII(name) {
		name = strings.ToLower(name)
	} else {
		// Folding can undo the normal form and the form can undo the folding, once (Unicode, 3.13, NFKC_Casefold).
		name = norm.NFKC.String(fold(norm.NFKC.String(fold(norm.NFKC.String(name)))))
	}
	return strings.Join(strings.Fields(name), " ")
}

// fold makes its Caser anew: one may not be shared between goroutines.
func fold(s string) string { return cases.Fold().String(s) }

// NFC is the normal form in which texts and names are hashed for the public log (Unicode, annex 15).
func NFC(s string) string { return norm.NFC.String(s) }
