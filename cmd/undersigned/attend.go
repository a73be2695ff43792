package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/config"
)

// attendCmd answers the question that owners are asked by mail once a year.
type attendCmd struct {
	Action string `arg:"" optional:"" help:"The petition or pledge. Without one, those are listed that nothing would ever end." placeholder:"ISSUE/ACTION"`
	GoesOn bool   `help:"It goes on: nobody is asked for another year." xor:"answer"`
	Over   bool   `help:"It is over: nobody can sign any more. For three days it can be opened again." xor:"answer"`
}

func (c *attendCmd) Run(ctx context.Context, s *config.Settings, t *terminal) (err error) {
	if (c.Action != "") != (c.GoesOn || c.Over) {
		return config.UsageError{Err: errors.New("attend: name the petition and say --goes-on or --over; or neither, for the list")}
	}
	x, err := openSite(ctx, s, t.err)
	if err != nil {
		return err
	}
	defer func() { err = first(err, x.close()) }()
	if c.Action == "" {
		return x.listEndless(ctx, t)
	}
	a, err := x.ask(ctx, c.Action)
	if err != nil {
		return err
	}
	if err := x.actions.AnswerFor(ctx, terminalUser, a.PID, c.Over); err != nil {
		return err
	}
	if c.Over {
		fmt.Fprintf(t.out, "%s is closed. Until the public log closes it, in three days, --goes-on opens it again\n", c.Action)
	} else {
		fmt.Fprintf(t.out, "%s goes on\n", c.Action)
	}
	return nil
}

// listEndless lists what nothing would ever end, and what is asked about it.
func (x *site) listEndless(ctx context.Context, t *terminal) error {
	endless, err := x.endless(ctx)
	for _, a := range endless {
		if asked := a.Attention.Asked; !asked.IsZero() {
			fmt.Fprintf(t.out, "%s/%s: its owners are asked since %s; without an answer it closes on %s\n", a.Issue, a.Slug,
				undersigned.DayOf(asked), undersigned.DayOf(asked.Add(undersigned.AttentionWithin)))
		} else {
			fmt.Fprintf(t.out, "%s/%s\n", a.Issue, a.Slug)
		}
	}
	if err == nil && len(endless) == 0 {
		fmt.Fprintln(t.out, "There is none.")
	}
	return err
}

// endless are the petitions and pledges that nothing would ever end.
func (x *site) endless(ctx context.Context) (list []*undersigned.Action, err error) {
	found, err := x.db.Site(ctx)
	if err != nil {
		return nil, err
	}
	for _, c := range found.Contents {
		for i := range c.Actions {
			if a := &c.Actions[i]; a.PID != "" && a.Attention.Ended.IsZero() && a.Endless(c.Bill(a.Bill), time.Now()) {
				list = append(list, a)
			}
		}
	}
	return list, nil
}

// checkAttention tells where nobody could be asked whether something goes on.
func (x *site) checkAttention(ctx context.Context, r *report) error {
	endless, err := x.endless(ctx)
	if err != nil || len(endless) == 0 {
		return err
	}
	users, err := x.actions.Users(ctx)
	if err != nil {
		return err
	}
	if x.settings.OwnerEmail == "" && !slices.ContainsFunc(users, func(u *undersigned.User) bool { return u.May(undersigned.MayManage) }) {
		r.warn("retention: %d petitions have no last day, and nobody is known who could be asked whether they go on, so that what their signers "+
			"told is kept without end: set --owner-email, or undersigned user add", len(endless))
		return nil
	}
	r.ok("retention: once a year owners are asked whether what has no last day goes on (petitions without one: %d)", len(endless))
	return nil
}
