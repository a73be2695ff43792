package store

import (
	"database/sql"
	"fmt"
	"time"

	"github.com/undersigned/undersigned"
)

// SessionRow is a session with what its cookie is compared with.
type SessionRow struct {
	undersigned.Session
	Secret  []byte    // a hash of what the browser has
	Former  []byte    // of what it had before; nil where it was never renewed
	Renewed time.Time // when Secret was made
	Arrived time.Time // when Secret first came back; zero while it has not
	Agent   []byte    // a hash of how the browser calls itself
}

// InsertSession begins one.
func (tx *Tx) InsertSession(s *SessionRow) error {
	now := micros(tx.Now)
	_, err := tx.exec(`insert into session (id, user_id, secret, renewed, arrived, since, seen, proved, browser, agent)
		values ($1, $2, $3, $4, 0, $4, $4, $4, $5, $6)`, s.ID[:], s.User[:], s.Secret, now, s.Browser, s.Agent)
	if err != nil {
		return fmt.Errorf("insert a session: %w", err)
	}
	return nil
}

// Session reads one, nil where there is none.
func (tx *Tx) Session(id [16]byte) (*SessionRow, error) {
	list, err := tx.sessions("id = $1", id[:])
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return list[0], nil
}

// Sessions reads somebody's, the last seen first.
func (tx *Tx) Sessions(user undersigned.UserID) ([]*SessionRow, error) {
	return tx.sessions("user_id = $1", user[:])
}

func (tx *Tx) sessions(where string, arg any) (list []*SessionRow, err error) {
	err = tx.each(`select id, user_id, secret, former, renewed, arrived, since, seen, proved, browser, agent from session
		where `+where+" order by seen desc, id", []any{arg}, func(r *sql.Rows) error {
		s := &SessionRow{}
		var id, user []byte
		var renewed, arrived, since, seen, proved int64
		err := r.Scan(&id, &user, &s.Secret, &s.Former, &renewed, &arrived, &since, &seen, &proved, &s.Browser, &s.Agent)
		copy(s.ID[:], id)
		copy(s.User[:], user)
		s.Renewed, s.Arrived, s.Since, s.Seen, s.Proved = moment(renewed), moment(arrived), moment(since), moment(seen), moment(proved)
		list = append(list, s)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read sessions: %w", err)
	}
	return list, nil
}

// RenewSession puts a new secret in place of the one that was read; false where another request has done so meanwhile. former
// is what the browser may still come with.
func (tx *Tx) RenewSession(s *SessionRow, secret, former []byte) (bool, error) {
	n, err := tx.exec("update session set secret = $3, former = $4, renewed = $5, arrived = 0, seen = $5 where id = $1 and secret = $2",
		s.ID[:], s.Secret, secret, former, micros(tx.Now))
	if err != nil {
		return false, fmt.Errorf("renew a session: %w", err)
	}
	return n == 1, nil
}

// SessionArrived notes that the browser has come with a session's secret for the first time.
func (tx *Tx) SessionArrived(s *SessionRow) error {
	_, err := tx.exec("update session set arrived = $3, seen = $3 where id = $1 and secret = $2 and arrived = 0", s.ID[:], s.Secret, micros(tx.Now))
	return err
}

// SessionProved notes that a session's holder has shown who they are.
func (tx *Tx) SessionProved(id [16]byte) error {
	_, err := tx.exec("update session set proved = $2, seen = $2 where id = $1", id[:], micros(tx.Now))
	return err
}

// EndSession ends one of somebody's; false where there is none.
func (tx *Tx) EndSession(id [16]byte, user undersigned.UserID) (bool, error) {
	n, err := tx.exec("delete from session where id = $1 and user_id = $2", id[:], user[:])
	if err != nil {
		return false, fmt.Errorf("end a session: %w", err)
	}
	return n == 1, nil
}

// EndSessions ends all of somebody's but one.
func (tx *Tx) EndSessions(user undersigned.UserID, but [16]byte) (int64, error) {
	return tx.exec("delete from session where user_id = $1 and id <> $2", user[:], but[:])
}

// ForgetSessions erases those that have ended by themselves.
func (tx *Tx) ForgetSessions() (int64, error) {
	return tx.exec("delete from session where seen <= $1 or since <= $2",
		micros(tx.Now.Add(-undersigned.SessionIdle)), micros(tx.Now.Add(-undersigned.SessionLife)))
}
