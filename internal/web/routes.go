package web

import "net/http"

// routes is the whole site. The first mux holds the words that belong to the site itself; everything else falls to the
// second, where the first word is an issue's. GET never changes anything.
func (s *Server) routes() http.Handler {
	site, issues := &mux{}, &mux{}
	s.muxes = [2]*mux{site, issues}

	site.Handle("GET /{$}", s.public(s.home))
	site.Handle("GET /organizations", s.handle(s.organizations))
	site.Handle("GET /organizations/{organization}", s.public(s.organization))
	site.Handle("GET /organizations/{organization}/correct", s.public(s.showCorrect))
	site.Handle("POST /organizations/{organization}/correct", s.personal(s.takeCorrection))
	site.Handle("GET /organizations/{organization}/correct/check-mail", s.public(s.correctCheckMail))
	site.Handle("GET /confirm/correction/{token}", s.personal(s.showConfirmCorrection))
	site.Handle("POST /confirm/correction/{token}", s.personal(s.confirmCorrection))
	site.Handle("GET /search", s.handle(s.search))
	site.Handle("GET /learn", s.public(s.learn))
	site.Handle("GET /bills/{congress}/{type}/{number}", s.forPlace(s.public(s.bill), s.billForPlace))
	site.Handle("GET /facts/{fact}", s.public(s.fact))
	site.Handle("GET /legislators", s.handle(s.legislators))
	site.Handle("GET /legislators.json", s.personal(s.legislatorsJSON))
	site.Handle("POST /legislators", s.personal(s.findDistrict))
	site.Handle("GET /offices", s.public(s.offices))
	site.Handle("GET /offices/{bioguide}", s.public(s.office))
	site.Handle("GET /diary", s.public(s.diary))
	site.Handle("GET /diary/{year}", s.public(s.diaryYear))
	site.Handle("GET /diary.atom", s.public(s.diaryFeed))
	site.Handle("GET /privacy", s.public(s.privacy))
	site.Handle("GET /confirm/{token}", s.personal(s.showConfirm))
	site.Handle("POST /confirm/{token}", s.personal(s.confirm))
	site.Handle("GET /confirm/offer/{token}", s.personal(s.showConfirmOffer))
	site.Handle("POST /confirm/offer/{token}", s.personal(s.confirmOffer))
	site.Handle("GET /offers/{token}", s.personal(s.showOffer))
	site.Handle("POST /offers/{token}", s.personal(s.moveOffer))
	site.Handle("GET /attend/{token}", s.personal(s.showQuestion))
	site.Handle("POST /attend/{token}", s.personal(s.answerQuestion))
	site.Handle("GET /confirm/letter/{token}", s.personal(s.showConfirmLetter))
	site.Handle("POST /confirm/letter/{token}", s.personal(s.confirmLetter))
	site.Handle("GET /my", s.public(s.showMyLink))
	site.Handle("POST /my", s.personal(s.sendMyLink))
	site.Handle("GET /my/check-mail", s.public(s.myCheckMail))
	site.Handle("GET /my/{token}", s.personal(s.my))
	site.Handle("POST /my/{token}/withdraw", s.personal(s.withdraw))
	site.Handle("POST /my/{token}/withdraw-offer", s.personal(s.withdrawOffer))
	site.Handle("POST /my/{token}/erase", s.personal(s.erase))
	site.Handle("POST /my/{token}/again", s.personal(s.writeAgain))
	site.Handle("GET /my/{token}/news/{issue}", s.personal(s.news))
	site.Handle("POST /my/{token}/news/{issue}", s.personal(s.askForNews))
	site.Handle("GET /unsubscribe/{token}", s.personal(s.showUnsubscribe))
	site.Handle("POST /unsubscribe/{token}", s.personal(s.unsubscribe))
	site.Handle("POST /bounces/{secret}", s.personal(s.takeBounces))
	site.Handle("POST /my/{token}/receipt", s.personal(s.receipt))
	site.Handle("GET /log", s.public(s.showLog))
	site.Handle("GET /log/petitions.json", s.public(s.logPetitions))
	site.Handle("GET /log/checkpoint", s.public(s.logCheckpoint))
	site.Handle("GET /log/tile", s.handle(s.logTile)) // or the mux would send it to a path that is sent back here
	site.Handle("GET /log/tile/{tile...}", s.handle(s.logTile))
	site.Handle("GET /log/text/{pid}/{version}", s.handle(s.logText))
	site.Handle("GET /log/vkey", s.logFixed(s.publicLog.Key+"\n"))
	site.Handle("GET /log/policy", s.logFixed(s.publicLog.Policy))
	site.Handle("GET /log/spec", s.logFixed(logSpec))
	site.Handle("GET /static/{hash}/{file}", s.handle(s.static))
	site.Handle("GET /robots.txt", s.public(s.robots))
	site.Handle("GET /healthz", s.handle(s.healthz))
	site.Handle("GET /readyz", s.handle(s.readyz))
	site.Handle("GET /metrics", s.local(s.showMetrics))
	if s.outbox != nil {
		site.Handle("GET /dev/mail", s.local(s.devMail))
	}
	s.deskDoors(site)
	site.Handle("/", issues)

	issues.Handle("GET /{issue}", s.dated(s.public(s.issue)))
	issues.Handle("GET /{issue}/help", s.public(s.help))
	issues.Handle("GET /{issue}/sheet", s.sheets(s.public(s.sheet)))
	issues.Handle("GET /{issue}/pack.zip", s.public(s.packZip))
	issues.Handle("GET /{issue}/qr.svg", s.public(s.qr))
	issues.Handle("GET /{issue}/qr.png", s.public(s.qr))
	issues.Handle("GET /{issue}/{action}/qr.svg", s.public(s.qr))
	issues.Handle("GET /{issue}/{action}/qr.png", s.public(s.qr))
	issues.Handle("GET /{issue}/card.png", s.public(s.issuePreview))
	issues.Handle("GET /{issue}/{action}/card.png", s.public(s.actionPreview))
	issues.Handle("GET /{issue}/{action}", s.forPlace(s.sourced(s.showAction), s.actionForPlace))
	issues.Handle("POST /{issue}/{action}", s.handle(s.takeAction))
	issues.Handle("GET /{issue}/{action}/versions", s.public(s.wordings))
	issues.Handle("GET /{issue}/{action}/check-mail", s.public(s.checkMail))
	issues.Handle("GET /{issue}/{action}/count.json", s.public(s.count))
	issues.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { s.unmatched(w.(*visit), r) })
	return site
}

// mux is one that remembers its patterns, so that a test can go through every route there is.
type mux struct {
	http.ServeMux
	patterns []string
}

func (m *mux) Handle(pattern string, h http.Handler) {
	m.patterns = append(m.patterns, pattern)
	m.ServeMux.Handle(pattern, h)
}

// matches tells whether a request has a route of its own.
func (s *Server) matches(r *http.Request) bool {
	for _, mux := range s.muxes {
		if _, pattern := mux.Handler(r); pattern != "/" {
			return true
		}
	}
	return false
}
