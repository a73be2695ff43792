package store

import (
	"database/sql"
	"encoding/json"
	"fmt"

	"github.com/undersigned/undersigned"
)

// By says who changes content, and how it comes about.
type By struct {
	User undersigned.UserID
	How  undersigned.Change
}

// PutContent replaces everything of one issue and makes a new revision. What is as it was gets no new version. Rows about
// signatures are not touched.
func (tx *Tx) PutContent(c *undersigned.Content, by By) error {
	if err := tx.Renew(); err != nil {
		return err
	}
	gone := map[undersigned.NounID]bool{}
	err := tx.each("select kind, slug from content where issue = $1", []any{c.Issue.Slug}, func(r *sql.Rows) error {
		id := undersigned.NounID{Issue: c.Issue.Slug}
		err := r.Scan(&id.Kind, &id.Slug)
		gone[id] = true
		return err
	})
	if err != nil {
		return fmt.Errorf("replace content: %w", err)
	}
	for id, noun := range c.Nouns() {
		delete(gone, id)
		if _, err := tx.PutNoun(id, noun, by); err != nil {
			return err
		}
	}
	for id := range gone {
		if err := tx.RemoveNoun(id, By{User: by.User, How: undersigned.ChangeRemove}); err != nil {
			return err
		}
	}
	return nil
}

// PutNoun puts a noun in the place of what the issue has under its name, and keeps it as a version; false where it is as it
// was. It makes no new revision of the site.
func (tx *Tx) PutNoun(id undersigned.NounID, noun any, by By) (bool, error) {
	doc, err := json.Marshal(noun)
	if err != nil {
		return false, fmt.Errorf("put a noun: %w", err)
	}
	var before string
	there, err := tx.one("select doc from content where issue = $1 and kind = $2 and slug = $3", key(id), &before)
	if err != nil || there && before == string(doc) {
		return false, err
	}
	_, err = tx.exec(`insert into content (issue, kind, slug, doc) values ($1, $2, $3, $4)
		on conflict (issue, kind, slug) do update set doc = $4`, append(key(id), string(doc))...)
	if err != nil {
		return false, fmt.Errorf("put a noun: %w", err)
	}
	return true, tx.addVersion(id, before, string(doc), by)
}

// RemoveNoun takes a noun off the site. Its versions stay, so that it can be brought back.
func (tx *Tx) RemoveNoun(id undersigned.NounID, by By) error {
	var before string
	there, err := tx.one("delete from content where issue = $1 and kind = $2 and slug = $3 returning doc", key(id), &before)
	if err != nil || !there {
		return err
	}
	return tx.addVersion(id, before, "", by)
}

// addVersion keeps a document. One that has no version yet, because it came with an old backup, becomes the first.
func (tx *Tx) addVersion(id undersigned.NounID, before, doc string, by By) error {
	last, err := tx.LastVersion(id)
	if err != nil {
		return err
	}
	insert := func(doc string, by By, at int64) error {
		last++
		_, err := tx.exec(`insert into content_version (issue, kind, slug, version, doc, user_id, at, how)
			values ($1, $2, $3, $4, $5, $6, $7, $8)`, append(key(id), last, doc, by.User[:], at, by.How)...)
		if err != nil {
			return fmt.Errorf("keep a version: %w", err)
		}
		return nil
	}
	if last == 0 && before != "" {
		if err := insert(before, By{How: undersigned.ChangeThere}, 0); err != nil {
			return err
		}
	}
	return insert(doc, by, micros(tx.Now))
}

// LastVersion is the number of the version that is on the site, or was the last there; 0 where there is none.
func (tx *Tx) LastVersion(id undersigned.NounID) (n int, err error) {
	_, err = tx.one("select coalesce(max(version), 0) from content_version where issue = $1 and kind = $2 and slug = $3", key(id), &n)
	return n, err
}

// Versions reads what is known of a noun's versions, the last one first.
func (tx *Tx) Versions(id undersigned.NounID) (list []undersigned.Version, err error) {
	err = tx.each(`select version, user_id, at, how from content_version where issue = $1 and kind = $2 and slug = $3
		order by version desc`, key(id), func(r *sql.Rows) error {
		v, user, at := undersigned.Version{}, []byte(nil), int64(0)
		err := r.Scan(&v.Number, &user, &at, &v.How)
		copy(v.By[:], user)
		v.At = moment(at)
		list = append(list, v)
		return err
	})
	return list, err
}

// VersionNoun reads a noun as it was in a version; nil where it was taken off the site then, or there is no such version.
func (tx *Tx) VersionNoun(id undersigned.NounID, version int) (any, error) {
	var doc string
	_, err := tx.one("select doc from content_version where issue = $1 and kind = $2 and slug = $3 and version = $4",
		append(key(id), version), &doc)
	if err != nil || doc == "" {
		return nil, err
	}
	return openDocument(id.Kind, doc)
}

// Removed lists the nouns of an issue that were taken off the site.
func (tx *Tx) Removed(issue string) (ids []undersigned.NounID, err error) {
	err = tx.each(`select kind, slug from content_version v where issue = $1 and doc = '' and not exists (select 1 from content c
		where c.issue = v.issue and c.kind = v.kind and c.slug = v.slug) group by kind, slug order by kind, slug`, []any{issue}, func(r *sql.Rows) error {
		id := undersigned.NounID{Issue: issue}
		err := r.Scan(&id.Kind, &id.Slug)
		ids = append(ids, id)
		return err
	})
	return ids, err
}

func key(id undersigned.NounID) []any { return []any{id.Issue, id.Kind, id.Slug} }

func openDocument(kind undersigned.NounKind, doc string) (any, error) {
	noun := undersigned.NewNoun(kind)
	if noun == nil {
		return nil, fmt.Errorf("read content: unknown kind %q", kind)
	}
	if err := json.Unmarshal([]byte(doc), noun); err != nil {
		return nil, fmt.Errorf("read content: %w", err)
	}
	return noun, nil
}
