package store

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/undersigned/undersigned"
)

// keptSaves is how many saves of a draft are kept: what two who write at the same time began from.
const keptSaves = 100

const draftColumns = "issue, kind, slug, save, base, fields, user_id, at, publish_at, publish_by"

// AddDraft keeps another save of a draft. One that was to be published by itself is no more: it is another text now.
func (tx *Tx) AddDraft(d *undersigned.Draft) error {
	fields, err := json.Marshal(d.Fields)
	if err != nil {
		return fmt.Errorf("keep a draft: %w", err)
	}
	if err := tx.ScheduleDraft(d.NounID, time.Time{}, undersigned.UserID{}); err != nil {
		return err
	}
	_, err = tx.exec("insert into draft ("+draftColumns+") values ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9)",
		append(key(d.NounID), d.Save, d.Base, string(fields), d.By[:], micros(tx.Now), d.PublishBy[:])...)
	if err != nil {
		return fmt.Errorf("keep a draft: %w", err)
	}
	_, err = tx.exec(`delete from draft where issue = $1 and kind = $2 and slug = $3 and save not in
		(select save from draft where issue = $1 and kind = $2 and slug = $3 order by save desc limit $4)`, append(key(d.NounID), keptSaves)...)
	return err
}

// ScheduleDraft says when the last save of a draft is published by itself; the zero time is never.
func (tx *Tx) ScheduleDraft(id undersigned.NounID, at time.Time, by undersigned.UserID) error {
	_, err := tx.exec(`update draft set publish_at = $4, publish_by = $5 where issue = $1 and kind = $2 and slug = $3
		and save = (select max(save) from draft where issue = $1 and kind = $2 and slug = $3)`, append(key(id), micros(at), by[:])...)
	return err
}

// missed is what stands in publish_at of a draft whose time came in vain.
const missed = -1

// MissDraft notes that a draft could not be published when its time came.
func (tx *Tx) MissDraft(id undersigned.NounID) error {
	_, err := tx.exec("update draft set publish_at = $4 where issue = $1 and kind = $2 and slug = $3 and publish_at > 0", append(key(id), missed)...)
	return err
}

// DeleteDraft forgets a draft with all its saves.
func (tx *Tx) DeleteDraft(id undersigned.NounID) error {
	_, err := tx.exec("delete from draft where issue = $1 and kind = $2 and slug = $3", key(id)...)
	return err
}

// Draft reads the draft of a noun, nil where there is none.
func (tx *Tx) Draft(id undersigned.NounID) (*undersigned.Draft, error) {
	return tx.draft("issue = $1 and kind = $2 and slug = $3 order by save desc limit 1", key(id)...)
}

// DraftSave reads one of the saves of a draft, nil where it is not kept.
func (tx *Tx) DraftSave(id undersigned.NounID, save int) (*undersigned.Draft, error) {
	return tx.draft("issue = $1 and kind = $2 and slug = $3 and save = $4", append(key(id), save)...)
}

func (tx *Tx) draft(where string, args ...any) (*undersigned.Draft, error) {
	list, err := tx.drafts(where, args...)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return list[0], nil
}

// Drafts reads the drafts of an issue, or of all where it is empty.
func (tx *Tx) Drafts(issue string) ([]*undersigned.Draft, error) {
	return tx.drafts(`($1 = '' or issue = $1) and save = (select max(save) from draft d
		where d.issue = draft.issue and d.kind = draft.kind and d.slug = draft.slug) order by issue, kind, slug`, issue)
}

// DueDrafts reads the drafts whose time has come.
func (tx *Tx) DueDrafts() ([]*undersigned.Draft, error) {
	return tx.drafts("publish_at > 0 and publish_at <= $1 order by publish_at, issue, kind, slug", micros(tx.Now))
}

func (tx *Tx) drafts(where string, args ...any) (list []*undersigned.Draft, err error) {
	err = tx.each("select "+draftColumns+" from draft where "+where, args, func(r *sql.Rows) error {
		d, fields, user, by, at, publishAt := &undersigned.Draft{}, "", []byte(nil), []byte(nil), int64(0), int64(0)
		if err := r.Scan(&d.Issue, &d.Kind, &d.Slug, &d.Save, &d.Base, &fields, &user, &at, &publishAt, &by); err != nil {
			return err
		}
		copy(d.By[:], user)
		copy(d.PublishBy[:], by)
		d.At, d.PublishAt, d.Missed = moment(at), moment(max(publishAt, 0)), publishAt == missed
		list = append(list, d)
		return json.Unmarshal([]byte(fields), &d.Fields)
	})
	if err != nil {
		return nil, fmt.Errorf("read drafts: %w", err)
	}
	return list, nil
}
