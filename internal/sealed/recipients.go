package sealed

import (
	"errors"
	"io"
	"slices"
	"strings"

	"filippo.io/age"
)

// minRecipients is how many identities a sealed row is for at least, so that one lost key loses nothing.
const minRecipients = 2

// The ways in which a list of recipients is wrong.
var (
	ErrFewRecipients = errors.New("two or more different age recipients, so that one lost key loses nothing")
	ErrRecipient     = errors.New("age recipients, age1… (each identity's public half)")
	ErrMixed         = errors.New("recipients of one kind: age does not mix post-quantum ones (age1pq1…) with others")
)

// CheckRecipients tells what is wrong with a list of recipients, in words that say what was expected: ErrFewRecipients,
// ErrRecipient, ErrMixed.
func CheckRecipients(texts []string) error {
	all, err := ParseRecipients(texts)
	if err != nil {
		return err
	}
	if _, err := age.Encrypt(io.Discard, all...); err != nil {
		return ErrMixed
	}
	return nil
}

// ParseRecipients reads whom rows are sealed to, from a list that was checked.
func ParseRecipients(texts []string) ([]age.Recipient, error) {
	var all []age.Recipient
	for _, text := range texts {
		parsed, err := age.ParseRecipients(strings.NewReader(text))
		if err != nil || len(parsed) != 1 {
			return nil, ErrRecipient
		}
		all = append(all, parsed...)
	}
	if len(slices.Compact(slices.Sorted(slices.Values(texts)))) != len(texts) || len(all) < minRecipients {
		return nil, ErrFewRecipients
	}
	return all, nil
}
