package action

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
)

// fakeResolver knows some names; any other does not exist. A broken one answers nothing.
type fakeResolver struct {
	mx     map[string][]*net.MX
	ip     map[string]bool
	broken bool
	asked  []string
}

func (r *fakeResolver) answer(name string, known bool) error {
	r.asked = append(r.asked, name)
	switch {
	case r.broken:
		return &net.DNSError{Err: "server misbehaving", Name: name, IsTemporary: true}
	case !known:
		return &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
	}
	return nil
}

func (r *fakeResolver) LookupMX(_ context.Context, name string) ([]*net.MX, error) {
	return r.mx[name], r.answer(name, r.mx[name] != nil)
}

func (r *fakeResolver) LookupNetIP(_ context.Context, _, name string) (found []netip.Addr, err error) {
	if r.ip[name] {
		found = []netip.Addr{netip.MustParseAddr("192.0.2.1")}
	}
	return found, r.answer(name, found != nil)
}

func (r *fakeResolver) LookupNS(_ context.Context, name string) ([]*net.NS, error) {
	return nil, r.answer(name, !r.ip["enclosed."])
}

func TestMailServerOfADomain(t *testing.T) {
	r := &fakeResolver{
		mx: map[string][]*net.MX{"mx.example.": {{Host: "mail.mx.example."}}, "null.example.": {{Host: "."}},
			"odd.example.": {{Host: "."}, {Host: "mail.odd.example.", Pref: 10}}},
		ip: map[string]bool{"host.example.": true},
	}
	for domain, want := range map[string]bool{"mx.example": true, "null.example": false, "odd.example": true, "host.example": true, "nothing.example": false} {
		if takes, err := takesMail(t.Context(), r, domain); takes != want || err != nil {
			t.Errorf("%s: %v, %v", domain, takes, err)
		}
	}
	for name, r := range map[string]*fakeResolver{"broken": {broken: true}, "knows nothing of the world": {ip: map[string]bool{"enclosed.": true}}} {
		if _, err := takesMail(t.Context(), r, "nothing.example"); err == nil {
			t.Errorf("a resolver that is %s gives an answer", name)
		}
	}
}

func TestDomainWithoutMailServerIsToldBesideTheFieldForADay(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		r := &fakeResolver{mx: map[string][]*net.MX{"good.example.": {{Host: "mail.good.example."}}}}
		s.Resolver = r
		sign := func(email string) error { return s.SignPetition(t.Context(), s.input("petition", "Ana", email)) }
		must(t, sign("ana@nothing.example"))
		if len(r.asked) != 0 {
			t.Fatal("a page asks the resolver")
		}
		must(t, sign("rui@nothing.example"))
		must(t, sign("ana@good.example"))
		must(t, sign("ana@gmail.com"))
		s.work()
		if len(s.box.mails) != 4 {
			t.Errorf("%d mails: the relay may know better", len(s.box.mails))
		}
		asked := len(r.asked)
		if asked != 4 { // MX and address of the one and the world, MX of the other; a large provider is known
			t.Errorf("asked for %q", r.asked)
		}
		must(t, sign("ana@good.example"))
		for _, email := range []string{"eva@nothing.example", "eva@NOTHING.example"} {
			err := sign(email)
			wantKind(t, err, undersigned.Invalid, "error.form")
			var problem *undersigned.Error
			if !errors.As(err, &problem) || len(problem.Fields) != 1 || problem.Fields[0].Field != "email" || problem.Fields[0].Key != "error.email.no_mail" {
				t.Errorf("told %v", err)
			}
		}
		s.work()
		if len(r.asked) != asked {
			t.Errorf("asked again: %q", r.asked[asked:])
		}
		s.clock.Move(domainLife)
		must(t, sign("eva@nothing.example"))
		erased, err := s.Purge(t.Context())
		must(t, err)
		if len(erased) == 0 {
			t.Error("the domain is not erased")
		}
		must(t, s.DB.View(t.Context(), func(tx *store.Tx) error {
			n, err := tx.CountNoMail()
			if n != 0 {
				t.Errorf("%d domains are left", n)
			}
			return err
		}))
		s.work()
		wantKind(t, sign("eva@nothing.example"), undersigned.Invalid, "error.form")
		s.Resolver = nil
		must(t, sign("eva@nothing.example"))
	})
}

func TestResolverThatFailsSaysNothingAndIsAskedAgain(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		r := &fakeResolver{broken: true}
		s.Resolver = r
		sign := func(name string) {
			t.Helper()
			must(t, s.SignPetition(t.Context(), s.input("petition", "Ana", name+"@nothing.example")))
			s.work()
		}
		sign("ana")
		sign("rui")
		if len(r.asked) != 1 {
			t.Errorf("asked for %q", r.asked)
		}
		r.broken = false
		s.clock.Move(domainRetry - time.Second)
		sign("eva")
		s.clock.Move(time.Second)
		sign("leo")
		wantKind(t, s.SignPetition(t.Context(), s.input("petition", "Ana", "mia@nothing.example")), undersigned.Invalid, "error.form")
	})
}
