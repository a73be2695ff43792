package action

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/netip"
	"net/url"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
)

// A passkey is a WebAuthn credential that its authenticator can find by itself. What is asked of the browser, and what has to
// come back, is the library's; between the two the challenge travels sealed, in the page, for five minutes and one use.
const (
	passkeyPurpose = "passkey"
	passkeyLife    = 5 * time.Minute
	maxPasskeys    = 10 // of one user
)

var errPasskey = undersigned.Fail(undersigned.Invalid, "error.passkey")

// newPasskeys is nil where there can be none: a passkey is bound to a name, and a bare number is none.
func newPasskeys(base *url.URL) *webauthn.WebAuthn {
	if base == nil {
		return nil
	}
	if _, err := netip.ParseAddr(base.Hostname()); err == nil {
		return nil
	}
	w, err := webauthn.New(&webauthn.Config{
		RPID: base.Hostname(), RPDisplayName: base.Hostname(), RPOrigins: []string{base.Scheme + "://" + base.Host},
		AttestationPreference: protocol.PreferNoAttestation, // nobody needs to know what device it is
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, UserVerification: protocol.VerificationRequired},
	})
	if err != nil {
		return nil
	}
	return w
}

// HasPasskeys tells whether browsers can make passkeys for the site.
func (s *Service) HasPasskeys() bool { return s.passkeys != nil }

// Passkey is what somebody signs in with in place of a mail.
type Passkey struct {
	ID    string // 64 hex digits
	Name  string // as its owner calls it
	Added time.Time
}

// passkeyDoc is what a row has sealed.
type passkeyDoc struct {
	Name       string
	Credential webauthn.Credential
}

// holder is a user as the library wants to see one.
type holder struct {
	user        *undersigned.User
	credentials []webauthn.Credential
	rows        map[string]passkeyDoc // by credential id
}

func (h *holder) WebAuthnID() []byte                         { return h.user.ID[:] }
func (h *holder) WebAuthnName() string                       { return h.user.Email }
func (h *holder) WebAuthnDisplayName() string                { return h.user.Title() }
func (h *holder) WebAuthnCredentials() []webauthn.Credential { return h.credentials }

func (s *Service) holder(ctx context.Context, u *undersigned.User) (*holder, error) {
	h := &holder{user: u, rows: map[string]passkeyDoc{}}
	var rows []*store.PasskeyRow
	if err := s.DB.View(ctx, func(tx *store.Tx) (err error) { rows, err = tx.Passkeys(u.ID); return err }); err != nil {
		return nil, err
	}
	for _, row := range rows {
		doc, err := s.openPasskey(row)
		if err != nil {
			return nil, err
		}
		h.credentials = append(h.credentials, doc.Credential)
		h.rows[string(doc.Credential.ID)] = doc
	}
	return h, nil
}

func (s *Service) passkeyID(credential []byte) []byte {
	hash := s.Keys.Hash(passkeyPurpose, string(credential))
	return hash[:]
}

func (s *Service) sealPasskey(u undersigned.UserID, doc passkeyDoc) (*store.PasskeyRow, error) {
	plaintext, err := json.Marshal(doc)
	if err != nil {
		return nil, doing("seal a passkey", err)
	}
	id := s.passkeyID(doc.Credential.ID)
	return &store.PasskeyRow{ID: id, User: u, Sealed: s.Keys.Staff().Seal(nil, plaintext, passkeyPurpose, string(id), string(u[:]))}, nil
}

func (s *Service) openPasskey(row *store.PasskeyRow) (doc passkeyDoc, err error) {
	plaintext, err := s.Keys.Staff().Open(nil, row.Sealed, passkeyPurpose, string(row.ID), string(row.User[:]))
	if err == nil {
		err = json.Unmarshal(plaintext, &doc)
	}
	if err != nil {
		return doc, doing("open a passkey", err)
	}
	return doc, nil
}

// Asking is what a browser is asked for a passkey with: the options, as JSON, and the token that has to come back with the answer.
type Asking struct {
	Options json.RawMessage `json:"options"`
	Token   string          `json:"token"`
}

func (s *Service) asking(purpose string, options any, data *webauthn.SessionData) (*Asking, error) {
	text, err := json.Marshal(options)
	if err != nil {
		return nil, doing("ask for a passkey", err)
	}
	state, err := json.Marshal(data)
	if err != nil {
		return nil, doing("ask for a passkey", err)
	}
	return &Asking{Options: text, Token: s.Keys.SealLink(passkeyPurpose+" "+purpose, state, s.Now().Add(passkeyLife))}, nil
}

// answered opens the token that came with an answer.
func (s *Service) answered(purpose, token string) (data webauthn.SessionData, err error) {
	state, _, err := s.Keys.OpenLink(passkeyPurpose+" "+purpose, token, s.Now())
	if err != nil || json.Unmarshal(state, &data) != nil {
		return data, errPasskey
	}
	return data, nil
}

// spendChallenge notes that a challenge was answered; a second answer is refused.
func (s *Service) spendChallenge(tx *store.Tx, data webauthn.SessionData) error {
	id := secretHash([]byte(data.Challenge))
	first, err := tx.Press(string(undersigned.DayOf(tx.Now.Add(passkeyLife))), id[:16])
	if err == nil && !first {
		err = errPasskey
	}
	return err
}

// AskForNewPasskey begins to add a passkey.
func (s *Service) AskForNewPasskey(ctx context.Context, staff *Staff) (*Asking, error) {
	if s.passkeys == nil {
		return nil, errPasskey
	}
	h, err := s.holder(ctx, staff.User)
	if err != nil {
		return nil, err
	}
	var known []protocol.CredentialDescriptor
	for i := range h.credentials {
		known = append(known, h.credentials[i].Descriptor())
	}
	options, data, err := s.passkeys.BeginRegistration(h, webauthn.WithExclusions(known))
	if err != nil {
		return nil, doing("ask for a passkey", err)
	}
	return s.asking("new", options, data)
}

// AddPasskey takes the browser's answer. Invalid where it is none, or somebody has too many.
func (s *Service) AddPasskey(ctx context.Context, staff *Staff, token, name string, answer []byte) error {
	if s.passkeys == nil {
		return errPasskey
	}
	data, err := s.answered("new", token)
	if err != nil {
		return err
	}
	h, err := s.holder(ctx, staff.User)
	if err != nil {
		return err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil || len(h.credentials) >= maxPasskeys {
		return errPasskey
	}
	credential, err := s.passkeys.CreateCredential(h, data, parsed)
	if err != nil {
		return errPasskey
	}
	row, err := s.sealPasskey(staff.User.ID, passkeyDoc{Name: name, Credential: *credential})
	if err != nil {
		return err
	}
	return s.DB.Update(ctx, store.Client, func(tx *store.Tx) error {
		if err := s.spendChallenge(tx, data); err != nil {
			return err
		}
		if added, err := tx.InsertPasskey(row); err != nil {
			return err
		} else if !added {
			return errPasskey
		}
		return tx.AddAudit(undersigned.AuditEntry{By: staff.User.ID, Verb: undersigned.AuditPasskeyAdded})
	})
}

// AskForPasskey begins to sign in with one, whoever's it is.
func (s *Service) AskForPasskey() (*Asking, error) {
	if s.passkeys == nil {
		return nil, errPasskey
	}
	options, data, err := s.passkeys.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return nil, doing("ask for a passkey", err)
	}
	return s.asking("sign-in", options, data)
}

// SignInWithPasskey takes the browser's answer. Where staff is given, its holder shows again who they are: the answer must be
// theirs, and no session begins, but the cookie of theirs changes; empty where it has ended. Invalid where it is no passkey of ours.
func (s *Service) SignInWithPasskey(ctx context.Context, staff *Staff, token string, answer []byte, b Browser) (cookie string, err error) {
	if s.passkeys == nil {
		return "", errPasskey
	}
	data, err := s.answered("sign-in", token)
	if err != nil {
		return "", err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return "", errPasskey
	}
	var whose *holder
	find := func(_, handle []byte) (webauthn.User, error) {
		if len(handle) != len(undersigned.UserID{}) {
			return nil, errPasskey
		}
		u, err := s.User(ctx, undersigned.UserID(handle))
		if err != nil {
			return nil, err
		}
		whose, err = s.holder(ctx, u)
		return whose, err
	}
	credential, err := s.passkeys.ValidateDiscoverableLogin(find, data, parsed)
	if err != nil || credential.Authenticator.CloneWarning || staff != nil && staff.User.ID != whose.user.ID {
		if kind := undersigned.KindOf(err); err != nil && kind == undersigned.Unavailable {
			return "", err
		}
		return "", errPasskey
	}
	doc := whose.rows[string(credential.ID)]
	doc.Credential = *credential
	row, err := s.sealPasskey(whose.user.ID, doc)
	if err != nil {
		return "", err
	}
	session, begun := s.newSession(whose.user.ID, b)
	err = s.DB.Update(ctx, store.Client, func(tx *store.Tx) error {
		if err := errors.Join(s.spendChallenge(tx, data), tx.UsePasskey(row.ID, row.Sealed)); err != nil {
			return err
		}
		if staff != nil {
			cookie, err = proveSession(tx, staff.Session.ID)
			return err
		}
		cookie = begun
		return beginSession(tx, session, "passkey")
	})
	return cookie, err
}

// Passkeys lists somebody's.
func (s *Service) Passkeys(ctx context.Context, user undersigned.UserID) (list []Passkey, err error) {
	var rows []*store.PasskeyRow
	if err := s.DB.View(ctx, func(tx *store.Tx) (err error) { rows, err = tx.Passkeys(user); return err }); err != nil {
		return nil, err
	}
	for _, row := range rows {
		doc, err := s.openPasskey(row)
		if err != nil {
			return nil, err
		}
		list = append(list, Passkey{ID: hex.EncodeToString(row.ID), Name: doc.Name, Added: row.At})
	}
	return list, nil
}

// RemovePasskey takes one of somebody's away; by is they themselves, or the command line. NotFound.
func (s *Service) RemovePasskey(ctx context.Context, by, user undersigned.UserID, id string) error {
	raw, err := hex.DecodeString(id)
	if err != nil {
		return errNoUser
	}
	return s.DB.Update(ctx, store.Client, func(tx *store.Tx) error {
		if gone, err := tx.DeletePasskey(raw, user); err != nil {
			return err
		} else if !gone {
			return errNoUser
		}
		return tx.AddAudit(undersigned.AuditEntry{By: by, Verb: undersigned.AuditPasskeyGone, Subject: UserName(user)})
	})
}
