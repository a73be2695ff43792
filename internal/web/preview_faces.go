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
	"github.com/go-text/typesetting/font/opentype"
	"github.com/go-text/typesetting/font/opentype/tables"
	"github.com/go-text/typesetting/shaping"
)

// The letters of the cards: files under free licences, which lie beside them with their sources. They are part of the
// program, since a server has no fonts.
//
//go:embed fonts
var fontFiles embed.FS

// scripts are those that we have letters for, each with its file. What scripts share is in the first.
var scripts = []struct {
	file  string
	runes *unicode.RangeTable
}{
	{"NotoSans-Bold", unicode.Latin}, {"NotoSans-Bold", unicode.Greek}, {"NotoSans-Bold", unicode.Cyrillic},
	{"NotoSansArabic-Bold", unicode.Arabic}, {"NotoSansDevanagari-Bold", unicode.Devanagari},
	{"NotoSansArmenian-Bold", unicode.Armenian}, {"NotoSansBengali-Bold", unicode.Bengali}, {"NotoSansEthiopic-Bold", unicode.Ethiopic},
	{"NotoSansGeorgian-Bold", unicode.Georgian}, {"NotoSansGujarati-Bold", unicode.Gujarati}, {"NotoSansGurmukhi-Bold", unicode.Gurmukhi},
	{"NotoSansHebrew-Bold", unicode.Hebrew}, {"NotoSansKannada-Bold", unicode.Kannada}, {"NotoSansKhmer-Bold", unicode.Khmer},
	{"NotoSansLao-Bold", unicode.Lao}, {"NotoSansMalayalam-Bold", unicode.Malayalam}, {"NotoSansMyanmar-Bold", unicode.Myanmar},
	{"NotoSansSinhala-Bold", unicode.Sinhala}, {"NotoSansTamil-Bold", unicode.Tamil}, {"NotoSansTelugu-Bold", unicode.Telugu},
	{"NotoSansThai-Bold", unicode.Thai}, {hangulFile, unicode.Hangul},
	{hanFile, unicode.Han}, {hanFile, unicode.Hiragana}, {hanFile, unicode.Katakana}, {hanFile, unicode.Bopomofo}, {hanFile, wideSigns},
}

const (
	hanFile    = "UndersignedHan"
	hangulFile = "UndersignedHangul-Bold"
)

// wideSigns are those that Chinese, Japanese and Korean share, and the wide forms of Latin.
var wideSigns = &unicode.RangeTable{R16: []unicode.Range16{{Lo: 0x3000, Hi: 0x303f, Stride: 1}, {Lo: 0x30fb, Hi: 0x30fc, Stride: 1},
	{Lo: 0xff00, Hi: 0xffef, Stride: 1}}}

// previewFaces sets text. Faces are read when first drawn with; which letters a file has, when somebody asks. A face takes
// megabytes, and a page asks only whether its card could be drawn.
type previewFaces struct {
	mu      sync.Mutex // guards letters and faces
	letters map[string]font.Cmap
	faces   map[string]*font.Face

	setting   sync.Mutex // held while text is set: the faces and what follows keep notes
	segmenter shaping.Segmenter
	shaper    shaping.HarfbuzzShaper
	wrapper   shaping.LineWrapper
}

func newPreviewFaces() *previewFaces {
	return &previewFaces{letters: map[string]font.Cmap{}, faces: map[string]*font.Face{}}
}

// ResolveFace gives a face that has a letter, or the first where none has.
func (f *previewFaces) ResolveFace(r rune) *font.Face {
	file, found := f.fileWith(r)
	if !found {
		file = scripts[0].file
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return remember(f.faces, file, readFace)
}

// fileWith names a file that has a letter. Signs that scripts share, like the vowel marks of Arabic, are looked for in all but
// the largest.
func (f *previewFaces) fileWith(r rune) (file string, found bool) {
	for _, script := range scripts {
		if unicode.Is(script.runes, r) && f.hasLetter(script.file, r) {
			return script.file, true
		}
	}
	if unicode.In(r, unicode.Common, unicode.Inherited) {
		for _, script := range scripts {
			if script.file != hanFile && script.file != hangulFile && f.hasLetter(script.file, r) {
				return script.file, true
			}
		}
	}
	return "", false
}

func (f *previewFaces) hasLetter(file string, r rune) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	_, found := remember(f.letters, file, readLetters).Lookup(r)
	return found
}

// has tells whether every letter of a text can be drawn.
func (f *previewFaces) has(text string) bool {
	for _, r := range text {
		if unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) {
			continue
		}
		if _, found := f.fileWith(r); !found {
			return false
		}
	}
	return true
}

// remember reads of a font file what has not been read before. The caller holds the lock.
func remember[T any](known map[string]T, file string, read func(*opentype.Loader) (T, error)) T {
	if t, ok := known[file]; ok {
		return t
	}
	loader, err := openFont(file)
	if err != nil {
		panic(err) // a file of our own: a test has read the same bytes
	}
	t, err := read(loader)
	if err != nil {
		panic(err)
	}
	known[file] = t
	return t
}

func openFont(file string) (*opentype.Loader, error) {
	packed, err := fontFiles.Open("fonts/" + file + ".ttf.gz")
	if err != nil {
		return nil, fmt.Errorf("open a font: %w", err)
	}
	defer packed.Close()
	unpacked, err := gzip.NewReader(packed)
	if err != nil {
		return nil, fmt.Errorf("unpack a font: %w", err)
	}
	data, err := io.ReadAll(unpacked)
	if err != nil {
		return nil, fmt.Errorf("unpack a font: %w", err)
	}
	loader, err := opentype.NewLoader(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("read a font: %w", err)
	}
	return loader, nil
}

func readFace(loader *opentype.Loader) (*font.Face, error) {
	read, err := font.NewFont(loader)
	if err != nil {
		return nil, fmt.Errorf("read a font: %w", err)
	}
	return font.NewFace(read), nil
}

// readLetters reads nothing but which letters a font has.
func readLetters(loader *opentype.Loader) (font.Cmap, error) {
	raw, err := loader.RawTable(opentype.MustNewTag("cmap"))
	if err != nil {
		return nil, fmt.Errorf("read a font's letters: %w", err)
	}
	table, _, err := tables.ParseCmap(raw)
	if err != nil {
		return nil, fmt.Errorf("read a font's letters: %w", err)
	}
	letters, _, err := font.ProcessCmap(table, tables.FPNone) // which matters to fonts older than Unicode
	if err != nil {
		return nil, fmt.Errorf("read a font's letters: %w", err)
	}
	return letters, nil
}
