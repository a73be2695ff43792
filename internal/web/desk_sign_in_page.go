package web

import (
	"strings"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
)

// signInView asks for an address, or a passkey.
type signInView struct {
	deskChrome
	Action   string
	Trap     string
	Email    formInput
	Passkeys bool
	To       string
}

func newSignIn(c deskChrome, passkeys bool, to string) signInView {
	return signInView{deskChrome: c.named(c.T("desk.sign_in.title")), Action: c.Link("/admin/sign-in"), Trap: trapField, Passkeys: passkeys,
		To: c.Link(to), Email: formInput{Name: "email", Label: c.T("form.email"), Type: "email", Autocomplete: "username webauthn", Required: true}}
}

// failed fills a field in as it was typed, and says what is wrong with it: what an error says of the field, or of all.
func (f *formInput) failed(c chrome, typed string, problem *undersigned.Error) {
	f.Value = strings.ToValidUTF8(typed, "\uFFFD")
	for _, e := range problem.Fields {
		if e.Field == f.Name {
			f.Error = c.T(e.Key, e.Args...)
		}
	}
	if len(problem.Fields) == 0 {
		f.Error = c.T(problem.Key)
	}
}

// signInMailView is the same for every address.
type signInMailView struct {
	deskChrome
	Slow    bool
	DevMail string
}

// welcomeView is where a link for staff leads.
type welcomeView struct {
	deskChrome
	First  bool
	Action string
	Email  formInput
	Name   formInput
}

func newWelcome(c deskChrome, w *action.Welcome) welcomeView {
	v := welcomeView{First: w.First, Action: c.Link(c.Path),
		Email: formInput{Name: "email", Label: c.T("form.email"), Hint: c.T("desk.user.email.hint"), Type: "email", Autocomplete: "email", Required: true},
		Name:  formInput{Name: "name", Label: c.T("desk.user.name"), Type: "text", Autocomplete: "name"}}
	if w.First {
		v.deskChrome = c.named(c.T("desk.welcome.first"))
		return v
	}
	v.deskChrome, v.Who = c.named(c.T("desk.welcome.title")), w.User.Title()
	return v
}

func (v *welcomeView) failed(typed undersigned.UserForm, problem *undersigned.Error) {
	v.Email.failed(v.chrome, typed.Email, problem)
	v.Name.failed(v.chrome, typed.Name, problem)
}
