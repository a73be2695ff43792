package testenv

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"slices"
)

// FewColours makes a PNG small: of its colours the 256 stay that it has most of, and each other becomes the nearest of them.
// A page of text has few that anybody can tell apart.
func FewColours(picture []byte) ([]byte, error) {
	from, err := png.Decode(bytes.NewReader(picture))
	if err != nil {
		return nil, err
	}
	bounds, seen := from.Bounds(), map[color.Color]int{}
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			seen[from.At(x, y)]++
		}
	}
	var colours color.Palette
	for c := range seen {
		colours = append(colours, c)
	}
	slices.SortFunc(colours, func(a, b color.Color) int { return seen[b] - seen[a] })
	to := image.NewPaletted(bounds, colours[:min(len(colours), 256)])
	index := map[color.Color]uint8{}
	for c := range seen {
		index[c] = uint8(to.Palette.Index(c))
	}
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			to.SetColorIndex(x, y, index[from.At(x, y)])
		}
	}
	var small bytes.Buffer
	best := png.Encoder{CompressionLevel: png.BestCompression}
	err = best.Encode(&small, to)
	return small.Bytes(), err
}
