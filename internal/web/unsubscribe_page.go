package web

// unsubscribeView lets the owner of an address have the last mail of ours, or take that back.
type unsubscribeView struct {
	chrome
	Action string // where the button is posted
	May    bool   // mail may still be sent
}

// newUnsubscribe makes the page of one address. token is that of its own path.
func newUnsubscribe(c chrome, token string, may bool) unsubscribeView {
	v := unsubscribeView{chrome: c.private(), Action: c.Link("/unsubscribe/" + token), May: may}
	if may {
		v.Title = c.T("unsubscribe.title")
	} else {
		v.Title = c.T("unsubscribe.done.title")
	}
	return v
}
