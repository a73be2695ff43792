package store

import (
	"encoding/json"
	"fmt"

	"github.com/undersigned/undersigned"
)

// Settings reads what owners have set; what is sealed in it stays so.
func (tx *Tx) Settings() (*undersigned.Settings, error) {
	settings := &undersigned.Settings{}
	var doc string
	found, err := tx.one("select doc from settings where id = 1", nil, &doc)
	if err == nil && found {
		err = json.Unmarshal([]byte(doc), settings)
	}
	if err != nil {
		return nil, fmt.Errorf("read the settings: %w", err)
	}
	return settings, nil
}

// PutSettings puts settings in place of those that were there, and makes a new revision of the site: every node has them within
// two seconds.
func (tx *Tx) PutSettings(s *undersigned.Settings) error {
	doc, err := json.Marshal(s)
	if err == nil {
		_, err = tx.exec("insert into settings (id, doc) values (1, $1) on conflict (id) do update set doc = excluded.doc", string(doc))
	}
	if err == nil {
		_, err = tx.exec("update site set revision = revision + 1")
	}
	if err != nil {
		return fmt.Errorf("keep the settings: %w", err)
	}
	return nil
}
