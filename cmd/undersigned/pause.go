package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/config"
)

// pausing is what pause and resume have in common.
type pausing struct {
	Ask string `arg:"" optional:"" help:"The ask, as ISSUE/ACTION. Without, the whole site."`
}

type pauseCmd struct {
	pausing `embed:""`
}

func (c *pauseCmd) Run(ctx context.Context, s *config.Settings, t *terminal) error {
	return c.set(ctx, s, t, "paused", func(x *site, a *undersigned.Action) (bool, error) {
		if a == nil {
			return x.actions.PauseSite(ctx, undersigned.UserID{})
		}
		return x.actions.Pause(ctx, undersigned.UserID{}, a)
	})
}

type resumeCmd struct {
	pausing `embed:""`
}

func (c *resumeCmd) Run(ctx context.Context, s *config.Settings, t *terminal) error {
	return c.set(ctx, s, t, "not paused any more", func(x *site, a *undersigned.Action) (bool, error) {
		if a == nil {
			return x.actions.ResumeSite(ctx, undersigned.UserID{})
		}
		return x.actions.Resume(ctx, undersigned.UserID{}, a)
	})
}

func (c *pausing) set(ctx context.Context, s *config.Settings, t *terminal, how string, do func(*site, *undersigned.Action) (bool, error)) (err error) {
	x, err := openSite(ctx, s, t.err)
	if err != nil {
		return err
	}
	defer func() { err = first(err, x.close()) }()
	what := "The site"
	var a *undersigned.Action
	if c.Ask != "" {
		what = c.Ask
		if a, err = x.anyAsk(ctx, c.Ask); err != nil {
			return err
		}
	}
	done, err := do(x, a)
	if err != nil {
		return inEnglish(err)
	}
	if !done {
		how += ", as it was before"
	}
	fmt.Fprintf(t.out, "%s is %s.\n", what, how)
	return nil
}

// anyAsk finds an ask of any kind by its slugs.
func (x *site) anyAsk(ctx context.Context, name string) (*undersigned.Action, error) {
	site, err := x.db.Site(ctx)
	if err != nil {
		return nil, err
	}
	issue, slug, _ := strings.Cut(name, "/")
	if _, a := site.Ask(issue, slug); a != nil {
		return a, nil
	}
	return nil, fmt.Errorf("there is no ask %s", name)
}
