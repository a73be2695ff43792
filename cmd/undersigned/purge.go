package main

import (
	"context"
	"fmt"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/undersigned/undersigned/internal/action"
	"github.com/undersigned/undersigned/internal/config"
)

type purgeCmd struct {
	DryRun bool `help:"Only say what would go, and when the rest will."`
}

func (c *purgeCmd) Run(ctx context.Context, s *config.Settings, t *terminal) (err error) {
	x, err := openSite(ctx, s, t.err)
	if err != nil {
		return err
	}
	defer func() { err = first(err, x.close()) }()
	if c.DryRun {
		kept, err := x.actions.Kept(ctx)
		if err != nil {
			return err
		}
		return printKept(t, kept)
	}
	erased, err := x.actions.Purge(ctx)
	for _, k := range erased {
		fmt.Fprintf(t.out, "erased: %d %s\n", k.N, k.What)
	}
	if err == nil && len(erased) == 0 {
		fmt.Fprintln(t.out, "Nothing is past its time.")
	}
	return err
}

// printKept lists what is kept for a time, what goes first at the top.
func printKept(t *terminal, kept []action.Kept) error {
	slices.SortStableFunc(kept, func(a, b action.Kept) int { return a.Ends.Compare(b.Ends) })
	now := time.Now()
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	n := 0
	for _, k := range kept {
		due := !now.Before(k.Ends)
		if due && k.N == 0 {
			continue
		}
		when := "now"
		if !due {
			when = k.Ends.UTC().Format("2006-01-02 15:04")
		}
		n++
		fmt.Fprintf(w, "%s\t%d\t%s\n", when, k.N, k.What)
	}
	if n == 0 {
		fmt.Fprintln(w, "Nothing is kept for a time.")
	}
	return w.Flush()
}

// purge is a duty of serve.
func (x *site) purge(ctx context.Context) error {
	erased, err := x.actions.Purge(ctx)
	for _, k := range erased {
		x.log.Info("erased what is past its time", "what", k.What, "n", k.N)
	}
	return err
}
