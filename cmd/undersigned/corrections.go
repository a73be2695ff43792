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
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", action.CorrectionName(one.ID), nounText(one.Noun()), one.Day, one.Email)
		}
		return w.Flush()
	})
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
		e, err := x.editing(ctx, one.Noun())
		if err != nil {
			return err
		}
		now, whose := pack.Fields{}, "another domain than the organization's"
		if o, ok := e.Noun.(*undersigned.Organization); ok {
			now = pack.Form(e.Content, o)
			if one.FromItself(o) {
				whose = "the organization's own domain"
			}
		}
		fmt.Fprintf(t.out, "%s, from %s (%s), %s\n", nounText(one.Noun()), one.Email, whose, one.Day)
		before := pack.Fields{}
		for name := range one.Fields {
			before[name] = now[name]
		}
		printChanges(t.out, before, one.Fields)
		if one.Note != "" {
			fmt.Fprintf(t.out, "They add:\n%s", indented(one.Note))
		}
		if e.Draft != nil {
			fmt.Fprintln(t.out, "There is a draft of the entry already.")
		}
		return nil
	})
}

type correctionsAcceptCmd struct {
	ID   string `arg:"" help:"The correction."`
	Take string `help:"Where the draft that is there says something else than both the entry and the correction: whose words the draft has then, correction or draft." enum:",correction,draft" default:"" placeholder:"WHOSE"`
}

func (c *correctionsAcceptCmd) Run(ctx context.Context, s *config.Settings, t *terminal) error {
	return withCorrection(ctx, s, t, c.ID, func(x *site, id undersigned.CorrectionID) error {
		noun, err := x.actions.AcceptCorrection(ctx, terminalUser, id)
		if clash := (*action.Clash)(nil); errors.As(err, &clash) {
			err = c.choose(ctx, x, t, action.Edit{By: terminalUser, ID: noun, Base: clash.Base, Fields: clash.Merged, Correction: id}, clash)
		}
		if err == nil {
			fmt.Fprintf(t.out, "Accepted. To look at the draft, and to publish it: undersigned content publish %s\n", nounText(noun))
		}
		return err
	})
}

// choose makes a draft that has seen both texts or, where nobody has said whose to take, shows them.
func (c *correctionsAcceptCmd) choose(ctx context.Context, x *site, t *terminal, both action.Edit, clash *action.Clash) error {
	switch c.Take {
	case "":
		printChanges(t.out, clash.TakeTheirs(clash.Merged, clash.Groups), clash.Merged)
		return errors.New("its draft says the first, the correction the second: say --take draft or --take correction")
	case "draft":
		both.Fields = clash.TakeTheirs(clash.Merged, clash.Groups)
	}
	_, err := x.actions.SaveDraft(ctx, both)
	return clashText(err, "somebody has changed its draft meanwhile")
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
