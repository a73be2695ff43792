package testenv

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"
)

// A Violation is one accessibility rule that a page breaks, in axe-core's words.
type Violation struct {
	ID     string // the rule: "label", "color-contrast"
	Impact string // minor, moderate, serious or critical
	Help   string // what the rule asks for
	Nodes  []struct {
		Target []string // a CSS selector for each frame on the way to the element
	}
}

func (v Violation) String() string {
	var at []string
	for _, n := range v.Nodes {
		at = append(at, strings.Join(n.Target, " "))
	}
	return fmt.Sprintf("%s (%s): %s, at %s", v.ID, v.Impact, v.Help, strings.Join(at, ", "))
}

// Axe checks the page in the tab with axe-core and returns what it found. The
// page's own policy does not hinder it. It undoes JavaScriptOff, since axe-core
// waits for timers; the scripts that did not run when the page opened still do not.
func Axe(t testing.TB, ctx context.Context) []Violation {
	t.Helper()
	need(t, PartChromium)
	script, err := axeScript()
	if err != nil {
		t.Fatalf("read axe-core: %v", err)
	}
	if err := chromedp.Do(ctx, javaScript(true), chromedp.Evaluate[chromedp.Void](script)); err != nil {
		t.Fatalf("load axe-core into the page: %v", err)
	}
	// preload would fetch the page's files again, as requests of its own.
	const run = `axe.run(document, {resultTypes: ["violations"], preload: false}).then(r => r.violations)`
	found, err := chromedp.Run(ctx, chromedp.Evaluate[[]Violation](run, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatalf("run axe-core: %v", err)
	}
	return found
}

// axeSum is the pinned file of axe-core: its SHA-256 and its name, which holds
// the version, as sha256sum writes them. .ci/setup reads the same line.
//
//go:embed axe-core.sha256
var axeSum string

// axeScript returns axe-core from the user's cache folder, where .ci/setup puts
// it, once its hash has been found right.
var axeScript = sync.OnceValues(func() (string, error) {
	sum, name, _ := strings.Cut(strings.TrimSpace(axeSum), "  ")
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	script, err := os.ReadFile(filepath.Join(cache, "undersigned", name))
	if err != nil {
		return "", err
	}
	if have := sha256.Sum256(script); hex.EncodeToString(have[:]) != sum {
		return "", fmt.Errorf("%s is not the file it should be", name)
	}
	return string(script), nil
})
