package action

import (
	"bytes"
	"image"
	"image/draw"
	_ "image/gif" // what a logo may come as
	_ "image/jpeg"
	"image/png"
	"sync"

	xdraw "golang.org/x/image/draw"
	_ "golang.org/x/image/webp"

	"github.com/undersigned/undersigned"
)

// What a logo may be, and what becomes of it.
const (
	MaxLogo       = 4 << 20    // bytes, as it comes
	maxLogoPixels = 16_000_000 // as it comes; decoded it takes four bytes each
	maxLogoSVG    = 128 << 10  // bytes, cleaned
	logoWidth     = 240        // CSS pixels at most, as it is shown
	logoHeight    = 40
	logoScale     = 3 // pixels of a picture for one of CSS: the finest screens
)

func wrongLogo(key string, args ...any) error {
	return &undersigned.Error{Kind: undersigned.Invalid, Key: "error.form",
		Fields: []undersigned.FieldError{{Field: undersigned.SettingLogo, Key: key, Args: args}}}
}

// ErrLogoLarge: the file has more bytes than are read of one.
var ErrLogoLarge = wrongLogo("error.logo.large", "max", MaxLogo>>20)

// CleanLogo makes of a file a logo that nothing is left in but the picture: one of pixels is drawn anew, one of lines has
// only what draws. Invalid, with the field "logo".
func CleanLogo(file []byte) (*undersigned.Logo, error) {
	switch {
	case len(file) > MaxLogo:
		return nil, ErrLogoLarge
	case len(file) == 0:
		return nil, wrongLogo("error.logo")
	case looksLikeSVG(file):
		return cleanSVG(file)
	}
	config, _, err := image.DecodeConfig(bytes.NewReader(file))
	switch {
	case err != nil:
		return nil, wrongLogo("error.logo")
	case config.Width < 1 || config.Height < 1 || config.Width > maxLogoPixels/config.Height:
		return nil, wrongLogo("error.logo.pixels", "max", maxLogoPixels/1_000_000)
	}
	decoding.Lock()
	defer decoding.Unlock()
	picture, _, err := image.Decode(bytes.NewReader(file))
	if err != nil {
		return nil, wrongLogo("error.logo")
	}
	return drawLogo(picture)
}

// decoding is held by whoever decodes a picture: one at a time, so that many cannot take all the memory.
var decoding sync.Mutex

// drawLogo draws a picture at the size in which it is kept.
func drawLogo(picture image.Image) (*undersigned.Logo, error) {
	width, height, err := logoSize(float64(picture.Bounds().Dx()), float64(picture.Bounds().Dy()))
	if err != nil {
		return nil, err
	}
	scale := min(logoScale, max(1, float64(picture.Bounds().Dx())/float64(width)))
	drawn := image.NewNRGBA(image.Rect(0, 0, int(float64(width)*scale), int(float64(height)*scale)))
	xdraw.CatmullRom.Scale(drawn, drawn.Bounds(), picture, picture.Bounds(), draw.Src, nil)
	var out bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(&out, drawn); err != nil {
		return nil, doing("draw a logo", err)
	}
	return &undersigned.Logo{Type: "image/png", Data: out.Bytes(), Width: width, Height: height}, nil
}

// logoSize fits a picture into the place of a logo.
func logoSize(width, height float64) (w, h int, err error) {
	if !(width > 0) || !(height > 0) || width/height > 1000 || height/width > 1000 {
		return 0, 0, wrongLogo("error.logo.shape")
	}
	scale := min(logoWidth/width, logoHeight/height)
	if w, h = int(width*scale+0.5), int(height*scale+0.5); w < 8 || h < 8 {
		return 0, 0, wrongLogo("error.logo.shape")
	}
	return w, h, nil
}
