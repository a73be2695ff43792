package web

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
)

// endsView is the part of a page that says what ends for good with what its form does, and wants a tick.
type endsView struct {
	Ends  []string
	Known string // what the tick says: of which asks it is known, and what
	Sure  tickView
}

func newEnds(c deskChrome, ends []action.Ending, languages []string) (v endsView) {
	var names []string
	for _, e := range ends {
		text, _ := e.Action.Text(c.Lang(), languages)
		said := c.T("write.ends.ask", "title", text.Title)
		known := e.Action.Slug
		switch {
		case e.Over && e.Soon:
			said, known = said+" "+c.T("write.ends.soon"), known+"-soon"
		case e.Over:
			said, known = said+" "+c.T("write.ends.over"), known+"-over"
		}
		if e.Signed > 0 {
			said += " " + c.N("write.ends.erased", int(e.Signed), "days", e.Days)
		}
		if e.Sooner && e.Day != "" {
			said += " " + c.T("write.ends.day", "day", c.Day(e.Day))
		}
		v.Ends, names = append(v.Ends, said), append(names, fmt.Sprint(known, "-", e.Days))
	}
	v.Known = strings.Join(names, " ")
	return v
}

// untold takes what is wrong with the tick out of what is wrong with a form, and says it beside the tick.
func (v *endsView) untold(c chrome, fields []undersigned.FieldError) (others []undersigned.FieldError) {
	for _, f := range fields {
		if f.Field == "ends" {
			v.Sure.Error = c.T(f.Key, f.Args...)
		} else {
			others = append(others, f)
		}
	}
	return others
}

// sureView asks once more before something is gone that nobody can bring back: the button sends the same form again.
type sureView struct {
	deskChrome
	Crumbs         []deskLink
	Says, Do, Back string
	Action         string
	Fields         []heldField
}

// newSureDiscard asks before a draft is forgotten with all its saves.
func newSureDiscard(c deskChrome, id undersigned.NounID, content *undersigned.Content, title string, form url.Values) sureView {
	path := c.Link(nounPath(id) + "/publish")
	return sureView{deskChrome: c.named(c.T("write.discard.sure", "title", title)), Crumbs: writeCrumbs(c, content), Says: c.T("write.discard.what"),
		Do: c.T("write.discard"), Back: path, Action: path, Fields: heldFields(c.chrome, form)}
}

// newSureGivenUp asks before an update is given up.
func newSureGivenUp(c deskChrome, u *undersigned.Update, form url.Values) sureView {
	title, _ := c.updateTitle(u)
	return sureView{deskChrome: c.named(c.T("desk.news.sure", "title", title)), Crumbs: []deskLink{{Label: c.T("desk.news"), Link: c.Link("/admin/news")}},
		Says: c.T("desk.news.sure.what"), Do: c.T("desk.news.move.cancelled"), Back: c.Link(updatePath(u)), Action: c.Link(updatePath(u) + "/move"), Fields: heldFields(c.chrome, form)}
}
