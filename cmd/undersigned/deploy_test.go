package main

import (
	"bytes"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/undersigned/undersigned/internal/config"
	"github.com/undersigned/undersigned/internal/testenv"
)

// shipped gives the lines of a file for operators, without comments.
func shipped(t *testing.T, name string) (lines []string) {
	t.Helper()
	text, err := os.ReadFile("../../deploy/" + name)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
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
