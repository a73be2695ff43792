package web

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/undersigned/undersigned"
	"rsc.io/qr"
)

// qrView is a QR code (ISO/IEC 18004) as an SVG path, one unit a module, with the quiet zone of four that the standard
// wants around it.
type qrView struct {
	Title, Path string
	Size        int // modules, the quiet zone among them
}

const (
	quietZone = 4
	qrScale   = 12 // pixels a module, in a file
)

// qrLevel stands a fold or a stain: 15 % of the code may be lost.
const qrLevel = qr.M

func newQR(title, address string) (qrView, error) {
	code, err := qr.Encode(address, qrLevel)
	if err != nil {
		return qrView{}, fmt.Errorf("make a QR code: %w", err)
	}
	var path strings.Builder
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			from := x
			for x < code.Size && code.Black(x, y) {
				x++
			}
			if x > from {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", from+quietZone, y+quietZone, x-from, x-from)
			}
		}
	}
	return qrView{Title: title, Path: path.String(), Size: code.Size + 2*quietZone}, nil
}

// qr answers with the code of the page that it lies under: /{issue}/qr.svg, /{issue}/{action}/qr.png.
func (s *Server) qr(ctx context.Context, v *visit, r *http.Request) (*draft, error) {
	site, err := s.db.Site(ctx)
	if err != nil {
		return nil, err
	}
	if r.PathValue("action") != "" {
		_, _, err = findAction(site, r)
	} else {
		_, err = findIssue(site, r)
	}
	if err != nil {
		return nil, err
	}
	page, kind := v.path[:strings.LastIndexByte(v.path, '/')], v.path[strings.LastIndexByte(v.path, '.'):]
	address := s.chrome(v).URL(page)
	switch kind {
	case ".svg":
		return qrSVG(address)
	case ".png":
		return qrPNG(address)
	}
	return nil, undersigned.Fail(undersigned.NotFound, "")
}

func qrSVG(address string) (*draft, error) {
	code, err := newQR("", address)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" shape-rendering="crispEdges">`+
		`<path fill="#fff" d="M0 0h%dv%dH0z"/><path d="%s"/></svg>`+"\n",
		code.Size, code.Size, code.Size*qrScale, code.Size*qrScale, code.Size, code.Size, code.Path)
	return &draft{contentType: contentType(".svg"), body: b.Bytes()}, nil
}

func qrPNG(address string) (*draft, error) {
	code, err := qr.Encode(address, qrLevel)
	if err != nil {
		return nil, fmt.Errorf("make a QR code: %w", err)
	}
	code.Scale = qrScale
	return &draft{contentType: "image/png", body: code.PNG()}, nil
}
