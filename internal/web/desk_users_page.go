package web

import (
	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
)

// usersView lists the staff, with a form to add somebody.
type usersView struct {
	deskChrome
	Users []userEntry
	Form  userForm
}

type userEntry struct {
	Link, Title, Email, Role, Added string
}

// userForm is what somebody is added or changed with.
type userForm struct {
	Action           string
	Email, Name      formInput
	Roles, Languages []formOption
	RoleError        string
}

func newUsers(c deskChrome, users []*undersigned.User, typed undersigned.UserForm) usersView {
	v := usersView{deskChrome: c.named(c.T("desk.users")), Form: newUserForm(c.chrome, "/admin/users", typed)}
	for _, u := range users {
		if !u.Removed {
			v.Users = append(v.Users, userEntry{Link: c.Link("/admin/users/" + action.UserName(u.ID)), Title: u.Title(), Email: u.Email,
				Role: c.T("desk.role." + string(u.Role)), Added: c.Day(u.Added)})
		}
	}
	return v
}

func newUserForm(c chrome, path string, typed undersigned.UserForm) userForm {
	f := userForm{Action: c.Link(path), Languages: languageOptions(c, typed.Language),
		Email: formInput{Name: "email", Label: c.T("form.email"), Hint: c.T("desk.user.email.hint"), Type: "email", Autocomplete: "off", Required: true, Value: typed.Email},
		Name:  formInput{Name: "name", Label: c.T("desk.user.name"), Type: "text", Autocomplete: "off", Value: typed.Name}}
	for _, role := range undersigned.Roles {
		f.Roles = append(f.Roles, formOption{Value: string(role), Label: c.T("desk.role."+string(role)) + ": " + c.T("desk.role."+string(role)+".may"),
			Selected: string(role) == typed.Role})
	}
	return f
}

func (f *userForm) failed(c chrome, typed undersigned.UserForm, problem *undersigned.Error) {
	f.Email.failed(c, typed.Email, problem)
	f.Name.failed(c, typed.Name, problem)
	for _, e := range problem.Fields {
		if e.Field == "role" {
			f.RoleError = c.T(e.Key, e.Args...)
		}
	}
}

// userView is one of the staff.
type userView struct {
	deskChrome
	Address string // of theirs
	Role    string
	Version string
	Form    userForm
	SignOut string
	Remove  string
}

func newUser(c deskChrome, u *undersigned.User, typed undersigned.UserForm) userView {
	path := "/admin/users/" + action.UserName(u.ID)
	return userView{deskChrome: c.named(u.Title()), Address: u.Email, Role: c.T("desk.role." + string(u.Role)), Version: u.Version(), Form: newUserForm(c.chrome, path, typed),
		SignOut: c.Link(path + "/sign-out"), Remove: c.Link(path + "/remove")}
}
