package web

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
)

// deskChrome is what every page of the desk has around its content: each view struct embeds one.
type deskChrome struct {
	chrome
	Who   string // who is signed in; empty for nobody
	Rooms []deskLink
	Sheet string // the desk's style sheet
	Code  string // the desk's script
	Done  string // what was just done, in words
	user  *undersigned.User
}

type deskLink struct {
	Label, Link string
	Current     bool
}

// deskChrome makes the surroundings of a page of the desk; staff is nil where nobody is signed in.
func (s *Server) deskChrome(v *visit, staff *action.Staff) deskChrome {
	var user *undersigned.User
	if staff != nil {
		user = staff.User
	}
	return s.views.deskChrome(s.chrome(v), user)
}

func (v *views) deskChrome(around chrome, user *undersigned.User) deskChrome {
	c := deskChrome{chrome: around.private(), Code: v.assets["desk.js"].Path, user: user}
	c.Languages = v.languageLinks(c.chrome, v.cat.Languages()) // who works here may read what readers are not offered
	c.Sheet = v.design.Load().assets["desk."+c.Dir()+".css"].Path
	if user == nil {
		return c
	}
	c.Who = user.Title()
	for _, room := range deskRooms {
		if user.May(room.may) {
			c.Rooms = append(c.Rooms, deskLink{Label: c.T(room.key), Link: c.Link(room.path),
				Current: c.Path == room.path || room.path != "/admin" && strings.HasPrefix(c.Path, room.path+"/")})
		}
	}
	return c
}

// May tells a template whether who is signed in may do something.
func (c deskChrome) May(p string) bool { return c.user != nil && c.user.May(undersigned.Permission(p)) }

// named names the page.
func (c deskChrome) named(title string) deskChrome {
	c.Title = title
	return c
}

// done says what was just done; the page before sent its name along. Names without words say nothing.
func (c deskChrome) done(name string, known ...string) deskChrome {
	if slices.Contains(known, name) {
		c.Done = c.T("desk.done." + name)
	}
	return c
}

// heldView gives back a form that could not be taken because nobody is signed in any more, or who is has to show it again.
type heldView struct {
	deskChrome
	Again    bool // somebody is signed in
	Passkeys bool // browsers can have some for this site
	Action   string
	Fields   []heldField
	SignIn   string
	Email    string
	Back     string // the page to go back to, where nothing was being sent
}

type heldField struct {
	Name, Value string
	Label       string // of one that is shown
	Long        bool   // words that somebody would be sorry to lose: they are shown
}

func newHeld(c deskChrome, form url.Values, again bool) heldView {
	title := c.T("desk.held.title")
	if again {
		title = c.T("desk.again.title")
	}
	v := heldView{deskChrome: c.named(title), Again: again, Action: c.Link(c.Path), SignIn: c.Link("/admin/sign-in")}
	if c.user != nil {
		v.Email = c.user.Email
	}
	if form == nil {
		v.Back = c.Link(c.Path)
	}
	v.Fields = heldFields(c.chrome, form)
	return v
}

func heldFields(c chrome, form url.Values) (list []heldField) {
	for name, values := range form {
		for _, value := range values {
			f := heldField{Name: name, Value: value, Long: len(value) > 80 || strings.Contains(value, "\n")}
			if f.Long {
				f.Label = c.heldLabel(name)
			}
			list = append(list, f)
		}
	}
	slices.SortStableFunc(list, func(a, b heldField) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// heldLabels are the keys of what fields with long texts are called, beside those of nouns and of news.
var heldLabels = map[string]string{"reason": "desk.reason", "notes": "desk.volunteers.notes", "text": "desk.answer.text", "note": "desk.source.note"}

// heldLabel is what a field was called in the form that it comes from. Anybody may have made it up: then it is a text.
func (c chrome) heldLabel(name string) string {
	switch path := strings.Split(strings.TrimPrefix(c.Path, "/admin/"), "/"); path[0] {
	case "issues":
		kind := undersigned.IssueNoun
		switch { // issues/ISSUE/KIND/…, issues/ISSUE/new/KIND, issues/new
		case len(path) > 3 && path[2] == "new":
			kind = undersigned.NounKind(path[3])
		case len(path) > 3:
			kind = undersigned.NounKind(path[2])
		}
		if specOf(kind, name) != nil {
			return c.fieldTitle(kind, name)
		}
	case "news":
		if part, lang, ok := strings.Cut(name, "_"); ok && (part == "subject" || part == "body") {
			return c.T("desk.news."+part, "language", languageName(c, lang))
		}
	}
	return c.T(cmp.Or(heldLabels[name], "desk.held.text"))
}

// refusedView gives back the texts of somebody whose role no longer includes what they were sending.
type refusedView struct {
	deskChrome
	Texts []heldField
}

func newRefused(c deskChrome, form url.Values) refusedView {
	return refusedView{deskChrome: c.named(c.T("desk.refused.title")),
		Texts: slices.DeleteFunc(heldFields(c.chrome, form), func(f heldField) bool { return !f.Long })}
}
