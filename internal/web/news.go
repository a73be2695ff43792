package web

import (
	"net/http"

	"github.com/undersigned/undersigned/internal/action"
)

// news shows the owner of an address whether they hear what comes of an issue. The link to what is theirs is the proof that
// the mailbox is.
func (s *Server) news(v *visit, r *http.Request) error {
	found, err := s.actions.News(r.Context(), r.PathValue("token"), r.PathValue("issue"))
	if err != nil {
		return err
	}
	return s.showNews(v, r, found, r.URL.Query().Has("left"))
}

// askForNews is the box's button, and the way out.
func (s *Server) askForNews(v *visit, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	token, issue := r.PathValue("token"), r.PathValue("issue")
	path := newsPath(token, issue)
	if form.Get("stop") != "" {
		if err := s.actions.Unsubscribe(r.Context(), token, issue); err != nil {
			return err
		}
		return seeOther(v, path+"?left=1")
	}
	found, err := s.actions.News(r.Context(), token, issue)
	if err != nil {
		return err
	}
	// The page may be of yesterday and its words others: nobody agrees to what they have not read.
	consent := newsConsent(s.chrome(v), &found.Content.Issue)
	if form.Get("consent") != consent.ID().String() {
		return s.showNews(v, r, found, false)
	}
	if err := s.actions.Subscribe(r.Context(), token, consent); err != nil {
		return err
	}
	return seeOther(v, path)
}

func (s *Server) showNews(v *visit, r *http.Request, found *action.MySubscription, left bool) error {
	return s.show(v, http.StatusOK, "news", newNews(s.chrome(v), r.PathValue("token"), found, left))
}
