package config

import (
	"bytes"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

type grammar struct {
	Settings
	Serve struct{} `cmd:""`
}

func parseSettings(t *testing.T, env map[string]string, args ...string) (Settings, error) {
	t.Helper()
	for name, value := range env {
		t.Setenv(name, value)
	}
	var g grammar
	_, err := Parse(&g, &g.Settings, append([]string{"serve"}, args...), &bytes.Buffer{})
	return g.Settings, err
}

func writeFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "settings")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestDefaultsOpenASiteOnThisMachine(t *testing.T) {
	s, err := parseSettings(t, nil)
	if err != nil {
		t.Fatal(err)
	}
	if s.Addr != "127.0.0.1:8080" || s.BaseURL != "http://localhost:8080" || !s.Local() || s.Data != "undersigned-data" ||
		s.KeyDir != filepath.Join("undersigned-data", "keys") || s.RootKeyFile != filepath.Join(s.KeyDir, "root.key") {
		t.Errorf("%+v", s)
	}
}

func TestFlagComesBeforeEnvironmentBeforeFile(t *testing.T) {
	config := writeFile(t, "# ours\ndata = from-file\nmail-from = file@example.org\naddr = 127.0.0.1:1\n")
	env := map[string]string{"UNDERSIGNED_CONFIG": config, "UNDERSIGNED_DATA": "from-environment", "UNDERSIGNED_ADDR": "127.0.0.1:2"}
	s, err := parseSettings(t, env, "--addr", "127.0.0.1:3")
	if err != nil {
		t.Fatal(err)
	}
	if s.Addr != "127.0.0.1:3" || s.Data != "from-environment" || s.MailFrom != "file@example.org" {
		t.Errorf("%+v", s)
	}
}

func TestSecretComesFromItsOwnFile(t *testing.T) {
	secret := writeFile(t, "smtp://user:password@mail.example.org:587\n")
	s, err := parseSettings(t, map[string]string{"UNDERSIGNED_SMTP_URL_FILE": secret, "UNDERSIGNED_ROOT_KEY_FILE": "/run/root.key"})
	if err != nil {
		t.Fatal(err)
	}
	if s.SMTPURL != "smtp://user:password@mail.example.org:587" || s.RootKeyFile != "/run/root.key" {
		t.Errorf("%+v", s)
	}
}

func TestWrongSettingIsRefusedByName(t *testing.T) {
	for name, c := range map[string]struct {
		env  map[string]string
		args []string
		want string
	}{
		"unknown flag":        {args: []string{"--adr", "x"}, want: "--adr"},
		"unknown variable":    {env: map[string]string{"UNDERSIGNED_ADR": "x"}, want: "adr"},
		"unknown line":        {args: []string{"--config", writeFile(t, "adr = x")}, want: "adr"},
		"line without value":  {args: []string{"--config", writeFile(t, "\naddr")}, want: ":2: expected NAME = VALUE"},
		"line given twice":    {args: []string{"--config", writeFile(t, "addr = a\naddr = b")}, want: "twice"},
		"no settings file":    {args: []string{"--config", "/does/not/exist"}, want: "settings file"},
		"no secret file":      {env: map[string]string{"UNDERSIGNED_SMTP_URL_FILE": "/does/not/exist"}, want: "UNDERSIGNED_SMTP_URL_FILE"},
		"address without":     {args: []string{"--addr", "8080"}, want: "HOST:PORT"},
		"base URL of no kind": {args: []string{"--base-url", "ftp://example.org"}, want: "base-url"},
		"base URL with path":  {args: []string{"--base-url", "https://example.org/cause"}, want: "base-url"},
		"other database":      {args: []string{"--database-url", "mysql://x"}, want: "database-url"},
		"proxy by name":       {args: []string{"--trusted-proxies", "proxy.example.org"}, want: "trusted-proxies"},
		"format of the log":   {args: []string{"--log-format", "xml"}, want: "log-format"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := parseSettings(t, c.env, c.args...)
			if !errors.As(err, &UsageError{}) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestDatabaseOnAnotherMachineShowsACertificateUnlessTheURLSaysOtherwise(t *testing.T) {
	for given, want := range map[string]string{
		"":                                      "",
		"postgres:///site?host=/run/postgresql": "postgres:///site?host=/run/postgresql",
		"postgres://localhost:5432/site":        "postgres://localhost:5432/site",
		"postgres://127.0.0.1/site":             "postgres://127.0.0.1/site",
		"postgres://db.example.org/site":        "postgres://db.example.org/site?sslmode=verify-full",
		"postgres://u:p@10.0.0.7:5432/site?application_name=x": "postgres://u:p@10.0.0.7:5432/site?application_name=x&sslmode=verify-full",
		"postgres:///site?host=db.example.org":                 "postgres:///site?host=db.example.org&sslmode=verify-full",
		"postgres://db.example.org/site?sslmode=disable":       "postgres://db.example.org/site?sslmode=disable",
	} {
		s, err := parseSettings(t, nil, "--database-url", given)
		if err != nil || s.DatabaseURL != want {
			t.Errorf("%s: %q, %v", given, s.DatabaseURL, err)
		}
	}
	if _, err := parseSettings(t, nil, "--database-url", "postgres://u:s3cret%@db.example.org"); err == nil || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("a URL that cannot be read: %v", err)
	}
}

func TestLocalIsTheHostOfTheBaseURL(t *testing.T) {
	for url, want := range map[string]bool{
		"http://localhost:8080": true, "http://127.0.0.1": true, "http://[::1]:8080": true,
		"https://example.org": false, "http://10.0.0.1": false, "http://localhost.example.org": false,
	} {
		s, err := parseSettings(t, nil, "--base-url", url)
		if err != nil || s.Local() != want {
			t.Errorf("%s: local %v, %v", url, s.Local(), err)
		}
	}
}

func TestSenderIsAnAddressAlsoWhereTheSiteIsANumber(t *testing.T) {
	for url, want := range map[string]string{"http://127.0.0.1:8080": "no-reply@localhost", "http://[::1]": "no-reply@localhost",
		"https://example.org": "no-reply@example.org"} {
		if s, err := parseSettings(t, nil, "--base-url", url); err != nil || s.MailFrom != want {
			t.Errorf("%s: %q, %v", url, s.MailFrom, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("# comment\naddr = 127.0.0.1:8080\n")
	f.Add("=\n==\n\x00 = \xff")
	f.Fuzz(func(t *testing.T, text string) {
		values, err := parse("settings", text)
		if (values == nil) != (err != nil) {
			t.Errorf("values %v with error %v", values, err)
		}
		for name := range values {
			if name == "" || strings.ContainsAny(name, "=\n") {
				t.Errorf("the name %q", name)
			}
		}
	})
}

// FuzzCheck gives settings of any kind: what is taken can be used, and a database elsewhere is not reached in the clear unasked.
func FuzzCheck(f *testing.F) {
	f.Add("127.0.0.1:8080", "https://cause.example", "postgres://u:p@db.example/x", "10.0.0.0/8", "owner@cause.example", 6)
	f.Add("[::]:80", "http://[::1]:80/", "postgresql:///x?host=/run", "::1", "", -1)
	f.Fuzz(func(t *testing.T, addr, base, database, proxy, owner string, letters int) {
		s := Settings{Addr: addr, BaseURL: base, DatabaseURL: database, TrustedProxies: []string{proxy}, OwnerEmail: owner, LettersPerMinute: letters}
		if s.Check() != nil {
			return
		}
		if s.Base().Host == "" || len(s.Proxies()) != 1 || s.MailFrom == "" {
			t.Errorf("taken, and of no use: %+v", s)
		}
		s.Local()
		if u, err := url.Parse(s.DatabaseURL); err == nil && u.Hostname() != "" && !u.Query().Has("host") && !loopback(u.Hostname()) && !u.Query().Has("sslmode") {
			t.Errorf("%q may be reached in the clear", s.DatabaseURL)
		}
	})
}
