package web

import (
	"context"
	"net/http"
	"strconv"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
)

// wordings lists the texts that a petition or pledge has had, and what changed from one to the next.
func (s *Server) wordings(ctx context.Context, v *visit, r *http.Request) (*draft, error) {
	site, err := s.db.Site(ctx)
	if err != nil {
		return nil, err
	}
	content, a, err := findSignable(site, r)
	if err == nil && a.PID == "" {
		err = undersigned.Fail(undersigned.NotFound, "")
	}
	if err != nil {
		return nil, err
	}
	var texts []store.ActionText
	err = s.db.View(ctx, func(tx *store.Tx) error {
		texts, err = tx.ActionVersions(a.PID)
		return err
	})
	if err != nil {
		return nil, err
	}
	return s.html("wordings", newWordings(s.chrome(v), content, a, texts))
}

func wordingsPath(a *undersigned.Action) string { return actionPath(a) + "/versions" }

// wordingPath is where one version of a text stands.
func wordingPath(a *undersigned.Action, version int) string {
	return wordingsPath(a) + "#version-" + strconv.Itoa(version)
}
