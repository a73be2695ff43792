package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/config"
)

type settingsMailCmd struct{}

// Run shows how mails leave, what came of the last that an owner tried, and what the DNS says now.
func (c *settingsMailCmd) Run(ctx context.Context, s *config.Settings, t *terminal) error {
	return withSite(ctx, s, t, func(x *site) error {
		setup := x.actions.Mail
		server := "none: mails stay in the folder outbox"
		if setup.Relay != "" {
			server = setup.Relay + ":" + setup.Port
		}
		fmt.Fprintf(t.out, "server  %s\nsender  %s\nsigned  %v\n", server, setup.From, setup.Signs)
		last, err := x.actions.MailTry(ctx)
		if err != nil {
			return err
		}
		if last == nil {
			fmt.Fprintln(t.out, "tried   never")
		} else {
			fmt.Fprintf(t.out, "tried   %s  %s\n", last.Asked.Format(time.RFC3339), tried(last))
		}
		if !setup.Public() {
			fmt.Fprintln(t.out, "dns     nothing to ask: the sender has no domain of mail, or there is no --smtp-url")
			return nil
		}
		said, err := x.actions.LookAtDNS(ctx)
		if err != nil {
			return err
		}
		for _, f := range said.Findings {
			fmt.Fprintf(t.out, "dns     %s  %s  %s\n", f.Name, f.State, inWords("mail.dns."+f.Kind+"."+f.Why))
			if f.Want != "" {
				fmt.Fprintf(t.out, "        %s. IN TXT ( %s )\n", f.Name, strings.Join(quotedTXT(f.Want), " "))
			}
		}
		return nil
	})
}

// tried says what came of a mail.
func tried(m *undersigned.MailTry) string {
	says := inWords("mail.try." + string(m.State))
	if m.Step != "" {
		says += " " + inWords("mail.step."+m.Step)
	}
	return strings.TrimSpace(says + " " + m.Reply)
}

type settingsTryCmd struct {
	Email string        `arg:"" help:"Of an owner."`
	Wait  time.Duration `help:"How long to wait for what the mail server says." default:"60s"`
}

// Run sends an owner a mail by way of the site that serves, and waits for what comes of it.
func (c *settingsTryCmd) Run(ctx context.Context, s *config.Settings, t *terminal) error {
	return withSite(ctx, s, t, func(x *site) error {
		owner, err := x.actions.UserByEmail(ctx, c.Email)
		if err != nil || !owner.May(undersigned.MaySet) {
			return fmt.Errorf("try a mail: only an owner gets one, and that is none: see undersigned user list")
		}
		if err := x.actions.TryMail(ctx, undersigned.UserID{}, owner, owner.Language); err != nil {
			return err
		}
		ctx, cancel := context.WithTimeout(ctx, c.Wait)
		defer cancel()
		look := time.NewTicker(200 * time.Millisecond)
		defer look.Stop()
		for {
			last, err := x.actions.MailTry(ctx)
			if err == nil && last.State != undersigned.TryWaiting {
				fmt.Fprintln(t.out, tried(last))
				if last.State != undersigned.TryAccepted {
					return fmt.Errorf("the mail was not accepted")
				}
				return nil
			}
			select {
			case <-look.C:
			case <-ctx.Done():
				return fmt.Errorf("nothing came of it in %s: is serve running? See undersigned settings mail", c.Wait)
			}
		}
	})
}
