package web

import (
	"bytes"
	"cmp"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"slices"

	"github.com/go-text/typesetting/di"
	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"
	"github.com/go-text/typesetting/language"
	"github.com/go-text/typesetting/shaping"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
)

// The card, in pixels.
const (
	previewWidth  = 1200
	previewHeight = 630
	previewMargin = 80
	titleHeight   = 300
	lineHeight    = 1.24 // of the size of the letters
)

var (
	previewInk   = color.RGBA{0x1f, 0x3a, 0x6e, 0xff} // as .band in the style sheet
	previewPaper = color.RGBA{0xff, 0xff, 0xff, 0xff}
	previewFaint = color.RGBA{0xd9, 0xe1, 0xf2, 0xff}
)

// titleSizes are tried from the largest; in the last a title that is still too long is cut.
var titleSizes = []int{84, 72, 62, 54, 47}

// draw gives the card as a PNG.
func (k preview) draw(faces *previewFaces) ([]byte, error) {
	ink, faint := previewInk, previewFaint
	if k.design != nil {
		ink, faint = k.design.ink, k.design.faint
	}
	dst := image.NewRGBA(image.Rect(0, 0, previewWidth, previewHeight))
	draw.Draw(dst, dst.Bounds(), image.NewUniform(ink), image.Point{}, draw.Src)
	rule := image.Rect(previewMargin, previewHeight-150, previewMargin+120, previewHeight-144)
	if k.direction() == di.DirectionRTL {
		rule = rule.Add(image.Pt(previewWidth-2*previewMargin-120, 0))
	}
	draw.Draw(dst, rule, image.NewUniform(faint), image.Point{}, draw.Src)

	faces.setting.Lock()
	defer faces.setting.Unlock()
	k.set(faces, k.Above, 34, 1).draw(dst, previewMargin, faint)
	k.set(faces, k.Below, 34, 1).draw(dst, previewHeight-previewMargin-38, faint)
	var title setText
	for _, size := range titleSizes {
		title = k.set(faces, k.Title, size, int(titleHeight/(lineHeight*float64(size))))
		if !title.cut {
			break
		}
	}
	title.draw(dst, previewMargin+74, previewPaper)
	var b bytes.Buffer
	if err := png.Encode(&b, dst); err != nil {
		return nil, fmt.Errorf("write a card: %w", err)
	}
	return b.Bytes(), nil
}

func (k preview) direction() di.Direction {
	if k.Dir == "rtl" {
		return di.DirectionRTL
	}
	return di.DirectionLTR
}

// setText is a text in lines.
type setText struct {
	lines []shaping.Line
	size  int // pixels
	right bool
	cut   bool // not all of it is there
}

// set breaks a text into lines: at most so many, the last with an ellipsis where it does not fit.
func (k preview) set(faces *previewFaces, text string, size, lines int) setText {
	runes := []rune(text)
	if len(runes) == 0 {
		return setText{}
	}
	in := shaping.Input{Text: runes, RunEnd: len(runes), Direction: k.direction(), Size: fixed.I(size), Language: language.NewLanguage(k.Lang)}
	var runs []shaping.Output
	for _, part := range faces.segmenter.Split(in, faces) {
		runs = append(runs, faces.shaper.Shape(part))
	}
	dots := shaping.Input{Text: []rune("…"), RunEnd: 1, Direction: k.direction(), Size: in.Size, Face: faces.ResolveFace('…'),
		Script: language.Latin, Language: in.Language}
	config := shaping.WrapConfig{Direction: k.direction(), TruncateAfterLines: max(lines, 1)}.WithTruncator(&faces.shaper, dots)
	set, cut := faces.wrapper.WrapParagraph(config, previewWidth-2*previewMargin, runes, shaping.NewSliceIterator(runs))
	t := setText{size: size, right: k.direction() == di.DirectionRTL, cut: cut > 0}
	for _, line := range set {
		line = slices.Clone(line) // the wrapper uses its own again
		slices.SortFunc(line, func(a, b shaping.Output) int { return cmp.Compare(a.VisualIndex, b.VisualIndex) })
		t.lines = append(t.lines, line)
	}
	return t
}

// draw puts the lines below each other, from y on.
func (t setText) draw(dst *image.RGBA, y int, ink color.Color) {
	r := vector.NewRasterizer(previewWidth, previewHeight)
	for i, line := range t.lines {
		baseline := float32(y) + float32(t.size)*(1+lineHeight*float32(i))
		x := float32(previewMargin)
		if t.right {
			x = previewWidth - previewMargin
			for _, run := range line {
				x -= pixels(run.Advance)
			}
		}
		for _, run := range line {
			scale, pen := float32(t.size)/float32(run.Face.Upem()), strokes(run.Face, t.size)
			for _, g := range run.Glyphs {
				if outline, ok := run.Face.GlyphDataOutline(g.GlyphID); ok {
					for _, p := range pen {
						fill(r, outline, x+pixels(g.XOffset)+p[0], baseline-pixels(g.YOffset)+p[1], scale)
					}
				}
				x += pixels(g.Advance)
			}
		}
	}
	r.Draw(dst, dst.Bounds(), image.NewUniform(ink), image.Point{})
}

// strokes are where each glyph of a face is drawn: once or, where the face is not bold, four times side by side.
func strokes(face *font.Face, size int) [][2]float32 {
	if face.Describe().Aspect.Weight > font.WeightNormal {
		return [][2]float32{{}}
	}
	d := float32(size) / 80
	return [][2]float32{{-d, -d}, {-d, d}, {d, -d}, {d, d}}
}

func pixels(v fixed.Int26_6) float32 { return float32(v) / 64 }

// fill adds the outline of a glyph whose origin is at x, y.
func fill(r *vector.Rasterizer, outline font.GlyphOutline, x, y, scale float32) {
	at := func(p opentype.SegmentPoint) (float32, float32) { return x + p.X*scale, y - p.Y*scale }
	for _, s := range outline.Segments {
		x1, y1 := at(s.Args[0])
		x2, y2 := at(s.Args[1])
		x3, y3 := at(s.Args[2])
		switch s.Op {
		case opentype.SegmentOpMoveTo:
			r.ClosePath()
			r.MoveTo(x1, y1)
		case opentype.SegmentOpLineTo:
			r.LineTo(x1, y1)
		case opentype.SegmentOpQuadTo:
			r.QuadTo(x1, y1, x2, y2)
		case opentype.SegmentOpCubeTo:
			r.CubeTo(x1, y1, x2, y2, x3, y3)
		}
	}
	r.ClosePath()
}
