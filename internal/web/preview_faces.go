package web

import (
	"bytes"
	"compress/gzip"
	"embed"
	"fmt"
	"io"
	"sync"
	"unicode"

	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/shaping"
)

// The letters of the cards: Noto Sans, bold, under the SIL Open Font License, which lies beside them. They are part of
// the program, since a server has no fonts.
//
//go:embed fonts
var fontFiles embed.FS

// scripts are those that have a file of their own; Latin, Greek, Cyrillic and what all share are in the first.
var scripts = []struct {
	name  string
	runes *unicode.RangeTable
}{
	{"", unicode.Latin}, {"", unicode.Greek}, {"", unicode.Cyrillic}, {"Arabic", unicode.Arabic}, {"Devanagari", unicode.Devanagari},
	{"Armenian", unicode.Armenian}, {"Bengali", unicode.Bengali}, {"Ethiopic", unicode.Ethiopic}, {"Georgian", unicode.Georgian},
	{"Gujarati", unicode.Gujarati}, {"Gurmukhi", unicode.Gurmukhi}, {"Hebrew", unicode.Hebrew}, {"Kannada", unicode.Kannada},
	{"Khmer", unicode.Khmer}, {"Lao", unicode.Lao}, {"Malayalam", unicode.Malayalam}, {"Myanmar", unicode.Myanmar},
	{"Sinhala", unicode.Sinhala}, {"Tamil", unicode.Tamil}, {"Telugu", unicode.Telugu}, {"Thai", unicode.Thai},
}

// previewFaces sets text. Faces are read when first needed.
type previewFaces struct {
	mu    sync.Mutex // guards faces
	faces map[string]*font.Face

	setting   sync.Mutex // held while text is set: the faces and what follows keep notes
	segmenter shaping.Segmenter
	shaper    shaping.HarfbuzzShaper
	wrapper   shaping.LineWrapper
}

func newPreviewFaces() *previewFaces { return &previewFaces{faces: map[string]*font.Face{}} }

// ResolveFace gives a face that has a letter, or the first where none has. Signs that scripts share, like the vowel marks of
// Arabic, are looked for in all.
func (f *previewFaces) ResolveFace(r rune) *font.Face {
	shared := unicode.In(r, unicode.Common, unicode.Inherited)
	for _, script := range scripts {
		if !shared && !unicode.Is(script.runes, r) {
			continue
		}
		face := f.face(script.name)
		if _, found := face.Cmap.Lookup(r); found {
			return face
		}
	}
	return f.face("")
}

// has tells whether every letter of a text can be drawn. Chinese, Japanese and Korean cannot: their faces are larger than
// the whole program.
func (f *previewFaces) has(text string) bool {
	for _, r := range text {
		if unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) {
			continue
		}
		if _, found := f.ResolveFace(r).Cmap.Lookup(r); !found {
			return false
		}
	}
	return true
}

func (f *previewFaces) face(script string) *font.Face {
	f.mu.Lock()
	defer f.mu.Unlock()
	if face := f.faces[script]; face != nil {
		return face
	}
	face, err := readFace(script)
	if err != nil {
		panic(err) // a file of our own: a test has read the same bytes
	}
	f.faces[script] = face
	return face
}

func readFace(script string) (*font.Face, error) {
	file, err := fontFiles.Open("fonts/NotoSans" + script + "-Bold.ttf.gz")
	if err != nil {
		return nil, fmt.Errorf("open a font: %w", err)
	}
	defer file.Close()
	unpacked, err := gzip.NewReader(file)
	if err != nil {
		return nil, fmt.Errorf("unpack a font: %w", err)
	}
	data, err := io.ReadAll(unpacked)
	if err != nil {
		return nil, fmt.Errorf("unpack a font: %w", err)
	}
	face, err := font.ParseTTF(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("read a font: %w", err)
	}
	return face, nil
}
