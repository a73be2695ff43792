package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
	"github.com/undersigned/undersigned/internal/config"
)

// volunteersCmd answers offers to volunteer. Whoever has the terminal sees those of every ask, as an owner does.
type volunteersCmd struct {
	List volunteersListCmd `cmd:"" help:"List the offers, the latest first."`
	Show volunteersShowCmd `cmd:"" help:"Show an offer, and what was written down about it."`
	Move volunteersMoveCmd `cmd:"" help:"Note how far an offer is."`
	Note volunteersNoteCmd `cmd:"" help:"Write down something about an offer, for whoever coordinates."`
}

// terminalOwner is who reads offers on the command line.
var terminalOwner = &undersigned.User{Role: undersigned.RoleOwner}

type volunteersListCmd struct {
	Of    string `help:"Those of one ask." placeholder:"ISSUE/ACTION"`
	State string `help:"Those in one state: received, in_touch, active, done, declined or withdrawn." enum:",received,in_touch,active,done,declined,withdrawn" default:"" placeholder:"STATE"`
}

// offersAtOnce is how many offers are read, and opened, at a time.
const offersAtOnce = 200

func (c *volunteersListCmd) Run(ctx context.Context, s *config.Settings, t *terminal) error {
	return withSite(ctx, s, t, func(x *site) error {
		filter := action.OfferFilter{State: undersigned.SubmissionState(c.State)}
		if c.Of != "" {
			asks, _, err := x.actions.Volunteers(ctx, terminalOwner, filter, 0)
			if err != nil {
				return err
			}
			for _, ask := range asks {
				if ask.Action.Issue+"/"+ask.Action.Slug == c.Of {
					filter.PID = ask.Action.PID
				}
			}
			if filter.PID == "" {
				return fmt.Errorf("there is no ask for volunteers %s", c.Of)
			}
		}
		w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "OFFER\tCAME\tSTATE\tSINCE\tASK\tNAME")
		for {
			_, offers, err := x.actions.Volunteers(ctx, terminalOwner, filter, offersAtOnce)
			if err != nil {
				return err
			}
			for _, d := range offers {
				name := ""
				if d.Submission != nil {
					name = nameOf(d.Submission.Person)
				}
				fmt.Fprintf(w, "%x\t%s\t%s\t%s\t%s/%s\t%s\n", d.ID, d.Day, d.State, d.Moved, d.Action.Issue, d.Action.Slug, name)
			}
			if len(offers) == 0 {
				return w.Flush()
			}
			filter.Before = offers[len(offers)-1].Place()
		}
	})
}

func nameOf(p undersigned.Person) string { return strings.TrimSpace(p.GivenName + " " + p.FamilyName) }

type volunteersShowCmd struct {
	ID string `arg:"" help:"The offer."`
}

func (c *volunteersShowCmd) Run(ctx context.Context, s *config.Settings, t *terminal) error {
	return withOffer(ctx, s, t, c.ID, func(x *site, id undersigned.SubmissionID) error {
		d, notes, err := x.actions.OfferFor(ctx, terminalOwner, id)
		if err != nil {
			return err
		}
		fmt.Fprintf(t.out, "%s/%s, came %s, %s since %s\n", d.Action.Issue, d.Action.Slug, d.Day, d.State, d.Moved)
		if d.Submission == nil {
			fmt.Fprintln(t.out, "It was taken back: nothing is left that says whose it was.")
			return nil
		}
		p := d.Submission.Person
		fmt.Fprintf(t.out, "%s <%s>, %s\n%s", nameOf(p), p.Email, d.Submission.Language, indented(p.Comment))
		for _, a := range d.Submission.Answers {
			fmt.Fprintf(t.out, "%s\n%s", a.Question, indented(a.Words))
		}
		if notes.Text != "" {
			fmt.Fprintf(t.out, "Notes (to write others in their place: --over %s)\n%s", notes.Version, indented(notes.Text))
		}
		return nil
	})
}

type volunteersMoveCmd struct {
	ID    string `arg:"" help:"The offer."`
	State string `arg:"" help:"in_touch, active, done or declined." enum:"in_touch,active,done,declined"`
}

func (c *volunteersMoveCmd) Run(ctx context.Context, s *config.Settings, t *terminal) error {
	return withOffer(ctx, s, t, c.ID, func(x *site, id undersigned.SubmissionID) error {
		return x.actions.MoveOfferFor(ctx, terminalOwner, id, undersigned.SubmissionState(c.State))
	})
}

type volunteersNoteCmd struct {
	ID       string `arg:"" help:"The offer."`
	TextFile string `required:"" help:"The notes, all of them, as plain text in UTF-8; - reads standard input." placeholder:"FILE"`
	Over     string `help:"Notes that are there already and are replaced, as show names them: so nobody's are lost." placeholder:"VERSION"`
}

func (c *volunteersNoteCmd) Run(ctx context.Context, s *config.Settings, t *terminal) error {
	text, err := readText("notes", c.TextFile, undersigned.MaxNotes)
	if err != nil {
		return err
	}
	return withOffer(ctx, s, t, c.ID, func(x *site, id undersigned.SubmissionID) error {
		over := c.Over
		if over == "" {
			over = action.NoNotes
		}
		err := x.actions.NoteOffer(ctx, terminalOwner, id, over, text)
		if errors.Is(err, action.ErrNotesChanged) {
			return errors.New("there are notes that would be lost: undersigned volunteers show prints them, and what to give to --over")
		}
		return err
	})
}

func withOffer(ctx context.Context, s *config.Settings, t *terminal, name string, do func(*site, undersigned.SubmissionID) error) error {
	raw, err := hex.DecodeString(name)
	if err != nil || len(raw) != len(undersigned.SubmissionID{}) {
		return config.UsageError{Err: errors.New("expected the 32 digits that undersigned volunteers list shows")}
	}
	return withSite(ctx, s, t, func(x *site) error {
		return orNone(do(x, undersigned.SubmissionID(raw)), "there is no such offer: see undersigned volunteers list")
	})
}
