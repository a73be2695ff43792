package mail

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"

	"github.com/undersigned/undersigned"
)

// fakeDNS answers from a table; what is not in it does not exist. Offline, it answers nothing.
type fakeDNS struct {
	txt     map[string][]string
	ip      map[string]string
	offline bool
}

func (d fakeDNS) find(name string, found bool) error {
	if d.offline {
		return errors.New("dial udp: network is unreachable")
	}
	if !found {
		return &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
	}
	return nil
}

func (d fakeDNS) LookupTXT(_ context.Context, name string) ([]string, error) {
	records, found := d.txt[strings.TrimSuffix(name, ".")]
	return records, d.find(name, found)
}

func (d fakeDNS) LookupIPAddr(_ context.Context, name string) ([]net.IPAddr, error) {
	ip, found := d.ip[strings.TrimSuffix(name, ".")]
	return []net.IPAddr{{IP: net.ParseIP(ip)}}, d.find(name, found)
}

func (d fakeDNS) LookupMX(_ context.Context, name string) ([]*net.MX, error) {
	return nil, d.find(name, false)
}

func (d fakeDNS) LookupAddr(_ context.Context, name string) ([]string, error) {
	return nil, d.find(name, false)
}

func testSetup() *Setup {
	return &Setup{From: "hello@example.org", Domain: "example.org", Relay: "smtp.relay.example", Port: "587", Host: "act.example.org", Signs: true}
}

// look gives what is found of one kind.
func look(t *testing.T, s *Setup, dns DNS, kind string, keys ...*DKIM) undersigned.DNSFinding {
	t.Helper()
	for _, f := range s.Look(t.Context(), dns, keys) {
		if f.Kind == kind {
			return f
		}
	}
	t.Fatalf("nothing is said of %s", kind)
	return undersigned.DNSFinding{}
}

func TestRecordsOfSPFAreToldFromEachOther(t *testing.T) {
	const long = " include:a.example include:b.example include:c.example include:d.example include:e.example include:f.example include:g.example include:h.example include:i.example include:j.example include:k.example"
	amazon, local := testSetup(), testSetup()
	amazon.Relay, local.Relay = "email-smtp.us-east-1.amazonaws.com", "localhost"
	for name, test := range map[string]struct {
		setup   *Setup
		records []string
		why     string
		want    string
	}{
		"none":                        {testSetup(), nil, "missing", "v=spf1 a:smtp.relay.example ~all"},
		"others":                      {testSetup(), []string{"v=spf10 all", "hello"}, "missing", "v=spf1 a:smtp.relay.example ~all"},
		"our server by its name":      {testSetup(), []string{"v=spf1 a:smtp.relay.example -all"}, "fits", ""},
		"our server by its address":   {testSetup(), []string{"hello", "V=SPF1 ip4:203.0.113.0/24 -all"}, "fits", ""},
		"another server":              {testSetup(), []string{"v=spf1 mx ip4:198.51.100.7 -all"}, "untold", "v=spf1 mx ip4:198.51.100.7 a:smtp.relay.example -all"},
		"a redirection":               {testSetup(), []string{"v=spf1 redirect=_spf.example.org"}, "fits", ""},
		"two":                         {testSetup(), []string{"v=spf1 mx -all", "v=spf1 ip4:198.51.100.7 ~all"}, "two", "v=spf1 mx ip4:198.51.100.7 a:smtp.relay.example ~all"},
		"everybody":                   {testSetup(), []string{"v=spf1 mx +all"}, "wide", "v=spf1 mx a:smtp.relay.example ~all"},
		"a slip":                      {testSetup(), []string{"v=spf1 ipv4:198.51.100.7 -all"}, "broken", ""},
		"too many others":             {testSetup(), []string{"v=spf1" + long + " -all"}, "broken", ""},
		"64 KB":                       {testSetup(), []string{"v=spf1 " + strings.Repeat("mx ", 22_000) + "-all"}, "broken", ""},
		"a great service":             {amazon, nil, "missing", "v=spf1 include:amazonses.com ~all"},
		"a great service's own":       {amazon, []string{"v=spf1 include:amazonses.com ~all"}, "fits", ""},
		"a great service not in it":   {amazon, []string{"v=spf1 mx ~all"}, "untold", "v=spf1 mx include:amazonses.com ~all"},
		"a server on this machine":    {local, nil, "missing", "v=spf1 a:act.example.org ~all"},
		"this machine stands in it":   {local, []string{"v=spf1 a:act.example.org -all"}, "fits", ""},
		"what cannot be written down": {testSetup(), []string{"v=spf1 exists:%{i}\"\x00 mx -all"}, "untold", ""},
	} {
		dns := fakeDNS{txt: map[string][]string{"example.org": test.records, "_spf.example.org": {"v=spf1 ip4:203.0.113.9 -all"}, "amazonses.com": {"v=spf1 ip4:198.51.100.0/24 -all"}},
			ip: map[string]string{"smtp.relay.example": "203.0.113.9", "act.example.org": "203.0.113.80"}}
		for _, letter := range "abcdefghijk" {
			dns.txt[string(letter)+".example"] = []string{"v=spf1 ip4:198.51.100.1 -all"}
		}
		f := look(t, test.setup, dns, "spf")
		if f.Why != test.why || f.Want != test.want || f.Name != "example.org" {
			t.Errorf("%s: %+v", name, f)
		}
		for _, shown := range f.Found {
			if len(shown) > shownRecord+len("…") || strings.ContainsAny(shown, "\x00\n") {
				t.Errorf("%s: it shows %q", name, shown)
			}
		}
	}
}

func TestKeyInDNSIsCheckedAsWhoeverGetsAMailChecksIt(t *testing.T) {
	ours := signer(t)
	record, err := ours.Record()
	if err != nil {
		t.Fatal(err)
	}
	silent := testSetup()
	silent.Signs = false
	for name, test := range map[string]struct {
		setup   *Setup
		records []string
		why     string
	}{
		"ours":                  {testSetup(), []string{record}, "fits"},
		"ours in another order": {testSetup(), []string{strings.Replace(record, "v=DKIM1; k=rsa; ", "k=rsa; t=s; ", 1)}, "fits"},
		"ours, and we are mute": {silent, []string{record}, "off"},
		"none":                  {testSetup(), nil, "missing"},
		"cut short":             {testSetup(), []string{record[:200]}, "another"},
		"withdrawn":             {testSetup(), []string{"v=DKIM1; p="}, "another"},
		"two":                   {testSetup(), []string{record, record}, "another"},
		"64 KB":                 {testSetup(), []string{"v=DKIM1; p=" + strings.Repeat("A", 64<<10)}, "another"},
	} {
		f := look(t, test.setup, fakeDNS{txt: map[string][]string{"undersigned1._domainkey.example.org": test.records}}, "dkim", ours)
		if wants := test.why == "missing" || test.why == "another"; f.Why != test.why || wants != (f.Want == record) {
			t.Errorf("%s: %+v", name, f)
		}
	}
	if f := look(t, testSetup(), fakeDNS{}, "dkim"); f.Why != "no_key" || f.Want != "" {
		t.Errorf("without a key: %+v", f)
	}
}

func TestPolicyOfADomainCountsForWhatLiesBelowIt(t *testing.T) {
	record, err := signer(t).Record()
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		domain string
		txt    map[string][]string
		why    string
		want   string
	}{
		"none":             {"example.org", nil, "missing", "v=DMARC1; p=none"},
		"mild":             {"example.org", map[string][]string{"_dmarc.example.org": {"v=DMARC1; p=none"}}, "watch", ""},
		"mild, all fits":   {"example.org", map[string][]string{"_dmarc.example.org": {"v=DMARC1;p=none"}, "undersigned1._domainkey.example.org": {record}}, "watch", "v=DMARC1; p=quarantine"},
		"strict":           {"example.org", map[string][]string{"_dmarc.example.org": {"hello", "v=DMARC1; p=reject; rua=mailto:a@example.org"}}, "fits", ""},
		"two":              {"example.org", map[string][]string{"_dmarc.example.org": {"v=DMARC1; p=reject", "v=DMARC1; p=none"}}, "two", "v=DMARC1; p=none"},
		"a slip":           {"example.org", map[string][]string{"_dmarc.example.org": {"v=DMARC1; p=rejekt"}}, "broken", "v=DMARC1; p=none"},
		"64 KB":            {"example.org", map[string][]string{"_dmarc.example.org": {"v=DMARC1; p=reject;" + strings.Repeat(" ;", 32<<10)}}, "broken", "v=DMARC1; p=none"},
		"of the one above": {"mail.example.org", map[string][]string{"_dmarc.example.org": {"v=DMARC1; p=reject"}}, "fits", ""},
		"mild for below":   {"mail.example.org", map[string][]string{"_dmarc.example.org": {"v=DMARC1; p=reject; sp=none"}}, "watch", ""},
		"its own first":    {"mail.example.org", map[string][]string{"_dmarc.example.org": {"v=DMARC1; p=none"}, "_dmarc.mail.example.org": {"v=DMARC1; p=reject"}}, "fits", ""},
	} {
		setup := testSetup()
		setup.Domain = test.domain
		if f := look(t, setup, fakeDNS{txt: test.txt}, "dmarc", signer(t)); f.Why != test.why || f.Want != test.want {
			t.Errorf("%s: %+v", name, f)
		}
	}
}

// A machine without a network knows nothing, and that is no fault of the domain's.
func TestDNSThatDoesNotAnswerIsNeverSaidToBeWrong(t *testing.T) {
	setup := testSetup()
	setup.Bounce = "bounces.example.org"
	dead, cancel := context.WithCancel(t.Context())
	cancel()
	for name, found := range map[string][]undersigned.DNSFinding{
		"offline": setup.Look(t.Context(), fakeDNS{offline: true}, []*DKIM{signer(t)}),
		"late":    setup.Look(dead, waits{}, []*DKIM{signer(t)}),
	} {
		if len(found) != 4 {
			t.Fatalf("%s: %+v", name, found)
		}
		for _, f := range found {
			if f.State != undersigned.DNSUnasked || f.Why != "unasked" || f.Want != "" || f.Found != nil {
				t.Errorf("%s: %+v", name, f)
			}
		}
	}
}

// waits is a DNS that answers when it is too late.
type waits struct{ fakeDNS }

func (waits) LookupTXT(ctx context.Context, _ string) ([]string, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

// FuzzLook puts anything at all into the DNS.
func FuzzLook(f *testing.F) {
	for _, seed := range []string{"v=spf1 mx -all", "v=spf1 redirect=example.org", "v=spf1 exists:%{ir}.%{d4}", "v=DKIM1; p=", "v=DMARC1; p=none; pct=101", "\xff\x00\"", "v=spf1 include:example.org"} {
		f.Add(seed, seed)
	}
	key, err := NewDKIM("example.org", "undersigned1", dkimTestKey())
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, one, other string) {
		records := []string{one, other}
		dns := fakeDNS{ip: map[string]string{"smtp.relay.example": "203.0.113.9"}, txt: map[string][]string{"example.org": {one, "hello"}, "_dmarc.example.org": {other}, "undersigned1._domainkey.example.org": records[:1]}}
		for _, found := range testSetup().Look(t.Context(), dns, []*DKIM{key}) {
			if found.Kind != "dkim" && found.Want != "" && !printable(found.Want) {
				t.Errorf("%q is to be put into the DNS", found.Want)
			}
			for _, shown := range found.Found {
				if strings.ContainsFunc(shown, breaksLine) {
					t.Errorf("it shows %q", shown)
				}
			}
		}
		if merged := allowing([]string{"v=spf1 " + one, "v=spf1 " + other}, "a:smtp.relay.example"); merged != "" && !strings.Contains(merged, "a:smtp.relay.example") {
			t.Errorf("%q does not let our server send", merged)
		}
	})
}
