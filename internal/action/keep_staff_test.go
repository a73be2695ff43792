package action

import (
	"testing"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
)

func TestWhatStaffDidIsForgottenAfterAYearAndThenWhoTheyWere(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		u, err := s.AddUser(t.Context(), undersigned.UserID{}, undersigned.UserForm{Email: "ana@staff.example", Role: string(undersigned.RoleOwner), Language: "en"}, true)
		must(t, err)
		_, err = s.AddUser(t.Context(), u.ID, undersigned.UserForm{Email: "bo@staff.example", Role: string(undersigned.RoleOwner), Language: "en"}, true)
		must(t, err)
		bo, err := s.UserByEmail(t.Context(), "bo@staff.example")
		must(t, err)
		must(t, s.RemoveUser(t.Context(), bo.ID, u.ID)) // the last line that names Ana is the one of what she did
		look := func() (users, lines int) {
			must(t, s.DB.View(t.Context(), func(tx *store.Tx) error {
				rows, err := tx.Users()
				must(t, err)
				entries, err := tx.Audit(store.AuditFilter{}, 1000)
				users, lines = len(rows), len(entries)
				return err
			}))
			return users, lines
		}
		_, before := look()
		s.clock.Move(time.Duration(undersigned.KeepAudit)*24*time.Hour - time.Second)
		_, err = s.Purge(t.Context())
		must(t, err)
		if users, lines := look(); users != 2 || lines != before {
			t.Errorf("within the year: %d users, %d lines of %d", users, lines, before)
		}
		s.clock.Move(2 * time.Second)
		for range 2 { // the order of a purge's steps does not matter to the second
			_, err = s.Purge(t.Context())
			must(t, err)
		}
		if users, lines := look(); users != 1 || lines != 0 {
			t.Errorf("after it: %d users, %d lines", users, lines)
		}
		if _, err := s.User(t.Context(), bo.ID); err != nil {
			t.Errorf("who works here is forgotten: %v", err)
		}
	})
}
