package web

import (
	"net/http"
	"slices"

	"github.com/undersigned/undersigned"
)

// deskRoutes are all pages of the desk, and everything that is done there. A test goes through each of them in each role.
func (s *Server) deskRoutes() []deskRoute {
	const (
		enter      = undersigned.MayEnter
		see        = undersigned.MaySee
		write      = undersigned.MayWrite
		manage     = undersigned.MayManage
		audit      = undersigned.MayAudit
		coordinate = undersigned.MayCoordinate
		tell       = undersigned.MayTell
		set        = undersigned.MaySet
	)
	return slices.Concat([]deskRoute{
		{"GET /admin", enter, s.today, false},
		{"GET /admin/me", enter, s.account, false},
		{"POST /admin/me", enter, s.changeAccount, false},
		{"POST /admin/me/sign-out", enter, s.signOut, false},
		{"POST /admin/me/sessions/end", enter, s.endSession, true},
		{"POST /admin/me/passkeys/ask", enter, s.askForNewPasskey, true},
		{"POST /admin/me/passkeys", enter, s.addPasskey, true},
		{"POST /admin/me/passkeys/remove", enter, s.removePasskey, true},
		{"POST /admin/again", enter, s.proveAgain, false},
		{"GET /admin/volunteers", coordinate, s.volunteers, false},
		{"GET /admin/volunteers/{offer}", coordinate, s.deskOffer, false},
		{"POST /admin/volunteers/{offer}", coordinate, s.moveDeskOffer, false},
		{"POST /admin/volunteers/{offer}/notes", coordinate, s.noteOffer, false},
		{"GET /admin/links", see, s.deskLinks, false},
		{"POST /admin/links", write, s.moveLink, false},
		{"GET /admin/news", tell, s.deskNews, false},
		{"POST /admin/news", tell, s.beginUpdate, false},
		{"GET /admin/news/new", tell, s.newUpdate, false},
		{"GET /admin/news/{update}", tell, s.deskUpdate, false},
		{"POST /admin/news/{update}", tell, s.writeUpdate, false},
		{"POST /admin/news/{update}/try", tell, s.tryUpdate, false},
		{"POST /admin/news/{update}/move", tell, s.moveUpdate, false},
		{"GET /admin/settings", set, s.settings, false},
		{"POST /admin/settings/look", set, s.changeSettings, false},
		{"POST " + logoPath, set, s.changeLogo, false},
		{"POST /admin/settings/languages", set, s.changeSettings, false},
		{"POST /admin/settings/notices", set, s.changeSettings, true},
		{"POST /admin/settings/geocoder", set, s.changeSettings, true},
		{"POST /admin/settings/guide", set, s.changeSettings, false},
		{"GET " + mailSettingsPath, set, s.mailSettings, false},
		{"POST /admin/settings/mail/try", set, s.tryMail, false},
		{"POST /admin/settings/mail/dns", set, s.askDNS, false},
		{"POST /admin/settings/mail/key", set, s.makeMailKey, true},
		{"GET " + keptSettingsPath, set, s.keptSettings, false},
		{"POST " + keptSettingsPath, set, s.changeKept, true},
		{"GET /admin/users", manage, s.users, false},
		{"POST /admin/users", manage, s.addUser, true},
		{"GET /admin/users/{user}", manage, s.showUser, false},
		{"POST /admin/users/{user}", manage, s.changeUser, true},
		{"POST /admin/users/{user}/sign-out", manage, s.signOutUser, false},
		{"POST /admin/users/{user}/remove", manage, s.removeUser, true},
		{"GET /admin/audit", audit, s.audit, false},
	}, s.outRoutes(), s.seeRoutes(), s.writeRoutes())
}

// deskDoors are the ways in, for whoever is not signed in.
func (s *Server) deskDoors(site *mux) {
	door := func(h handler) http.Handler {
		return s.personal(func(v *visit, r *http.Request) error {
			v.Header()["Content-Security-Policy"] = s.views.design.Load().deskPolicy
			return h(v, r)
		})
	}
	site.Handle("GET /admin/sign-in", door(s.showSignIn))
	site.Handle("POST /admin/sign-in", door(s.requestSignIn))
	site.Handle("GET /admin/sign-in/check-mail", door(s.signInCheckMail))
	site.Handle("POST /admin/sign-in/passkey/ask", door(s.askForPasskey))
	site.Handle("POST /admin/sign-in/passkey", door(s.signInWithPasskey))
	site.Handle("GET /admin/sign-in/{token}", door(s.showWelcome))
	site.Handle("POST /admin/sign-in/{token}", door(s.welcome))
	for _, route := range s.deskRoutes() {
		site.Handle(route.pattern, s.desk(route))
	}
}

// deskRoom is an entry of the desk's navigation, for whoever may.
type deskRoom struct {
	path, key string
	may       undersigned.Permission
}

var deskRooms = []deskRoom{
	{"/admin", "desk.today", undersigned.MayEnter},
	{"/admin/issues", "write.title", undersigned.MayWrite},
	{"/admin/actions", "desk.actions", undersigned.MaySee},
	{"/admin/moderate", "desk.moderate", undersigned.MayModerate},
	{"/admin/volunteers", "desk.volunteers", undersigned.MayCoordinate},
	{handOverPath, "desk.hand_over", undersigned.MayHandOver},
	{"/admin/health", "desk.health", undersigned.MaySee},
	{"/admin/links", "desk.links", undersigned.MaySee},
	{"/admin/news", "desk.news", undersigned.MayTell},
	{"/admin/settings", "desk.settings", undersigned.MaySet},
	{"/admin/users", "desk.users", undersigned.MayManage},
	{exportsPath, "desk.exports", undersigned.MayExport},
	{"/admin/audit", "desk.audit", undersigned.MayAudit},
}
