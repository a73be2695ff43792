// Package chromium tries the browser; see package testenv.
package chromium

import (
	"context"
	"fmt"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/undersigned/undersigned/internal/testenv"
)

func TestMain(m *testing.M) { testenv.Main(m, testenv.PartChromium) }

// page is a sound page but for the faults that the tests look for: a field
// without a label, and a picture from another host.
const page = `<!doctype html>
<html lang="en">
<title>A page</title>
<meta name="viewport" content="width=device-width">
<style>
h1 { color: #111 }
@media (prefers-color-scheme: dark) { h1 { color: #eee } }
@media print { h1 { color: #000 } }
main { height: 3000px }
</style>
<main>
<h1>Written by the server</h1>
<input id="nameless">
<img src="https://elsewhere.example/pixel.png" alt="">
</main>
<script>document.querySelector("h1").textContent = "Written by a script"</script>
`

// visit opens the page in a tab of its own, after the actions.
func visit(t *testing.T, before ...chromedp.Action[chromedp.Void]) (ctx context.Context, site string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Write([]byte(page))
	}))
	t.Cleanup(server.Close)
	ctx = testenv.Chromium(t)
	if err := chromedp.Do(ctx, append(before, chromedp.Navigate(server.URL))...); err != nil {
		t.Fatal(err)
	}
	return ctx, server.URL
}

func evaluate[T any](t *testing.T, ctx context.Context, expression string) T {
	t.Helper()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return v
}

const (
	heading = `document.querySelector("h1").textContent`
	colour  = `getComputedStyle(document.querySelector("h1")).color`
)

func TestScriptsRunUnlessSwitchedOff(t *testing.T) {
	ctx, _ := visit(t)
	if got := evaluate[string](t, ctx, heading); got != "Written by a script" {
		t.Errorf("with scripts the heading is %q", got)
	}
	ctx, _ = visit(t, testenv.JavaScriptOff)
	if got := evaluate[string](t, ctx, heading); got != "Written by the server" {
		t.Errorf("without scripts the heading is %q", got)
	}
}

func TestDarkModeAndPrintChangeTheStyle(t *testing.T) {
	for _, c := range []struct {
		before []chromedp.Action[chromedp.Void]
		want   string
	}{
		{nil, "rgb(17, 17, 17)"},
		{[]chromedp.Action[chromedp.Void]{testenv.DarkMode}, "rgb(238, 238, 238)"},
		{[]chromedp.Action[chromedp.Void]{testenv.PrintMedia}, "rgb(0, 0, 0)"},
	} {
		ctx, _ := visit(t, c.before...)
		if got := evaluate[string](t, ctx, colour); got != c.want {
			t.Errorf("the heading is %s, not %s", got, c.want)
		}
	}
}

func TestScreenshotHoldsTheWholePageAtTheDevicesScale(t *testing.T) {
	for _, c := range []struct {
		width int
		scale float64
	}{{360, 2}, {1280, 1}} {
		path := filepath.Join(t.TempDir(), "page.png")
		ctx, _ := visit(t, testenv.Viewport(c.width, c.scale))
		if err := chromedp.Do(ctx, testenv.Screenshot(path)); err != nil {
			t.Fatal(err)
		}
		file, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		picture, err := png.DecodeConfig(file)
		if err != nil {
			t.Fatal(err)
		}
		scale := int(c.scale)
		if picture.Width != c.width*scale || picture.Height < 3000*scale {
			t.Errorf("the picture of %d at %d is %d × %d", c.width, scale, picture.Width, picture.Height)
		}
	}
}

func TestRequestForAnotherHostIsRecorded(t *testing.T) {
	ctx, _ := visit(t)
	requests := testenv.RecordRequests(t, ctx)
	if err := chromedp.Do(ctx, chromedp.Reload()); err != nil {
		t.Fatal(err)
	}
	site := evaluate[string](t, ctx, "location.href")
	if !slices.Contains(requests.URLs(), site) {
		t.Errorf("the page itself is not among %q", requests.URLs())
	}
	want := []string{"https://elsewhere.example/pixel.png"}
	if got := requests.Elsewhere(site); !slices.Equal(got, want) {
		t.Errorf("requests for elsewhere: %q", got)
	}
}

func TestTabsShareNoCookie(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "seen", Value: "yes"})
		fmt.Fprintf(w, "cookies: %s", r.Header.Get("Cookie"))
	}))
	defer server.Close()
	for range 2 {
		ctx := testenv.Chromium(t)
		if err := chromedp.Do(ctx, chromedp.Navigate(server.URL)); err != nil {
			t.Fatal(err)
		}
		if got := evaluate[string](t, ctx, "document.body.textContent"); got != "cookies: " {
			t.Errorf("a new tab sent %s", got)
		}
	}
}

func TestAxeFindsTheFieldWithoutALabel(t *testing.T) {
	ctx, _ := visit(t, testenv.JavaScriptOff)
	found := testenv.Axe(t, ctx)
	if len(found) != 1 || found[0].ID != "label" || found[0].Nodes[0].Target[0] != "#nameless" {
		t.Errorf("axe found %v", found)
	}
}
