package undersigned

import (
	"encoding/hex"
	"fmt"
	"math"
)

// Color is one of sRGB, such as #1f3a6e.
type Color struct{ R, G, B uint8 }

// ParseColor reads #1f3a6e; ok is false for anything else.
func ParseColor(text string) (c Color, ok bool) {
	if len(text) != 7 || text[0] != '#' {
		return c, false
	}
	rgb, err := hex.DecodeString(text[1:])
	if err != nil {
		return c, false
	}
	return Color{rgb[0], rgb[1], rgb[2]}, true
}

func (c Color) String() string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }

// luminance is the relative luminance of WCAG 2.2.
func (c Color) luminance() float64 {
	linear := func(v uint8) float64 {
		s := float64(v) / 255
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B)
}

// Contrast is the contrast ratio of WCAG 2.2, from 1 to 21.
func (c Color) Contrast(other Color) float64 {
	a, b := c.luminance(), other.luminance()
	return (max(a, b) + 0.05) / (min(a, b) + 0.05)
}

// Mix gives the colour that has so much of other, from 0 to 1.
func (c Color) Mix(other Color, share float64) Color {
	mix := func(a, b uint8) uint8 { return uint8(math.Round(float64(a) + (float64(b)-float64(a))*share)) }
	return Color{mix(c.R, other.R), mix(c.G, other.G), mix(c.B, other.B)}
}

// MinContrast is what WCAG 2.2 wants of text at level AA.
const MinContrast = 4.5

// The grounds that an accent stands on: what words and lines are read against. Each list begins with the page itself, and has
// the parts that are a little darker, or lighter, than it.
var (
	LightGrounds = []Color{{0xff, 0xff, 0xff}, {0xee, 0xf1, 0xf7}, {0xf5, 0xf6, 0xf9}}
	DarkGrounds  = []Color{{0x16, 0x18, 0x1d}, {0x20, 0x24, 0x2e}, {0x1c, 0x1f, 0x26}}
)

// LeastContrast is the contrast with that of the grounds on which it is worst.
func (c Color) LeastContrast(grounds []Color) float64 {
	least := math.Inf(1)
	for _, g := range grounds {
		least = min(least, c.Contrast(g))
	}
	return least
}

// Readable gives the nearest colour that can be read on all grounds: the colour itself where it can, or else what is mixed of it
// and as little as possible of black or of white, whichever is farther from the grounds.
func (c Color) Readable(grounds []Color) Color {
	if c.LeastContrast(grounds) >= MinContrast {
		return c
	}
	end := Color{}
	if grounds[0].luminance() < 0.18 {
		end = Color{0xff, 0xff, 0xff}
	}
	const steps = 256
	for i := 1; i < steps; i++ {
		if mixed := c.Mix(end, float64(i)/steps); mixed.LeastContrast(grounds) >= MinContrast {
			return mixed
		}
	}
	return end
}
