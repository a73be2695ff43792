package action

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/seal"
	"github.com/undersigned/undersigned/internal/store"
)

// Resolver is what the mail worker asks about mail domains, as [net.Resolver] answers. No page ever waits for it.
type Resolver interface {
	LookupMX(ctx context.Context, name string) ([]*net.MX, error)
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
	LookupNS(ctx context.Context, name string) ([]*net.NS, error)
}

const (
	// A domain is looked up once in this time, and believed to have no mail server for as long.
	domainLife = 24 * time.Hour
	// domainRetry is when a domain is looked up again of which the resolver has said neither.
	domainRetry = time.Hour
	// domainPatience is how long a lookup may hold up the mail that it is made for.
	domainPatience = 3 * time.Second
	// maxLookedUp bounds the memory to some 5 MB.
	maxLookedUp = 50_000
)

// lookedUp remembers, in the memory of this node, when each domain may be looked up again.
type lookedUp struct {
	mu    sync.Mutex
	again map[string]time.Time
}

// begin tells whether a domain is to be looked up now; until the answer is known nobody else looks.
func (l *lookedUp) begin(domain string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now.Before(l.again[domain]) {
		return false
	}
	if l.again == nil || len(l.again) >= maxLookedUp {
		l.again = map[string]time.Time{}
	}
	l.again[domain] = now.Add(domainLife)
	return true
}

// failed makes a domain come up sooner.
func (l *lookedUp) failed(domain string, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.again[domain] = now.Add(domainRetry)
}

// lookUp notes where the domain of an address has no mail server. The mail goes to the relay whatever it finds: the relay may
// know better.
func (w *mailWorker) lookUp(ctx context.Context, email string) error {
	domain, now := seal.DomainOf(email), w.Now()
	if w.Resolver == nil || w.domains.kind(domain) == provider || !w.lookedUp.begin(domain, now) {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, domainPatience)
	defer cancel()
	takes, err := takesMail(ctx, w.Resolver, domain)
	if err != nil { // it names the domain: not for the log
		w.lookedUp.failed(domain, now)
		return nil
	}
	if takes {
		return nil
	}
	hash := w.noMailHash(domain)
	return w.DB.Update(ctx, store.Jobs, func(tx *store.Tx) error { return tx.NoteNoMail(hash, now.Add(domainLife)) })
}

// takesMail tells whether a domain has a mail server: one that its MX records name (RFC 5321, 5.1), or without any such
// record the domain itself. A single MX of "." says that it takes none (RFC 7505). An error says neither.
func takesMail(ctx context.Context, r Resolver, domain string) (bool, error) {
	name := domain + "." // no search list
	records, err := r.LookupMX(ctx, name)
	if err == nil && len(records) > 0 {
		return len(records) > 1 || records[0].Host != ".", nil
	}
	if err != nil && !notThere(err) {
		return false, err
	}
	addresses, err := r.LookupNetIP(ctx, "ip", name)
	if err == nil && len(addresses) > 0 {
		return true, nil
	}
	if err != nil && !notThere(err) {
		return false, err
	}
	// A resolver that does not find .org either knows nothing of the world.
	_, err = r.LookupNS(ctx, "org.")
	return false, err
}

// notThere tells a name that does not exist, or has no such record, from an answer that did not come.
func notThere(err error) bool {
	var problem *net.DNSError
	return errors.As(err, &problem) && problem.IsNotFound && !problem.IsTimeout && !problem.IsTemporary
}

func (s *Service) noMailHash(domain string) []byte {
	hash := s.Keys.Hash("no mail", domain)
	return hash[:]
}

// refuseNoMail says so beside the field where the domain of an address is known to have no mail server. Every address takes
// the same way: one row that is there or not.
func (s *Service) refuseNoMail(ctx context.Context, email string) error {
	if s.Resolver == nil {
		return nil
	}
	hash, none := s.noMailHash(seal.DomainOf(email)), false
	err := s.DB.View(ctx, func(tx *store.Tx) (err error) { none, err = tx.NoMail(hash); return err })
	if err != nil || !none {
		return err
	}
	return &undersigned.Error{Kind: undersigned.Invalid, Key: "error.form",
		Fields: []undersigned.FieldError{{Field: "email", Key: "error.email.no_mail"}}}
}
