package undersigned

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// Consent is what somebody agreed to: the very words beside the button that they pressed, in the language they read.
type Consent struct {
	Issue    string // slug
	Language string
	Words    string
}

// ConsentID names a consent: other words, or the same about another issue, have another one.
type ConsentID [8]byte

// String is the id as a form carries it.
func (id ConsentID) String() string { return hex.EncodeToString(id[:]) }

// ID is made of the words, so that nobody can change them afterwards.
func (c Consent) ID() (id ConsentID) {
	sum := sha256.Sum256([]byte(strings.Join([]string{"undersigned-consent/v1", c.Issue, c.Language, c.Words}, "\n")))
	copy(id[:], sum[:])
	return id
}
