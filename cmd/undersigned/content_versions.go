package main

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/config"
	"github.com/undersigned/undersigned/internal/pack"
	"github.com/undersigned/undersigned/internal/store"
)

type contentVersionsCmd struct {
	part   `embed:""`
	Number int `arg:"" optional:"" help:"Show what this version changed."`
	With   int `help:"Compare it with this one, in place of the one before." placeholder:"N"`
}

func (c *contentVersionsCmd) Run(ctx context.Context, s *config.Settings, t *terminal) error {
	if c.With != 0 && c.Number == 0 {
		return config.UsageError{Err: errors.New("--with: say first which version is compared")}
	}
	return c.do(ctx, s, t, func(x *site, id undersigned.NounID) error {
		if c.Number != 0 {
			return c.compare(ctx, x, t, id)
		}
		e, err := x.editing(ctx, id)
		if err != nil {
			return err
		}
		names, err := x.staffNames(ctx)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "VERSION\tAT\tBY\tHOW")
		for _, v := range e.Versions {
			at := "-"
			if !v.At.IsZero() {
				at = v.At.UTC().Format(time.DateTime)
			}
			fmt.Fprintf(w, "%d\t%s\t%s\t%s\n", v.Number, at, names.of(v.By), v.How)
		}
		return w.Flush()
	})
}

// compare shows what is other in a version than in another.
func (c *contentVersionsCmd) compare(ctx context.Context, x *site, t *terminal, id undersigned.NounID) error {
	e, err := x.editing(ctx, id)
	if err != nil {
		return err
	}
	with := c.Number - 1
	if c.With != 0 {
		with = c.With
	}
	if most := max(c.Number, with); min(c.Number, with) < 0 || c.Number < 1 || len(e.Versions) == 0 || most > e.Versions[0].Number {
		return errNoVersion(c.Part)
	}
	content := e.Content
	if content == nil {
		content = &undersigned.Content{}
	}
	var fields [2]pack.Fields
	err = x.db.View(ctx, func(tx *store.Tx) error {
		for i, version := range []int{with, c.Number} {
			noun, err := tx.VersionNoun(id, version)
			if err != nil {
				return err
			}
			if fields[i] = (pack.Fields{}); noun != nil {
				fields[i] = pack.Form(content, noun)
			}
		}
		return nil
	})
	if err == nil {
		printChanges(t.out, fields[0], fields[1])
	}
	return err
}

func errNoVersion(part string) error {
	return fmt.Errorf("there is no such version: see undersigned content versions %s", part)
}

type contentBringBackCmd struct {
	part   `embed:""`
	Number int `arg:"" help:"The version, as versions lists it."`
}

func (c *contentBringBackCmd) Run(ctx context.Context, s *config.Settings, t *terminal) error {
	return c.do(ctx, s, t, func(x *site, id undersigned.NounID) error {
		if _, err := x.editing(ctx, id); err != nil {
			return err
		}
		err := x.actions.BringBack(ctx, terminalUser, id, c.Number)
		if undersigned.KindOf(err) == undersigned.NotFound {
			return errNoVersion(c.Part)
		}
		if err == nil {
			fmt.Fprintf(t.out, "It is a draft now. To look at it, and to publish it: undersigned content publish %s\n", nounText(id))
		}
		return err
	})
}
