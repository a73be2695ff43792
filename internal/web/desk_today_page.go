package web

// todayView is what needs a person, the most pressing first.
type todayView struct {
	deskChrome
	Todo []todo
}

// todo is something that a person should do, and where.
type todo struct{ What, Link string }

func newToday(c deskChrome) todayView { return todayView{deskChrome: c.named(c.T("desk.today"))} }

func (v *todayView) add(what, path string) {
	v.Todo = append(v.Todo, todo{what, v.Link(path)})
}
