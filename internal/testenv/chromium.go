package testenv

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/remote"
)

// patience is how long one test may use its tab, and one start of the browser
// may take on a busy machine.
const patience = time.Minute

// Chromium returns the context of a new tab for chromedp. Tests share the
// browser but no cookie, storage or cache. The context ends with the test, or
// after a minute.
func Chromium(t testing.TB) context.Context {
	t.Helper()
	need(t, PartChromium)
	browser, err := startBrowser()
	if err != nil {
		t.Fatalf("start Chromium: %v", err)
	}
	tab, cancel := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	// The tab lives as long as the context of its first call, which must
	// therefore have no deadline.
	if err := chromedp.Do(tab); err != nil {
		t.Fatalf("open a tab: %v", err)
	}
	ctx, cancel := context.WithTimeout(tab, patience)
	t.Cleanup(cancel)
	return ctx
}

// startBrowser starts the process's browser, once, with an empty profile. No
// host but this machine has an address for it, so that a page that asks for
// another is the same online and offline.
var startBrowser = sync.OnceValues(func() (context.Context, error) {
	dir, err := keptDir("chromium", nil)
	if err != nil {
		return nil, err
	}
	const start = `
"$BROWSER" $SANDBOX --headless=new --remote-debugging-port=0 --user-data-dir="$KEPT/profile" \
	--disable-gpu --disable-quic --no-first-run --no-default-browser-check --no-pings \
	--disable-background-networking --disable-component-update --disable-sync \
	--disable-default-apps --disable-extensions --disable-breakpad --disable-dev-shm-usage \
	--disable-features=Translate,MediaRouter,OptimizationHints --password-store=basic \
	--use-mock-keychain --mute-audio --hide-scrollbars --force-color-profile=srgb --lang=en-US \
	--host-resolver-rules="MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE *.localhost, EXCLUDE 127.0.0.1, EXCLUDE [::1]" \
	about:blank >log 2>&1 &
browser=$!
until [ -s profile/DevToolsActivePort ]; do
	kill -0 $browser 2>/dev/null || { cat log; exec rm -rf "$KEPT"; }
	sleep 0.1
done
{ read -r port; read -r path; } <profile/DevToolsActivePort
echo "ready ws://127.0.0.1:$port$path"`
	const stop = `kill $browser 2>/dev/null; wait $browser`
	sandbox := "SANDBOX="
	if os.Geteuid() == 0 {
		sandbox = "SANDBOX=--no-sandbox" // Chromium refuses to sandbox root
	}
	address, err := keep(dir, nil, start, stop, "BROWSER="+browserPath(), sandbox)
	if err != nil {
		return nil, err
	}
	there, _ := remote.NewAllocator(context.Background(), address, remote.NoModifyURL, remote.WithDialTimeout(patience))
	browser, _ := chromedp.NewContext(there)
	return browser, chromedp.Do(browser)
})

// browserPath returns the browser's program, "" where there is none.
func browserPath() string {
	for _, name := range []string{
		"chromium", "chromium-browser", "google-chrome", "google-chrome-stable",
		"/Applications/Chromium.app/Contents/MacOS/Chromium",
		"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
	} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

func missingChromium() string {
	if browserPath() == "" {
		return "Chromium is nowhere to be found; `make setup` installs it."
	}
	if _, err := axeScript(); err != nil {
		return fmt.Sprintf("axe-core is missing (%v); `make setup` fetches it.", err)
	}
	return ""
}
