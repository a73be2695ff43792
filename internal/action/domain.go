package action

import (
	_ "embed"
	"slices"
	"strings"

	"github.com/undersigned/undersigned/internal/seal"
)

// domainKind says what is known of a mail domain before anybody signs.
type domainKind int

const (
	littleKnown domainKind = iota
	provider               // everybody can have a mailbox there, and very many do
	institution            // its registry gives it to schools, universities and offices alone
	throwaway              // mailboxes that live for minutes
)

// domainLimit is how many signatures of one ask may come from one little-known domain before a person looks: whoever owns a
// domain can have any number of mailboxes in it.
const domainLimit = 25

//go:embed domains/providers.txt
var providerList string

//go:embed domains/throwaway.txt
var throwawayList string

// domains are the mail domains that we know something of.
type domains map[string]domainKind

// newDomains reads the lists that come with the program, and adds more throwaway domains to them.
func newDomains(more []string) domains {
	known := domains{}
	add := func(list []string, kind domainKind) {
		for _, line := range list {
			if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
				known[seal.DomainOf("x@"+line)] = kind
			}
		}
	}
	add(more, throwaway)
	add(strings.Split(throwawayList, "\n"), throwaway)
	add(strings.Split(providerList, "\n"), provider) // last: no list may make a throwaway of these
	return known
}

// kind tells what is known of a domain, normalised. A throwaway service often gives out names below its own.
func (d domains) kind(domain string) domainKind {
	labels := strings.Split(domain, ".")
	for i := range len(labels) - 1 {
		if kind, known := d[strings.Join(labels[i:], ".")]; known && (i == 0 || kind == throwaway) {
			return kind
		}
	}
	if restricted(labels) {
		return institution
	}
	return littleKnown
}

// restricted tells whether a domain lies where not everybody can register one: .edu, .gov, .mil, the same below a country
// (.edu.mx, .ac.uk, .gob.mx), and the schools of the United States (.k12.ma.us).
func restricted(labels []string) bool {
	closed := []string{"edu", "gov", "mil"}
	n := len(labels)
	last := labels[n-1]
	if slices.Contains(closed, last) {
		return true
	}
	if n < 3 || len(last) != 2 {
		return false
	}
	return slices.Contains(append(closed, "ac", "gob", "gouv", "k12"), labels[n-2]) ||
		n >= 4 && last == "us" && labels[n-3] == "k12"
}
