package action

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"slices"
	"strings"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/seal"
	"github.com/undersigned/undersigned/internal/store"
)

// MySubscription is whether the owner of an address hears of an issue.
type MySubscription struct {
	Content *undersigned.Content
	On      bool
	Day     undersigned.Day // on which they asked
	Consent undersigned.Consent
	row     *store.SubscriberRow
}

// errNeverMailed: who has asked us never to write gets no news either.
var errNeverMailed = undersigned.Fail(undersigned.Forbidden, "error.news.never")

// News tells whether the owner of the address of a link to what is theirs hears of an issue. Gone where the link has
// died, NotFound where there is no such issue.
func (s *Service) News(ctx context.Context, token, issue string) (*MySubscription, error) {
	email, _, err := s.openMyToken(token)
	if err != nil {
		return nil, err
	}
	content, err := s.issue(ctx, issue)
	if err != nil {
		return nil, err
	}
	keys, err := s.Keys.AllNews(ctx)
	if err != nil {
		return nil, doing("look for a subscriber", err)
	}
	return s.subscription(ctx, keys, email, content)
}

// Subscribe notes that the owner of an address wants news of an issue, in the words that they agreed to and in their
// language. The link is the proof that they read the mailbox: it went there. Asking twice changes nothing.
//
// Errors: Gone where the link has died, NotFound where there is no such issue, Forbidden where they asked us never to write,
// Unavailable.
func (s *Service) Subscribe(ctx context.Context, token string, c undersigned.Consent) error {
	email, _, err := s.openMyToken(token)
	if err != nil {
		return err
	}
	if _, err := s.issue(ctx, c.Issue); err != nil {
		return err
	}
	keys, err := s.Keys.AllNews(ctx)
	if err != nil {
		return doing("look for a subscriber", err)
	}
	hashes := newsHashes(keys, email, c.Issue)
	row, err := s.sealSubscriber(ctx, &undersigned.Subscriber{Issue: c.Issue, Email: email, Language: c.Language, Consent: c.ID()})
	if err != nil {
		return doing("seal a subscriber", err)
	}
	never := s.Keys.Hash(neverPurpose, seal.NormalizeEmail(email))
	return s.DB.Update(ctx, store.Client, func(tx *store.Tx) error {
		if may, err := tx.MayMail(never[:]); err != nil || !may {
			return cmp.Or(err, error(errNeverMailed))
		}
		if there, err := findSubscriber(tx, hashes); err != nil || there != nil {
			return err
		}
		if err := tx.PutConsent(c); err != nil {
			return err
		}
		_, err := tx.InsertSubscriber(row)
		return err
	})
}

// Unsubscribe ends the news of an issue for the owner of the address of a link to what is theirs. Doing it again changes
// nothing. The errors are those of News, and Unavailable.
func (s *Service) Unsubscribe(ctx context.Context, token, issue string) error {
	found, err := s.News(ctx, token, issue)
	if err != nil {
		return err
	}
	return s.leaveIssue(ctx, []MySubscription{*found}, issue)
}

// leaveIssue ends the news of one issue.
func (s *Service) leaveIssue(ctx context.Context, all []MySubscription, issue string) error {
	for _, one := range all {
		if one.On && one.Content.Issue.Slug == issue {
			return s.leave(ctx, one.row.ID, undersigned.SubscriberUnsubscribed, nil)
		}
	}
	return nil
}

// leave buries a subscriber, and does what else is to be done with that. The ledger comes first, as for a signature: a restore
// of an older backup must know of everybody who left.
func (s *Service) leave(ctx context.Context, id undersigned.SubscriberID, to undersigned.SubscriberState, by func(*store.Tx) error) error {
	there := false
	err := s.DB.View(ctx, func(tx *store.Tx) error {
		row, err := tx.Subscriber(id)
		there = row != nil && row.Sealed != nil
		return err
	})
	if err != nil || !there {
		return err
	}
	if err := s.Ledger.Append(undersigned.SignatureID(id), undersigned.SignatureWithdrawn); err != nil {
		return doing("note an erasure", err)
	}
	return s.DB.Update(ctx, store.Client, func(tx *store.Tx) error {
		done, err := tx.BurySubscriber(id, to)
		if err != nil || !done || by == nil {
			return err
		}
		return by(tx)
	})
}

// leaveAll ends all news to an address.
func (s *Service) leaveAll(ctx context.Context, email string, to undersigned.SubscriberState) error {
	all, err := s.subscriptions(ctx, email)
	for _, one := range all {
		if one.On {
			err = errors.Join(err, s.leave(ctx, one.row.ID, to, nil))
		}
	}
	return err
}

// issue finds an issue that is no draft.
func (s *Service) issue(ctx context.Context, slug string) (*undersigned.Content, error) {
	return s.issueFor(ctx, &undersigned.Update{Issue: slug})
}

// issueFor finds the issue of an update. Whoever signed is warned of an erasure also where the issue has become a draft.
func (s *Service) issueFor(ctx context.Context, u *undersigned.Update) (*undersigned.Content, error) {
	site, err := s.DB.Site(ctx)
	if err != nil {
		return nil, err
	}
	for _, content := range site.All() {
		if content.Issue.Slug == u.Issue && (content.Issue.State != undersigned.IssueDraft || u.Cause == undersigned.EraseSoon) {
			return content, nil
		}
	}
	return nil, errNoAction
}

// subscriptions tells for each issue, drafts among them, whether the owner of an address hears of it.
func (s *Service) subscriptions(ctx context.Context, email string) (all []MySubscription, err error) {
	site, err := s.DB.Site(ctx)
	if err != nil {
		return nil, err
	}
	keys, err := s.Keys.AllNews(ctx)
	if err != nil {
		return nil, doing("look for a subscriber", err)
	}
	for _, content := range slices.Concat(site.Contents, site.Drafts) {
		one, err := s.subscription(ctx, keys, email, content)
		if err != nil {
			return nil, err
		}
		all = append(all, *one)
	}
	return all, nil
}

func (s *Service) subscription(ctx context.Context, keys []seal.NewsKey, email string, content *undersigned.Content) (*MySubscription, error) {
	found, hashes := &MySubscription{Content: content}, newsHashes(keys, email, content.Issue.Slug)
	err := s.DB.View(ctx, func(tx *store.Tx) (err error) {
		found.row, err = findSubscriber(tx, hashes)
		return err
	})
	if err != nil || found.row == nil {
		return found, err
	}
	subscriber, err := s.openSubscriber(ctx, found.row)
	if err != nil {
		return nil, doing("open a subscriber", err)
	}
	found.On, found.Day = true, found.row.Day
	err = s.DB.View(ctx, func(tx *store.Tx) (err error) {
		found.Consent, _, err = tx.Consent(subscriber.Consent)
		return err
	})
	return found, err
}

// newsHashes hashes an address, for one issue, under each key that may have sealed it. It happens before the rows are looked
// at, as for signatures: several nodes keep their keys in the database.
func newsHashes(keys []seal.NewsKey, email, issue string) (hashes [][32]byte) {
	for _, key := range keys {
		hashes = append(hashes, newsHash(key, email, issue))
	}
	return hashes
}

func newsHash(key seal.NewsKey, email, issue string) [32]byte {
	return key.Hash.Sum("news", issue, seal.NormalizeEmail(email))
}

func findSubscriber(tx *store.Tx, hashes [][32]byte) (*store.SubscriberRow, error) {
	for _, hash := range hashes {
		if row, err := tx.SubscriberByHash(hash[:]); err != nil || row != nil {
			return row, err
		}
	}
	return nil, nil
}

// sealSubscriber makes the row of a subscriber under the key of this month; one without an id gets one.
func (s *Service) sealSubscriber(ctx context.Context, subscriber *undersigned.Subscriber) (*store.SubscriberRow, error) {
	key, err := s.Keys.News(ctx, s.Now())
	if err != nil {
		return nil, err
	}
	if subscriber.ID == (undersigned.SubscriberID{}) {
		rand.Read(subscriber.ID[:])
		subscriber.Day = undersigned.DayOf(s.Now())
	}
	hash := newsHash(key, subscriber.Email, subscriber.Issue)
	plaintext := strings.Join([]string{hex.EncodeToString(subscriber.Consent[:]), subscriber.Language, subscriber.Email}, "\n")
	return &store.SubscriberRow{ID: subscriber.ID, Issue: subscriber.Issue, State: undersigned.SubscriberActive, Day: subscriber.Day, Month: key.Month,
		Hash: hash[:], Sealed: key.Box.Seal(nil, []byte(plaintext), subscriberScope(subscriber.ID, subscriber.Issue)...)}, nil
}

// openSubscriber opens a row that is no tombstone.
func (s *Service) openSubscriber(ctx context.Context, row *store.SubscriberRow) (*undersigned.Subscriber, error) {
	key, err := s.Keys.NewsOf(ctx, row.Month)
	if err != nil {
		return nil, err
	}
	plaintext, err := key.Box.Open(nil, row.Sealed, subscriberScope(row.ID, row.Issue)...)
	if err != nil {
		return nil, err
	}
	parts := strings.SplitN(string(plaintext), "\n", 3)
	if len(parts) != 3 {
		return nil, errForm
	}
	subscriber := &undersigned.Subscriber{ID: row.ID, Issue: row.Issue, State: row.State, Day: row.Day, Language: parts[1], Email: parts[2]}
	if _, err := hex.Decode(subscriber.Consent[:], []byte(parts[0])); err != nil {
		return nil, errForm
	}
	return subscriber, nil
}

// subscriberScope ties sealed bytes to their row.
func subscriberScope(id undersigned.SubscriberID, issue string) []string {
	return []string{"subscriber", string(id[:]), issue}
}
