package action

import (
	"context"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/seal"
	"github.com/undersigned/undersigned/internal/store"
)

// KeyEntry says of a key all that may be said.
type KeyEntry struct {
	Name string
	Of   string    // issue and action that it belongs to; empty where it belongs to none
	Born time.Time // zero where that is not known
	Ends time.Time // when it is destroyed; zero where that is not decided
	// Renewed is a key that another one takes the place of, after its month.
	Renewed bool
}

// ListKeys lists the living keys.
func (s *Service) ListKeys(ctx context.Context) (list []KeyEntry, err error) {
	names, err := s.Keys.Names(ctx)
	if err != nil {
		return nil, err
	}
	actions := map[string]store.ActionRow{}
	var opened map[string]time.Time
	err = s.DB.View(ctx, func(tx *store.Tx) error {
		rows, err := tx.Actions()
		if err != nil {
			return err
		}
		for _, row := range rows {
			actions[row.PID] = row
		}
		if opened, err = tx.ActionsOpened(); err != nil {
			return err
		}
		opportunities, err := tx.Opportunities()
		for _, row := range opportunities {
			actions[row.PID] = store.ActionRow{Issue: row.Issue, Slug: row.Slug, ClosedAt: row.ClosedAt, KeepDays: undersigned.MaxKeepDays}
		}
		return err
	})
	if err != nil {
		return nil, doing("list the keys", err)
	}
	for _, name := range names {
		k := KeyEntry{Name: name}
		pid := seal.PIDOf(name)
		if row, ok := actions[pid]; ok {
			k.Of, k.Born = row.Issue+"/"+row.Slug, opened[pid]
			if !row.ClosedAt.IsZero() {
				k.Ends = row.ClosedAt.Add(row.KeepsFor())
			}
		} else if born, ends, ok := seal.Span(name); ok {
			k.Born, k.Ends = born, ends
		} else if month, ok := seal.NewsMonth(name); ok {
			k.Born, k.Renewed = month, true
		}
		list = append(list, k)
	}
	return list, nil
}
