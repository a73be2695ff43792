package store_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/internal/store/storetest"
)

func userRow(id byte, role undersigned.Role, mailbox string) *store.UserRow {
	return &store.UserRow{ID: undersigned.UserID{id}, Role: role, Added: "2026-11-22", EmailHash: []byte(mailbox), Sealed: []byte{id}}
}

func insertUser(t *testing.T, db *store.DB, u *store.UserRow, want bool) {
	t.Helper()
	update(t, db, func(tx *store.Tx) error {
		done, err := tx.InsertUser(u)
		if done != want {
			t.Errorf("user %x inserted: %v", u.ID[0], done)
		}
		return err
	})
}

func TestAddressHasOneUserUntilItsUserIsRemoved(t *testing.T) {
	storetest.Run(t, func(t *testing.T, db *store.DB, clock *storetest.Clock) {
		insertUser(t, db, userRow(1, undersigned.RoleOwner, "ana"), true)
		insertUser(t, db, userRow(2, undersigned.RoleEditor, "ana"), false)
		update(t, db, func(tx *store.Tx) error {
			if err := tx.InsertSession(&store.SessionRow{Session: undersigned.Session{ID: [16]byte{9}, User: undersigned.UserID{1}}, Secret: []byte("s"), Agent: []byte("a")}); err != nil {
				return err
			}
			if done, err := tx.InsertPasskey(&store.PasskeyRow{ID: []byte("p"), User: undersigned.UserID{1}, Sealed: []byte("k")}); err != nil || !done {
				t.Errorf("passkey: %v %v", done, err)
			}
			return tx.AddAudit(undersigned.AuditEntry{By: undersigned.UserID{1}, Verb: undersigned.AuditSignedIn})
		})
		update(t, db, func(tx *store.Tx) error {
			done, err := tx.RemoveUser(undersigned.UserID{1})
			if !done {
				t.Error("not removed")
			}
			return err
		})
		update(t, db, func(tx *store.Tx) error {
			if done, err := tx.RemoveUser(undersigned.UserID{1}); err != nil || done {
				t.Errorf("removed twice: %v %v", done, err)
			}
			if s, err := tx.Session([16]byte{9}); err != nil || s != nil {
				t.Errorf("a session is left: %v %v", s, err)
			}
			if list, err := tx.Passkeys(undersigned.UserID{1}); err != nil || len(list) != 0 {
				t.Errorf("a passkey is left: %v %v", list, err)
			}
			if u, err := tx.UserByEmail([]byte("ana")); err != nil || u != nil {
				t.Errorf("found by address: %v %v", u, err)
			}
			if done, err := tx.UpdateUser(undersigned.UserID{1}, undersigned.RoleOwner, []byte("x")); err != nil || done {
				t.Errorf("changed: %v %v", done, err)
			}
			_, err := tx.ForgetUsers()
			return err
		})
		insertUser(t, db, userRow(2, undersigned.RoleEditor, "ana"), true)
		users := func() (n int) {
			update(t, db, func(tx *store.Tx) error {
				list, err := tx.Users()
				n = len(list)
				return err
			})
			return n
		}
		if n := users(); n != 2 {
			t.Errorf("%d users: the audit log speaks of one who was removed", n)
		}
		clock.Move(time.Second)
		update(t, db, func(tx *store.Tx) error {
			if _, err := tx.ForgetAuditBefore(tx.Now); err != nil {
				return err
			}
			_, err := tx.ForgetUsers()
			return err
		})
		if n := users(); n != 1 {
			t.Errorf("%d users: nothing speaks of the one who was removed any more", n)
		}
	})
}

func TestSessionIsRenewedByOneOfTwoRequests(t *testing.T) {
	storetest.Run(t, func(t *testing.T, db *store.DB, clock *storetest.Clock) {
		id := [16]byte{7}
		update(t, db, func(tx *store.Tx) error {
			return tx.InsertSession(&store.SessionRow{Session: undersigned.Session{ID: id, User: undersigned.UserID{1}, Browser: "Firefox"}, Secret: []byte("one"), Agent: []byte("a")})
		})
		clock.Move(time.Hour)
		update(t, db, func(tx *store.Tx) error {
			s, err := tx.Session(id)
			if err != nil {
				return err
			}
			if done, err := tx.RenewSession(s, []byte("two"), s.Secret); err != nil || !done {
				t.Errorf("first: %v %v", done, err)
			}
			if done, err := tx.RenewSession(s, []byte("three"), s.Secret); err != nil || done {
				t.Errorf("second: %v %v", done, err)
			}
			s, err = tx.Session(id)
			if !bytes.Equal(s.Secret, []byte("two")) || !bytes.Equal(s.Former, []byte("one")) || !s.Seen.Equal(clock.Now()) || !s.Arrived.IsZero() {
				t.Errorf("%+v", s)
			}
			return err
		})
		clock.Move(undersigned.SessionIdle)
		update(t, db, func(tx *store.Tx) error {
			n, err := tx.ForgetSessions()
			if n != 1 {
				t.Errorf("%d forgotten", n)
			}
			return err
		})
	})
}

func TestAuditLogIsReadByFilter(t *testing.T) {
	storetest.Run(t, func(t *testing.T, db *store.DB, clock *storetest.Clock) {
		ana := undersigned.UserID{1}
		for i, e := range []undersigned.AuditEntry{{By: ana, Verb: "a", Subject: "x"}, {By: ana, Verb: "b", Subject: "y"}, {Verb: "b", Subject: "x"}} {
			clock.Move(time.Second)
			_ = i
			update(t, db, func(tx *store.Tx) error { return tx.AddAudit(e) })
		}
		for _, test := range []struct {
			filter store.AuditFilter
			want   int
		}{
			{store.AuditFilter{}, 3}, {store.AuditFilter{By: &ana}, 2}, {store.AuditFilter{By: &undersigned.UserID{}}, 1},
			{store.AuditFilter{Verb: "b"}, 2}, {store.AuditFilter{Subject: "x"}, 2}, {store.AuditFilter{By: &ana, Verb: "b"}, 1},
			{store.AuditFilter{Before: undersigned.AuditMark{At: clock.Now()}}, 2}, {store.AuditFilter{Subject: "z", Named: []string{"y", "q"}}, 1},
		} {
			update(t, db, func(tx *store.Tx) error {
				found, err := tx.Audit(test.filter, 10)
				if len(found) != test.want {
					t.Errorf("%+v: %d lines, want %d", test.filter, len(found), test.want)
				}
				return err
			})
		}
	})
}

// All that one commit does has one time, and a page may end in the middle of it.
func TestAuditLogIsReadPageByPageWithoutLosingALine(t *testing.T) {
	storetest.Run(t, func(t *testing.T, db *store.DB, clock *storetest.Clock) {
		const lines = 7
		for range 2 {
			update(t, db, func(tx *store.Tx) (err error) {
				for range lines {
					err = errors.Join(err, tx.AddAudit(undersigned.AuditEntry{Verb: "a"}))
				}
				return err
			})
			clock.Move(time.Second)
		}
		read := map[undersigned.AuditMark]bool{}
		for f := (store.AuditFilter{}); ; {
			var page []undersigned.AuditEntry
			update(t, db, func(tx *store.Tx) (err error) { page, err = tx.Audit(f, 3); return err })
			if len(page) == 0 {
				break
			}
			for _, e := range page {
				read[e.AuditMark] = true
			}
			f.Before = page[len(page)-1].AuditMark
		}
		if len(read) != 2*lines {
			t.Errorf("%d lines of %d", len(read), 2*lines)
		}
	})
}

// The audit log is only added to; a year later its lines are forgotten.
func TestAuditLogIsNeverRewritten(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	rewrites, found := regexp.MustCompile(`(?i)\b(update|delete from|replace into)\s+"?audit\b[^"]*`), []string(nil)
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, rewrites.FindAllString(string(text), -1)...)
	}
	if want := []string{"delete from audit where at < $1"}; !slices.Equal(found, want) {
		t.Errorf("it is rewritten by %q", found)
	}
}
