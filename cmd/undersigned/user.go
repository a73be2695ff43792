package main

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/config"
)

type userCmd struct {
	Add           userAddCmd           `cmd:"" help:"Add one of the staff, and print the link with which they sign in."`
	List          userListCmd          `cmd:"" help:"List the staff."`
	Link          userLinkCmd          `cmd:"" help:"Print a new link: the way back for somebody who cannot sign in."`
	Role          userRoleCmd          `cmd:"" help:"Give one of the staff another role."`
	Change        userChangeCmd        `cmd:"" help:"Change how one of the staff is called, or the language of mails to them."`
	Sessions      userSessionsCmd      `cmd:"" help:"List where one of the staff is signed in, and their passkeys."`
	EndSession    userEndSessionCmd    `cmd:"" help:"End one of their sessions."`
	RemovePasskey userRemovePasskeyCmd `cmd:"" help:"Take one of their passkeys away: a device was lost."`
	SignOut       userSignOutCmd       `cmd:"" help:"End every session of one of the staff: a laptop was lost, or stolen."`
	Remove        userRemoveCmd        `cmd:"" help:"Take one of the staff away."`
}

type userAddCmd struct {
	Email    string `arg:"" help:"Their address."`
	Role     string `help:"owner, editor or coordinator." required:"" enum:"owner,editor,coordinator"`
	Name     string `help:"How they are called."`
	Language string `help:"Language of mails to them." default:"en"`
}

func (c *userAddCmd) Run(ctx context.Context, s *config.Settings, t *terminal) error {
	return withSite(ctx, s, t, func(x *site) error {
		form := undersigned.UserForm{Name: c.Name, Email: c.Email, Role: c.Role, Language: c.Language}
		u, err := x.actions.AddUser(ctx, undersigned.UserID{}, form, true)
		if err != nil {
			return inEnglish(err)
		}
		x.printSignIn(t, u)
		return nil
	})
}

type userListCmd struct{}

func (c *userListCmd) Run(ctx context.Context, s *config.Settings, t *terminal) error {
	return withSite(ctx, s, t, func(x *site) error {
		users, err := x.actions.Users(ctx)
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
		for _, u := range users {
			if !u.Removed {
				fmt.Fprintf(table, "%s\t%s\t%s\tsince %s\n", u.Email, u.Role, u.Name, u.Added)
			}
		}
		return table.Flush()
	})
}

type userLinkCmd struct {
	Email string `arg:"" help:"Their address."`
}

func (c *userLinkCmd) Run(ctx context.Context, s *config.Settings, t *terminal) error {
	return withUser(ctx, s, t, c.Email, func(x *site, u *undersigned.User) error {
		x.printSignIn(t, u)
		return nil
	})
}

type userRoleCmd struct {
	Email string `arg:"" help:"Their address."`
	Role  string `arg:"" help:"owner, editor or coordinator." enum:"owner,editor,coordinator"`
}

func (c *userRoleCmd) Run(ctx context.Context, s *config.Settings, t *terminal) error {
	return withUser(ctx, s, t, c.Email, func(x *site, u *undersigned.User) error {
		return inEnglish(x.actions.GiveRole(ctx, undersigned.UserID{}, u.ID, undersigned.Role(c.Role)))
	})
}

type userRemoveCmd struct {
	Email string `arg:"" help:"Their address."`
}

func (c *userRemoveCmd) Run(ctx context.Context, s *config.Settings, t *terminal) error {
	return withUser(ctx, s, t, c.Email, func(x *site, u *undersigned.User) error {
		return inEnglish(x.actions.RemoveUser(ctx, undersigned.UserID{}, u.ID))
	})
}

type userSignOutCmd struct {
	Email string `arg:"" help:"Their address."`
}

func (c *userSignOutCmd) Run(ctx context.Context, s *config.Settings, t *terminal) error {
	return withUser(ctx, s, t, c.Email, func(x *site, u *undersigned.User) error {
		return x.actions.EndSessionsOf(ctx, undersigned.UserID{}, u.ID)
	})
}

var errNoStaff = errors.New("none of the staff has that address: see undersigned user list")

func withUser(ctx context.Context, s *config.Settings, t *terminal, email string, do func(*site, *undersigned.User) error) error {
	return withSite(ctx, s, t, func(x *site) error {
		u, err := x.actions.UserByEmail(ctx, email)
		if undersigned.KindOf(err) == undersigned.NotFound {
			return errNoStaff
		}
		if err != nil {
			return err
		}
		return do(x, u)
	})
}

// printSignIn prints a link that signs in, once, within three days.
func (x *site) printSignIn(t *terminal, u *undersigned.User) {
	fmt.Fprintf(t.out, "%s%s\n", x.settings.BaseURL, "/admin/sign-in/"+x.actions.SignInToken(u.ID))
	fmt.Fprintln(t.err, "The link works once, within three days. Whoever has it is let in.")
}

// inviteFirstOwner prints the way in for as long as nobody runs the site in a browser.
func (x *site) inviteFirstOwner(ctx context.Context, t *terminal) error {
	has, err := x.actions.HasUsers(ctx)
	if err != nil || has {
		return err
	}
	fmt.Fprintf(t.out, "Nobody runs this site in a browser yet. To become its first owner, open within three days:\n%s/admin/sign-in/%s\n",
		x.settings.BaseURL, x.actions.FirstOwnerToken())
	return nil
}
