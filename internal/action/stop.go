package action

import (
	"context"
	"errors"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/seal"
	"github.com/undersigned/undersigned/internal/store"
)

// Every mail of ours carries a link with which its reader can have the last one. Who has asked for that is kept as a
// keyed hash: we can tell that an address is among them, and cannot list them. News carry another one beside it, which ends
// the news of their issue.
const (
	stopPurpose  = "unsubscribe"
	newsPurpose  = "news"
	neverPurpose = "never"
	stopLife     = 5 * 365 * 24 * time.Hour
)

func (s *Service) stopToken(email string) string {
	return s.Keys.SealLink(stopPurpose, []byte(seal.NormalizeEmail(email)), s.Now().Add(stopLife))
}

// newsToken makes the link with which a reader of an update leaves. It names no address: whoever a mail was passed on to
// learns nothing by it, and can only end what it came from.
func (s *Service) newsToken(u undersigned.UpdateID, id undersigned.SubscriberID) string {
	return s.Keys.SealLink(newsPurpose, append(u[:], id[:]...), s.Now().Add(stopLife))
}

// Stop is what the link of a mail ends.
type Stop struct {
	News    bool                 // the news of an issue, as against all mail
	Trial   bool                 // nothing: the mail was to somebody who tried an update, and whose way to the desk mail is
	Content *undersigned.Content // the issue, nil where it is known no more
	Goes    bool                 // mail still goes to the address

	email      [32]byte // keyed hash of the address; all mail
	address    string
	update     undersigned.UpdateID
	subscriber undersigned.SubscriberID
}

// OpenStop opens the link of a mail and changes nothing: mail scanners follow links. Gone where it is none of ours.
func (s *Service) OpenStop(ctx context.Context, token string) (*Stop, error) {
	stop, err := s.readStop(token)
	if err != nil {
		return nil, err
	}
	if stop.Trial {
		return stop, nil
	}
	issue := ""
	err = s.DB.View(ctx, func(tx *store.Tx) (err error) {
		if !stop.News {
			stop.Goes, err = tx.MayMail(stop.email[:])
			return err
		}
		row, err := tx.Subscriber(stop.subscriber)
		if err == nil && row != nil {
			stop.Goes, issue = row.Sealed != nil, row.Issue
		}
		return err
	})
	if err != nil || issue == "" {
		return stop, err
	}
	stop.Content, err = s.issue(ctx, issue)
	if errors.Is(err, errNoAction) {
		err = nil
	}
	return stop, err
}

func (s *Service) readStop(token string) (*Stop, error) {
	stop := &Stop{News: true}
	inside, _, err := s.Keys.OpenLink(newsPurpose, token, s.Now())
	if errors.Is(err, seal.ErrToken) {
		stop.News = false
		inside, _, err = s.Keys.OpenLink(stopPurpose, token, s.Now())
	}
	switch {
	case errors.Is(err, seal.ErrToken), errors.Is(err, seal.ErrExpired):
		return nil, errLinkDead
	case err != nil:
		return nil, doing("open a link", err)
	case stop.News:
		n := copy(stop.update[:], inside)
		copy(stop.subscriber[:], inside[n:])
		stop.Trial = stop.subscriber == undersigned.SubscriberID{}
	default:
		stop.address = string(inside)
		stop.email = s.Keys.Hash(neverPurpose, stop.address)
	}
	return stop, nil
}

// StopMail ends what a link ends: the news of an issue, or all mail to its address, and its news with it. With again mail
// begins anew where somebody asks for it; news have to be asked for once more. Doing it twice changes nothing. Gone where the
// link is none of ours; Unavailable.
func (s *Service) StopMail(ctx context.Context, token string, again bool) error {
	stop, err := s.readStop(token)
	if err != nil {
		return err
	}
	if stop.Trial {
		return nil
	}
	if stop.News {
		return s.leave(ctx, stop.subscriber, undersigned.SubscriberUnsubscribed, func(tx *store.Tx) error {
			return tx.CountReport(stop.update, undersigned.UpdateTally{Left: 1})
		})
	}
	if err := s.noteMail(ctx, stop.email, again); err != nil || again {
		return err
	}
	// A crash before this line leaves a subscriber whom the sender of news passes over.
	return s.leaveAll(ctx, stop.address, undersigned.SubscriberUnsubscribed)
}

// noteMail keeps whether mail goes to an address. The ledger learns it first, as of an erasure: a restore of an older backup
// must know of it. A press that changes nothing leaves no line.
func (s *Service) noteMail(ctx context.Context, email [32]byte, again bool) error {
	goes := false
	err := s.DB.View(ctx, func(tx *store.Tx) (err error) { goes, err = tx.MayMail(email[:]); return err })
	if err != nil || goes == again {
		return err
	}
	if err := s.Ledger.AppendMail(email, again); err != nil {
		return doing("note who wants no mail", err)
	}
	return s.DB.Update(ctx, store.Client, func(tx *store.Tx) error { return setMail(tx, email, again) })
}

func setMail(tx *store.Tx, email [32]byte, again bool) error {
	if again {
		return tx.MailAgain(email[:])
	}
	return tx.NeverMail(email[:])
}
