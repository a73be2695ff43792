package web

import "net/http"

// deskLinks lists the links that lead to other sites, those first of which somebody should do something.
func (s *Server) deskLinks(d *deskVisit, r *http.Request) error {
	links, err := s.actions.WatchedLinks(r.Context())
	if err != nil {
		return err
	}
	site, err := s.db.Site(r.Context())
	if err != nil {
		return err
	}
	return s.show(d, http.StatusOK, "desk/links", newDeskLinks(s.deskChrome(d.visit, d.staff).done(r.URL.Query().Get("done"), "saved"), site, links))
}

// moveLink takes the address that a link was found to lead to.
func (s *Server) moveLink(d *deskVisit, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	if err := s.actions.MoveLink(r.Context(), d.by(), form.Get("from"), form.Get("to")); err != nil {
		return err
	}
	return seeOther(d.visit, "/admin/links?done=saved")
}
