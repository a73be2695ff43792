// Package config reads the settings: flags, then the environment, then a settings file. It is the only room that reads
// the environment.
package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/undersigned/undersigned"
)

// Settings are all settings of a site. Each is a flag (--base-url), an environment variable (UNDERSIGNED_BASE_URL) and a
// line of the settings file (base-url = …); the first that is given counts. A secret can come from a file of its own, which
// UNDERSIGNED_SMTP_URL_FILE names.
type Settings struct {
	Config           string   `help:"Settings file, with lines like: base-url = https://example.org" placeholder:"FILE"`
	Addr             string   `help:"Address to listen on." default:"127.0.0.1:8080"`
	Data             string   `help:"Folder for the database, mails not sent yet and downloads." default:"undersigned-data" placeholder:"DIR"`
	KeyDir           string   `help:"Folder for the keys; best on another file system than the data. (default: keys in the data folder)" placeholder:"DIR"`
	RootKeyFile      string   `help:"File of the root key, which wraps all others; - reads it from standard input. (default: root.key in the key folder)" placeholder:"FILE"`
	DatabaseURL      string   `help:"PostgreSQL in place of the embedded database." placeholder:"postgres://…"`
	BaseURL          string   `help:"What every link begins with. (default: http://localhost and the port)" placeholder:"URL"`
	TrustedProxies   []string `help:"Addresses or networks of the proxies in front, whose X-Forwarded-For says who a form comes from. Without it there are no limits by address behind a proxy on this machine." placeholder:"ADDR"`
	Throwaway        string   `name:"throwaway-domains" help:"File of mail domains whose mailboxes live for minutes, one a line, beside those that the program knows. Signatures from them wait for review." placeholder:"FILE"`
	CheckDomains     string   `help:"Look up which mail domains have no mail server, so that the form can say so: on or off. Only where mails leave through --smtp-url, for a site that is not this machine alone." default:"on" enum:"on,off"`
	SharedExits      string   `help:"File of addresses or networks, one a line, from each of which many people come: Tor exits, a campus. Their limits are wider." placeholder:"FILE"`
	SMTPURL          string   `name:"smtp-url" help:"Mail server. Needed where the base URL is not this machine." placeholder:"smtp://user:password@host:587"`
	MailFrom         string   `help:"Sender of mails; a neutral one hides the cause." placeholder:"ADDRESS"`
	OwnerEmail       string   `help:"One more who gets what owners get by mail: of exports, of news that stopped, the question once a year. Of offers that have waited for 14 days it alone is told; not given, whom the desk names, or every owner." placeholder:"ADDRESS"`
	BounceAddress    string   `help:"Who is told of news that does not arrive. Mail to it, with anything behind a + before the @, must reach --bounce-dir or --bounce-secret." placeholder:"ADDRESS"`
	BounceDir        string   `help:"Maildir folder to which a mail server delivers what comes to that address. What is read is deleted." placeholder:"DIR"`
	BounceSecret     string   `help:"Takes reports of news that does not arrive by POST to /bounces/SECRET; 16 letters or digits at least." placeholder:"SECRET"`
	DKIM             bool     `name:"dkim" help:"Sign every mail with the key whose public half undersigned keys dkim prints for the DNS."`
	MailPerHour      int      `help:"Mails that the mail server takes in an hour, from all nodes together; 0 is any number." default:"0"`
	LettersPerMinute int      `help:"Letters that go to one address in a minute; in all, twenty times as many." default:"6"`
	LogPolicy        string   `help:"Witnesses that must sign the public log before it is published: a c2sp.org/tlog-policy with their URLs." placeholder:"FILE"`
	Geocoder         *bool    `help:"Let readers find their district by street address, which then goes to the Census Bureau. Not given, the desk decides."`
	LinkCheck        string   `help:"Look daily whether the links to other sites still work: on or off." default:"on" enum:"on,off"`
	DrainDelay       int      `help:"Seconds that the site goes on after it was told to end, while /readyz answers 503: time for the proxy before several nodes to notice." default:"0"`
	Mirror           string   `help:"Read public data from MIRROR/HOST/PATH in place of https://HOST/PATH." placeholder:"DIR_OR_URL"`
	LogFormat        string   `help:"Format of the log: text or json." default:"text" enum:"text,json"`
}

// Check completes the settings and says what is wrong with them.
func (s *Settings) Check() error {
	host, port, err := net.SplitHostPort(s.Addr)
	if err != nil {
		return fmt.Errorf("addr: %q is not HOST:PORT", s.Addr)
	}
	if s.BaseURL == "" {
		if host == "" || loopback(host) || host == "0.0.0.0" || host == "::" {
			host = "localhost"
		}
		s.BaseURL = "http://" + net.JoinHostPort(host, port)
	}
	base, err := url.Parse(s.BaseURL)
	if err != nil || base.Scheme != "http" && base.Scheme != "https" || base.Host == "" || strings.Trim(base.Path, "/") != "" ||
		base.RawQuery != "" || base.User != nil {
		return errors.New("base-url: expected http:// or https:// and a host, nothing after it")
	}
	s.BaseURL = strings.TrimSuffix(s.BaseURL, "/")
	if s.KeyDir == "" {
		s.KeyDir = filepath.Join(s.Data, "keys")
	}
	if s.RootKeyFile == "" {
		s.RootKeyFile = filepath.Join(s.KeyDir, "root.key")
	}
	if s.DatabaseURL != "" && !strings.HasPrefix(s.DatabaseURL, "postgres://") && !strings.HasPrefix(s.DatabaseURL, "postgresql://") {
		return errors.New("database-url: expected a postgres:// URL")
	}
	if s.DatabaseURL, err = encrypted(s.DatabaseURL); err != nil {
		return err
	}
	if _, err := networks(s.TrustedProxies); err != nil {
		return fmt.Errorf("trusted-proxies: %w", err)
	}
	if _, err := s.Exits(); err != nil {
		return fmt.Errorf("shared-exits: %w", err)
	}
	if _, err := s.ThrowawayDomains(); err != nil {
		return fmt.Errorf("throwaway-domains: %w", err)
	}
	if s.LettersPerMinute < 1 || s.LettersPerMinute > 60_000 {
		return errors.New("letters-per-minute: expected a number from 1 to 60000")
	}
	if s.MailPerHour < 0 || s.MailPerHour > 100_000_000 {
		return errors.New("mail-per-hour: expected a number from 0 to 100000000")
	}
	if s.DrainDelay < 0 || s.DrainDelay > 300 {
		return errors.New("drain-delay: expected a number from 0 to 300")
	}
	if s.BounceAddress != "" && (!undersigned.ValidEmail(s.BounceAddress) || strings.Index(s.BounceAddress, "@") > maxBounceLocal) {
		return fmt.Errorf("bounce-address: expected one e-mail address, with at most %d characters before the @", maxBounceLocal)
	}
	if s.BounceSecret != "" && !bounceSecret.MatchString(s.BounceSecret) {
		return errors.New("bounce-secret: expected 16 to 100 letters, digits, - or _")
	}
	if s.MailFrom == "" {
		domain := base.Hostname()
		if _, err := netip.ParseAddr(domain); err == nil {
			domain = "localhost" // a bare number is no domain of mail
		}
		s.MailFrom = "no-reply@" + domain
	}
	if s.OwnerEmail != "" && !undersigned.ValidEmail(s.OwnerEmail) {
		return errors.New("owner-email: expected one e-mail address")
	}
	return nil
}

// maxBounceLocal leaves room for the mark behind it: no local part has more than 64 bytes (RFC 5321, 4.5.3.1.1).
const maxBounceLocal = 11

var bounceSecret = regexp.MustCompile(`^[A-Za-z0-9_-]{16,100}$`)

// encrypted asks the server on another machine for a certificate, unless the URL says otherwise: left alone, the driver
// would go on without encryption where none is offered.
func encrypted(database string) (string, error) {
	u, err := url.Parse(database)
	if err != nil {
		return "", errors.New("database-url: expected a postgres:// URL") // the error would quote the password
	}
	query := u.Query()
	host := u.Hostname()
	if query.Has("host") {
		host = query.Get("host")
	}
	if host == "" || host[0] == '/' || loopback(host) || query.Has("sslmode") {
		return database, nil
	}
	query.Set("sslmode", "verify-full")
	u.RawQuery = query.Encode()
	return u.String(), nil
}

// Base is the base URL. Check has seen that it parses.
func (s *Settings) Base() *url.URL {
	base, err := url.Parse(s.BaseURL)
	if err != nil {
		panic(err)
	}
	return base
}

// Proxies are the networks of the trusted proxies. Check has seen that they parse.
func (s *Settings) Proxies() []netip.Prefix {
	list, err := networks(s.TrustedProxies)
	if err != nil {
		panic(err)
	}
	return list
}

// Exits are the networks in the file of shared exits; none where there is no file.
func (s *Settings) Exits() ([]netip.Prefix, error) {
	if s.SharedExits == "" {
		return nil, nil
	}
	lines, err := list(s.SharedExits)
	if err != nil {
		return nil, err
	}
	return networks(lines)
}

// GeocoderGiven is on or off where one of them was given, else empty.
func (s *Settings) GeocoderGiven() string {
	switch {
	case s.Geocoder == nil:
		return ""
	case *s.Geocoder:
		return "on"
	}
	return "off"
}

// ThrowawayDomains are those in their file; none where there is no file.
func (s *Settings) ThrowawayDomains() ([]string, error) {
	if s.Throwaway == "" {
		return nil, nil
	}
	return list(s.Throwaway)
}

// networks reads addresses and networks; an address is a network of one.
func networks(texts []string) (found []netip.Prefix, err error) {
	for _, text := range texts {
		network, err := netip.ParsePrefix(text)
		if err != nil {
			addr, err := netip.ParseAddr(text)
			if err != nil || addr.Zone() != "" {
				return nil, fmt.Errorf("%q is neither an address nor a network", text)
			}
			network = netip.PrefixFrom(addr, addr.BitLen())
		}
		found = append(found, network.Masked())
	}
	return found, nil
}

// maxList is the longest file of a list, in bytes.
const maxList = 4 << 20

// list reads a file with one entry a line. Blank lines and those that begin with # say nothing.
func list(path string) (entries []string, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxList {
		return nil, fmt.Errorf("%s is larger than %d bytes", path, maxList)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			entries = append(entries, line)
		}
	}
	return entries, nil
}

// ChecksDomains tells whether mail domains are looked up.
func (s *Settings) ChecksDomains() bool {
	return s.CheckDomains == "on" && s.SMTPURL != "" && !s.Local()
}

// Local tells whether the site is for this machine alone: then mails may go to a folder.
func (s *Settings) Local() bool { return loopback(s.Base().Hostname()) }

func loopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

const prefix = "UNDERSIGNED_"

// testPrefix begins the variables that are for our tests, not for the program.
const testPrefix = prefix + "TEST_"

// environment reads our variables by the name of their setting. What is no setting itself and ends in _FILE names the
// file that a setting's value comes from.
func environment(environ []string, isSetting func(string) bool) (map[string]string, error) {
	values := map[string]string{}
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		if !strings.HasPrefix(name, prefix) || strings.HasPrefix(name, testPrefix) {
			continue
		}
		setting := strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(name, prefix), "_", "-"))
		if file, ok := strings.CutSuffix(setting, "-file"); ok && !isSetting(setting) {
			text, err := os.ReadFile(value)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			setting, value = file, strings.TrimSpace(string(text))
		}
		if _, twice := values[setting]; twice {
			return nil, fmt.Errorf("%s: %s is given twice, itself and as a file", name, setting)
		}
		values[setting] = value
	}
	return values, nil
}

// maxFile is the largest settings file, in bytes.
const maxFile = 64 << 10

// file reads a settings file: lines of NAME = VALUE, blank lines, and comments that begin with #.
func file(path string) (map[string]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("read the settings file: %w", err)
	}
	if info.Size() > maxFile {
		return nil, fmt.Errorf("read the settings file: larger than %d bytes", maxFile)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the settings file: %w", err)
	}
	return parse(path, string(text))
}

func parse(path, text string) (map[string]string, error) {
	values := map[string]string{}
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		name, value, ok := strings.Cut(line, "=")
		name = strings.TrimSpace(name)
		if !ok || name == "" {
			return nil, fmt.Errorf("%s:%d: expected NAME = VALUE", path, i+1)
		}
		if _, twice := values[name]; twice {
			return nil, fmt.Errorf("%s:%d: %s is given twice", path, i+1, name)
		}
		values[name] = strings.TrimSpace(value)
	}
	return values, nil
}
