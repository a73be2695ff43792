// Package action holds the verbs: each begins a transaction, does its steps and commits, or leaves nothing behind. A verb
// knows neither SQL nor HTTP; the rules it follows are on the nouns. Beside each verb stands the job that finishes it.
package action

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"sync"
	"syscall"
	"time"

	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/congress"
	"github.com/undersigned/undersigned/internal/mail"
	"github.com/undersigned/undersigned/internal/seal"
	"github.com/undersigned/undersigned/internal/store"
)

// Options are what the verbs work with.
type Options struct {
	DB     *store.DB
	Keys   *seal.Keyring
	Ledger *Ledger
	Now    func() time.Time
	Log    *slog.Logger
	// Districts gives the codes of the districts (MA-05) that an address lies in, none where that is not known. It is
	// asked while a person waits, and answers from memory. Nil knows none.
	Districts func(country, postalCode string) []string
	Congress  *congress.Current // who represents whom; nil is the sample
	Throwaway []string          // mail domains whose mailboxes live for minutes, beyond those that we know
	Resolver  Resolver          // tells which mail domains have no mail server; nil looks nothing up and refuses none
	// MailPerHour is how many mails the relay takes in an hour from all nodes together; 0 is any number.
	MailPerHour int
	// BaseURL is where the staff's browsers find the site: their passkeys are bound to its host. Nil has no passkeys.
	BaseURL *url.URL
	// BounceAddress is told of news that do not arrive, each with a mark behind its local part: bounces+MARK@…. Empty is the
	// sender's own, and then only the marks in Message-IDs tell whose they were.
	BounceAddress string
	// BounceDir is the Maildir to which those are delivered; empty is none.
	BounceDir string
	// Owner is told of offers that their coordinator leaves alone. Empty is whoever the settings say: all owners, or an address.
	Owner     string
	Languages []string // that the program has words in
	// Mail is how mails leave, and DNS what is asked about them, by a duty and never by a page; nil is asked nothing.
	Mail    mail.Setup
	DNS     mail.DNS
	Scratch string // a folder for what is made and sent at once, under a key in memory; empty is the system's
}

// Service does the verbs. Safe for concurrent use.
type Service struct {
	Options
	mailWaits   chan struct{}
	letterWaits chan struct{}
	newsWaits   chan struct{}
	domains     domains
	buckets     buckets
	ids         SignatureIDs
	spent       spent
	stepHeld    int   // how far one step of a look or a decision goes
	stepLog     int64 // the same, in places of the log
	lookedUp    lookedUp
	passkeys    *webauthn.WebAuthn // nil where there can be none
	surges      sync.Map           // since when an action\'s signatures come in a surge, by pid
}

// New makes the verbs ready.
func New(o Options) *Service {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Districts == nil {
		o.Districts = func(string, string) []string { return nil }
	}
	if o.Congress == nil {
		o.Congress = congress.NewCurrent("")
	}
	return &Service{Options: o, mailWaits: make(chan struct{}, 1), letterWaits: make(chan struct{}, 1), stepHeld: stepHeld, stepLog: stepLog, newsWaits: make(chan struct{}, 1),
		ids:     SignatureIDs{Keys: o.Keys},
		domains: newDomains(o.Throwaway), passkeys: newPasskeys(o.BaseURL)}
}

var errNoAction = undersigned.Fail(undersigned.NotFound, "error.not_found")

// find gives an action by its slugs.
func (s *Service) find(ctx context.Context, issue, slug string) (*undersigned.Content, *undersigned.Action, error) {
	site, err := s.DB.Site(ctx)
	if err != nil {
		return nil, nil, err
	}
	if content := site.Issue(issue); content != nil {
		if a := content.Action(slug); a != nil {
			return content, a, nil
		}
	}
	return nil, nil, errNoAction
}

// findPID gives an action by the public log's name for it. One that this node does not know may be a second old and
// another node's, so the database is asked before anybody is told that there is none.
func (s *Service) findPID(ctx context.Context, pid string) (*undersigned.Content, *undersigned.Action, error) {
	for range 2 {
		site, err := s.DB.Site(ctx)
		if err != nil {
			return nil, nil, err
		}
		if content, a := site.ByPID(pid); a != nil {
			return content, a, nil
		}
		if _, _, err := s.DB.Poll(ctx); err != nil {
			return nil, nil, err
		}
	}
	return nil, nil, errNoAction
}

// wakeMail tells the mail worker of this node that something waits. It never blocks; other nodes look for themselves.
func (s *Service) wakeMail() {
	select {
	case s.mailWaits <- struct{}{}:
	default:
	}
}

// doing wraps an error that nobody outside is told more of than that a disk is full, where it is: a key or a line of the
// ledger is written to one, too.
func doing(what string, err error) error {
	err = fmt.Errorf("%s: %w", what, err)
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return &undersigned.Error{Kind: undersigned.Unavailable, Key: "error.disk_full", Err: err}
	}
	return err
}
