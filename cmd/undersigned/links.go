package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
	"github.com/undersigned/undersigned/internal/config"
	"github.com/undersigned/undersigned/internal/links"
)

type linksCmd struct {
	List  linksListCmd  `cmd:"" default:"1" help:"Say what is known of each link that leads to another site."`
	Check linksCheckCmd `cmd:"" help:"Look at all of them now, then say it."`
	Move  linksMoveCmd  `cmd:"" help:"Put the address that a link was found to lead to in its place, wherever it stands."`
}

// witnesses answer whenever this machine has a connection: the public sites that we get the data of Congress from.
var witnesses = []string{"https://www.govinfo.gov/", "https://unitedstates.github.io/"}

// newChecker makes the checker of the site's links.
func newChecker(s *config.Settings) *links.Checker {
	o := links.Options{}
	if s.Mirror == "" { // with one, nothing is asked of those sites
		o.Witnesses = witnesses
	}
	if !s.Local() {
		o.Site = s.BaseURL
	}
	return links.New(o)
}

// watchLinks gives the duty that looks at a few links each hour.
func (x *site) watchLinks() func(context.Context) error {
	checker := newChecker(x.settings)
	return func(ctx context.Context) error {
		_, err := x.actions.LookInTurn(ctx, func() error {
			due, others, err := x.actions.DueLinks(ctx)
			if err != nil || len(due) == 0 {
				return err
			}
			return x.actions.SaveLooks(ctx, checker.Look(ctx, targets(due), targets(others)))
		})
		return err
	}
}

func targets(list []action.WatchedLink) (all []links.Target) {
	for _, l := range list {
		all = append(all, links.Target{URL: l.URL, Link: l.Link})
	}
	return all
}

type linksListCmd struct{}

func (c *linksListCmd) Run(ctx context.Context, s *config.Settings, t *terminal) (err error) {
	x, err := openSite(ctx, s, t.err)
	if err != nil {
		return err
	}
	defer func() { err = first(err, x.close()) }()
	return x.listLinks(ctx, &report{out: t.out})
}

type linksCheckCmd struct{}

func (c *linksCheckCmd) Run(ctx context.Context, s *config.Settings, t *terminal) (err error) {
	x, err := openSite(ctx, s, t.err)
	if err != nil {
		return err
	}
	defer func() { err = first(err, x.close()) }()
	turn, err := x.actions.LookInTurn(ctx, func() error { return x.lookAtAll(ctx, newChecker(s), t.err) })
	if err == nil && !turn {
		err = fmt.Errorf("the links are being looked at already: try again when that is done, in an hour at most")
	}
	if err != nil {
		return err
	}
	return first(x.listLinks(ctx, &report{out: t.out}), ctx.Err())
}

type linksMoveCmd struct {
	From string `arg:"" help:"The address as it stands now."`
	To   string `arg:"" help:"The one that list says it has moved to."`
}

func (c *linksMoveCmd) Run(ctx context.Context, s *config.Settings, t *terminal) error {
	return withSite(ctx, s, t, func(x *site) error {
		return orNone(x.actions.MoveLink(ctx, terminalUser, c.From, c.To), "no part of the site has that link: see undersigned links")
	})
}

func (x *site) lookAtAll(ctx context.Context, checker *links.Checker, say io.Writer) error {
	list, err := x.actions.WatchedLinks(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(say, "Looking at %d links, a second or more each.\n", len(list))
	looks := checker.Look(ctx, targets(list), nil)
	// Also where ctx has ended: what was found so far is true.
	if err := x.actions.SaveLooks(context.WithoutCancel(ctx), looks); err != nil {
		return err
	}
	if offline(looks) {
		return fmt.Errorf("nothing answers: this machine has no connection, and nothing was noted")
	}
	return nil
}

func offline(looks []undersigned.Look) bool {
	for _, l := range looks {
		if l.Finding == undersigned.FoundOffline {
			return true
		}
	}
	return false
}

// listLinks writes a line for each link, those that somebody should do something about with what that is.
func (x *site) listLinks(ctx context.Context, r *report) error {
	list, err := x.actions.WatchedLinks(ctx)
	if err != nil {
		return err
	}
	for _, l := range list {
		where := l.URL + " in " + strings.Join(l.Places, ", ")
		switch l.State {
		case undersigned.LinkWorks:
			r.ok("worked on %s: %s", day(l.CheckedAt), where)
		case undersigned.LinkMoved:
			r.warn("moved to %s, seen on %s: %s", l.MovedTo, day(l.CheckedAt), where)
		case undersigned.LinkFailing:
			r.warn("%s, on %d of %d days before it is called broken: %s", because(l.Link), l.Strikes, undersigned.LinkStrikes, where)
		case undersigned.LinkBroken:
			r.warn("broken since %s, %s%s: %s%s", day(l.FailingSince), because(l.Link), lastWorked(l.Link), where, copyOf(l))
		case undersigned.LinkUnclear:
			r.warn("cannot tell: %s, seen on %s: %s", because(l.Link), day(l.CheckedAt), where)
		default:
			r.ok("not checked yet: %s", where)
		}
	}
	return nil
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

func lastWorked(l undersigned.Link) string {
	if l.WorkedAt.IsZero() {
		return ""
	}
	return ", last worked on " + day(l.WorkedAt)
}

// copyOf proposes a copy for a link that has none. It asks no archive: whether there is a copy, a person sees.
func copyOf(l action.WatchedLink) string {
	if l.Archived != "" {
		return "; readers are shown its copy"
	}
	at := l.FailingSince
	if !l.WorkedAt.IsZero() {
		at = l.WorkedAt
	}
	return fmt.Sprintf("; if https://web.archive.org/web/%s/%s shows it, write that as its archived:", at.UTC().Format("20060102"), l.URL)
}

// findings are the words of the terminal for what a look found.
var findings = map[undersigned.Finding]string{
	undersigned.FoundNothing:     "there is no such page (404 or 410)",
	undersigned.FoundError:       "the server fails",
	undersigned.FoundNoHost:      "there is no such host",
	undersigned.FoundNoAnswer:    "nothing answers",
	undersigned.FoundCertificate: "its certificate is not valid",
	undersigned.FoundOtherName:   "its certificate is for another name",
	undersigned.FoundLoop:        "it redirects without end",
	undersigned.FoundPrivate:     "it leads into a private network",
	undersigned.FoundWall:        "it refuses programs, or asks for a login",
	undersigned.FoundRobots:      "its robots.txt asks programs to stay away",
	undersigned.FoundFrontPage:   "it leads to the front page",
}

func because(l undersigned.Link) string {
	words := findings[l.Finding]
	if l.MovedTo != "" {
		words += " at " + l.MovedTo
	}
	return words
}

// checkLinks says in one line how the links are, and names those that are broken or lead elsewhere now.
func (x *site) checkLinks(ctx context.Context, r *report) error {
	list, err := x.actions.WatchedLinks(ctx)
	if err != nil {
		return err
	}
	n := map[undersigned.LinkState]int{}
	for _, l := range list {
		n[l.State]++
	}
	look := n[undersigned.LinkBroken] + n[undersigned.LinkMoved] + n[undersigned.LinkUnclear] + n[undersigned.LinkFailing]
	switch {
	case look > 0:
		r.warn("links: of %d, %d broken, %d failing, %d moved, %d that we cannot tell: see undersigned links", len(list),
			n[undersigned.LinkBroken], n[undersigned.LinkFailing], n[undersigned.LinkMoved], n[undersigned.LinkUnclear])
	case x.settings.LinkCheck == "off":
		r.warn("links: %d, and --link-check is off: nobody looks whether they work", len(list))
	default:
		r.ok("links: of %d, %d work and %d are not checked yet", len(list), n[undersigned.LinkWorks], n[undersigned.LinkUnchecked])
	}
	return nil
}
