package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
	"github.com/undersigned/undersigned/internal/config"
	"github.com/undersigned/undersigned/internal/pack"
)

type contentDraftCmd struct {
	part `embed:""`
	From string `required:"" help:"The pack that has it: its folder, or a zip file of it." type:"path" placeholder:"PACK"`
}

func (c *contentDraftCmd) Run(ctx context.Context, s *config.Settings, t *terminal) error {
	id, err := c.id()
	if err != nil {
		return err
	}
	content, err := readPack(c.From)
	if err != nil {
		return err
	}
	noun := content.Noun(id)
	if noun == nil {
		return fmt.Errorf("the pack is of the issue %s, and has no %s", content.Issue.Slug, nounText(id))
	}
	return withSite(ctx, s, t, func(x *site) error {
		edit := action.Edit{By: terminalUser, ID: id, Fields: pack.Form(content, noun)}
		now, err := x.editing(ctx, id)
		switch {
		case undersigned.KindOf(err) == undersigned.NotFound:
			edit.New = true
		case err != nil:
			return err
		case now.Draft != nil && now.Draft.By == terminalUser:
			edit.Base = now.Base
		case len(now.Versions) > 0: // what others have in their draft is brought together with it, or is a clash
			edit.Base.Version = now.Versions[0].Number
		}
		if _, err := x.actions.SaveDraft(ctx, edit); err != nil {
			return clashText(err, "somebody else has a draft of it")
		}
		fmt.Fprintf(t.out, "Kept. To look at it, and to publish it: undersigned content publish %s\n", nounText(id))
		return nil
	})
}

// clashText says where two have written, in place of an error that has both texts.
func clashText(err error, who string) error {
	if clash := (*action.Clash)(nil); errors.As(err, &clash) {
		return fmt.Errorf("%s, in which the same is other than here: %s", who, strings.Join(clash.Groups, ", "))
	}
	return inEnglish(err)
}

// decision is how a draft is looked over, and what whoever decides has to say that they know.
type decision struct {
	part    `embed:""`
	Save    int  `help:"Only if it is still this save of the draft, as the look has named it." placeholder:"N"`
	Despite bool `help:"Open an ask although its list has a warning."`
	Newer   bool `help:"Make a new version of a text that people have signed."`
	Ends    bool `help:"End what ends with it for good."`
	Yes     bool `help:"Do it. Without, it is only said what would be done."`
}

// decide shows the draft as it would be at a moment or, with --yes, has do decide about it.
func (c *decision) decide(ctx context.Context, s *config.Settings, t *terminal, at time.Time, do func(*site, action.Publishing) error) error {
	return c.do(ctx, s, t, func(x *site, id undersigned.NounID) error {
		proof, err := x.actions.Proof(ctx, id, at)
		if err != nil {
			return err
		}
		if !c.Yes {
			printProof(t, id, proof)
			return nil
		}
		p := action.Publishing{By: terminalUser, ID: id, Base: proof.Base, Despite: c.Despite, Newer: c.Newer, Ends: c.Ends}
		if c.Save != 0 {
			p.Base.Save = c.Save
		}
		return undecided(do(x, p))
	})
}

// undecided says what has to be said before a draft is published.
func undecided(err error) error {
	var wrong *undersigned.Error
	if errors.As(err, &wrong) && len(wrong.Fields) == 1 {
		switch flag := wrong.Fields[0].Field; flag {
		case "despite", "newer", "ends":
			return fmt.Errorf("%s Add --%s", inWords(wrong.Key), flag)
		}
	}
	return clashText(err, "another text has come on the site since it was begun")
}

type contentPublishCmd struct {
	decision `embed:""`
}

func (c *contentPublishCmd) Run(ctx context.Context, s *config.Settings, t *terminal) error {
	return c.decide(ctx, s, t, time.Now(), func(x *site, p action.Publishing) error {
		_, err := x.actions.Publish(ctx, p)
		if err == nil {
			fmt.Fprintf(t.out, "%s is on the site.\n", nounText(p.ID))
		}
		return err
	})
}

type contentScheduleCmd struct {
	decision `embed:""`
	At       time.Time `required:"" help:"When, as 2026-11-22T18:00:00-05:00; within a year." placeholder:"TIME" format:"2006-01-02T15:04:05Z07:00"`
}

func (c *contentScheduleCmd) Run(ctx context.Context, s *config.Settings, t *terminal) error {
	return c.decide(ctx, s, t, c.At, func(x *site, p action.Publishing) error {
		err := x.actions.Schedule(ctx, p, c.At)
		if err == nil {
			fmt.Fprintf(t.out, "A running serve puts %s on the site at %s.\n", nounText(p.ID), c.At.UTC().Format(time.RFC3339))
		}
		return err
	})
}

type contentUnscheduleCmd struct {
	part `embed:""`
}

func (c *contentUnscheduleCmd) Run(ctx context.Context, s *config.Settings, t *terminal) error {
	return c.withDraft(ctx, s, t, func(x *site, d *undersigned.Draft, base action.Base) error {
		if d.PublishAt.IsZero() {
			return fmt.Errorf("the draft of %s is not put on the site by itself", c.Part)
		}
		return x.actions.Schedule(ctx, action.Publishing{By: terminalUser, ID: d.NounID, Base: base}, time.Time{})
	})
}

type contentDiscardCmd struct {
	part `embed:""`
	Yes  bool `help:"Do it. Without, it is only said what would be lost."`
}

func (c *contentDiscardCmd) Run(ctx context.Context, s *config.Settings, t *terminal) error {
	return c.withDraft(ctx, s, t, func(x *site, d *undersigned.Draft, base action.Base) error {
		if c.Yes {
			return x.actions.DiscardDraft(ctx, terminalUser, d.NounID, base)
		}
		names, err := x.staffNames(ctx)
		if err == nil {
			fmt.Fprintf(t.out, "The draft of %s would be forgotten, %s. Add --yes to do it.\n", nounText(d.NounID), draftText(d, names))
		}
		return err
	})
}

// withDraft opens the site for work on the draft of a part.
func (p part) withDraft(ctx context.Context, s *config.Settings, t *terminal, work func(*site, *undersigned.Draft, action.Base) error) error {
	return p.do(ctx, s, t, func(x *site, id undersigned.NounID) error {
		e, err := x.editing(ctx, id)
		if err == nil && e.Draft == nil {
			err = fmt.Errorf("there is no draft of %s", p.Part)
		}
		if err != nil {
			return err
		}
		return work(x, e.Draft, e.Base)
	})
}

// printProof says what is to be known of a draft before it is published.
func printProof(t *terminal, id undersigned.NounID, p *action.Proof) {
	fmt.Fprintf(t.out, "%s, save %d of its draft\n", nounText(id), p.Draft.Save)
	printChanges(t.out, p.Before, p.Fields)
	if p.Faults != nil {
		fmt.Fprintf(t.out, "It cannot be published: %v\n", clashText(p.Faults, "another text has come on the site since it was begun"))
		return
	}
	flags := fmt.Sprintf(" --save %d", p.Draft.Save)
	for _, o := range p.Opens {
		fmt.Fprintf(t.out, "opens: %s\n", o.Action.Slug)
		if o.Later {
			fmt.Fprintf(t.out, "  %s\n", inWords("check.later"))
		}
		for _, check := range o.Checks {
			fmt.Fprintf(t.out, "  %-6s %s\n", check.State, inWords("check."+string(check.Name)+"."+string(check.State),
				"languages", strings.Join(check.Languages, ", "), "bill", o.Action.Bill.Name()))
		}
	}
	switch p.Worst() {
	case undersigned.CheckUnmet:
		fmt.Fprintln(t.out, inWords("error.edit.unmet"))
		return
	case undersigned.CheckWarn:
		flags += " --despite"
	}
	if p.Newer {
		fmt.Fprintf(t.out, "Signatures under the text as it is now: %d. The public log gets the new one as a version of its own.\n", p.Signed)
		flags += " --newer"
	}
	for _, e := range p.Ends {
		printEnding(t, e)
		flags += " --ends"
	}
	fmt.Fprintf(t.out, "Add%s --yes to do it.\n", flags)
}

func printEnding(t *terminal, e action.Ending) {
	fmt.Fprintf(t.out, "ends: %s\n", e.Action.Slug)
	if e.Over {
		fmt.Fprintln(t.out, "  Nobody can sign it any more. For three days it can be opened again, and then never.")
	}
	if e.Signed > 0 {
		fmt.Fprintf(t.out, "  What %d people typed is erased %d days after it has closed%s.\n", e.Signed, e.Days, onDay(e.Day))
	}
}

func onDay(day undersigned.Day) string {
	if day == "" {
		return ""
	}
	return ", on " + string(day)
}
