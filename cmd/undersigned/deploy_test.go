package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/undersigned/undersigned/internal/config"
	"github.com/undersigned/undersigned/internal/testenv"
)

// whole gives a file for operators.
func whole(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile("../../deploy/" + name)
	must(t, err)
	return string(text)
}

// shipped gives the lines of a file for operators, without comments.
func shipped(t *testing.T, name string) (lines []string) {
	t.Helper()
	for line := range strings.Lines(whole(t, name)) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			lines = append(lines, line)
		}
	}
	return lines
}

func TestShippedUnitTakesAwayWhatTheProgramDoesNotNeed(t *testing.T) {
	unit := "\n" + strings.Join(shipped(t, "undersigned.service"), "\n") + "\n"
	for _, line := range []string{"User=undersigned", "UMask=0077", "StateDirectoryMode=0700", "LimitCORE=0", "MemorySwapMax=0",
		"ProtectSystem=strict", "ProtectHome=yes", "PrivateTmp=yes", "PrivateDevices=yes", "NoNewPrivileges=yes",
		"CapabilityBoundingSet=", "AmbientCapabilities=", "MemoryDenyWriteExecute=yes", "SystemCallFilter=~@privileged @resources",
		"LoadCredential=root.key:/etc/undersigned/root.key"} {
		if !strings.Contains(unit, "\n"+line+"\n") {
			t.Errorf("the unit lacks %s", line)
		}
	}
}

// systemd's own judgement: 0 is a service that can do nothing, 10 one that can do everything.
func TestShippedUnitIsWhatSystemdCallsSafe(t *testing.T) {
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		testenv.LeaveOut(t, "systemd-analyze", "It comes with systemd, 250 or newer.")
	}
	said, err := exec.Command(analyze, "security", "--offline=true", "--no-pager", "--threshold=15", "../../deploy/undersigned.service").CombinedOutput()
	if bytes.Contains(said, []byte("unrecognized option")) {
		testenv.LeaveOut(t, "systemd-analyze", "This one is older than 250.")
	}
	if err != nil {
		t.Errorf("%v: %s", err, said)
	}
	_, verdict, _ := strings.Cut(string(said), "Overall exposure level")
	t.Log(strings.TrimSpace(verdict))
}

func TestShippedSettingsAreUnderstoodAndHoldNoSecret(t *testing.T) {
	for _, line := range shipped(t, "undersigned.env") {
		name, value, _ := strings.Cut(line, "=")
		if strings.Contains(name, "SMTP_URL") || strings.Contains(name, "ROOT_KEY") {
			t.Errorf("%s stands among the settings", name)
		}
		t.Setenv(name, value)
	}
	var grammar struct {
		config.Settings
		Serve struct{} `cmd:""`
	}
	if _, err := config.Parse(&grammar, &grammar.Settings, []string{"serve"}, &bytes.Buffer{}); err != nil {
		t.Error(err)
	}
	if grammar.Addr != "127.0.0.1:8080" || len(grammar.TrustedProxies) == 0 {
		t.Errorf("without its proxy: %s, %v", grammar.Addr, grammar.TrustedProxies)
	}
}

// TestShippedWrapperRunsCommandsAsTheServiceWould types what undersigned.service begins with, on folders of its own and without
// another user.
func TestShippedWrapperRunsCommandsAsTheServiceWould(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		must(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700), os.WriteFile(filepath.Join(dir, name), []byte(text), 0o700))
	}
	here := func(args ...string) (string, error) {
		cmd := exec.Command("sh", append([]string{filepath.Join(dir, "undersigned-here")}, args...)...)
		cmd.Env = append(os.Environ(), "PATH="+filepath.Join(dir, "fake")+":"+os.Getenv("PATH"))
		said, err := cmd.CombinedOutput()
		return string(said), err
	}
	elsewhere := strings.NewReplacer("/etc/undersigned", dir+"/etc", "/run/", dir+"/run/", "/var/lib/", dir+"/")
	write("undersigned-here", elsewhere.Replace(whole(t, "undersigned-here")))
	write("etc/undersigned.env", elsewhere.Replace(whole(t, "undersigned.env"))+"UNDERSIGNED_LETTERS_PER_MINUTE=7")
	write("etc/smtp-url", "smtps://user:password@mail.example.org:465\n")
	write("fake/chown", "#!/bin/sh\necho chown \"$@\" >>"+dir+"/seen\n")
	write("fake/chgrp", "#!/bin/sh\necho chgrp \"$@\" >>"+dir+"/seen\n")
	write("fake/runuser", "#!/bin/sh\n[ \"$1 $2 $3\" = '-u undersigned --' ] || exit 99\nenv >>"+dir+"/seen\nshift 3\nexec \"$@\"\n")
	must(t, os.Mkdir(filepath.Join(dir, "run"), 0o700))

	if said, err := here("keys", "list"); err == nil {
		t.Errorf("without a root key: %s", said)
	}
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"keys", "init"}, "The root key is in " + dir + "/etc/root.key"},
		{[]string{"import", "../../packs/immigration-detention"}, "imported"},
		{[]string{"settings", "set", "name", "Un techo"}, ""},
		{[]string{"settings", "get", "name"}, "Un techo"},
		{[]string{"keys", "dkim"}, "_domainkey.example.org."},
		{[]string{"keys", "rotate"}, "A new root key is in " + dir + "/etc/root.key"},
		{[]string{"keys", "list"}, "immigration-detention/equality-under-the-law"},
	} {
		if said, err := here(c.args...); err != nil || !strings.Contains(said, c.want) {
			t.Fatalf("%v: %v: %s", c.args, err, said)
		}
	}
	seen, err := os.ReadFile(filepath.Join(dir, "seen"))
	must(t, err)
	for _, want := range []string{"UNDERSIGNED_SMTP_URL=smtps://user:password@mail.example.org:465\n", "UNDERSIGNED_LETTERS_PER_MINUTE=7\n",
		"chown -R undersigned " + dir + "/etc\n", "chown -R root:root " + dir + "/etc\n", "chgrp -R undersigned " + dir + "/run/"} {
		if !strings.Contains(string(seen), want) {
			t.Errorf("not seen: %q", want)
		}
	}
	if left, err := os.ReadDir(filepath.Join(dir, "run")); err != nil || len(left) > 0 {
		t.Errorf("copies of the root key are left: %v, %v", left, err)
	}
	var exit *exec.ExitError
	if said, err := here("keys", "nonsense"); !errors.As(err, &exit) || exit.ExitCode() != 2 {
		t.Errorf("wrong usage: %v: %s", err, said)
	}
}

func TestShippedProxyLogsNoRequestAndHidesTheMetrics(t *testing.T) {
	proxy := strings.Join(shipped(t, "Caddyfile"), "\n")
	for _, words := range []string{"request delete", "@operator path /metrics /metrics/*\nrespond @operator 404", "request_body @readers {\nmax_size 1MB", "request_body @desk {\nmax_size 9MB", "header_up -Forwarded"} {
		if !strings.Contains(proxy, words) {
			t.Errorf("the proxy lacks %q", words)
		}
	}
	if strings.Contains(proxy, "\nlog {") {
		t.Error("the proxy has an access log")
	}
}

// What a million signers are is measured: docs/operations.md, "Offices of Congress".
func TestShippedProxyLetsThePacketOfAMillionSignersThrough(t *testing.T) {
	const made, size, line = 119 * time.Second, 1.7e9, 5e6 / 8 // until its first byte, on a small machine; bytes; bytes in a second
	proxy := strings.Join(shipped(t, "Caddyfile"), "\n")
	found := regexp.MustCompile(`(?s)\nwrite (\S+)\n.*@exports path_regexp (\S+)\nreverse_proxy @exports [^}]*\nresponse_header_timeout (\S+)\n`).FindStringSubmatch(proxy)
	if found == nil {
		t.Fatal("the proxy has no time of its own for exports")
	}
	for _, path := range []string{"/admin/exports/packet", "/es/admin/exports/packet"} {
		if !regexp.MustCompile(found[2]).MatchString(path) {
			t.Errorf("%s is no export to the proxy", path)
		}
	}
	write, err := time.ParseDuration(found[1])
	must(t, err)
	header, err := time.ParseDuration(found[3])
	must(t, err)
	if header < 2*made {
		t.Errorf("it waits %v for a first byte that may take %v", header, made)
	}
	if all := made + time.Duration(size/line*float64(time.Second)); write < all {
		t.Errorf("it cuts off after %v what takes %v", write, all)
	}
}
