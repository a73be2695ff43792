package action

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
)

// Retention is for how long something is kept, and what another number would do.
type Retention struct {
	Name           string // of the setting
	Days, Promised int
	Least          int
	Wanted         int   // what Days would become
	Erases         int64 // what a purge would then erase that it would not erase now
}

// Retentions tells how long things are kept, and what some settings, given by name as text, would do to what is there: it
// changes nothing. Invalid, with the names as fields.
func (s *Service) Retentions(ctx context.Context, values map[string]string) (list []Retention, err error) {
	now, err := s.Settings(ctx)
	if err != nil {
		return nil, err
	}
	next := *now
	if err := (SettingsForm{Values: values}).apply(&next, s.Languages); err != nil {
		return nil, err
	}
	err = s.DB.View(ctx, func(tx *store.Tx) error {
		rows, err := tx.Submissions()
		if err != nil {
			return err
		}
		count := func(name string, settings *undersigned.Settings) (n int64, err error) {
			if name == undersigned.SettingKeepAudit {
				return tx.CountAuditBefore(auditEnds(tx.Now, settings))
			}
			alone := *now
			alone.Keep = maps.Clone(now.Keep)
			if days := settings.Keep[name]; alone.Keep == nil {
				alone.Keep = map[string]int{name: days}
			} else {
				alone.Keep[name] = days
			}
			for _, row := range rows {
				if !tx.Now.Before(offerEnds(row, &alone)) {
					n++
				}
			}
			return n, nil
		}
		for _, name := range undersigned.RetentionNames {
			r := Retention{Name: name}
			r.Days, r.Least, r.Promised = now.Retention(name)
			r.Wanted, _, _ = next.Retention(name)
			before, err := count(name, now)
			if err == nil {
				r.Erases, err = count(name, &next)
			}
			if err != nil {
				return err
			}
			r.Erases -= min(r.Erases, before)
			list = append(list, r)
		}
		return nil
	})
	return list, err
}

// auditEnds is the moment before which lines of the log of what staff did are forgotten.
func auditEnds(now time.Time, settings *undersigned.Settings) time.Time {
	days, _, _ := settings.Retention(undersigned.SettingKeepAudit)
	return now.AddDate(0, 0, -days)
}

// KeptAsk is a petition or pledge, and how long what its signers typed is kept.
type KeptAsk struct {
	Content *undersigned.Content
	Action  *undersigned.Action
	Days    int       // after it closes: what its form promises
	Ends    time.Time // zero while it is not closed
}

// KeptAsks lists those of which something is kept, those that end first before the others.
func (s *Service) KeptAsks(ctx context.Context) (list []KeptAsk, err error) {
	site, err := s.DB.Site(ctx)
	if err != nil {
		return nil, err
	}
	err = s.DB.View(ctx, func(tx *store.Tx) error {
		rows, err := tx.Actions()
		for _, row := range rows {
			content, a := site.ByPID(row.PID)
			if a == nil || row.LogState == store.LogDestroyed {
				continue
			}
			k := KeptAsk{Content: content, Action: a, Days: row.KeepDays}
			if !row.ClosedAt.IsZero() {
				k.Ends = row.ClosedAt.Add(row.KeepsFor())
			}
			list = append(list, k)
		}
		return err
	})
	slices.SortFunc(list, func(a, b KeptAsk) int {
		switch {
		case a.Ends.IsZero() != b.Ends.IsZero():
			if a.Ends.IsZero() {
				return 1
			}
			return -1
		case !a.Ends.Equal(b.Ends):
			return a.Ends.Compare(b.Ends)
		}
		return strings.Compare(a.Action.Issue+"/"+a.Action.Slug, b.Action.Issue+"/"+b.Action.Slug)
	})
	return list, err
}
