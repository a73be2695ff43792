package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"text/tabwriter"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
	"github.com/undersigned/undersigned/internal/config"
	"github.com/undersigned/undersigned/internal/pack"
)

// correctionsCmd decides about what organisations say of their own entries.
type correctionsCmd struct {
	List    correctionsListCmd    `cmd:"" help:"List what organisations say of their own entries, and nobody has decided about."`
	Show    correctionsShowCmd    `cmd:"" help:"Show what one would change, and who sent it."`
	Accept  correctionsAcceptCmd  `cmd:"" help:"Make it part of the entry's draft. It is on the site when that is published."`
	Decline correctionsDeclineCmd `cmd:"" help:"Forget it; the entry stays as it is."`
}

type correctionsListCmd struct{}

func (c *correctionsListCmd) Run(ctx context.Context, s *config.Settings, t *terminal) error {
	return withSite(ctx, s, t, func(x *site) error {
		list, err := x.actions.Corrections(ctx)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			fmt.Fprintln(t.out, "There is none.")
			return nil
		}
		w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "CORRECTION\tENTRY\tCAME\tFROM")
		for _, one := range list {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", action.CorrectionName(one.ID), nounText(entryOf(one)), one.Day, one.Email)
		}
		return w.Flush()
	})
}

func entryOf(one *undersigned.Correction) undersigned.NounID {
	return undersigned.NounID{Issue: one.Issue, Kind: undersigned.OrganizationNoun, Slug: one.Organization}
}

type correctionsShowCmd struct {
	ID string `arg:"" help:"The correction."`
}

func (c *correctionsShowCmd) Run(ctx context.Context, s *config.Settings, t *terminal) error {
	return withCorrection(ctx, s, t, c.ID, func(x *site, id undersigned.CorrectionID) error {
		one, err := x.actions.Correction(ctx, id)
		if err != nil {
			return err
		}
		found, err := x.db.Site(ctx)
		if err != nil {
			return err
		}
		now, whose := pack.Fields{}, "another domain than the organization's"
		if content := found.Issue(one.Issue); content != nil {
			if o, ok := content.Noun(entryOf(one)).(*undersigned.Organization); ok {
				now = pack.Form(content, o)
				if one.FromItself(o) {
					whose = "the organization's own domain"
				}
			}
		}
		fmt.Fprintf(t.out, "%s, from %s (%s), %s\n", nounText(entryOf(one)), one.Email, whose, one.Day)
		before := pack.Fields{}
		for name := range one.Fields {
			before[name] = now[name]
		}
		printChanges(t.out, before, one.Fields)
		if one.Note != "" {
			fmt.Fprintf(t.out, "They add:\n%s", indented(one.Note))
		}
		return nil
	})
}

type correctionsAcceptCmd struct {
	ID string `arg:"" help:"The correction."`
}

func (c *correctionsAcceptCmd) Run(ctx context.Context, s *config.Settings, t *terminal) error {
	return withCorrection(ctx, s, t, c.ID, func(x *site, id undersigned.CorrectionID) error {
		noun, err := x.actions.AcceptCorrection(ctx, terminalUser, id)
		if err == nil {
			fmt.Fprintf(t.out, "Accepted. To look at the draft, and to publish it: undersigned content publish %s\n", nounText(noun))
		}
		return err
	})
}

type correctionsDeclineCmd struct {
	ID string `arg:"" help:"The correction."`
}

func (c *correctionsDeclineCmd) Run(ctx context.Context, s *config.Settings, t *terminal) error {
	return withCorrection(ctx, s, t, c.ID, func(x *site, id undersigned.CorrectionID) error {
		return x.actions.DeclineCorrection(ctx, terminalUser, id)
	})
}

func withCorrection(ctx context.Context, s *config.Settings, t *terminal, name string, do func(*site, undersigned.CorrectionID) error) error {
	raw, err := hex.DecodeString(name)
	if err != nil || len(raw) != len(undersigned.CorrectionID{}) {
		return config.UsageError{Err: errors.New("expected the 32 digits that undersigned corrections list shows")}
	}
	return withSite(ctx, s, t, func(x *site) error {
		return orNone(do(x, undersigned.CorrectionID(raw)), "no such correction waits: see undersigned corrections list")
	})
}
