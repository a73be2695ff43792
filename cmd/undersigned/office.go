package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
	"github.com/undersigned/undersigned/internal/config"
	"github.com/undersigned/undersigned/internal/locale"
)

// officeCmd keeps the book of what passes between a petition and the offices of Congress; /offices/… shows it.
type officeCmd struct {
	List       officeListCmd       `cmd:"" help:"List what was handed over and answered."`
	Count      officeCountCmd      `cmd:"" help:"Count signers by district and state now. Serve does it daily."`
	Take       officeTakeCmd       `cmd:"" help:"Take the numbers of a sealed petition that undersigned open --seats made."`
	HandedOver officeHandedOverCmd `cmd:"" help:"Note that a petition was handed to an office: from then its page counts the days of silence."`
	Answered   officeAnsweredCmd   `cmd:"" help:"Note what an office answered; its page shows the words as they are."`
	TakeBack   officeTakeBackCmd   `cmd:"" help:"Forget a note that was a mistake."`
}

type officeCountCmd struct{}

func (c *officeCountCmd) Run(ctx context.Context, s *config.Settings, t *terminal) error {
	return withOffices(ctx, s, t, func(x *site) error {
		if !x.congress.Table().Sits(time.Now()) {
			return errors.New("the districts of the Congress that sits are not loaded: run undersigned congress update")
		}
		if err := x.actions.CountSeats(ctx, true); err != nil {
			return err
		}
		fmt.Fprintf(t.out, "Counted. The pages are %s/offices\n", s.BaseURL)
		return nil
	})
}

type officeTakeCmd struct {
	File string `arg:"" help:"What undersigned open --seats wrote."`
}

func (c *officeTakeCmd) Run(ctx context.Context, s *config.Settings, t *terminal) error {
	file, err := os.Open(c.File)
	if err != nil {
		return fmt.Errorf("read the numbers: %w", err)
	}
	defer file.Close()
	return withOffices(ctx, s, t, func(x *site) error {
		counts, err := x.actions.TakeSeatCounts(ctx, undersigned.UserID{}, file, logOrigin(s))
		if err != nil {
			return err
		}
		fmt.Fprintf(t.out, "Taken: %d numbers, as of entry %d of the log. The pages are %s/offices\n", len(counts.Seats), counts.LogSize, s.BaseURL)
		return nil
	})
}

// passedArgs say which office, which petition, which day.
type passedArgs struct {
	Bioguide string `arg:"" help:"The office: the member's id in the Biographical Directory of Congress, as congress lookup --json tells it." placeholder:"BIOGUIDE"`
	Action   string `arg:"" help:"The petition, as ISSUE/ACTION." placeholder:"ISSUE/ACTION"`
	On       string `required:"" help:"The day, in Washington." placeholder:"YYYY-MM-DD"`
}

func (a passedArgs) passed() (action.Passed, error) {
	issue, slug, ok := strings.Cut(a.Action, "/")
	if !ok {
		return action.Passed{}, config.UsageError{Err: fmt.Errorf("%q is not ISSUE/ACTION", a.Action)}
	}
	return action.Passed{Bioguide: a.Bioguide, Issue: issue, Action: slug, Day: undersigned.Day(a.On)}, nil
}

type officeHandedOverCmd struct {
	passedArgs
	How   string `help:"in_person, post, email or form (on the office's own site)." placeholder:"WAY"`
	Paper int    `help:"Signatures on paper that came with it, counted by hand." placeholder:"N"`
}

func (c *officeHandedOverCmd) Run(ctx context.Context, s *config.Settings, t *terminal) error {
	passed, err := c.passed()
	if err != nil {
		return err
	}
	return withOffices(ctx, s, t, func(x *site) error {
		member, err := x.actions.HandOver(ctx, undersigned.UserID{}, passed, undersigned.HandoverWay(c.How), c.Paper)
		if err != nil {
			return inEnglish(err)
		}
		fmt.Fprintf(t.out, "Noted: handed to the office of %s on %s. %s/offices/%s\n", member.Name, c.On, s.BaseURL, member.Bioguide)
		return nil
	})
}

type officeAnsweredCmd struct {
	passedArgs
	TextFile string `required:"" help:"The answer, as plain text in UTF-8; - reads standard input. Take out what is about a single person." placeholder:"FILE"`
	Lang     string `help:"The language it is in." default:"en" placeholder:"CODE"`
}

func (c *officeAnsweredCmd) Run(ctx context.Context, s *config.Settings, t *terminal) error {
	passed, err := c.passed()
	if err != nil {
		return err
	}
	text, err := readText("answer", c.TextFile, undersigned.MaxAnswer)
	if err != nil {
		return err
	}
	return withOffices(ctx, s, t, func(x *site) error {
		member, err := x.actions.Answered(ctx, undersigned.UserID{}, passed, c.Lang, text)
		if err != nil {
			return inEnglish(err)
		}
		fmt.Fprintf(t.out, "Noted: the office of %s answered on %s. %s/offices/%s\n", member.Name, c.On, s.BaseURL, member.Bioguide)
		return nil
	})
}

type officeTakeBackCmd struct {
	What string `arg:"" help:"handed-over or answered." enum:"handed-over,answered"`
	passedArgs
}

func (c *officeTakeBackCmd) Run(ctx context.Context, s *config.Settings, t *terminal) error {
	passed, err := c.passed()
	if err != nil {
		return err
	}
	return withOffices(ctx, s, t, func(x *site) error {
		takeBack := x.actions.TakeBackHandOver
		if c.What == "answered" {
			takeBack = x.actions.TakeBackAnswer
		}
		done, err := takeBack(ctx, undersigned.UserID{}, passed)
		if err != nil {
			return inEnglish(err)
		}
		if !done {
			return errors.New("there is no such note")
		}
		fmt.Fprintf(t.out, "Forgotten. %s/offices/%s\n", s.BaseURL, passed.Bioguide)
		return nil
	})
}

// readText reads what is written in a file, or on standard input, and no more than is needed to see that it is too long: most is in
// characters.
func readText(what, name string, most int) (string, error) {
	in := os.Stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return "", fmt.Errorf("read the %s: %w", what, err)
		}
		defer f.Close()
		in = f
	}
	text, err := io.ReadAll(io.LimitReader(in, int64(utf8.UTFMax*(most+1))))
	if err != nil {
		return "", fmt.Errorf("read the %s: %w", what, err)
	}
	return string(text), nil
}

// withOffices opens the site with the newest tables of Congress.
func withOffices(ctx context.Context, s *config.Settings, t *terminal, do func(*site) error) (err error) {
	x, err := openSite(ctx, s, t.err)
	if err != nil {
		return err
	}
	defer func() { err = first(err, x.close()) }()
	if _, err := x.congress.Reload(time.Now()); err != nil {
		return err
	}
	return do(x)
}

// countSeats is a duty of serve. The tables are read first: at the start, those of the sample are still in use.
func (x *site) countSeats(ctx context.Context) error {
	if _, err := x.congress.Reload(time.Now()); err != nil {
		return err
	}
	return x.actions.CountSeats(ctx, false)
}

// inWords gives a sentence that pages have too, as the terminal has it.
func inWords(key string, args ...any) string {
	return locale.Load().Locale(locale.English).T(key, args...)
}

// orNone says in these words that there is no such thing, and otherwise what is wrong.
func orNone(err error, none string) error {
	if kind := undersigned.KindOf(err); kind == undersigned.NotFound || kind == undersigned.Gone {
		return errors.New(none)
	}
	return inEnglish(err)
}

// inEnglish says what is wrong with what was typed.
func inEnglish(err error) error {
	var wrong *undersigned.Error
	if !errors.As(err, &wrong) || wrong.Kind != undersigned.Invalid && (wrong.Kind != undersigned.Unavailable || wrong.Err != nil) {
		return err
	}
	if len(wrong.Fields) == 0 {
		return errors.New(inWords(wrong.Key))
	}
	var all []string
	for _, field := range wrong.Fields {
		all = append(all, field.Field+": "+inWords(field.Key, field.Args...))
	}
	return errors.New(strings.Join(all, "; "))
}
