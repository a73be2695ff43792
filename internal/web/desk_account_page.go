package web

import (
	"encoding/hex"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
)

// accountView is what somebody sees of themselves.
type accountView struct {
	deskChrome
	Name     formInput
	Language []formOption
	Email    string
	Role     string
	Sessions []accountSession
	Passkeys []accountPasskey
	CanAdd   bool
}

type accountSession struct {
	ID, Browser, Since, Seen string
	This                     bool
}

type accountPasskey struct{ ID, Name, Added string }

func newAccount(c deskChrome, staff *action.Staff, sessions []undersigned.Session, passkeys []action.Passkey, now time.Time) accountView {
	u := staff.User
	v := accountView{deskChrome: c.named(c.T("desk.me")), Email: u.Email, Role: c.T("desk.role." + string(u.Role)),
		Name:     formInput{Name: "name", Label: c.T("desk.user.name"), Type: "text", Autocomplete: "name", Value: u.Name},
		Language: languageOptions(c.chrome, u.Language)}
	for _, s := range sessions {
		browser := s.Browser
		if browser == "" {
			browser = c.T("desk.session.unknown")
		}
		v.Sessions = append(v.Sessions, accountSession{ID: hex.EncodeToString(s.ID[:]), Browser: browser, This: s.ID == staff.Session.ID,
			Since: c.DateTime(s.Since.In(undersigned.Eastern)), Seen: c.DateTime(s.Seen.In(undersigned.Eastern))})
	}
	for _, p := range passkeys {
		v.Passkeys = append(v.Passkeys, accountPasskey{ID: p.ID, Name: p.Name, Added: c.Date(p.Added.In(undersigned.Eastern))})
	}
	return v
}

// languageOptions are the languages that we have.
func languageOptions(c chrome, selected string) (options []formOption) {
	for _, l := range c.Languages {
		options = append(options, formOption{Value: l.Lang(), Label: l.Name(), Selected: l.Lang() == selected})
	}
	return options
}
