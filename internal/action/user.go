package action

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/seal"
	"github.com/undersigned/undersigned/internal/store"
)

var (
	errTaken       = &undersigned.Error{Kind: undersigned.Invalid, Key: "error.form", Fields: []undersigned.FieldError{{Field: "email", Key: "error.user.taken"}}}
	errUserChanged = &undersigned.Error{Kind: undersigned.Invalid, Key: "error.form", Fields: []undersigned.FieldError{{Field: "role", Key: "error.user.changed"}}}
	errLastOwner   = &undersigned.Error{Kind: undersigned.Invalid, Key: "error.form", Fields: []undersigned.FieldError{{Field: "role", Key: "error.user.last_owner"}}}
	errNoUser      = undersigned.Fail(undersigned.NotFound, "error.not_found")
)

// AddUser adds one of the staff, and promises them a mail with the way in unless quiet. by is who adds them. Invalid, with
// fields, where something is wrong or the address has a user already.
func (s *Service) AddUser(ctx context.Context, by undersigned.UserID, form undersigned.UserForm, quiet bool) (*undersigned.User, error) {
	u, err := undersigned.NewUser(form, undersigned.DayOf(s.Now()))
	if err != nil {
		return nil, err
	}
	rand.Read(u.ID[:])
	row, err := s.sealUser(u)
	if err != nil {
		return nil, err
	}
	job, err := s.mailJob(ctx, mailQueue, mailSignIn, signInMail{Language: u.Language, Email: u.Email, Invited: true}.encode(), s.Now())
	if err != nil {
		return nil, err
	}
	err = s.DB.Update(ctx, store.Client, func(tx *store.Tx) error {
		if added, err := tx.InsertUser(row); err != nil {
			return err
		} else if !added {
			return errTaken
		}
		if !quiet {
			if err := tx.Enqueue(job); err != nil {
				return err
			}
		}
		return tx.AddAudit(undersigned.AuditEntry{By: by, Verb: undersigned.AuditUserAdded, Subject: UserName(u.ID), Detail: string(u.Role)})
	})
	if err != nil {
		return nil, err
	}
	s.wakeMail()
	return u, nil
}

// ChangeUser changes name, role and language of one of the staff; the address stays. version names what by has seen of
// them, empty is whichever. Invalid, with fields, also where it is otherwise by then, or the site would have no owner; NotFound.
func (s *Service) ChangeUser(ctx context.Context, by, id undersigned.UserID, version string, form undersigned.UserForm) error {
	return s.changeUser(ctx, by, id, version, func(*undersigned.User) undersigned.UserForm { return form })
}

// GiveRole changes the role alone.
func (s *Service) GiveRole(ctx context.Context, by, id undersigned.UserID, role undersigned.Role) error {
	return s.changeUser(ctx, by, id, "", func(now *undersigned.User) undersigned.UserForm {
		return undersigned.UserForm{Name: now.Name, Role: string(role), Language: now.Language}
	})
}

// ChangeAccount changes what one of the staff may change of themselves; by is they, or the command line. The role stays: an owner
// may take it away meanwhile.
func (s *Service) ChangeAccount(ctx context.Context, by, id undersigned.UserID, name, language string) error {
	return s.changeUser(ctx, by, id, "", func(now *undersigned.User) undersigned.UserForm {
		return undersigned.UserForm{Name: name, Role: string(now.Role), Language: language}
	})
}

// changeUser makes of one of the staff what form says of them as they are by then.
func (s *Service) changeUser(ctx context.Context, by, id undersigned.UserID, version string, form func(now *undersigned.User) undersigned.UserForm) error {
	return s.DB.Update(ctx, store.Client, func(tx *store.Tx) error {
		if err := tx.LockStaff(); err != nil {
			return err
		}
		row, err := tx.User(id)
		if err != nil {
			return err
		}
		if row == nil || row.Removed {
			return errNoUser
		}
		now, err := s.openUser(row)
		if err != nil {
			return err
		}
		typed := form(now)
		typed.Email = now.Email
		u, err := undersigned.NewUser(typed, now.Added)
		if err != nil {
			return err
		}
		if u.ID = id; *u == *now { // pressed twice
			return nil
		}
		if version != "" && version != now.Version() {
			return errUserChanged
		}
		if err := keepAnOwner(tx, id, u.Role); err != nil {
			return err
		}
		if row, err = s.sealUser(u); err != nil {
			return err
		}
		if _, err := tx.UpdateUser(id, u.Role, row.Sealed); err != nil {
			return err
		}
		return tx.AddAudit(undersigned.AuditEntry{By: by, Verb: undersigned.AuditUserChanged, Subject: UserName(id), Detail: string(u.Role)})
	})
}

// RemoveUser takes one of the staff away: from this commit on none of their sessions and passkeys opens anything. Invalid where
// the site would have no owner; NotFound.
func (s *Service) RemoveUser(ctx context.Context, by, id undersigned.UserID) error {
	return s.DB.Update(ctx, store.Client, func(tx *store.Tx) error {
		if err := cmp.Or(tx.LockStaff(), keepAnOwner(tx, id, "")); err != nil {
			return err
		}
		if removed, err := tx.RemoveUser(id); err != nil {
			return err
		} else if !removed {
			return errNoUser
		}
		return tx.AddAudit(undersigned.AuditEntry{By: by, Verb: undersigned.AuditUserRemoved, Subject: UserName(id)})
	})
}

// keepAnOwner refuses to give somebody another role where nobody else is an owner. It comes after [store.Tx.LockStaff], or of two
// owners who leave at once on two nodes each would count on the other.
func keepAnOwner(tx *store.Tx, id undersigned.UserID, role undersigned.Role) error {
	if role == undersigned.RoleOwner {
		return nil
	}
	users, err := tx.Users()
	if err != nil {
		return err
	}
	isOwner := func(u *store.UserRow) bool { return !u.Removed && u.Role == undersigned.RoleOwner }
	leaves := slices.ContainsFunc(users, func(u *store.UserRow) bool { return u.ID == id && isOwner(u) })
	stays := slices.ContainsFunc(users, func(u *store.UserRow) bool { return u.ID != id && isOwner(u) })
	if leaves && !stays {
		return errLastOwner
	}
	return nil
}

// Users lists the staff by name, those who were removed last.
func (s *Service) Users(ctx context.Context) (users []*undersigned.User, err error) {
	var rows []*store.UserRow
	if err := s.DB.View(ctx, func(tx *store.Tx) (err error) { rows, err = tx.Users(); return err }); err != nil {
		return nil, err
	}
	for _, row := range rows {
		u, err := s.openUser(row)
		if err != nil {
			return nil, err
		}
		users = append(users, u)
	}
	slices.SortFunc(users, func(a, b *undersigned.User) int {
		if a.Removed != b.Removed {
			if a.Removed {
				return 1
			}
			return -1
		}
		return strings.Compare(a.Title(), b.Title())
	})
	return users, nil
}

// User gives one of the staff who was not removed. NotFound.
func (s *Service) User(ctx context.Context, id undersigned.UserID) (*undersigned.User, error) {
	return s.userBy(ctx, func(tx *store.Tx) (*store.UserRow, error) { return tx.User(id) })
}

// UserByEmail finds one of the staff by address. NotFound.
func (s *Service) UserByEmail(ctx context.Context, email string) (*undersigned.User, error) {
	return s.userBy(ctx, func(tx *store.Tx) (*store.UserRow, error) { return tx.UserByEmail(s.userHash(email)) })
}

func (s *Service) userBy(ctx context.Context, find func(*store.Tx) (*store.UserRow, error)) (*undersigned.User, error) {
	var row *store.UserRow
	if err := s.DB.View(ctx, func(tx *store.Tx) (err error) { row, err = find(tx); return err }); err != nil {
		return nil, err
	}
	if row == nil || row.Removed {
		return nil, errNoUser
	}
	return s.openUser(row)
}

// StaffNamed gives those whose name or address has these words in it, as the audit log's lines name them; none of no words.
func StaffNamed(users []*undersigned.User, words string) (names []string) {
	for _, u := range users {
		if words != "" && strings.Contains(strings.ToLower(u.Name+"\n"+u.Email), strings.ToLower(words)) {
			names = append(names, UserName(u.ID))
		}
	}
	return names
}

const userPurpose = "user"

// UserName is how a user stands in the audit log: the id in hex, which says who only to whoever can open the row.
func UserName(id undersigned.UserID) string { return hex.EncodeToString(id[:]) }

func (s *Service) userHash(email string) []byte {
	hash := s.Keys.Hash(userPurpose, seal.NormalizeEmail(email))
	return hash[:]
}

func (s *Service) sealUser(u *undersigned.User) (*store.UserRow, error) {
	plaintext, err := json.Marshal(u)
	if err != nil {
		return nil, doing("seal a user", err)
	}
	return &store.UserRow{ID: u.ID, Role: u.Role, Added: u.Added, EmailHash: s.userHash(u.Email),
		Sealed: s.Keys.Staff().Seal(nil, plaintext, userPurpose, string(u.ID[:]))}, nil
}

func (s *Service) openUser(row *store.UserRow) (*undersigned.User, error) {
	plaintext, err := s.Keys.Staff().Open(nil, row.Sealed, userPurpose, string(row.ID[:]))
	if err != nil {
		return nil, doing("open a user", err)
	}
	u := &undersigned.User{ID: row.ID, Role: row.Role, Removed: row.Removed, Added: row.Added}
	if err := json.Unmarshal(plaintext, u); err != nil {
		return nil, doing("open a user", err)
	}
	return u, nil
}
