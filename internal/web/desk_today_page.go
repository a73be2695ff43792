package web

import (
	"github.com/undersigned/undersigned"
)

// todayView is what needs a person, the most pressing first.
type todayView struct {
	deskChrome
	Guide   *guideView // nil once it was left
	Email   string     // of who is signed in
	Todo    []todo
	Unknown bool // something could not be looked at
}

// todo is something that a person should do, and where.
type todo struct{ What, Link string }

func newToday(c deskChrome) todayView {
	v := todayView{deskChrome: c.named(c.T("desk.today"))}
	if c.user != nil {
		v.Email = c.user.Email
	}
	return v
}

func (v *todayView) add(what, path string) {
	v.Todo = append(v.Todo, todo{what, v.Link(path)})
}

// askTitle is how an ask is called, in a sentence of ours.
func (c chrome) askTitle(content *undersigned.Content, a *undersigned.Action) string {
	text, _ := a.Text(c.Lang(), content.Issue.Languages)
	return text.Title
}

// bytes writes a size.
func (c chrome) bytes(n int64) string {
	units := []string{"kB", "MB", "GB", "TB"}
	size, unit := float64(n)/1000, 0
	for size >= 1000 && unit < len(units)-1 {
		size, unit = size/1000, unit+1
	}
	places := 0
	if size < 10 {
		places = 1
	}
	return c.Decimal(size, places) + " " + units[unit]
}
