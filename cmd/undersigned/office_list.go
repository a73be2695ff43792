package main

import (
	"context"
	"fmt"
	"text/tabwriter"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/config"
	"github.com/undersigned/undersigned/internal/store"
)

type officeListCmd struct {
	Action string `arg:"" optional:"" help:"Of this petition or pledge alone." placeholder:"ISSUE/ACTION"`
}

func (c *officeListCmd) Run(ctx context.Context, s *config.Settings, t *terminal) error {
	return withSite(ctx, s, t, func(x *site) error {
		if c.Action != "" {
			if _, err := x.ask(ctx, c.Action); err != nil {
				return err
			}
		}
		found, err := x.db.Site(ctx)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "PETITION\tOFFICE\tMEMBER\tDAY\tWHAT\tHOW\tON PAPER")
		err = x.db.View(ctx, func(tx *store.Tx) error {
			for _, content := range found.Contents {
				for i := range content.Actions {
					a := &content.Actions[i]
					if name := a.Issue + "/" + a.Slug; !a.Kind.Signable() || c.Action != "" && c.Action != name {
						continue
					}
					if err := printPassed(tx, w, a); err != nil {
						return err
					}
				}
			}
			return nil
		})
		return first(err, w.Flush())
	})
}

// printPassed writes what passed between a petition and the offices.
func printPassed(tx *store.Tx, w *tabwriter.Writer, a *undersigned.Action) error {
	passed, err := tx.CorrespondenceOf(a.Issue, a.Slug)
	if err != nil {
		return err
	}
	for _, office := range sorted(passed) {
		for _, h := range passed[office].Handovers {
			fmt.Fprintf(w, "%s/%s\t%s\t%s\t%s\thanded-over\t%s\t%d\n", a.Issue, a.Slug, office, h.Member.Name, h.Day, h.How, h.Paper)
		}
		for _, answer := range passed[office].Answers {
			fmt.Fprintf(w, "%s/%s\t%s\t%s\t%s\tanswered\t%s\t\n", a.Issue, a.Slug, office, answer.Member.Name, answer.Day, answer.Lang)
		}
	}
	return nil
}
