package action

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/undersigned/undersigned"
)

// A drawing is read whole and written anew. Only what draws is written: shapes, gradients, clips and words, with the attributes
// that say how they look. What belongs to a drawing program is left out, and a drawing that needs anything else is refused:
// left out, it would look otherwise than its owner knows it.

const svgNamespace = "http://www.w3.org/2000/svg"

// The elements and attributes that a logo may have.
var (
	svgElements = words(`svg g path rect circle ellipse line polyline polygon defs symbol use linearGradient radialGradient stop
		clipPath mask title desc text tspan`)
	svgWords      = words(`title desc text tspan`) // that have text in them
	svgAttributes = words(`d x y x1 y1 x2 y2 cx cy r rx ry fx fy dx dy width height points viewBox preserveAspectRatio transform
		gradientTransform gradientUnits spreadMethod offset stop-color stop-opacity fill fill-rule fill-opacity stroke stroke-width
		stroke-linecap stroke-linejoin stroke-miterlimit stroke-dasharray stroke-dashoffset stroke-opacity opacity color display
		visibility clip-path clip-rule clipPathUnits mask maskUnits maskContentUnits paint-order vector-effect id
		font-family font-size font-weight font-style text-anchor letter-spacing word-spacing dominant-baseline`)
	svgLoads    = words(`href clip-path mask`) // that draw what stands elsewhere
	svgDropped  = words(`metadata`)
	svgFragment = regexp.MustCompile(`^url\(\s*["']?#([\w.:-]+)["']?\s*\)$`)
	svgRef      = regexp.MustCompile(`^#([\w.:-]+)$`)
	svgName     = regexp.MustCompile(`^[\w.:-]+$`)
	svgNumber   = regexp.MustCompile(`^\s*([0-9]*\.?[0-9]+)\s*(px|pt|mm|cm|in|pc|)\s*$`)
)

func words(list string) map[string]bool {
	set := map[string]bool{}
	for _, word := range strings.Fields(list) {
		set[word] = true
	}
	return set
}

const (
	maxSVGNodes = 5000
	maxSVGDepth = 64
)

// looksLikeSVG tells a drawing from a picture: it is a text that begins with markup.
func looksLikeSVG(file []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(bytes.TrimPrefix(file, []byte("\ufeff")), " \t\r\n"), []byte("<"))
}

type svgNode struct {
	name       string
	attributes []svgAttribute
	children   []*svgNode
	text       string // of one without a name
}

type svgAttribute struct{ name, value string }

// ref is the id of what an attribute draws, empty where it draws nothing.
func (a svgAttribute) ref() string {
	for _, pattern := range []*regexp.Regexp{svgFragment, svgRef} {
		if found := pattern.FindStringSubmatch(a.value); found != nil {
			return found[1]
		}
	}
	return ""
}

func (n *svgNode) get(name string) string {
	for _, a := range n.attributes {
		if a.name == name {
			return a.value
		}
	}
	return ""
}

// cleanSVG makes a logo of a drawing.
func cleanSVG(file []byte) (*undersigned.Logo, error) {
	r := &svgReader{decoder: xml.NewDecoder(bytes.NewReader(file)), referred: map[string]bool{}}
	root, err := r.read()
	if err != nil {
		return nil, err
	}
	root.attributes = slices.DeleteFunc(root.attributes, func(a svgAttribute) bool { return a.name == "id" })
	width, height, err := svgSize(root)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	root.attributes = slices.DeleteFunc(root.attributes, func(a svgAttribute) bool {
		return slices.Contains([]string{"width", "height", "x", "y"}, a.name)
	})
	root.attributes = append([]svgAttribute{{"xmlns", svgNamespace}, {"xmlns:xlink", "http://www.w3.org/1999/xlink"},
		{"width", strconv.Itoa(width)}, {"height", strconv.Itoa(height)}}, root.attributes...)
	r.refer(root)
	if !r.shallow(root, false) {
		return nil, wrongLogo("error.logo.parts")
	}
	r.write(&out, root)
	if out.Len() > maxLogoSVG {
		return nil, wrongLogo("error.logo.drawing", "max", maxLogoSVG>>10)
	}
	return &undersigned.Logo{Type: "image/svg+xml", Data: out.Bytes(), Width: width, Height: height}, nil
}

// svgReader reads a drawing.
type svgReader struct {
	decoder  *xml.Decoder
	referred map[string]bool // the ids that something draws
	nodes    int
}

func (r *svgReader) read() (root *svgNode, err error) {
	for {
		token, err := r.decoder.Token()
		if err != nil { // the end too: there was no drawing
			return nil, wrongLogo("error.logo")
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		if start.Name.Local != "svg" {
			return nil, wrongLogo("error.logo")
		}
		if root, err = r.element(start, 1); err != nil {
			return nil, err
		}
		if root == nil { // an svg of another namespace
			return nil, wrongLogo("error.logo")
		}
		for { // what stands behind it
			if _, err := r.decoder.Token(); errors.Is(err, io.EOF) {
				return root, nil
			} else if err != nil {
				return nil, wrongLogo("error.logo")
			}
		}
	}
}

// element reads an element to its end; nil for one that is left out.
func (r *svgReader) element(start xml.StartElement, depth int) (*svgNode, error) {
	if r.nodes++; r.nodes > maxSVGNodes || depth > maxSVGDepth {
		return nil, wrongLogo("error.logo.drawing", "max", maxLogoSVG>>10)
	}
	name := start.Name.Local
	switch ours := start.Name.Space == svgNamespace || start.Name.Space == ""; {
	case strings.EqualFold(name, "script"):
		return nil, wrongLogo("error.logo.script")
	case !ours || svgDropped[name]:
		if err := r.decoder.Skip(); err != nil {
			return nil, wrongLogo("error.logo")
		}
		return nil, nil
	case name == "style":
		return nil, wrongLogo("error.logo.style")
	case !svgElements[name]:
		return nil, wrongLogo("error.logo.parts")
	}
	node := &svgNode{name: name}
	for _, a := range start.Attr {
		if err := r.attribute(node, a); err != nil {
			return nil, err
		}
	}
	for {
		token, err := r.decoder.Token()
		if err != nil {
			return nil, wrongLogo("error.logo")
		}
		switch token := token.(type) {
		case xml.StartElement:
			child, err := r.element(token, depth+1)
			if err != nil {
				return nil, err
			}
			if child != nil {
				node.children = append(node.children, child)
			}
		case xml.CharData:
			if svgWords[name] && len(token) > 0 {
				node.children = append(node.children, &svgNode{text: string(token)})
			}
		case xml.EndElement:
			return node, nil
		}
	}
}

// attribute takes an attribute over where it says how something looks.
func (r *svgReader) attribute(node *svgNode, a xml.Attr) error {
	name := a.Name.Local
	squeezed := strings.ToLower(strings.Join(strings.Fields(a.Value), ""))
	switch {
	case strings.HasPrefix(strings.ToLower(name), "on"), strings.Contains(squeezed, "javascript:"):
		return wrongLogo("error.logo.script")
	case name == "href" && (node.name == "use" || strings.HasSuffix(node.name, "Gradient")):
		if !svgRef.MatchString(a.Value) {
			return wrongLogo("error.logo.parts")
		}
	case name == "style" && a.Name.Space == "":
		for _, declaration := range strings.Split(a.Value, ";") {
			property, value, _ := strings.Cut(declaration, ":")
			inner := xml.Attr{Name: xml.Name{Local: strings.TrimSpace(property)}, Value: strings.TrimSpace(value)}
			if svgAttributes[inner.Name.Local] && inner.Name.Local != "id" {
				if err := r.attribute(node, inner); err != nil {
					return err
				}
			}
		}
		return nil
	case a.Name.Space != "" || !svgAttributes[name]:
		return nil
	case name == "id" && !svgName.MatchString(a.Value):
		return nil
	case strings.ContainsAny(a.Value, "\\<>@") || strings.Contains(squeezed, "url(") && !svgFragment.MatchString(a.Value):
		return wrongLogo("error.logo.parts")
	}
	node.attributes = slices.DeleteFunc(node.attributes, func(old svgAttribute) bool { return old.name == name })
	node.attributes = append(node.attributes, svgAttribute{name, a.Value})
	return nil
}

// refer remembers what is drawn from elsewhere.
func (r *svgReader) refer(n *svgNode) {
	for _, a := range n.attributes {
		if ref := a.ref(); ref != "" && a.name != "id" {
			r.referred[ref] = true
		}
	}
	for _, child := range n.children {
		r.refer(child)
	}
}

// shallow tells whether nothing that is drawn from elsewhere draws something from elsewhere itself: so few bytes would keep a
// reader's phone busy for ever.
func (r *svgReader) shallow(n *svgNode, inside bool) bool {
	inside = inside || r.referred[n.get("id")]
	for _, a := range n.attributes {
		if inside && svgLoads[a.name] && a.ref() != "" && !strings.HasSuffix(n.name, "Gradient") {
			return false
		}
	}
	for _, child := range n.children {
		if !r.shallow(child, inside) {
			return false
		}
	}
	return true
}

// svgSize finds out how large a drawing is, and makes sure that it says so.
func svgSize(root *svgNode) (width, height int, err error) {
	box := strings.FieldsFunc(root.get("viewBox"), func(c rune) bool { return c == ' ' || c == ',' || c == '\n' || c == '\t' })
	if len(box) == 4 {
		w, err1 := strconv.ParseFloat(box[2], 64)
		h, err2 := strconv.ParseFloat(box[3], 64)
		if err1 == nil && err2 == nil {
			return logoSize(w, h)
		}
	}
	w, h := svgNumber.FindStringSubmatch(root.get("width")), svgNumber.FindStringSubmatch(root.get("height"))
	if w == nil || h == nil || w[2] != h[2] {
		return 0, 0, wrongLogo("error.logo.size")
	}
	root.attributes = append(slices.DeleteFunc(root.attributes, func(a svgAttribute) bool { return a.name == "viewBox" }),
		svgAttribute{"viewBox", "0 0 " + w[1] + " " + h[1]})
	dx, _ := strconv.ParseFloat(w[1], 64)
	dy, _ := strconv.ParseFloat(h[1], 64)
	return logoSize(dx, dy)
}

func (r *svgReader) write(out *bytes.Buffer, n *svgNode) {
	if n.name == "" {
		_ = xml.EscapeText(out, []byte(n.text)) // a buffer does not fail
		return
	}
	out.WriteString("<" + n.name)
	for _, a := range n.attributes {
		if a.name == "id" && !r.referred[a.value] {
			continue
		}
		if a.name == "href" {
			a.name = "xlink:href" // that phones of 2017 know as well
		}
		out.WriteString(" " + a.name + `="`)
		_ = xml.EscapeText(out, []byte(a.value))
		out.WriteString(`"`)
	}
	if len(n.children) == 0 {
		out.WriteString("/>")
		return
	}
	out.WriteString(">")
	for _, child := range n.children {
		r.write(out, child)
	}
	out.WriteString("</" + n.name + ">")
}
