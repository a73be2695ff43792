package action

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"regexp"
	"strings"
	"testing"

	"github.com/undersigned/undersigned"
)

func wantLogo(t *testing.T, name string, file []byte, key string) *undersigned.Logo {
	t.Helper()
	logo, err := CleanLogo(file)
	var wrong *undersigned.Error
	switch {
	case key == "" && err != nil:
		t.Errorf("%s: %v", name, err)
	case key != "" && (!errors.As(err, &wrong) || wrong.Fields[0].Field != "logo" || wrong.Fields[0].Key != key):
		t.Errorf("%s: %v, want %s", name, err, key)
	}
	return logo
}

func square(width, height int) image.Image {
	img := image.NewPaletted(image.Rect(0, 0, width, height), color.Palette{color.White, color.Black})
	for i := range img.Pix {
		img.Pix[i] = byte(i % 2)
	}
	return img
}

func TestPictureIsDrawnAnewAndSmall(t *testing.T) {
	encoded := map[string]func(*bytes.Buffer, image.Image) error{
		"png":  func(b *bytes.Buffer, img image.Image) error { return png.Encode(b, img) },
		"jpeg": func(b *bytes.Buffer, img image.Image) error { return jpeg.Encode(b, img, nil) },
		"gif":  func(b *bytes.Buffer, img image.Image) error { return gif.Encode(b, img, nil) },
	}
	for kind, encode := range encoded {
		for _, test := range []struct{ w, h, width, height int }{{1200, 400, 120, 40}, {2400, 100, 240, 10}, {60, 60, 40, 40}, {20, 20, 40, 40}} {
			var file bytes.Buffer
			must(t, encode(&file, square(test.w, test.h)))
			file.WriteString("Canary behind the picture") // and whatever else a file carries
			logo := wantLogo(t, kind, file.Bytes(), "")
			if logo == nil {
				continue
			}
			drawn, err := png.Decode(bytes.NewReader(logo.Data))
			must(t, err)
			if logo.Type != "image/png" || logo.Width != test.width || logo.Height != test.height || bytes.Contains(logo.Data, []byte("Canary")) ||
				drawn.Bounds().Dx() > logoScale*logoWidth || drawn.Bounds().Dy() > logoScale*logoHeight || drawn.Bounds().Dx() < test.width {
				t.Errorf("%s %dx%d becomes %s %dx%d in %v", kind, test.w, test.h, logo.Type, logo.Width, logo.Height, drawn.Bounds())
			}
		}
	}
}

// pngHead is the head of a picture of any size, with a body that is none.
func pngHead(width, height uint32) []byte {
	var chunk bytes.Buffer
	chunk.WriteString("IHDR")
	binary.Write(&chunk, binary.BigEndian, []uint32{width, height})
	chunk.Write([]byte{8, 6, 0, 0, 0})
	out := []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d")
	out = append(out, chunk.Bytes()...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(chunk.Bytes()))
}

func TestWhatIsNoLogoIsRefusedKindly(t *testing.T) {
	var thin bytes.Buffer
	must(t, png.Encode(&thin, square(1200, 2)))
	for name, test := range map[string]struct {
		file []byte
		key  string
	}{
		"30 MB":            {make([]byte, 30<<20), "error.logo.large"},
		"nothing":          {nil, "error.logo"},
		"text":             {[]byte("hello"), "error.logo"},
		"a page":           {[]byte("<!doctype html><html><body>hello</body></html>"), "error.logo"},
		"a picture bomb":   {pngHead(60000, 60000), "error.logo.pixels"},
		"a wide bomb":      {pngHead(1<<31-1, 1), "error.logo.pixels"},
		"a picture, cut":   {pngHead(100, 100), "error.logo"},
		"too thin":         {thin.Bytes(), "error.logo.shape"},
		"a video":          {[]byte("\x00\x00\x00\x20ftypisom"), "error.logo"},
		"two bytes of GIF": {[]byte("GIF89a"), "error.logo"},
	} {
		wantLogo(t, name, test.file, test.key)
	}
}

func svg(inner string) []byte {
	return []byte(`<?xml version="1.0" encoding="UTF-8"?><!-- drawn --><svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 300 100">` + inner + `</svg>`)
}

func TestDrawingHasOnlyWhatDraws(t *testing.T) {
	logo := wantLogo(t, "drawing", svg(`<metadata>Canary</metadata><sodipodi:namedview xmlns:sodipodi="urn:x" bordercolor="Canary"/>
		<title>Us &amp; them</title><defs><linearGradient id="g"><stop offset="0" stop-color="#f00"/></linearGradient><clipPath id="c"><rect width="9" height="9"/></clipPath></defs>
		<g id="Layer_1" inkscape:label="Canary" xmlns:inkscape="urn:y" clip-path="url(#c)"><path d="M0 0h9v9z" style="fill:url(#g);-inkscape-x:Canary;stroke : red" class="Canary" data-x="Canary"/></g>
		<text x="1" y="2" font-size="12">Words</text><use xlink:href="#c"/>`), "")
	if logo == nil {
		return
	}
	text := string(logo.Data)
	for _, want := range []string{`fill="url(#g)"`, `stroke="red"`, `id="g"`, `clip-path="url(#c)"`, "Us &amp; them", "Words", `viewBox="0 0 300 100"`, `width="120" height="40"`, `xlink:href="#c"`} {
		if !strings.Contains(text, want) {
			t.Errorf("it has no %s: %s", want, text)
		}
	}
	for _, unwanted := range []string{"Canary", "Layer_1", "drawn", "style", "<?xml"} {
		if strings.Contains(text, unwanted) {
			t.Errorf("it has %s: %s", unwanted, text)
		}
	}
	if again, err := CleanLogo(logo.Data); err != nil || string(again.Data) != text {
		t.Errorf("cleaned twice it is another: %v", err)
	}
}

func TestDrawingThatDoesSomethingIsRefused(t *testing.T) {
	for inner, key := range map[string]string{
		`<script>alert(1)</script>`:                                  "error.logo.script",
		`<SCRIPT href="x"/>`:                                         "error.logo.script",
		`<x:script xmlns:x="urn:x">1</x:script>`:                     "error.logo.script",
		`<rect onload="x()"/>`:                                       "error.logo.script",
		`<rect ONCLICK="x()"/>`:                                      "error.logo.script",
		`<use href=" java&#10;script:x"/>`:                           "error.logo.script",
		`<use href="https://evil.example/x#a"/>`:                     "error.logo.parts",
		`<image href="data:image/png;base64,AA=="/>`:                 "error.logo.parts",
		`<foreignObject><body/></foreignObject>`:                     "error.logo.parts",
		`<a href="https://evil.example"/>`:                           "error.logo.parts",
		`<animate attributeName="x"/>`:                               "error.logo.parts",
		`<style>@import "x"</style>`:                                 "error.logo.style",
		`<rect fill="url(https://evil.example/x)"/>`:                 "error.logo.parts",
		`<rect style="fill:u\72l(x)"/>`:                              "error.logo.parts",
		`<rect style="fill: url( 'x' )"/>`:                           "error.logo.parts",
		`<rect>&bomb;</rect>`:                                        "error.logo",
		`<g id="a"><use href="#b"/></g><use href="#a"/>`:             "error.logo.parts",
		`<mask id="a"><g mask="url(#a)"/></mask><g mask="url(#a)"/>`: "error.logo.parts",
		strings.Repeat("<g>", 100) + strings.Repeat("</g>", 100):     "error.logo.drawing",
		strings.Repeat("<g/>", 6000):                                 "error.logo.drawing",
		`<path d="` + strings.Repeat("M0 0", 100_000) + `"/>`:        "error.logo.drawing",
		`<g>`: "error.logo",
	} {
		name := inner
		if len(name) > 60 {
			name = name[:60]
		}
		wantLogo(t, name, svg(inner), key)
	}
	wantLogo(t, "a DTD with entities", []byte(`<!DOCTYPE svg [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><text>&b;</text></svg>`), "error.logo")
	wantLogo(t, "a drawing of another namespace", []byte(`<svg xmlns="http://example.org/2000/svg" viewBox="0 0 9 9"/>`), "error.logo")
	wantLogo(t, "no size", []byte(`<svg xmlns="http://www.w3.org/2000/svg" width="100%"/>`), "error.logo.size")
	wantLogo(t, "two units", []byte(`<svg xmlns="http://www.w3.org/2000/svg" width="3in" height="90"/>`), "error.logo.size")
	wantLogo(t, "a size in millimetres", []byte(`<svg xmlns="http://www.w3.org/2000/svg" width="30mm" height="10mm"/>`), "")
	wantLogo(t, "no size that is one", []byte(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 NaN 1"/>`), "error.logo.shape")
}

// loadsElsewhere finds an attribute: a quotation mark in a text is written as &#34;.
var loadsElsewhere = regexp.MustCompile(`="[^"]*url\(http`)

// FuzzLogo gives files of any kind: what is taken has nothing in it that could do something, and is taken again as it is.
func FuzzLogo(f *testing.F) {
	f.Add(svg(`<g id="a"><path d="M0 0" style="fill:url(#a)"/></g>`))
	f.Add(svg(`<use xlink:href="#a"/><text>x</text>`))
	f.Add(svg(`<text><![CDATA[]]></text><text>url(http</text>`))
	f.Add(svg(`<g id='a'/><rect fill='url(#a)' fill='red'/>`))
	f.Add(svg(`<g id='a'/><rect fill='url(#a)' style='fill:red'/>`))
	f.Add([]byte(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" x="#a"><g id="a"/></svg>`))
	f.Add(pngHead(10, 10))
	f.Add([]byte("RIFF\x00\x00\x00\x00WEBPVP8 "))
	f.Fuzz(func(t *testing.T, file []byte) {
		logo, err := CleanLogo(file)
		if err != nil {
			if undersigned.KindOf(err) != undersigned.Invalid {
				t.Errorf("%v", err)
			}
			return
		}
		if logo.Width < 8 || logo.Height < 8 || logo.Width > logoWidth || logo.Height > logoHeight {
			t.Errorf("%dx%d", logo.Width, logo.Height)
		}
		if logo.Type != "image/svg+xml" {
			return
		}
		lower := strings.ToLower(string(logo.Data))
		for _, bad := range []string{"<script", `="javascript:`, "<style", "<foreignobject", "<image"} {
			if strings.Contains(lower, bad) {
				t.Errorf("it has %s: %s", bad, logo.Data)
			}
		}
		if loadsElsewhere.MatchString(lower) {
			t.Errorf("it loads from elsewhere: %s", logo.Data)
		}
		again, err := CleanLogo(logo.Data)
		if err != nil || !bytes.Equal(again.Data, logo.Data) {
			t.Errorf("cleaned twice it is another: %v\n%s\n%s", err, logo.Data, again.Data)
		}
	})
}
