package main

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
	"github.com/undersigned/undersigned/internal/config"
	"github.com/undersigned/undersigned/internal/store"
)

// auditLines say which lines of the log of who did what are meant.
type auditLines struct {
	By      string `help:"What this one of the staff did, by their address; terminal for the command line." placeholder:"EMAIL"`
	Verb    string `help:"What was done, as the list names it." placeholder:"VERB"`
	Subject string `help:"To which: an issue, ISSUE/ACTION, a number, or words of the name or address of one of the staff." placeholder:"WHICH"`
}

// terminalName stands for whoever works on the command line.
const terminalName = "terminal"

func (c auditLines) filter(ctx context.Context, x *site) (store.AuditFilter, error) {
	users, err := x.actions.Users(ctx) // those too who were removed
	f := store.AuditFilter{Verb: undersigned.AuditVerb(c.Verb), Subject: strings.TrimSpace(c.Subject)}
	f.Named = action.StaffNamed(users, f.Subject)
	if c.By == terminalName {
		f.By = &terminalUser
	}
	for _, u := range users {
		if strings.EqualFold(u.Email, c.By) {
			f.By = &u.ID
		}
	}
	if err == nil && f.By == nil && c.By != "" {
		err = errNoStaff
	}
	return f, err
}

type auditCmd struct {
	auditLines `embed:""`
	Most       int    `help:"So many lines at most." default:"100"`
	Before     string `help:"Only what is older, as the list before has said." placeholder:"MARK"`
}

func (c *auditCmd) Run(ctx context.Context, s *config.Settings, t *terminal) error {
	var before undersigned.AuditMark
	if c.Before != "" {
		var err error
		if before, err = undersigned.ParseAuditMark(c.Before); err != nil {
			return config.UsageError{Err: fmt.Errorf("--before: %q is no place in the log", c.Before)}
		}
	}
	if c.Most < 1 {
		return config.UsageError{Err: fmt.Errorf("--most: expected 1 or more")}
	}
	return withSite(ctx, s, t, func(x *site) error {
		filter, err := c.filter(ctx, x)
		if err != nil {
			return err
		}
		filter.Before = before
		names, err := x.staffNames(ctx)
		if err != nil {
			return err
		}
		var entries []undersigned.AuditEntry
		err = x.db.View(ctx, func(tx *store.Tx) (err error) { entries, err = tx.Audit(filter, c.Most+1); return err })
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "AT\tBY\tVERB\tSUBJECT\tDETAIL")
		for _, e := range entries[:min(len(entries), c.Most)] {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", e.At.UTC().Format(time.DateTime), names.of(e.By), e.Verb, cmp.Or(names[e.Subject], e.Subject), e.Detail)
		}
		if len(entries) > c.Most {
			fmt.Fprintf(t.err, "There are older ones: --before %s\n", entries[c.Most-1].AuditMark)
		}
		return w.Flush()
	})
}
