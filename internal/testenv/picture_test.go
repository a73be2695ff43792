package testenv

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"testing"
)

func TestFewColoursKeepsWhatThereIsMostOf(t *testing.T) {
	from := image.NewRGBA(image.Rect(0, 0, 600, 10))
	for x := range 600 {
		for y := range 10 {
			c := color.RGBA{R: 255, G: 255, B: 255, A: 255}
			if y == 0 {
				c = color.RGBA{R: uint8(x), G: uint8(x / 256), A: 255}
			}
			from.SetRGBA(x, y, c)
		}
	}
	var all bytes.Buffer
	if err := png.Encode(&all, from); err != nil {
		t.Fatal(err)
	}
	small, err := FewColours(all.Bytes())
	if err != nil || len(small) >= all.Len() {
		t.Fatalf("%d bytes became %d: %v", all.Len(), len(small), err)
	}
	to, err := png.Decode(bytes.NewReader(small))
	if err != nil {
		t.Fatal(err)
	}
	if palette, ok := to.ColorModel().(color.Palette); !ok || len(palette) > 256 {
		t.Errorf("it has %T", to.ColorModel())
	}
	if r, g, b, _ := to.At(300, 5).RGBA(); r&g&b != 0xffff {
		t.Error("white is not white any more")
	}
	if r, _, _, _ := to.At(200, 0).RGBA(); r < 0xb800 || r > 0xd800 {
		t.Errorf("red 200 became %d", r>>8)
	}
	if _, err := FewColours([]byte("no picture")); err == nil {
		t.Error("what is no picture is taken")
	}
}
