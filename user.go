package undersigned

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// UserID is 16 random bytes that name one of the staff for good.
type UserID [16]byte

// User is one of the staff, never a supporter. What says who it is is only ever kept sealed.
type User struct {
	ID       UserID `json:"-"`
	Role     Role   `json:"-"`
	Removed  bool   `json:"-"` // may do nothing any more; the row stays while the audit log speaks of it
	Added    Day    `json:"-"`
	Name     string `json:"name"`
	Email    string `json:"email"`
	Language string `json:"language"` // of mails to them
}

// Role is what a user does for the site.
type Role string

const (
	RoleOwner       Role = "owner"       // everything; there is always one
	RoleEditor      Role = "editor"      // what readers see and hear, and what counts
	RoleCoordinator Role = "coordinator" // the volunteers who were promised to them
)

// Roles are all roles, the one that may most first.
var Roles = []Role{RoleOwner, RoleEditor, RoleCoordinator}

// Permission is something that not everybody among the staff may do.
type Permission string

const (
	MayEnter      Permission = "enter"      // sign in, see one's own account and what waits for one
	MaySee        Permission = "see"        // numbers and health, none of which says who
	MayWrite      Permission = "write"      // content: issues, asks, the directory, the library
	MayModerate   Permission = "moderate"   // read, release and remove signatures; pause
	MayHandOver   Permission = "hand_over"  // note what was delivered and answered
	MayTell       Permission = "tell"       // news to signers
	MayCoordinate Permission = "volunteers" // read offers and answer them
	MayExport     Permission = "export"     // take lists of people out
	MaySet        Permission = "settings"   // of the site
	MayManage     Permission = "users"
	MayAudit      Permission = "audit"
)

// Permissions are all permissions.
var Permissions = []Permission{MayEnter, MaySee, MayWrite, MayModerate, MayHandOver, MayTell, MayCoordinate, MayExport, MaySet, MayManage, MayAudit}

var permitted = map[Role][]Permission{
	RoleOwner:       Permissions,
	RoleEditor:      {MayEnter, MaySee, MayWrite, MayModerate, MayHandOver, MayTell},
	RoleCoordinator: {MayEnter, MayCoordinate},
}

// May tells whether the role has a permission; one that is unknown has none.
func (r Role) May(p Permission) bool { return slices.Contains(permitted[r], p) }

// May tells whether the user may do something now.
func (u *User) May(p Permission) bool { return !u.Removed && u.Role.May(p) }

// Title is how a user is called on pages: by name, or without one by address.
func (u *User) Title() string {
	if u.Name != "" {
		return u.Name
	}
	return u.Email
}

// Version names what can be changed of a user, as it stands.
func (u *User) Version() string {
	return fingerprint(strings.Join([]string{string(u.Role), u.Name, u.Language}, "\n"))
}

// UserForm is what somebody is added or changed with, as it was typed.
type UserForm struct {
	Name, Email, Role, Language string
}

// NewUser checks a form and makes of it a user without an id. Invalid, with fields.
func NewUser(form UserForm, day Day) (*User, error) {
	u := &User{Role: Role(form.Role), Added: day, Name: squeeze(form.Name), Email: strings.TrimSpace(form.Email), Language: form.Language}
	var wrong fields
	if len(u.Name) > MaxName {
		wrong.add("name", "error.name.long", "max", MaxName)
	} else if !utf8.ValidString(u.Name) || strings.ContainsFunc(u.Name, func(r rune) bool { return !plain(r) }) {
		wrong.add("name", "error.characters")
	}
	if !ValidEmail(u.Email) {
		wrong.add("email", "error.email.form")
	}
	if !slices.Contains(Roles, u.Role) {
		wrong.add("role", "error.user.role")
	}
	return u, wrong.err()
}
