package web

import (
	"net/url"

	"github.com/undersigned/undersigned"
)

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
