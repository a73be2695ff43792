package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
	"github.com/undersigned/undersigned/internal/config"
)

// numbersCmd shows how petitions and pledges stand: what the desk draws. Of few people it says no exact number.
type numbersCmd struct {
	Ask   string `arg:"" optional:"" help:"All that is counted under this one." placeholder:"ISSUE/ACTION"`
	Hours bool   `help:"The last two days by hour, in place of the last thirty days." `
}

func (c *numbersCmd) Run(ctx context.Context, s *config.Settings, t *terminal) error {
	if c.Ask != "" {
		return withAsk(ctx, s, t, c.Ask, func(x *site, a *undersigned.Action) error {
			n, err := x.actions.NumbersOf(ctx, a)
			if err != nil {
				return err
			}
			w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
			printNumbers(w, n)
			c.printTime(w, n, time.Now())
			return w.Flush()
		})
	}
	if c.Hours {
		return config.UsageError{Err: fmt.Errorf("--hours: say of which petition or pledge")}
	}
	return withSite(ctx, s, t, func(x *site) error {
		found, err := x.db.Site(ctx)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "ASK\tSENT\tCONFIRMED\tCOUNTED\tWAITING\tHELD\tWITHDRAWN\tREMOVED")
		for _, content := range found.Contents {
			for i := range content.Actions {
				a := &content.Actions[i]
				n, err := x.actions.NumbersOf(ctx, a)
				if err != nil {
					return err
				}
				if n == nil { // nobody can sign it
					continue
				}
				fmt.Fprintf(w, "%s/%s\t%d\t%d\t%d\t%s\t%s\t%d\t%d\n", a.Issue, a.Slug, n.All.Pending, n.All.Confirmed, n.Public.Counted, upTo(n.Waiting), upTo(n.Held), n.Tally.Withdrawn, n.Tally.Fraud)
			}
		}
		return w.Flush()
	})
}

func printNumbers(w *tabwriter.Writer, n *action.Numbers) {
	for _, number := range []struct {
		what string
		n    any
	}{
		{"mails sent", n.All.Pending}, {"asked, not yet confirmed", n.Asked}, {"confirmed", n.All.Confirmed}, {"counted", n.Public.Counted},
		{"waiting for their place in the log", upTo(n.Waiting)}, {"held", upTo(n.Held)}, {"withdrawn", n.Tally.Withdrawn},
		{"erased", n.Tally.Erased}, {"shredded", n.Tally.Shredded}, {"removed", n.Tally.Fraud},
	} {
		fmt.Fprintf(w, "%s\t%v\n", number.what, number.n)
	}
	for _, reason := range slices.Sorted(maps.Keys(n.Removed)) {
		fmt.Fprintf(w, "removed in the last year: %s\t%d\n", reason, n.Removed[reason])
	}
	fmt.Fprintln(w, "\nTAG\tCONFIRMED\tIN SEVEN DAYS\tSENT")
	tags := slices.Collect(maps.Keys(n.ByTag))
	for _, source := range n.Sources {
		tags = append(tags, source.Tag)
	}
	slices.Sort(tags)
	for _, tag := range slices.Compact(tags) {
		sum, now := n.ByTag[tag], n.ByTagNow[tag]
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", cmp.Or(tag, "-"), tens(sum.Confirmed), tens(now.Confirmed), tens(sum.Pending))
	}
	if n.Seats == nil {
		return
	}
	fmt.Fprintf(w, "\nSEAT\tSIGNERS, %s\n", n.Seats.At.UTC().Format("2006-01-02 15:04"))
	for _, s := range n.Seats.Seats {
		seat := s.Seat
		if s.Split {
			seat += ", or another that their ZIP code touches"
		}
		if s.ZIP == "" {
			fmt.Fprintf(w, "%s\tat least %d\n", seat, s.AtLeast)
		}
	}
}

// printTime writes when people came, days and hours in UTC.
func (c *numbersCmd) printTime(w *tabwriter.Writer, n *action.Numbers, now time.Time) {
	first, layout, what := now.AddDate(0, 0, -30), time.DateOnly, "DAY"
	if c.Hours {
		first, layout, what = now.Add(-48*time.Hour), "2006-01-02 15h", "HOUR"
	}
	sums := map[string][3]int{}
	for hour, h := range n.Hours {
		if at := time.Unix(hour*3600, 0).UTC(); at.After(first) {
			sum := sums[at.Format(layout)]
			sums[at.Format(layout)] = [3]int{sum[0] + h.Pending, sum[1] + h.Confirmed, sum[2] + h.Held}
		}
	}
	fmt.Fprintf(w, "\n%s\tSENT\tCONFIRMED\tHELD\n", what)
	for _, at := range slices.Sorted(maps.Keys(sums)) {
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\n", at, sums[at][0], sums[at][1], sums[at][2])
	}
}

// upTo writes a number that was counted no further than many.
func upTo(n int64) string {
	if n >= action.Many {
		return fmt.Sprintf("%d or more", n)
	}
	return fmt.Sprint(n)
}

// tens writes a number of people as a lower bound in full tens, by which nobody can be found.
func tens(n int) string {
	switch tens := undersigned.FullTens(int64(n)); {
	case n == 0:
		return "0"
	case tens == 0:
		return "fewer than 10"
	default:
		return fmt.Sprintf("at least %d", tens)
	}
}
