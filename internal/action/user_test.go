package action

import (
	"cmp"
	"database/sql"
	"errors"
	"testing"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/internal/store/storetest"
)

func TestWhoChangesTheirNameKeepsTheRoleThatTheyHaveByThen(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.hire(undersigned.RoleOwner, "ana@staff.example")
		bo := s.hire(undersigned.RoleOwner, "bo@staff.example").User
		must(t, s.GiveRole(t.Context(), undersigned.UserID{}, bo.ID, undersigned.RoleCoordinator))
		must(t, s.ChangeAccount(t.Context(), bo.ID, bo.ID, "Bobbie", "pt")) // whatever they were when they sent it
		now, err := s.User(t.Context(), bo.ID)
		must(t, err)
		if now.Role != undersigned.RoleCoordinator || now.Name != "Bobbie" || now.Language != "pt" || now.Email != bo.Email {
			t.Errorf("%+v", now)
		}
	})
}

// An owner's page that was opened before another owner changed somebody gives no role back.
func TestFormOfSomebodyWhoWasChangedMeanwhileChangesNothing(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		bo := s.hire(undersigned.RoleOwner, "bo@staff.example").User
		s.hire(undersigned.RoleOwner, "ana@staff.example")
		seen := bo.Version()
		form := undersigned.UserForm{Name: "Bo", Role: "coordinator", Language: "en"}
		must(t, s.ChangeUser(t.Context(), undersigned.UserID{}, bo.ID, seen, form))
		told := len(s.auditLines())
		must(t, s.ChangeUser(t.Context(), undersigned.UserID{}, bo.ID, seen, form)) // pressed twice
		wantFieldError(t, s.ChangeUser(t.Context(), undersigned.UserID{}, bo.ID, seen, undersigned.UserForm{Name: "Robert", Role: "owner", Language: "en"}), "role", "error.user.changed")
		now, err := s.User(t.Context(), bo.ID)
		must(t, err)
		if now.Role != undersigned.RoleCoordinator || now.Name != "Bo" || len(s.auditLines()) != told {
			t.Errorf("%+v, and %d lines more", now, len(s.auditLines())-told)
		}
	})
}

// atOnce runs two things on two nodes, both of them held up in the middle by what a third one has locked, and gives their errors.
func (s *testSite) atOnce(lock func(*store.Tx) error, one, other func() error) (errs [2]error) {
	s.t.Helper()
	done := make(chan struct{}, 2)
	must(s.t, s.secondNode().DB.Update(s.t.Context(), store.Bulk, func(tx *store.Tx) error {
		if err := lock(tx); err != nil {
			return err
		}
		for i, do := range []func() error{one, other} {
			go func() { errs[i] = do(); done <- struct{}{} }()
		}
		for waits := 0; waits+len(done) < 2; {
			storetest.Each(s.t, s.DB, "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
				func(r *sql.Rows) error { return r.Scan(&waits) })
		}
		return nil
	}))
	<-done
	<-done
	return errs
}

func twoNodes(t *testing.T) (s, other *testSite) {
	t.Helper()
	clock := storetest.NewClock()
	s = newTestSite(t, storetest.Open(t, store.Options{URL: storetest.Postgres(t), Now: clock.Now}), clock)
	return s, s.secondNode()
}

func TestOfTwoOwnersWhoLeaveAtOnceOnTwoNodesOneStays(t *testing.T) {
	for name, leave := range map[string]func(*testSite, undersigned.UserID) error{
		"another role": func(s *testSite, id undersigned.UserID) error {
			return s.GiveRole(t.Context(), id, id, undersigned.RoleEditor)
		},
		"removed": func(s *testSite, id undersigned.UserID) error { return s.RemoveUser(t.Context(), id, id) },
	} {
		t.Run(name, func(t *testing.T) {
			s, other := twoNodes(t)
			ana, bo := s.hire(undersigned.RoleOwner, "ana@staff.example").User.ID, s.hire(undersigned.RoleOwner, "bo@staff.example").User.ID
			rows := func(tx *store.Tx) error {
				users, err := tx.Users()
				for _, u := range users {
					_, err2 := tx.UpdateUser(u.ID, u.Role, u.Sealed)
					err = errors.Join(err, err2)
				}
				return err
			}
			errs := s.atOnce(rows, func() error { return leave(s, ana) }, func() error { return leave(other, bo) })
			if (errs[0] == nil) == (errs[1] == nil) || !errors.Is(cmp.Or(errs[0], errs[1]), errLastOwner) {
				t.Errorf("%v", errs)
			}
		})
	}
}

func TestFirstOwnerIsOneOnTwoNodes(t *testing.T) {
	s, other := twoNodes(t)
	token := s.FirstOwnerToken()
	become := func(s *testSite, email string) func() error {
		return func() error {
			_, err := s.BecomeFirstOwner(t.Context(), token, undersigned.UserForm{Email: email, Language: "en"}, Browser{})
			return err
		}
	}
	errs := s.atOnce((*store.Tx).LockStaff, become(s, "ana@staff.example"), become(other, "bo@staff.example"))
	users, err := s.Users(t.Context())
	must(t, err)
	if len(users) != 1 || !errors.Is(cmp.Or(errs[0], errs[1]), errLinkDead) {
		t.Errorf("%d users: %v", len(users), errs)
	}
}
