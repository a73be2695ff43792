package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/config"
	"github.com/undersigned/undersigned/internal/locale"
)

type userChangeCmd struct {
	Email    string  `arg:"" help:"Their address, which stays."`
	Name     *string `help:"How they are called from now on."`
	Language string  `help:"Language of mails to them." placeholder:"CODE"`
}

func (c *userChangeCmd) Run(ctx context.Context, s *config.Settings, t *terminal) error {
	if c.Name == nil && c.Language == "" {
		return config.UsageError{Err: errors.New("say what changes: --name or --language")}
	}
	if languages := locale.Languages(); c.Language != "" && !slices.Contains(languages, c.Language) {
		return config.UsageError{Err: fmt.Errorf("--language: there is no %q, there are %s", c.Language, strings.Join(languages, ", "))}
	}
	return withUser(ctx, s, t, c.Email, func(x *site, u *undersigned.User) error {
		name, language := u.Name, u.Language
		if c.Name != nil {
			name = *c.Name
		}
		if c.Language != "" {
			language = c.Language
		}
		return inEnglish(x.actions.ChangeAccount(ctx, terminalUser, u.ID, name, language))
	})
}

type userSessionsCmd struct {
	Email string `arg:"" help:"Their address."`
}

func (c *userSessionsCmd) Run(ctx context.Context, s *config.Settings, t *terminal) error {
	return withUser(ctx, s, t, c.Email, func(x *site, u *undersigned.User) error {
		sessions, err := x.actions.Sessions(ctx, u.ID)
		if err != nil {
			return err
		}
		passkeys, err := x.actions.Passkeys(ctx, u.ID)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "SESSION\tBROWSER\tSINCE\tSEEN")
		for _, one := range sessions {
			fmt.Fprintf(w, "%x\t%s\t%s\t%s\n", one.ID, one.Browser, one.Since.UTC().Format(time.DateTime), one.Seen.UTC().Format(time.DateTime))
		}
		fmt.Fprintln(w, "\nPASSKEY\tCALLED\tSINCE")
		for _, one := range passkeys {
			fmt.Fprintf(w, "%s\t%s\t%s\n", one.ID, one.Name, day(one.Added))
		}
		return w.Flush()
	})
}

type userEndSessionCmd struct {
	Email string `arg:"" help:"Their address."`
	ID    string `arg:"" help:"The session, as sessions lists it."`
}

func (c *userEndSessionCmd) Run(ctx context.Context, s *config.Settings, t *terminal) error {
	return withUser(ctx, s, t, c.Email, func(x *site, u *undersigned.User) error {
		return orNone(x.actions.EndSession(ctx, terminalUser, u.ID, c.ID), "they have no such session: see undersigned user sessions")
	})
}

type userRemovePasskeyCmd struct {
	Email string `arg:"" help:"Their address."`
	ID    string `arg:"" help:"The passkey, as sessions lists it."`
}

func (c *userRemovePasskeyCmd) Run(ctx context.Context, s *config.Settings, t *terminal) error {
	return withUser(ctx, s, t, c.Email, func(x *site, u *undersigned.User) error {
		return orNone(x.actions.RemovePasskey(ctx, terminalUser, u.ID, c.ID), "they have no such passkey: see undersigned user sessions")
	})
}
