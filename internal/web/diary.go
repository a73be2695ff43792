package web

import (
	"context"
	"net/http"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
)

// maxEvents is how many events, the latest, are told and found: some sixty a week for six years.
const maxEvents = 20_000

func (s *Server) diary(ctx context.Context, v *visit, _ *http.Request) (*draft, error) {
	page, err := s.readDiary(ctx, v)
	if err != nil {
		return nil, err
	}
	return s.html("diary", page)
}

// diaryYear is all that happened in a year.
func (s *Server) diaryYear(ctx context.Context, v *visit, r *http.Request) (*draft, error) {
	site, events, err := s.readEvents(ctx)
	if err != nil {
		return nil, err
	}
	page, ok := newDiaryYear(s.chrome(v), site, events, r.PathValue("year"), s.now())
	if !ok {
		return nil, undersigned.Fail(undersigned.NotFound, "")
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
	site, events, err := s.readEvents(ctx)
	if err != nil {
		return diaryView{}, err
	}
	return newDiary(s.chrome(v), site, events, s.now()), nil
}

func (s *Server) readEvents(ctx context.Context) (site *store.Site, events []undersigned.Event, err error) {
	if site, err = s.db.Site(ctx); err != nil {
		return nil, nil, err
	}
	err = s.db.View(ctx, func(tx *store.Tx) error {
		events, err = tx.Events("", tx.Now, maxEvents)
		return err
	})
	return site, events, err
}
