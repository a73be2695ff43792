package action

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
)

// Browser is what a session is bound to, as a request tells it.
type Browser struct {
	Agent string // the whole User-Agent, of which only a keyed hash is kept
	Name  string // in a word or two, for the list of sessions
}

// Staff is one of the staff in a session.
type Staff struct {
	User    *undersigned.User
	Session *undersigned.Session
}

// A cookie is the session's id and its secret, 16 random bytes each, in base64url.
var cookieEncoding = base64.RawURLEncoding.Strict()

func newSecret() (secret [16]byte) {
	rand.Read(secret[:])
	return secret
}

func cookieOf(id, secret [16]byte) string {
	return cookieEncoding.EncodeToString(append(id[:], secret[:]...))
}

// secretHash is what is kept of a secret. It needs no key: nobody guesses 128 bits.
func secretHash(secret []byte) []byte {
	sum := sha256.Sum256(secret)
	return sum[:]
}

func (s *Service) agentHash(id [16]byte, agent string) []byte {
	hash := s.Keys.Hash("agent", string(id[:]), agent)
	return hash[:]
}

// newSession draws a session that is not begun yet.
func (s *Service) newSession(user undersigned.UserID, b Browser) (*store.SessionRow, string) {
	id, secret := newSecret(), newSecret()
	row := &store.SessionRow{Session: undersigned.Session{ID: id, User: user, Browser: b.Name}, Secret: secretHash(secret[:]),
		Agent: s.agentHash(id, b.Agent)}
	return row, cookieOf(id, secret)
}

func beginSession(tx *store.Tx, row *store.SessionRow, how string) error {
	if err := tx.InsertSession(row); err != nil {
		return err
	}
	return tx.AddAudit(undersigned.AuditEntry{By: row.User, Verb: undersigned.AuditSignedIn, Detail: how})
}

// proveSession notes that a session's holder has shown again who they are, and gives the cookie its next value: whoever has a
// copy of the one before has a minute. Empty where the session has ended meanwhile.
func proveSession(tx *store.Tx, id [16]byte) (cookie string, err error) {
	session, err := tx.Session(id)
	if err != nil || session == nil {
		return "", err
	}
	if err := tx.SessionProved(id); err != nil {
		return "", err
	}
	secret := newSecret()
	_, err = tx.RenewSession(session, secretHash(secret[:]), session.Secret)
	return cookieOf(id, secret), err
}

// Enter finds the session of a cookie, and whose it is. renewed, where it is not empty, is the cookie's next value: the secret
// changes every ten minutes, so that two browsers that use the same cookie are found out. Then the session ends for both.
// Nil where nobody is signed in.
func (s *Service) Enter(ctx context.Context, cookie string, b Browser) (staff *Staff, renewed string, err error) {
	raw, err := cookieEncoding.DecodeString(cookie)
	if err != nil || len(raw) != 32 {
		return nil, "", nil
	}
	id, given := [16]byte(raw[:16]), secretHash(raw[16:])
	var session *store.SessionRow
	var row *store.UserRow
	err = s.DB.View(ctx, func(tx *store.Tx) error {
		if session, err = tx.Session(id); err != nil || session == nil {
			return err
		}
		row, err = tx.User(session.User)
		return err
	})
	if err != nil {
		return nil, "", err
	}
	now := s.Now()
	if session == nil || row == nil || row.Removed || session.Over(now) {
		return nil, "", nil
	}
	current := bytes.Equal(given, session.Secret)
	if former := bytes.Equal(given, session.Former); !current && !former {
		return nil, "", nil
	}
	late := !current && !session.Arrived.IsZero() && !now.Before(session.Arrived.Add(undersigned.SessionGrace))
	if late || !bytes.Equal(session.Agent, s.agentHash(id, b.Agent)) {
		return nil, "", s.endStolen(ctx, session)
	}
	if renewed, err = s.renew(ctx, session, current, given); err != nil {
		return nil, "", err
	}
	u, err := s.openUser(row)
	return &Staff{User: u, Session: &session.Session}, renewed, err
}

// renew keeps a session's secret young. A browser that comes with the one before, a minute after it was renewed, has never
// got the new one: it is given another.
func (s *Service) renew(ctx context.Context, session *store.SessionRow, current bool, given []byte) (renewed string, err error) {
	now := s.Now()
	age := now.Sub(session.Renewed)
	switch {
	case current && age >= undersigned.SessionRenew, !current && session.Arrived.IsZero() && age >= undersigned.SessionGrace:
		secret, done := newSecret(), false
		err = s.DB.Update(ctx, store.Client, func(tx *store.Tx) (err error) {
			done, err = tx.RenewSession(session, secretHash(secret[:]), given)
			return err
		})
		if err == nil && done {
			renewed = cookieOf(session.ID, secret)
		}
	case current && session.Arrived.IsZero():
		err = s.DB.Update(ctx, store.Client, func(tx *store.Tx) error { return tx.SessionArrived(session) })
	}
	return renewed, err
}

func (s *Service) endStolen(ctx context.Context, session *store.SessionRow) error {
	return s.DB.Update(ctx, store.Client, func(tx *store.Tx) error {
		ended, err := tx.EndSession(session.ID, session.User)
		if err != nil || !ended {
			return err
		}
		return tx.AddAudit(undersigned.AuditEntry{By: session.User, Verb: undersigned.AuditSessionStolen})
	})
}

// SignOut ends the session that somebody is in.
func (s *Service) SignOut(ctx context.Context, staff *Staff) error {
	return s.endSession(ctx, staff.User.ID, staff.Session.ID, undersigned.AuditEntry{By: staff.User.ID, Verb: undersigned.AuditSignedOut})
}

// EndSession ends one of somebody's sessions; by is they themselves, or the command line. NotFound.
func (s *Service) EndSession(ctx context.Context, by, user undersigned.UserID, id string) error {
	raw, err := hex.DecodeString(id)
	if err != nil || len(raw) != 16 {
		return errNoUser
	}
	return s.endSession(ctx, user, [16]byte(raw), undersigned.AuditEntry{By: by, Verb: undersigned.AuditSessionEnded, Subject: UserName(user)})
}

// EndOtherSessions ends all of somebody's sessions but the one that they are in.
func (s *Service) EndOtherSessions(ctx context.Context, staff *Staff) error {
	return s.endSessions(ctx, staff.User.ID, staff.User.ID, staff.Session.ID)
}

// EndSessionsOf ends every session of one of the staff.
func (s *Service) EndSessionsOf(ctx context.Context, by, user undersigned.UserID) error {
	return s.endSessions(ctx, by, user, [16]byte{})
}

func (s *Service) endSessions(ctx context.Context, by, user undersigned.UserID, but [16]byte) error {
	return s.DB.Update(ctx, store.Client, func(tx *store.Tx) error {
		n, err := tx.EndSessions(user, but)
		if err != nil || n == 0 {
			return err
		}
		return tx.AddAudit(undersigned.AuditEntry{By: by, Verb: undersigned.AuditSessionsEnded, Subject: UserName(user)})
	})
}

func (s *Service) endSession(ctx context.Context, user undersigned.UserID, id [16]byte, line undersigned.AuditEntry) error {
	return s.DB.Update(ctx, store.Client, func(tx *store.Tx) error {
		ended, err := tx.EndSession(id, user)
		if err == nil && !ended && line.Verb != undersigned.AuditSignedOut {
			err = errNoUser
		}
		if err != nil || !ended {
			return err
		}
		return tx.AddAudit(line)
	})
}

// Sessions lists somebody's that have not ended, the last seen first.
func (s *Service) Sessions(ctx context.Context, user undersigned.UserID) (list []undersigned.Session, err error) {
	err = s.DB.View(ctx, func(tx *store.Tx) error {
		rows, err := tx.Sessions(user)
		for _, row := range rows {
			if !row.Over(tx.Now) {
				list = append(list, row.Session)
			}
		}
		return err
	})
	return list, err
}
