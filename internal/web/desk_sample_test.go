package web

import (
	"net/url"
	"strings"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
	"github.com/undersigned/undersigned/internal/store"
)

var (
	sampleOwner  = &undersigned.User{ID: undersigned.UserID{1}, Role: undersigned.RoleOwner, Added: "2026-11-22", Name: "Ana Gómez", Email: "ana@example.org", Language: "es"}
	sampleEditor = &undersigned.User{ID: undersigned.UserID{2}, Role: undersigned.RoleEditor, Added: "2026-11-23", Email: "bo@example.org", Language: "en"}
)

// deskStates are the pages of the desk that are there from the start.
func deskStates(at func(path string, user *undersigned.User) deskChrome) []pageState {
	wrong := &undersigned.Error{Kind: undersigned.Invalid, Key: "error.form", Fields: []undersigned.FieldError{{Field: "email", Key: "error.email.form"},
		{Field: "name", Key: "error.name.long", Args: []any{"max", 120}}, {Field: "role", Key: "error.user.role"}}}
	signIn := newSignIn(at("/admin/sign-in", nil), true, "/admin")
	signInWrong := newSignIn(at("/admin/sign-in", nil), false, "/admin")
	signInWrong.Email.failed(signInWrong.chrome, "a@b@c", wrong)
	checkMail := signInMailView{deskChrome: at("/admin/sign-in/check-mail", nil).named("Mail"), Slow: true, DevMail: "/dev/mail"}
	first := newWelcome(at("/admin/sign-in/token", nil), &action.Welcome{First: true})
	firstWrong := newWelcome(at("/admin/sign-in/token", nil), &action.Welcome{First: true})
	firstWrong.failed(undersigned.UserForm{Email: `"><script>`, Name: "x"}, wrong)
	held := newHeld(at("/admin/me", nil), url.Values{"name": {"Ana"}, "text": {strings.Repeat("Long. ", 30)}, "id": {"1", "2"}}, false)
	again := newHeld(at("/admin/users/01/remove", sampleOwner), url.Values{}, true)
	again.Passkeys = true

	session := undersigned.Session{ID: [16]byte{1}, User: sampleOwner.ID, Since: sampleNow, Seen: sampleNow, Browser: "Firefox, Linux"}
	other := undersigned.Session{ID: [16]byte{2}, User: sampleOwner.ID, Since: sampleNow, Seen: sampleNow}
	account := newAccount(at("/admin/me", sampleOwner).done("passkey", "passkey"), &action.Staff{User: sampleOwner, Session: &session}, []undersigned.Session{session, other},
		[]action.Passkey{{ID: "0f", Name: "my phone", Added: sampleNow}}, sampleNow)
	account.CanAdd = true
	users := []*undersigned.User{sampleOwner, sampleEditor}
	usersWrong := newUsers(at("/admin/users", sampleOwner), users, undersigned.UserForm{})
	usersWrong.Form.failed(usersWrong.chrome, undersigned.UserForm{Email: "a@b@c"}, wrong)
	var entries []undersigned.AuditEntry
	for i := range auditPage + 1 {
		entries = append(entries, undersigned.AuditEntry{AuditMark: undersigned.AuditMark{At: sampleNow}, By: undersigned.UserID{byte(i % 3)}, Verb: auditVerbs[i%len(auditVerbs)], Subject: action.UserName(sampleEditor.ID), Detail: "editor"})
	}
	today := newToday(at("/admin", sampleEditor))
	today.add("Do this.", "/admin/me")
	guide := func(f guideFacts) todayView {
		page := newToday(at("/admin", sampleOwner).done("mailed", "mailed"))
		page.guide(f, "/dev/mail")
		return page
	}
	ask := undersigned.NounID{Issue: "shelter", Kind: undersigned.ActionNoun, Slug: "equality"}
	issue := undersigned.NounID{Issue: "shelter", Kind: undersigned.IssueNoun, Slug: "shelter"}
	seen := &undersigned.Action{Issue: "shelter", Slug: "equality"}
	return []pageState{
		{"desk, sign in", "desk/sign_in", signIn},
		{"desk, sign in, wrong", "desk/sign_in", signInWrong},
		{"desk, check mail", "desk/check_mail", checkMail},
		{"desk, welcome", "desk/welcome", newWelcome(at("/admin/sign-in/token", nil), &action.Welcome{User: sampleOwner})},
		{"desk, first owner", "desk/welcome", first},
		{"desk, first owner, wrong", "desk/welcome", firstWrong},
		{"desk, held", "desk/held", held},
		{"desk, again", "desk/held", again},
		{"desk, refused", "desk/refused", newRefused(at("/admin/issues/shelter/action/equality", sampleEditor), url.Values{"title": {"Ana"}, "es:body": {strings.Repeat("Long. ", 90)}})},
		{"desk, again, nothing sent", "desk/held", newHeld(at("/admin/exports/audit", sampleOwner), nil, true)},
		{"desk, today", "desk/today", today},
		{"desk, guide, begun", "desk/today", guide(guideFacts{passkeys: true})},
		{"desk, guide, mail next", "desk/today", guide(guideFacts{passkeys: true, passkey: true})},
		{"desk, guide, issue begun", "desk/today", guide(guideFacts{mail: true, named: true, issue: &issue, issueDraft: true})},
		{"desk, guide, ask begun", "desk/today", guide(guideFacts{mail: true, issue: &issue, issueSeen: true, ask: &ask, askDraft: true})},
		{"desk, guide, to be signed", "desk/today", guide(guideFacts{mail: true, named: true, issue: &issue, issueSeen: true, askSeen: seen})},
		{"desk, guide, over", "desk/today", guide(guideFacts{mail: true, named: true, issue: &issue, issueSeen: true, askSeen: seen, signed: true})},
		{"desk, today, nothing", "desk/today", newToday(at("/admin", sampleEditor))},
		{"desk, you", "desk/account", account},
		{"desk, you, no passkeys", "desk/account", newAccount(at("/admin/me", sampleEditor), &action.Staff{User: sampleEditor, Session: &session}, nil, nil, sampleNow)},
		{"desk, staff", "desk/users", newUsers(at("/admin/users", sampleOwner).done("added", "added"), users, undersigned.UserForm{Role: "editor"})},
		{"desk, staff, wrong", "desk/users", usersWrong},
		{"desk, one of the staff", "desk/user", newUser(at("/admin/users/02", sampleOwner), sampleEditor, undersigned.UserForm{Role: "editor", Language: "en"})},
		{"desk, audit", "desk/audit", newAudit(at("/admin/audit", sampleOwner), users, store.AuditFilter{By: &sampleEditor.ID}, entries)},
		{"desk, audit, nothing", "desk/audit", newAudit(at("/admin/audit", sampleOwner), users, store.AuditFilter{Subject: "x"}, nil)},
	}
}
