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

// PendingSpan gives the beginning of a pending key's day and the end of its life; ok is false for the name of any other key.
func PendingSpan(name string) (born, ends time.Time, ok bool) {
	day, ok := strings.CutPrefix(name, pendingPrefix)
	if !ok || !validName(name) {
		return time.Time{}, time.Time{}, false
	}
	born = undersigned.Day(day).Begin(time.UTC)
	return born, born.Add(PendingLife), true
}
