package undersigned

import (
	"strings"
	"unicode"
)

// Doubt is a set of reasons why a person should look at a signature before it counts. None of them is a proof, so none
// makes us drop a signature.
type Doubt uint8

const (
	DoubtTrap      Doubt = 1 << iota // a field that no reader sees was filled in
	DoubtWords                       // a name with digits, a comment with a link
	DoubtThrowaway                   // the mailbox is one of those that live for minutes
	DoubtDomain                      // very many came from one little-known domain
	DoubtBrake                       // very many came at once, and its domain is little known
)

// Doubts are all doubts, in their order.
var Doubts = []Doubt{DoubtTrap, DoubtWords, DoubtThrowaway, DoubtDomain, DoubtBrake}

var doubtNames = map[Doubt]string{DoubtTrap: "trap", DoubtWords: "words", DoubtThrowaway: "throwaway", DoubtDomain: "domain", DoubtBrake: "brake"}

// String gives the words of all doubts in the set.
func (d Doubt) String() string {
	var words []string
	for _, one := range Doubts {
		if d&one != 0 {
			words = append(words, doubtNames[one])
		}
	}
	return strings.Join(words, " ")
}

// ParseDoubt reads one word.
func ParseDoubt(word string) (Doubt, bool) {
	for one, name := range doubtNames {
		if name == word {
			return one, true
		}
	}
	return 0, false
}

// doubts are those that the form alone gives rise to.
func doubts(form SignatureForm, p *Person) (d Doubt) {
	if form.Trap != "" {
		d |= DoubtTrap
	}
	if strings.ContainsFunc(p.GivenName, unicode.IsDigit) || strings.ContainsFunc(p.FamilyName, unicode.IsDigit) ||
		linked(p.Comment) || markedUp(p.Comment) {
		d |= DoubtWords
	}
	return d
}

func markedUp(text string) bool {
	if !strings.ContainsAny(text, "[<") {
		return false
	}
	text = strings.ToLower(text)
	return strings.Contains(text, "[url") || strings.Contains(text, "<a ")
}
