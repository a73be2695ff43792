package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"slices"
	"strings"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
	"github.com/undersigned/undersigned/internal/config"
	sitemail "github.com/undersigned/undersigned/internal/mail"
)

type keysDKIMCmd struct {
	New bool `help:"Make another key. serve signs with it from its next start on: put it into the DNS before, and leave the old one there for a week."`
}

func (c *keysDKIMCmd) Run(ctx context.Context, s *config.Settings, t *terminal) error {
	domain, err := senderDomain(s)
	if err != nil {
		return err
	}
	return withSite(ctx, s, t, func(x *site) error {
		keys, err := x.actions.DKIM(ctx)
		if errors.Is(err, action.ErrNoDKIM) || err == nil && c.New {
			var made *action.DKIMKey
			if made, err = x.actions.MakeDKIM(ctx); err == nil {
				keys = append(keys, *made)
			}
		}
		if err != nil {
			return err
		}
		for _, key := range keys {
			record, err := sitemail.DKIMRecord(&key.Private.PublicKey)
			if err != nil {
				return err
			}
			fmt.Fprintf(t.out, "%s._domainkey.%s. IN TXT ( %s )\n", key.Selector, domain, strings.Join(quotedTXT(record), " "))
		}
		fmt.Fprintf(t.err, "Put the last line into the DNS of %s, wait until it is there, and start serve with --dkim.\n", domain)
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

// signMail makes the signature of mails; nil where it is not switched on.
func (x *site) signMail(ctx context.Context) (*sitemail.DKIM, error) {
	if !x.settings.DKIM {
		return nil, nil
	}
	domain, err := senderDomain(x.settings)
	if err != nil {
		return nil, err
	}
	keys, err := x.actions.DKIM(ctx)
	if err != nil {
		return nil, fmt.Errorf("dkim: %w", err)
	}
	last := keys[len(keys)-1]
	return sitemail.NewDKIM(domain, last.Selector, last.Private)
}

// checkDKIM tells whether mails are signed, and whether others can check that.
func (x *site) checkDKIM(ctx context.Context, r *report) error {
	if !x.settings.DKIM {
		if x.settings.SMTPURL != "" && !x.settings.Local() {
			r.warn("mail: not signed by us; where the mail server does not sign either, many mailboxes refuse it: undersigned keys dkim")
		}
		return nil
	}
	domain, err := senderDomain(x.settings)
	if err != nil {
		return err
	}
	keys, err := x.actions.DKIM(ctx)
	if errors.Is(err, action.ErrNoDKIM) {
		r.warn("mail: --dkim is on, and %v", err)
		return nil
	}
	if err != nil {
		return err
	}
	last := keys[len(keys)-1]
	name := last.Selector + "._domainkey." + domain
	if x.settings.Local() {
		r.ok("mail: signed with the key %s", name)
		return nil
	}
	record, err := sitemail.DKIMRecord(&last.Private.PublicKey)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	switch found, err := net.DefaultResolver.LookupTXT(ctx, name); {
	case err != nil:
		r.warn("mail: signed, and the DNS has no %s by which anybody could check it (or did not answer): undersigned keys dkim prints it", name)
	case !slices.Contains(found, record):
		r.warn("mail: signed, and the DNS has another key at %s, so that every signature is wrong: undersigned keys dkim prints the right one", name)
	default:
		r.ok("mail: signed, and the DNS has the key %s, made on %s", name, undersigned.Day(last.Day))
	}
	return nil
}
