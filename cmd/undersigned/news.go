package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
	"github.com/undersigned/undersigned/internal/config"
	"github.com/undersigned/undersigned/internal/locale"
	"github.com/undersigned/undersigned/internal/pack"
	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/internal/web"
)

type newsCmd struct {
	List   newsListCmd   `cmd:"" help:"How many hear of each issue; all updates, and how they went."`
	Write  newsWriteCmd  `cmd:"" help:"Begin an update, or change one that nobody has had yet."`
	Show   newsShowCmd   `cmd:"" help:"Show an update as its readers get it."`
	Test   newsTestCmd   `cmd:"" help:"Send an update to one address, as a reader would get it."`
	Send   newsSendCmd   `cmd:"" help:"Send an update to everybody who asked, now or at a time. A running serve does it."`
	Draft  newsDraftCmd  `cmd:"" help:"Take an update that is scheduled back to a draft."`
	Pause  newsPauseCmd  `cmd:"" help:"Stop an update in the middle, for now."`
	Resume newsResumeCmd `cmd:"" help:"Let a paused update go on."`
	Cancel newsCancelCmd `cmd:"" help:"Give an update up. Who has had it has had it."`
}

type newsListCmd struct{}

func (c *newsListCmd) Run(ctx context.Context, s *config.Settings, t *terminal) error {
	return withSite(ctx, s, t, func(x *site) error {
		var counts map[string]map[undersigned.SubscriberState]int64
		var updates []*undersigned.Update
		err := x.db.View(ctx, func(tx *store.Tx) (err error) {
			if counts, err = tx.CountSubscribers(); err == nil {
				updates, err = tx.Updates()
			}
			return err
		})
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "ISSUE\tHEAR OF IT\tLEFT\tSUPPRESSED")
		for _, issue := range sorted(counts) {
			n := counts[issue]
			fmt.Fprintf(w, "%s\t%d\t%d\t%d\n", issue, n[undersigned.SubscriberActive], n[undersigned.SubscriberUnsubscribed], n[undersigned.SubscriberSuppressed])
		}
		fmt.Fprintln(w, "\nUPDATE\tISSUE\tSTATE\tSUBJECT\tWHEN\tSENT\tREFUSED\tCAME BACK\tCOMPLAINTS\tLEFT")
		for _, u := range updates {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%d\t%d\t%d\t%d\t%d\n", u.ID, u.Issue, state(u), about(u), when(u), u.Tally.Sent, u.Tally.Refused,
				u.Tally.Bounced, u.Tally.Complained, u.Tally.Left)
		}
		return w.Flush()
	})
}

func sorted[T any](m map[string]T) (keys []string) {
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

func state(u *undersigned.Update) string {
	if u.Stop != "" {
		return string(u.State) + " (" + string(u.Stop) + ")"
	}
	return string(u.State)
}

// about is the subject of an update in one of its languages or, where its words are ours, what it tells of.
func about(u *undersigned.Update) string {
	if text, _, ok := u.Text("en", nil); ok {
		return text.Subject
	}
	return strings.TrimSpace("(" + string(u.Cause) + " " + u.About + ")")
}

func when(u *undersigned.Update) string {
	for _, at := range []time.Time{u.Ended, u.Begun, u.At, u.Made} {
		if !at.IsZero() {
			return at.UTC().Format("2006-01-02 15:04")
		}
	}
	return "-"
}

type newsWriteCmd struct {
	Issue string   `arg:"" help:"The issue."`
	Files []string `arg:"" name:"lang=file" help:"For each language a file: a line Subject: …, an empty line, and the text in Markdown."`
	ID    string   `name:"id" help:"Change this update, in place of beginning one." placeholder:"ID"`
}

func (c *newsWriteCmd) Run(ctx context.Context, s *config.Settings, t *terminal) error {
	texts := map[string]undersigned.UpdateText{}
	for _, pair := range c.Files {
		lang, path, ok := strings.Cut(pair, "=")
		if !ok {
			return config.UsageError{Err: fmt.Errorf("%s: expected a language and a file, like en=update.md", pair)}
		}
		text, err := readUpdate(path)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		texts[lang] = text
	}
	return withSite(ctx, s, t, func(x *site) error {
		found, err := x.db.Site(ctx)
		if err != nil {
			return err
		}
		content := found.Issue(c.Issue)
		if content == nil {
			return fmt.Errorf("the site has no issue %q", c.Issue)
		}
		for lang := range texts {
			if !slices.Contains(content.Issue.Languages, lang) {
				return fmt.Errorf("the issue has no language %q: it has %s", lang, strings.Join(content.Issue.Languages, ", "))
			}
		}
		if c.ID != "" {
			id, err := parseUpdate(c.ID)
			if err != nil {
				return err
			}
			takenBack, err := x.actions.WriteUpdate(ctx, terminalUser, id, "", texts)
			if takenBack {
				fmt.Fprintln(t.out, "It was scheduled with other words, and is a draft again: undersigned news send")
			}
			return newsError(err)
		}
		u, err := x.actions.BeginUpdate(ctx, terminalUser, c.Issue, texts)
		if err != nil {
			return newsError(err)
		}
		fmt.Fprintln(t.out, u.ID)
		return nil
	})
}

// terminalUser stands in the audit log for whoever works on the command line.
var terminalUser undersigned.UserID

// maxUpdateFile is the largest file that is read, in bytes.
const maxUpdateFile = 1 << 20

func readUpdate(path string) (undersigned.UpdateText, error) {
	info, err := os.Stat(path)
	if err != nil {
		return undersigned.UpdateText{}, err
	}
	if info.Size() > maxUpdateFile {
		return undersigned.UpdateText{}, errors.New("it is too large for a mail")
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return undersigned.UpdateText{}, err
	}
	first, body, _ := strings.Cut(strings.ReplaceAll(strings.TrimPrefix(string(raw), "\ufeff"), "\r\n", "\n"), "\n")
	subject, ok := strings.CutPrefix(first, "Subject:")
	if !ok {
		return undersigned.UpdateText{}, errors.New("its first line is not Subject: and the words that readers see first")
	}
	text, err := undersigned.NewUpdateText(pack.TidyText(subject), pack.TidyText(body))
	if fault, arg, said := pack.CheckProse(text.Body); err == nil && fault != "" {
		err = errors.New("body: " + inWords("write.want", "what", inWords(fault, arg, said)))
	}
	return text, inEnglish(err)
}

func parseUpdate(s string) (undersigned.UpdateID, error) {
	id, ok := undersigned.ParseUpdateID(s)
	if !ok {
		return id, config.UsageError{Err: fmt.Errorf("%s: expected the 16 digits that undersigned news list shows", s)}
	}
	return id, nil
}

func newsError(err error) error {
	return orNone(err, "there is no such update: see undersigned news list")
}

type newsShowCmd struct {
	ID   string `arg:"" help:"The update."`
	Lang string `help:"The reader's language." default:"en"`
}

func (c *newsShowCmd) Run(ctx context.Context, s *config.Settings, t *terminal) error {
	return withUpdate(ctx, s, t, c.ID, func(x *site, id undersigned.UpdateID) error {
		u, content, err := x.actions.ReadUpdate(ctx, id)
		if err != nil {
			return newsError(err)
		}
		composer, err := x.composer(locale.Load())
		if err != nil {
			return err
		}
		m, err := x.actions.PreviewUpdate(action.Post{Composer: composer, BaseURL: s.Base(), Path: web.LocalPath}, u, content, c.Lang)
		if err != nil {
			return err
		}
		fmt.Fprintf(t.out, "Subject: %s\n\n%s\n", m.Subject, m.Text)
		return nil
	})
}

type newsTestCmd struct {
	ID      string `arg:"" help:"The update."`
	Address string `arg:"" help:"Whom to send it to."`
	Lang    string `help:"The reader's language." default:"en"`
}

func (c *newsTestCmd) Run(ctx context.Context, s *config.Settings, t *terminal) error {
	return withUpdate(ctx, s, t, c.ID, func(x *site, id undersigned.UpdateID) error {
		if err := x.actions.TryUpdate(ctx, terminalUser, id, c.Address, c.Lang); err != nil {
			return newsError(err)
		}
		fmt.Fprintln(t.out, "A running serve sends it now.")
		return nil
	})
}

type newsSendCmd struct {
	ID      string    `arg:"" help:"The update."`
	At      time.Time `help:"When, as 2026-11-22T18:00:00-05:00." placeholder:"TIME" format:"2006-01-02T15:04:05Z07:00"`
	Without []string  `help:"Languages of the issue in which it need not be: their readers get it in the first." placeholder:"LANG"`
}

func (c *newsSendCmd) Run(ctx context.Context, s *config.Settings, t *terminal) error {
	return withUpdate(ctx, s, t, c.ID, func(x *site, id undersigned.UpdateID) error {
		u, content, err := x.actions.ReadUpdate(ctx, id)
		if err != nil {
			return newsError(err)
		}
		for _, lang := range u.Missing(content.Issue.Languages) {
			if !slices.Contains(c.Without, lang) {
				return fmt.Errorf("it is not written in %s: add that (undersigned news write --id), or say --without %s", lang, lang)
			}
		}
		if err := x.actions.ScheduleUpdate(ctx, terminalUser, id, c.At); err != nil {
			return newsError(err)
		}
		if c.At.IsZero() {
			fmt.Fprintln(t.out, "A running serve begins now. Its way: undersigned news list")
		} else {
			fmt.Fprintf(t.out, "A running serve begins at %s.\n", c.At.UTC().Format(time.RFC3339))
		}
		return nil
	})
}

type (
	newsDraftCmd struct {
		ID string `arg:"" help:"The update."`
	}
	newsPauseCmd struct {
		ID string `arg:"" help:"The update."`
	}
	newsResumeCmd struct {
		ID string `arg:"" help:"The update."`
	}
	newsCancelCmd struct {
		ID string `arg:"" help:"The update."`
	}
)

func (c *newsDraftCmd) Run(ctx context.Context, s *config.Settings, t *terminal) error {
	return moveUpdate(ctx, s, t, c.ID, undersigned.UpdateDraft)
}

func (c *newsPauseCmd) Run(ctx context.Context, s *config.Settings, t *terminal) error {
	return moveUpdate(ctx, s, t, c.ID, undersigned.UpdatePaused)
}

func (c *newsResumeCmd) Run(ctx context.Context, s *config.Settings, t *terminal) error {
	return moveUpdate(ctx, s, t, c.ID, undersigned.UpdateSending)
}

func (c *newsCancelCmd) Run(ctx context.Context, s *config.Settings, t *terminal) error {
	return moveUpdate(ctx, s, t, c.ID, undersigned.UpdateCancelled)
}

func moveUpdate(ctx context.Context, s *config.Settings, t *terminal, name string, to undersigned.UpdateState) error {
	return withUpdate(ctx, s, t, name, func(x *site, id undersigned.UpdateID) error {
		if err := x.actions.MoveUpdate(ctx, terminalUser, id, to); err != nil {
			return newsError(err)
		}
		fmt.Fprintf(t.out, "%s: %s\n", id, to)
		return nil
	})
}

func withUpdate(ctx context.Context, s *config.Settings, t *terminal, name string, do func(*site, undersigned.UpdateID) error) error {
	id, err := parseUpdate(name)
	if err != nil {
		return err
	}
	return withSite(ctx, s, t, func(x *site) error { return do(x, id) })
}

// withSite opens the site for as long as do works on it.
func withSite(ctx context.Context, s *config.Settings, t *terminal, do func(*site) error) (err error) {
	x, err := openSite(ctx, s, t.err)
	if err != nil {
		return err
	}
	defer func() { err = first(err, x.close()) }()
	return do(x)
}
