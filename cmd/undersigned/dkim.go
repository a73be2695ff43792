package main

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"slices"
	"strings"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
	"github.com/undersigned/undersigned/internal/config"
	sitemail "github.com/undersigned/undersigned/internal/mail"
)

type keysDKIMCmd struct {
	New bool `help:"Make another key. serve signs with it from its next start on: put it into the DNS before, and leave the old one there for a week."`
}

func (c *keysDKIMCmd) Run(ctx context.Context, s *config.Settings, t *terminal) error {
	return withSite(ctx, s, t, func(x *site) error {
		keys, err := x.actions.MailKeys(ctx)
		if err == nil && (len(keys) == 0 || c.New) {
			if _, err = x.actions.MakeDKIM(ctx, undersigned.UserID{}); err == nil {
				keys, err = x.actions.MailKeys(ctx)
			}
		}
		if err != nil {
			return err
		}
		for _, key := range keys {
			record, err := key.Record()
			if err != nil {
				return err
			}
			fmt.Fprintf(t.out, "%s. IN TXT ( %s )\n", key.Name(), strings.Join(quotedTXT(record), " "))
		}
		fmt.Fprintf(t.err, "Put the last line into the DNS of %s, wait until it is there, and start serve with --dkim.\n", x.actions.Mail.Domain)
		return nil
	})
}

// quotedTXT parts a record into strings as long as the DNS takes (RFC 1035, 3.3.14).
func quotedTXT(record string) (parts []string) {
	for part := range slices.Chunk([]byte(record), 250) {
		parts = append(parts, `"`+string(part)+`"`)
	}
	return parts
}

// senderDomain is the domain of --mail-from.
func senderDomain(s *config.Settings) (string, error) {
	from, err := mail.ParseAddress(s.MailFrom)
	if err != nil {
		return "", errors.New("mail-from: expected an e-mail address")
	}
	_, domain, _ := strings.Cut(from.Address, "@")
	return domain, nil
}

// mailSetup is how the mails of a site leave.
func mailSetup(s *config.Settings) (sitemail.Setup, error) {
	setup := sitemail.Setup{From: s.MailFrom, Host: s.Base().Hostname(), Signs: s.DKIM}
	var err error
	if setup.Domain, err = senderDomain(s); err != nil {
		return setup, err
	}
	_, setup.Bounce, _ = strings.Cut(s.BounceAddress, "@")
	if s.SMTPURL == "" {
		return setup, nil
	}
	server, err := sitemail.NewSMTP(s.SMTPURL)
	if err != nil {
		return setup, fmt.Errorf("smtp-url: %w", err)
	}
	setup.Relay, setup.Port = server.Server()
	return setup, nil
}

// signMail makes the signature of mails; nil where it is not switched on.
func (x *site) signMail(ctx context.Context) (*sitemail.DKIM, error) {
	if !x.settings.DKIM {
		return nil, nil
	}
	keys, err := x.actions.MailKeys(ctx)
	if err == nil && len(keys) == 0 {
		err = action.ErrNoDKIM
	}
	if err != nil {
		return nil, fmt.Errorf("dkim: %w", err)
	}
	return keys[len(keys)-1], nil
}

// checkDNS tells whether mails are signed, and whether others can see that they are ours: what the DNS says of it now.
func (x *site) checkDNS(ctx context.Context, r *report) error {
	switch signature, err := x.signMail(ctx); {
	case errors.Is(err, action.ErrNoDKIM):
		r.warn("mail: --dkim is on, and %v", action.ErrNoDKIM)
	case err != nil:
		return err
	case signature != nil:
		r.ok("mail: signed with the key %s", signature.Name())
	}
	if x.settings.Local() || !x.actions.Mail.Public() {
		return nil
	}
	said, err := x.actions.LookAtDNS(ctx)
	if err != nil {
		return err
	}
	for _, f := range said.Findings {
		say := r.warn
		if f.State == undersigned.DNSFits {
			say = r.ok
		}
		say("mail: %s: %s", f.Name, inWords("mail.dns."+f.Kind+"."+f.Why))
	}
	return nil
}
