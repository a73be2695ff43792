package action

import (
	"context"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
)

// Sources lists the tags that are known.
func (s *Service) Sources(ctx context.Context) (list []undersigned.Source, err error) {
	err = s.DB.View(ctx, func(tx *store.Tx) error { list, err = tx.Sources(); return err })
	return list, err
}

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
