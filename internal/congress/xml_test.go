package congress

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"
)

// standardWalk does what walkXML does, by encoding/xml.
func standardWalk(data []byte, visit func(path, text []byte) error) error {
	d := xml.NewDecoder(bytes.NewReader(data))
	var path []string
	var text []byte
	for {
		token, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		switch token := token.(type) {
		case xml.StartElement:
			name := token.Name.Local
			if token.Name.Space != "" {
				name = token.Name.Space + ":" + name
			}
			path, text = append(path, name), nil
		case xml.CharData:
			text = append(text, token...)
		case xml.EndElement:
			if err := visit([]byte(strings.Join(path, "/")), bytes.TrimSpace(text)); err != nil {
				return err
			}
			path, text = path[:len(path)-1], nil
		}
	}
}

func walked(walk func([]byte, func(path, text []byte) error) error, data []byte) (string, error) {
	var b strings.Builder
	err := walk(data, func(path, text []byte) error {
		b.WriteString(string(path) + "=" + string(text) + "\n")
		return nil
	})
	return b.String(), err
}

func TestWalkXMLFindsElementsAndTheirText(t *testing.T) {
	got, err := walked(walkXML, []byte("\xef\xbb\xbf<?xml version=\"1.0\"?>\n<!-- c --><a x=\"1>2\"><b>one &amp; <!-- c -->&#8212; t<![CDATA[w<o]]></b><c/><d >\n</d ></a>\n"))
	if want := "a/b=one & — tw<o\na/c=\na/d=\na=\n"; err != nil || got != want {
		t.Errorf("%q, %v; want %q", got, err, want)
	}
}

var attributes = regexp.MustCompile(`<[^<>]*\s`)

// FuzzWalkXML holds that whatever walkXML accepts, the standard library accepts, and reads in the same way. Left out is
// what only the standard library looks at, attributes and the first line, and carriage returns, which it drops.
func FuzzWalkXML(f *testing.F) {
	for _, s := range []string{"<a>&lt;</a>", "<a b='>'><![CDATA[<c>]]>&#x41;<!-- d --><e/></a>", "<?xml version=\"1.0\"?><a/>",
		"<a:b>x</a:b>", "<a::b/>", "<a:b:c/>", "<a:/>", "<:a/>", "<a b=c/>", "<a>\r\n</a>",
		"<a><!--x---></a>", "<!-----><a/>", "<a>&#+65;</a>", "<a>&#x+41;</a>", "<a>&#4294967361;</a>", "<a>&#xD800;</a>"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		ours, err := walked(walkXML, data)
		if err != nil || bytes.ContainsAny(data, "?\r") || attributes.Match(data) {
			return
		}
		if theirs, err := walked(standardWalk, data); err != nil || ours != theirs {
			t.Errorf("%q: %q; encoding/xml: %q, %v", data, ours, theirs, err)
		}
	})
}
