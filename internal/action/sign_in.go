package action

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/mail"
	"github.com/undersigned/undersigned/internal/store"
)

// How long the links of staff work, each once.
const (
	signInLife     = time.Hour
	invitationLife = 3 * 24 * time.Hour
)

const (
	signInPurpose     = "sign-in"
	firstOwnerPurpose = "first-owner"
)

// signInMail is what the job of such a mail holds.
type signInMail struct {
	Language, Email string
	Invited         bool
}

func (m signInMail) encode() []byte {
	args, err := json.Marshal(m)
	if err != nil {
		panic(err) // strings can always be written
	}
	return args
}

// RequestSignIn promises a mail with a link that signs in. The answer is the same whether the address is one of the staff's or
// not: who it is, only the mail worker looks up. Invalid where it is no address, TooMany with a [Wait], Unavailable.
func (s *Service) RequestSignIn(ctx context.Context, v Visitor, email, language, trap string) error {
	email = strings.TrimSpace(email)
	if !undersigned.ValidEmail(email) {
		return &undersigned.Error{Kind: undersigned.Invalid, Key: "error.form",
			Fields: []undersigned.FieldError{{Field: "email", Key: "error.email.form"}}}
	}
	args, now := signInMail{Language: language, Email: email}.encode(), s.Now()
	if d := s.buckets.takeTrapped(v, signInPurpose, trap, now); d > 0 {
		return s.askToWait(ctx, signInPurpose, mailSignIn, args, d, now)
	}
	return s.promiseMail(ctx, mailQueue, mailSignIn, args, now)
}

// SignInAfterWaiting takes a form that RequestSignIn has asked to wait.
func (s *Service) SignInAfterWaiting(ctx context.Context, token string) error {
	now := s.Now()
	w, err := s.openWait(ctx, signInPurpose, token, now)
	if err != nil {
		return err
	}
	return s.takeWaiting(token, w, now, func() error { return s.promiseMail(ctx, laterQueue, w.kind, w.args, now) })
}

// openSignInMail reads the job of such a mail. To an address that is nobody's there is nothing to write.
func (w *mailWorker) openSignInMail(ctx context.Context, l *letter) (*letter, error) {
	var m signInMail
	if err := json.Unmarshal(l.args, &m); err != nil {
		return nil, errForm
	}
	u, err := w.UserByEmail(ctx, m.Email)
	if err != nil {
		return nil, err
	}
	l.desk, l.staff, l.scope, l.language, l.to = true, true, signInPurpose, m.Language, u.Email
	life := signInLife
	if m.Invited {
		life = invitationLife
	}
	l.write = func(head mail.Letterhead, _ string) (*mail.Message, error) {
		return w.Composer.SignIn(head, w.link(l.language, "/admin/sign-in/"+w.signInToken(u.ID, life)), m.Invited)
	}
	return l, nil
}

// signInToken makes a link that signs a user in, once.
func (s *Service) signInToken(id undersigned.UserID, life time.Duration) string {
	var once [16]byte
	rand.Read(once[:])
	return s.Keys.SealLink(signInPurpose, append(id[:], once[:]...), s.Now().Add(life))
}

// SignInToken makes the token of a link for one of the staff, for the terminal: the way in, and the way back.
func (s *Service) SignInToken(id undersigned.UserID) string { return s.signInToken(id, invitationLife) }

// FirstOwnerToken makes the token of the link with which somebody becomes the first owner. It opens nothing once there is one.
func (s *Service) FirstOwnerToken() string {
	return s.Keys.SealLink(firstOwnerPurpose, nil, s.Now().Add(invitationLife))
}

// HasUsers tells whether anybody runs the site in a browser yet.
func (s *Service) HasUsers(ctx context.Context) (has bool, err error) {
	err = s.DB.View(ctx, func(tx *store.Tx) error { has, err = hasUsers(tx); return err })
	return has, err
}

func hasUsers(tx *store.Tx) (bool, error) {
	users, err := tx.Users()
	for _, u := range users {
		if !u.Removed {
			return true, err
		}
	}
	return false, err
}

// Welcome is what a link for staff opens.
type Welcome struct {
	First bool              // for the first owner, of whom nothing is known yet
	User  *undersigned.User // otherwise
	once  []byte
	ends  time.Time
}

// OpenSignIn looks at a link and changes nothing. Gone where it has been used, has expired, is none of ours, or where there is
// a first owner already.
func (s *Service) OpenSignIn(ctx context.Context, token string) (*Welcome, error) {
	if _, _, err := s.Keys.OpenLink(firstOwnerPurpose, token, s.Now()); err == nil {
		has, err := s.HasUsers(ctx)
		if err == nil && has {
			err = errLinkDead
		}
		return &Welcome{First: true}, err
	}
	plaintext, ends, err := s.Keys.OpenLink(signInPurpose, token, s.Now())
	if err != nil || len(plaintext) != 32 {
		return nil, errLinkDead
	}
	w := &Welcome{once: plaintext[16:], ends: ends}
	used := false
	err = s.DB.View(ctx, func(tx *store.Tx) (err error) { used, err = tx.WasPressed(w.day(), w.once); return err })
	if err == nil && used {
		err = errLinkDead
	}
	if err != nil {
		return nil, err
	}
	var id undersigned.UserID
	copy(id[:], plaintext)
	w.User, err = s.User(ctx, id)
	if undersigned.KindOf(err) == undersigned.NotFound {
		err = errLinkDead
	}
	return w, err
}

// day is that under which it is noted that a link was used: that of its end, so that the note lives as long as the link.
func (w *Welcome) day() string { return string(undersigned.DayOf(w.ends)) }

// SignIn uses a link, once, and begins a session in a browser. cookie is what the browser is given.
func (s *Service) SignIn(ctx context.Context, token string, b Browser) (cookie string, err error) {
	w, err := s.OpenSignIn(ctx, token)
	if err != nil {
		return "", err
	}
	if w.First {
		return "", errLinkDead
	}
	session, cookie := s.newSession(w.User.ID, b)
	err = s.DB.Update(ctx, store.Client, func(tx *store.Tx) error {
		first, err := tx.Press(w.day(), w.once)
		if err == nil && !first {
			err = errLinkDead
		}
		if err != nil {
			return err
		}
		return beginSession(tx, session, "link")
	})
	return cookie, err
}

// BecomeFirstOwner makes the first owner of whoever has the link from the terminal, and signs them in. Invalid, with fields;
// Gone where somebody was faster.
func (s *Service) BecomeFirstOwner(ctx context.Context, token string, form undersigned.UserForm, b Browser) (cookie string, err error) {
	w, err := s.OpenSignIn(ctx, token)
	if err != nil {
		return "", err
	}
	if !w.First {
		return "", errLinkDead
	}
	form.Role = string(undersigned.RoleOwner)
	u, err := undersigned.NewUser(form, undersigned.DayOf(s.Now()))
	if err != nil {
		return "", err
	}
	rand.Read(u.ID[:])
	row, err := s.sealUser(u)
	if err != nil {
		return "", err
	}
	session, cookie := s.newSession(u.ID, b)
	err = s.DB.Update(ctx, store.Client, func(tx *store.Tx) error {
		if err := tx.LockStaff(); err != nil { // on another node somebody may press the same link
			return err
		}
		has, err := hasUsers(tx)
		if err == nil && has {
			err = errLinkDead
		}
		if err != nil {
			return err
		}
		if added, err := tx.InsertUser(row); err != nil || !added {
			return errors.Join(err, errTaken)
		}
		if err := tx.AddAudit(undersigned.AuditEntry{By: u.ID, Verb: undersigned.AuditUserAdded, Subject: UserName(u.ID), Detail: string(u.Role)}); err != nil {
			return err
		}
		return beginSession(tx, session, "link")
	})
	return cookie, err
}
