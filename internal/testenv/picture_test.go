package testenv

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"testing"
)

func TestFewColoursKeepsWhatThereIsMostOf(t *testing.T) {
	from, noise := image.NewRGBA(image.Rect(0, 0, 100, 100)), rand.New(rand.NewPCG(1, 2))
	for x := range 100 {
		for y := range 100 {
			c := color.RGBA{R: 255, G: 255, B: 255, A: 255}
			if y < 40 {
				c = color.RGBA{R: uint8(noise.IntN(256)), G: uint8(noise.IntN(256)), A: 255}
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
	if r, g, b, _ := to.At(50, 50).RGBA(); r&g&b != 0xffff {
		t.Error("white is not white any more")
	}
	if _, _, b, _ := to.At(50, 20).RGBA(); b != 0 {
		t.Error("a colour became one that is far away")
	}
	if _, err := FewColours([]byte("no picture")); err == nil {
		t.Error("what is no picture is taken")
	}
}
