package main

import (
	"context"
	"fmt"
	"text/tabwriter"

	"github.com/undersigned/undersigned/internal/config"
)

// sourcesCmd keeps the tags on links by which staff see where people come from.
type sourcesCmd struct {
	List   sourcesListCmd   `cmd:"" help:"List the tags that are known. What was counted under each: undersigned numbers."`
	Add    sourcesAddCmd    `cmd:"" help:"Make a tag known: who comes by a link with ?s=TAG is counted under it from now on."`
	Remove sourcesRemoveCmd `cmd:"" help:"Forget a tag: links with it still work, and are counted under nothing. What was counted stays."`
}

type sourcesListCmd struct{}

func (c *sourcesListCmd) Run(ctx context.Context, s *config.Settings, t *terminal) error {
	return withSite(ctx, s, t, func(x *site) error {
		sources, err := x.actions.Sources(ctx)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "TAG\tON\tSINCE")
		for _, source := range sources {
			fmt.Fprintf(w, "%s\t%s\t%s\n", source.Tag, source.Note, day(source.At))
		}
		return w.Flush()
	})
}

type sourcesAddCmd struct {
	Tag  string `arg:"" help:"1 to 24 small letters, digits and hyphens. One for many people: one that a single person gets would tell what they did."`
	Note string `arg:"" help:"What it is on, for the staff."`
}

func (c *sourcesAddCmd) Run(ctx context.Context, s *config.Settings, t *terminal) error {
	return withSite(ctx, s, t, func(x *site) error {
		return inEnglish(x.actions.AddSource(ctx, terminalUser, c.Tag, c.Note))
	})
}

type sourcesRemoveCmd struct {
	Tag string `arg:"" help:"The tag."`
}

func (c *sourcesRemoveCmd) Run(ctx context.Context, s *config.Settings, t *terminal) error {
	return withSite(ctx, s, t, func(x *site) error {
		done, err := x.actions.RemoveSource(ctx, terminalUser, c.Tag)
		if err == nil && !done {
			err = fmt.Errorf("no tag %q is known: see undersigned sources list", c.Tag)
		}
		return inEnglish(err)
	})
}
