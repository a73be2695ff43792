package main

import (
	"context"
	"errors"
	"fmt"
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
	Find      reviewFindCmd      `cmd:"" help:"What was signed with an address, under every ask. That it was looked for is noted."`
	Release   reviewReleaseCmd   `cmd:"" help:"Let held signatures count."`
	Void      reviewVoidCmd      `cmd:"" help:"Remove signatures, held or counted, for a reason that the public log gives."`
	Restore   reviewRestoreCmd   `cmd:"" help:"Undo a removal, for 30 days."`
	Brake     reviewBrakeCmd     `cmd:"" help:"Take off the brake of an ask, or put it on, for a day."`
	Domain    reviewDomainCmd    `cmd:"" help:"Trust a mail domain under an ask, or doubt it, from now on."`
	Decisions reviewDecisionsCmd `cmd:"" help:"What was decided, and when."`
}

// selection is how the commands say which signatures they mean.
type selection struct {
	Ask    string `arg:"" help:"The petition or pledge, as ISSUE/ACTION."`
	Why    string `help:"Those held for this reason: trap, words, throwaway, domain, brake." placeholder:"REASON"`
	Domain string `help:"Those whose mailbox is in this domain." placeholder:"DOMAIN"`
	Name   string `help:"Those whose name has these words." placeholder:"WORDS"`
	ID     string `name:"id" help:"This one." placeholder:"ID"`
	All    bool   `help:"All that are held."`
	Yes    bool   `help:"Do it. Without, it is only said what would be done."`
}

func (c *selection) read(counted bool) (sel action.Selection, err error) {
	sel = action.Selection{Counted: counted, Domain: c.Domain, Name: c.Name}
	if c.Why != "" {
		var ok bool
		if sel.Why, ok = undersigned.ParseDoubt(c.Why); !ok {
			return sel, config.UsageError{Err: fmt.Errorf("--why: there is no reason %q", c.Why)}
		}
	}
	if c.ID != "" {
		if sel.ID, err = action.SignatureNamed(c.ID); err != nil {
			return sel, config.UsageError{Err: errors.New("--id: expected the 32 digits that list shows")}
		}
	}
	if err := sel.Tidy(); err != nil {
		return sel, inEnglish(err)
	}
	some := c.Why != "" || c.Domain != "" || c.Name != "" || c.ID != ""
	if some == (c.All && !counted) {
		return sel, config.UsageError{Err: errors.New("say which: --why, --domain, --name, --id, or --all that are held")}
	}
	return sel, nil
}

// ask finds a petition or a pledge by its slugs.
func (x *site) ask(ctx context.Context, name string) (*undersigned.Action, error) {
	if a, err := x.anyAsk(ctx, name); err == nil && a.Kind.Signable() && a.PID != "" {
		return a, nil
	}
	return nil, fmt.Errorf("there is no petition or pledge %s", name)
}

// steps goes through all steps of a look or a decision.
func steps(do func(token string) (*action.Step, error)) (step *action.Step, err error) {
	for token := ""; ; token = step.Next {
		if step, err = do(token); err != nil || step.Next == "" {
			return step, err
		}
	}
}

// decide opens the site, says what would be done, and does it where that was asked for.
func (c *selection) decide(ctx context.Context, s *config.Settings, t *terminal, counted bool, verb string,
	do func(x *site, a *undersigned.Action, sel action.Selection, token string) (*action.Step, error)) (err error) {
	sel, err := c.read(counted)
	if err != nil {
		return err
	}
	return withAsk(ctx, s, t, c.Ask, func(x *site, a *undersigned.Action) error {
		if !c.Yes {
			step, err := steps(func(token string) (*action.Step, error) {
				return x.actions.Look(ctx, undersigned.UserID{}, a, sel, token, false)
			})
			if err == nil {
				fmt.Fprintf(t.out, "%d would be %s. Add --yes to do it.\n", step.N, verb)
			}
			return err
		}
		step, err := steps(func(token string) (*action.Step, error) { return do(x, a, sel, token) })
		if err == nil && step.N > 0 {
			fmt.Fprintf(t.out, "%d %s, decision %s\n", step.N, verb, step.Decision)
		} else if err == nil {
			fmt.Fprintln(t.out, "There is none.")
		}
		return err
	})
}

// withAsk opens the site, and finds a petition or a pledge.
func withAsk(ctx context.Context, s *config.Settings, t *terminal, name string, do func(*site, *undersigned.Action) error) (err error) {
	x, err := openSite(ctx, s, t.err)
	if err != nil {
		return err
	}
	defer func() { err = first(err, x.close()) }()
	a, err := x.ask(ctx, name)
	if err != nil {
		return err
	}
	return inEnglish(do(x, a))
}

type reviewReleaseCmd struct {
	selection `embed:""`
	Trust     bool `help:"Trust their domains from now on: their number alone holds nobody any more."`
}

func (c *reviewReleaseCmd) Run(ctx context.Context, s *config.Settings, t *terminal) error {
	return c.decide(ctx, s, t, false, "released", func(x *site, a *undersigned.Action, sel action.Selection, token string) (*action.Step, error) {
		return x.actions.Release(ctx, undersigned.UserID{}, a, sel, c.Trust, token)
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
	return c.decide(ctx, s, t, c.Counted, "removed", func(x *site, a *undersigned.Action, sel action.Selection, token string) (*action.Step, error) {
		return x.actions.Void(ctx, undersigned.UserID{}, a, sel, reason, c.Doubt, token)
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
	var n int64
	for more := true; more && err == nil; {
		var some int64
		some, more, err = x.actions.Restore(ctx, undersigned.UserID{}, c.Decision)
		n += some
	}
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
	On  bool   `help:"Put it on, in place of taking it off."`
}

func (c *reviewBrakeCmd) Run(ctx context.Context, s *config.Settings, t *terminal) (err error) {
	return withAsk(ctx, s, t, c.Ask, func(x *site, a *undersigned.Action) error {
		if _, err := x.actions.SetBrake(ctx, undersigned.UserID{}, a, c.On); err != nil {
			return err
		}
		if c.On {
			fmt.Fprintf(t.out, "The brake of %s is on for a day: who comes from a little-known domain is held.\n", c.Ask)
			return nil
		}
		fmt.Fprintf(t.out, "The brake of %s is off for a day. What is held stays held: undersigned review list\n", c.Ask)
		return nil
	})
}

type reviewDomainCmd struct {
	Ask     string `arg:"" help:"The petition or pledge, as ISSUE/ACTION."`
	Domain  string `arg:"" help:"What stands behind the @."`
	Verdict string `arg:"" enum:"trust,doubt,number" help:"trust: no number of it is too many. doubt: hold every one. number: its number decides again."`
}

func (c *reviewDomainCmd) Run(ctx context.Context, s *config.Settings, t *terminal) (err error) {
	verdict := map[string]store.Verdict{"trust": store.VerdictTrusted, "doubt": store.VerdictDoubted}[c.Verdict]
	return withAsk(ctx, s, t, c.Ask, func(x *site, a *undersigned.Action) error {
		d, done, err := x.actions.JudgeDomain(ctx, undersigned.UserID{}, a, c.Domain, verdict)
		switch {
		case err != nil:
			return err
		case !done:
			fmt.Fprintf(t.out, "That was so before. %d signatures from it count or counted.\n", d.N)
		default:
			fmt.Fprintf(t.out, "Done. %d signatures from it count or counted.\n", d.N)
		}
		return nil
	})
}

type reviewListCmd struct {
	Ask string `arg:"" optional:"" help:"Show those of this ask one by one, as ISSUE/ACTION."`
}

func (c *reviewListCmd) Run(ctx context.Context, s *config.Settings, t *terminal) (err error) {
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	if c.Ask != "" {
		return withAsk(ctx, s, t, c.Ask, func(x *site, a *undersigned.Action) error {
			fmt.Fprintln(w, "ID\tWHY\tNAME\tE-MAIL\tCOMMENT")
			err := x.actions.ReadHeld(ctx, undersigned.UserID{}, a, func(one action.Selected) {
				p := one.Person
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%q\n", one.ID, one.Doubts, nameOf(p), p.Email, p.Comment)
			})
			return first(err, w.Flush())
		})
	}
	x, err := openSite(ctx, s, t.err)
	if err != nil {
		return err
	}
	defer func() { err = first(err, x.close()) }()
	asks, err := x.actions.Held(ctx)
	if err != nil {
		return err
	}
	if len(asks) == 0 {
		fmt.Fprintln(t.out, "Nothing is held.")
		return nil
	}
	fmt.Fprintln(w, "ASK\tWHY\tDOMAIN\tSIGNATURES")
	for _, ask := range asks {
		groups, err := x.actions.HeldGroups(ctx, ask.Action)
		if err != nil {
			return err
		}
		for _, g := range groups {
			fmt.Fprintf(w, "%s/%s\t%s\t%s\t%d\n", ask.Action.Issue, ask.Action.Slug, g.Doubts, g.Domain, g.N)
		}
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
