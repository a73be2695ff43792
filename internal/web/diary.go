package web

import (
	"context"
	"net/http"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
)

func (s *Server) diary(ctx context.Context, v *visit, _ *http.Request) (*draft, error) {
	page, err := s.readDiary(ctx, v)
	if err != nil {
		return nil, err
	}
	return s.html("diary", page)
}

// diaryFeed is the diary for feed readers.
func (s *Server) diaryFeed(ctx context.Context, v *visit, _ *http.Request) (*draft, error) {
	page, err := s.readDiary(ctx, v)
	if err != nil {
		return nil, err
	}
	body, err := page.feed()
	return &draft{body: body, contentType: "application/atom+xml; charset=utf-8"}, err
}

func (s *Server) readDiary(ctx context.Context, v *visit) (diaryView, error) {
	site, err := s.db.Site(ctx)
	if err != nil {
		return diaryView{}, err
	}
	var events []undersigned.Event
	err = s.db.View(ctx, func(tx *store.Tx) (err error) {
		events, err = tx.Events("", tx.Now, maxDiary)
		return err
	})
	return newDiary(s.chrome(v), site, events, s.now()), err
}
