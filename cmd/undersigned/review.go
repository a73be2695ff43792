package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
	"github.com/undersigned/undersigned/internal/config"
	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/translog"
)

type reviewCmd struct {
	List      reviewListCmd      `cmd:"" help:"What is held, in groups; with an ask, one by one."`
	Release   reviewReleaseCmd   `cmd:"" help:"Let held signatures count."`
	Void      reviewVoidCmd      `cmd:"" help:"Remove signatures, held or counted, for a reason that the public log gives."`
	Restore   reviewRestoreCmd   `cmd:"" help:"Undo a removal, for 30 days."`
	Brake     reviewBrakeCmd     `cmd:"" help:"Take off the brake of an ask, for a day."`
	Decisions reviewDecisionsCmd `cmd:"" help:"What was decided, and when."`
}

// selection is how the commands say which signatures they mean.
type selection struct {
	Ask    string `arg:"" help:"The petition or pledge, as ISSUE/ACTION."`
	Why    string `help:"Those held for this reason: trap, words, throwaway, domain, brake." placeholder:"REASON"`
	Domain string `help:"Those whose mailbox is in this domain." placeholder:"DOMAIN"`
	ID     string `name:"id" help:"This one." placeholder:"ID"`
	All    bool   `help:"All that are held."`
	Yes    bool   `help:"Do it. Without, it is only said what would be done."`
}

func (c *selection) read(counted bool) (sel action.Selection, err error) {
	sel = action.Selection{Counted: counted, Domain: c.Domain}
	if c.Why != "" {
		var ok bool
		if sel.Why, ok = undersigned.ParseDoubt(c.Why); !ok {
			return sel, config.UsageError{Err: fmt.Errorf("--why: there is no reason %q", c.Why)}
		}
	}
	if c.ID != "" {
		id, err := hex.DecodeString(c.ID)
		if err != nil || len(id) != len(sel.ID) {
			return sel, config.UsageError{Err: errors.New("--id: expected the 32 digits that list shows")}
		}
		sel.ID = undersigned.SignatureID(id)
	}
	some := c.Why != "" || c.Domain != "" || c.ID != ""
	if some == (c.All && !counted) {
		return sel, config.UsageError{Err: errors.New("say which: --why, --domain, --id, or --all that are held")}
	}
	return sel, nil
}

// ask finds a petition or a pledge by its slugs.
func (x *site) ask(ctx context.Context, name string) (*undersigned.Action, error) {
	site, err := x.db.Site(ctx)
	if err != nil {
		return nil, err
	}
	issue, slug, _ := strings.Cut(name, "/")
	if content := site.Issue(issue); content != nil {
		if a := content.Action(slug); a != nil && a.PID != "" {
			return a, nil
		}
	}
	return nil, fmt.Errorf("there is no petition or pledge %s", name)
}

// decide opens the site, says what would be done, and does it where that was asked for.
func (c *selection) decide(ctx context.Context, s *config.Settings, t *terminal, counted bool, verb string,
	do func(x *site, a *undersigned.Action, sel action.Selection) (int64, string, error)) (err error) {
	sel, err := c.read(counted)
	if err != nil {
		return err
	}
	x, err := openSite(ctx, s, t.err)
	if err != nil {
		return err
	}
	defer func() { err = first(err, x.close()) }()
	a, err := x.ask(ctx, c.Ask)
	if err != nil {
		return err
	}
	if !c.Yes {
		selected, err := x.actions.Select(ctx, a, sel)
		if err != nil {
			return err
		}
		fmt.Fprintf(t.out, "%d would be %s. Add --yes to do it.\n", len(selected), verb)
		return nil
	}
	n, decision, err := do(x, a, sel)
	if n > 0 {
		fmt.Fprintf(t.out, "%d %s, decision %s\n", n, verb, decision)
	} else if err == nil {
		fmt.Fprintln(t.out, "There is none.")
	}
	return err
}

type reviewReleaseCmd struct {
	selection `embed:""`
	Trust     bool `help:"Trust their domains from now on: their number alone holds nobody any more."`
}

func (c *reviewReleaseCmd) Run(ctx context.Context, s *config.Settings, t *terminal) error {
	return c.decide(ctx, s, t, false, "released", func(x *site, a *undersigned.Action, sel action.Selection) (int64, string, error) {
		return x.actions.Release(ctx, a, sel, c.Trust)
	})
}

type reviewVoidCmd struct {
	selection `embed:""`
	Reason    string `required:"" help:"As the public log says it: dup, bot, domain, bounce, legal, error." placeholder:"REASON"`
	Counted   bool   `help:"Those that count, in place of those that are held."`
	Doubt     bool   `help:"Hold whoever comes from their domains from now on."`
}

func (c *reviewVoidCmd) Run(ctx context.Context, s *config.Settings, t *terminal) error {
	reason, err := translog.ParseReason(c.Reason)
	if err != nil || !reason.Fraud() {
		return config.UsageError{Err: errors.New("--reason: expected dup, bot, domain, bounce, legal or error")}
	}
	return c.decide(ctx, s, t, c.Counted, "removed", func(x *site, a *undersigned.Action, sel action.Selection) (int64, string, error) {
		return x.actions.Void(ctx, a, sel, reason, c.Doubt)
	})
}

type reviewRestoreCmd struct {
	Decision string `arg:"" help:"The decision, as void has printed it."`
}

func (c *reviewRestoreCmd) Run(ctx context.Context, s *config.Settings, t *terminal) (err error) {
	x, err := openSite(ctx, s, t.err)
	if err != nil {
		return err
	}
	defer func() { err = first(err, x.close()) }()
	n, err := x.actions.Restore(ctx, c.Decision)
	if undersigned.KindOf(err) == undersigned.NotFound && err != nil {
		return fmt.Errorf("no removal has the number %s", c.Decision)
	}
	if err == nil {
		fmt.Fprintf(t.out, "%d restored\n", n)
	}
	return err
}

type reviewBrakeCmd struct {
	Ask string `arg:"" help:"The petition or pledge, as ISSUE/ACTION."`
}

func (c *reviewBrakeCmd) Run(ctx context.Context, s *config.Settings, t *terminal) (err error) {
	x, err := openSite(ctx, s, t.err)
	if err != nil {
		return err
	}
	defer func() { err = first(err, x.close()) }()
	a, err := x.ask(ctx, c.Ask)
	if err != nil {
		return err
	}
	if err := x.actions.TakeBrakeOff(ctx, a); err != nil {
		return err
	}
	fmt.Fprintf(t.out, "The brake of %s is off for a day. What is held stays held: undersigned review list\n", c.Ask)
	return nil
}

type reviewListCmd struct {
	Ask string `arg:"" optional:"" help:"Show those of this ask one by one, as ISSUE/ACTION."`
}

func (c *reviewListCmd) Run(ctx context.Context, s *config.Settings, t *terminal) (err error) {
	x, err := openSite(ctx, s, t.err)
	if err != nil {
		return err
	}
	defer func() { err = first(err, x.close()) }()
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	if c.Ask != "" {
		a, err := x.ask(ctx, c.Ask)
		if err != nil {
			return err
		}
		held, err := x.actions.ReadHeld(ctx, a)
		if err != nil {
			return err
		}
		fmt.Fprintln(w, "ID\tWHY\tNAME\tE-MAIL\tCOMMENT")
		for _, one := range held {
			p := one.Person
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%q\n", one.ID, one.Doubts, strings.TrimSpace(p.GivenName+" "+p.FamilyName), p.Email, p.Comment)
		}
		return w.Flush()
	}
	groups, err := x.actions.Review(ctx)
	if err != nil {
		return err
	}
	if len(groups) == 0 {
		fmt.Fprintln(t.out, "Nothing is held.")
		return nil
	}
	fmt.Fprintln(w, "ASK\tWHY\tDOMAIN\tSIGNATURES")
	for _, g := range groups {
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\n", g.Action, g.Doubts, g.Domain, g.N)
	}
	return w.Flush()
}

type reviewDecisionsCmd struct{}

func (c *reviewDecisionsCmd) Run(ctx context.Context, s *config.Settings, t *terminal) (err error) {
	x, err := openSite(ctx, s, t.err)
	if err != nil {
		return err
	}
	defer func() { err = first(err, x.close()) }()
	var reviews []store.Review
	err = x.db.View(ctx, func(tx *store.Tx) (err error) { reviews, err = tx.Reviews(); return err })
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "DECISION\tAT\tPETITION\tDID\tREASON\tWHICH\tN")
	for _, r := range reviews {
		fmt.Fprintf(w, "%x\t%s\t%s\t%s\t%s\t%s\t%d\n", r.ID, r.At.Format(time.DateTime), r.PID, r.Verb, r.Reason, r.Rule, r.N)
	}
	return w.Flush()
}
