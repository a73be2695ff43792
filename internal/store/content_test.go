package store_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/internal/store/storetest"
)

func TestEachPublishedTextLeavesTheEarlierOneAsAVersion(t *testing.T) {
	ana, by := undersigned.UserID{1}, func(how undersigned.Change) store.By { return store.By{User: undersigned.UserID{1}, How: how} }
	id := undersigned.NounID{Issue: "cause", Kind: undersigned.OrganizationNoun, Slug: "dwn"}
	storetest.Run(t, func(t *testing.T, db *store.DB, clock *storetest.Clock) {
		update(t, db, func(tx *store.Tx) error { return tx.PutContent(content(), store.By{How: undersigned.ChangeImport}) })
		first := clock.Now()
		clock.Move(time.Hour)
		update(t, db, func(tx *store.Tx) error {
			changed, err := tx.PutNoun(id, &undersigned.Organization{Slug: "dwn", Name: "Detention Watch Network"}, by(undersigned.ChangeEdit))
			again, err2 := tx.PutNoun(id, &undersigned.Organization{Slug: "dwn", Name: "Detention Watch Network"}, by(undersigned.ChangeEdit))
			if !changed || again || err2 != nil {
				t.Errorf("changed %v, again %v, %v", changed, again, err2)
			}
			return err
		})
		clock.Move(time.Hour)
		removed := clock.Now()
		without := content()
		without.Organizations = nil
		update(t, db, func(tx *store.Tx) error { return tx.PutContent(without, by(undersigned.ChangeImport)) })
		view(t, db, func(tx *store.Tx) error {
			versions, err := tx.Versions(id)
			want := []undersigned.Version{{Number: 3, By: ana, At: removed, How: undersigned.ChangeRemove},
				{Number: 2, By: ana, At: first.Add(time.Hour), How: undersigned.ChangeEdit}, {Number: 1, At: first, How: undersigned.ChangeImport}}
			if err != nil || len(versions) != 3 {
				t.Fatalf("%+v, %v", versions, err)
			}
			for i := range want {
				if !versions[i].At.Equal(want[i].At) {
					t.Errorf("version %d at %v, want %v", want[i].Number, versions[i].At, want[i].At)
				}
				versions[i].At = want[i].At
			}
			if !reflect.DeepEqual(versions, want) {
				t.Errorf("got  %+v\nwant %+v", versions, want)
			}
			for version, name := range map[int]string{1: "DWN", 2: "Detention Watch Network"} {
				if noun, err := tx.VersionNoun(id, version); err != nil || noun.(*undersigned.Organization).Name != name {
					t.Errorf("version %d: %+v, %v", version, noun, err)
				}
			}
			gone, err := tx.VersionNoun(id, 3)
			list, err2 := tx.Removed("cause")
			c, err3 := tx.Content("cause")
			if gone != nil || err != nil || len(list) != 1 || list[0] != id || err2 != nil || len(c.Organizations) != 0 || err3 != nil {
				t.Errorf("gone %v %v, removed %v %v, content %+v %v", gone, err, list, err2, c, err3)
			}
			// What stayed as it was has one version.
			still, err := tx.Versions(undersigned.NounID{Issue: "cause", Kind: undersigned.ActionNoun, Slug: "first"})
			if len(still) != 1 {
				t.Errorf("%+v", still)
			}
			return err
		})
		// It comes back, and counts on.
		update(t, db, func(tx *store.Tx) error { return tx.PutContent(content(), by(undersigned.ChangeImport)) })
		view(t, db, func(tx *store.Tx) error {
			n, err := tx.LastVersion(id)
			list, err2 := tx.Removed("cause")
			if n != 4 || len(list) != 0 || err2 != nil {
				t.Errorf("version %d, removed %v, %v", n, list, err2)
			}
			return err
		})
	})
}

func TestLastSaveIsTheDraftAndEarlierOnesAreKept(t *testing.T) {
	id := undersigned.NounID{Issue: "cause", Kind: undersigned.ActionNoun, Slug: "first"}
	save := func(n int, title string) *undersigned.Draft {
		return &undersigned.Draft{NounID: id, Save: n, Base: 1, By: undersigned.UserID{byte(n)}, Fields: map[string]string{"title": title, "es:title": "“ñ”"}}
	}
	storetest.Run(t, func(t *testing.T, db *store.DB, clock *storetest.Clock) {
		update(t, db, func(tx *store.Tx) error { return tx.AddDraft(save(1, "One")) })
		update(t, db, func(tx *store.Tx) error {
			return tx.ScheduleDraft(id, clock.Now().Add(time.Hour), undersigned.UserID{9})
		})
		due := func() (n int) {
			view(t, db, func(tx *store.Tx) error {
				list, err := tx.DueDrafts()
				n = len(list)
				return err
			})
			return n
		}
		if due() != 0 {
			t.Error("due before its time")
		}
		clock.Move(time.Hour)
		if due() != 1 {
			t.Error("not due at its time")
		}
		update(t, db, func(tx *store.Tx) error { return tx.AddDraft(save(2, "Two")) })
		if due() != 0 {
			t.Error("another text is due in its place")
		}
		view(t, db, func(tx *store.Tx) error {
			d, err := tx.Draft(id)
			first, err2 := tx.DraftSave(id, 1)
			none, err3 := tx.DraftSave(id, 7)
			all, err4 := tx.Drafts("cause")
			others, err5 := tx.Drafts("other")
			for _, err := range []error{err, err2, err3, err4, err5} {
				if err != nil {
					return err
				}
			}
			if d.Save != 2 || d.Fields["title"] != "Two" || d.Fields["es:title"] != "“ñ”" || d.By != (undersigned.UserID{2}) || !d.At.Equal(clock.Now()) || !d.PublishAt.IsZero() {
				t.Errorf("%+v", d)
			}
			if first.Fields["title"] != "One" || none != nil || len(all) != 1 || all[0].Save != 2 || len(others) != 0 {
				t.Errorf("%+v, %+v, %+v, %+v", first, none, all, others)
			}
			return nil
		})
		for n := 3; n < 120; n++ {
			update(t, db, func(tx *store.Tx) error { return tx.AddDraft(save(n, "More")) })
		}
		update(t, db, func(tx *store.Tx) error {
			old, err := tx.DraftSave(id, 19)
			kept, err2 := tx.DraftSave(id, 20)
			if old != nil || kept == nil || err2 != nil {
				t.Errorf("%v, %v, %v", old, kept, err2)
			}
			if err == nil {
				err = tx.DeleteDraft(id)
			}
			return err
		})
		view(t, db, func(tx *store.Tx) error {
			d, err := tx.Draft(id)
			if d != nil {
				t.Errorf("%+v", d)
			}
			return err
		})
	})
}
