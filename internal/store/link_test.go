package store_test

import (
	"testing"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/internal/store/storetest"
)

func TestContentKnowsOfItsLinksWhateverIsImported(t *testing.T) {
	storetest.Run(t, func(t *testing.T, db *store.DB, clock *storetest.Clock) {
		const url = "https://example.org/ünïcode?q=1"
		c := content()
		c.Organizations[0].URL = url
		dead := undersigned.Link{}.After(undersigned.Look{At: clock.Now(), Finding: undersigned.FoundNothing})
		update(t, db, func(tx *store.Tx) error {
			if err := tx.PutContent(c, store.By{}); err != nil {
				return err
			}
			return tx.PutLink(url, dead)
		})
		c.Organizations[0].Link = undersigned.Link{State: undersigned.LinkWorks} // content has no say in it
		update(t, db, func(tx *store.Tx) error { return tx.PutContent(c, store.By{}) })
		site, err := db.Site(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if got := site.Issue("cause").Organizations[0].Link; got != dead {
			t.Errorf("the content says %+v, want %+v", got, dead)
		}
		view(t, db, func(tx *store.Tx) error {
			if got, err := tx.Link(url); err != nil || got != dead {
				t.Errorf("the row says %+v, %v", got, err)
			}
			got, err := tx.Link("https://example.org/other")
			if got != (undersigned.Link{}) {
				t.Errorf("of another link is known %+v", got)
			}
			return err
		})
	})
}
