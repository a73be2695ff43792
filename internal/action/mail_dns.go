package action

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/mail"
	"github.com/undersigned/undersigned/internal/store"
)

// The duties under which stand when somebody wished that the DNS was asked about our mails, and what it said.
const (
	dnsWished = "mail_dns_wished"
	dnsAsked  = "mail_dns"
)

// What the DNS said is believed for a day; where it did not answer, it is asked again sooner.
const (
	dnsLife  = 24 * time.Hour
	dnsRetry = time.Hour
)

// WishDNS has the DNS asked about our mails, by whichever node comes first; within seconds MailDNS tells what it said.
func (s *Service) WishDNS(ctx context.Context, by undersigned.UserID) error {
	return s.DB.Update(ctx, store.Client, func(tx *store.Tx) error {
		if err := tx.DutyDone(dnsWished, ""); err != nil {
			return err
		}
		return tx.AddAudit(undersigned.AuditEntry{By: by, Verb: undersigned.AuditMailDNSAsked})
	})
}

// MailDNS tells what the DNS said last, nil where it was never asked about this sender; waits where it is to be asked now.
func (s *Service) MailDNS(ctx context.Context) (said *undersigned.MailDNS, waits bool, err error) {
	err = s.DB.View(ctx, func(tx *store.Tx) error { said, waits, err = s.readDNS(tx); return err })
	return said, waits, err
}

func (s *Service) readDNS(tx *store.Tx) (said *undersigned.MailDNS, waits bool, err error) {
	wished, _, err := tx.Duty(dnsWished)
	if err != nil {
		return nil, false, err
	}
	at, note, err := tx.Duty(dnsAsked)
	if err != nil || at.IsZero() {
		return nil, !wished.IsZero(), err
	}
	said = &undersigned.MailDNS{}
	if err := json.Unmarshal([]byte(note), said); err != nil {
		return nil, false, doing("read what the DNS said", err)
	}
	if said.Domain != s.Mail.Domain { // of another sender, before the program was started anew
		return nil, !wished.IsZero(), nil
	}
	return said, wished.After(said.At), nil
}

// AskDNS asks what the DNS says about our mails where that is due: once a day, or when somebody wished it. A regular duty.
func (s *Service) AskDNS(ctx context.Context) error {
	if s.DNS == nil || !s.Mail.Public() {
		return nil
	}
	said, waits, err := s.MailDNS(ctx)
	if err != nil {
		return err
	}
	if said != nil && !waits {
		life := dnsLife
		if !said.Answered() {
			life = dnsRetry
		}
		if s.Now().Sub(said.At) < life {
			return nil
		}
	}
	now, err := s.LookAtDNS(ctx)
	if err != nil {
		return err
	}
	note, err := json.Marshal(now)
	if err != nil {
		return doing("note what the DNS said", err)
	}
	return s.DB.Update(ctx, store.Jobs, func(tx *store.Tx) error { return tx.DutyDone(dnsAsked, string(note)) })
}

// LookAtDNS asks the DNS now. It takes seconds where that does not answer.
func (s *Service) LookAtDNS(ctx context.Context) (*undersigned.MailDNS, error) {
	at := s.Now().UTC()
	keys, err := s.MailKeys(ctx)
	if err != nil {
		return nil, err
	}
	return &undersigned.MailDNS{Domain: s.Mail.Domain, At: at, Findings: s.Mail.Look(ctx, s.DNS, keys)}, nil
}

// MailKeys gives what signs our mails, the newest last; none where no key was made, or the mails come from no domain.
func (s *Service) MailKeys(ctx context.Context) (signers []*mail.DKIM, err error) {
	keys, err := s.DKIM(ctx)
	if errors.Is(err, ErrNoDKIM) || err == nil && s.Mail.Domain == "" {
		return nil, nil
	}
	for _, key := range keys {
		signer, failed := mail.NewDKIM(s.Mail.Domain, key.Selector, key.Private)
		if failed != nil {
			return nil, doing("use the key of mails", failed)
		}
		signers = append(signers, signer)
	}
	return signers, err
}

// MakeFirstMailKey makes the key that signs mails, where there is none: another one would be signed with from the next start on,
// and whoever makes it must first put it into the DNS. That is for undersigned keys dkim --new.
// NotFound where our mails come from no domain that could have one.
func (s *Service) MakeFirstMailKey(ctx context.Context, by undersigned.UserID) error {
	if s.Mail.Domain == "" {
		return undersigned.Fail(undersigned.NotFound, "")
	}
	keys, err := s.MailKeys(ctx)
	if err != nil || len(keys) > 0 {
		return err
	}
	if _, err := s.MakeDKIM(ctx, by); err != nil {
		return err
	}
	return s.WishDNS(ctx, by)
}
