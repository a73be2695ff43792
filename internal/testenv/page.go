package testenv

import (
	"context"
	"net/url"
	"os"
	"slices"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
)

// Viewport is an action that sets the page's width in CSS pixels and the device
// pixels in each. Below 600 it is a phone: 740 high, with touch and the page's
// viewport tag obeyed. Otherwise it is a desk's screen, 900 high.
func Viewport(width int, scale float64) chromedp.Action[chromedp.Void] {
	if width < 600 {
		return chromedp.EmulateViewport(int64(width), 740, chromedp.EmulateScale(scale),
			chromedp.EmulatePortrait, chromedp.EmulateMobile, chromedp.EmulateTouch)
	}
	return chromedp.EmulateViewport(int64(width), 900, chromedp.EmulateScale(scale))
}

// DarkMode is an action: the reader prefers a dark page. It undoes PrintMedia.
func DarkMode(ctx context.Context, tab *chromedp.Target) (chromedp.Void, error) {
	return emulate(ctx, tab, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}},
	})
}

// PrintMedia is an action: the page is styled as on paper. It undoes DarkMode.
func PrintMedia(ctx context.Context, tab *chromedp.Target) (chromedp.Void, error) {
	return emulate(ctx, tab, emulation.SetEmulatedMediaParams{Media: "print"})
}

func emulate(ctx context.Context, tab *chromedp.Target, media emulation.SetEmulatedMediaParams) (void chromedp.Void, err error) {
	_, err = cdp.Call(ctx, tab, emulation.SetEmulatedMedia, media)
	return void, err
}

// JavaScriptOff is an action: the pages opened from now on run no script of
// their own. chromedp.Evaluate still works, but for promises and timers.
func JavaScriptOff(ctx context.Context, tab *chromedp.Target) (chromedp.Void, error) {
	return javaScript(false)(ctx, tab)
}

func javaScript(on bool) chromedp.Action[chromedp.Void] {
	return func(ctx context.Context, tab *chromedp.Target) (void chromedp.Void, err error) {
		_, err = cdp.Call(ctx, tab, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !on})
		return void, err
	}
}

// Screenshot is an action that writes the whole page, below the fold too, to a PNG file.
func Screenshot(path string) chromedp.Action[chromedp.Void] {
	return func(ctx context.Context, tab *chromedp.Target) (void chromedp.Void, err error) {
		const lossless = 100
		png, err := chromedp.FullScreenshot(lossless)(ctx, tab)
		if err != nil {
			return void, err
		}
		return void, os.WriteFile(path, png, 0o644)
	}
}

// Requests are the addresses that a tab has asked for, in order.
type Requests struct {
	mu   sync.Mutex
	urls []string
}

// RecordRequests notes each request that the tab's pages make from now on, also
// those that a policy or the browser's offline state then stops.
func RecordRequests(t testing.TB, ctx context.Context) *Requests {
	t.Helper()
	r := new(Requests)
	note := func(url string) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.urls = append(r.urls, url)
	}
	err := chromedp.Listen(ctx, func(ev any) {
		switch ev := ev.(type) {
		case *network.EventRequestWillBeSent:
			note(ev.Request.URL)
		case *network.EventWebSocketCreated:
			note(ev.URL)
		}
	})
	if err != nil {
		t.Fatalf("listen to the tab: %v", err)
	}
	if _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); err != nil {
		t.Fatalf("record requests: %v", err)
	}
	return r
}

// URLs returns the addresses asked for so far.
func (r *Requests) URLs() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.urls)
}

// Elsewhere returns those of the URLs that are not of the site. What a page
// carries in itself (data:, blob:, about:) is of the site.
func (r *Requests) Elsewhere(site string) []string {
	home, err := url.Parse(site)
	if err != nil {
		return r.URLs()
	}
	return slices.DeleteFunc(r.URLs(), func(raw string) bool {
		u, err := url.Parse(raw)
		return err == nil && (u.Host == home.Host || u.Scheme == "data" || u.Scheme == "blob" || u.Scheme == "about")
	})
}

// Authenticator is an action: the browser has a device with passkeys, whose owner always says yes.
func Authenticator(ctx context.Context, tab *chromedp.Target) (void chromedp.Void, err error) {
	if _, err = cdp.Call(ctx, tab, webauthn.Enable, webauthn.EnableParams{}); err != nil {
		return void, err
	}
	_, err = cdp.Call(ctx, tab, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{
		Options: &webauthn.VirtualAuthenticatorOptions{Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal,
			HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true}})
	return void, err
}
