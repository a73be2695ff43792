package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
	"github.com/undersigned/undersigned/internal/config"
	"github.com/undersigned/undersigned/internal/pack"
	"github.com/undersigned/undersigned/internal/store"
)

// contentCmd changes one part of an issue at a time, with drafts and versions; import changes all of an issue at once.
type contentCmd struct {
	List       contentListCmd       `cmd:"" help:"List what each issue is made of: what is on the site, what is a draft, what was taken off."`
	Draft      contentDraftCmd      `cmd:"" help:"Keep a part as a pack has it as a draft, which readers do not see."`
	Publish    contentPublishCmd    `cmd:"" help:"Look a draft over and, with --yes, put it on the site now."`
	Schedule   contentScheduleCmd   `cmd:"" help:"Look a draft over and, with --yes, have it put on the site at a moment. A running serve does it."`
	Unschedule contentUnscheduleCmd `cmd:"" help:"Take back that a draft is put on the site by itself."`
	Discard    contentDiscardCmd    `cmd:"" help:"Forget a draft; what is on the site stays."`
	Versions   contentVersionsCmd   `cmd:"" help:"List the versions that a part has had; with a number, show what that one changed."`
	BringBack  contentBringBackCmd  `cmd:"" help:"Make a draft of an older version."`
	TakeOff    contentTakeOffCmd    `cmd:"" help:"Take a part off the site; its versions stay. What people have joined is closed instead."`
	Order      contentOrderCmd      `cmd:"" help:"Bring an issue's actions, organizations, resources or facts into an order."`
}

// part is how the commands name a part of an issue.
type part struct {
	Part string `arg:"" help:"ISSUE for the issue itself, ISSUE/ACTION, or ISSUE/KIND/NAME with action, bill, organization, resource or fact as KIND." placeholder:"PART"`
}

func (p part) id() (undersigned.NounID, error) {
	words := strings.Split(p.Part, "/")
	id := undersigned.NounID{Issue: words[0], Kind: undersigned.IssueNoun, Slug: words[0]}
	switch len(words) {
	case 1:
	case 2:
		id.Kind, id.Slug = undersigned.ActionNoun, words[1]
	case 3:
		id.Kind, id.Slug = undersigned.NounKind(words[1]), words[2]
	}
	if len(words) > 3 || id.Slug == "" || undersigned.NewNoun(id.Kind) == nil || len(words) == 3 && id.Kind == undersigned.IssueNoun {
		return id, config.UsageError{Err: fmt.Errorf("%q is not ISSUE, ISSUE/ACTION or ISSUE/KIND/NAME", p.Part)}
	}
	return id, nil
}

// nounText names a part so that the commands understand it, and the audit log does.
func nounText(id undersigned.NounID) string {
	if id.Kind == undersigned.IssueNoun {
		return id.Issue
	}
	return fmt.Sprintf("%s/%s/%s", id.Issue, id.Kind, id.Slug)
}

// do opens the site for work on the part.
func (p part) do(ctx context.Context, s *config.Settings, t *terminal, work func(*site, undersigned.NounID) error) error {
	id, err := p.id()
	if err != nil {
		return err
	}
	return withSite(ctx, s, t, func(x *site) error {
		return orNone(work(x, id), fmt.Sprintf("there is no %s, or no draft of it: see undersigned content list", p.Part))
	})
}

// editing finds what there is of a part.
func (x *site) editing(ctx context.Context, id undersigned.NounID) (e *action.Editing, err error) {
	err = x.db.View(ctx, func(tx *store.Tx) error { e, err = action.OpenEditing(tx, id); return err })
	return e, err
}

// staffNames are the names of staff by what they are called in the audit log, for who did what.
type staffNames map[string]string

func (x *site) staffNames(ctx context.Context) (staffNames, error) {
	users, err := x.actions.Users(ctx)
	names := staffNames{action.UserName(terminalUser): "the command line"}
	for _, u := range users {
		names[action.UserName(u.ID)] = u.Title()
	}
	return names, err
}

func (n staffNames) of(id undersigned.UserID) string {
	return cmp.Or(n[action.UserName(id)], "somebody")
}

type contentListCmd struct {
	Issue string `arg:"" optional:"" help:"Of this issue alone."`
}

func (c *contentListCmd) Run(ctx context.Context, s *config.Settings, t *terminal) error {
	return withSite(ctx, s, t, func(x *site) error {
		names, err := x.staffNames(ctx)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "PART\tON THE SITE\tDRAFT")
		rows := 0
		line := func(id undersigned.NounID, there string, draft *undersigned.Draft) {
			rows++
			fmt.Fprintf(w, "%s\t%s\t%s\n", nounText(id), there, draftText(draft, names))
		}
		err = x.db.View(ctx, func(tx *store.Tx) error {
			drafts, err := tx.Drafts(c.Issue)
			if err != nil {
				return err
			}
			issues, err := tx.Issues()
			if err != nil {
				return err
			}
			of := map[undersigned.NounID]*undersigned.Draft{}
			for _, d := range drafts {
				of[d.NounID] = d
			}
			for _, issue := range issues {
				if c.Issue != "" && c.Issue != issue {
					continue
				}
				content, err := tx.Content(issue)
				if err != nil {
					return err
				}
				for id, noun := range content.Nouns() {
					line(id, standing(noun), of[id])
					delete(of, id)
				}
				removed, err := tx.Removed(issue)
				if err != nil {
					return err
				}
				for _, id := range removed {
					line(id, "taken off", of[id])
					delete(of, id)
				}
			}
			for _, d := range drafts {
				if of[d.NounID] != nil {
					line(d.NounID, "not yet", d)
				}
			}
			return nil
		})
		if err == nil && rows == 0 && c.Issue != "" {
			return fmt.Errorf("the site has no issue %q", c.Issue)
		}
		return first(err, w.Flush())
	})
}

// standing is the state that a part gives itself.
func standing(noun any) string {
	switch noun := noun.(type) {
	case *undersigned.Issue:
		return string(noun.State)
	case *undersigned.Action:
		return string(noun.State)
	}
	return "yes"
}

func draftText(d *undersigned.Draft, names staffNames) string {
	if d == nil {
		return "-"
	}
	text := fmt.Sprintf("of %s, by %s", d.At.UTC().Format("2006-01-02 15:04"), names.of(d.By))
	switch {
	case d.Missed:
		text += ": could not be published when its time came"
	case !d.PublishAt.IsZero():
		text += ": is published at " + d.PublishAt.UTC().Format(time.RFC3339)
	}
	return text
}

type contentTakeOffCmd struct {
	part `embed:""`
	Yes  bool `help:"Do it. Without, it is only said what would be done."`
}

func (c *contentTakeOffCmd) Run(ctx context.Context, s *config.Settings, t *terminal) error {
	return c.do(ctx, s, t, func(x *site, id undersigned.NounID) error {
		e, err := x.editing(ctx, id)
		if err != nil {
			return err
		}
		switch {
		case id.Kind == undersigned.IssueNoun:
			return errors.New("an issue is not taken off: give it the state draft or archived")
		case e.Noun == nil:
			return fmt.Errorf("%s is not on the site", c.Part)
		case !c.Yes:
			fmt.Fprintf(t.out, "%s would be taken off the site, or closed where people have joined it. Add --yes to do it.\n", nounText(id))
			return nil
		}
		if err := x.actions.TakeOff(ctx, terminalUser, id, e.Versions[0].Number, true); err != nil {
			return err
		}
		if e, err = x.editing(ctx, id); err == nil && e.Noun != nil {
			fmt.Fprintf(t.out, "%s is closed: people have joined it.\n", nounText(id))
		} else if err == nil {
			fmt.Fprintf(t.out, "%s is off the site. To bring it back: undersigned content bring-back %s %d\n", nounText(id), nounText(id), e.Versions[1].Number)
		}
		return err
	})
}

type contentOrderCmd struct {
	Issue string   `arg:"" help:"The issue."`
	Kind  string   `arg:"" help:"action, organization, resource or fact." enum:"action,organization,resource,fact"`
	Names []string `arg:"" help:"The names that come first, in their order. The others come after, as they are."`
}

func (c *contentOrderCmd) Run(ctx context.Context, s *config.Settings, t *terminal) error {
	return withSite(ctx, s, t, func(x *site) error {
		var content *undersigned.Content
		err := x.db.View(ctx, func(tx *store.Tx) (err error) { content, err = tx.Content(c.Issue); return err })
		if err != nil {
			return err
		}
		if content == nil {
			return fmt.Errorf("the site has no issue %q", c.Issue)
		}
		for _, name := range c.Names {
			if content.Noun(undersigned.NounID{Issue: c.Issue, Kind: undersigned.NounKind(c.Kind), Slug: name}) == nil {
				return fmt.Errorf("%s has no %s %q", c.Issue, c.Kind, name)
			}
		}
		return inEnglish(x.actions.Arrange(ctx, terminalUser, c.Issue, undersigned.NounKind(c.Kind), c.Names))
	})
}

// printChanges writes the fields that differ, each as it was and as it is then.
func printChanges(out io.Writer, before, after pack.Fields) {
	all := maps.Clone(before)
	maps.Copy(all, after)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if before[name] == after[name] {
			continue
		}
		fmt.Fprintln(out, name)
		printMarked(out, "-", before[name])
		printMarked(out, "+", after[name])
	}
}

// printMarked writes each line of a text behind a mark; nothing of no text.
func printMarked(out io.Writer, mark, text string) {
	if text == "" {
		return
	}
	for line := range strings.Lines(text) {
		fmt.Fprintf(out, "  %s %s\n", mark, strings.TrimRight(line, "\n"))
	}
}

// indented sets a text apart that somebody else has written.
func indented(text string) string {
	var b strings.Builder
	printMarked(&b, " ", text)
	return b.String()
}
