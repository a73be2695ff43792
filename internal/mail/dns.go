package mail

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"
	"unicode"

	"blitiri.com.ar/go/spf"
	"github.com/emersion/go-msgauth/dkim"
	"github.com/emersion/go-msgauth/dmarc"
	"golang.org/x/net/publicsuffix"

	"github.com/undersigned/undersigned"
)

// DNS is asked what it says about our mails. *net.Resolver answers.
type DNS interface {
	LookupTXT(ctx context.Context, name string) ([]string, error)
	LookupMX(ctx context.Context, name string) ([]*net.MX, error)
	LookupIPAddr(ctx context.Context, host string) ([]net.IPAddr, error)
	LookupAddr(ctx context.Context, addr string) ([]string, error)
}

// Setup is how the mails of a site leave.
type Setup struct {
	From   string // the sender, an address with or without a name
	Domain string // of that address
	Bounce string // domain that the envelopes of news name; empty for the same
	Relay  string // host of the mail server; empty where mails go to a folder
	Port   string
	Host   string // of the site, which is that of a mail server on the same machine
	Signs  bool   // with the newest of the keys
}

// Public tells whether the DNS can know anything of the sender: a site on one's own machine has no domain of mail.
func (s *Setup) Public() bool { return s.Relay != "" && strings.Contains(s.Domain, ".") }

// dnsPatience is how long the DNS may take for each kind of record.
const dnsPatience = 5 * time.Second

// What a DNS may answer, and what of it is looked at and shown. A record of SPF or DMARC has some hundred bytes, and no more
// than that is believed of any.
const (
	maxRecords   = 20
	maxRecord    = 4096
	shownRecords = 4
	shownRecord  = 400
)

// bounded keeps what an answer may cost small, and tells a name that is not there from an answer that did not come.
type bounded struct{ DNS }

func (b bounded) LookupTXT(ctx context.Context, name string) ([]string, error) {
	records, err := b.DNS.LookupTXT(ctx, strings.TrimSuffix(name, ".")+".") // no search list
	return records[:min(len(records), maxRecords)], answered(name, err)
}

func (b bounded) LookupMX(ctx context.Context, name string) ([]*net.MX, error) {
	records, err := b.DNS.LookupMX(ctx, strings.TrimSuffix(name, ".")+".")
	return records[:min(len(records), maxRecords)], answered(name, err)
}

func (b bounded) LookupIPAddr(ctx context.Context, host string) ([]net.IPAddr, error) {
	addresses, err := b.DNS.LookupIPAddr(ctx, host)
	return addresses[:min(len(addresses), maxRecords)], answered(host, err)
}

func answered(name string, err error) error {
	if err == nil || absent(err) {
		return err
	}
	return &net.DNSError{Err: "no answer", Name: name, IsTemporary: true}
}

func absent(err error) bool {
	var problem *net.DNSError
	return errors.As(err, &problem) && problem.IsNotFound && !problem.IsTimeout && !problem.IsTemporary
}

// Look asks the DNS about the sender. keys are those that may sign, the newest last; none where none was made.
func (s *Setup) Look(ctx context.Context, dns DNS, keys []*DKIM) []undersigned.DNSFinding {
	dns = bounded{dns}
	within := func(look func(context.Context) undersigned.DNSFinding) undersigned.DNSFinding {
		ctx, cancel := context.WithTimeout(ctx, dnsPatience)
		defer cancel()
		return look(ctx)
	}
	var found []undersigned.DNSFinding
	for _, domain := range []string{s.Domain, s.Bounce} {
		if domain != "" && (len(found) == 0 || !strings.EqualFold(domain, s.Domain)) {
			found = append(found, within(func(ctx context.Context) undersigned.DNSFinding { return s.lookSPF(ctx, dns, domain) }))
		}
	}
	signed := within(func(ctx context.Context) undersigned.DNSFinding { return s.lookDKIM(ctx, dns, keys) })
	policy := within(func(ctx context.Context) undersigned.DNSFinding { return s.lookDMARC(ctx, dns) })
	if policy.Why == "watch" && signed.State == undersigned.DNSFits {
		policy.Want = "v=DMARC1; p=quarantine"
	}
	return append(found, signed, policy)
}

// finding is a finding about what stands in the DNS.
func finding(kind, name string, state undersigned.DNSState, why string, found []string, want string) undersigned.DNSFinding {
	f := undersigned.DNSFinding{Kind: kind, State: state, Why: why, Name: name, Want: want}
	for _, record := range found[:min(len(found), shownRecords)] {
		if len(record) > shownRecord {
			record = record[:shownRecord] + "…"
		}
		f.Found = append(f.Found, strings.Map(func(r rune) rune {
			if r == unicode.ReplacementChar || !unicode.IsPrint(r) {
				return '?'
			}
			return r
		}, strings.ToValidUTF8(record, "?")))
	}
	return f
}

// records gives those of a name that begin with a version.
func records(ctx context.Context, dns DNS, name, version string) (found []string, asked bool) {
	all, err := dns.LookupTXT(ctx, name)
	if err != nil {
		return nil, absent(err)
	}
	for _, record := range all {
		if len(record) >= len(version) && strings.EqualFold(record[:len(version)], version) && (len(record) == len(version) || strings.ContainsRune(" ;", rune(record[len(version)]))) {
			found = append(found, record)
		}
	}
	return found, true
}

// nobody is an address that belongs to nobody (RFC 5737): whoever lets it send in their name lets everybody.
var nobody = net.IPv4(192, 0, 2, 1)

func (s *Setup) lookSPF(ctx context.Context, dns DNS, domain string) undersigned.DNSFinding {
	found, asked := records(ctx, dns, domain, "v=spf1")
	say := func(state undersigned.DNSState, why, want string) undersigned.DNSFinding {
		return finding("spf", domain, state, why, found, want)
	}
	allow, provider := s.allows()
	switch {
	case !asked:
		return say(undersigned.DNSUnasked, "unasked", "")
	case len(found) == 0:
		return say(undersigned.DNSMissing, "missing", "v=spf1 "+allow+" ~all")
	case len(found) > 1:
		return say(undersigned.DNSWrong, "two", allowing(found, allow))
	case len(found[0]) > maxRecord:
		return say(undersigned.DNSWrong, "broken", "")
	}
	check := func(ip net.IP) spf.Result {
		result, _ := spf.CheckHostWithSender(ip, domain, "postmaster@"+domain, spf.WithContext(ctx), spf.WithResolver(dns))
		return result
	}
	switch check(nobody) {
	case spf.TempError:
		return say(undersigned.DNSUnasked, "unasked", "")
	case spf.PermError:
		return say(undersigned.DNSWrong, "broken", "")
	case spf.Pass:
		return say(undersigned.DNSWrong, "wide", allowing(found, allow))
	}
	if provider && slices.ContainsFunc(strings.Fields(found[0]), func(term string) bool { return strings.EqualFold(strings.TrimPrefix(term, "+"), allow) }) {
		return say(undersigned.DNSFits, "fits", "")
	}
	for _, address := range s.addresses(ctx, dns) {
		if check(address.IP) == spf.Pass {
			return say(undersigned.DNSFits, "fits", "")
		}
	}
	return say(undersigned.DNSWeak, "untold", allowing(found, allow))
}

// addresses are those of the mail server. It may send from others.
func (s *Setup) addresses(ctx context.Context, dns DNS) []net.IPAddr {
	host := s.Relay
	if loopback(host) {
		host = s.Host
	}
	addresses, err := dns.LookupIPAddr(ctx, host)
	if err != nil {
		return nil
	}
	return addresses
}

// providers are what great mail services want in the SPF record of whoever sends through them, by the end of their servers' names.
var providers = map[string]string{
	"amazonaws.com":   "include:amazonses.com",
	"fastmail.com":    "include:spf.messagingengine.com",
	"gmail.com":       "include:_spf.google.com",
	"mailgun.org":     "include:mailgun.org",
	"mailjet.com":     "include:spf.mailjet.com",
	"office365.com":   "include:spf.protection.outlook.com",
	"outlook.com":     "include:spf.protection.outlook.com",
	"postmarkapp.com": "include:spf.mtasv.net",
	"sendgrid.net":    "include:sendgrid.net",
}

// allows gives what lets our mail server send, as far as we can know, and whether it is a great service's own word.
func (s *Setup) allows() (mechanism string, provider bool) {
	host := strings.ToLower(s.Relay)
	if loopback(host) {
		host = strings.ToLower(s.Host)
	}
	for rest := host; rest != ""; {
		if include := providers[rest]; include != "" {
			return include, true
		}
		_, rest, _ = strings.Cut(rest, ".")
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		if ip.Is4() {
			return "ip4:" + host, false
		}
		return "ip6:" + host, false
	}
	return "a:" + host, false
}

// allowing makes one SPF record of those that are there, with one mechanism more: what stands before "all" is kept.
func allowing(found []string, mechanism string) string {
	terms, last := []string{"v=spf1"}, "~all"
	for _, record := range found {
		for _, term := range strings.Fields(record)[1:] {
			lower := strings.ToLower(term)
			switch {
			case strings.TrimLeft(lower, "+-~?") == "all":
				if last = lower; last == "all" || last == "+all" || last == "?all" {
					last = "~all"
				}
			case strings.HasPrefix(lower, "redirect="):
				last = term
			case !slices.Contains(terms, term):
				terms = append(terms, term)
			}
		}
	}
	if !slices.Contains(terms, mechanism) {
		terms = append(terms, mechanism)
	}
	if record := strings.Join(append(terms, last), " "); len(record) <= 450 && printable(record) {
		return record
	}
	return ""
}

func printable(record string) bool {
	return !strings.ContainsFunc(record, func(r rune) bool { return r < ' ' || r > '~' || r == '"' })
}

// lookDKIM has a mail that we sign checked as whoever gets one checks it.
func (s *Setup) lookDKIM(ctx context.Context, dns DNS, keys []*DKIM) undersigned.DNSFinding {
	if len(keys) == 0 {
		return finding("dkim", s.Domain, undersigned.DNSMissing, "no_key", nil, "")
	}
	key := keys[len(keys)-1]
	name := key.Name()
	found, err := dns.LookupTXT(ctx, name)
	say := func(state undersigned.DNSState, why, want string) undersigned.DNSFinding {
		return finding("dkim", name, state, why, found, want)
	}
	want, failed := key.Record()
	switch {
	case failed != nil || err != nil && !absent(err):
		return say(undersigned.DNSUnasked, "unasked", "")
	case len(found) == 0:
		return say(undersigned.DNSMissing, "missing", want)
	case !key.checked(found):
		return say(undersigned.DNSWrong, "another", want)
	case !s.Signs:
		return say(undersigned.DNSWeak, "off", "")
	}
	return say(undersigned.DNSFits, "fits", "")
}

// checked tells whether others find what we sign to be ours by these records.
func (d *DKIM) checked(records []string) bool {
	for _, record := range records {
		if len(record) > maxRecord {
			return false
		}
	}
	probe := &envelope{text: []byte("From: probe@" + d.options.Domain + "\r\n\r\nprobe\r\n")}
	if d.sign(probe) != nil {
		return false
	}
	seen, err := dkim.VerifyWithOptions(bytes.NewReader(probe.text), &dkim.VerifyOptions{
		LookupTXT: func(string) ([]string, error) { return records, nil }, MaxVerifications: 1})
	return err == nil && len(seen) == 1 && seen[0].Err == nil
}

func (s *Setup) lookDMARC(ctx context.Context, dns DNS) undersigned.DNSFinding {
	domain := s.Domain
	found, asked := records(ctx, dns, "_dmarc."+domain, "v=DMARC1")
	if registered, err := publicsuffix.EffectiveTLDPlusOne(domain); asked && len(found) == 0 && err == nil && registered != domain {
		if found, asked = records(ctx, dns, "_dmarc."+registered, "v=DMARC1"); len(found) > 0 {
			domain = registered
		}
	}
	say := func(state undersigned.DNSState, why, want string) undersigned.DNSFinding {
		return finding("dmarc", "_dmarc."+domain, state, why, found, want)
	}
	const begin = "v=DMARC1; p=none"
	switch {
	case !asked:
		return say(undersigned.DNSUnasked, "unasked", "")
	case len(found) == 0:
		return say(undersigned.DNSMissing, "missing", begin)
	case len(found) > 1:
		return say(undersigned.DNSWrong, "two", begin)
	case len(found[0]) > maxRecord:
		return say(undersigned.DNSWrong, "broken", begin)
	}
	record, err := dmarc.Parse(found[0])
	if err != nil {
		return say(undersigned.DNSWrong, "broken", begin)
	}
	policy := record.Policy
	if domain != s.Domain && record.SubdomainPolicy != "" {
		policy = record.SubdomainPolicy
	}
	if policy == dmarc.PolicyNone {
		return say(undersigned.DNSWeak, "watch", "")
	}
	return say(undersigned.DNSFits, "fits", "")
}
