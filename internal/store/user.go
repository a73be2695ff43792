package store

import (
	"database/sql"
	"fmt"
	"time"

	"github.com/undersigned/undersigned"
)

// UserRow is one of the staff.
type UserRow struct {
	ID        undersigned.UserID
	Role      undersigned.Role
	Removed   bool
	Added     undersigned.Day
	EmailHash []byte // nil in the row of somebody who was removed
	Sealed    []byte
}

// InsertUser adds one of the staff; false where somebody has that address already.
func (tx *Tx) InsertUser(u *UserRow) (bool, error) {
	n, err := tx.exec(`insert into site_user (id, role, removed, added, email_hash, sealed) values ($1, $2, 0, $3, $4, $5)
		on conflict do nothing`, u.ID[:], u.Role, u.Added, u.EmailHash, u.Sealed)
	if err != nil {
		return false, fmt.Errorf("insert a user: %w", err)
	}
	return n == 1, nil
}

// LockStaff keeps other nodes from deciding who the staff are until this transaction ends: there may be nobody yet whose row
// could be locked.
func (tx *Tx) LockStaff() error {
	_, err := tx.exec("select id from site" + tx.d.lock)
	return err
}

// UpdateUser changes the role of somebody who was not removed, and what is sealed of them; false where there is none.
func (tx *Tx) UpdateUser(id undersigned.UserID, role undersigned.Role, sealed []byte) (bool, error) {
	n, err := tx.exec("update site_user set role = $2, sealed = $3 where id = $1 and removed = 0", id[:], role, sealed)
	if err != nil {
		return false, fmt.Errorf("change a user: %w", err)
	}
	return n == 1, nil
}

// RemoveUser takes everything from somebody but their name in the audit log: sessions and passkeys are deleted.
func (tx *Tx) RemoveUser(id undersigned.UserID) (bool, error) {
	n, err := tx.exec("update site_user set removed = 1, email_hash = null where id = $1 and removed = 0", id[:])
	if err != nil || n == 0 {
		return false, err
	}
	if _, err := tx.exec("delete from session where user_id = $1", id[:]); err != nil {
		return false, fmt.Errorf("remove a user: %w", err)
	}
	_, err = tx.exec("delete from passkey where user_id = $1", id[:])
	return err == nil, err
}

// Users reads all of the staff, those who were removed too, in no order that tells anything.
func (tx *Tx) Users() (users []*UserRow, err error) {
	err = tx.users(&users, "1 = $1", 1)
	return users, err
}

// User reads one of the staff, nil where there is none.
func (tx *Tx) User(id undersigned.UserID) (*UserRow, error) { return tx.user("id = $1", id[:]) }

// UserByEmail finds somebody by the keyed hash of an address, nil where there is none.
func (tx *Tx) UserByEmail(hash []byte) (*UserRow, error) { return tx.user("email_hash = $1", hash) }

func (tx *Tx) user(where string, arg any) (*UserRow, error) {
	var found []*UserRow
	if err := tx.users(&found, where, arg); err != nil || len(found) == 0 {
		return nil, err
	}
	return found[0], nil
}

func (tx *Tx) users(found *[]*UserRow, where string, arg any) error {
	query := "select id, role, removed, added, email_hash, sealed from site_user where " + where + " order by id"
	err := tx.each(query, []any{arg}, func(r *sql.Rows) error {
		u := &UserRow{}
		var id []byte
		var removed int64
		err := r.Scan(&id, &u.Role, &removed, &u.Added, &u.EmailHash, &u.Sealed)
		copy(u.ID[:], id)
		u.Removed = removed != 0
		*found = append(*found, u)
		return err
	})
	if err != nil {
		return fmt.Errorf("read users: %w", err)
	}
	return nil
}

// ForgetUsers erases those who were removed and of whom the audit log says nothing any more.
func (tx *Tx) ForgetUsers() (int64, error) {
	return tx.exec("delete from site_user where removed = 1 and not exists (select 1 from audit where audit.user_id = site_user.id)")
}

// PasskeyRow is what somebody signs in with.
type PasskeyRow struct {
	ID     []byte // a hash of the credential's
	User   undersigned.UserID
	At     time.Time // when it was added
	Sealed []byte
}

// InsertPasskey adds one; false where it is there already.
func (tx *Tx) InsertPasskey(p *PasskeyRow) (bool, error) {
	n, err := tx.exec("insert into passkey (id, user_id, at, sealed) values ($1, $2, $3, $4) on conflict do nothing",
		p.ID, p.User[:], micros(tx.Now), p.Sealed)
	if err != nil {
		return false, fmt.Errorf("insert a passkey: %w", err)
	}
	return n == 1, nil
}

// UsePasskey keeps what the authenticator has counted.
func (tx *Tx) UsePasskey(id, sealed []byte) error {
	_, err := tx.exec("update passkey set sealed = $2 where id = $1", id, sealed)
	return err
}

// DeletePasskey takes one of somebody's away.
func (tx *Tx) DeletePasskey(id []byte, user undersigned.UserID) (bool, error) {
	n, err := tx.exec("delete from passkey where id = $1 and user_id = $2", id, user[:])
	return n == 1, err
}

// Passkeys reads somebody's, the oldest first.
func (tx *Tx) Passkeys(user undersigned.UserID) (list []*PasskeyRow, err error) {
	return tx.passkeys("user_id = $1", user[:])
}

// Passkey reads one, nil where there is none.
func (tx *Tx) Passkey(id []byte) (*PasskeyRow, error) {
	list, err := tx.passkeys("id = $1", id)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return list[0], nil
}

func (tx *Tx) passkeys(where string, arg any) (list []*PasskeyRow, err error) {
	err = tx.each("select id, user_id, at, sealed from passkey where "+where+" order by at, id", []any{arg}, func(r *sql.Rows) error {
		p := &PasskeyRow{}
		var user []byte
		var at int64
		err := r.Scan(&p.ID, &user, &at, &p.Sealed)
		copy(p.User[:], user)
		p.At = moment(at)
		list = append(list, p)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read passkeys: %w", err)
	}
	return list, nil
}
