package action

import (
	"context"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
)

// AddSource makes a tag known: who comes by a link with it is counted under it from now on. Invalid, with fields, also where it
// is known already, or there are as many as there may be.
func (s *Service) AddSource(ctx context.Context, by undersigned.UserID, tag, note string) error {
	source, err := undersigned.NewSource(tag, note)
	if err != nil {
		return err
	}
	source.By = by
	err = s.DB.Update(ctx, store.Client, func(tx *store.Tx) error {
		sources, err := tx.Sources()
		if err != nil {
			return err
		}
		if len(sources) >= undersigned.MaxSources {
			return wrongTag("error.source.many", "max", undersigned.MaxSources)
		}
		if added, err := tx.InsertSource(source); err != nil {
			return err
		} else if !added {
			return wrongTag("error.source.taken")
		}
		return tx.AddAudit(undersigned.AuditEntry{By: by, Verb: undersigned.AuditSourceAdded, Subject: source.Tag})
	})
	if err != nil {
		return err
	}
	return s.follow(ctx)
}

func wrongTag(key string, args ...any) error {
	return &undersigned.Error{Kind: undersigned.Invalid, Key: "error.form", Fields: []undersigned.FieldError{{Field: "tag", Key: key, Args: args}}}
}

// RemoveSource makes a tag unknown: links with it lead to the same pages, and are counted under nothing. What was counted
// stays. False where it was not known.
func (s *Service) RemoveSource(ctx context.Context, by undersigned.UserID, tag string) (done bool, err error) {
	err = s.DB.Update(ctx, store.Client, func(tx *store.Tx) (err error) {
		done, err = tx.RemoveSource(tag)
		return noted(tx, done, err, undersigned.AuditEntry{By: by, Verb: undersigned.AuditSourceRemoved, Subject: tag})
	})
	if err != nil || !done {
		return false, err
	}
	return true, s.follow(ctx)
}

// endless is the duty under which stands when staff last said that an ask without an end goes on.
func endless(a *undersigned.Action) string { return "endless " + askName(a) }

// AskYearly is how long an ask without an end goes on before staff are asked about it.
const AskYearly = 365

// KeepOpen says that an ask without an end goes on for another year; false where nobody asks.
func (s *Service) KeepOpen(ctx context.Context, by undersigned.UserID, issue, slug string) (done bool, err error) {
	content, a, err := s.find(ctx, issue, slug)
	if err != nil {
		return false, err
	}
	err = s.DB.Update(ctx, store.Client, func(tx *store.Tx) (err error) {
		if _, done, err = Endless(tx, content, a); err == nil && done {
			err = tx.DutyDone(endless(a), "")
		}
		return noted(tx, done, err, undersigned.AuditEntry{By: by, Verb: undersigned.AuditKeptOpen, Subject: askName(a)})
	})
	return done, err
}

// Endless tells whether staff should be asked if an ask that has no end shall go on, and since when it has: it is a year ago
// that it opened, or that somebody said so.
func Endless(tx *store.Tx, content *undersigned.Content, a *undersigned.Action) (since undersigned.Day, ask bool, err error) {
	if a.PID == "" || !a.Closes.IsZero() || a.Bill != (undersigned.BillID{}) || !a.Decide(content.Bill(a.Bill), tx.Now).Open() {
		return "", false, nil
	}
	at, err := tx.ActionOpened(a.PID)
	if err != nil || at.IsZero() {
		return "", false, err
	}
	kept, _, err := tx.Duty(endless(a))
	if err != nil {
		return "", false, err
	}
	if kept.After(at) {
		at = kept
	}
	return undersigned.DayOf(at), !tx.Now.Before(at.AddDate(0, 0, AskYearly)), nil
}
