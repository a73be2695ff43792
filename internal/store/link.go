package store

import (
	"database/sql"
	"encoding/json"
	"fmt"

	"github.com/undersigned/undersigned"
)

// Link reads what is known of a URL, the zero Link where nobody has looked at it.
func (tx *Tx) Link(url string) (l undersigned.Link, err error) {
	var doc string
	found, err := tx.one("select doc from link where url = $1", []any{url}, &doc)
	if err != nil || !found {
		return l, err
	}
	return l, json.Unmarshal([]byte(doc), &l)
}

// PutLink stores what is known of a URL. It makes no new revision of the site: a round of looks makes one for all.
func (tx *Tx) PutLink(url string, l undersigned.Link) error {
	doc, err := json.Marshal(l)
	if err != nil {
		return fmt.Errorf("store a link: %w", err)
	}
	_, err = tx.exec("insert into link (url, doc) values ($1, $2) on conflict (url) do update set doc = $2", url, string(doc))
	if err != nil {
		return fmt.Errorf("store a link: %w", err)
	}
	return nil
}

// Renew makes a new revision of the site: every node reads it again, and draws its pages anew.
func (tx *Tx) Renew() error {
	_, err := tx.exec("update site set revision = revision + 1")
	return err
}

// knowLinks tells content what is known of its links.
func (tx *Tx) knowLinks(contents []*undersigned.Content) error {
	known := map[string]undersigned.Link{}
	err := tx.each("select url, doc from link", nil, func(r *sql.Rows) error {
		var url, doc string
		if err := r.Scan(&url, &doc); err != nil {
			return err
		}
		var l undersigned.Link
		if err := json.Unmarshal([]byte(doc), &l); err != nil {
			return fmt.Errorf("read a link: %w", err)
		}
		known[url] = l
		return nil
	})
	if err != nil {
		return err
	}
	for _, c := range contents {
		for _, use := range c.Links() {
			*use.Known = known[use.URL]
		}
	}
	return nil
}
