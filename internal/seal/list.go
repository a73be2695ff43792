package seal

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/undersigned/undersigned"
)

// Names lists the living keys.
func (r *Keyring) Names(ctx context.Context) ([]string, error) {
	names, err := r.vault.List(ctx, "")
	if err != nil {
		return nil, fmt.Errorf("list the keys: %w", err)
	}
	slices.Sort(names)
	return names, nil
}

// PIDOf gives the action that a key's name belongs to, "" where it belongs to none.
func PIDOf(name string) string {
	for _, prefix := range []string{dataPrefix, dupPrefix} {
		if pid, ok := strings.CutPrefix(name, prefix); ok {
			return pid
		}
	}
	return ""
}

// Served tells whether a key is of a site that was served, or has content: such a site has others than those that are made before.
func Served(name string) bool { return name != siteKey && name != logKey && name != dkimKey }

// OfForms tells whether a key is that of a day's forms, which its Span does not say.
func OfForms(name string) bool { return strings.HasPrefix(name, pendingPrefix) }

// Span gives the beginning of the day or month that a key is of, and the end of its life; ok is false for the name of a key
// that has no end of its own.
func Span(name string) (born, ends time.Time, ok bool) {
	if !validName(name) {
		return time.Time{}, time.Time{}, false
	}
	if day, ok := strings.CutPrefix(name, pendingPrefix); ok {
		born = undersigned.Day(day).Begin(time.UTC)
		return born, born.Add(PendingLife), true
	}
	if month, ok := strings.CutPrefix(name, lettersPrefix); ok {
		born = undersigned.Day(month + "-01").Begin(time.UTC)
		return born, born.AddDate(0, 1, 0).Add(LettersLife), true
	}
	return time.Time{}, time.Time{}, false
}
